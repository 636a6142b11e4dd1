/* ops_muldiv.c: MUL IMUL DIV IDIV. CF = OF = "the high half matters"; Undefined in the SDM, as on silicon: SF and PF
 * follow the low half, ZF and AF are 0; divisions leave all six alone. */
#include "alu.h"
#include "fast.h"
#include "rows.h"

static u32 szp(u64 v, unsigned size)
{
    switch (size) {
    case 0:
        return alu_szp_8((u8)v);
    case 1:
        return alu_szp_16((u16)v);
    case 2:
        return alu_szp_32((u32)v);
    default:
        return alu_szp_64(v);
    }
}

static void mul_flags(struct cpu *c, u64 low, unsigned size, bool wide)
{
    c->fl = (u16)((szp(low, size) & ~HF_ZF) | (wide ? HF_CF | HF_OF : 0));
}

static u64 sext(u64 v, unsigned size)
{
    unsigned shift = 64 - (8u << size);
    return (u64)((s64)(v << shift) >> shift);
}

/* Result of a widening multiplication to AX, or rDX:rAX. */
static void put_pair(struct cpu *c, unsigned size, u64 low, u64 high)
{
    if (size == 0) {
        put16(c, REG_OFFSET(RAX), (u16)((low & 0xff) | high << 8));
        return;
    }
    put_reg(c, REG_OFFSET(RAX), size, low);
    put_reg(c, REG_OFFSET(RDX), size, high);
}

EXEC(mul)
{
    unsigned size = u_size(u), bits = 8u << size;
    u64 v;
    TRY(load_dst(c, u, size, &v));
    u128 p = (u128)get_reg(c, REG_OFFSET(RAX), size) * v;
    u64 low = low_bytes((u64)p, 1u << size), high = low_bytes((u64)(p >> bits), 1u << size);
    put_pair(c, size, low, high);
    mul_flags(c, low, size, high != 0);
    NEXT;
}

EXEC(imul1)
{
    unsigned size = u_size(u), bits = 8u << size;
    u64 v;
    TRY(load_dst(c, u, size, &v));
    s128 p = (s128)(s64)sext(get_reg(c, REG_OFFSET(RAX), size), size) * (s64)sext(v, size);
    u64 low = low_bytes((u64)p, 1u << size), high = low_bytes((u64)((u128)p >> bits), 1u << size);
    put_pair(c, size, low, high);
    mul_flags(c, low, size, p != (s64)sext(low, size));
    NEXT;
}

static ALWAYS_INLINE void imul_64(struct cpu *c, const struct uop *u, u64 a, u64 b)
{
    s64 r;
    bool wide = __builtin_mul_overflow((s64)a, (s64)b, &r);
    put64(c, u->dst, (u64)r);
    c->fl = (u16)((alu_szp_64((u64)r) & ~HF_ZF) | (wide ? HF_CF | HF_OF : 0));
}

static ALWAYS_INLINE void imul_32(struct cpu *c, const struct uop *u, u64 a, u64 b)
{
    s64 r = (s64)(s32)a * (s32)b;
    put32(c, u->dst, (u32)r);
    c->fl = (u16)((alu_szp_32((u32)r) & ~HF_ZF) | (r != (s32)r ? HF_CF | HF_OF : 0));
}

static void imul_to(struct cpu *c, const struct uop *u, u64 a, u64 b)
{
    if (LIKELY(u_size(u) == 3)) {
        imul_64(c, u, a, b);
        return;
    }
    if (LIKELY(u_size(u) == 2)) {
        imul_32(c, u, a, b);
        return;
    }
    unsigned size = u_size(u);
    s128 p = (s128)(s64)sext(a, size) * (s64)sext(b, size);
    u64 low = low_bytes((u64)p, 1u << size);
    put_reg(c, u->dst, size, low);
    mul_flags(c, low, size, p != (s64)sext(low, size));
}

static const struct uop *imul2_any(struct cpu *c, const struct uop *u)
{
    u64 v;
    TRY(load_src(c, u, u_size(u), &v));
    imul_to(c, u, get_reg(c, u->dst, u_size(u)), v);
    NEXT;
}

static const struct uop *imul3_any(struct cpu *c, const struct uop *u)
{
    u64 v;
    TRY(load_src(c, u, u_size(u), &v));
    imul_to(c, u, v, u->imm);
    NEXT;
}

#define REGISTERS(bits)                                                                                                \
    static const struct uop *imul2_rr_##bits(struct cpu *c, const struct uop *u)                                       \
    {                                                                                                                  \
        imul_##bits(c, u, get##bits(c, u->dst), get##bits(c, u->src));                                                 \
        NEXT_FAST;                                                                                                     \
    }                                                                                                                  \
    static const struct uop *imul3_rr_##bits(struct cpu *c, const struct uop *u)                                       \
    {                                                                                                                  \
        imul_##bits(c, u, get##bits(c, u->src), u->imm);                                                               \
        NEXT_FAST;                                                                                                     \
    }
REGISTERS(32)
REGISTERS(64)
const struct exec_group exec_imul2 = { .rr = { NULL, NULL, imul2_rr_32, imul2_rr_64 }, .any_width = imul2_any };
const struct exec_group exec_imul3 = { .rr = { NULL, NULL, imul3_rr_32, imul3_rr_64 }, .any_width = imul3_any };

/* The dividend: AX, or rDX:rAX. */
static u128 dividend(struct cpu *c, unsigned size)
{
    if (size == 0)
        return (u16)c->r[RAX];
    return (u128)get_reg(c, REG_OFFSET(RDX), size) << (8u << size) | get_reg(c, REG_OFFSET(RAX), size);
}

static void put_quotient(struct cpu *c, unsigned size, u64 quotient, u64 remainder)
{
    if (size == 0) {
        put16(c, REG_OFFSET(RAX), (u16)((quotient & 0xff) | remainder << 8));
        return;
    }
    put_reg(c, REG_OFFSET(RAX), size, quotient);
    put_reg(c, REG_OFFSET(RDX), size, remainder);
}

/* Division leaves the flags undefined: as they were. */
EXEC(div)
{
    unsigned size = u_size(u);
    u64 d;
    TRY(load_dst(c, u, size, &d));
    if (d == 0)
        RAISE(EXC_DE, 0);
    u128 n = dividend(c, size);
    if (size == 3) {
        if (c->r[RDX] >= d)
            RAISE(EXC_DE, 0);
        put_quotient(c, size, (u64)(n / d), (u64)(n % d));
        NEXT;
    }
    u64 q = (u64)n / d;
    if (q != low_bytes(q, 1u << size))
        RAISE(EXC_DE, 0);
    put_quotient(c, size, q, (u64)n % d);
    NEXT;
}

EXEC(idiv)
{
    unsigned size = u_size(u), bits = 8u << size;
    u64 v;
    TRY(load_dst(c, u, size, &v));
    if (v == 0)
        RAISE(EXC_DE, 0);
    unsigned shift = 128 - 2 * bits;
    s128 n = (s128)(dividend(c, size) << shift) >> shift;
    s128 d = (s64)sext(v, size);
    if (d == -1 && n == (s128)((u128)1 << 127))
        RAISE(EXC_DE, 0);
    s128 q = n / d;
    if (q != (s64)sext((u64)q, size))
        RAISE(EXC_DE, 0);
    put_quotient(c, size, (u64)q, (u64)(n % d));
    NEXT;
}
