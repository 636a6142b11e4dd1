/* sse_int2.c: packed integers whose result mixes elements or widths: multiplications, sums, packing, interleaving and
 * shifts; MMX, SSE2 and SSSE3 (SDM vol. 1, 9.4, 11.4.2, 12.6). */
#include "vec_op.h"

/* ---- multiplication ---- */

VEC_OP(pmullw, u16, w, (u32)a *b)
VEC_OP(pmulhw, s16, sw, (a * b) >> 16)
VEC_OP(pmulhuw, u16, w, ((u32)a * b) >> 16)
VEC_OP(pmulhrsw, s16, sw, (((a * b) >> 14) + 1) >> 1)
VEC_OP_XMM(pmulld, u32, d, a *b)
VEC_OP(pmuludq, u64, q, (u64)(u32)a *(u32)b)
VEC_OP_XMM(pmuldq, s64, sq, (s64)(s32)a *(s32)b)

VEC_BODY(pmaddwd)
{
    HOST_DOES(pmaddwd)
    union vec r;
    for (unsigned i = 0; i < bytes / 4; i++) { /* both products -8000h squared: the sum wraps to 80000000h */
        u32 lo = (u32)(d->sw[2 * i] * s->sw[2 * i]);
        u32 hi = (u32)(d->sw[2 * i + 1] * s->sw[2 * i + 1]);
        r.d[i] = lo + hi;
    }
    memcpy(d, &r, bytes);
}
VEC_BOTH(pmaddwd)

VEC_BODY(pmaddubsw) /* unsigned bytes of the destination times signed bytes of the source */
{
    HOST_DOES(pmaddubsw)
    union vec r;
    for (unsigned i = 0; i < bytes / 2; i++)
        r.sw[i] = (s16)sat_s16(d->b[2 * i] * s->sb[2 * i] + d->b[2 * i + 1] * s->sb[2 * i + 1]);
    memcpy(d, &r, bytes);
}
VEC_BOTH(pmaddubsw)

VEC_BODY(psadbw)
{
    HOST_DOES(psadbw)
    for (unsigned q = 0; q < bytes / 8; q++) {
        u32 sum = 0;
        for (unsigned i = 8 * q; i < 8 * q + 8; i++)
            sum += (u32)(d->b[i] > s->b[i] ? d->b[i] - s->b[i] : s->b[i] - d->b[i]);
        d->q[q] = sum;
    }
}
VEC_BOTH(psadbw)

/* ---- horizontal sums (SSSE3): pairs of the destination below pairs of the source ---- */

#define HORIZONTAL(name, type, member, expr)                                                                           \
    VEC_BODY(name)                                                                                                     \
    {                                                                                                                  \
        HOST_DOES(name)                                                                                                \
        const unsigned half = bytes / (2 * (unsigned)sizeof(type));                                                    \
        union vec r;                                                                                                   \
        for (unsigned i = 0; i < 2 * half; i++) {                                                                      \
            const union vec *from = i < half ? d : s;                                                                  \
            const type a = from->member[2 * (i % half)], b = from->member[2 * (i % half) + 1];                         \
            r.member[i] = (type)(expr);                                                                                \
        }                                                                                                              \
        memcpy(d, &r, bytes);                                                                                          \
    }                                                                                                                  \
    VEC_BOTH(name)

HORIZONTAL(phaddw, u16, w, a + b)
HORIZONTAL(phaddd, u32, d, a + b)
HORIZONTAL(phaddsw, s16, sw, sat_s16(a + b))
HORIZONTAL(phsubw, u16, w, a - b)
HORIZONTAL(phsubd, u32, d, a - b)
HORIZONTAL(phsubsw, s16, sw, sat_s16(a - b))

/* ---- packing with saturation: the destination's elements below the source's ---- */

#define PACK(name, to_type, to, from_member, saturate)                                                                 \
    VEC_BODY(name)                                                                                                     \
    {                                                                                                                  \
        HOST_DOES(name)                                                                                                \
        const unsigned half = bytes / (2 * (unsigned)sizeof(to_type));                                                 \
        union vec r;                                                                                                   \
        for (unsigned i = 0; i < half; i++) {                                                                          \
            r.to[i] = (to_type)saturate(d->from_member[i]);                                                            \
            r.to[half + i] = (to_type)saturate(s->from_member[i]);                                                     \
        }                                                                                                              \
        memcpy(d, &r, bytes);                                                                                          \
    }

