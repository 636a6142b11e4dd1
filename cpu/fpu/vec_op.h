/* vec_op.h: packed-integer instructions from one description of what an element does; the XMM and the MMX form are the
 * same body with 16 and 8 bytes. An x86-64 host (v2: up to SSE4.2) does the XMM form by the instruction of the same
 * name. */
#ifndef PCEMU_VEC_OP_H
#define PCEMU_VEC_OP_H

#include "avx_op.h"

#if defined(__x86_64__) && !defined(PCEMU_SOFT_SSE)
#define SSE_HOST 1
#else
#define SSE_HOST 0
#endif

#define XMM_BYTES 16u
#define MMX_BYTES 8u
#define HANDLER(name) static const struct uop *name(struct cpu *c, const struct uop *u)
#define ALL_WIDTHS(fn)                                                                                                 \
    {                                                                                                                  \
        fn, fn, fn, fn                                                                                                 \
    }

typedef u64 vec_quads __attribute__((vector_size(16)));
typedef u32 vec_doubles __attribute__((vector_size(16)));

/* XMM registers are written 16 bytes at once also where only a part changes: a later load of the whole would otherwise
 * wait for the narrower store to leave the host's store buffer. */
static ALWAYS_INLINE void set_quads(union vec *d, u64 low, u64 high)
{
    const vec_quads v = { low, high };
    memcpy(d, &v, sizeof(v));
}
static ALWAYS_INLINE void set_low_quad(union vec *d, u64 low)
{
    vec_quads v;
    memcpy(&v, d, sizeof(v));
    v[0] = low;
    memcpy(d, &v, sizeof(v));
}
static ALWAYS_INLINE void set_high_quad(union vec *d, u64 high)
{
    vec_quads v;
    memcpy(&v, d, sizeof(v));
    v[1] = high;
    memcpy(d, &v, sizeof(v));
}
static ALWAYS_INLINE void set_low_double(union vec *d, u32 low)
{
    vec_doubles v;
    memcpy(&v, d, sizeof(v));
    v[0] = low;
    memcpy(d, &v, sizeof(v));
}

typedef float vec_host __attribute__((vector_size(16)));
static ALWAYS_INLINE vec_host host_get(const union vec *v)
{
    vec_host x;
    memcpy(&x, v, sizeof(x));
    return x;
}
static ALWAYS_INLINE void host_put(union vec *v, vec_host x)
{
    memcpy(v, &x, sizeof(x));
}

