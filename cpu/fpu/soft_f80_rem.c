/* soft_f80_rem.c: partial remainders (FPREM, FPREM1) of the x87's extended precision in integer arithmetic: see
 * soft_f80.h. */
#include "soft_f80.h"
#include "x87.h"

#define PREM_BITS 63 /* the most that one instruction reduces the exponent by */

static u16 quotient_bits(u64 q)
{
    return (u16)((q & 4 ? X87_C0 : 0) | (q & 2 ? X87_C3 : 0) | (q & 1 ? X87_C1 : 0));
}

/* x and y finite; `nearest`: FPREM1. */
static struct f80 reduce(struct soft80 *e, struct number80 x, const struct number80 *y, bool nearest)
{
    s32 diff = x.exp - y->exp;
    if (diff < (nearest ? -1 : 0))
        return f80_round(e, x.sign, x.exp, x.mant, 0, 64);
    bool partial = diff > PREM_BITS;
    s32 steps = partial ? (diff & 31) | 32 : diff;
    u128 rest = x.mant, divisor = y->mant;
    u64 q = 0;
    for (s32 i = 0; i <= steps; i++) {
        q <<= 1;
        rest <<= i ? 1 : 0;
        if (rest >= divisor) {
            rest -= divisor;
            q |= 1;
        }
    }
    s32 exp = y->exp + (partial ? diff - steps : 0);
    if (diff < 0) { /* half of y at least: rest is x, in units half as large */
        exp = x.exp;
        rest = x.mant;
        divisor <<= 1;
    }
    if (nearest && !partial && (2 * rest > divisor || (2 * rest == divisor && (q & 1)))) {
        rest = divisor - rest;
        x.sign = !x.sign;
        q++;
    }
    e->sw |= partial ? X87_C2 : quotient_bits(q);
    if (rest == 0)
        return f80_zero(x.sign);
    unsigned shift = (unsigned)__builtin_clzll((u64)rest);
    u16 cc = e->sw & X87_CC;
    struct f80 r = f80_round(e, x.sign, exp - (s32)shift, (u64)rest << shift, 0, 64);
    e->sw |= cc;
    return r;
}

static struct f80 remainder_of(struct soft80 *e, struct f80 a, struct f80 b, bool nearest)
{
    struct number80 x = f80_take_apart(a), y = f80_take_apart(b);
    struct f80 r;
    if (f80_two_nans(e, &x, &y, &r))
        return r;
    if (x.kind == F80_INFINITE || y.kind == F80_ZERO)
        return f80_invalid(e);
    if (f80_denormal_stops(e, &x, &y))
        return f80_indefinite;
    if (x.kind == F80_ZERO)
        return a;
    return y.kind == F80_INFINITE ? f80_unchanged(&x, a) : reduce(e, x, &y, nearest);
}

struct f80 soft80_prem(struct soft80 *e, struct f80 a, struct f80 b)
{
    return remainder_of(e, a, b, false);
}
struct f80 soft80_prem1(struct soft80 *e, struct f80 a, struct f80 b)
{
    return remainder_of(e, a, b, true);
}
