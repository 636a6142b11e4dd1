/* avx_perm.c: what AVX and AVX2 brought beyond wider SSE: broadcasts, permutations, lanes put in and taken out, shifts
 * by a vector of counts, tests, gathers (SDM vol. 1, 14.6, 14.9; vol. 2, by their names). */
#include "vec_op.h"

/* ---- broadcasts: of an element in memory, or a register's lowest ---- */

#define BROADCAST(name, member, bytes)                                                                                 \
    EXEC(name)                                                                                                         \
    {                                                                                                                  \
        union vec w, r;                                                                                                \
        TRY(avx_operand(c, u, &w, bytes));                                                                             \
        for (unsigned i = 0; i < YMM_BYTES / (bytes); i++)                                                             \
            r.member[i] = w.member[0];                                                                                 \
        memcpy(&c->xmm[u->dst], &r, YMM_BYTES);                                                                        \
        clear_above(&c->xmm[u->dst], 1 + u_size(u));                                                                   \
        NEXT;                                                                                                          \
    }
BROADCAST(vpbroadcastb, b, 1)
BROADCAST(vpbroadcastw, w, 2)
BROADCAST(vpbroadcastd, d, 4)
BROADCAST(vpbroadcastq, q, 8)

EXEC(vbroadcast128)
{
    union vec w;
    TRY(load(c, u, &w, LANE_BYTES));
    lane_put(&c->xmm[u->dst], 0, &w);
    lane_put(&c->xmm[u->dst], 1, &w);
    NEXT;
}

/* ---- lanes ---- */

EXEC(vinsert128)
{
    union vec w, r = c->xmm[u_vvvv(u)];
    TRY(avx_operand(c, u, &w, LANE_BYTES));
    lane_put(&r, u->imm & 1, &w);
    c->xmm[u->dst] = r;
    NEXT;
}
EXEC(vextract128)
{
    union vec r;
    lane_get(&r, &c->xmm[u->src], u->imm & 1);
    if (u_mem(u))
        TRY(store(c, u, &r, LANE_BYTES));
    else
        put_low_lane(&c->xmm[u->dst], &r);
    NEXT;
}
/* Each half of the result: one of four lanes, or zero. */
EXEC(vperm2x128)
{
    union vec w, r = { .q = { 0 } };
    TRY(avx_operand(c, u, &w, YMM_BYTES));
    for (unsigned lane = 0; lane < 2; lane++) {
        const unsigned choice = (unsigned)(u->imm >> (4 * lane)) & 15;
        const union vec *from = choice & 2 ? &w : &c->xmm[u_vvvv(u)];
        if (!(choice & 8))
            memcpy(r.b + LANE_BYTES * lane, from->b + LANE_BYTES * (choice & 1), LANE_BYTES);
    }
    c->xmm[u->dst] = r;
    NEXT;
}

/* ---- permutations ---- */

/* Within a lane: by an immediate, by the low bits of a control element, which for quadwords begin at bit 1. */
static ALWAYS_INLINE void permute_doubles(union vec *d, const union vec *s, unsigned imm)
{
    const union vec v = *s;
    for (unsigned i = 0; i < 4; i++)
        d->d[i] = v.d[imm >> (2 * i) & 3];
}
static ALWAYS_INLINE void permute_quads(union vec *d, const union vec *s, unsigned imm)
{
    set_quads(d, s->q[imm & 1], s->q[imm >> 1 & 1]);
}
static ALWAYS_INLINE void permute_doubles_by(union vec *d, const union vec *control)
{
    const union vec v = *d;
    for (unsigned i = 0; i < 4; i++)
        d->d[i] = v.d[control->d[i] & 3];
}
static ALWAYS_INLINE void permute_quads_by(union vec *d, const union vec *control)
{
    set_quads(d, d->q[control->q[0] >> 1 & 1], d->q[control->q[1] >> 1 & 1]);
}
AVX_VEC_CALL(permilps_i, permute_doubles(&d, &s, (u8)u->imm))
AVX_VEC_CALL(permilpd_i, permute_quads(&d, &s, (unsigned)(u8)u->imm >> (2 * lane)))
AVX_VEC_CALL(permilps, permute_doubles_by(&d, &s))
AVX_VEC_CALL(permilpd, permute_quads_by(&d, &s))

/* Across lanes. */
EXEC(vpermd) /* VPERMPS: the indices are in H */
{
    union vec w, r;
    TRY(avx_operand(c, u, &w, YMM_BYTES));
    for (unsigned i = 0; i < 8; i++)
        r.d[i] = w.d[c->xmm[u_vvvv(u)].d[i] & 7];
    c->xmm[u->dst] = r;
    NEXT;
}
EXEC(vpermq) /* VPERMPD */
{
    union vec w, r;
    TRY(avx_operand(c, u, &w, YMM_BYTES));
    for (unsigned i = 0; i < 4; i++)
        r.q[i] = w.q[u->imm >> (2 * i) & 3];
    c->xmm[u->dst] = r;
    NEXT;
}

