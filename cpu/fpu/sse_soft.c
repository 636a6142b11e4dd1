/* sse_soft.c: see sse_soft.h. Each operation is a loop over elements of soft_float.c's arithmetic. */
#include "sse_soft.h"
#include "flags.h"
#include "fpu.h"

#define PRE_COMPUTATION (MXCSR_IE | MXCSR_DE | MXCSR_ZE)
#define RC_TRUNCATE 3u

bool soft_judge(struct soft *e)
{
    u32 unmasked = e->flags & ~(e->mxcsr >> MXCSR_MASK_SHIFT) & MXCSR_FLAGS;
    if (unmasked & PRE_COMPUTATION)
        e->flags &= PRE_COMPUTATION | e->settled;
    e->settled = e->flags;
    return unmasked != 0;
}

static unsigned rounding(const struct soft *e)
{
    return (e->mxcsr & MXCSR_RC) >> MXCSR_RC_SHIFT;
}

/* One operation over the elements of each of the four kinds: the expression is of a and b, in format f. */
#define SOFT_LOOP(name, suffix, type, member, format, count, expr)                                                     \
    void s_##name##suffix(struct soft *e, union vec *d, const union vec *s, unsigned imm)                              \
    {                                                                                                                  \
        const struct soft_format *f = &format;                                                                         \
        (void)imm;                                                                                                     \
        for (unsigned i = 0; i < (count); i++) {                                                                       \
            const u64 a = d->member[i], b = s->member[i];                                                              \
            (void)a;                                                                                                   \
            d->member[i] = (type)(expr);                                                                               \
        }                                                                                                              \
    }
#define SOFT4(name, expr)                                                                                              \
    SOFT_LOOP(name, ps, u32, d, soft_single, 4, expr)                                                                  \
    SOFT_LOOP(name, pd, u64, q, soft_double, 2, expr)                                                                  \
    SOFT_LOOP(name, ss, u32, d, soft_single, 1, expr)                                                                  \
    SOFT_LOOP(name, sd, u64, q, soft_double, 1, expr)

SOFT4(add, soft_add(e, f, a, b))
SOFT4(sub, soft_sub(e, f, a, b))
SOFT4(mul, soft_mul(e, f, a, b))
SOFT4(div, soft_div(e, f, a, b))
SOFT4(min, soft_min(e, f, a, b))
SOFT4(max, soft_max(e, f, a, b))
SOFT4(sqrt, soft_sqrt(e, f, b))
SOFT_LOOP(addsub, ps, u32, d, soft_single, 4, (i & 1) ? soft_add(e, f, a, b) : soft_sub(e, f, a, b))
SOFT_LOOP(addsub, pd, u64, q, soft_double, 2, (i & 1) ? soft_add(e, f, a, b) : soft_sub(e, f, a, b))

/* Predicates (SDM vol. 2, tables 3-1 and 3-2): 0-3: equal, less, less or equal, unordered; 4-7 their negations; behind
 * VEX 8-15 the same for operands that are unordered, and 16-31 all again, where those signal a quiet NaN that the first
 * sixteen let pass, and the other way round. */
static u64 compare_mask(struct soft *e, const struct soft_format *f, u64 a, u64 b, unsigned predicate)
{
    enum { L = BIT(SOFT_LESS), E = BIT(SOFT_EQUAL), G = BIT(SOFT_GREATER), U = BIT(SOFT_UNORDERED) };
    static const u8 hits[16] = { E,     L,     L | E,     U, L | G | U, E | G | U, G | U, L | E | G,
                                 E | U, L | U, L | E | U, 0, L | G,     E | G,     G,     L | E | G | U };
    bool signal = ((predicate & 3) == 1 || (predicate & 3) == 2) != ((predicate & 16) != 0);
    return hits[predicate & 15] >> soft_compare(e, f, a, b, signal) & 1 ? UINT64_MAX : 0;
}
SOFT4(cmp, compare_mask(e, f, a, b, imm & 7))
SOFT4(vcmp, compare_mask(e, f, a, b, imm & 31))
/* Bits 1:0: rounding; 2: by MXCSR instead; 3: inexact is not reported. */
SOFT4(round, soft_round(e, f, b, (imm & 4) ? rounding(e) : imm & 3, !(imm & 8)))

/* ---- horizontal ---- */

