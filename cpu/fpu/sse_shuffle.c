/* sse_shuffle.c: shuffles, blends, inserts and extracts of XMM and MMX registers; SSE to SSE4.1 (SDM vol.
 * 1, 10.4.1.5, 11.4.2, 12.6, 12.10). */
#include "vec_op.h"

/* ---- shuffles by an immediate ---- */

static ALWAYS_INLINE u64 two_doubles(u32 low, u32 high)
{
    return low | (u64)high << 32;
}
VEC_BODY_IMM(pshufd)
{
    (void)bytes;
    const u64 low = two_doubles(s->d[imm & 3], s->d[(imm >> 2) & 3]);
    set_quads(d, low, two_doubles(s->d[(imm >> 4) & 3], s->d[(imm >> 6) & 3]));
}
VEC_BODY_IMM(shufps) /* the low half from the destination, the high half from the source */
{
    (void)bytes;
    const u64 low = two_doubles(d->d[imm & 3], d->d[(imm >> 2) & 3]);
    set_quads(d, low, two_doubles(s->d[(imm >> 4) & 3], s->d[(imm >> 6) & 3]));
}
VEC_BODY_IMM(shufpd)
{
    (void)bytes;
    set_quads(d, d->q[imm & 1], s->q[(imm >> 1) & 1]);
}
static ALWAYS_INLINE u64 shuffle_words(const u16 *w, unsigned imm)
{
    return (u64)w[imm & 3] | (u64)w[(imm >> 2) & 3] << 16 | (u64)w[(imm >> 4) & 3] << 32 | (u64)w[(imm >> 6) & 3] << 48;
}
VEC_BODY_IMM(pshuflw)
{
    (void)bytes;
    set_quads(d, shuffle_words(s->w, imm), s->q[1]);
}
VEC_BODY_IMM(pshufhw)
{
    (void)bytes;
    set_quads(d, s->q[0], shuffle_words(s->w + 4, imm));
}
VEC_BODY_IMM(pshufw)
{
    const u64 r = shuffle_words(s->w, imm);
    memcpy(d, &r, bytes);
}
VEC_XMM_IMM(pshufd)
VEC_XMM_IMM(shufps)
VEC_XMM_IMM_STEP(shufpd, 2) /* behind VEX each lane has two bits of its own */
VEC_XMM_IMM(pshuflw)
VEC_XMM_IMM(pshufhw)
VEC_MMX_IMM(pshufw)

/* PALIGNR: bytes imm and up of destination:source. */
VEC_BODY_IMM(palignr)
{
    u128 low = 0, high = 0;
    memcpy(&low, s, bytes);
    memcpy(&high, d, bytes);
    const unsigned bits = 8 * bytes, n = 8 * imm;
    u128 r = n >= 2 * bits ? 0 : n >= bits ? high >> (n - bits) : n ? low >> n | high << (bits - n) : low;
    memcpy(d, &r, bytes);
}
VEC_BOTH_IMM(palignr)

/* PSHUFB: each byte of the source chooses one of the destination's, or zero by its top bit. */
VEC_BODY(pshufb)
{
    HOST_DOES(pshufb)
    union vec r;
    for (unsigned i = 0; i < bytes; i++)
        r.b[i] = (s->b[i] & 0x80) ? 0 : d->b[s->b[i] & (bytes - 1)];
    memcpy(d, &r, bytes);
}
VEC_BOTH(pshufb)

/* ---- interleaving of floats ---- */

VEC_BODY(unpcklps)
{
    HOST_DOES(unpcklps)
    const union vec r = { .d = { d->d[0], s->d[0], d->d[1], s->d[1] } };
    memcpy(d, &r, bytes);
}
VEC_BODY(unpckhps)
{
    HOST_DOES(unpckhps)
    const union vec r = { .d = { d->d[2], s->d[2], d->d[3], s->d[3] } };
    memcpy(d, &r, bytes);
}
VEC_BODY(unpcklpd)
{
    HOST_DOES(unpcklpd)
    const union vec r = { .q = { d->q[0], s->q[0] } };
    memcpy(d, &r, bytes);
}
VEC_BODY(unpckhpd)
{
    HOST_DOES(unpckhpd)
    const union vec r = { .q = { d->q[1], s->q[1] } };
    memcpy(d, &r, bytes);
}
VEC_XMM(unpcklps)
VEC_XMM(unpckhps)
VEC_XMM(unpcklpd)
VEC_XMM(unpckhpd)

/* ---- blends (SSE4.1): by immediate, or by the sign of XMM0's elements ---- */

#define BLEND(name, type, member)                                                                                      \
    VEC_BODY_IMM(name)                                                                                                 \
    {                                                                                                                  \
        for (unsigned i = 0; i < bytes / sizeof(type); i++)                                                            \
            d->member[i] = (imm >> (i & 7)) & 1 ? s->member[i] : d->member[i];                                         \
    }
BLEND(blendps, u32, d)
BLEND(blendpd, u64, q)
BLEND(pblendw, u16, w)
BLEND(pblendd, u32, d)
VEC_XMM_IMM_STEP(blendps, 4)
VEC_XMM_IMM_STEP(blendpd, 2)
VEC_XMM_IMM(pblendw) /* both lanes by the same eight bits */
AVX_VEC_IMM(pblendd, 4)

