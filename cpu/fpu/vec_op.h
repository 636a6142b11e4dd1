/* vec_op.h: packed-integer instructions from one description of what an element does. The loops are written for the
 * compiler to make vector code of; the XMM and the MMX form are the same body with 16 and 8 bytes. */
#ifndef PCEMU_VEC_OP_H
#define PCEMU_VEC_OP_H

#include "fpu.h"
#include "fast.h"

#define XMM_BYTES 16u
#define MMX_BYTES 8u
#define HANDLER(name) static const struct uop *name(struct cpu *c, const struct uop *u)
#define ALL_WIDTHS(fn) { fn, fn, fn, fn }

/* A vector body: *d = *d op *s over `bytes` bytes; d and s may be the same register; bytes beyond stay as they are. */
#define VEC_BODY(name) static ALWAYS_INLINE void v_##name(union vec *d, const union vec *s, unsigned bytes)
/* The same with an immediate. */
#define VEC_BODY_IMM(name)                                                                                             \
    static ALWAYS_INLINE void v_##name(union vec *d, const union vec *s, unsigned bytes, unsigned imm)

/* An element-wise body: type and union member of the element, expression over a and b. */
#define VEC_EACH(name, type, member, expr)                                                                             \
    VEC_BODY(name)                                                                                                     \
    {                                                                                                                  \
        union vec r;                                                                                                   \
        for (unsigned i = 0; i < bytes / sizeof(type); i++) {                                                          \
            const type a = d->member[i], b = s->member[i];                                                             \
            (void)a;                                                                                                   \
            r.member[i] = (type)(expr);                                                                                \
        }                                                                                                              \
        memcpy(d, &r, bytes);                                                                                          \
    }

/* exec_<name> for V, W (memory aligned to 16 bytes). */
#define VEC_XMM_CALL(name, body_reg, body_mem)                                                                         \
    HANDLER(r_##name)                                                                                                  \
    {                                                                                                                  \
        body_reg;                                                                                                      \
        NEXT_FAST;                                                                                                     \
    }                                                                                                                  \
    HANDLER(x_##name)                                                                                                  \
    {                                                                                                                  \
        union vec s;                                                                                                   \
        if (u_mem(u))                                                                                                  \
            TRY(load_aligned16(c, u, &s));                                                                             \
        else                                                                                                           \
            s = c->xmm[u->src];                                                                                        \
        body_mem;                                                                                                      \
        NEXT;                                                                                                          \
    }                                                                                                                  \
    const struct exec_group exec_##name = { .any_width = x_##name, .rr = ALL_WIDTHS(r_##name) };
#define VEC_XMM(name)                                                                                                  \
    VEC_XMM_CALL(name, v_##name(&c->xmm[u->dst], &c->xmm[u->src], XMM_BYTES),                                          \
                 v_##name(&c->xmm[u->dst], &s, XMM_BYTES))
#define VEC_XMM_IMM(name)                                                                                              \
    VEC_XMM_CALL(name, v_##name(&c->xmm[u->dst], &c->xmm[u->src], XMM_BYTES, (u8)u->imm),                              \
                 v_##name(&c->xmm[u->dst], &s, XMM_BYTES, (u8)u->imm))

/* exec_mm_<name> for P, Q. The Q operand of `mem_bytes` bytes is loaded into *s (mmx.c). */
bool mmx_operand(struct cpu *c, const struct uop *u, union vec *s, unsigned mem_bytes);
#define VEC_MMX_CALL(name, mem_bytes, call)                                                                            \
    HANDLER(x_mm_##name)                                                                                               \
    {                                                                                                                  \
        union vec d, s;                                                                                                \
        TRY(mmx_operand(c, u, &s, mem_bytes));                                                                         \
        d.q[0] = mmx_get(c, u->dst);                                                                                   \
        call;                                                                                                          \
        mmx_enter(c);                                                                                                  \
        mmx_put(c, u->dst, d.q[0]);                                                                                    \
        NEXT;                                                                                                          \
    }                                                                                                                  \
    const struct exec_group exec_mm_##name = { .any_width = x_mm_##name };
#define VEC_MMX(name) VEC_MMX_CALL(name, 8, v_##name(&d, &s, MMX_BYTES))
#define VEC_MMX_IMM(name) VEC_MMX_CALL(name, 8, v_##name(&d, &s, MMX_BYTES, (u8)u->imm))

#define VEC_BOTH(name) VEC_XMM(name) VEC_MMX(name)
#define VEC_BOTH_IMM(name) VEC_XMM_IMM(name) VEC_MMX_IMM(name)
/* Both forms of an element-wise instruction. */
#define VEC_OP(name, type, member, expr) VEC_EACH(name, type, member, expr) VEC_BOTH(name)
#define VEC_OP_XMM(name, type, member, expr) VEC_EACH(name, type, member, expr) VEC_XMM(name)

static ALWAYS_INLINE s32 sat_s8(s32 v) { return v > INT8_MAX ? INT8_MAX : v < INT8_MIN ? INT8_MIN : v; }
static ALWAYS_INLINE s32 sat_u8(s32 v) { return v > UINT8_MAX ? UINT8_MAX : v < 0 ? 0 : v; }
static ALWAYS_INLINE s32 sat_s16(s32 v) { return v > INT16_MAX ? INT16_MAX : v < INT16_MIN ? INT16_MIN : v; }
static ALWAYS_INLINE s32 sat_u16(s32 v) { return v > UINT16_MAX ? UINT16_MAX : v < 0 ? 0 : v; }

#endif
