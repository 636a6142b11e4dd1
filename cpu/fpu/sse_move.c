/* sse_move.c: moves between XMM registers, memory and general registers (SDM vol. 1, 10.4.1, 11.4.1). */
#include "vec_op.h"

/* ---- 16 bytes ---- */

HANDLER(r_mov16)
{
    memcpy(&c->xmm[u->dst], &c->xmm[u->src], XMM_BYTES);
    NEXT_FAST;
}
HANDLER(x_mov16a_load)
{
    if (!u_mem(u))
        return r_mov16(c, u);
    TRY(load_aligned16(c, u, &c->xmm[u->dst]));
    NEXT;
}
HANDLER(x_mov16u_load)
{
    if (!u_mem(u))
        return r_mov16(c, u);
    TRY(load(c, u, &c->xmm[u->dst], XMM_BYTES));
    NEXT;
}
HANDLER(x_mov16a_store)
{
    if (!u_mem(u))
        return r_mov16(c, u);
    TRY(store_aligned16(c, u, &c->xmm[u->src]));
    NEXT;
}
HANDLER(x_mov16u_store)
{
    if (!u_mem(u))
        return r_mov16(c, u);
    TRY(store(c, u, &c->xmm[u->src], XMM_BYTES));
    NEXT;
}

/* Memory forms by kind of address: two TLB compares at most, tail call onward. */
static ALWAYS_INLINE bool mov16_load(struct cpu *c, const struct uop *u, enum ea_kind kind, u64 align)
{
    u64 lin = ea_fast(c, u, kind);
    const void *p = tlb_host_r(c, lin, XMM_BYTES);
    if (UNLIKELY(!p || (lin & align)))
        return false;
    memcpy(&c->xmm[u->dst], p, XMM_BYTES);
    return true;
}
static ALWAYS_INLINE bool mov16_store(struct cpu *c, const struct uop *u, enum ea_kind kind, u64 align)
{
    u64 lin = ea_fast(c, u, kind);
    void *p = tlb_host_w(c, lin, XMM_BYTES);
    if (UNLIKELY(!p || (lin & align)))
        return false;
    memcpy(p, &c->xmm[u->src], XMM_BYTES);
    return true;
}
#define MOV16_FAST(suffix, kind)                                                                                       \
    HANDLER(f_mov16a_load_##suffix)                                                                                    \
    {                                                                                                                  \
        if (!mov16_load(c, u, kind, XMM_BYTES - 1))                                                                    \
            return x_mov16a_load(c, u);                                                                                \
        NEXT_FAST;                                                                                                     \
    }                                                                                                                  \
    HANDLER(f_mov16u_load_##suffix)                                                                                    \
    {                                                                                                                  \
        if (!mov16_load(c, u, kind, 0))                                                                                \
            return x_mov16u_load(c, u);                                                                                \
        NEXT_FAST;                                                                                                     \
    }                                                                                                                  \
    HANDLER(f_mov16a_store_##suffix)                                                                                   \
    {                                                                                                                  \
        if (!mov16_store(c, u, kind, XMM_BYTES - 1))                                                                   \
            return x_mov16a_store(c, u);                                                                               \
        NEXT_FAST;                                                                                                     \
    }                                                                                                                  \
    HANDLER(f_mov16u_store_##suffix)                                                                                   \
    {                                                                                                                  \
        if (!mov16_store(c, u, kind, 0))                                                                               \
            return x_mov16u_store(c, u);                                                                               \
        NEXT_FAST;                                                                                                     \
    }
MOV16_FAST(bd64, EA_BD64)
MOV16_FAST(bis64, EA_BIS64)
MOV16_FAST(bd32, EA_BD32)
MOV16_FAST(bis32, EA_BIS32)
#define FAST_FORMS(name)                                                                                               \
    {                                                                                                                  \
        [EA_BD64] = ALL_WIDTHS(f_##name##_bd64), [EA_BIS64] = ALL_WIDTHS(f_##name##_bis64),                            \
        [EA_BD32] = ALL_WIDTHS(f_##name##_bd32), [EA_BIS32] = ALL_WIDTHS(f_##name##_bis32),                            \
    }
#define LOAD_GROUP(name)                                                                                               \
    const struct exec_group exec_##name = { .any_width = x_##name,                                                     \
                                            .rr = ALL_WIDTHS(r_mov16),                                                 \
                                            .rm = FAST_FORMS(name) }
#define STORE_GROUP(name)                                                                                              \
    const struct exec_group exec_##name = { .any_width = x_##name,                                                     \
                                            .rr = ALL_WIDTHS(r_mov16),                                                 \
                                            .mr = FAST_FORMS(name) }
LOAD_GROUP(mov16a_load);
LOAD_GROUP(mov16u_load);
STORE_GROUP(mov16a_store);
STORE_GROUP(mov16u_store);

/* ---- scalars: from memory the rest is cleared, between registers it is kept ---- */

EXEC(movss_load)
{
    u32 v = c->xmm[u->src].d[0];
    if (u_mem(u)) {
        TRY(load(c, u, &v, 4));
        c->xmm[u->dst].q[0] = c->xmm[u->dst].q[1] = 0;
    }
    c->xmm[u->dst].d[0] = v;
    NEXT;
}
EXEC(movsd_load)
{
    u64 v = c->xmm[u->src].q[0];
    if (u_mem(u)) {
        TRY(load(c, u, &v, 8));
        c->xmm[u->dst].q[1] = 0;
    }
    c->xmm[u->dst].q[0] = v;
    NEXT;
}
EXEC(movss_store)
{
    u32 v = c->xmm[u->src].d[0];
    if (u_mem(u))
        TRY(store(c, u, &v, 4));
    else
        c->xmm[u->dst].d[0] = v;
    NEXT;
}
EXEC(movsd_store)
{
    u64 v = c->xmm[u->src].q[0];
    if (u_mem(u))
        TRY(store(c, u, &v, 8));
    else
        c->xmm[u->dst].q[0] = v;
    NEXT;
}

/* MOVQ clears the upper quadword in every register form. */
EXEC(movq_load)
{
    u64 v = c->xmm[u->src].q[0];
    if (u_mem(u))
        TRY(load(c, u, &v, 8));
    c->xmm[u->dst].q[0] = v;
    c->xmm[u->dst].q[1] = 0;
    NEXT;
}
EXEC(movq_store)
{
    u64 v = c->xmm[u->src].q[0];
    if (u_mem(u)) {
        TRY(store(c, u, &v, 8));
    } else {
        c->xmm[u->dst].q[0] = v;
        c->xmm[u->dst].q[1] = 0;
    }
    NEXT;
}
static ALWAYS_INLINE const struct uop *from_e(struct cpu *c, const struct uop *u, unsigned size)
{
    u64 v;
    TRY(load_src(c, u, size, &v));
    c->xmm[u->dst].q[0] = v;
    c->xmm[u->dst].q[1] = 0;
    NEXT;
}
EXEC(movd_load)
{
    return from_e(c, u, 2);
}
EXEC(movq_from_gpr)
{
    return from_e(c, u, 3);
}
EXEC(movd_store)
{
    TRY(store_dst(c, u, 2, c->xmm[u->src].d[0]));
    NEXT;
}
EXEC(movq_to_gpr)
{
    TRY(store_dst(c, u, 3, c->xmm[u->src].q[0]));
    NEXT;
}

/* ---- halves: MOVLPS/D, MOVHPS/D and their register cousins ---- */

EXEC(movlp_load)
{
    u64 v;
    TRY(load(c, u, &v, 8));
    c->xmm[u->dst].q[0] = v;
    NEXT;
}
EXEC(movhp_load)
{
    u64 v;
    TRY(load(c, u, &v, 8));
    c->xmm[u->dst].q[1] = v;
    NEXT;
}
EXEC(movlp_store)
{
    TRY(store(c, u, &c->xmm[u->src].q[0], 8));
    NEXT;
}
EXEC(movhp_store)
{
    TRY(store(c, u, &c->xmm[u->src].q[1], 8));
    NEXT;
}
EXEC(movhlps)
{
    c->xmm[u->dst].q[0] = c->xmm[u->src].q[1];
    NEXT;
}
EXEC(movlhps)
{
    c->xmm[u->dst].q[1] = c->xmm[u->src].q[0];
    NEXT;
}

/* ---- duplicating moves (SSE3) ---- */

VEC_BODY(movsldup)
{
    union vec r;
    for (unsigned i = 0; i < bytes / 4; i++)
        r.d[i] = s->d[i & ~1u];
    memcpy(d, &r, bytes);
}
VEC_BODY(movshdup)
{
    union vec r;
    for (unsigned i = 0; i < bytes / 4; i++)
        r.d[i] = s->d[i | 1u];
    memcpy(d, &r, bytes);
}
VEC_XMM(movsldup)
VEC_XMM(movshdup)
EXEC(movddup)
{
    u64 v = c->xmm[u->src].q[0];
    if (u_mem(u))
        TRY(load(c, u, &v, 8));
    c->xmm[u->dst].q[0] = c->xmm[u->dst].q[1] = v;
    NEXT;
}

/* ---- sign masks ---- */

EXEC(movmskps)
{
    const union vec *s = &c->xmm[u->src];
    put32(c, u->dst, (s->d[0] >> 31) | (s->d[1] >> 31) << 1 | (s->d[2] >> 31) << 2 | (s->d[3] >> 31) << 3);
    NEXT;
}
EXEC(movmskpd)
{
    const union vec *s = &c->xmm[u->src];
    put32(c, u->dst, (u32)(s->q[0] >> 63) | (u32)(s->q[1] >> 63) << 1);
    NEXT;
}
/* Bit 7 of each of eight bytes, gathered by a multiplication whose partial products never meet. */
static ALWAYS_INLINE u32 byte_signs(u64 v)
{
    return (u32)((((v & 0x8080808080808080u) >> 7) * 0x0102040810204080u) >> 56);
}
EXEC(pmovmskb)
{
    const union vec *s = &c->xmm[u->src];
    put32(c, u->dst, byte_signs(s->q[0]) | byte_signs(s->q[1]) << 8);
    NEXT;
}

/* ---- order and caches: all accesses happen in program order, nothing is cached ---- */

EXEC(fence)
{
    (void)c;
    NEXT;
}
EXEC(prefetch) /* never faults */
{
    (void)c;
    NEXT;
}
EXEC(clflush) /* faults as a load of a byte does (SDM vol. 2, CLFLUSH) */
{
    u64 linear;
    TRY(ea_linear(c, u, 1, false, &linear) && lin_probe(c, linear, 1, false));
    NEXT;
}
