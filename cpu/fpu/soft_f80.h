/* soft_f80.h: the x87's extended precision in integer arithmetic, for hosts that have no x87: rounding and precision
 * control, the six exceptions with their masked and unmasked responses, C0 to C3 as the silicon leaves them. All but
 * the transcendental functions is bit-exact; those (soft_f80_trans.c) are rounded from 128-bit significands, where
 * silicon may be one unit in the last place off. */
#ifndef PCEMU_SOFT_F80_H
#define PCEMU_SOFT_F80_H

#include "cpu_state.h"

/* One operation's surroundings: the control word it runs under, and the exception flags and C0-C3 it raises. After an
 * unmasked invalid, denormal or zero-divide exception results have no meaning. */
struct soft80 {
    u16 cw, sw;
    bool denormal; /* an operand was denormal in memory */
};

enum f80_kind { F80_ZERO, F80_FINITE, F80_INFINITE, F80_NAN, F80_UNSUPPORTED };

/* Taken apart. FINITE: mant * 2^(exp - 63), bit 63 of mant set. */
struct number80 {
    enum f80_kind kind;
    bool sign, denormal, signalling;
    s32 exp;
    u64 mant;
};

struct number80 f80_take_apart(struct f80 v);
/* mant.low * 2^(exp - 63), rounded to `precision` bits and put together; overflow, underflow, inexact. `low` holds the
 * bits below mant, its last one sticky. */
struct f80 f80_round(struct soft80 *e, bool sign, s32 exp, u64 mant, u64 low, unsigned precision);
unsigned f80_precision(const struct soft80 *e); /* as precision control says */

/* Shared judgements. Each returns true when *r is the result: a NaN or an unsupported format was among the operands...
 */
bool f80_one_nan(struct soft80 *e, const struct number80 *a, struct f80 *r);
bool f80_two_nans(struct soft80 *e, const struct number80 *a, const struct number80 *b, struct f80 *r);
/* ... or a denormal one, whose exception is unmasked. */
bool f80_denormal_stops(struct soft80 *e, const struct number80 *a, const struct number80 *b);
struct f80 f80_invalid(struct soft80 *e);
struct f80 f80_zero(bool sign);
struct f80 f80_infinity(bool sign);
struct f80 f80_unchanged(const struct number80 *x, struct f80 a); /* `a`, whose parts are x, as a result */

struct f80 soft80_add(struct soft80 *e, struct f80 a, struct f80 b);
struct f80 soft80_sub(struct soft80 *e, struct f80 a, struct f80 b);
struct f80 soft80_mul(struct soft80 *e, struct f80 a, struct f80 b);
struct f80 soft80_div(struct soft80 *e, struct f80 a, struct f80 b);
struct f80 soft80_sqrt(struct soft80 *e, struct f80 a);
struct f80 soft80_rndint(struct soft80 *e, struct f80 a);
struct f80 soft80_scale(struct soft80 *e, struct f80 a, struct f80 b);
struct f80 soft80_prem(struct soft80 *e, struct f80 a, struct f80 b);
struct f80 soft80_prem1(struct soft80 *e, struct f80 a, struct f80 b);
void soft80_xtract(struct soft80 *e, struct f80 a, struct f80 r[2]);
/* C3, C2, C0 in e->sw; `quiet`: quiet NaNs are not invalid. */
void soft80_compare(struct soft80 *e, struct f80 a, struct f80 b, bool quiet);

/* Memory formats (soft_f80_cvt.c). `frac` bits of fraction: 23 or 52. */
struct f80 soft80_from_float(struct soft80 *e, u64 v, unsigned frac);
/* An operand in memory, raising nothing yet: NaNs stay as they are, a denormal is noted. */
struct f80 soft80_widen(struct soft80 *e, u64 v, unsigned frac);
u64 soft80_to_float(struct soft80 *e, struct f80 a, unsigned frac);
struct f80 soft80_from_int(s64 v);
u64 soft80_to_int(struct soft80 *e, struct f80 a, unsigned bits);
struct f80 soft80_from_bcd(struct f80 v);
struct f80 soft80_to_bcd(struct soft80 *e, struct f80 a);

/* Transcendental functions and constants (soft_f80_trans.c). */
enum f80_constant { F80_L2T, F80_L2E, F80_PI, F80_LG2, F80_LN2 };
struct f80 soft80_constant(struct soft80 *e, enum f80_constant which);
struct f80 soft80_2xm1(struct soft80 *e, struct f80 a);
struct f80 soft80_yl2x(struct soft80 *e, struct f80 x, struct f80 y);
struct f80 soft80_yl2xp1(struct soft80 *e, struct f80 x, struct f80 y);
struct f80 soft80_patan(struct soft80 *e, struct f80 x, struct f80 y); /* atan(y / x) */
struct f80 soft80_sin(struct soft80 *e, struct f80 a);
struct f80 soft80_cos(struct soft80 *e, struct f80 a);
void soft80_sincos(struct soft80 *e, struct f80 a, struct f80 r[2]); /* r[0]: cosine */
void soft80_ptan(struct soft80 *e, struct f80 a, struct f80 r[2]);   /* r[0]: one */

#endif
