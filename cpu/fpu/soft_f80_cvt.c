/* soft_f80_cvt.c: between extended precision and the memory formats (SDM vol. 1, 4.8.3.4 to 8.2.1). */
#include "soft_f80.h"

#include "x87.h"

static s32 float_bias(unsigned frac)
{
    return frac == 23 ? 127 : 1023;
}
static unsigned float_bits(unsigned frac)
{
    return frac == 23 ? 32 : 64;
}

struct f80 soft80_widen(struct soft80 *e, u64 v, unsigned frac)
{
    unsigned bits = float_bits(frac);
    u32 field = (u32)(v >> frac) & (BIT(bits - 1 - frac) - 1), sign = (v >> (bits - 1)) & 1 ? F80_SIGN : 0;
    u64 fraction = (v & (BIT64(frac) - 1)) << (63 - frac);
    if (field == BIT(bits - 1 - frac) - 1)
        return (struct f80){ F80_INTEGER | fraction, (u16)(sign | F80_EXP) };
    if (field)
        return (struct f80){ F80_INTEGER | fraction, (u16)(sign | (field + (u32)(F80_BIAS - float_bias(frac)))) };
    if (!fraction)
        return (struct f80){ 0, (u16)sign };
    unsigned shift = (unsigned)__builtin_clzll(fraction);
    e->denormal = true;
    return (struct f80){ fraction << shift, (u16)(sign | (u32)(F80_BIAS - float_bias(frac) + 1 - (s32)shift)) };
}

struct f80 soft80_from_float(struct soft80 *e, u64 v, unsigned frac)
{
    struct f80 r = soft80_widen(e, v, frac);
    struct number80 n = f80_take_apart(r);
    (void)f80_one_nan(e, &n, &r);
    (void)f80_denormal_stops(e, &n, &n);
    return r;
}

/* ---- to single and double ---- */

static u64 float_assemble(unsigned frac, bool sign, u64 field, u64 fraction)
{
    return (u64)sign << (float_bits(frac) - 1) | field << frac | fraction;
}

/* Where a number of this format is rounded: bits dropped from a 64-bit significand, more of them for denormals. */
static u64 round_off(struct soft80 *e, bool sign, u64 mant, unsigned drop, bool *inexact)
{
    struct soft80 t = { .cw = e->cw };
    struct f80 v;
    if (drop > 64) { /* smaller than half of the least denormal */
        v = f80_round(&t, sign, 0, F80_INTEGER, 1, 64);
        *inexact = true;
        e->sw |= (t.sw & X87_C1) | X87_PE;
        return t.sw & X87_C1 ? 1 : 0;
    }
    /* bits dropped go below the point of an integer in a significand of its own */
    u64 kept = drop < 64 ? mant >> drop : 0, low = mant << (64 - drop);
    u64 odd_one = F80_INTEGER | kept; /* bit 63 keeps it normalised: kept has 54 bits at most */
    v = f80_round(&t, sign, 0, odd_one, low, 64);
    *inexact = low != 0;
    e->sw |= t.sw & (X87_C1 | X87_PE);
    return v.mant & ~F80_INTEGER;
}

static u64 float_overflow(struct soft80 *e, unsigned frac, bool sign)
{
    struct soft80 t = { .cw = (u16)(e->cw | FCW_MASKS) };
    u64 field = BIT64(float_bits(frac) - 1 - frac) - 1;
    struct f80 v = f80_round(&t, sign, 2 * F80_BIAS, F80_INTEGER, 0, 64); /* infinity or the greatest number */
    bool infinite = v.mant == F80_INTEGER;
    if (!(e->cw & X87_OE)) { /* nothing is stored */
        e->sw |= X87_OE;
        return 0;
    }
    e->sw = (u16)((e->sw & ~X87_C1) | X87_OE | X87_PE | (infinite ? X87_C1 : 0));
    return infinite ? float_assemble(frac, sign, field, 0) : float_assemble(frac, sign, field - 1, BIT64(frac) - 1);
}

