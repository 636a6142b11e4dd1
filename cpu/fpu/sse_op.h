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

/* The low `bytes` of a memory operand that hits in the TLB (16: aligned), without a check of segments; false: take the
 * checked form. */
static ALWAYS_INLINE bool sse_operand_fast(struct cpu *c, const struct uop *u, enum ea_kind kind, union vec *s,
                                           unsigned bytes)
{
    const void *p = bytes == XMM_BYTES ? vec_host_aligned(c, u, kind) : tlb_host_r(c, ea_fast(c, u, kind), bytes);
    if (UNLIKELY(!p))
        return false;
    if (bytes == XMM_BYTES) {
        memcpy(s, p, XMM_BYTES);
    } else {
        const vec_quads v = { get_bytes(p, bytes), 0 }; /* in a register at once: no two stores for one load */
        memcpy(s, &v, XMM_BYTES);
    }
    return true;
}

/* exec_<name>: V op= W with the immediate, or the destination replaced. The hot forms are for the live environment. */
#define SSE_FP_CHECKED(name, bytes)                                                                                    \
    HANDLER(x_##name)                                                                                                  \
    {                                                                                                                  \
        union vec s;                                                                                                   \
        TRY(sse_operand(c, u, &s, bytes));                                                                             \
        TRY(SSE_DO(c, name, &c->xmm[u->dst], &s, (u8)u->imm));                                                         \
        NEXT;                                                                                                          \
    }
#if SSE_HOST
#define SSE_FP(name, bytes)                                                                                            \
    SSE_FP_CHECKED(name, bytes)                                                                                        \
    HANDLER(r_##name)                                                                                                  \
    {                                                                                                                  \
        if (UNLIKELY(!c->sse.live))                                                                                    \
            return x_##name(c, u);                                                                                     \
        h_##name(&c->xmm[u->dst], &c->xmm[u->src], (u8)u->imm);                                                        \
        NEXT_FAST;                                                                                                     \
    }                                                                                                                  \
    static ALWAYS_INLINE const struct uop *f_##name(struct cpu *c, const struct uop *u, enum ea_kind kind)             \
    {                                                                                                                  \
        union vec s;                                                                                                   \
        if (UNLIKELY(!c->sse.live || !sse_operand_fast(c, u, kind, &s, bytes)))                                        \
            return x_##name(c, u);                                                                                     \
        h_##name(&c->xmm[u->dst], &s, (u8)u->imm);                                                                     \
        NEXT_FAST;                                                                                                     \
    }                                                                                                                  \
    XMM_GROUP(name)
#else
#define SSE_FP(name, bytes)                                                                                            \
    SSE_FP_CHECKED(name, bytes)                                                                                        \
    const struct exec_group exec_##name = { .any_width = x_##name };
#endif

#define SSE_FP4(op)                                                                                                    \
    SSE_FP(op##ps, 16)                                                                                                 \
    SSE_FP(op##pd, 16)                                                                                                 \
    SSE_FP(op##ss, 4)                                                                                                  \
    SSE_FP(op##sd, 8)

#endif
