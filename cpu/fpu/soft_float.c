/* soft_float.c: see soft_float.h. A number is taken apart into sign, exponent and a significand with its top bit at bit
 * 63; results are computed with a sticky bit below and rounded once. */
#include "soft_float.h"
#include "fpu.h"

const struct soft_format soft_half = { 10, 0x1f }, soft_single = { 23, 0xff }, soft_double = { 52, 0x7ff };

enum kind { ZERO, FINITE, INFINITE, NOT_A_NUMBER };
enum { RC_NEAREST, RC_DOWN, RC_UP, RC_ZERO };

struct number { /* FINITE: mant * 2^(exp - 63) */
    enum kind kind;
    bool sign, denormal, signalling;
    s32 exp;
    u64 mant;
    u64 raw; /* the bits, denormals flushed as DAZ says */
};

static s32 bias(const struct soft_format *f)
{
    return (s32)(f->exp_max >> 1);
}
static u64 frac_mask(const struct soft_format *f)
{
    return BIT64(f->frac) - 1;
}
static u64 quiet_bit(const struct soft_format *f)
{
    return BIT64(f->frac - 1);
}
static u64 assemble(const struct soft_format *f, bool sign, u32 exp_field, u64 frac)
{
    u64 top = (u64)(sign ? f->exp_max + 1 : 0) | exp_field;
    return top << f->frac | frac;
}
static u64 infinity(const struct soft_format *f, bool sign)
{
    return assemble(f, sign, f->exp_max, 0);
}
static u64 default_nan(const struct soft_format *f)
{
    return assemble(f, true, f->exp_max, quiet_bit(f));
}
static unsigned mode(const struct soft *e)
{
    return (e->mxcsr & MXCSR_RC) >> MXCSR_RC_SHIFT;
}
static bool is_masked(const struct soft *e, u32 flag)
{
    return (e->mxcsr & (flag << MXCSR_MASK_SHIFT)) != 0;
}

static struct number take_apart(const struct soft *e, const struct soft_format *f, u64 raw)
{
    u64 frac = raw & frac_mask(f);
    u32 field = (u32)(raw >> f->frac) & f->exp_max;
    struct number n = { .kind = FINITE, .raw = raw, .sign = (raw >> f->frac) > f->exp_max };
    if (field == f->exp_max) {
        n.kind = frac ? NOT_A_NUMBER : INFINITE;
        n.signalling = frac && !(frac & quiet_bit(f));
    } else if (field) {
        n.mant = (BIT64(f->frac) | frac) << (63 - f->frac);
        n.exp = (s32)field - bias(f);
    } else if (!frac || (e->mxcsr & MXCSR_DAZ)) {
        n.kind = ZERO;
        n.raw = assemble(f, n.sign, 0, 0);
    } else {
        unsigned shift = (unsigned)__builtin_clzll(frac);
        n.denormal = true;
        n.mant = frac << shift;
        n.exp = 1 - bias(f) + (s32)(63 - f->frac) - (s32)shift;
    }
    return n;
}

/* The bits of mant above the low `drop`, rounded; `sticky`: more ones follow below. */
static u64 rounded(u64 mant, unsigned drop, bool sticky, unsigned rc, bool sign, bool *inexact)
{
    u64 kept = drop < 64 ? mant >> drop : 0;
    u64 half = drop - 1 < 64 ? BIT64(drop - 1) : 0;
    bool tie = (mant & half) != 0;
    bool rest = sticky || (drop > 64 ? mant != 0 : half && (mant & (half - 1)));
    *inexact = tie || rest;
    switch (rc) {
    case RC_NEAREST:
        return kept + (tie && (rest || (kept & 1)));
    case RC_DOWN:
        return kept + (sign && *inexact);
    case RC_UP:
        return kept + (!sign && *inexact);
    default:
        return kept;
    }
}

static u64 overflow(struct soft *e, const struct soft_format *f, bool sign, bool inexact)
{
    bool to_greatest = mode(e) == RC_ZERO || mode(e) == (sign ? RC_UP : RC_DOWN);
    e->flags |= MXCSR_OE;
    if (is_masked(e, MXCSR_OE) || inexact)
        e->flags |= MXCSR_PE;
    return to_greatest ? infinity(f, sign) - 1 : infinity(f, sign);
}