#define BLENDV(name, type, member, signed_member)                                                                      \
    static ALWAYS_INLINE void v_##name(union vec *d, const union vec *s, const union vec *mask, unsigned bytes)        \
    {                                                                                                                  \
        union vec r;                                                                                                   \
        for (unsigned i = 0; i < bytes / sizeof(type); i++) {                                                          \
            const type m = (type)(mask->signed_member[i] >> (8 * sizeof(type) - 1));                                   \
            r.member[i] = (type)((d->member[i] & ~m) | (s->member[i] & m));                                            \
        }                                                                                                              \
        memcpy(d, &r, bytes);                                                                                          \
    }                                                                                                                  \
    VEC_XMM_CALL(name, v_##name(&c->xmm[u->dst], &c->xmm[u->src], &c->xmm[0], XMM_BYTES),                              \
                 v_##name(&c->xmm[u->dst], &s, &c->xmm[0], XMM_BYTES))                                                 \
    AVX_LANES(name) /* behind VEX the mask is the fourth operand */                                                    \
    {                                                                                                                  \
        for (unsigned lane = 0; lane < lanes; lane++) {                                                                \
            union vec d, s, mask;                                                                                      \
            lane_get(&d, &c->xmm[u_vvvv(u)], lane);                                                                    \
            lane_get(&s, w, lane);                                                                                     \
            lane_get(&mask, &c->xmm[u_fourth(u)], lane);                                                               \
            v_##name(&d, &s, &mask, LANE_BYTES);                                                                       \
            lane_put(&c->xmm[u->dst], lane, &d);                                                                       \
        }                                                                                                              \
        clear_above(&c->xmm[u->dst], lanes);                                                                           \
    }                                                                                                                  \
    AVX_GROUP(name)
BLENDV(pblendvb, u8, b, sb)
BLENDV(blendvps, u32, d, sd)
BLENDV(blendvpd, u64, q, sq)

/* ---- inserts: from the low bytes of a general register, or memory ---- */

/* Behind VEX the other elements come from H. */
#define INSERT(name, size, type, member, mask)                                                                         \
    EXEC(name)                                                                                                         \
    {                                                                                                                  \
        u64 v;                                                                                                         \
        TRY(load_src(c, u, size, &v));                                                                                 \
        c->xmm[u->dst].member[u->imm & (mask)] = (type)v;                                                              \
        NEXT;                                                                                                          \
    }                                                                                                                  \
    EXEC(v##name)                                                                                                      \
    {                                                                                                                  \
        u64 v;                                                                                                         \
        TRY(load_src(c, u, size, &v));                                                                                 \
        put_low_lane(&c->xmm[u->dst], &c->xmm[u_vvvv(u)]);                                                             \
        c->xmm[u->dst].member[u->imm & (mask)] = (type)v;                                                              \
        NEXT;                                                                                                          \
    }
INSERT(pinsrb, 0, u8, b, 15)
INSERT(pinsrw, 1, u16, w, 7)
INSERT(pinsrd, 2, u32, d, 3)
INSERT(pinsrq, 3, u64, q, 1)
/* INSERTPS: which element of a register source, where to, and which to clear. */
static bool insertps_source(struct cpu *c, const struct uop *u, u32 *v)
{
    *v = c->xmm[u->src].d[(u8)u->imm >> 6];
    return !u_mem(u) || load(c, u, v, 4);
}
static void insertps(union vec *d, u32 v, unsigned imm)
{
    d->d[(imm >> 4) & 3] = v;
    for (unsigned i = 0; i < 4; i++)
        if ((imm >> i) & 1)
            d->d[i] = 0;
}
EXEC(insertps)
{
    u32 v;
    TRY(insertps_source(c, u, &v));
    insertps(&c->xmm[u->dst], v, (u8)u->imm);
    NEXT;
}
EXEC(vinsertps)
{
    u32 v;
    TRY(insertps_source(c, u, &v));
    put_low_lane(&c->xmm[u->dst], &c->xmm[u_vvvv(u)]);
    insertps(&c->xmm[u->dst], v, (u8)u->imm);
    NEXT;
}

/* ---- extracts: to memory of the element's size, or to a general register, zero-extended ---- */

static ALWAYS_INLINE const struct uop *extract(struct cpu *c, const struct uop *u, unsigned bytes, u64 v)
{
    if (u_mem(u))
        TRY(store(c, u, &v, bytes));
    else
        put64(c, u->dst, v);
    NEXT;
}
EXEC(pextrb)
{
    return extract(c, u, 1, c->xmm[u->src].b[u->imm & 15]);
}
EXEC(pextrw)
{
    return extract(c, u, 2, c->xmm[u->src].w[u->imm & 7]);
}
EXEC(pextrd) /* EXTRACTPS too */
{
    return extract(c, u, 4, c->xmm[u->src].d[u->imm & 3]);
}
EXEC(pextrq)
{
    return extract(c, u, 8, c->xmm[u->src].q[u->imm & 1]);
}
