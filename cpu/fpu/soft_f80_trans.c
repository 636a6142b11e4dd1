/* soft_f80_trans.c: transcendental functions in integer arithmetic (SDM vol. 1, 8.3.10; special values: tables of
 * FPATAN, FYL2X, FYL2XP1, FSIN ... in vol. 2). A working number has a significand of 128 bits; series are summed until
 * their terms vanish, and the result is rounded once. Trigonometric arguments are reduced by the 66-bit pi that the
 * silicon has. Out of the documented range F2XM1 and FYL2XP1 give the mathematical result where there is one. */
#include "soft_f80.h"

#include "x87.h"

struct wide { /* mant * 2^(exp - 127), bit 127 of mant set; or zero */
    bool sign;
    s32 exp;
    u128 mant;
};

#define U128(high, low) ((u128)(high) << 64 | (low))
#define WIDE_BITS 128

static const struct wide w_one = { false, 0, U128(0x8000000000000000u, 0) };
static const struct wide w_pi = { false, 1, U128(0xc90fdaa22168c234u, 0xc4c6628b80dc1cd1u) };
static const struct wide w_ln2 = { false, -1, U128(0xb17217f7d1cf79abu, 0xc9e3b39803f2f6afu) };
static const struct wide w_log2_10 = { false, 1, U128(0xd49a784bcd1b8afeu, 0x492bf6ff4dafdb4cu) };
static const struct wide w_log2_e = { false, 0, U128(0xb8aa3b295c17f0bbu, 0xbe87fed0691d3e88u) };
static const struct wide w_log10_2 = { false, -2, U128(0x9a209a84fbcff798u, 0x8f8959ac0b7c9178u) };

/* ---- working numbers ---- */

static struct wide w_make(bool sign, s32 exp, u128 mant)
{
    if (!mant)
        return (struct wide){ 0 };
    u64 high = (u64)(mant >> 64);
    unsigned shift = high ? (unsigned)__builtin_clzll(high) : 64 + (unsigned)__builtin_clzll((u64)mant);
    return (struct wide){ sign, exp - (s32)shift, mant << shift };
}
static struct wide w_from(const struct number80 *n)
{
    return n->kind == F80_ZERO ? (struct wide){ 0 } : (struct wide){ n->sign, n->exp, (u128)n->mant << 64 };
}
static struct wide w_from_int(s32 v)
{
    return w_make(v < 0, 127, (u128)(v < 0 ? 0 - (u32)v : (u32)v));
}
static struct wide w_neg(struct wide a)
{
    a.sign = !a.sign;
    return a;
}
static struct wide w_half(struct wide a)
{
    a.exp--;
    return a;
}

static struct wide w_add(struct wide a, struct wide b)
{
    if (!a.mant || !b.mant)
        return a.mant ? a : b;
    if (a.exp < b.exp || (a.exp == b.exp && a.mant < b.mant)) {
        struct wide t = a;
        a = b;
        b = t;
    }
    u32 shift = (u32)(a.exp - b.exp) + 1;
    u128 x = a.mant >> 1, y = shift < WIDE_BITS ? b.mant >> shift : 0;
    return w_make(a.sign, a.exp + 1, a.sign == b.sign ? x + y : x - y);
}

static struct wide w_mul(struct wide a, struct wide b)
{
    u64 ah = (u64)(a.mant >> 64), al = (u64)a.mant, bh = (u64)(b.mant >> 64), bl = (u64)b.mant;
    u128 cross = (u128)ah * bl, cross2 = (u128)al * bh;
    u128 middle = ((u128)al * bl >> 64) + (u64)cross + (u64)cross2;
    u128 high = (u128)ah * bh + (cross >> 64) + (cross2 >> 64) + (middle >> 64);
    return w_make(a.sign != b.sign, a.exp + b.exp + 1, high);
}

static struct wide w_div(struct wide a, struct wide b)
{
    u128 rest = a.mant, q = 0;
    bool carry = false; /* the 129th bit of rest, which is less than 2 * b.mant always */
    for (unsigned i = 0; i < WIDE_BITS; i++) {
        bool fits = carry || rest >= b.mant;
        rest -= fits ? b.mant : 0;
        q = q << 1 | fits;
        carry = rest >> 127;
        rest <<= 1;
    }
    return w_make(a.sign != b.sign, a.exp - b.exp, q);
}

static struct wide w_div_small(struct wide a, u32 n)
{
    return w_div(a, w_from_int((s32)n));
}
static bool w_negligible(struct wide term, struct wide sum)
{
    return !term.mant || term.exp < sum.exp - WIDE_BITS;
}