/* A tiny result. Unmasked: underflow, exact or not, and the destination is not written. Masked: only a loss counts,
 * unless it is flushed. */
static u64 underflow(struct soft *e, const struct soft_format *f, bool sign, s32 exp, u64 mant, bool sticky,
                     bool inexact)
{
    if (!is_masked(e, MXCSR_UE)) {
        e->flags |= MXCSR_UE | (inexact ? MXCSR_PE : 0);
        return assemble(f, sign, 0, 0);
    }
    if (e->mxcsr & MXCSR_FZ) {
        e->flags |= MXCSR_UE | MXCSR_PE;
        return assemble(f, sign, 0, 0);
    }
    s32 drop = (s32)(63 - f->frac) + (1 - bias(f) - exp);
    u64 frac = rounded(mant, drop > 66 ? 66u : (unsigned)drop, sticky, mode(e), sign, &inexact);
    if (inexact)
        e->flags |= MXCSR_UE | MXCSR_PE;
    return assemble(f, sign, 0, 0) | frac; /* rounding may have made it the least normal number */
}

/* mant has bit 63 set. */
static u64 put_together(struct soft *e, const struct soft_format *f, bool sign, s32 exp, u64 mant, bool sticky)
{
    bool inexact;
    u64 kept = rounded(mant, 63 - f->frac, sticky, mode(e), sign, &inexact);
    s32 final = exp + (s32)(kept >> (f->frac + 1));
    if (final > bias(f))
        return overflow(e, f, sign, inexact);
    if (final < 1 - bias(f))
        return underflow(e, f, sign, exp, mant, sticky, inexact);
    if (inexact)
        e->flags |= MXCSR_PE;
    return assemble(f, sign, (u32)(final + bias(f)), kept & frac_mask(f));
}

/* From 128 bits, not zero, of value wide * 2^(exp - 127). */
static u64 put_together_wide(struct soft *e, const struct soft_format *f, bool sign, s32 exp, u128 wide, bool sticky)
{
    u64 high = (u64)(wide >> 64);
    int shift = high ? __builtin_clzll(high) : 64 + __builtin_clzll((u64)wide);
    wide <<= shift;
    return put_together(e, f, sign, exp - shift, (u64)(wide >> 64), sticky || (u64)wide);
}

static u64 invalid(struct soft *e, const struct soft_format *f)
{
    e->flags |= MXCSR_IE;
    return default_nan(f);
}

/* Takes both operands apart. True when one is NaN: *result is the first that is, made quiet. */
static bool two_operands(struct soft *e, const struct soft_format *f, struct number *a, struct number *b, u64 raw_a,
                         u64 raw_b, u64 *result)
{
    *a = take_apart(e, f, raw_a);
    *b = take_apart(e, f, raw_b);
    if (a->kind != NOT_A_NUMBER && b->kind != NOT_A_NUMBER)
        return false;
    if (a->signalling || b->signalling)
        e->flags |= MXCSR_IE;
    *result = (a->kind == NOT_A_NUMBER ? raw_a : raw_b) | quiet_bit(f);
    return true;
}
static void note_denormals(struct soft *e, const struct number *a, const struct number *b)
{
    if (a->denormal || b->denormal)
        e->flags |= MXCSR_DE;
}

/* Values wide * 2^(exp - 125), wide below 2^126: the sum of two, the smaller cut to a sticky bit where it is far below.
 */
struct wide {
    bool sign;
    s32 exp;
    u128 mant;
};

