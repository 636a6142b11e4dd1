/* sse_arith.c: floating-point arithmetic, SSE to SSE4.1, and MXCSR (SDM vol. 1, 10.4.1.2, 11.4.1.2, 12.3, 12.10). RCPPS
 * and RSQRTPS give correctly rounded values where the manual allows a relative error of 1.5 * 2^-12 and processors
 * differ. */
#include "sse_op.h"

SSE_FP4(add)
SSE_FP4(sub)
SSE_FP4(mul)
SSE_FP4(div)
SSE_FP4(min)
SSE_FP4(max)
SSE_FP4(sqrt)
SSE_AVX_PACKED(addsubps)
SSE_AVX_PACKED(addsubpd)
SSE_AVX_PACKED(haddps)
SSE_AVX_PACKED(haddpd)
SSE_AVX_PACKED(hsubps)
SSE_AVX_PACKED(hsubpd)
SSE_FP4(round)
SSE_FP(dpps, 16)
SSE_AVX_PACKED(dppd)

/* ---- logic, on bits ---- */

VEC_OP_XMM(andps, u64, q, a &b)
VEC_OP_XMM(andnps, u64, q, ~a &b)
VEC_OP_XMM(orps, u64, q, a | b)
VEC_OP_XMM(xorps, u64, q, a ^ b)

/* ---- approximations: no exceptions, no rounding mode, denormals count as zero ---- */

#define F32_SIGN 0x80000000u
#define F32_INF 0x7f800000u
#define F32_QUIET 0x00400000u
#define F32_INDEFINITE 0xffc00000u
#define F32_HIDDEN 0x00800000u
#define F32_BIAS 127
#define F32_FRACTION_BITS 23

static u32 f32_reciprocal(u32 x)
{
    u32 sign = x & F32_SIGN, exp = (x & F32_INF) >> F32_FRACTION_BITS, frac = x & (F32_HIDDEN - 1);
    if (exp == 0)
        return sign | F32_INF;
    if (exp == 255)
        return frac ? x | F32_QUIET : sign;
    if (frac == 0) /* a power of two: exact */
        return exp >= 2 * F32_BIAS ? sign : sign | (2 * F32_BIAS - exp) << F32_FRACTION_BITS;
    if (exp >= 2 * F32_BIAS - 1) /* the result would be denormal */
        return sign;
    u64 m = F32_HIDDEN | frac;
    u64 q = (((u64)1 << 48) / m + 1) >> 1; /* 2^47 / m, rounded: in (2^23, 2^24) */
    return sign | (2 * F32_BIAS - 1 - exp) << F32_FRACTION_BITS | ((u32)q & (F32_HIDDEN - 1));
}

static u64 integer_sqrt(u64 v)
{
    u64 root = 0;
    for (u64 bit = (u64)1 << 31; bit; bit >>= 1)
        if ((root + bit) * (root + bit) <= v)
            root += bit;
    return root;
}

static u32 f32_rsqrt(u32 x)
{
    u32 sign = x & F32_SIGN, exp = (x & F32_INF) >> F32_FRACTION_BITS, frac = x & (F32_HIDDEN - 1);
    if (exp == 0)
        return sign | F32_INF;
    if (exp == 255 && frac)
        return x | F32_QUIET;
    if (sign)
        return F32_INDEFINITE;
    if (exp == 255)
        return 0;
    s32 e = (s32)exp - F32_BIAS;
    u64 m = F32_HIDDEN | frac;
    if (e & 1) { /* make the exponent even */
        m <<= 1;
        e--;
    }
    if (m == F32_HIDDEN)
        return (u32)(F32_BIAS - e / 2) << F32_FRACTION_BITS;
    /* The significand m * 2^-23 is in (1, 4), its reciprocal root in (1/2, 1). With one bit more than is kept it is
     * sqrt(2^73 / m) = 2^25 * sqrt(2^23 / m). */
    u64 r = (integer_sqrt((u64)(((u128)1 << 73) / m)) + 1) >> 1;
    return (u32)(F32_BIAS - 1 - e / 2) << F32_FRACTION_BITS | ((u32)r & (F32_HIDDEN - 1));
}

#define APPROXIMATE(name, f)                                                                                           \
    EXEC(name##ps)                                                                                                     \
    {                                                                                                                  \
        union vec s;                                                                                                   \
        TRY(sse_operand(c, u, &s, 16));                                                                                \
        for (unsigned i = 0; i < 4; i++)                                                                               \
            c->xmm[u->dst].d[i] = f(s.d[i]);                                                                           \
        NEXT;                                                                                                          \
    }                                                                                                                  \
    EXEC(name##ss)                                                                                                     \
    {                                                                                                                  \
        union vec s;                                                                                                   \
        TRY(sse_operand(c, u, &s, 4));                                                                                 \
        c->xmm[u->dst].d[0] = f(s.d[0]);                                                                               \
        NEXT;                                                                                                          \
    }                                                                                                                  \
    static ALWAYS_INLINE void each_##name(union vec *d, const union vec *s)                                            \
    {                                                                                                                  \
        for (unsigned i = 0; i < 4; i++)                                                                               \
            d->d[i] = f(s->d[i]);                                                                                      \
    }                                                                                                                  \
    AVX_VEC_CALL(name##ps, each_##name(&d, &s))                                                                        \
    EXEC(v##name##ss)                                                                                                  \
    {                                                                                                                  \
        union vec s, d = c->xmm[u_vvvv(u)];                                                                            \
        TRY(avx_operand(c, u, &s, 4));                                                                                 \
        d.d[0] = f(s.d[0]);                                                                                            \
        put_low_lane(&c->xmm[u->dst], &d);                                                                             \
        NEXT;                                                                                                          \
    }
APPROXIMATE(rcp, f32_reciprocal)
APPROXIMATE(rsqrt, f32_rsqrt)

/* ---- MXCSR ---- */

EXEC(ldmxcsr)
{
    u32 v;
    TRY(load(c, u, &v, 4));
    if (v & ~MXCSR_WRITABLE)
        RAISE(EXC_GP, 0);
    sse_set_mxcsr(c, v);
    NEXT;
}
EXEC(stmxcsr)
{
    u32 v = sse_get_mxcsr(c);
    TRY(store(c, u, &v, 4));
    NEXT;
}
