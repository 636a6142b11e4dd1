/* soft_f80.c: see soft_f80.h. Extended-precision arithmetic (SDM vol. 1, chapter 8 and 4.8, 4.9): a result is computed
 * with 64 bits or a sticky one below its significand and rounded once. */
#include "soft_f80.h"

#include "x87.h"

#define EXP_ADJUST 24576 /* of unmasked overflow and underflow (SDM vol. 1, 8.5.4, 8.5.5) */
#define EXP_LEAST (1 - F80_BIAS)

enum { RC_NEAREST, RC_DOWN, RC_UP, RC_CHOP };

static unsigned rounding(const struct soft80 *e)
{
    return (e->cw & FCW_RC) >> FCW_RC_SHIFT;
}
unsigned f80_precision(const struct soft80 *e)
{
    static const u8 bits[4] = { 24, 64, 53, 64 };
    return bits[(e->cw & FCW_PC) >> 8];
}

static struct f80 assemble(bool sign, u32 exp_field, u64 mant)
{
    return (struct f80){ mant, (u16)((sign ? F80_SIGN : 0) | exp_field) };
}
struct f80 f80_zero(bool sign)
{
    return assemble(sign, 0, 0);
}
struct f80 f80_infinity(bool sign)
{
    return assemble(sign, F80_EXP, F80_INTEGER);
}
struct f80 f80_invalid(struct soft80 *e)
{
    e->sw |= X87_IE;
    return f80_indefinite;
}

struct number80 f80_take_apart(struct f80 v)
{
    s32 field = v.se & (s32)F80_EXP;
    struct number80 n = { .kind = F80_FINITE, .sign = (v.se & F80_SIGN) != 0, .mant = v.mant, .exp = field - F80_BIAS };
    if (field == 0) {
        unsigned shift = v.mant ? (unsigned)__builtin_clzll(v.mant) : 0;
        n.kind = v.mant ? F80_FINITE : F80_ZERO;
        n.denormal = v.mant != 0;
        n.mant = v.mant << shift;
        n.exp = EXP_LEAST - (s32)shift;
    } else if (!(v.mant & F80_INTEGER)) {
        n.kind = F80_UNSUPPORTED;
    } else if (field == (s32)F80_EXP) {
        n.kind = v.mant == F80_INTEGER ? F80_INFINITE : F80_NAN;
        n.signalling = n.kind == F80_NAN && !(v.mant & F80_QUIET);
    }
    return n;
}

/* ---- rounding ---- */

struct rounded {
    u64 mant; /* low `drop` bits clear */
    bool carry, inexact, up;
};

static struct rounded round_at(const struct soft80 *e, bool sign, u64 mant, u64 low, unsigned drop)
{
    u64 unit = BIT64(drop), below = mant & (unit - 1);
    u64 half = drop ? below & (unit >> 1) : low & BIT64(63);
    u64 rest = drop ? (below & ((unit >> 1) - 1)) | low : low & (BIT64(63) - 1);
    struct rounded r = { .mant = mant & ~(unit - 1), .inexact = half || rest };
    switch (rounding(e)) {
    case RC_NEAREST:
        r.up = half && (rest || (mant & unit));
        break;
    case RC_DOWN:
        r.up = r.inexact && sign;
        break;
    case RC_UP:
        r.up = r.inexact && !sign;
        break;
    default:
        break;
    }
    if (r.up) {
        r.mant += unit;
        r.carry = r.mant == 0;
    }
    return r;
}

static void note(struct soft80 *e, const struct rounded *r)
{
    e->sw |= (u16)((r->inexact ? X87_PE : 0) | (r->up ? X87_C1 : 0));
}

static struct f80 overflowed(struct soft80 *e, bool sign, unsigned precision)
{
    unsigned rc = rounding(e);
    bool greatest = rc == RC_CHOP || rc == (sign ? RC_UP : RC_DOWN);
    e->sw = (u16)((e->sw & ~X87_C1) | X87_OE | X87_PE | (greatest ? 0 : X87_C1));
    return greatest ? assemble(sign, F80_EXP - 1, ~(BIT64(64 - precision) - 1)) : f80_infinity(sign);
}

/* Below the least normal number, underflow masked: shifted into place, then rounded. */
static struct f80 denormalised(struct soft80 *e, bool sign, s32 exp, u64 mant, u64 low, unsigned precision)
{
    s32 shift = EXP_LEAST - exp;
    if (shift >= 128) {
        low = 1;
        mant = 0;
    } else if (shift >= 64) {
        low = (mant >> (shift - 64)) | (low || (shift > 64 && mant << (128 - shift)));
        mant = 0;
    } else if (shift) {
        low = (mant << (64 - shift)) | (low >> shift) | (low << (64 - shift) ? 1 : 0);
        mant >>= shift;
    }
    struct rounded r = round_at(e, sign, mant, low, 64 - precision);
    note(e, &r);
    if (r.inexact)
        e->sw |= X87_UE;
    return assemble(sign, r.mant & F80_INTEGER ? 1 : 0, r.mant);
}

