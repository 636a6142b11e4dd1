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
    __attribute__((noinline)) HANDLER(x_##name) /* its locals would keep a hot form from passing on by a jump */       \
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

#define SSE_FP4_ALONE(op)                                                                                              \
    SSE_FP(op##ps, 16)                                                                                                 \
    SSE_FP(op##pd, 16)                                                                                                 \
    SSE_FP(op##ss, 4)                                                                                                  \
    SSE_FP(op##sd, 8)

/* ---- behind VEX: exec_v<name> ---- */

/* `lanes` lanes of an operation by the host, or, where an exception is unmasked, in integers, judged over all of them;
 * *r is the result, what is above included. */
bool avx_checked(struct cpu *c, const struct uop *u, soft_op *op, const union vec *w, unsigned lanes, union vec *r);

#if SSE_HOST
#define AVX_FP_DO(name)                                                                                                \
    static ALWAYS_INLINE bool do_##name(struct cpu *c, const struct uop *u, const union vec *w, unsigned lanes,        \
                                        union vec *r)                                                                  \
    {                                                                                                                  \
        if (UNLIKELY(!c->sse.live) && !sse_enter(c))                                                                   \
            return avx_checked(c, u, s_##name, w, lanes, r);                                                           \
        for (unsigned lane = 0; lane < lanes; lane++) {                                                                \
            union vec d, s;                                                                                            \
            lane_get(&d, &c->xmm[u_vvvv(u)], lane);                                                                    \
            lane_get(&s, w, lane);                                                                                     \
            h_##name(&d, &s, (u8)u->imm);                                                                              \
            lane_put(r, lane, &d);                                                                                     \
        }                                                                                                              \
        clear_above(r, lanes);                                                                                         \
        return true;                                                                                                   \
    }
/* A register form for the live environment. */
#define AVX_FP_HOT(name, lanes, suffix)                                                                                \
    AVX_LANES_CALL(name##_##suffix, h_##name(&d, &s, (u8)u->imm))                                                      \
    HANDLER(r_v##name##suffix)                                                                                         \
    {                                                                                                                  \
        if (UNLIKELY(!c->sse.live))                                                                                    \
            return x_v##name##suffix(c, u);                                                                            \
        lanes_##name##_##suffix(c, u, &c->xmm[u->src], lanes);                                                         \
        NEXT_FAST;                                                                                                     \
    }
#define AVX_HOT_PACKED(name) .rr = { r_v##name##_128, r_v##name##_256 },
#define AVX_HOT_SCALAR(name) .rr = ALL_WIDTHS(r_v##name##_1),
#else
#define AVX_FP_DO(name)                                                                                                \
    static bool do_##name(struct cpu *c, const struct uop *u, const union vec *w, unsigned lanes, union vec *r)        \
    {                                                                                                                  \
        return avx_checked(c, u, s_##name, w, lanes, r);                                                               \
    }
#define AVX_FP_HOT(name, lanes, suffix)
#define AVX_HOT_PACKED(name)
#define AVX_HOT_SCALAR(name)
#endif

#define AVX_FP_FORM(name, lanes, suffix, bytes)                                                                        \
    HANDLER(x_v##name##suffix)                                                                                         \
    {                                                                                                                  \
        union vec w, r;                                                                                                \
        TRY(avx_operand(c, u, &w, bytes));                                                                             \
        TRY(do_##name(c, u, &w, lanes, &r));                                                                           \
        memcpy(&c->xmm[u->dst], &r, YMM_BYTES);                                                                        \
        NEXT;                                                                                                          \
    }                                                                                                                  \
    AVX_FP_HOT(name, lanes, suffix)
#define AVX_PACKED(name)                                                                                               \
    AVX_FP_DO(name)                                                                                                    \
    AVX_FP_FORM(name, 1, _128, LANE_BYTES)                                                                             \
    AVX_FP_FORM(name, 2, _256, YMM_BYTES)                                                                              \
    const struct exec_group exec_v##name = { AVX_HOT_PACKED(name).any = { x_v##name##_128, x_v##name##_256 } };
/* Elements of the lowest lane; the others are H's. */
#define AVX_SCALAR(name, bytes)                                                                                        \
    AVX_FP_DO(name)                                                                                                    \
    AVX_FP_FORM(name, 1, _1, bytes)                                                                                    \
    const struct exec_group exec_v##name = { AVX_HOT_SCALAR(name).any_width = x_v##name##_1 };

#define SSE_AVX_PACKED(name)                                                                                           \
    SSE_FP(name, 16)                                                                                                   \
    AVX_PACKED(name)
#define SSE_AVX_SCALAR(name, bytes)                                                                                    \
    SSE_FP(name, bytes)                                                                                                \
    AVX_SCALAR(name, bytes)
#define SSE_FP4(op)                                                                                                    \
    SSE_AVX_PACKED(op##ps)                                                                                             \
    SSE_AVX_PACKED(op##pd)                                                                                             \
    SSE_AVX_SCALAR(op##ss, 4)                                                                                          \
    SSE_AVX_SCALAR(op##sd, 8)

#endif
