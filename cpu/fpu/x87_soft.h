/* x87_soft.h: the operations of x87_host.h by integer arithmetic (soft_f80.h). */
#ifndef PCEMU_X87_SOFT_H
#define PCEMU_X87_SOFT_H

#include "soft_f80.h"

#define F80_MEM(b) (*(const struct f80 *)(b))
#define X87_SOFT_BINARY(name, function, operand)                                                                       \
    static inline u16 x87h_##name(struct f80 *r, const struct f80 *a, const void *b, u16 cw, u16 known)                \
    {                                                                                                                  \
        struct soft80 e = { .cw = cw };                                                                                \
        (void)known;                                                                                                   \
        *r = function(&e, *a, operand);                                                                                \
        return e.sw;                                                                                                   \
    }
/* The reverse: b op a. */
#define X87_SOFT_REVERSE(name, function, operand)                                                                      \
    static inline u16 x87h_##name(struct f80 *r, const struct f80 *a, const void *b, u16 cw, u16 known)                \
    {                                                                                                                  \
        struct soft80 e = { .cw = cw };                                                                                \
        (void)known;                                                                                                   \
        *r = function(&e, operand, *a);                                                                                \
        return e.sw;                                                                                                   \
    }
#define X87_SOFT_UNARY(name, call)                                                                                     \
    static inline u16 x87h_##name(struct f80 *r, const struct f80 *a, const void *b, u16 cw, u16 known)                \
    {                                                                                                                  \
        struct soft80 e = { .cw = cw };                                                                                \
        (void)known, (void)a, (void)b;                                                                                 \
        *r = call;                                                                                                     \
        return e.sw;                                                                                                   \
    }
#define X87_SOFT_COMPARE(name, operand, quiet)                                                                         \
    static inline u16 x87h_##name(const struct f80 *a, const void *b, u16 cw, u16 known)                               \
    {                                                                                                                  \
        struct soft80 e = { .cw = cw };                                                                                \
        (void)known;                                                                                                   \
        soft80_compare(&e, *a, operand, quiet);                                                                        \
        return e.sw;                                                                                                   \
    }
#define X87_SOFT_STORE(name, type, call)                                                                               \
    static inline u16 x87h_##name(type *r, const struct f80 *a, u16 cw, u16 known)                                     \
    {                                                                                                                  \
        struct soft80 e = { .cw = cw };                                                                                \
        (void)known;                                                                                                   \
        *r = (type)call;                                                                                               \
        return e.sw;                                                                                                   \
    }
#define X87_SOFT_PAIR(name)                                                                                            \
    static inline u16 x87h_##name(struct f80 r[2], const struct f80 *a, u16 cw, u16 known)                             \
    {                                                                                                                  \
        struct soft80 e = { .cw = cw };                                                                                \
        (void)known;                                                                                                   \
        soft80_##name(&e, *a, r);                                                                                      \
        return e.sw;                                                                                                   \
    }

#define X87_M32 soft80_widen(&e, *(const u32 *)b, 23)
#define X87_M64 soft80_widen(&e, *(const u64 *)b, 52)
#define X87_I16 soft80_from_int((s16) * (const u16 *)b)
#define X87_I32 soft80_from_int((s32) * (const u32 *)b)
#define X87_SOFT_FORMS(kind, name, function)                                                                           \
    kind(name, function, F80_MEM(b)) kind(name##_m32, function, X87_M32) kind(name##_m64, function, X87_M64)           \
        kind(name##_i16, function, X87_I16) kind(name##_i32, function, X87_I32)

X87_SOFT_FORMS(X87_SOFT_BINARY, add, soft80_add)
X87_SOFT_FORMS(X87_SOFT_BINARY, sub, soft80_sub)
X87_SOFT_FORMS(X87_SOFT_REVERSE, subr, soft80_sub)
X87_SOFT_FORMS(X87_SOFT_BINARY, mul, soft80_mul)
X87_SOFT_FORMS(X87_SOFT_BINARY, div, soft80_div)
X87_SOFT_FORMS(X87_SOFT_REVERSE, divr, soft80_div)
X87_SOFT_BINARY(scale, soft80_scale, F80_MEM(b))
X87_SOFT_BINARY(prem, soft80_prem, F80_MEM(b))
X87_SOFT_BINARY(prem1, soft80_prem1, F80_MEM(b))
X87_SOFT_BINARY(yl2x, soft80_yl2x, F80_MEM(b))
X87_SOFT_BINARY(yl2xp1, soft80_yl2xp1, F80_MEM(b))
X87_SOFT_BINARY(patan, soft80_patan, F80_MEM(b))
X87_SOFT_UNARY(sqrt, soft80_sqrt(&e, *a))
X87_SOFT_UNARY(rndint, soft80_rndint(&e, *a))
X87_SOFT_UNARY(2xm1, soft80_2xm1(&e, *a))
X87_SOFT_UNARY(sin, soft80_sin(&e, *a))
X87_SOFT_UNARY(cos, soft80_cos(&e, *a))
X87_SOFT_UNARY(ld_m32, soft80_from_float(&e, *(const u32 *)b, 23))
X87_SOFT_UNARY(ld_m64, soft80_from_float(&e, *(const u64 *)b, 52))
X87_SOFT_UNARY(bld, soft80_from_bcd(F80_MEM(b)))
X87_SOFT_UNARY(ldl2t, soft80_constant(&e, F80_L2T))
X87_SOFT_UNARY(ldl2e, soft80_constant(&e, F80_L2E))
X87_SOFT_UNARY(ldpi, soft80_constant(&e, F80_PI))
X87_SOFT_UNARY(ldlg2, soft80_constant(&e, F80_LG2))
X87_SOFT_UNARY(ldln2, soft80_constant(&e, F80_LN2))
X87_SOFT_COMPARE(com, F80_MEM(b), false)
X87_SOFT_COMPARE(ucom, F80_MEM(b), true)
X87_SOFT_COMPARE(com_m32, X87_M32, false)
X87_SOFT_COMPARE(com_m64, X87_M64, false)
X87_SOFT_COMPARE(com_i16, X87_I16, false)
X87_SOFT_COMPARE(com_i32, X87_I32, false)
X87_SOFT_STORE(st_m32, u32, soft80_to_float(&e, *a, 23))
X87_SOFT_STORE(st_m64, u64, soft80_to_float(&e, *a, 52))
X87_SOFT_STORE(ist_i16, u16, soft80_to_int(&e, *a, 16))
X87_SOFT_STORE(ist_i32, u32, soft80_to_int(&e, *a, 32))
X87_SOFT_STORE(ist_i64, u64, soft80_to_int(&e, *a, 64))
X87_SOFT_PAIR(xtract)
X87_SOFT_PAIR(ptan)
X87_SOFT_PAIR(sincos)

static inline u16 x87h_bst(struct f80 *r, const struct f80 *a, u16 cw, u16 known)
{
    struct soft80 e = { .cw = cw };
    (void)known;
    *r = soft80_to_bcd(&e, *a);
    return e.sw;
}

#endif