static struct f80 w_round(struct soft80 *e, struct wide a)
{
    return f80_round(e, a.sign, a.exp, (u64)(a.mant >> 64), (u64)a.mant | 1, 64);
}

/* ---- constants ---- */

struct f80 soft80_constant(struct soft80 *e, enum f80_constant which)
{
    static const struct wide *const values[] = {
        [F80_L2T] = &w_log2_10, [F80_L2E] = &w_log2_e, [F80_PI] = &w_pi, [F80_LG2] = &w_log10_2, [F80_LN2] = &w_ln2
    };
    struct soft80 t = { .cw = (u16)(e->cw | FCW_MASKS) };
    return w_round(&t, *values[which]);
}

/* ---- exponential and logarithm ---- */

/* e^y - 1 */
static struct wide exp_minus_1(struct wide y)
{
    struct wide sum = y, term = y;
    for (u32 n = 2; !w_negligible(term, sum); n++) {
        term = w_div_small(w_mul(term, y), n);
        sum = w_add(sum, term);
    }
    return sum;
}

struct f80 soft80_2xm1(struct soft80 *e, struct f80 a)
{
    struct number80 x = f80_take_apart(a);
    struct f80 r;
    if (f80_one_nan(e, &x, &r))
        return r;
    if (x.kind == F80_INFINITE)
        return x.sign ? (struct f80){ F80_INTEGER, F80_SIGN | F80_BIAS } : a;
    if (x.kind == F80_ZERO)
        return a;
    if (f80_denormal_stops(e, &x, &x))
        return f80_indefinite;
    if (x.exp >= 0) { /* one: exact; greater ones are out of range */
        bool one = x.exp == 0 && x.mant == F80_INTEGER;
        e->sw |= X87_PE; /* reported all the same */
        return !one ? a : x.sign ? (struct f80){ F80_INTEGER, F80_SIGN | (F80_BIAS - 1) } : a;
    }
    return w_round(e, exp_minus_1(w_mul(w_from(&x), w_ln2)));
}

/* log2((1 + t) / (1 - t)) */
static struct wide log2_ratio(struct wide t)
{
    struct wide square = w_mul(t, t), power = t, sum = t, term = t;
    for (u32 n = 3; !w_negligible(term, sum); n += 2) {
        power = w_mul(power, square);
        term = w_div_small(power, n);
        sum = w_add(sum, term);
    }
    sum.exp++;
    return w_mul(sum, w_log2_e);
}

/* Of a positive number: exponent and significand between sqrt(1/2) and sqrt(2) apart. */
static struct wide log2_of(struct wide x)
{
    static const u128 sqrt2 = U128(0xb504f333f9de6484u, 0);
    s32 k = x.exp;
    x.exp = 0;
    if (x.mant > sqrt2) {
        x.exp = -1;
        k++;
    }
    struct wide t = w_div(w_add(x, w_neg(w_one)), w_add(x, w_one));
    return w_add(w_from_int(k), log2_ratio(t));
}

/* x positive and finite but not one, y neither zero nor infinite. Reported inexact always, as silicon does, though an
 * integer times y is exact. */
static struct f80 y_log2_x(struct soft80 *e, const struct number80 *x, const struct number80 *y)
{
    bool power = x->mant == F80_INTEGER;
    struct wide r = w_mul(power ? w_from_int(x->exp) : log2_of(w_from(x)), w_from(y));
    e->sw |= X87_PE;
    struct f80 v = f80_round(e, r.sign, r.exp, (u64)(r.mant >> 64), (u64)r.mant | !power, 64);
    e->sw |= v.se & F80_EXP ? 0 : X87_UE;
    return v;
}

struct f80 soft80_yl2x(struct soft80 *e, struct f80 a, struct f80 b)
{
    struct number80 x = f80_take_apart(a), y = f80_take_apart(b);
    struct f80 r;
    if (f80_two_nans(e, &x, &y, &r))
        return r;
    if (x.sign && x.kind != F80_ZERO)
        return f80_invalid(e);
    bool one = x.kind == F80_FINITE && x.exp == 0 && x.mant == F80_INTEGER;
    bool below = x.kind == F80_ZERO || (x.kind == F80_FINITE && x.exp < 0);
    bool infinite = x.kind == F80_INFINITE || x.kind == F80_ZERO; /* the logarithm */
    if ((infinite && y.kind == F80_ZERO) || (one && y.kind == F80_INFINITE))
        return f80_invalid(e);
    if (x.kind == F80_ZERO && y.kind == F80_FINITE) {
        e->sw |= X87_ZE;
        return f80_infinity(!y.sign);
    }
    if (f80_denormal_stops(e, &x, &y))
        return f80_indefinite;
    if (infinite || y.kind == F80_INFINITE)
        return f80_infinity(y.sign != below);
    if (one || y.kind == F80_ZERO)
        return f80_zero(y.sign != below);
    return y_log2_x(e, &x, &y);
}

