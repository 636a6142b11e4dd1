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

/* Hot memory forms: one compare each. */
#define MOV16_LOAD(name, align)                                                                                        \
    static ALWAYS_INLINE const struct uop *f_##name(struct cpu *c, const struct uop *u, enum ea_kind kind)             \
    {                                                                                                                  \
        u64 lin = ea_fast(c, u, kind);                                                                                 \
        const void *p = tlb_host_r(c, lin, XMM_BYTES);                                                                 \
        if (UNLIKELY(!p || (lin & (align))))                                                                           \
            return x_##name(c, u);                                                                                     \
        memcpy(&c->xmm[u->dst], p, XMM_BYTES);                                                                         \
        NEXT_FAST;                                                                                                     \
    }                                                                                                                  \
    FLAT_KINDS(f_##name)                                                                                               \
    const struct exec_group exec_##name = { .any_width = x_##name,                                                     \
                                            .rr = ALL_WIDTHS(r_mov16),                                                 \
                                            .rm = FLAT_FORMS(f_##name) };
#define MOV16_STORE(name, align)                                                                                       \
    static ALWAYS_INLINE const struct uop *f_##name(struct cpu *c, const struct uop *u, enum ea_kind kind)             \
    {                                                                                                                  \
        u64 lin = ea_fast(c, u, kind);                                                                                 \
        void *p = tlb_host_w(c, lin, XMM_BYTES);                                                                       \
        if (UNLIKELY(!p || (lin & (align))))                                                                           \
            return x_##name(c, u);                                                                                     \
        memcpy(p, &c->xmm[u->src], XMM_BYTES);                                                                         \
        NEXT_FAST;                                                                                                     \
    }                                                                                                                  \
    FLAT_KINDS(f_##name)                                                                                               \
    const struct exec_group exec_##name = { .any_width = x_##name,                                                     \
                                            .rr = ALL_WIDTHS(r_mov16),                                                 \
                                            .mr = FLAT_FORMS(f_##name) };
MOV16_LOAD(mov16a_load, XMM_BYTES - 1)
MOV16_LOAD(mov16u_load, 0)
MOV16_STORE(mov16a_store, XMM_BYTES - 1)
MOV16_STORE(mov16u_store, 0)

/* ---- scalars of 4 and 8 bytes ---- */

/* What to do with a register source, and with v from memory; a store: with a register destination, and what to store.
 */
#define SCALAR_LOAD(name, bytes, put_reg_form, put_mem_form)                                                           \
    HANDLER(r_##name)                                                                                                  \
    {                                                                                                                  \
        put_reg_form;                                                                                                  \
        NEXT_FAST;                                                                                                     \
    }                                                                                                                  \
    HANDLER(x_##name)                                                                                                  \
    {                                                                                                                  \
        u64 v = 0;                                                                                                     \
        if (!u_mem(u)) {                                                                                               \
            put_reg_form;                                                                                              \
            NEXT; /* not by r_<name>: beside `v` that is a call, which nests */                                        \
        }                                                                                                              \
        TRY(load(c, u, &v, bytes));                                                                                    \
        put_mem_form;                                                                                                  \
        NEXT;                                                                                                          \
    }                                                                                                                  \
    static ALWAYS_INLINE const struct uop *f_##name(struct cpu *c, const struct uop *u, enum ea_kind kind)             \
    {                                                                                                                  \
        const void *p = tlb_host_r(c, ea_fast(c, u, kind), bytes);                                                     \
        if (UNLIKELY(!p))                                                                                              \
            return x_##name(c, u);                                                                                     \
        const u64 v = get_bytes(p, bytes);                                                                             \
        put_mem_form;                                                                                                  \
        NEXT_FAST;                                                                                                     \
    }                                                                                                                  \
    XMM_GROUP(name)
#define SCALAR_STORE(name, bytes, put_reg_form, value)                                                                 \
    HANDLER(r_##name)                                                                                                  \
    {                                                                                                                  \
        put_reg_form;                                                                                                  \
        NEXT_FAST;                                                                                                     \
    }                                                                                                                  \
    HANDLER(x_##name)                                                                                                  \
    {                                                                                                                  \
        u64 v = (value);                                                                                               \
        if (!u_mem(u)) {                                                                                               \
            put_reg_form;                                                                                              \
            NEXT; /* not by r_<name>: beside `v` that is a call, which nests */                                        \
        }                                                                                                              \
        TRY(store(c, u, &v, bytes));                                                                                   \
        NEXT;                                                                                                          \
    }                                                                                                                  \
    static ALWAYS_INLINE const struct uop *f_##name(struct cpu *c, const struct uop *u, enum ea_kind kind)             \
    {                                                                                                                  \
        void *p = tlb_host_w(c, ea_fast(c, u, kind), bytes);                                                           \
        if (UNLIKELY(!p))                                                                                              \
            return x_##name(c, u);                                                                                     \
        put_bytes(p, (value), bytes);                                                                                  \
        NEXT_FAST;                                                                                                     \
    }                                                                                                                  \
    FLAT_KINDS(f_##name)                                                                                               \
    const struct exec_group exec_##name = { .any_width = x_##name,                                                     \
                                            .rr = ALL_WIDTHS(r_##name),                                                \
                                            .mr = FLAT_FORMS(f_##name) };

#define DST (&c->xmm[u->dst])
#define SRC_D (c->xmm[u->src].d[0])
#define SRC_Q (c->xmm[u->src].q[0])

/* MOVSS, MOVSD: from memory the rest is cleared, between registers it is kept. MOVQ and MOVD always clear it. */
SCALAR_LOAD(movss_load, 4, set_low_double(DST, SRC_D), set_quads(DST, v, 0))
SCALAR_LOAD(movsd_load, 8, set_low_quad(DST, SRC_Q), set_quads(DST, v, 0))
SCALAR_LOAD(movq_load, 8, set_quads(DST, SRC_Q, 0), set_quads(DST, v, 0))
SCALAR_LOAD(movddup, 8, set_quads(DST, SRC_Q, SRC_Q), set_quads(DST, v, v))
SCALAR_LOAD(movd_load, 4, set_quads(DST, get32(c, u->src), 0), set_quads(DST, v, 0))
SCALAR_LOAD(movq_from_gpr, 8, set_quads(DST, get64(c, u->src), 0), set_quads(DST, v, 0))
SCALAR_STORE(movss_store, 4, set_low_double(DST, SRC_D), SRC_D)
SCALAR_STORE(movsd_store, 8, set_low_quad(DST, SRC_Q), SRC_Q)
SCALAR_STORE(movq_store, 8, set_quads(DST, SRC_Q, 0), SRC_Q)
SCALAR_STORE(movd_store, 4, put32(c, u->dst, SRC_D), SRC_D)
SCALAR_STORE(movq_to_gpr, 8, put64(c, u->dst, SRC_Q), SRC_Q)

/* MOVLPS, MOVHPS and kin: one half, to and from memory only. */
SCALAR_LOAD(movlp_load, 8, (void)c, set_low_quad(DST, v))
SCALAR_LOAD(movhp_load, 8, (void)c, set_high_quad(DST, v))
SCALAR_STORE(movlp_store, 8, (void)c, SRC_Q)
SCALAR_STORE(movhp_store, 8, (void)c, c->xmm[u->src].q[1])

/* The register cousins of the halves. */
EXEC(movhlps)
{
    set_low_quad(DST, c->xmm[u->src].q[1]);
    NEXT_FAST;
}
EXEC(movlhps)
{
    set_high_quad(DST, SRC_Q);
    NEXT_FAST;
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

/* ---- sign masks ---- */

EXEC(movmskps)
{
    const union vec *s = &c->xmm[u->src];
    put32(c, u->dst, (s->d[0] >> 31) | (s->d[1] >> 31) << 1 | (s->d[2] >> 31) << 2 | (s->d[3] >> 31) << 3);
    NEXT_FAST;
}
EXEC(movmskpd)
{
    const union vec *s = &c->xmm[u->src];
    put32(c, u->dst, (u32)(s->q[0] >> 63) | (u32)(s->q[1] >> 63) << 1);
    NEXT_FAST;
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
    NEXT_FAST;
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
