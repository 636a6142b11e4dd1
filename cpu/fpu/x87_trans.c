/* x87_trans.c: transcendental instructions (SDM vol. 1, 8.3.7, 8.3.10). Their last bits are the host's own: Intel's and
 * AMD's processors differ there. */
#include "x87_quick.h"

#define TRIG_LIMIT (F80_BIAS + 63) /* |x| >= 2^63: out of range, C2 is set and nothing is done */

typedef u16 x87_op(struct f80 *r, const struct f80 *a, const void *b, u16 cw, u16 known);
typedef u16 x87_pair(struct f80 r[2], const struct f80 *a, u16 cw, u16 known);

/* Finite, normal and too large to reduce. Unsupported formats, infinities and NaNs are invalid operands instead. */
static bool out_of_range(const struct f80 *v)
{
    unsigned e = v->se & F80_EXP;
    return e >= TRIG_LIMIT && e != F80_EXP && (v->mant & F80_INTEGER);
}

static ALWAYS_INLINE const struct uop *underflow(struct cpu *c, const struct uop *u, unsigned dst, bool pop)
{
    if (x87_stack_underflow(c, u)) {
        st_put(c, dst, &f80_indefinite);
        if (pop)
            st_pop(c);
    }
    NEXT;
}

EXEC_QUICK(f2xm1, quick_regs(c, u, checked, x87q_2xm1, 0, 0, false))
{
    struct f80 r;
    TRY(x87_begin(c));
    x87_track(c, u);
    if (UNLIKELY(st_empty(c, 0)))
        return underflow(c, u, 0, false);
    if (x87_retire(c, u, x87h_2xm1(&r, st_reg(c, 0), st_reg(c, 0), c->fpu.cw, x87_known(c))))
        st_put(c, 0, &r);
    NEXT;
}

/* ST(1) = f(ST(0), ST(1)), pop. */
static ALWAYS_INLINE const struct uop *two_to_one(struct cpu *c, const struct uop *u, x87_op *op)
{
    struct f80 r;
    TRY(x87_begin(c));
    x87_track(c, u);
    if (UNLIKELY(st_empty(c, 0) || st_empty(c, 1)))
        return underflow(c, u, 1, true);
    if (x87_retire(c, u, op(&r, st_reg(c, 0), st_reg(c, 1), c->fpu.cw, x87_known(c)))) {
        st_put(c, 1, &r);
        st_pop(c);
    }
    NEXT;
}
EXEC_QUICK(fyl2x, quick_regs(c, u, checked, x87q_yl2x, 1, 0, true))
{
    return two_to_one(c, u, x87h_yl2x);
}
EXEC_QUICK(fyl2xp1, quick_regs(c, u, checked, x87q_yl2xp1, 1, 0, true))
{
    return two_to_one(c, u, x87h_yl2xp1);
}
EXEC_QUICK(fpatan, quick_regs(c, u, checked, x87q_patan, 1, 0, true))
{
    return two_to_one(c, u, x87h_patan);
}

static ALWAYS_INLINE const struct uop *sine(struct cpu *c, const struct uop *u, x87_op *op)
{
    struct f80 r;
    TRY(x87_begin(c));
    x87_track(c, u);
    c->fpu.sw &= (u16) ~(X87_C1 | X87_C2);
    if (UNLIKELY(st_empty(c, 0)))
        return underflow(c, u, 0, false);
    if (UNLIKELY(out_of_range(st_reg(c, 0))))
        c->fpu.sw |= X87_C2;
    else if (x87_retire(c, u, op(&r, st_reg(c, 0), st_reg(c, 0), c->fpu.cw, x87_known(c))))
        st_put(c, 0, &r);
    NEXT;
}
#if X87_HOST
static ALWAYS_INLINE const struct uop *quick_sine(struct cpu *c, const struct uop *u, exec_fn *checked,
                                                  x87_quick_op *op)
{
    struct quick_stack st = quick_stack(c);
    QUICK_NEEDS(st, st.top);
    struct f80 *v = quick_reg(c, st.top);
    if (UNLIKELY((v->se & F80_EXP) >= TRIG_LIMIT))
        PASS_TO(checked);
    struct x87_quick q = op(v, v);
    if (!quick_stands(c, q.sw))
        PASS_TO(checked);
    quick_put(v, q.value);
    c->fpu.sw &= (u16)~X87_C2;
    quick_c1(c, q.sw);
    quick_track(c, u);
    NEXT_FAST;
}
#endif

EXEC_QUICK(fsin, quick_sine(c, u, checked, x87q_sin))
{
    return sine(c, u, x87h_sin);
}
EXEC_QUICK(fcos, quick_sine(c, u, checked, x87q_cos))
{
    return sine(c, u, x87h_cos);
}

/* ST(0) is replaced and a second result pushed. */
static ALWAYS_INLINE const struct uop *one_to_two(struct cpu *c, const struct uop *u, x87_pair *op)
{
    struct f80 r[2];
    TRY(x87_begin(c));
    x87_track(c, u);
    c->fpu.sw &= (u16) ~(X87_C1 | X87_C2);
    if (UNLIKELY(st_empty(c, 0) || st_full(c))) {
        if (st_empty(c, 0) ? x87_stack_underflow(c, u) : x87_stack_overflow(c, u)) {
            st_put(c, 0, &f80_indefinite);
            st_push(c, &f80_indefinite);
        }
    } else if (UNLIKELY(out_of_range(st_reg(c, 0)))) {
        c->fpu.sw |= X87_C2;
    } else if (x87_retire(c, u, op(r, st_reg(c, 0), c->fpu.cw, x87_known(c)))) {
        st_put(c, 0, &r[1]);
        st_push(c, &r[0]);
    }
    NEXT;
}
EXEC(fptan)
{
    return one_to_two(c, u, x87h_ptan);
}
EXEC(fsincos)
{
    return one_to_two(c, u, x87h_sincos);
}