struct f80 soft80_yl2xp1(struct soft80 *e, struct f80 a, struct f80 b)
{
    struct number80 x = f80_take_apart(a), y = f80_take_apart(b);
    struct f80 r;
    bool sign = x.sign != y.sign;
    if (f80_two_nans(e, &x, &y, &r))
        return r;
    if ((x.kind == F80_ZERO && y.kind == F80_INFINITE) || (x.kind == F80_INFINITE && (x.sign || y.kind == F80_ZERO)))
        return f80_invalid(e);
    if (f80_denormal_stops(e, &x, &y))
        return f80_indefinite;
    if (x.kind == F80_INFINITE || y.kind == F80_INFINITE)
        return f80_infinity(sign);
    if (x.kind == F80_ZERO || y.kind == F80_ZERO)
        return f80_zero(sign);
    if (x.sign && x.exp >= 0) { /* no logarithm: silicon hands x through */
        e->sw |= X87_PE;
        return a;
    }
    struct wide w = w_from(&x);
    struct wide l = x.exp < -1 ? log2_ratio(w_div(w, w_add(w, w_add(w_one, w_one)))) : log2_of(w_add(w, w_one));
    return w_round(e, w_mul(l, w_from(&y)));
}

/* ---- trigonometry ---- */

/* atan of 0 <= t <= 1: beyond tan(pi / 8) through pi / 4 - atan((1 - t) / (1 + t)). */
static struct wide atan_of(struct wide t)
{
    static const struct wide tan_pi_8 = { false, -2, U128(0xd413cccfe7799211u, 0) };
    bool upper = t.exp > tan_pi_8.exp || (t.exp == tan_pi_8.exp && t.mant > tan_pi_8.mant);
    if (upper)
        t = w_div(w_add(w_one, w_neg(t)), w_add(w_one, t));
    struct wide square = w_neg(w_mul(t, t)), power = t, sum = t, term = t;
    for (u32 n = 3; !w_negligible(term, sum); n += 2) {
        power = w_mul(power, square);
        term = w_div_small(power, n);
        sum = w_add(sum, term);
    }
    return upper ? w_add(w_half(w_half(w_pi)), w_neg(sum)) : sum;
}

/* Angle of the point (x, y), both finite and not zero. */
static struct wide angle(struct wide x, struct wide y)
{
    bool left = x.sign, below = y.sign;
    x.sign = y.sign = false;
    bool steep = y.exp > x.exp || (y.exp == x.exp && y.mant > x.mant);
    struct wide r = atan_of(steep ? w_div(x, y) : w_div(y, x));
    if (steep)
        r = w_add(w_half(w_pi), w_neg(r));
    if (left)
        r = w_add(w_pi, w_neg(r));
    r.sign = below;
    return r;
}

static struct f80 eighths_of_turn(struct soft80 *e, bool sign, unsigned n)
{
    struct wide r = n == 3 ? w_add(w_half(w_pi), w_half(w_half(w_pi))) : w_pi;
    r.exp -= n == 1 ? 2 : n == 2 ? 1 : 0;
    r.sign = sign;
    return w_round(e, r);
}

struct f80 soft80_patan(struct soft80 *e, struct f80 a, struct f80 b)
{
    struct number80 x = f80_take_apart(a), y = f80_take_apart(b);
    struct f80 r;
    if (f80_two_nans(e, &x, &y, &r))
        return r;
    if (f80_denormal_stops(e, &x, &y))
        return f80_indefinite;
    if (x.kind == F80_INFINITE && y.kind == F80_INFINITE)
        return eighths_of_turn(e, y.sign, x.sign ? 3 : 1);
    if (y.kind == F80_ZERO || x.kind == F80_INFINITE)
        return x.sign ? eighths_of_turn(e, y.sign, 4) : f80_zero(y.sign);
    if (x.kind == F80_ZERO || y.kind == F80_INFINITE)
        return eighths_of_turn(e, y.sign, 2);
    return w_round(e, angle(w_from(&x), w_from(&y)));
}