static u64 add_wide(struct soft *e, const struct soft_format *f, struct wide a, struct wide b)
{
    if (a.exp < b.exp || (a.exp == b.exp && a.mant < b.mant)) {
        struct wide t = a;
        a = b;
        b = t;
    }
    s32 shift = a.exp - b.exp;
    bool lost = shift > 126 || (b.mant & (((u128)1 << shift) - 1));
    b.mant = (shift > 126 ? 0 : b.mant >> shift) | lost;
    u128 sum = a.sign == b.sign ? a.mant + b.mant : a.mant - b.mant;
    if (!sum)
        return assemble(f, mode(e) == RC_DOWN, 0, 0);
    return put_together_wide(e, f, a.sign, a.exp + 2, sum, false);
}

/* a + b, both finite and not zero. */
static u64 add_finite(struct soft *e, const struct soft_format *f, struct number a, struct number b)
{
    return add_wide(e, f, (struct wide){ a.sign, a.exp, (u128)a.mant << 62 },
                    (struct wide){ b.sign, b.exp, (u128)b.mant << 62 });
}

static u64 add(struct soft *e, const struct soft_format *f, u64 raw_a, u64 raw_b, bool negate)
{
    struct number a, b;
    u64 result;
    if (two_operands(e, f, &a, &b, raw_a, raw_b, &result))
        return result;
    note_denormals(e, &a, &b);
    b.sign ^= negate;
    b.raw ^= negate ? assemble(f, true, 0, 0) : 0;
    if (a.kind == INFINITE)
        return b.kind == INFINITE && a.sign != b.sign ? invalid(e, f) : a.raw;
    if (b.kind == INFINITE)
        return b.raw;
    if (a.kind == ZERO && b.kind == ZERO)
        return a.sign == b.sign ? a.raw : assemble(f, mode(e) == RC_DOWN, 0, 0);
    if (a.kind == ZERO)
        return put_together(e, f, b.sign, b.exp, b.mant, false);
    if (b.kind == ZERO)
        return put_together(e, f, a.sign, a.exp, a.mant, false);
    return add_finite(e, f, a, b);
}
u64 soft_add(struct soft *e, const struct soft_format *f, u64 a, u64 b)
{
    return add(e, f, a, b, false);
}
u64 soft_sub(struct soft *e, const struct soft_format *f, u64 a, u64 b)
{
    return add(e, f, a, b, true);
}

u64 soft_mul(struct soft *e, const struct soft_format *f, u64 raw_a, u64 raw_b)
{
    struct number a, b;
    u64 result;
    if (two_operands(e, f, &a, &b, raw_a, raw_b, &result))
        return result;
    bool sign = a.sign != b.sign;
    if ((a.kind == INFINITE && b.kind == ZERO) || (a.kind == ZERO && b.kind == INFINITE))
        return invalid(e, f);
    note_denormals(e, &a, &b);
    if (a.kind == INFINITE || b.kind == INFINITE)
        return infinity(f, sign);
    if (a.kind == ZERO || b.kind == ZERO)
        return assemble(f, sign, 0, 0);
    return put_together_wide(e, f, sign, a.exp + b.exp + 1, (u128)a.mant * b.mant, false);
}

u64 soft_div(struct soft *e, const struct soft_format *f, u64 raw_a, u64 raw_b)
{
    struct number a, b;
    u64 result;
    if (two_operands(e, f, &a, &b, raw_a, raw_b, &result))
        return result;
    bool sign = a.sign != b.sign;
    if (a.kind == b.kind && a.kind != FINITE)
        return invalid(e, f);
    if (b.kind == ZERO && a.kind == FINITE) {
        e->flags |= MXCSR_ZE;
        return infinity(f, sign);
    }
    note_denormals(e, &a, &b);
    if (a.kind == INFINITE || b.kind == ZERO)
        return infinity(f, sign);
    if (a.kind == ZERO || b.kind == INFINITE)
        return assemble(f, sign, 0, 0);
    u128 dividend = (u128)a.mant << 63;
    u128 quotient = dividend / b.mant;
    return put_together_wide(e, f, sign, a.exp - b.exp + 64, quotient, dividend % b.mant != 0);
}

/* ---- fused multiplication and addition (SDM vol. 1, 14.5) ---- */

