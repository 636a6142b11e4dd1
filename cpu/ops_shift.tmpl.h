/* ops_shift.tmpl.h: shifts and rotates at one width BITS. Each takes a value and a count already masked to 5 (or 6)
 * bits, sets the flags, and returns the result; a count of 0 changes nothing. Flags beyond the SDM's definition (OF for
 * counts above 1, AF) follow the one-bit rule applied to the last step, and AF is cleared. */
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

static ALWAYS_INLINE UW FN(sh_shl)(struct cpu *c, UW a, unsigned n)
{
    if (n == 0)
        return a;
    UW r = n < BITS ? (UW)(a << n) : 0;
    u32 cf = n <= BITS ? (u32)(a >> (BITS - n)) & 1 : 0;
    FN(shift_flags)(c, r, cf, (u32)(r >> TOP) ^ cf);
    return r;
}

static ALWAYS_INLINE UW FN(sh_shr)(struct cpu *c, UW a, unsigned n)
{
    if (n == 0)
        return a;
    UW r = n < BITS ? (UW)(a >> n) : 0;
    u32 cf = n <= BITS ? (u32)(a >> (n - 1)) & 1 : 0;
    FN(shift_flags)(c, r, cf, (u32)((r ^ (UW)(r << 1)) >> TOP) & 1);
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
    UW r = m ? (UW)(a << m | a >> (BITS - m)) : a;
    u32 cf = r & 1;
    FN(rotate_flags)(c, cf, (u32)(r >> TOP) ^ cf);
    return r;
}

static ALWAYS_INLINE UW FN(sh_ror)(struct cpu *c, UW a, unsigned n)
{
    if (n == 0)
        return a;
    unsigned m = n % BITS;
    UW r = m ? (UW)(a >> m | a << (BITS - m)) : a;
    u32 cf = (u32)(r >> TOP);
    FN(rotate_flags)(c, cf, cf ^ ((u32)(r >> (TOP - 1)) & 1));
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
    FN(rotate_flags)(c, cf, (u32)(r >> TOP) ^ cf);
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
    FN(rotate_flags)(c, cf, (u32)((r ^ (UW)(r << 1)) >> TOP) & 1);
    return r;
}

#define HANDLERS(name)                                                                                                 \
    static const struct uop *FN(name##_ri)(struct cpu * c, const struct uop *u)                                        \
    {                                                                                                                  \
        PUT(c, u->dst, FN(sh_##name)(c, GET(c, u->dst), (unsigned)u->imm & COUNT_MASK));                               \
        NEXT_FAST;                                                                                                     \
    }                                                                                                                  \
    static const struct uop *FN(name##_rr)(struct cpu * c, const struct uop *u)                                        \
    {                                                                                                                  \
        PUT(c, u->dst, FN(sh_##name)(c, GET(c, u->dst), (unsigned)c->r[RCX] & COUNT_MASK));                            \
        NEXT_FAST;                                                                                                     \
    }                                                                                                                  \
    static const struct uop *FN(name##_m)(struct cpu * c, const struct uop *u, unsigned n)                             \
    {                                                                                                                  \
        struct loaded m = mem_load_rmw(c, u, BYTES);                                                                   \
        if (UNLIKELY(!m.ok))                                                                                           \
            LEAVE;                                                                                                     \
        mem_store_rmw(c, FN(sh_##name)(c, (UW)m.value, n), BYTES);                                                     \
        NEXT_FAST;                                                                                                     \
    }                                                                                                                  \
    static const struct uop *FN(name##_mi)(struct cpu * c, const struct uop *u)                                        \
    {                                                                                                                  \
        return FN(name##_m)(c, u, (unsigned)u->imm & COUNT_MASK);                                                      \
    }                                                                                                                  \
    static const struct uop *FN(name##_mr)(struct cpu * c, const struct uop *u)                                        \
    {                                                                                                                  \
        return FN(name##_m)(c, u, (unsigned)c->r[RCX] & COUNT_MASK);                                                   \
    }
#define COUNT_MASK (BITS == 64 ? 63u : 31u)
HANDLERS(shl)
HANDLERS(shr)
HANDLERS(sar)
HANDLERS(rol)
HANDLERS(ror)
HANDLERS(rcl)
HANDLERS(rcr)
#undef HANDLERS

/* SHLD and SHRD. For 16-bit operands counts above 16 take bits as if the pair were repeated, as processors do. */
#if BITS != 8
static UW FN(shift_double)(struct cpu *c, UW a, UW b, unsigned n, bool left)
{
    if (n == 0)
        return a;
#if BITS == 16
    u64 wide = (u64)a << 32 | (u64)b << 16 | a;
    UW r = left ? (UW)(wide << n >> 32) : (UW)(wide >> n);
    u32 cf = left ? (u32)(wide >> (48 - n)) & 1 : (u32)(wide >> (n - 1)) & 1;
#else
    UW r = left ? (UW)(a << n | b >> (BITS - n)) : (UW)(a >> n | b << (BITS - n));
    u32 cf = left ? (u32)(a >> (BITS - n)) & 1 : (u32)(a >> (n - 1)) & 1;
#endif
    FN(shift_flags)(c, r, cf, (u32)((left ? r >> TOP : (r ^ (UW)(r << 1)) >> TOP) & 1) ^ (left ? cf : 0));
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
