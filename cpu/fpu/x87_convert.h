/* x87_convert.h: conversions between extended precision and the memory formats for ordinary values, in integer
 * arithmetic. Each returns false for what it leaves to x87_host.h: NaNs, infinities, denormals, results out of range.
 * *sw gets PE and C1 as the status word would show them. */
#ifndef PCEMU_X87_CONVERT_H
#define PCEMU_X87_CONVERT_H

#include "x87.h"

enum x87_rounding { RC_NEAREST, RC_DOWN, RC_UP, RC_CHOP };

/* Whether a magnitude with the discarded part `rest`, of which `half` is one half, is rounded up. */
static ALWAYS_INLINE bool rounds_up(u16 cw, bool negative, bool odd, u64 rest, u64 half)
{
    switch ((cw & FCW_RC) >> FCW_RC_SHIFT) {
    case RC_NEAREST:
        return rest > half || (rest == half && odd);
    case RC_DOWN:
        return rest != 0 && negative;
    case RC_UP:
        return rest != 0 && !negative;
    default:
        return false;
    }
}

/* A memory format of `bits` bits with a fraction of `frac` bits, exponent bias `bias`. */
static ALWAYS_INLINE bool f80_from_float(struct f80 *r, u64 v, unsigned bits, unsigned frac, int bias)
{
    u64 sign = v >> (bits - 1), fraction = v & (BIT64(frac) - 1);
    unsigned e = (unsigned)(v >> frac) & (BIT(bits - 1 - frac) - 1);
    if (UNLIKELY(e == BIT(bits - 1 - frac) - 1 || (e == 0 && fraction)))
        return false;
    r->mant = e == 0 ? 0 : F80_INTEGER | fraction << (63 - frac);
    r->se = (u16)(sign << 15 | (e == 0 ? 0 : e + (unsigned)(F80_BIAS - bias)));
    return true;
}
static ALWAYS_INLINE bool f80_from_m32(struct f80 *r, u32 v)
{
    return f80_from_float(r, v, 32, 23, 127);
}
static ALWAYS_INLINE bool f80_from_m64(struct f80 *r, u64 v)
{
    return f80_from_float(r, v, 64, 52, 1023);
}

static ALWAYS_INLINE bool f80_to_float(u64 *r, const struct f80 *v, u16 cw, u16 *sw, unsigned bits, unsigned frac,
                                       int bias)
{
    bool negative = (v->se & F80_SIGN) != 0;
    u64 sign = (u64)negative << (bits - 1);
    int e = (int)(v->se & F80_EXP) - F80_BIAS + bias;
    *sw = 0;
    *r = sign;
    if ((v->se & F80_EXP) == 0)
        return v->mant == 0;
    if (e < 1 || e >= (int)(BIT(bits - 1 - frac) - 2) || !(v->mant & F80_INTEGER))
        return false; /* the greatest exponent too: rounding might carry out of it */
    unsigned drop = 63 - frac;
    u64 kept = v->mant >> drop, rest = v->mant & (BIT64(drop) - 1);
    bool up = rounds_up(cw, negative, kept & 1, rest, BIT64(drop - 1));
    *sw = (u16)((rest ? X87_PE : 0) | (up ? X87_C1 : 0));
    *r = sign | (((u64)e << frac) + (kept - BIT64(frac)) + up);
    return true;
}

/* Integers of up to 64 bits. */
static ALWAYS_INLINE void f80_from_int(struct f80 *r, s64 v)
{
    u64 m = v < 0 ? 0 - (u64)v : (u64)v;
    unsigned shift = m ? (unsigned)__builtin_clzll(m) : 0;
    r->mant = m << shift;
    r->se = m ? (u16)((v < 0 ? F80_SIGN : 0) | ((unsigned)F80_BIAS + 63 - shift)) : 0;
}

/* `bits`-wide two's complement. */
static ALWAYS_INLINE bool f80_to_int(u64 *r, const struct f80 *v, u16 cw, u16 *sw, unsigned bits)
{
    bool negative = (v->se & F80_SIGN) != 0;
    int e = (int)(v->se & F80_EXP) - F80_BIAS;
    *sw = 0;
    *r = 0;
    if ((v->se & F80_EXP) == 0)
        return v->mant == 0;
    if (e >= (int)bits - 2 || !(v->mant & F80_INTEGER))
        return false; /* so that a carry stays in range */
    u64 whole = e < 0 ? 0 : v->mant >> (63 - e);
    u64 rest = e < -1 ? 1 : e == -1 ? v->mant : v->mant << (e + 1); /* below one half: any small value */
    bool up = rounds_up(cw, negative, whole & 1, rest, BIT64(63));
    *sw = (u16)((rest ? X87_PE : 0) | (up ? X87_C1 : 0));
    whole += up;
    *r = negative ? 0 - whole : whole;
    return true;
}

#endif