/* ---- shifts, each element by a count of its own ---- */

#define SHIFT_EACH(name, type, member, count_member, bits, shifted, past)                                              \
    static ALWAYS_INLINE void v_##name(union vec *d, const union vec *s, unsigned bytes)                               \
    {                                                                                                                  \
        for (unsigned i = 0; i < bytes / sizeof(type); i++) {                                                          \
            const type a = d->member[i];                                                                               \
            const u64 n = s->count_member[i];                                                                          \
            d->member[i] = (type)(n < (bits) ? (shifted) : (past));                                                    \
        }                                                                                                              \
    }                                                                                                                  \
    AVX_VEC(name)
SHIFT_EACH(psllvd, u32, d, d, 32, a << n, 0)
SHIFT_EACH(psllvq, u64, q, q, 64, a << n, 0)
SHIFT_EACH(psrlvd, u32, d, d, 32, a >> n, 0)
SHIFT_EACH(psrlvq, u64, q, q, 64, a >> n, 0)
SHIFT_EACH(psravd, s32, sd, d, 32, a >> n, a >> 31)

/* ---- tests: ZF, no bit of the AND; CF, no bit of the source beyond the destination's ---- */

static const struct uop *test(struct cpu *c, const struct uop *u, u64 bits)
{
    union vec w;
    u64 both = 0, beyond = 0;
    TRY(avx_operand(c, u, &w, LANE_BYTES * (1 + u_size(u))));
    for (unsigned i = 0; i < 2 * (1 + u_size(u)); i++) {
        both |= c->xmm[u->dst].q[i] & w.q[i] & bits;
        beyond |= ~c->xmm[u->dst].q[i] & w.q[i] & bits;
    }
    c->fl = (u16)((both ? 0 : HF_ZF) | (beyond ? 0 : HF_CF));
    NEXT;
}
EXEC(vptest)
{
    return test(c, u, UINT64_MAX);
}
EXEC(vtestps)
{
    return test(c, u, 0x8000000080000000u);
}
EXEC(vtestpd)
{
    return test(c, u, BIT64(63));
}

/* ---- gathers (SDM vol. 2, VGATHERDPS: operation) ---- */

struct gather {
    unsigned element, index; /* bytes */
    unsigned count;
};

static struct gather gather_of(const struct uop *u, unsigned element, unsigned index)
{
    unsigned wider = element > index ? element : index;
    return (struct gather){ element, index, LANE_BYTES * (1 + u_size(u)) / wider };
}

static u64 gather_offset(struct cpu *c, const struct uop *u, const struct gather *g, unsigned i)
{
    const union vec *x = &c->xmm[u_fourth(u)];
    const u64 index = g->index == 4 ? (u64)(s64)x->sd[i] : x->q[i];
    const u64 offset = ea_offset(c, u) + (index << (u->scale & 3));
    return u_asize(u) == 1 ? (u32)offset : offset;
}

/* Elements from the lowest on, those whose mask has its top bit set; each that is there clears its mask at once, so
 * that a fault leaves the instruction to be resumed: what came before it stays. An element that must be accessed at an
 * exact instruction is no fault: the instruction starts again with what is left. */
static const struct uop *gather(struct cpu *c, const struct uop *u, unsigned element, unsigned index)
{
    const struct gather g = gather_of(u, element, index);
    union vec *dst = &c->xmm[u->dst], *mask = &c->xmm[u_vvvv(u)];
    if (u->dst == u_vvvv(u) || u->dst == u_fourth(u) || u_vvvv(u) == u_fourth(u))
        RAISE(EXC_UD, 0);
    for (unsigned i = 0; i < LANE_BYTES * (1 + u_size(u)) / element; i++) {
        const bool wanted = mask->b[element * (i + 1) - 1] & 0x80;
        memset(mask->b + element * i, wanted ? 0xff : 0, element);
    }
    clear_above(mask, 1 + u_size(u));
    for (unsigned i = 0; i < g.count; i++) {
        u64 lin, v;
        if (!mask->b[element * i])
            continue;
        TRY(seg_linear(c, u_seg(u), gather_offset(c, u, &g, i), element, false, &lin) &&
            lin_read(c, lin, &v, element)); /* alignment is not checked, as on silicon */
        memcpy(dst->b + element * i, &v, element);
        memset(mask->b + element * i, 0, element);
        clear_above(dst, 1 + u_size(u));
    }
    memset(dst->b + element * g.count, 0, YMM_BYTES - element * g.count);
    memset(mask, 0, YMM_BYTES);
    NEXT;
}
EXEC(vgatherdd)
{
    return gather(c, u, 4, 4);
}
EXEC(vgatherdq)
{
    return gather(c, u, 8, 4);
}
EXEC(vgatherqd)
{
    return gather(c, u, 4, 8);
}
EXEC(vgatherqq)
{
    return gather(c, u, 8, 8);
}