/* pi / 2 in units of 2^-65, to 66 bits. */
#define HALF_PI_UNITS U128(0x3u, 0x243f6a8885a308d3u)
#define REDUCE_FROM (-2) /* below 1/4: within pi / 4 as it is */

/* |x| minus the nearest multiple of pi / 2; *quadrant: which one, modulo 4. */
static struct wide reduce(const struct number80 *x, unsigned *quadrant)
{
    u128 rest = x->mant;
    struct wide r = w_from(x);
    r.sign = false;
    *quadrant = 0;
    if (x->exp < REDUCE_FROM)
        return r;
    for (s32 i = x->exp + 2; i > 0; i--) {
        rest <<= 1;
        *quadrant <<= 1;
        if (rest >= HALF_PI_UNITS) {
            rest -= HALF_PI_UNITS;
            *quadrant |= 1;
        }
    }
    bool past = 2 * rest > HALF_PI_UNITS;
    *quadrant = (*quadrant + past) & 3;
    return w_make(past, 127 - 65, past ? HALF_PI_UNITS - rest : rest);
}

/* Sum of term_0 = first, term_k = -term_(k-1) * r^2 / (n (n + 1)), n = from, from + 2 ... */
static struct wide alternate(struct wide first, struct wide r, u32 from)
{
    struct wide square = w_neg(w_mul(r, r)), sum = first, term = first;
    for (u32 n = from; !w_negligible(term, sum); n += 2) {
        term = w_div_small(w_mul(term, square), n * (n + 1));
        sum = w_add(sum, term);
    }
    return sum;
}

static void sine_and_cosine(const struct number80 *x, struct wide *sine, struct wide *cosine)
{
    unsigned quadrant;
    struct wide r = reduce(x, &quadrant);
    struct wide s = alternate(r, r, 2), c = alternate(w_one, r, 1);
    *sine = quadrant & 1 ? c : s;
    *cosine = quadrant & 1 ? s : c;
    if (quadrant & 2)
        *sine = w_neg(*sine);
    if (quadrant == 1 || quadrant == 2)
        *cosine = w_neg(*cosine);
    if (x->sign)
        *sine = w_neg(*sine);
}

/* What all of them have in common. True: *r is the result of a NaN, or nothing is to be done. */
static bool trig_special(struct soft80 *e, const struct number80 *x, struct f80 *r)
{
    if (f80_one_nan(e, x, r))
        return true;
    if (x->kind == F80_INFINITE) {
        *r = f80_invalid(e);
        return true;
    }
    *r = f80_indefinite;
    return f80_denormal_stops(e, x, x);
}

static const struct f80 f80_one = { F80_INTEGER, F80_BIAS };

void soft80_sincos(struct soft80 *e, struct f80 a, struct f80 r[2])
{
    struct number80 x = f80_take_apart(a);
    struct wide s, c;
    if (trig_special(e, &x, &r[0])) {
        r[1] = r[0];
        return;
    }
    r[0] = f80_one;
    r[1] = a;
    if (x.kind == F80_ZERO)
        return;
    sine_and_cosine(&x, &s, &c);
    struct soft80 t = { .cw = e->cw };
    r[1] = w_round(e, s);
    r[0] = w_round(&t, c);
    e->sw = (u16)((e->sw & ~X87_C1) | t.sw);
}

struct f80 soft80_sin(struct soft80 *e, struct f80 a)
{
    struct number80 x = f80_take_apart(a);
    struct f80 r;
    struct wide s, c;
    if (trig_special(e, &x, &r))
        return r;
    if (x.kind == F80_ZERO)
        return a;
    sine_and_cosine(&x, &s, &c);
    return w_round(e, s);
}

struct f80 soft80_cos(struct soft80 *e, struct f80 a)
{
    struct number80 x = f80_take_apart(a);
    struct f80 r;
    struct wide s, c;
    if (trig_special(e, &x, &r))
        return r;
    if (x.kind == F80_ZERO)
        return f80_one;
    sine_and_cosine(&x, &s, &c);
    return w_round(e, c);
}

void soft80_ptan(struct soft80 *e, struct f80 a, struct f80 r[2])
{
    struct number80 x = f80_take_apart(a);
    struct wide s, c;
    if (trig_special(e, &x, &r[0])) {
        r[1] = r[0];
        return;
    }
    r[0] = f80_one;
    r[1] = a;
    if (x.kind == F80_ZERO)
        return;
    sine_and_cosine(&x, &s, &c);
    r[1] = w_round(e, w_div(s, c));
}
