/* fma.c: fused multiplication and addition (SDM vol. 1, 14.5; vol. 2, VFMADD132PS ...). The digits name the operands:
 * 132: first times third plus second; 213: second times first plus third; 231: second times third plus first. A host
 * with FMA does them by the same instruction, others in integers. */
#include "sse_op.h"

struct fma_kind {
    u8 order[3];       /* multiplicand, multiplier, addend: 0 for the first operand ... */
    u8 negate_product; /* a bit for elements of even, and of odd number */
    u8 negate_addend;
};
#define EVEN 1u
#define ODD 2u
#define BOTH (EVEN | ODD)

/* The elements of one format in each lane; of a scalar operation only the lowest. */
static bool fma_soft(struct cpu *c, const struct uop *u, const struct fma_kind *k, const struct soft_format *f,
                     unsigned count, const union vec *w, union vec *r)
{
    struct soft e = { c->mxcsr, 0, 0 };
    const union vec *from[3] = { &c->xmm[u->dst], &c->xmm[u_vvvv(u)], w };
    const union vec *x = from[k->order[0]], *y = from[k->order[1]], *z = from[k->order[2]];
    for (unsigned i = 0; i < count; i++) {
        bool np = k->negate_product >> (i & 1) & 1, na = k->negate_addend >> (i & 1) & 1;
        if (f == &soft_single)
            r->d[i] = (u32)soft_fma(&e, f, x->d[i], y->d[i], z->d[i], np, na);
        else
            r->q[i] = soft_fma(&e, f, x->q[i], y->q[i], z->q[i], np, na);
    }
    return sse_settle(c, &e);
}

#if SSE_HOST
static bool host_can(struct cpu *c)
{
    return __builtin_cpu_supports("fma") && (LIKELY(c->sse.live) || sse_enter(c));
}
#define HOST_FMA(name)                                                                                                 \
    static void h_##name(struct cpu *c, const struct uop *u, const union vec *w, unsigned lanes, union vec *r)         \
    {                                                                                                                  \
        for (unsigned lane = 0; lane < lanes; lane++) {                                                                \
            union vec d, h, s;                                                                                         \
            lane_get(&d, &c->xmm[u->dst], lane);                                                                       \
            lane_get(&h, &c->xmm[u_vvvv(u)], lane);                                                                    \
            lane_get(&s, w, lane);                                                                                     \
            vec_host x = host_get(&d);                                                                                 \
            __asm__ volatile(#name " %2, %1, %0" : "+x"(x) : "x"(host_get(&h)), "x"(host_get(&s)));                    \
            host_put(&d, x);                                                                                           \
            lane_put(r, lane, &d);                                                                                     \
        }                                                                                                              \
    }
#define BY_HOST(name, c, u, w, lanes, r) (host_can(c) ? (h_##name(c, u, w, lanes, r), true) : false)
#else
#define HOST_FMA(name)
#define BY_HOST(name, c, u, w, lanes, r) false
#endif

/* `bytes` of one element; `scalar`: only the lowest, the rest of the lane stays. */
#define FMA(name, format, bytes, scalar, o0, o1, o2, np, na)                                                           \
    HOST_FMA(name)                                                                                                     \
    EXEC(name)                                                                                                         \
    {                                                                                                                  \
        static const struct fma_kind kind = { { o0, o1, o2 }, np, na };                                                \
        const unsigned lanes = (scalar) ? 1 : 1 + u_size(u), length = (scalar) ? (bytes) : LANE_BYTES * lanes;         \
        union vec w, r = c->xmm[u->dst];                                                                               \
        TRY(avx_operand(c, u, &w, length));                                                                            \
        TRY(BY_HOST(name, c, u, &w, lanes, &r) || fma_soft(c, u, &kind, &format, length / (bytes), &w, &r));           \
        clear_above(&r, lanes);                                                                                        \
        c->xmm[u->dst] = r;                                                                                            \
        NEXT;                                                                                                          \
    }
#define FMA_ORDERS(name, suffix, format, bytes, scalar, np, na)                                                        \
    FMA(name##132##suffix, format, bytes, scalar, 0, 2, 1, np, na)                                                     \
    FMA(name##213##suffix, format, bytes, scalar, 1, 0, 2, np, na)                                                     \
    FMA(name##231##suffix, format, bytes, scalar, 1, 2, 0, np, na)
#define FMA_PACKED(name, np, na)                                                                                       \
    FMA_ORDERS(name, ps, soft_single, 4, false, np, na)                                                                \
    FMA_ORDERS(name, pd, soft_double, 8, false, np, na)
#define FMA_ALL(name, np, na)                                                                                          \
    FMA_PACKED(name, np, na)                                                                                           \
    FMA_ORDERS(name, ss, soft_single, 4, true, np, na)                                                                 \
    FMA_ORDERS(name, sd, soft_double, 8, true, np, na)

FMA_ALL(vfmadd, 0, 0)
FMA_ALL(vfmsub, 0, BOTH)
FMA_ALL(vfnmadd, BOTH, 0)
FMA_ALL(vfnmsub, BOTH, BOTH)
FMA_PACKED(vfmaddsub, 0, EVEN)
FMA_PACKED(vfmsubadd, 0, ODD)
