/* sse_cvt.c: conversions (SDM vol. 1, 10.4.4, 11.4.1.6 and figure 11-8). */
#include "sse_op.h"

/* ---- between XMM registers ---- */

SSE_FP(cvtps2pd, 8)
SSE_FP(cvtpd2ps, 16)
SSE_AVX_SCALAR(cvtss2sd, 4)
SSE_AVX_SCALAR(cvtsd2ss, 8)
SSE_AVX_PACKED(cvtdq2ps)
SSE_FP(cvtdq2pd, 8)
SSE_AVX_PACKED(cvtps2dq)
SSE_AVX_PACKED(cvttps2dq)
SSE_FP(cvtpd2dq, 16)
SSE_FP(cvttpd2dq, 16)

/* ---- behind VEX, where the two sides are of different lengths ---- */

/* Half of the operand's quadwords for each lane of the result. */
#define AVX_CVT_LONGER(name)                                                                                           \
    AVX_FP_DO(name)                                                                                                    \
    static const struct uop *longer_##name(struct cpu *c, const struct uop *u, unsigned lanes)                         \
    {                                                                                                                  \
        union vec w, r;                                                                                                \
        TRY(avx_operand(c, u, &w, 8 * lanes));                                                                         \
        w.q[2] = w.q[1];                                                                                               \
        w.q[1] = w.q[3] = 0;                                                                                           \
        TRY(do_##name(c, u, &w, lanes, &r));                                                                           \
        memcpy(&c->xmm[u->dst], &r, YMM_BYTES);                                                                        \
        NEXT;                                                                                                          \
    }                                                                                                                  \
    EXEC(v##name)                                                                                                      \
    {                                                                                                                  \
        return longer_##name(c, u, 1 + u_size(u));                                                                     \
    }
AVX_CVT_LONGER(cvtps2pd)
AVX_CVT_LONGER(cvtdq2pd)

/* The low quadwords of the lanes side by side. */
#define AVX_CVT_SHORTER(name)                                                                                          \
    AVX_FP_DO(name)                                                                                                    \
    static const struct uop *shorter_##name(struct cpu *c, const struct uop *u, unsigned lanes)                        \
    {                                                                                                                  \
        union vec w, r;                                                                                                \
        TRY(avx_operand(c, u, &w, LANE_BYTES *lanes));                                                                 \
        TRY(do_##name(c, u, &w, lanes, &r));                                                                           \
        r.q[1] = r.q[2];                                                                                               \
        put_low_lane(&c->xmm[u->dst], &r);                                                                             \
        NEXT;                                                                                                          \
    }                                                                                                                  \
    EXEC(v##name)                                                                                                      \
    {                                                                                                                  \
        return shorter_##name(c, u, 1 + u_size(u));                                                                    \
    }
AVX_CVT_SHORTER(cvtpd2ps)
AVX_CVT_SHORTER(cvtpd2dq)
AVX_CVT_SHORTER(cvttpd2dq)

/* ---- with general registers: REX.W makes the integer 64 bits ---- */

/* Register forms in the live environment are hot. */
#if SSE_HOST
#define CVT_HOT(name, width, call, commit)                                                                             \
    HANDLER(r_##name##_##width)                                                                                        \
    {                                                                                                                  \
        if (UNLIKELY(!c->sse.live))                                                                                    \
            return x_##name##_##width(c, u);                                                                           \
        call;                                                                                                          \
        commit;                                                                                                        \
        NEXT_FAST;                                                                                                     \
    }
#define HOT_FORMS(name) .rr = BY_REX_W(r_##name),
#else
#define CVT_HOT(name, width, call, commit)
#define HOT_FORMS(name)
#endif
#define BY_REX_W(fn)                                                                                                   \
    {                                                                                                                  \
        fn##_32, fn##_32, fn##_32, fn##_64                                                                             \
    }

#define CVT_TO_GPR_WIDTH(name, width, bytes)                                                                           \
    HANDLER(x_##name##_##width)                                                                                        \
    {                                                                                                                  \
        union vec s, d;                                                                                                \
        TRY(sse_operand(c, u, &s, bytes));                                                                             \
        TRY(SSE_DO(c, name##_##width, &d, &s, 0));                                                                     \
        put64(c, u->dst, d.q[0]);                                                                                      \
        NEXT;                                                                                                          \
    }                                                                                                                  \
    CVT_HOT(name, width, union vec d; h_##name##_##width(&d, &c->xmm[u->src], 0), put64(c, u->dst, d.q[0]))
#define CVT_TO_GPR(name, bytes)                                                                                        \
    CVT_TO_GPR_WIDTH(name, 32, bytes)                                                                                  \
    CVT_TO_GPR_WIDTH(name, 64, bytes)                                                                                  \
    const struct exec_group exec_##name = { HOT_FORMS(name).any = BY_REX_W(x_##name) };
CVT_TO_GPR(cvtss2si, 4)
CVT_TO_GPR(cvttss2si, 4)
CVT_TO_GPR(cvtsd2si, 8)
CVT_TO_GPR(cvttsd2si, 8)

#define CVT_FROM_GPR_WIDTH(name, width, log2_bytes)                                                                    \
    HANDLER(x_##name##_##width)                                                                                        \
    {                                                                                                                  \
        union vec s = { .q = { 0 } };                                                                                  \
        TRY(load_src(c, u, log2_bytes, &s.q[0]));                                                                      \
        TRY(SSE_DO(c, name##_##width, &c->xmm[u->dst], &s, 0));                                                        \
        NEXT;                                                                                                          \
    }                                                                                                                  \
    CVT_HOT(name, width, union vec s; s.q[0] = get64(c, u->src), h_##name##_##width(&c->xmm[u->dst], &s, 0))           \
    HANDLER(x_v##name##_##width)                                                                                       \
    {                                                                                                                  \
        union vec s = { .q = { 0 } }, d = c->xmm[u_vvvv(u)];                                                           \
        TRY(load_src(c, u, log2_bytes, &s.q[0]));                                                                      \
        TRY(SSE_DO(c, name##_##width, &d, &s, 0));                                                                     \
        put_low_lane(&c->xmm[u->dst], &d);                                                                             \
        NEXT;                                                                                                          \
    }
#define CVT_FROM_GPR(name)                                                                                             \
    CVT_FROM_GPR_WIDTH(name, 32, 2)                                                                                    \
    CVT_FROM_GPR_WIDTH(name, 64, 3)                                                                                    \
    const struct exec_group exec_##name = { HOT_FORMS(name).any = BY_REX_W(x_##name) };                                \
    const struct exec_group exec_v##name = { .any = BY_REX_W(x_v##name) };
CVT_FROM_GPR(cvtsi2ss)
CVT_FROM_GPR(cvtsi2sd)

/* ---- with MMX registers ---- */

/* Only the register forms take the x87 unit to MMX: for CVTPI2PD the SDM says so, for CVTPI2PS silicon does. */
EXEC(cvtpi2ps)
{
    union vec s = { .q = { 0 } }, d = { .q = { 0 } };
    if (u_mem(u))
        TRY(load(c, u, &s, 8));
    else
        TRY(mmx_operand(c, u, &s, 8));
    TRY(SSE_DO(c, cvtdq2ps, &d, &s, 0));
    if (!u_mem(u))
        mmx_enter(c);
    c->xmm[u->dst].q[0] = d.q[0];
    NEXT;
}
EXEC(cvtpi2pd)
{
    union vec s = { .q = { 0 } };
    if (u_mem(u))
        TRY(load(c, u, &s, 8));
    else
        TRY(mmx_operand(c, u, &s, 8));
    TRY(SSE_DO(c, cvtdq2pd, &c->xmm[u->dst], &s, 0));
    if (!u_mem(u))
        mmx_enter(c);
    NEXT;
}
/* The two elements that are not there are zeros, which convert without an exception. */
#define CVT_TO_MMX(name, op, bytes)                                                                                    \
    EXEC(name)                                                                                                         \
    {                                                                                                                  \
        union vec s, d = { .q = { 0 } };                                                                               \
        TRY(mmx_begin(c) && sse_operand(c, u, &s, bytes));                                                             \
        if (bytes == 8)                                                                                                \
            s.q[1] = 0;                                                                                                \
        TRY(SSE_DO(c, op, &d, &s, 0));                                                                                 \
        mmx_enter(c);                                                                                                  \
        mmx_put(c, u->dst, d.q[0]);                                                                                    \
        NEXT;                                                                                                          \
    }
CVT_TO_MMX(cvtps2pi, cvtps2dq, 8)
CVT_TO_MMX(cvttps2pi, cvttps2dq, 8)
CVT_TO_MMX(cvtpd2pi, cvtpd2dq, 16)
CVT_TO_MMX(cvttpd2pi, cvttpd2dq, 16)