#define SOFT_HORIZONTAL(name, type, member, format, half, op)                                                          \
    void s_##name(struct soft *e, union vec *d, const union vec *s, unsigned imm)                                      \
    {                                                                                                                  \
        const union vec a = *d, b = *s;                                                                                \
        (void)imm;                                                                                                     \
        for (unsigned i = 0; i < (half); i++) {                                                                        \
            d->member[i] = (type)op(e, &format, a.member[2 * i], a.member[2 * i + 1]);                                 \
            d->member[(half) + i] = (type)op(e, &format, b.member[2 * i], b.member[2 * i + 1]);                        \
        }                                                                                                              \
    }
SOFT_HORIZONTAL(haddps, u32, d, soft_single, 2, soft_add)
SOFT_HORIZONTAL(haddpd, u64, q, soft_double, 1, soft_add)
SOFT_HORIZONTAL(hsubps, u32, d, soft_single, 2, soft_sub)
SOFT_HORIZONTAL(hsubpd, u64, q, soft_double, 1, soft_sub)

/* Dot products: products, sums of pairs, sum; each step is judged (SDM vol. 2, DPPS). Every element sums for itself,
 * and where NaNs meet their order shows; it is what processors do, the manual does not say. */
static void pair_sums(struct soft *e, u64 *t, unsigned distance, bool other_first)
{
    const u64 x[4] = { t[0], t[1], t[2], t[3] };
    for (unsigned i = 0; i < 4; i++) {
        const u64 own = x[i], other = x[i ^ distance];
        t[i] = soft_add(e, &soft_single, other_first ? other : own, other_first ? own : other);
    }
}
bool soft_dpps(struct soft *e, union vec *r, const union vec *a, const union vec *b, unsigned imm, unsigned lanes)
{
    u64 t[8] = { 0 };
    for (unsigned i = 0; i < 4 * lanes; i++)
        if ((imm >> (4 + i % 4)) & 1)
            t[i] = soft_mul(e, &soft_single, a->d[i], b->d[i]);
    if (soft_judge(e))
        return false;
    for (unsigned lane = 0; lane < lanes; lane++)
        pair_sums(e, t + 4 * lane, 1, true);
    if (soft_judge(e))
        return false;
    for (unsigned lane = 0; lane < lanes; lane++)
        pair_sums(e, t + 4 * lane, 2, false);
    for (unsigned i = 0; i < 4 * lanes; i++)
        r->d[i] = (imm >> (i % 4)) & 1 ? (u32)t[i] : 0;
    return true;
}
void s_dpps(struct soft *e, union vec *d, const union vec *s, unsigned imm)
{
    soft_dpps(e, d, d, s, imm, 1);
}
void s_dppd(struct soft *e, union vec *d, const union vec *s, unsigned imm)
{
    u64 t[2] = { 0 };
    for (unsigned i = 0; i < 2; i++)
        if ((imm >> (4 + i)) & 1)
            t[i] = soft_mul(e, &soft_double, d->q[i], s->q[i]);
    if (soft_judge(e))
        return;
    for (unsigned i = 0; i < 2; i++) {
        const u64 sum = soft_add(e, &soft_double, t[i], t[i ^ 1]);
        d->q[i] = (imm >> i) & 1 ? sum : 0;
    }
}

/* ---- conversions: d and s may be the same register ---- */

#define SOFT_CVT(name)                                                                                                 \
    static void convert_##name(struct soft *e, union vec *d, const union vec *s);                                      \
    void s_##name(struct soft *e, union vec *d, const union vec *s, unsigned imm)                                      \
    {                                                                                                                  \
        const union vec copy = *s;                                                                                     \
        (void)imm;                                                                                                     \
        convert_##name(e, d, &copy);                                                                                   \
    }                                                                                                                  \
    static void convert_##name(struct soft *e, union vec *d, const union vec *s)

