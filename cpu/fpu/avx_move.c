/* avx_move.c: moves behind VEX: whole registers, scalars, halves, sign masks, masked loads and stores; VZEROALL and
 * VZEROUPPER (SDM vol. 1, 14.1, 14.5; vol. 2, by their SSE names with V, VMASKMOV, VPMASKMOV). Non-temporal moves are
 * moves: nothing is cached. */
#include "vec_op.h"

/* ---- 16 and 32 bytes ---- */

#define MOVE_REGISTER(lanes, bits)                                                                                     \
    HANDLER(r_move_##bits)                                                                                             \
    {                                                                                                                  \
        memcpy(&c->xmm[u->dst], &c->xmm[u->src], LANE_BYTES *(lanes));                                                 \
        clear_above(&c->xmm[u->dst], lanes);                                                                           \
        NEXT_FAST;                                                                                                     \
    }
MOVE_REGISTER(1, 128)
MOVE_REGISTER(2, 256)

/* The aligned forms want the alignment of their length: #GP before everything else. */
static bool aligned_linear(struct cpu *c, const struct uop *u, unsigned bytes, bool write, u64 *lin)
{
    u64 offset = ea_offset(c, u), base = !in_64(c) || u_seg(u) >= FS ? c->seg[u_seg(u)].base : 0;
    if ((base + offset) & (bytes - 1))
        return cpu_fault(c, EXC_GP, 0);
    return seg_linear(c, u_seg(u), offset, bytes, write, lin);
}
static bool load_vector(struct cpu *c, const struct uop *u, unsigned bytes, bool aligned)
{
    union vec w;
    u64 lin;
    if (!(aligned ? aligned_linear(c, u, bytes, false, &lin) && lin_read(c, lin, &w, bytes) : load(c, u, &w, bytes)))
        return false;
    memcpy(&c->xmm[u->dst], &w, bytes);
    clear_above(&c->xmm[u->dst], bytes / LANE_BYTES);
    return true;
}
static bool store_vector(struct cpu *c, const struct uop *u, unsigned bytes, bool aligned)
{
    u64 lin;
    if (!aligned)
        return store(c, u, &c->xmm[u->src], bytes);
    return aligned_linear(c, u, bytes, true, &lin) && lin_write(c, lin, &c->xmm[u->src], bytes);
}

#define MOVE_LOAD(name, lanes, bits, aligned)                                                                          \
    HANDLER(x_##name##_##bits)                                                                                         \
    {                                                                                                                  \
        TRY(load_vector(c, u, LANE_BYTES *(lanes), aligned));                                                          \
        NEXT;                                                                                                          \
    }                                                                                                                  \
    static ALWAYS_INLINE const struct uop *f_##name##_##bits(struct cpu *c, const struct uop *u, enum ea_kind kind)    \
    {                                                                                                                  \
        u64 lin = ea_fast(c, u, kind);                                                                                 \
        const void *p = tlb_host_r(c, lin, LANE_BYTES * (lanes));                                                      \
        if (UNLIKELY(!p || ((aligned) && (lin & (LANE_BYTES * (lanes)-1)))))                                           \
            return x_##name##_##bits(c, u);                                                                            \
        memcpy(&c->xmm[u->dst], p, LANE_BYTES *(lanes));                                                               \
        clear_above(&c->xmm[u->dst], lanes);                                                                           \
        NEXT_FAST;                                                                                                     \
    }                                                                                                                  \
    FLAT_KINDS(f_##name##_##bits)
#define MOVE_STORE(name, lanes, bits, aligned)                                                                         \
    HANDLER(x_##name##_##bits)                                                                                         \
    {                                                                                                                  \
        TRY(store_vector(c, u, LANE_BYTES *(lanes), aligned));                                                         \
        NEXT;                                                                                                          \
    }                                                                                                                  \
    static ALWAYS_INLINE const struct uop *f_##name##_##bits(struct cpu *c, const struct uop *u, enum ea_kind kind)    \
    {                                                                                                                  \
        u64 lin = ea_fast(c, u, kind);                                                                                 \
        void *p = tlb_host_w(c, lin, LANE_BYTES * (lanes));                                                            \
        if (UNLIKELY(!p || ((aligned) && (lin & (LANE_BYTES * (lanes)-1)))))                                           \
            return x_##name##_##bits(c, u);                                                                            \
        memcpy(p, &c->xmm[u->src], LANE_BYTES *(lanes));                                                               \
        NEXT_FAST;                                                                                                     \
    }                                                                                                                  \
    FLAT_KINDS(f_##name##_##bits)
#define MOVE_FORMS(name)                                                                                               \
    {                                                                                                                  \
        [EA_BD64] = { f_##name##_128_bd64, f_##name##_256_bd64 },                                                      \
        [EA_BIS64] = { f_##name##_128_bis64, f_##name##_256_bis64 },                                                   \
        [EA_BD32] = { f_##name##_128_bd32, f_##name##_256_bd32 },                                                      \
        [EA_BIS32] = { f_##name##_128_bis32, f_##name##_256_bis32 },                                                   \
    }
#define MOVE_GROUP(kind, name, field, aligned)                                                                         \
    kind(name, 1, 128, aligned) kind(name, 2, 256, aligned) const struct exec_group exec_##name = {                    \
        .any = { x_##name##_128, x_##name##_256 }, .rr = { r_move_128, r_move_256 }, .field = MOVE_FORMS(name)         \
    };
MOVE_GROUP(MOVE_LOAD, vmova_load, rm, true)
MOVE_GROUP(MOVE_LOAD, vmovu_load, rm, false)
MOVE_GROUP(MOVE_STORE, vmova_store, mr, true)
MOVE_GROUP(MOVE_STORE, vmovu_store, mr, false)

/* ---- scalars and halves ---- */

/* What comes from memory or a general register stands alone. */
#define SCALAR_ALONE(name, bytes, register_value)                                                                      \
    EXEC(name)                                                                                                         \
    {                                                                                                                  \
        union vec r = { .q = { 0 } };                                                                                  \
        if (u_mem(u))                                                                                                  \
            TRY(load(c, u, &r, bytes));                                                                                \
        else                                                                                                           \
            r.q[0] = (register_value);                                                                                 \
        put_low_lane(&c->xmm[u->dst], &r);                                                                             \
        NEXT;                                                                                                          \
    }
SCALAR_ALONE(vmovd_load, 4, get32(c, u->src))
SCALAR_ALONE(vmovq_from_gpr, 8, get64(c, u->src))
SCALAR_ALONE(vmovq_load, 8, c->xmm[u->src].q[0])
SCALAR_ALONE(vmovss_load, 4, 0)
SCALAR_ALONE(vmovsd_load, 8, 0)

EXEC(vmovq_store)
{
    union vec r = { .q = { c->xmm[u->src].q[0] } };
    if (u_mem(u))
        TRY(store(c, u, &r, 8));
    else
        put_low_lane(&c->xmm[u->dst], &r);
    NEXT;
}

/* A part of H replaced. `from`: of the third operand. */
#define MERGE(name, result_low, result_high)                                                                           \
    EXEC(name)                                                                                                         \
    {                                                                                                                  \
        const union vec *h = &c->xmm[u_vvvv(u)], *s = &c->xmm[u->src];                                                 \
        union vec r;                                                                                                   \
        (void)s;                                                                                                       \
        set_quads(&r, result_low, result_high);                                                                        \
        put_low_lane(&c->xmm[u->dst], &r);                                                                             \
        NEXT;                                                                                                          \
    }
MERGE(vmovss, s->d[0] | (u64)h->d[1] << 32, h->q[1])
MERGE(vmovsd, s->q[0], h->q[1])
MERGE(vmovhlps, s->q[1], h->q[1])
MERGE(vmovlhps, h->q[0], s->q[0])

#define MERGE_HALF(name, low, high)                                                                                    \
    EXEC(name)                                                                                                         \
    {                                                                                                                  \
        u64 v;                                                                                                         \
        union vec r;                                                                                                   \
        TRY(load(c, u, &v, 8));                                                                                        \
        const union vec *h = &c->xmm[u_vvvv(u)];                                                                       \
        set_quads(&r, low, high);                                                                                      \
        put_low_lane(&c->xmm[u->dst], &r);                                                                             \
        NEXT;                                                                                                          \
    }
MERGE_HALF(vmovlp_load, v, h->q[1])
MERGE_HALF(vmovhp_load, h->q[0], v)

/* VMOVDDUP: of 128 bits it reads a quadword only. */
HANDLER(x_vmovddup_128)
{
    union vec w;
    TRY(avx_operand(c, u, &w, 8));
    w.q[1] = w.q[0];
    put_low_lane(&c->xmm[u->dst], &w);
    NEXT;
}
HANDLER(x_vmovddup_256)
{
    union vec w;
    TRY(avx_operand(c, u, &w, YMM_BYTES));
    w.q[1] = w.q[0];
    w.q[3] = w.q[2];
    c->xmm[u->dst] = w;
    NEXT;
}
const struct exec_group exec_vmovddup = { .any = { x_vmovddup_128, x_vmovddup_256 } };

/* ---- sign masks ---- */

#define SIGN_MASK(name, member, bits, per_lane)                                                                        \
    static u64 signs_##name(const union vec *s, unsigned lanes)                                                        \
    {                                                                                                                  \
        u64 r = 0;                                                                                                     \
        for (unsigned i = 0; i < (per_lane)*lanes; i++)                                                                \
            r |= (u64)(s->member[i] >> ((bits)-1)) << i;                                                               \
        return r;                                                                                                      \
    }                                                                                                                  \
    HANDLER(x_##name##_128)                                                                                            \
    {                                                                                                                  \
        put64(c, u->dst, signs_##name(&c->xmm[u->src], 1));                                                            \
        NEXT_FAST;                                                                                                     \
    }                                                                                                                  \
    HANDLER(x_##name##_256)                                                                                            \
    {                                                                                                                  \
        put64(c, u->dst, signs_##name(&c->xmm[u->src], 2));                                                            \
        NEXT_FAST;                                                                                                     \
    }                                                                                                                  \
    const struct exec_group exec_##name = { .any = { x_##name##_128, x_##name##_256 } };
SIGN_MASK(vmovmskps, d, 32, 4)
SIGN_MASK(vmovmskpd, q, 64, 2)
SIGN_MASK(vpmovmskb, b, 8, 16)

/* ---- masked moves: an element whose mask has its top bit clear is not accessed, and faults not (SDM vol. 2, VMASKMOV)
 * ---- */

static unsigned mask_of(const union vec *m, unsigned element, unsigned bytes)
{
    unsigned mask = 0;
    for (unsigned i = 0; i < bytes / element; i++)
        mask |= (unsigned)(m->b[element * i + element - 1] >> 7) << i;
    return mask;
}

/* The linear addresses of the elements, each checked by itself, and all of them found accessible. */
static bool masked_probe(struct cpu *c, const struct uop *u, unsigned element, unsigned mask, bool write, u64 *linear)
{
    u64 offset = ea_offset(c, u), wrap = u_asize(u) == 1 ? 0xffffffff : UINT64_MAX; /* of 16 bits it does not wrap */
    for (unsigned i = 0; mask >> i; i++)
        if ((mask >> i & 1) &&
            !(seg_linear(c, u_seg(u), (offset + (u64)element * i) & wrap, element, write, &linear[i]) &&
              lin_probe(c, linear[i], element, write)))
            return false;
    return true;
}

static const struct uop *masked_load(struct cpu *c, const struct uop *u, unsigned element)
{
    const unsigned lanes = 1 + u_size(u), mask = mask_of(&c->xmm[u_vvvv(u)], element, LANE_BYTES * lanes);
    u64 linear[8];
    union vec r = { .q = { 0 } };
    TRY(masked_probe(c, u, element, mask, false, linear));
    for (unsigned i = 0; mask >> i; i++)
        if (mask >> i & 1)
            TRY(lin_read(c, linear[i], r.b + element * i, element));
    c->xmm[u->dst] = r;
    NEXT;
}
static const struct uop *masked_store(struct cpu *c, const struct uop *u, unsigned element)
{
    const unsigned lanes = 1 + u_size(u), mask = mask_of(&c->xmm[u_vvvv(u)], element, LANE_BYTES * lanes);
    u64 linear[8];
    TRY(masked_probe(c, u, element, mask, true, linear));
    for (unsigned i = 0; mask >> i; i++)
        if (mask >> i & 1)
            TRY(lin_write(c, linear[i], c->xmm[u->src].b + element * i, element));
    NEXT;
}
EXEC(vmaskmovd_load)
{
    return masked_load(c, u, 4);
}
EXEC(vmaskmovq_load)
{
    return masked_load(c, u, 8);
}
EXEC(vmaskmovd_store)
{
    return masked_store(c, u, 4);
}
EXEC(vmaskmovq_store)
{
    return masked_store(c, u, 8);
}

/* ---- VZEROALL, VZEROUPPER: outside 64-bit mode the upper eight registers stay ---- */

EXEC(vzeroall)
{
    for (unsigned i = 0; i < fx_xmm_count(c); i++)
        memset(&c->xmm[i], 0, YMM_BYTES);
    NEXT;
}
EXEC(vzeroupper)
{
    for (unsigned i = 0; i < fx_xmm_count(c); i++)
        clear_above(&c->xmm[i], 1);
    NEXT;
}