/* What NaNs, infinities and zeros decide. False: both product and addend are finite, the product is not zero. */
static bool fma_special(struct soft *e, const struct soft_format *f, const struct number *a, const struct number *b,
                        const struct number *c, bool sign, u64 *result)
{
    const struct number *n[3] = { a, b, c };
    for (unsigned i = 0; i < 3; i++)
        e->flags |= n[i]->signalling ? MXCSR_IE : 0;
    for (unsigned i = 0; i < 3; i++)
        if (n[i]->kind == NOT_A_NUMBER) {
            *result = n[i]->raw | quiet_bit(f);
            return true;
        }
    bool infinite = a->kind == INFINITE || b->kind == INFINITE, zero = a->kind == ZERO || b->kind == ZERO;
    if ((infinite && zero) || (infinite && c->kind == INFINITE && c->sign != sign)) {
        *result = invalid(e, f);
        return true;
    }
    e->flags |= a->denormal || b->denormal || c->denormal ? MXCSR_DE : 0;
    if (!infinite && c->kind != INFINITE && !zero)
        return false;
    if (infinite)
        *result = infinity(f, sign);
    else if (c->kind == INFINITE)
        *result = infinity(f, c->sign);
    else if (c->kind == ZERO)
        *result = assemble(f, sign == c->sign ? sign : mode(e) == RC_DOWN, 0, 0);
    else
        *result = put_together(e, f, c->sign, c->exp, c->mant, false);
    return true;
}

u64 soft_fma(struct soft *e, const struct soft_format *f, u64 raw_a, u64 raw_b, u64 raw_c, bool negate_product,
             bool negate_addend)
{
    struct number a = take_apart(e, f, raw_a), b = take_apart(e, f, raw_b), c = take_apart(e, f, raw_c);
    bool sign = (a.sign != b.sign) != negate_product;
    u64 result;
    c.sign ^= negate_addend;
    if (fma_special(e, f, &a, &b, &c, sign, &result))
        return result;
    u128 product = (u128)a.mant * b.mant; /* its top bit is bit 127 or 126; its lowest 20 are zeros */
    bool carry = product >> 127;
    struct wide p = { sign, a.exp + b.exp + carry, product >> (carry ? 2 : 1) };
    if (c.kind == ZERO)
        return put_together_wide(e, f, sign, p.exp + 2, p.mant, false);
    return add_wide(e, f, p, (struct wide){ c.sign, c.exp, (u128)c.mant << 62 });
}

static u64 wide_sqrt(u128 v, bool *inexact)
{
    u128 root = 0;
    for (u128 bit = (u128)1 << 63; bit; bit >>= 1)
        if ((root | bit) * (root | bit) <= v)
            root |= bit;
    *inexact = root * root != v;
    return (u64)root;
}

u64 soft_sqrt(struct soft *e, const struct soft_format *f, u64 raw)
{
    struct number a = take_apart(e, f, raw);
    bool inexact;
    if (a.kind == NOT_A_NUMBER) {
        e->flags |= a.signalling ? MXCSR_IE : 0;
        return raw | quiet_bit(f);
    }
    if (a.kind == ZERO)
        return a.raw;
    if (a.sign)
        return invalid(e, f);
    note_denormals(e, &a, &a);
    if (a.kind == INFINITE)
        return a.raw;
    /* v = mant * 2^(exp - 63); for an even exponent the root of mant * 2^63 has 64 bits. */
    bool odd = a.exp & 1;
    u64 root = wide_sqrt((u128)a.mant << (odd ? 64 : 63), &inexact);
    return put_together(e, f, false, (a.exp - odd) / 2, root, inexact);
}

/* ---- comparison ---- */

static enum soft_relation order(const struct number *a, const struct number *b)
{
    if (a->kind == ZERO && b->kind == ZERO)
        return SOFT_EQUAL;
    if (a->raw == b->raw)
        return SOFT_EQUAL;
    if (a->sign != b->sign)
        return a->sign ? SOFT_LESS : SOFT_GREATER;
    return (a->raw < b->raw) != a->sign ? SOFT_LESS : SOFT_GREATER;
}

