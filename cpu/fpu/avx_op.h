/* avx_op.h: vector instructions behind VEX, out of the bodies and operations of their SSE namesakes: each 128-bit lane
 * is one of theirs, with a destination of its own; what is above the operand's length becomes zero (SDM vol. 1, 14.1.3,
 * 14.4). Memory operands may have any alignment. */
#ifndef PCEMU_AVX_OP_H
#define PCEMU_AVX_OP_H

#include "fpu.h"
#include "fast.h"

#define LANE_BYTES 16u
#define YMM_BYTES 32u

static ALWAYS_INLINE void lane_get(union vec *to, const union vec *from, unsigned lane)
{
    memcpy(to, from->b + LANE_BYTES * lane, LANE_BYTES);
}
static ALWAYS_INLINE void lane_put(union vec *to, unsigned lane, const union vec *from)
{
    memcpy(to->b + LANE_BYTES * lane, from, LANE_BYTES);
}
/* What is above the first `lanes` lanes. */
static ALWAYS_INLINE void clear_above(union vec *v, unsigned lanes)
{
    typedef u64 zeros __attribute__((vector_size(16)));
    const zeros z = { 0, 0 };
    if (lanes == 1)
        memcpy(v->b + LANE_BYTES, &z, LANE_BYTES);
}
/* A result of 16 bytes. */
static ALWAYS_INLINE void put_low_lane(union vec *to, const union vec *from)
{
    lane_put(to, 0, from);
    clear_above(to, 1);
}

/* The W operand, `bytes` of it where it is memory. */
static ALWAYS_INLINE bool avx_operand(struct cpu *c, const struct uop *u, union vec *w, unsigned bytes)
{
    if (u_mem(u)) {
        w->q[0] = w->q[1] = 0;
        return load(c, u, w, bytes);
    }
    memcpy(w, &c->xmm[u->src], YMM_BYTES);
    return true;
}

/* exec_v<name>: lanes_<name>(c, u, w, lanes) does the work, with w the register or what was loaded. They go back to
 * the run loop: a local that a body keeps in memory would make a pass to the next handler a call, which nests. */
#define AVX_FORMS(name, lanes, bits)                                                                                   \
    static const struct uop *r_v##name##_##bits(struct cpu *c, const struct uop *u)                                    \
    {                                                                                                                  \
        lanes_##name(c, u, &c->xmm[u->src], lanes);                                                                    \
        NEXT;                                                                                                          \
    }                                                                                                                  \
    static const struct uop *x_v##name##_##bits(struct cpu *c, const struct uop *u)                                    \
    {                                                                                                                  \
        union vec w;                                                                                                   \
        TRY(load(c, u, &w, LANE_BYTES *(lanes)));                                                                      \
        lanes_##name(c, u, &w, lanes);                                                                                 \
        NEXT;                                                                                                          \
    }
#define AVX_GROUP(name)                                                                                                \
    AVX_FORMS(name, 1, 128)                                                                                            \
    AVX_FORMS(name, 2, 256)                                                                                            \
    const struct exec_group exec_v##name = { .any = { x_v##name##_128, x_v##name##_256 },                              \
                                             .rr = { r_v##name##_128, r_v##name##_256 } };

#define AVX_LANES(name)                                                                                                \
    static ALWAYS_INLINE void lanes_##name(struct cpu *c, const struct uop *u, const union vec *w, unsigned lanes)
/* In `call`, a lane's d is H's and becomes the result, s is W's; `lane` is its number. */
#define AVX_LANES_CALL(name, call)                                                                                     \
    AVX_LANES(name)                                                                                                    \
    {                                                                                                                  \
        for (unsigned lane = 0; lane < lanes; lane++) {                                                                \
            union vec d, s;                                                                                            \
            lane_get(&d, &c->xmm[u_vvvv(u)], lane);                                                                    \
            lane_get(&s, w, lane);                                                                                     \
            call;                                                                                                      \
            lane_put(&c->xmm[u->dst], lane, &d);                                                                       \
        }                                                                                                              \
        clear_above(&c->xmm[u->dst], lanes);                                                                           \
    }
#define AVX_VEC_CALL(name, call)                                                                                       \
    AVX_LANES_CALL(name, call)                                                                                         \
    AVX_GROUP(name)
/* From the bodies v_<name> of vec_op.h; with an immediate of which each lane takes `step` bits more. */
#define AVX_VEC(name) AVX_VEC_CALL(name, v_##name(&d, &s, LANE_BYTES))
#define AVX_VEC_IMM(name, step) AVX_VEC_CALL(name, v_##name(&d, &s, LANE_BYTES, (unsigned)(u8)u->imm >> ((step)*lane)))

#endif
