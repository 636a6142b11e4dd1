/* x87_arith.c: add, subtract, multiply, divide in all their forms, and the other operations on one or two registers
 * that push and pop nothing (SDM vol. 1, 8.3.5). */
#include "x87_quick.h"

typedef u16 x87_op(struct f80 *r, const struct f80 *a, const void *b, u16 cw, u16 known);

/* ST(dst) = ST(dst) op ST(src). */
static ALWAYS_INLINE const struct uop *reg_reg(struct cpu *c, const struct uop *u, x87_op *op, unsigned dst,
                                               unsigned src, bool pop)
{
    TRY(x87_begin(c));
    x87_track(c, u);
    bool done;
    if (UNLIKELY(st_empty(c, dst) || st_empty(c, src))) {
        done = x87_stack_underflow(c, u);
        if (done)
            st_put(c, dst, &f80_indefinite);
    } else {
        struct f80 r;
        done = x87_retire(c, u, op(&r, st_reg(c, dst), st_reg(c, src), c->fpu.cw, x87_known(c)));
        if (LIKELY(done))
            f80_copy(st_reg(c, dst), &r);
    }
    if (pop && done)
        st_pop(c);
    NEXT;
}

/* ST(0) = ST(0) op memory. */
static ALWAYS_INLINE const struct uop *reg_mem(struct cpu *c, const struct uop *u, enum ea_kind kind, x87_op *op,
                                               unsigned bytes)
{
    u64 m;
    struct f80 r;
    TRY(x87_begin(c) && x87_load(c, u, kind, &m, bytes));
    x87_track_mem(c, u, kind);
    if (UNLIKELY(st_empty(c, 0))) {
        if (x87_stack_underflow(c, u))
            st_put(c, 0, &f80_indefinite);
    } else if (LIKELY(x87_retire(c, u, op(&r, st_reg(c, 0), &m, c->fpu.cw, x87_known(c))))) {
        f80_copy(st_reg(c, 0), &r);
    }
    NEXT;
}

#if X87_HOST
static ALWAYS_INLINE const struct uop *quick_mem(struct cpu *c, const struct uop *u, exec_fn *checked,
                                                 enum ea_kind kind, x87_quick_op *op, unsigned bytes)
{
    struct quick_stack st = quick_stack(c);
    QUICK_NEEDS(st, st.top);
    QUICK_OPERAND(r, bytes);
    struct f80 *to = quick_reg(c, st.top);
    struct x87_quick q = op(to, p);
    if (!quick_stands(c, q.sw))
        PASS_TO(checked);
    quick_put(to, q.value);
    quick_c1(c, q.sw);
    quick_track_mem(c, u, linear);
    NEXT_FAST;
}

static ALWAYS_INLINE const struct uop *quick_sign(struct cpu *c, const struct uop *u, exec_fn *checked, u16 and,
                                                  u16 xor)
{
    struct quick_stack st = quick_stack(c);
    QUICK_NEEDS(st, st.top);
    struct f80 *r = quick_reg(c, st.top);
    r->se = (r->se & and) ^ xor;
    quick_c1(c, 0);
    quick_track(c, u);
    NEXT_FAST;
}
#endif

/* clang-format off */
#define X87_FORM_0I(name) EXEC_QUICK(f##name, quick_regs(c, u, checked, x87q_##name, 0, u->src, false)) { return reg_reg(c, u, x87h_##name, 0, u->src, false); }
#define X87_FORM_I0(name) EXEC_QUICK(f##name##_to, quick_regs(c, u, checked, x87q_##name, u->src, 0, false)) { return reg_reg(c, u, x87h_##name, u->src, 0, false); }
#define X87_FORM_I0P(name) EXEC_QUICK(f##name##p, quick_regs(c, u, checked, x87q_##name, u->src, 0, true)) { return reg_reg(c, u, x87h_##name, u->src, 0, true); }
#define X87_FORM_M32(name) EXEC_QUICK_MEM(f##name##_m32, quick_mem(c, u, checked, kind, x87q_##name##_m32, 4)) { return reg_mem(c, u, kind, x87h_##name##_m32, 4); }
#define X87_FORM_M64(name) EXEC_QUICK_MEM(f##name##_m64, quick_mem(c, u, checked, kind, x87q_##name##_m64, 8)) { return reg_mem(c, u, kind, x87h_##name##_m64, 8); }
#define X87_FORM_I16(name) EXEC_QUICK_MEM(f##name##_i16, quick_mem(c, u, checked, kind, x87q_##name##_i16, 2)) { return reg_mem(c, u, kind, x87h_##name##_i16, 2); }
#define X87_FORM_I32(name) EXEC_QUICK_MEM(f##name##_i32, quick_mem(c, u, checked, kind, x87q_##name##_i32, 4)) { return reg_mem(c, u, kind, x87h_##name##_i32, 4); }
/* clang-format on */
#define X87_REG_FORMS(name) X87_FORM_0I(name) X87_FORM_I0(name) X87_FORM_I0P(name)
#define X87_MEM_FORMS(name) X87_FORM_M32(name) X87_FORM_M64(name) X87_FORM_I16(name) X87_FORM_I32(name)