SOFT_CVT(cvtps2pd)
{
    d->q[0] = soft_convert(e, &soft_single, &soft_double, s->d[0]);
    d->q[1] = soft_convert(e, &soft_single, &soft_double, s->d[1]);
}
SOFT_CVT(cvtpd2ps)
{
    d->d[0] = (u32)soft_convert(e, &soft_double, &soft_single, s->q[0]);
    d->d[1] = (u32)soft_convert(e, &soft_double, &soft_single, s->q[1]);
    d->q[1] = 0;
}
SOFT_CVT(cvtss2sd)
{
    d->q[0] = soft_convert(e, &soft_single, &soft_double, s->d[0]);
}
SOFT_CVT(cvtsd2ss)
{
    d->d[0] = (u32)soft_convert(e, &soft_double, &soft_single, s->q[0]);
}
SOFT_CVT(cvtdq2ps)
{
    for (unsigned i = 0; i < 4; i++)
        d->d[i] = (u32)soft_from_int(e, &soft_single, s->sd[i]);
}
SOFT_CVT(cvtdq2pd)
{
    d->q[0] = soft_from_int(e, &soft_double, s->sd[0]);
    d->q[1] = soft_from_int(e, &soft_double, s->sd[1]);
}
static void singles_to_ints(struct soft *e, union vec *d, const union vec *s, unsigned rc)
{
    for (unsigned i = 0; i < 4; i++)
        d->d[i] = (u32)soft_to_int(e, &soft_single, s->d[i], 32, rc);
}
static void doubles_to_ints(struct soft *e, union vec *d, const union vec *s, unsigned rc)
{
    d->d[0] = (u32)soft_to_int(e, &soft_double, s->q[0], 32, rc);
    d->d[1] = (u32)soft_to_int(e, &soft_double, s->q[1], 32, rc);
    d->q[1] = 0;
}
SOFT_CVT(cvtps2dq)
{
    singles_to_ints(e, d, s, rounding(e));
}
SOFT_CVT(cvttps2dq)
{
    singles_to_ints(e, d, s, RC_TRUNCATE);
}
SOFT_CVT(cvtpd2dq)
{
    doubles_to_ints(e, d, s, rounding(e));
}
SOFT_CVT(cvttpd2dq)
{
    doubles_to_ints(e, d, s, RC_TRUNCATE);
}

#define SOFT_TO_INT(name, member, format, bits, rc)                                                                    \
    void s_##name(struct soft *e, union vec *d, const union vec *s, unsigned imm)                                      \
    {                                                                                                                  \
        (void)imm;                                                                                                     \
        d->q[0] = soft_to_int(e, &format, s->member[0], bits, rc);                                                     \
    }
SOFT_TO_INT(cvtss2si_32, d, soft_single, 32, rounding(e))
SOFT_TO_INT(cvtss2si_64, d, soft_single, 64, rounding(e))
SOFT_TO_INT(cvttss2si_32, d, soft_single, 32, RC_TRUNCATE)
SOFT_TO_INT(cvttss2si_64, d, soft_single, 64, RC_TRUNCATE)
SOFT_TO_INT(cvtsd2si_32, q, soft_double, 32, rounding(e))
SOFT_TO_INT(cvtsd2si_64, q, soft_double, 64, rounding(e))
SOFT_TO_INT(cvttsd2si_32, q, soft_double, 32, RC_TRUNCATE)
SOFT_TO_INT(cvttsd2si_64, q, soft_double, 64, RC_TRUNCATE)

#define SOFT_FROM_INT(name, type, member, format, from_member)                                                         \
    void s_##name(struct soft *e, union vec *d, const union vec *s, unsigned imm)                                      \
    {                                                                                                                  \
        (void)imm;                                                                                                     \
        d->member[0] = (type)soft_from_int(e, &format, s->from_member[0]);                                             \
    }
SOFT_FROM_INT(cvtsi2ss_32, u32, d, soft_single, sd)
SOFT_FROM_INT(cvtsi2ss_64, u32, d, soft_single, sq)
SOFT_FROM_INT(cvtsi2sd_32, u64, q, soft_double, sd)
SOFT_FROM_INT(cvtsi2sd_64, u64, q, soft_double, sq)

/* ---- COMISS and kin: flags in HF_ bits ---- */

static u64 relation_flags(enum soft_relation r)
{
    static const u16 flags[] = {
        [SOFT_LESS] = HF_CF, [SOFT_EQUAL] = HF_ZF, [SOFT_GREATER] = 0, [SOFT_UNORDERED] = HF_ZF | HF_PF | HF_CF
    };
    return flags[r];
}
#define SOFT_COMI(name, member, format, signal)                                                                        \
    void s_##name(struct soft *e, union vec *d, const union vec *s, unsigned imm)                                      \
    {                                                                                                                  \
        (void)imm;                                                                                                     \
        d->q[0] = relation_flags(soft_compare(e, &format, d->member[0], s->member[0], signal));                        \
    }
SOFT_COMI(comiss, d, soft_single, true)
SOFT_COMI(comisd, q, soft_double, true)
SOFT_COMI(ucomiss, d, soft_single, false)
SOFT_COMI(ucomisd, q, soft_double, false)