/* In a vector body: 16 bytes are the host's business. */
#if SSE_HOST
#define HOST_DOES(op)                                                                                                  \
    if (bytes == XMM_BYTES) {                                                                                          \
        vec_host x_ = host_get(d);                                                                                     \
        __asm__(#op " %1, %0" : "+x"(x_) : "x"(host_get(s)));                                                          \
        host_put(d, x_);                                                                                               \
        return;                                                                                                        \
    }
#else
#define HOST_DOES(op)
#endif

/* A vector body: *d = *d op *s over `bytes` bytes; d and s may be the same register; bytes beyond stay as they are. */
#define VEC_BODY(name) static ALWAYS_INLINE void v_##name(union vec *d, const union vec *s, unsigned bytes)
/* The same with an immediate. */
#define VEC_BODY_IMM(name)                                                                                             \
    static ALWAYS_INLINE void v_##name(union vec *d, const union vec *s, unsigned bytes, unsigned imm)

/* An element-wise body: type and union member of the element, expression over a and b. */
#define VEC_EACH(name, type, member, expr)                                                                             \
    VEC_BODY(name)                                                                                                     \
    {                                                                                                                  \
        HOST_DOES(name)                                                                                                \
        union vec r;                                                                                                   \
        for (unsigned i = 0; i < bytes / sizeof(type); i++) {                                                          \
            const type a = d->member[i], b = s->member[i];                                                             \
            (void)a;                                                                                                   \
            r.member[i] = (type)(expr);                                                                                \
        }                                                                                                              \
        memcpy(d, &r, bytes);                                                                                          \
    }

/* The host's address of an aligned 16-byte operand that hits in the TLB; NULL sends the handler to its checked form. */
static ALWAYS_INLINE const void *vec_host_aligned(struct cpu *c, const struct uop *u, enum ea_kind kind)
{
    u64 lin = ea_fast(c, u, kind);
    const void *p = tlb_host_r(c, lin, XMM_BYTES);
    return (lin & (XMM_BYTES - 1)) ? NULL : p;
}
/* The table of the handlers that FLAT_KINDS(name) made. */
#define FLAT_FORMS(name)                                                                                               \
    {                                                                                                                  \
        [EA_BD64] = ALL_WIDTHS(name##_bd64), [EA_BIS64] = ALL_WIDTHS(name##_bis64),                                    \
        [EA_BD32] = ALL_WIDTHS(name##_bd32), [EA_BIS32] = ALL_WIDTHS(name##_bis32),                                    \
    }
/* The groups of a V, W instruction with handlers r_<name>, f_<name>_<kind> and, checked, x_<name>. */
#define XMM_GROUP(name)                                                                                                \
    FLAT_KINDS(f_##name)                                                                                               \
    const struct exec_group exec_##name = { .any_width = x_##name,                                                     \
                                            .rr = ALL_WIDTHS(r_##name),                                                \
                                            .rm = FLAT_FORMS(f_##name) };

/* exec_<name> for V, W (memory aligned to 16 bytes): what to do with a register, and with a memory operand in `s`. */
#define VEC_XMM_FORMS(name, body_reg, body_mem, go_on)                                                                 \
    HANDLER(r_##name)                                                                                                  \
    {                                                                                                                  \
        body_reg;                                                                                                      \
        go_on;                                                                                                         \
    }                                                                                                                  \
    HANDLER(x_##name)                                                                                                  \
    {                                                                                                                  \
        union vec s;                                                                                                   \
        if (!u_mem(u)) {                                                                                               \
            body_reg;                                                                                                  \
            NEXT; /* `s` may make a pass by r_<name> a call */                                                         \
        }                                                                                                              \
        TRY(load_aligned16(c, u, &s));                                                                                 \
        body_mem;                                                                                                      \
        NEXT;                                                                                                          \
    }                                                                                                                  \
    static ALWAYS_INLINE const struct uop *f_##name(struct cpu *c, const struct uop *u, enum ea_kind kind)             \
    {                                                                                                                  \
        union vec s;                                                                                                   \
        const void *p = vec_host_aligned(c, u, kind);                                                                  \
        if (UNLIKELY(!p))                                                                                              \
            return x_##name(c, u);                                                                                     \
        memcpy(&s, p, XMM_BYTES);                                                                                      \
        body_mem;                                                                                                      \
        go_on;                                                                                                         \
    }                                                                                                                  \
    XMM_GROUP(name)
#define VEC_XMM_CALL(name, body_reg, body_mem) VEC_XMM_FORMS(name, body_reg, body_mem, NEXT_FAST)
/* For a body that keeps its operands in memory (an index that is not constant, a function of its own): a compiler can
 * not pass on from it by a jump, and a call would nest with every instruction. */
#define VEC_XMM_CALL_BACK(name, body_reg, body_mem) VEC_XMM_FORMS(name, body_reg, body_mem, NEXT)
#define VEC_XMM(name)                                                                                                  \
    VEC_XMM_CALL(name, v_##name(&c->xmm[u->dst], &c->xmm[u->src], XMM_BYTES),                                          \
                 v_##name(&c->xmm[u->dst], &s, XMM_BYTES))                                                             \
    AVX_VEC(name)
/* The same without a namesake behind VEX, or one of its own. */
#define VEC_XMM_ALONE(name)                                                                                            \
    VEC_XMM_CALL(name, v_##name(&c->xmm[u->dst], &c->xmm[u->src], XMM_BYTES), v_##name(&c->xmm[u->dst], &s, XMM_BYTES))
#define VEC_XMM_BACK(name)                                                                                             \
    VEC_XMM_CALL_BACK(name, v_##name(&c->xmm[u->dst], &c->xmm[u->src], XMM_BYTES),                                     \
                      v_##name(&c->xmm[u->dst], &s, XMM_BYTES))                                                        \
    AVX_VEC(name)
#define VEC_XMM_IMM_STEP(name, step)                                                                                   \
    VEC_XMM_CALL_BACK(name, v_##name(&c->xmm[u->dst], &c->xmm[u->src], XMM_BYTES, (u8)u->imm),                         \
                      v_##name(&c->xmm[u->dst], &s, XMM_BYTES, (u8)u->imm))                                            \
    AVX_VEC_IMM(name, step)
#define VEC_XMM_IMM(name) VEC_XMM_IMM_STEP(name, 0)

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
#define VEC_BOTH_ALONE(name) VEC_XMM_ALONE(name) VEC_MMX(name)
#define VEC_BOTH_IMM(name) VEC_XMM_IMM(name) VEC_MMX_IMM(name)
/* Both forms of an element-wise instruction. */
#define VEC_OP(name, type, member, expr) VEC_EACH(name, type, member, expr) VEC_BOTH(name)
#define VEC_OP_XMM(name, type, member, expr) VEC_EACH(name, type, member, expr) VEC_XMM(name)

static ALWAYS_INLINE s32 sat_s8(s32 v)
{
    return v > INT8_MAX ? INT8_MAX : v < INT8_MIN ? INT8_MIN : v;
}
static ALWAYS_INLINE s32 sat_u8(s32 v)
{
    return v > UINT8_MAX ? UINT8_MAX : v < 0 ? 0 : v;
}
static ALWAYS_INLINE s32 sat_s16(s32 v)
{
    return v > INT16_MAX ? INT16_MAX : v < INT16_MIN ? INT16_MIN : v;
}
static ALWAYS_INLINE s32 sat_u16(s32 v)
{
    return v > UINT16_MAX ? UINT16_MAX : v < 0 ? 0 : v;
}

#endif