X87_REG_FORMS(add)
X87_REG_FORMS(sub)
X87_REG_FORMS(subr)
X87_REG_FORMS(mul)
X87_REG_FORMS(div)
X87_REG_FORMS(divr)
X87_MEM_FORMS(add)
X87_MEM_FORMS(sub)
X87_MEM_FORMS(subr)
X87_MEM_FORMS(mul)
X87_MEM_FORMS(div)
X87_MEM_FORMS(divr)

EXEC_QUICK(fscale, quick_regs(c, u, checked, x87q_scale, 0, 1, false))
{
    return reg_reg(c, u, x87h_scale, 0, 1, false);
}
EXEC_QUICK(fsqrt, quick_regs(c, u, checked, x87q_sqrt, 0, 0, false))
{
    return reg_reg(c, u, x87h_sqrt, 0, 0, false);
}
EXEC_QUICK(frndint, quick_regs(c, u, checked, x87q_rndint, 0, 0, false))
{
    return reg_reg(c, u, x87h_rndint, 0, 0, false);
}

/* FPREM, FPREM1: C2 set while the reduction is incomplete; C0, C3, C1 are quotient bits 2, 1, 0. Without a quotient
 * (NaN or invalid operands) C0 and C3 are left alone. */
static ALWAYS_INLINE const struct uop *remainder_of(struct cpu *c, const struct uop *u, x87_op *op)
{
    struct f80 r;
    TRY(x87_begin(c));
    x87_track(c, u);
    if (UNLIKELY(st_empty(c, 0) || st_empty(c, 1))) {
        if (x87_stack_underflow(c, u))
            st_put(c, 0, &f80_indefinite);
        c->fpu.sw &= (u16)~X87_C2;
        NEXT;
    }
    u16 sw = op(&r, st_reg(c, 0), st_reg(c, 1), c->fpu.cw, x87_known(c));
    bool done = x87_retire(c, u, sw);
    if (done && (r.se & F80_EXP) != F80_EXP)
        x87_set_cc(c, sw & X87_CC);
    else
        c->fpu.sw &= (u16) ~(X87_C2 | X87_C1);
    if (done)
        f80_copy(st_reg(c, 0), &r);
    NEXT;
}
EXEC(fprem)
{
    return remainder_of(c, u, x87h_prem);
}
EXEC(fprem1)
{
    return remainder_of(c, u, x87h_prem1);
}

/* FABS and FCHS only touch the sign bit, of any contents. */
static ALWAYS_INLINE const struct uop *sign_bit(struct cpu *c, const struct uop *u, u16 and, u16 xor)
{
    TRY(x87_begin(c));
    x87_track(c, u);
    if (UNLIKELY(st_empty(c, 0))) {
        if (x87_stack_underflow(c, u))
            st_put(c, 0, &f80_indefinite);
        NEXT;
    }
    x87_clear_c1(c);
    st_reg(c, 0)->se = (st_reg(c, 0)->se & and) ^ xor;
    NEXT;
}
EXEC_QUICK(fabs, quick_sign(c, u, checked, F80_EXP, 0))
{
    return sign_bit(c, u, F80_EXP, 0);
}
EXEC_QUICK(fchs, quick_sign(c, u, checked, F80_EXP | F80_SIGN, F80_SIGN))
{
    return sign_bit(c, u, F80_EXP | F80_SIGN, F80_SIGN);
}

/* FXTRACT: exponent below, significand on top. */
EXEC(fxtract)
{
    struct f80 r[2];
    TRY(x87_begin(c));
    x87_track(c, u);
    if (UNLIKELY(st_empty(c, 0) || st_full(c))) {
        if (st_empty(c, 0) ? x87_stack_underflow(c, u) : x87_stack_overflow(c, u)) {
            st_put(c, 0, &f80_indefinite);
            st_push(c, &f80_indefinite);
        }
    } else if (x87_retire(c, u, x87h_xtract(r, st_reg(c, 0), c->fpu.cw, x87_known(c)))) {
        st_put(c, 0, &r[1]);
        st_push(c, &r[0]);
    }
    NEXT;
}
