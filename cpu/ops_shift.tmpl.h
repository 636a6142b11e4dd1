/* ops_shift.tmpl.h: shifts and rotates at one width BITS. Each takes a value and a count already masked to 5 (or 6)
 * bits, sets the flags, and returns the result; a count of 0 changes nothing. What the SDM leaves undefined is as
 * silicon has it: OF is that of the same instruction with a count of 1, whatever the count; shifts clear AF. */
#include "width.h"
#define TOP (BITS - 1)

static ALWAYS_INLINE void FN(shift_flags)(struct cpu *c, UW r, u32 cf, u32 of)
{
    c->fl = (u16)(FN(alu_szp)(r) | cf << 8 | of);
}

static ALWAYS_INLINE void FN(rotate_flags)(struct cpu *c, u32 cf, u32 of)
{
    c->fl = (u16)((c->fl & ~(HF_CF | HF_OF)) | cf << 8 | of);
}

/* OF of a one-bit step to the left: the two top bits differ. */
static ALWAYS_INLINE u32 FN(left_of)(UW a)
{
    return (u32)((a ^ (UW)(a << 1)) >> TOP) & 1;
}

static ALWAYS_INLINE UW FN(sh_shl)(struct cpu *c, UW a, unsigned n)
{
    if (n == 0)
        return a;
    UW r = (UW)(n < BITS ? a << n : 0);
    u32 cf = n <= BITS ? (u32)(a >> (BITS - n)) & 1 : 0;
    FN(shift_flags)(c, r, cf, FN(left_of)(a));
    return r;
}

static ALWAYS_INLINE UW FN(sh_shr)(struct cpu *c, UW a, unsigned n)
{
    if (n == 0)
        return a;
    UW r = (UW)(n < BITS ? a >> n : 0);
    u32 cf = n <= BITS ? (u32)(a >> (n - 1)) & 1 : 0;
    FN(shift_flags)(c, r, cf, (u32)(a >> TOP));
    return r;
}

static ALWAYS_INLINE UW FN(sh_sar)(struct cpu *c, UW a, unsigned n)
{
    if (n == 0)
        return a;
    unsigned m = n < BITS ? n : TOP;
    UW r = (UW)((SW)a >> m);
    u32 cf = n <= BITS ? (u32)((SW)a >> (n - 1)) & 1 : (u32)(a >> TOP);
    FN(shift_flags)(c, r, cf, 0);
    return r;
}

static ALWAYS_INLINE UW FN(sh_rol)(struct cpu *c, UW a, unsigned n)
{
    if (n == 0)
        return a;
    unsigned m = n % BITS;
    UW r = (UW)(m ? (a << m | a >> (BITS - m)) : a);
    u32 cf = r & 1;
    FN(rotate_flags)(c, cf, FN(left_of)(a));
    return r;
}

static ALWAYS_INLINE UW FN(sh_ror)(struct cpu *c, UW a, unsigned n)
{
    if (n == 0)
        return a;
    unsigned m = n % BITS;
    UW r = (UW)(m ? (a >> m | a << (BITS - m)) : a);
    u32 cf = (u32)(r >> TOP);
    FN(rotate_flags)(c, cf, (u32)(a >> TOP) ^ (a & 1));
    return r;
}

/* A register by an immediate other than 1: silicon leaves OF alone. */
static ALWAYS_INLINE UW FN(sh_rol_imm)(struct cpu *c, UW a, unsigned n)
{
    u32 of = n == 1 ? FN(left_of)(a) : c->fl & HF_OF;
    UW r = FN(sh_rol)(c, a, n);
    c->fl = (u16)((c->fl & ~HF_OF) | of);
    return r;
}

static ALWAYS_INLINE UW FN(sh_ror_imm)(struct cpu *c, UW a, unsigned n)
{
    u32 of = n == 1 ? (u32)(a >> TOP) ^ (a & 1) : c->fl & HF_OF;
    UW r = FN(sh_ror)(c, a, n);
    c->fl = (u16)((c->fl & ~HF_OF) | of);
    return r;
}

/* Through the carry: rotation of BITS + 1 bits. */
static ALWAYS_INLINE UW FN(sh_rcl)(struct cpu *c, UW a, unsigned n)
{
    UW carry = (c->fl >> 8) & 1;
    n = n % (BITS + 1);
    if (n == 0)
        return a;
    UW r = (UW)((n < BITS ? (UW)(a << n) : 0) | (UW)(carry << (n - 1)) | (n > 1 ? (UW)(a >> (BITS + 1 - n)) : 0));
    u32 cf = (u32)(a >> (BITS - n)) & 1;
    FN(rotate_flags)(c, cf, FN(left_of)(a));
    return r;
}

static ALWAYS_INLINE UW FN(sh_rcr)(struct cpu *c, UW a, unsigned n)
{
    UW carry = (c->fl >> 8) & 1;
    n = n % (BITS + 1);
    if (n == 0)
        return a;
    UW r = (UW)((n < BITS ? (UW)(a >> n) : 0) | (UW)(carry << (BITS - n)) | (n > 1 ? (UW)(a << (BITS + 1 - n)) : 0));
    u32 cf = (u32)(a >> (n - 1)) & 1;
    FN(rotate_flags)(c, cf, (u32)(a >> TOP) ^ (u32)carry);
    return r;
}

/* Before the P6: OF by the result, whatever the count (as test386.asm's reference has it). */
static ALWAYS_INLINE UW FN(of_by_result)(struct cpu *c, UW r, unsigned n, bool left)
{
    u32 other = left ? c->fl >> 8 & 1 : (u32)(r >> (TOP - 1)) & 1;
    if (n)
        c->fl = (u16)((c->fl & ~HF_OF) | ((u32)(r >> TOP) ^ other));
    return r;
}

