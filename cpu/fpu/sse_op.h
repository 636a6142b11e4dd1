/* sse_op.h: floating-point handlers over the operations of sse_host.h. */
#ifndef PCEMU_SSE_OP_H
#define PCEMU_SSE_OP_H

#include "vec_op.h"
#include "sse_host.h"

/* Loads the W operand: all 16 bytes, aligned, when bytes is 16; the low `bytes` otherwise. */
static ALWAYS_INLINE bool sse_operand(struct cpu *c, const struct uop *u, union vec *s, unsigned bytes)
{
    if (!u_mem(u)) {
        memcpy(s, &c->xmm[u->src], XMM_BYTES);
        return true;
    }
    if (bytes == XMM_BYTES)
        return load_aligned16(c, u, s);
    s->q[0] = s->q[1] = 0;
    return load(c, u, s, bytes);
}

/* exec_<name>: V op= W with the immediate, or the destination replaced. */
#define SSE_FP(name, bytes, kind)                                                                                      \
    HANDLER(r_##name)                                                                                                  \
    {                                                                                                                  \
        if (UNLIKELY(!sse_do(c, h_##name, &c->xmm[u->dst], &c->xmm[u->src], (u8)u->imm, kind)))                        \
            return cpu_leave(c, u);                                                                                    \
        NEXT_FAST;                                                                                                     \
    }                                                                                                                  \
    HANDLER(x_##name)                                                                                                  \
    {                                                                                                                  \
        union vec s;                                                                                                   \
        TRY(sse_operand(c, u, &s, bytes));                                                                             \
        TRY(sse_do(c, h_##name, &c->xmm[u->dst], &s, (u8)u->imm, kind));                                               \
        NEXT;                                                                                                          \
    }                                                                                                                  \
    const struct exec_group exec_##name = { .any_width = x_##name, .rr = ALL_WIDTHS(r_##name) };

#define SSE_FP4(op)                                                                                                    \
    SSE_FP(op##ps, 16, SSE_PS)                                                                                         \
    SSE_FP(op##pd, 16, SSE_PD)                                                                                         \
    SSE_FP(op##ss, 4, SSE_SS)                                                                                          \
    SSE_FP(op##sd, 8, SSE_SD)
/* The same where the result is one of the operands or a mask: never an underflow. */
#define SSE_FP4_NO_UE(op)                                                                                              \
    SSE_FP(op##ps, 16, SSE_OTHER)                                                                                      \
    SSE_FP(op##pd, 16, SSE_OTHER)                                                                                      \
    SSE_FP(op##ss, 4, SSE_OTHER)                                                                                       \
    SSE_FP(op##sd, 8, SSE_OTHER)

#endif