struct f80 f80_round(struct soft80 *e, bool sign, s32 exp, u64 mant, u64 low, unsigned precision)
{
    struct rounded r = round_at(e, sign, mant, low, 64 - precision);
    s32 after = exp + r.carry;
    if (after < EXP_LEAST) { /* tiny after rounding */
        if (e->cw & X87_UE)
            return denormalised(e, sign, exp, mant, low, precision);
        e->sw |= X87_UE;
        after += EXP_ADJUST;
        if (after < EXP_LEAST) { /* far below: FSCALE */
            e->sw |= X87_PE;
            return f80_zero(sign);
        }
    } else if (after > F80_BIAS) {
        if (e->cw & X87_OE)
            return overflowed(e, sign, precision);
        e->sw |= X87_OE;
        after -= EXP_ADJUST;
        if (after > F80_BIAS) {
            e->sw |= X87_PE | X87_C1;
            return f80_infinity(sign);
        }
    }
    note(e, &r);
    return assemble(sign, (u32)(after + F80_BIAS), r.carry ? F80_INTEGER : r.mant);
}

/* ---- operands ---- */

static struct f80 quieted(const struct number80 *n)
{
    return assemble(n->sign, F80_EXP, n->mant | F80_QUIET);
}

bool f80_one_nan(struct soft80 *e, const struct number80 *a, struct f80 *r)
{
    if (a->kind == F80_UNSUPPORTED) {
        *r = f80_invalid(e);
        return true;
    }
    if (a->kind != F80_NAN)
        return false;
    if (a->signalling)
        e->sw |= X87_IE;
    *r = quieted(a);
    return true;
}

/* A quiet NaN goes before a signalling one, then the greater significand, then the positive (SDM vol. 1, table 4-7). */
bool f80_two_nans(struct soft80 *e, const struct number80 *a, const struct number80 *b, struct f80 *r)
{
    if (a->kind == F80_UNSUPPORTED || b->kind == F80_UNSUPPORTED) {
        *r = f80_invalid(e);
        return true;
    }
    if (a->kind != F80_NAN)
        return f80_one_nan(e, b, r);
    if (b->kind != F80_NAN)
        return f80_one_nan(e, a, r);
    bool first = a->signalling != b->signalling ? b->signalling : a->mant != b->mant ? a->mant > b->mant : !a->sign;
    if (a->signalling || b->signalling)
        e->sw |= X87_IE;
    *r = quieted(first ? a : b);
    return true;
}

bool f80_denormal_stops(struct soft80 *e, const struct number80 *a, const struct number80 *b)
{
    if (!a->denormal && !b->denormal && !e->denormal)
        return false;
    e->sw |= X87_DE;
    return !(e->cw & X87_DE);
}

/* ---- add, subtract ---- */

static struct f80 add_finite(struct soft80 *e, struct number80 a, struct number80 b)
{
    unsigned precision = f80_precision(e);
    if (a.exp < b.exp || (a.exp == b.exp && a.mant < b.mant)) {
        struct number80 t = a;
        a = b;
        b = t;
    }
    unsigned shift = (unsigned)(a.exp - b.exp);
    u128 x = (u128)a.mant << 63, y = (u128)b.mant << 63, lost = 0;
    if (shift) {
        lost = shift < 128 ? y & (((u128)1 << shift) - 1) : y;
        y = shift < 128 ? y >> shift : 0;
    }
    y |= lost ? 1 : 0;
    u128 sum = a.sign == b.sign ? x + y : x - y;
    if (sum == 0)
        return f80_zero(rounding(e) == RC_DOWN);
    u64 high = (u64)(sum >> 64);
    unsigned norm = high ? (unsigned)__builtin_clzll(high) : 64 + (unsigned)__builtin_clzll((u64)sum);
    sum <<= norm;
    return f80_round(e, a.sign, a.exp + 1 - (s32)norm, (u64)(sum >> 64), (u64)sum, precision);
}

static struct f80 add(struct soft80 *e, struct number80 a, struct number80 b)
{
    if (a.kind == F80_INFINITE && b.kind == F80_INFINITE && a.sign != b.sign)
        return f80_invalid(e);
    if (f80_denormal_stops(e, &a, &b))
        return f80_indefinite;
    if (a.kind == F80_INFINITE || b.kind == F80_INFINITE)
        return f80_infinity(a.kind == F80_INFINITE ? a.sign : b.sign);
    if (a.kind == F80_ZERO && b.kind == F80_ZERO)
        return f80_zero(a.sign == b.sign ? a.sign : rounding(e) == RC_DOWN);
    if (a.kind == F80_ZERO || b.kind == F80_ZERO) {
        const struct number80 *n = a.kind == F80_ZERO ? &b : &a;
        return f80_round(e, n->sign, n->exp, n->mant, 0, f80_precision(e));
    }
    return add_finite(e, a, b);
}