enum soft_relation soft_compare(struct soft *e, const struct soft_format *f, u64 raw_a, u64 raw_b, bool signal)
{
    struct number a, b;
    u64 nan;
    if (two_operands(e, f, &a, &b, raw_a, raw_b, &nan)) {
        e->flags |= signal ? MXCSR_IE : 0;
        return SOFT_UNORDERED;
    }
    note_denormals(e, &a, &b);
    return order(&a, &b);
}

static u64 choose(struct soft *e, const struct soft_format *f, u64 raw_a, u64 raw_b, enum soft_relation first)
{
    struct number a, b;
    u64 nan;
    if (two_operands(e, f, &a, &b, raw_a, raw_b, &nan)) {
        e->flags |= MXCSR_IE;
        return b.raw;
    }
    note_denormals(e, &a, &b);
    return order(&a, &b) == first ? a.raw : b.raw;
}
u64 soft_min(struct soft *e, const struct soft_format *f, u64 a, u64 b)
{
    return choose(e, f, a, b, SOFT_LESS);
}
u64 soft_max(struct soft *e, const struct soft_format *f, u64 a, u64 b)
{
    return choose(e, f, a, b, SOFT_GREATER);
}

/* ---- conversion ---- */

/* The magnitude of a finite number below 2^64 as an integer. */
static u64 magnitude(const struct number *a, unsigned rc, bool *inexact)
{
    s32 drop = 63 - a->exp;
    return rounded(a->mant, drop > 66 ? 66u : (unsigned)drop, false, rc, a->sign, inexact);
}

u64 soft_round(struct soft *e, const struct soft_format *f, u64 raw, unsigned rc, bool report)
{
    struct number a = take_apart(e, f, raw);
    bool inexact;
    if (a.kind == NOT_A_NUMBER) {
        e->flags |= a.signalling ? MXCSR_IE : 0;
        return raw | quiet_bit(f);
    }
    if (a.kind != FINITE || a.exp >= (s32)f->frac)
        return a.raw;
    u64 n = magnitude(&a, rc, &inexact);
    if (inexact && report)
        e->flags |= MXCSR_PE;
    if (!n)
        return assemble(f, a.sign, 0, 0);
    int shift = __builtin_clzll(n);
    return assemble(f, a.sign, (u32)(63 - shift + bias(f)), ((n << shift) >> (63 - f->frac)) & frac_mask(f));
}

u64 soft_to_int(struct soft *e, const struct soft_format *f, u64 raw, unsigned bits, unsigned rc)
{
    struct number a = take_apart(e, f, raw);
    const u64 least = BIT64(bits - 1);
    bool inexact = false;
    u64 n = 0;
    if (a.kind == ZERO)
        return 0;
    bool bad = a.kind != FINITE || a.exp > 63;
    if (!bad)
        n = magnitude(&a, rc, &inexact);
    if (bad || n > least - !a.sign) {
        e->flags |= MXCSR_IE;
        return least;
    }
    if (inexact)
        e->flags |= MXCSR_PE;
    return low_bytes(a.sign ? 0 - n : n, bits / 8);
}

u64 soft_from_int(struct soft *e, const struct soft_format *f, s64 v)
{
    u64 n = v < 0 ? 0 - (u64)v : (u64)v;
    if (!n)
        return 0;
    int shift = __builtin_clzll(n);
    return put_together(e, f, v < 0, 63 - shift, n << shift, false);
}

u64 soft_convert(struct soft *e, const struct soft_format *from, const struct soft_format *to, u64 raw)
{
    struct number a = take_apart(e, from, raw);
    u64 frac = (raw & frac_mask(from)) << (63 - from->frac) >> (63 - to->frac);
    switch (a.kind) {
    case NOT_A_NUMBER:
        e->flags |= a.signalling ? MXCSR_IE : 0;
        return assemble(to, a.sign, to->exp_max, frac | quiet_bit(to));
    case INFINITE:
        return infinity(to, a.sign);
    case ZERO:
        return assemble(to, a.sign, 0, 0);
    default:
        note_denormals(e, &a, &a);
        return put_together(e, to, a.sign, a.exp, a.mant, false);
    }
}