PACK(packsswb, s8, sb, sw, sat_s8)
PACK(packuswb, u8, b, sw, sat_u8)
PACK(packssdw, s16, sw, sd, sat_s16)
PACK(packusdw, u16, w, sd, sat_u16)
VEC_BOTH(packsswb)
VEC_BOTH(packuswb)
VEC_BOTH(packssdw)
VEC_XMM(packusdw)

/* ---- interleaving: from the low or the high half of both ---- */

#define UNPACK(name, type, member, high)                                                                               \
    VEC_BODY(name)                                                                                                     \
    {                                                                                                                  \
        HOST_DOES(name)                                                                                                \
        const unsigned half = bytes / (2 * (unsigned)sizeof(type)), from = (high) ? half : 0;                          \
        union vec r;                                                                                                   \
        for (unsigned i = 0; i < half; i++) {                                                                          \
            r.member[2 * i] = d->member[from + i];                                                                     \
            r.member[2 * i + 1] = s->member[from + i];                                                                 \
        }                                                                                                              \
        memcpy(d, &r, bytes);                                                                                          \
    }

UNPACK(punpcklbw, u8, b, false)
UNPACK(punpcklwd, u16, w, false)
UNPACK(punpckldq, u32, d, false)
UNPACK(punpcklqdq, u64, q, false)
UNPACK(punpckhbw, u8, b, true)
UNPACK(punpckhwd, u16, w, true)
UNPACK(punpckhdq, u32, d, true)
UNPACK(punpckhqdq, u64, q, true)
VEC_XMM(punpcklbw)
VEC_XMM(punpcklwd)
VEC_XMM(punpckldq)
VEC_XMM(punpcklqdq)
VEC_XMM(punpckhqdq)
/* The low MMX forms read 32 bits of memory (SDM vol. 2, PUNPCKLBW). */
VEC_MMX_CALL(punpcklbw, 4, v_punpcklbw(&d, &s, MMX_BYTES))
VEC_MMX_CALL(punpcklwd, 4, v_punpcklwd(&d, &s, MMX_BYTES))
VEC_MMX_CALL(punpckldq, 4, v_punpckldq(&d, &s, MMX_BYTES))
VEC_BOTH(punpckhbw)
VEC_BOTH(punpckhwd)
VEC_BOTH(punpckhdq)

/* ---- shifts: the count is the low quadword of the source; past the element's width nothing is left ---- */

