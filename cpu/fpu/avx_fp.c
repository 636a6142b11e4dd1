/* avx_fp.c: VCMPPS and kin, with 32 predicates (SDM vol. 2, CMPPS), and what else of floating point is not just its SSE
 * namesake in lanes. */
#include "sse_op.h"

enum { NGE = 9, NGT = 10, GE = 13, GT = 14, LT = 1, LE = 2, NLT = 5, NLE = 6 };

/* SSE's eight predicates are the host's, and so are these with the operands exchanged, which raise the same flags. */
static unsigned exchanged(unsigned predicate)
{
    return predicate == GT ? LT : predicate == GE ? LE : predicate == NGE ? NLE : predicate == NGT ? NLT : 0;
}

#if SSE_HOST
#define COMPARE_BY_HOST(name)                                                                                          \
    unsigned predicate = u->imm & 31, other = exchanged(predicate);                                                    \
    if ((predicate < 8 || other) && (LIKELY(c->sse.live) || sse_enter(c))) {                                           \
        for (unsigned lane = 0; lane < lanes; lane++) {                                                                \
            union vec d, s;                                                                                            \
            lane_get(&d, other ? w : &c->xmm[u_vvvv(u)], lane);                                                        \
            lane_get(&s, other ? &c->xmm[u_vvvv(u)] : w, lane);                                                        \
            h_##name(&d, &s, other ? other : predicate);                                                               \
            lane_put(r, lane, &d);                                                                                     \
        }                                                                                                              \
        clear_above(r, lanes);                                                                                         \
        return true;                                                                                                   \
    }
#else
#define COMPARE_BY_HOST(name)
#endif

#define COMPARE(name)                                                                                                  \
    static bool compare_##name(struct cpu *c, const struct uop *u, const union vec *w, unsigned lanes, union vec *r)   \
    {                                                                                                                  \
        COMPARE_BY_HOST(name)                                                                                          \
        return avx_checked(c, u, s_v##name, w, lanes, r);                                                              \
    }
#define COMPARE_PACKED(name)                                                                                           \
    COMPARE(name)                                                                                                      \
    EXEC(v##name)                                                                                                      \
    {                                                                                                                  \
        union vec w, r;                                                                                                \
        const unsigned lanes = 1 + u_size(u);                                                                          \
        TRY(avx_operand(c, u, &w, LANE_BYTES *lanes));                                                                 \
        TRY(compare_##name(c, u, &w, lanes, &r));                                                                      \
        c->xmm[u->dst] = r;                                                                                            \
        NEXT;                                                                                                          \
    }
/* Where the operands are exchanged the elements above the lowest are not H's. */
#define COMPARE_SCALAR(name, bytes)                                                                                    \
    COMPARE(name)                                                                                                      \
    EXEC(v##name)                                                                                                      \
    {                                                                                                                  \
        union vec w, r, d;                                                                                             \
        TRY(avx_operand(c, u, &w, bytes));                                                                             \
        TRY(compare_##name(c, u, &w, 1, &r));                                                                          \
        lane_get(&d, &c->xmm[u_vvvv(u)], 0);                                                                           \
        memcpy(&d, &r, bytes);                                                                                         \
        put_low_lane(&c->xmm[u->dst], &d);                                                                             \
        NEXT;                                                                                                          \
    }
COMPARE_PACKED(cmpps)
COMPARE_PACKED(cmppd)
COMPARE_SCALAR(cmpss, 4)
COMPARE_SCALAR(cmpsd, 8)

/* VDPPS: without a host that keeps exceptions off, its steps are judged over both lanes. */
static bool dot_products(struct cpu *c, const struct uop *u, const union vec *w, unsigned lanes, union vec *r)
{
#if SSE_HOST
    if (LIKELY(c->sse.live) || sse_enter(c)) {
        for (unsigned lane = 0; lane < lanes; lane++) {
            union vec d, s;
            lane_get(&d, &c->xmm[u_vvvv(u)], lane);
            lane_get(&s, w, lane);
            h_dpps(&d, &s, (u8)u->imm);
            lane_put(r, lane, &d);
        }
        return true;
    }
#endif
    struct soft e = { c->mxcsr, 0, 0 };
    soft_dpps(&e, r, &c->xmm[u_vvvv(u)], w, (u8)u->imm, lanes);
    return sse_settle(c, &e);
}
EXEC(vdpps)
{
    union vec w, r = { .q = { 0 } };
    const unsigned lanes = 1 + u_size(u);
    TRY(avx_operand(c, u, &w, LANE_BYTES * lanes) && dot_products(c, u, &w, lanes, &r));
    c->xmm[u->dst] = r;
    NEXT;
}
