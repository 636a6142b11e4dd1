/* sse_cvt.c: conversions (SDM vol. 1, 10.4.4, 11.4.1.6 and figure 11-8). */
#include "sse_op.h"

/* ---- between XMM registers ---- */

SSE_FP(cvtps2pd, 8, SSE_OTHER)
SSE_FP(cvtpd2ps, 16, SSE_PS)
SSE_FP(cvtss2sd, 4, SSE_OTHER)
SSE_FP(cvtsd2ss, 8, SSE_SS)
SSE_FP(cvtdq2ps, 16, SSE_OTHER)
SSE_FP(cvtdq2pd, 8, SSE_OTHER)
SSE_FP(cvtps2dq, 16, SSE_OTHER)
SSE_FP(cvttps2dq, 16, SSE_OTHER)
SSE_FP(cvtpd2dq, 16, SSE_OTHER)
SSE_FP(cvttpd2dq, 16, SSE_OTHER)

/* ---- with general registers: REX.W makes the integer 64 bits ---- */

#define CVT_TO_GPR(name, bytes)                                                                                        \
    EXEC(name)                                                                                                         \
    {                                                                                                                  \
        union vec s, d = { .q = { 0 } };                                                                               \
        TRY(sse_operand(c, u, &s, bytes));                                                                             \
        TRY(sse_do(c, u_size(u) == 3 ? h_##name##_64 : h_##name##_32, &d, &s, 0, SSE_OTHER));                          \
        put64(c, u->dst, d.q[0]);                                                                                      \
        NEXT;                                                                                                          \
    }
CVT_TO_GPR(cvtss2si, 4)
CVT_TO_GPR(cvttss2si, 4)
CVT_TO_GPR(cvtsd2si, 8)
CVT_TO_GPR(cvttsd2si, 8)

#define CVT_FROM_GPR(name)                                                                                             \
    EXEC(name)                                                                                                         \
    {                                                                                                                  \
        const bool wide = u_size(u) == 3;                                                                              \
        union vec s = { .q = { 0 } };                                                                                  \
        TRY(load_src(c, u, wide ? 3 : 2, &s.q[0]));                                                                    \
        TRY(sse_do(c, wide ? h_##name##_64 : h_##name##_32, &c->xmm[u->dst], &s, 0, SSE_OTHER));                       \
        NEXT;                                                                                                          \
    }
CVT_FROM_GPR(cvtsi2ss)
CVT_FROM_GPR(cvtsi2sd)

/* ---- with MMX registers ---- */

/* CVTPI2PS takes the x87 unit to MMX in both forms, CVTPI2PD only from a register (SDM vol. 2). */
EXEC(cvtpi2ps)
{
    union vec s = { .q = { 0 } }, d = { .q = { 0 } };
    TRY(mmx_operand(c, u, &s, 8));
    TRY(sse_do(c, h_cvtdq2ps, &d, &s, 0, SSE_OTHER));
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
    TRY(sse_do(c, h_cvtdq2pd, &c->xmm[u->dst], &s, 0, SSE_OTHER));
    if (!u_mem(u))
        mmx_enter(c);
    NEXT;
}
/* The two elements that are not there are zeros, which convert without an exception. */
#define CVT_TO_MMX(name, op, bytes)                                                                                    \
    EXEC(name)                                                                                                         \
    {                                                                                                                  \
        union vec s, d = { .q = { 0 } };                                                                               \
        TRY(fpu_check_pending(c) && sse_operand(c, u, &s, bytes));                                                     \
        if (bytes == 8)                                                                                                \
            s.q[1] = 0;                                                                                                \
        TRY(sse_do(c, op, &d, &s, 0, SSE_OTHER));                                                                      \
        mmx_enter(c);                                                                                                  \
        mmx_put(c, u->dst, d.q[0]);                                                                                    \
        NEXT;                                                                                                          \
    }
CVT_TO_MMX(cvtps2pi, h_cvtps2dq, 8)
CVT_TO_MMX(cvttps2pi, h_cvttps2dq, 8)
CVT_TO_MMX(cvtpd2pi, h_cvtpd2dq, 16)
CVT_TO_MMX(cvttpd2pi, h_cvttpd2dq, 16)