struct f80 soft80_add(struct soft80 *e, struct f80 a, struct f80 b)
{
    struct number80 x = f80_take_apart(a), y = f80_take_apart(b);
    struct f80 r;
    return f80_two_nans(e, &x, &y, &r) ? r : add(e, x, y);
}

struct f80 soft80_sub(struct soft80 *e, struct f80 a, struct f80 b)
{
    struct number80 x = f80_take_apart(a), y = f80_take_apart(b);
    struct f80 r;
    if (f80_two_nans(e, &x, &y, &r))
        return r;
    y.sign = !y.sign;
    return add(e, x, y);
}

/* ---- multiply, divide, square root ---- */

struct f80 soft80_mul(struct soft80 *e, struct f80 a, struct f80 b)
{
    struct number80 x = f80_take_apart(a), y = f80_take_apart(b);
    struct f80 r;
    bool sign = x.sign != y.sign;
    if (f80_two_nans(e, &x, &y, &r))
        return r;
    if ((x.kind == F80_INFINITE && y.kind == F80_ZERO) || (x.kind == F80_ZERO && y.kind == F80_INFINITE))
        return f80_invalid(e);
    if (f80_denormal_stops(e, &x, &y))
        return f80_indefinite;
    if (x.kind == F80_INFINITE || y.kind == F80_INFINITE)
        return f80_infinity(sign);
    if (x.kind == F80_ZERO || y.kind == F80_ZERO)
        return f80_zero(sign);
    u128 p = (u128)x.mant * y.mant;
    bool high = p >> 127;
    p <<= high ? 0 : 1;
    return f80_round(e, sign, x.exp + y.exp + high, (u64)(p >> 64), (u64)p, f80_precision(e));
}

static struct f80 divide_finite(struct soft80 *e, const struct number80 *x, const struct number80 *y)
{
    bool less = x->mant < y->mant;
    u128 n = (u128)x->mant << (less ? 64 : 63);
    u64 q = (u64)(n / y->mant), rest = (u64)(n % y->mant);
    u128 m = (u128)rest << 64;
    u64 low = (u64)(m / y->mant) | (m % y->mant != 0);
    return f80_round(e, x->sign != y->sign, x->exp - y->exp - less, q, low, f80_precision(e));
}

struct f80 soft80_div(struct soft80 *e, struct f80 a, struct f80 b)
{
    struct number80 x = f80_take_apart(a), y = f80_take_apart(b);
    struct f80 r;
    bool sign = x.sign != y.sign;
    if (f80_two_nans(e, &x, &y, &r))
        return r;
    if (x.kind == y.kind && x.kind != F80_FINITE) /* 0 / 0, infinity / infinity */
        return f80_invalid(e);
    if (y.kind == F80_ZERO && x.kind == F80_FINITE) {
        e->sw |= X87_ZE; /* and no DE */
        return f80_infinity(sign);
    }
    if (f80_denormal_stops(e, &x, &y))
        return f80_indefinite;
    if (x.kind == F80_INFINITE || y.kind == F80_ZERO)
        return f80_infinity(sign);
    if (x.kind == F80_ZERO || y.kind == F80_INFINITE)
        return f80_zero(sign);
    return divide_finite(e, &x, &y);
}

/* Floor of the square root of a number of 126 or 127 bits: 64 bits; *rest what is left. */
static u64 integer_sqrt(u128 v, u128 *rest)
{
    u128 root = 0, left = 0;
    for (unsigned i = 0; i < 64; i++) {
        left = left << 2 | (v >> 126 & 3);
        v <<= 2;
        u128 trial = root << 2 | 1;
        root <<= 1;
        if (left >= trial) {
            left -= trial;
            root |= 1;
        }
    }
    *rest = left;
    return (u64)root;
}

struct f80 soft80_sqrt(struct soft80 *e, struct f80 a)
{
    struct number80 x = f80_take_apart(a);
    struct f80 r;
    if (f80_one_nan(e, &x, &r))
        return r;
    if (x.kind == F80_ZERO)
        return a;
    if (x.sign)
        return f80_invalid(e);
    if (f80_denormal_stops(e, &x, &x))
        return f80_indefinite;
    if (x.kind == F80_INFINITE)
        return a;
    bool odd = x.exp & 1;
    u128 rest;
    u64 root = integer_sqrt((u128)x.mant << (odd ? 64 : 63), &rest);
    u64 low = rest == 0 ? 0 : rest > root ? BIT64(63) | 1 : 1;
    return f80_round(e, false, (x.exp - odd) / 2, root, low, f80_precision(e));
}

