/* sse4.c: SSE4.1 integers that widen, search or sum: PMOVSX/ZX, PHMINPOSUW, MPSADBW (SDM vol. 1, 12.10). */
#include "vec_op.h"

#define AVX_WIDEN(name, lanes, bits, to_type, to, from, count, mem_bytes)                                              \
    HANDLER(x_v##name##_##bits)                                                                                        \
    {                                                                                                                  \
        union vec s, r;                                                                                                \
        TRY(avx_operand(c, u, &s, mem_bytes));                                                                         \
        for (unsigned i = 0; i < (count); i++)                                                                         \
            r.to[i] = (to_type)s.from[i];                                                                              \
        memcpy(&c->xmm[u->dst], &r, LANE_BYTES *(lanes));                                                              \
        clear_above(&c->xmm[u->dst], lanes);                                                                           \
        NEXT;                                                                                                          \
    }
/* PMOVSX/PMOVZX: the low elements, widened; memory of just their size, any alignment. */
#define WIDEN(name, to_type, to, from, count, mem_bytes)                                                               \
    EXEC(name)                                                                                                         \
    {                                                                                                                  \
        union vec s, r;                                                                                                \
        if (u_mem(u))                                                                                                  \
            TRY(load(c, u, &s, mem_bytes));                                                                            \
        else                                                                                                           \
            s.q[0] = c->xmm[u->src].q[0];                                                                              \
        for (unsigned i = 0; i < (count); i++)                                                                         \
            r.to[i] = (to_type)s.from[i];                                                                              \
        memcpy(&c->xmm[u->dst], &r, XMM_BYTES);                                                                        \
        NEXT;                                                                                                          \
    }                                                                                                                  \
    AVX_WIDEN(name, 1, 128, to_type, to, from, count, mem_bytes)                                                       \
    AVX_WIDEN(name, 2, 256, to_type, to, from, 2 * (count), 2 * (mem_bytes))                                           \
    const struct exec_group exec_v##name = { .any = { x_v##name##_128, x_v##name##_256 } };
WIDEN(pmovsxbw, s16, sw, sb, 8, 8)
WIDEN(pmovsxbd, s32, sd, sb, 4, 4)
WIDEN(pmovsxbq, s64, sq, sb, 2, 2)
WIDEN(pmovsxwd, s32, sd, sw, 4, 8)
WIDEN(pmovsxwq, s64, sq, sw, 2, 4)
WIDEN(pmovsxdq, s64, sq, sd, 2, 8)
WIDEN(pmovzxbw, u16, w, b, 8, 8)
WIDEN(pmovzxbd, u32, d, b, 4, 4)
WIDEN(pmovzxbq, u64, q, b, 2, 2)
WIDEN(pmovzxwd, u32, d, w, 4, 8)
WIDEN(pmovzxwq, u64, q, w, 2, 4)
WIDEN(pmovzxdq, u64, q, d, 2, 8)

/* The smallest of eight words, and where it stands first. */
VEC_BODY(phminposuw)
{
    HOST_DOES(phminposuw)
    unsigned at = 0;
    for (unsigned i = 1; i < 8; i++)
        if (s->w[i] < s->w[at])
            at = i;
    d->q[0] = s->w[at] | (u64)at << 16;
    d->q[1] = 0;
}
VEC_XMM(phminposuw)

/* Eight sums of four absolute differences: the source's four bytes against eleven of the destination's. */
VEC_BODY_IMM(mpsadbw)
{
    const unsigned s_at = 4 * (imm & 3), d_at = imm & 4;
    union vec r;
    (void)bytes;
    for (unsigned i = 0; i < 8; i++) {
        s32 sum = 0;
        for (unsigned k = 0; k < 4; k++) {
            s32 diff = d->b[d_at + i + k] - s->b[s_at + k];
            sum += diff < 0 ? -diff : diff;
        }
        r.w[i] = (u16)sum;
    }
    memcpy(d, &r, XMM_BYTES);
}
VEC_XMM_IMM_STEP(mpsadbw, 3)