static u64 float_finite(struct soft80 *e, const struct number80 *x, unsigned frac)
{
    s32 field = x->exp + float_bias(frac), top = 2 * float_bias(frac);
    unsigned drop = 63 - frac;
    bool inexact;
    struct soft80 t = { .cw = e->cw };
    u64 m = round_off(&t, x->sign, x->mant, drop, &inexact);
    bool carry = m >> (frac + 1);
    if (field + carry < 1) { /* tiny after rounding */
        s32 shift = 1 - field;
        if (!(e->cw & X87_UE)) {
            e->sw |= X87_UE;
            return 0;
        }
        t.sw = 0;
        m = round_off(&t, x->sign, x->mant, shift > 80 ? 80 : drop + (unsigned)shift, &inexact);
        e->sw |= t.sw;
        if (inexact)
            e->sw |= X87_UE;
        return float_assemble(frac, x->sign, 0, 0) + m;
    }
    if (field + carry > top)
        return float_overflow(e, frac, x->sign);
    e->sw |= t.sw;
    /* m's leading one, or carry, adds to the field, which is -1 before where rounding made the number normal */
    return float_assemble(frac, x->sign, 0, 0) + (((u64)field - 1) << frac) + m;
}

u64 soft80_to_float(struct soft80 *e, struct f80 a, unsigned frac)
{
    struct number80 x = f80_take_apart(a);
    u64 greatest = BIT64(float_bits(frac) - 1 - frac) - 1;
    struct f80 r;
    if (f80_one_nan(e, &x, &r))
        return float_assemble(frac, (r.se & F80_SIGN) != 0, greatest, (r.mant & ~F80_INTEGER) >> (63 - frac));
    if (x.kind == F80_INFINITE)
        return float_assemble(frac, x.sign, greatest, 0);
    if (x.kind == F80_ZERO)
        return float_assemble(frac, x.sign, 0, 0);
    return float_finite(e, &x, frac);
}

/* ---- integers ---- */

struct f80 soft80_from_int(s64 v)
{
    u64 m = v < 0 ? 0 - (u64)v : (u64)v;
    unsigned shift = m ? (unsigned)__builtin_clzll(m) : 0;
    if (!m)
        return f80_zero(false);
    return (struct f80){ m << shift, (u16)((v < 0 ? F80_SIGN : 0) | ((u32)F80_BIAS + 63 - shift)) };
}

/* The rounded magnitude, at most `limit` (negative: `limit_negative`); false: out of range, or no number. */
static bool magnitude(struct soft80 *e, const struct number80 *x, u64 limit, u64 limit_negative, u64 *m)
{
    struct soft80 t = { .cw = (u16)(e->cw | FCW_MASKS) };
    if (x->kind == F80_ZERO) {
        *m = 0;
        return true;
    }
    if (x->kind != F80_FINITE || x->exp > 63)
        return false;
    struct f80 raw = { x->mant, (u16)((x->sign ? F80_SIGN : 0) | (u32)(x->denormal ? 1 : x->exp + F80_BIAS)) };
    struct number80 n = f80_take_apart(soft80_rndint(&t, raw));
    if (n.exp > 63 && n.kind == F80_FINITE)
        return false;
    *m = n.kind == F80_ZERO ? 0 : n.mant >> (63 - n.exp);
    if (*m > (x->sign ? limit_negative : limit))
        return false;
    e->sw |= t.sw & (X87_PE | X87_C1);
    return true;
}

u64 soft80_to_int(struct soft80 *e, struct f80 a, unsigned bits)
{
    struct number80 x = f80_take_apart(a);
    u64 m, least = BIT64(bits - 1);
    if (!magnitude(e, &x, least - 1, least, &m)) {
        e->sw |= X87_IE;
        return least;
    }
    return x.sign ? 0 - m : m;
}

#define BCD_DIGITS 18
#define BCD_LIMIT 999999999999999999u

struct f80 soft80_from_bcd(struct f80 v)
{
    u64 n = (v.se >> 4 & 15u) * 10u + (v.se & 15u);
    for (unsigned i = 0; i < BCD_DIGITS - 2; i++)
        n = n * 10 + (v.mant >> (60 - 4 * i) & 15);
    struct f80 r = soft80_from_int((s64)n);
    r.se |= v.se & F80_SIGN;
    return r;
}

struct f80 soft80_to_bcd(struct soft80 *e, struct f80 a)
{
    struct number80 x = f80_take_apart(a);
    struct f80 r = { 0, x.sign ? F80_SIGN : 0 };
    u64 m;
    if (!magnitude(e, &x, BCD_LIMIT, BCD_LIMIT, &m)) {
        e->sw |= X87_IE;
        return (struct f80){ F80_INTEGER | F80_QUIET, 0xffff };
    }
    for (unsigned i = 0; i < BCD_DIGITS - 2; i++, m /= 10)
        r.mant |= (m % 10) << (4 * i);
    r.se |= (u16)(m % 10 | (m / 10) << 4);
    return r;
}