/* ---- compare ---- */

static u16 order(const struct number80 *a, const struct number80 *b)
{
    if (a->kind == F80_ZERO && b->kind == F80_ZERO)
        return X87_C3;
    bool a_neg = a->sign && a->kind != F80_ZERO, b_neg = b->sign && b->kind != F80_ZERO;
    bool a_pos = !a->sign && a->kind != F80_ZERO, b_pos = !b->sign && b->kind != F80_ZERO;
    if (a_neg != b_neg || a_pos != b_pos)
        return a_neg || b_pos ? X87_C0 : 0;
    s32 ea = a->kind == F80_INFINITE ? F80_BIAS + 1 : a->exp, eb = b->kind == F80_INFINITE ? F80_BIAS + 1 : b->exp;
    if (ea == eb && a->mant == b->mant)
        return X87_C3;
    bool smaller = ea != eb ? ea < eb : a->mant < b->mant;
    return smaller != a->sign ? X87_C0 : 0;
}

void soft80_compare(struct soft80 *e, struct f80 a, struct f80 b, bool quiet)
{
    struct number80 x = f80_take_apart(a), y = f80_take_apart(b);
    if (x.kind >= F80_NAN || y.kind >= F80_NAN) {
        bool bad = x.kind == F80_UNSUPPORTED || y.kind == F80_UNSUPPORTED || x.signalling || y.signalling;
        e->sw |= X87_C3 | X87_C2 | X87_C0 | (!quiet || bad ? X87_IE : 0);
        return;
    }
    (void)f80_denormal_stops(e, &x, &y);
    e->sw |= order(&x, &y);
}

/* No underflow is looked for here; but a pseudo-denormal becomes normal. */
struct f80 f80_unchanged(const struct number80 *x, struct f80 a)
{
    return assemble(x->sign, x->denormal && a.mant >> 63 ? 1 : a.se & F80_EXP, a.mant);
}

/* ---- rounding to an integer, scaling, splitting ---- */

struct f80 soft80_rndint(struct soft80 *e, struct f80 a)
{
    struct number80 x = f80_take_apart(a);
    struct f80 r;
    if (f80_one_nan(e, &x, &r))
        return r;
    if (x.kind != F80_FINITE || x.exp >= 63)
        return a;
    if (f80_denormal_stops(e, &x, &x))
        return f80_indefinite;
    if (x.exp < 0) { /* 0 or 1 */
        struct rounded one = round_at(e, x.sign, 0, x.exp == -1 ? x.mant : 1, 0);
        note(e, &one);
        return one.up ? assemble(x.sign, F80_BIAS, F80_INTEGER) : f80_zero(x.sign);
    }
    struct rounded n = round_at(e, x.sign, x.mant, 0, (unsigned)(63 - x.exp));
    note(e, &n);
    return assemble(x.sign, (u32)(x.exp + n.carry + F80_BIAS), n.carry ? F80_INTEGER : n.mant);
}

#define SCALE_FAR 0x10000 /* beyond any finite result */

struct f80 soft80_scale(struct soft80 *e, struct f80 a, struct f80 b)
{
    struct number80 x = f80_take_apart(a), y = f80_take_apart(b);
    struct f80 r;
    if (f80_two_nans(e, &x, &y, &r))
        return r;
    if (y.kind == F80_INFINITE && x.kind == (y.sign ? F80_INFINITE : F80_ZERO))
        return f80_invalid(e);
    if (f80_denormal_stops(e, &x, &y))
        return f80_indefinite;
    if (x.kind != F80_FINITE || y.kind == F80_ZERO)
        return f80_unchanged(&x, a);
    if (y.kind == F80_INFINITE)
        return y.sign ? f80_zero(x.sign) : f80_infinity(x.sign);
    s32 n = y.exp < 0 ? 0 : y.exp > 16 ? SCALE_FAR : (s32)(y.mant >> (63 - y.exp));
    return f80_round(e, x.sign, x.exp + (y.sign ? -n : n), x.mant, 0, 64);
}

void soft80_xtract(struct soft80 *e, struct f80 a, struct f80 r[2])
{
    struct number80 x = f80_take_apart(a);
    if (f80_one_nan(e, &x, &r[0])) {
        r[1] = r[0];
        return;
    }
    r[0] = a;
    if (x.kind == F80_ZERO) {
        e->sw |= X87_ZE;
        r[1] = f80_infinity(true);
    } else if (x.kind == F80_INFINITE) {
        r[1] = f80_infinity(false);
    } else if (!f80_denormal_stops(e, &x, &x)) {
        r[0] = assemble(x.sign, F80_BIAS, x.mant);
        r[1] = soft80_from_int(x.exp);
    }
}