/* Behind VEX one count, of 16 bytes in memory, is for all lanes; with an immediate the result goes to vvvv. */
#define AVX_SHIFT_FORMS(name, lanes, bits)                                                                             \
    HANDLER(x_v##name##_##bits)                                                                                        \
    {                                                                                                                  \
        union vec s;                                                                                                   \
        TRY(avx_operand(c, u, &s, LANE_BYTES));                                                                        \
        shift_##name(c, u, &c->xmm[u_vvvv(u)], &s, lanes);                                                             \
        NEXT;                                                                                                          \
    }                                                                                                                  \
    HANDLER(x_v##name##_i_##bits)                                                                                      \
    {                                                                                                                  \
        union vec s;                                                                                                   \
        set_quads(&s, (u8)u->imm, 0);                                                                                  \
        shift_##name(c, u, &c->xmm[u->src], &s, lanes);                                                                \
        NEXT;                                                                                                          \
    }
#define AVX_SHIFT(name)                                                                                                \
    static ALWAYS_INLINE void shift_##name(struct cpu *c, const struct uop *u, const union vec *v, const union vec *n, \
                                           unsigned lanes)                                                             \
    {                                                                                                                  \
        for (unsigned lane = 0; lane < lanes; lane++) {                                                                \
            union vec d;                                                                                               \
            lane_get(&d, v, lane);                                                                                     \
            v_##name(&d, n, LANE_BYTES);                                                                               \
            lane_put(&c->xmm[u->dst], lane, &d);                                                                       \
        }                                                                                                              \
        clear_above(&c->xmm[u->dst], lanes);                                                                           \
    }                                                                                                                  \
    AVX_SHIFT_FORMS(name, 1, 128)                                                                                      \
    AVX_SHIFT_FORMS(name, 2, 256)                                                                                      \
    const struct exec_group exec_v##name = { .any = { x_v##name##_128, x_v##name##_256 } };                            \
    const struct exec_group exec_v##name##_i = { .any = { x_v##name##_i_128, x_v##name##_i_256 } };

#define SHIFT(name, type, member, bits, shifted, past)                                                                 \
    VEC_BODY(name)                                                                                                     \
    {                                                                                                                  \
        HOST_DOES(name)                                                                                                \
        const unsigned n = s->q[0] < (bits) ? (unsigned)s->q[0] : (bits);                                              \
        union vec r;                                                                                                   \
        for (unsigned i = 0; i < bytes / sizeof(type); i++) {                                                          \
            const type a = d->member[i];                                                                               \
            r.member[i] = (type)(n < (bits) ? (shifted) : (past));                                                     \
        }                                                                                                              \
        memcpy(d, &r, bytes);                                                                                          \
    }                                                                                                                  \
    VEC_BOTH_ALONE(name)                                                                                               \
    AVX_SHIFT(name)                                                                                                    \
    HANDLER(x_##name##_i)                                                                                              \
    {                                                                                                                  \
        union vec s;                                                                                                   \
        set_quads(&s, (u8)u->imm, 0);                                                                                  \
        v_##name(&c->xmm[u->dst], &s, XMM_BYTES);                                                                      \
        NEXT_FAST;                                                                                                     \
    }                                                                                                                  \
    const struct exec_group exec_##name##_i = { .any_width = x_##name##_i };                                           \
    HANDLER(x_mm_##name##_i)                                                                                           \
    {                                                                                                                  \
        union vec d, s = { .q = { (u8)u->imm } };                                                                      \
        TRY(mmx_begin(c));                                                                                             \
        d.q[0] = mmx_get(c, u->dst);                                                                                   \
        v_##name(&d, &s, MMX_BYTES);                                                                                   \
        mmx_enter(c);                                                                                                  \
        mmx_put(c, u->dst, d.q[0]);                                                                                    \
        NEXT;                                                                                                          \
    }                                                                                                                  \
    const struct exec_group exec_mm_##name##_i = { .any_width = x_mm_##name##_i };

SHIFT(psllw, u16, w, 16u, (u32)a << n, 0)
SHIFT(pslld, u32, d, 32u, a << n, 0)
SHIFT(psllq, u64, q, 64u, a << n, 0)
SHIFT(psrlw, u16, w, 16u, a >> n, 0)
SHIFT(psrld, u32, d, 32u, a >> n, 0)
SHIFT(psrlq, u64, q, 64u, a >> n, 0)
SHIFT(psraw, s16, sw, 16u, a >> n, a >> 15)
SHIFT(psrad, s32, sd, 32u, a >> n, a >> 31)

/* The whole register by bytes. */
static ALWAYS_INLINE u128 get_whole(const union vec *v)
{
    u128 x;
    memcpy(&x, v, sizeof(x));
    return x;
}
static ALWAYS_INLINE void shift_bytes(union vec *d, const union vec *s, unsigned n, bool left)
{
    const u128 v = get_whole(s), r = n >= XMM_BYTES ? 0 : left ? v << (8 * n) : v >> (8 * n);
    set_quads(d, (u64)r, (u64)(r >> 64));
}
EXEC(pslldq)
{
    shift_bytes(&c->xmm[u->dst], &c->xmm[u->dst], (u8)u->imm, true);
    NEXT_FAST;
}
EXEC(psrldq)
{
    shift_bytes(&c->xmm[u->dst], &c->xmm[u->dst], (u8)u->imm, false);
    NEXT_FAST;
}

AVX_VEC_CALL(pslldq, shift_bytes(&d, &s, (u8)u->imm, true))
AVX_VEC_CALL(psrldq, shift_bytes(&d, &s, (u8)u->imm, false))
