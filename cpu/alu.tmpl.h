/* alu.tmpl.h: one width (BITS) of alu.h. Each sets c->fl and returns the result. */
#include "width.h"

#if defined(__x86_64__)

#undef SFX
#if BITS == 8
#define SFX "b"
#elif BITS == 16
#define SFX "w"
#elif BITS == 32
#define SFX "l"
#else
#define SFX "q"
#endif

/* The flags of the instruction just before, as AX: AH by LAHF, AL = OF. */
#define TAKE_FLAGS "\n\tlahf\n\tseto %%al"
/* CF := our carry. */
#define GIVE_CARRY "btw $8, %w[in]\n\t"

static ALWAYS_INLINE UW FN(alu_add)(struct cpu *c, UW a, UW b)
{
    u16 f;
    __asm__("add" SFX " %[b], %[a]" TAKE_FLAGS : [a] "+&r"(a), "=&a"(f) : [b] "r"(b) : "cc");
    c->fl = f;
    return a;
}

static ALWAYS_INLINE UW FN(alu_sub)(struct cpu *c, UW a, UW b)
{
    u16 f;
    __asm__("sub" SFX " %[b], %[a]" TAKE_FLAGS : [a] "+&r"(a), "=&a"(f) : [b] "r"(b) : "cc");
    c->fl = f;
    return a;
}

static ALWAYS_INLINE UW FN(alu_cmp)(struct cpu *c, UW a, UW b)
{
    u16 f;
    __asm__("cmp" SFX " %[b], %[a]" TAKE_FLAGS : "=&a"(f) : [a] "r"(a), [b] "r"(b) : "cc");
    c->fl = f;
    return a;
}

static ALWAYS_INLINE UW FN(alu_adc)(struct cpu *c, UW a, UW b)
{
    u16 f, in = c->fl;
    __asm__(GIVE_CARRY "adc" SFX " %[b], %[a]" TAKE_FLAGS : [a] "+&r"(a), "=&a"(f) : [b] "r"(b), [in] "r"(in) : "cc");
    c->fl = f;
    return a;
}

static ALWAYS_INLINE UW FN(alu_sbb)(struct cpu *c, UW a, UW b)
{
    u16 f, in = c->fl;
    __asm__(GIVE_CARRY "sbb" SFX " %[b], %[a]" TAKE_FLAGS : [a] "+&r"(a), "=&a"(f) : [b] "r"(b), [in] "r"(in) : "cc");
    c->fl = f;
    return a;
}

static ALWAYS_INLINE UW FN(alu_inc)(struct cpu *c, UW a)
{
    u16 f, in = c->fl;
    __asm__(GIVE_CARRY "inc" SFX " %[a]" TAKE_FLAGS : [a] "+&r"(a), "=&a"(f) : [in] "r"(in) : "cc");
    c->fl = f;
    return a;
}

static ALWAYS_INLINE UW FN(alu_dec)(struct cpu *c, UW a)
{
    u16 f, in = c->fl;
    __asm__(GIVE_CARRY "dec" SFX " %[a]" TAKE_FLAGS : [a] "+&r"(a), "=&a"(f) : [in] "r"(in) : "cc");
    c->fl = f;
    return a;
}

/* SF, ZF, PF of a result; CF = OF = AF = 0 (AF is undefined after logic; processors clear it). */
static ALWAYS_INLINE u32 FN(alu_szp)(UW r)
{
    u16 f;
    __asm__("test" SFX " %[r], %[r]" TAKE_FLAGS : "=&a"(f) : [r] "r"(r) : "cc");
    return f & ~HF_AF;
}

#undef TAKE_FLAGS
#undef GIVE_CARRY

#else

static ALWAYS_INLINE u32 FN(alu_szp)(UW r)
{
    return hf_szp(r, BITS);
}

/* Flags of a sum by its vector of carries out of each bit; for a difference, of borrows. */
static ALWAYS_INLINE UW FN(alu_carries)(struct cpu *c, UW r, UW carries)
{
    u32 top = (u32)(carries >> (BITS - 1)) & 1, below = (u32)(carries >> (BITS - 2)) & 1;
    c->fl = (u16)(hf_szp(r, BITS) | top << 8 | (top ^ below) | ((u32)(carries >> 3) & 1) << 12);
    return r;
}

static ALWAYS_INLINE UW FN(alu_plus)(struct cpu *c, UW a, UW b, UW carry)
{
    UW r = (UW)(a + b + carry);
    return FN(alu_carries)(c, r, (UW)((a & b) | ((a | b) & (UW)~r)));
}

static ALWAYS_INLINE UW FN(alu_minus)(struct cpu *c, UW a, UW b, UW borrow)
{
    UW r = (UW)(a - b - borrow);
    return FN(alu_carries)(c, r, (UW)(((UW)~a & b) | (((UW)~a | b) & r)));
}

static ALWAYS_INLINE UW FN(alu_add)(struct cpu *c, UW a, UW b)
{
    return FN(alu_plus)(c, a, b, 0);
}
static ALWAYS_INLINE UW FN(alu_sub)(struct cpu *c, UW a, UW b)
{
    return FN(alu_minus)(c, a, b, 0);
}
static ALWAYS_INLINE UW FN(alu_cmp)(struct cpu *c, UW a, UW b)
{
    return FN(alu_minus)(c, a, b, 0), a;
}
static ALWAYS_INLINE UW FN(alu_adc)(struct cpu *c, UW a, UW b)
{
    return FN(alu_plus)(c, a, b, (c->fl >> 8) & 1);
}
static ALWAYS_INLINE UW FN(alu_sbb)(struct cpu *c, UW a, UW b)
{
    return FN(alu_minus)(c, a, b, (c->fl >> 8) & 1);
}

static ALWAYS_INLINE UW FN(alu_inc)(struct cpu *c, UW a)
{
    u16 carry = c->fl & HF_CF;
    UW r = FN(alu_plus)(c, a, 1, 0);
    c->fl = (u16)((c->fl & ~HF_CF) | carry);
    return r;
}

static ALWAYS_INLINE UW FN(alu_dec)(struct cpu *c, UW a)
{
    u16 carry = c->fl & HF_CF;
    UW r = FN(alu_minus)(c, a, 1, 0);
    c->fl = (u16)((c->fl & ~HF_CF) | carry);
    return r;
}

#endif

static ALWAYS_INLINE UW FN(alu_logic)(struct cpu *c, UW r)
{
    c->fl = (u16)FN(alu_szp)(r);
    return r;
}

static ALWAYS_INLINE UW FN(alu_and)(struct cpu *c, UW a, UW b)
{
    return FN(alu_logic)(c, a & b);
}
static ALWAYS_INLINE UW FN(alu_or)(struct cpu *c, UW a, UW b)
{
    return FN(alu_logic)(c, a | b);
}
static ALWAYS_INLINE UW FN(alu_xor)(struct cpu *c, UW a, UW b)
{
    return FN(alu_logic)(c, a ^ b);
}
static ALWAYS_INLINE UW FN(alu_test)(struct cpu *c, UW a, UW b)
{
    return FN(alu_logic)(c, a & b), a;
}
static ALWAYS_INLINE UW FN(alu_neg)(struct cpu *c, UW a)
{
    return FN(alu_sub)(c, 0, a);
}

#undef BITS
