/* ops_bmi.c: bit manipulation on general registers: BMI1, BMI2, LZCNT (SDM vol. 2, by their names). Operands are of 32
 * or 64 bits, TZCNT's and LZCNT's of 16 too. Flags that the manual leaves undefined are silicon's. */
#include "fast.h"

static ALWAYS_INLINE unsigned u_bits(const struct uop *u)
{
    return 8u << u_size(u);
}
static ALWAYS_INLINE u64 ones(unsigned n) /* n below 64 */
{
    return BIT64(n) - 1;
}
/* The register of VEX.vvvv, as wide as the operation. */
static ALWAYS_INLINE u64 get_vvvv(struct cpu *c, const struct uop *u)
{
    return get_reg(c, u_vvvv(u), u_size(u));
}

/* ---- counts ---- */

static void count_flags(struct cpu *c, u64 source, u64 count)
{
    c->fl = (u16)((source ? 0 : HF_CF) | (count ? 0 : HF_ZF));
}

EXEC(tzcnt)
{
    u64 v;
    TRY(load_src(c, u, u_size(u), &v));
    u64 n = v ? (unsigned)__builtin_ctzll(v) : u_bits(u);
    put_reg(c, u->dst, u_size(u), n);
    count_flags(c, v, n);
    NEXT;
}

EXEC(lzcnt)
{
    u64 v;
    TRY(load_src(c, u, u_size(u), &v));
    u64 n = v ? (unsigned)__builtin_clzll(v) - (64 - u_bits(u)) : u_bits(u);
    put_reg(c, u->dst, u_size(u), n);
    count_flags(c, v, n);
    NEXT;
}

/* ---- logic with flags ---- */

/* SF and ZF of the result, OF clear, CF as given. */
static void result_flags(struct cpu *c, const struct uop *u, u64 r, bool carry)
{
    c->fl = (u16)((hf_szp(r, u_bits(u)) & (HF_SF | HF_ZF)) | (carry ? HF_CF : 0));
}

EXEC(andn)
{
    u64 v;
    TRY(load_src(c, u, u_size(u), &v));
    u64 r = ~get_vvvv(c, u) & v;
    put_reg(c, u->dst, u_size(u), r);
    result_flags(c, u, r, false);
    NEXT;
}

EXEC(blsr)
{
    u64 v;
    TRY(load_src(c, u, u_size(u), &v));
    u64 r = (v - 1) & v;
    put_reg(c, u->dst, u_size(u), r);
    result_flags(c, u, r, v == 0);
    NEXT;
}

EXEC(blsmsk) /* never 0 */
{
    u64 v;
    TRY(load_src(c, u, u_size(u), &v));
    u64 r = (v - 1) ^ v;
    put_reg(c, u->dst, u_size(u), r);
    result_flags(c, u, r, v == 0);
    NEXT;
}

EXEC(blsi)
{
    u64 v;
    TRY(load_src(c, u, u_size(u), &v));
    u64 r = (0 - v) & v;
    put_reg(c, u->dst, u_size(u), r);
    result_flags(c, u, r, v != 0);
    NEXT;
}

/* Bits 7:0 of the control: where the field starts; 15:8: how long it is. */
EXEC(bextr)
{
    u64 v;
    TRY(load_src(c, u, u_size(u), &v));
    u64 control = get_vvvv(c, u);
    unsigned start = control & 0xff, length = control >> 8 & 0xff;
    u64 r = start < u_bits(u) ? v >> start : 0;
    r = length < u_bits(u) ? r & ones(length) : r;
    put_reg(c, u->dst, u_size(u), r);
    c->fl = r ? 0 : HF_ZF;
    NEXT;
}

EXEC(bzhi)
{
    u64 v;
    TRY(load_src(c, u, u_size(u), &v));
    unsigned n = get8(c, u_vvvv(u));
    bool all = n >= u_bits(u);
    u64 r = all ? v : v & ones(n);
    put_reg(c, u->dst, u_size(u), r);
    result_flags(c, u, r, all);
    NEXT;
}

/* ---- without flags ---- */

/* One source bit after the other goes to the next place that the mask names. */
EXEC(pdep)
{
    u64 mask, r = 0;
    TRY(load_src(c, u, u_size(u), &mask));
    for (u64 v = get_vvvv(c, u); mask; mask &= mask - 1, v >>= 1)
        r |= v & 1 ? mask & (0 - mask) : 0;
    put_reg(c, u->dst, u_size(u), r);
    NEXT;
}

EXEC(pext)
{
    u64 mask, r = 0, v = get_vvvv(c, u);
    TRY(load_src(c, u, u_size(u), &mask));
    for (unsigned at = 0; mask; mask &= mask - 1, at++)
        r |= v & mask & (0 - mask) ? BIT64(at) : 0;
    put_reg(c, u->dst, u_size(u), r);
    NEXT;
}

/* RDX times the operand: the high half wins where both go to one register. */
EXEC(mulx)
{
    u64 v;
    TRY(load_src(c, u, u_size(u), &v));
    u128 product = (u128)get_reg(c, REG_OFFSET(RDX), u_size(u)) * v;
    put_reg(c, u_vvvv(u), u_size(u), (u64)product);
    put_reg(c, u->dst, u_size(u), (u64)(product >> u_bits(u)));
    NEXT;
}

EXEC(rorx)
{
    u64 v;
    TRY(load_src(c, u, u_size(u), &v));
    unsigned n = (u8)u->imm & (u_bits(u) - 1);
    put_reg(c, u->dst, u_size(u), n ? v >> n | v << (u_bits(u) - n) : v);
    NEXT;
}

static unsigned shift_count(struct cpu *c, const struct uop *u)
{
    return get8(c, u_vvvv(u)) & (u_bits(u) - 1);
}

EXEC(shlx)
{
    u64 v;
    TRY(load_src(c, u, u_size(u), &v));
    put_reg(c, u->dst, u_size(u), v << shift_count(c, u));
    NEXT;
}

EXEC(shrx)
{
    u64 v;
    TRY(load_src(c, u, u_size(u), &v));
    put_reg(c, u->dst, u_size(u), v >> shift_count(c, u));
    NEXT;
}

EXEC(sarx)
{
    u64 v;
    TRY(load_src(c, u, u_size(u), &v));
    s64 wide = u_size(u) == 3 ? (s64)v : (s32)v;
    put_reg(c, u->dst, u_size(u), (u64)(wide >> shift_count(c, u)));
    NEXT;
}