static ALWAYS_INLINE UW FN(sh_old_rol)(struct cpu *c, UW a, unsigned n)
{
    return FN(of_by_result)(c, FN(sh_rol)(c, a, n), n, true);
}

static ALWAYS_INLINE UW FN(sh_old_ror)(struct cpu *c, UW a, unsigned n)
{
    return FN(of_by_result)(c, FN(sh_ror)(c, a, n), n, false);
}

static ALWAYS_INLINE UW FN(sh_old_rcl)(struct cpu *c, UW a, unsigned n)
{
    return FN(of_by_result)(c, FN(sh_rcl)(c, a, n), n, true);
}

static ALWAYS_INLINE UW FN(sh_old_rcr)(struct cpu *c, UW a, unsigned n)
{
    return FN(of_by_result)(c, FN(sh_rcr)(c, a, n), n, false);
}

#define HANDLERS(name, by_imm)                                                                                         \
    static const struct uop *FN(name##_ri)(struct cpu * c, const struct uop *u)                                        \
    {                                                                                                                  \
        PUT(c, u->dst, FN(sh_##by_imm)(c, GET(c, u->dst), (unsigned)u->imm & COUNT_MASK));                             \
        NEXT_FAST;                                                                                                     \
    }                                                                                                                  \
    static const struct uop *FN(name##_rr)(struct cpu * c, const struct uop *u)                                        \
    {                                                                                                                  \
        PUT(c, u->dst, FN(sh_##name)(c, GET(c, u->dst), (unsigned)c->r[RCX] & COUNT_MASK));                            \
        NEXT_FAST;                                                                                                     \
    }                                                                                                                  \
    static const struct uop *FN(name##_mi)(struct cpu * c, const struct uop *u)                                        \
    {                                                                                                                  \
        struct loaded m = mem_load_rmw(c, u, BYTES);                                                                   \
        if (UNLIKELY(!m.ok))                                                                                           \
            LEAVE;                                                                                                     \
        mem_store_rmw(c, FN(sh_##name)(c, (UW)m.value, (unsigned)u->imm & COUNT_MASK), BYTES);                         \
        NEXT_FAST;                                                                                                     \
    }                                                                                                                  \
    static const struct uop *FN(name##_mr)(struct cpu * c, const struct uop *u)                                        \
    {                                                                                                                  \
        struct loaded m = mem_load_rmw(c, u, BYTES);                                                                   \
        if (UNLIKELY(!m.ok))                                                                                           \
            LEAVE;                                                                                                     \
        mem_store_rmw(c, FN(sh_##name)(c, (UW)m.value, (unsigned)c->r[RCX] & COUNT_MASK), BYTES);                      \
        NEXT_FAST;                                                                                                     \
    }
#define COUNT_MASK (BITS == 64 ? 63u : 31u)
HANDLERS(shl, shl)
HANDLERS(shr, shr)
HANDLERS(sar, sar)
HANDLERS(rol, rol_imm)
HANDLERS(ror, ror_imm)
HANDLERS(rcl, rcl)
HANDLERS(rcr, rcr)
HANDLERS(old_rol, old_rol)
HANDLERS(old_ror, old_ror)
HANDLERS(old_rcl, old_rcl)
HANDLERS(old_rcr, old_rcr)
#undef HANDLERS

/* SHLD and SHRD. For 16-bit operands counts above 16 take bits as if the pair were repeated, as processors do. */
#if BITS != 8
static UW FN(shift_double)(struct cpu *c, UW a, UW b, unsigned n, bool left)
{
    if (n == 0)
        return a;
#if BITS == 16
    u64 wide = (u64)a << 32 | (u64)b << 16 | a;
    UW r = (UW)(left ? wide << n >> 32 : wide >> n);
    u32 cf = left ? (u32)(wide >> (48 - n)) & 1 : (u32)(wide >> (n - 1)) & 1;
#else
    UW r = (UW)(left ? (a << n | b >> (BITS - n)) : (a >> n | b << (BITS - n)));
    u32 cf = left ? (u32)(a >> (BITS - n)) & 1 : (u32)(a >> (n - 1)) & 1;
#endif
    FN(shift_flags)(c, r, cf, left ? FN(left_of)(a) : ((u32)(a >> TOP) ^ (u32)(b & 1)));
    return r;
}

static const struct uop *FN(double_any)(struct cpu *c, const struct uop *u, unsigned n, bool left)
{
    n &= COUNT_MASK;
    if (!u_mem(u)) {
        PUT(c, u->dst, FN(shift_double)(c, GET(c, u->dst), GET(c, u->src), n, left));
        NEXT_FAST;
    }
    struct loaded m = mem_load_rmw(c, u, BYTES);
    if (UNLIKELY(!m.ok))
        LEAVE;
    mem_store_rmw(c, FN(shift_double)(c, (UW)m.value, GET(c, u->src), n, left), BYTES);
    NEXT_FAST;
}

static const struct uop *FN(shld)(struct cpu *c, const struct uop *u)
{
    return FN(double_any)(c, u, (unsigned)u->imm, true);
}
static const struct uop *FN(shrd)(struct cpu *c, const struct uop *u)
{
    return FN(double_any)(c, u, (unsigned)u->imm, false);
}
static const struct uop *FN(shld_cl)(struct cpu *c, const struct uop *u)
{
    return FN(double_any)(c, u, (u8)c->r[RCX], true);
}
static const struct uop *FN(shrd_cl)(struct cpu *c, const struct uop *u)
{
    return FN(double_any)(c, u, (u8)c->r[RCX], false);
}
#endif
#undef COUNT_MASK
#undef TOP
#undef BITS
