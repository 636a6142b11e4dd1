/* x87_cmp.c: comparisons and FXAM (SDM vol. 1, 8.3.6). */
#include "x87_quick.h"

typedef u16 x87_cmp(const struct f80 *a, const void *b, u16 cw, u16 known);

#define UNORDERED (X87_C3 | X87_C2 | X87_C0)

static ALWAYS_INLINE void pops(struct cpu *c, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        st_pop(c);
}

/* Compares ST(0) with ST(i); *cc gets C3, C2, C0. False: an unmasked exception forbids pops and writes to EFLAGS.
 * Condition codes are written all the same; C1 is left for the caller (processors from the P6 on do so, against SDM
 * vol. 2). */
static ALWAYS_INLINE bool compare(struct cpu *c, const struct uop *u, x87_cmp *cmp, unsigned i, u32 *cc)
{
    if (UNLIKELY(st_empty(c, 0) || st_empty(c, i))) {
        *cc = UNORDERED;
        return x87_stack_underflow(c, u);
    }
    u16 sw = cmp(st_reg(c, 0), st_reg(c, i), c->fpu.cw, x87_known(c));
    *cc = sw & UNORDERED;
    return x87_retire(c, u, (u16)((sw & FSW_EXCEPTIONS) | (c->fpu.sw & X87_C1)));
}

static ALWAYS_INLINE const struct uop *compare_reg(struct cpu *c, const struct uop *u, x87_cmp *cmp, unsigned i,
                                                   unsigned n)
{
    u32 cc;
    TRY(x87_begin(c));
    x87_track(c, u);
    bool done = compare(c, u, cmp, i, &cc);
    x87_set_cc(c, cc);
    if (done)
        pops(c, n);
    NEXT;
}
#if X87_HOST
typedef u32 x87_quick_cmp(const struct f80 *a, const void *b);

static ALWAYS_INLINE void quick_set_cc(struct cpu *c, u32 sw)
{
    c->fpu.sw = (u16)((c->fpu.sw & ~X87_CC) | (sw & UNORDERED));
    quick_c1(c, 0);
}
static ALWAYS_INLINE void quick_pops(struct cpu *c, struct quick_stack *st, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        quick_pop(c, st);
}

static ALWAYS_INLINE const struct uop *quick_cmp_reg(struct cpu *c, const struct uop *u, exec_fn *checked,
                                                     x87_quick_cmp *cmp, unsigned i, unsigned n, bool to_flags)
{
    struct quick_stack st = quick_stack(c);
    unsigned other = quick_st(st, i);
    QUICK_NEEDS(st, st.top);
    QUICK_NEEDS(st, other);
    u32 sw = cmp(quick_reg(c, st.top), quick_reg(c, other));
    if (!quick_stands(c, sw))
        PASS_TO(checked);
    if (to_flags)
        c->fl = sw & UNORDERED; /* C3, C2, C0 stand where c->fl has ZF, PF, CF */
    else
        quick_set_cc(c, sw);
    quick_track(c, u);
    quick_pops(c, &st, n);
    NEXT_FAST;
}
_Static_assert(X87_C3 == HF_ZF && X87_C2 == HF_PF && X87_C0 == HF_CF, "condition codes are flags");

static ALWAYS_INLINE const struct uop *quick_cmp_mem(struct cpu *c, const struct uop *u, exec_fn *checked,
                                                     enum ea_kind kind, x87_quick_cmp *cmp, unsigned bytes, unsigned n)
{
    struct quick_stack st = quick_stack(c);
    QUICK_NEEDS(st, st.top);
    QUICK_OPERAND(r, bytes);
    u32 sw = cmp(quick_reg(c, st.top), p);
    if (!quick_stands(c, sw))
        PASS_TO(checked);
    quick_set_cc(c, sw);
    quick_track_mem(c, u, linear);
    quick_pops(c, &st, n);
    NEXT_FAST;
}
#endif

EXEC_QUICK(fcom, quick_cmp_reg(c, u, checked, x87q_com, u->src, 0, false))
{
    return compare_reg(c, u, x87h_com, u->src, 0);
}
EXEC_QUICK(fcomp, quick_cmp_reg(c, u, checked, x87q_com, u->src, 1, false))
{
    return compare_reg(c, u, x87h_com, u->src, 1);
}
EXEC_QUICK(fcompp, quick_cmp_reg(c, u, checked, x87q_com, 1, 2, false))
{
    return compare_reg(c, u, x87h_com, 1, 2);
}
EXEC_QUICK(fucom, quick_cmp_reg(c, u, checked, x87q_ucom, u->src, 0, false))
{
    return compare_reg(c, u, x87h_ucom, u->src, 0);
}
EXEC_QUICK(fucomp, quick_cmp_reg(c, u, checked, x87q_ucom, u->src, 1, false))
{
    return compare_reg(c, u, x87h_ucom, u->src, 1);
}
EXEC_QUICK(fucompp, quick_cmp_reg(c, u, checked, x87q_ucom, 1, 2, false))
{
    return compare_reg(c, u, x87h_ucom, 1, 2);
}

/* C3, C2, C0 stand where ZF, PF, CF do after SAHF. */
static ALWAYS_INLINE const struct uop *compare_flags(struct cpu *c, const struct uop *u, x87_cmp *cmp, unsigned n)
{
    u32 cc;
    TRY(x87_begin(c));
    x87_track(c, u);
    bool done = compare(c, u, cmp, u->src, &cc);
    flags_set_arith(c, (cc & X87_C3 ? FL_ZF : 0) | (cc & X87_C2 ? FL_PF : 0) | (cc & X87_C0 ? FL_CF : 0));
    if (done)
        pops(c, n);
    NEXT;
}
EXEC_QUICK(fcomi, quick_cmp_reg(c, u, checked, x87q_com, u->src, 0, true))
{
    return compare_flags(c, u, x87h_com, 0);
}
EXEC_QUICK(fcomip, quick_cmp_reg(c, u, checked, x87q_com, u->src, 1, true))
{
    return compare_flags(c, u, x87h_com, 1);
}
EXEC_QUICK(fucomi, quick_cmp_reg(c, u, checked, x87q_ucom, u->src, 0, true))
{
    return compare_flags(c, u, x87h_ucom, 0);
}
EXEC_QUICK(fucomip, quick_cmp_reg(c, u, checked, x87q_ucom, u->src, 1, true))
{
    return compare_flags(c, u, x87h_ucom, 1);
}

static ALWAYS_INLINE const struct uop *compare_mem(struct cpu *c, const struct uop *u, enum ea_kind kind, x87_cmp *cmp,
                                                   unsigned bytes, unsigned n)
{
    u64 m;
    u32 cc = UNORDERED;
    bool done;
    TRY(x87_begin(c) && x87_load(c, u, kind, &m, bytes));
    x87_track_mem(c, u, kind);
    if (UNLIKELY(st_empty(c, 0))) {
        done = x87_stack_underflow(c, u);
    } else {
        u16 sw = cmp(st_reg(c, 0), &m, c->fpu.cw, x87_known(c));
        cc = sw & UNORDERED;
        done = x87_retire(c, u, sw & (u16)~X87_C1);
    }
    x87_set_cc(c, cc);
    if (done)
        pops(c, n);
    NEXT;
}
EXEC_QUICK_MEM(fcom_m32, quick_cmp_mem(c, u, checked, kind, x87q_com_m32, 4, 0))
{
    return compare_mem(c, u, kind, x87h_com_m32, 4, 0);
}
EXEC_QUICK_MEM(fcom_m64, quick_cmp_mem(c, u, checked, kind, x87q_com_m64, 8, 0))
{
    return compare_mem(c, u, kind, x87h_com_m64, 8, 0);
}
EXEC_QUICK_MEM(ficom_i16, quick_cmp_mem(c, u, checked, kind, x87q_com_i16, 2, 0))
{
    return compare_mem(c, u, kind, x87h_com_i16, 2, 0);
}
EXEC_QUICK_MEM(ficom_i32, quick_cmp_mem(c, u, checked, kind, x87q_com_i32, 4, 0))
{
    return compare_mem(c, u, kind, x87h_com_i32, 4, 0);
}
EXEC_QUICK_MEM(fcomp_m32, quick_cmp_mem(c, u, checked, kind, x87q_com_m32, 4, 1))
{
    return compare_mem(c, u, kind, x87h_com_m32, 4, 1);
}
EXEC_QUICK_MEM(fcomp_m64, quick_cmp_mem(c, u, checked, kind, x87q_com_m64, 8, 1))
{
    return compare_mem(c, u, kind, x87h_com_m64, 8, 1);
}
EXEC_QUICK_MEM(ficomp_i16, quick_cmp_mem(c, u, checked, kind, x87q_com_i16, 2, 1))
{
    return compare_mem(c, u, kind, x87h_com_i16, 2, 1);
}
EXEC_QUICK_MEM(ficomp_i32, quick_cmp_mem(c, u, checked, kind, x87q_com_i32, 4, 1))
{
    return compare_mem(c, u, kind, x87h_com_i32, 4, 1);
}

EXEC_QUICK(ftst, quick_cmp_reg(c, u, checked, x87q_tst, 0, 0, false))
{
    static const struct f80 zero = { 0, 0 };
    u32 cc = UNORDERED;
    TRY(x87_begin(c));
    x87_track(c, u);
    if (UNLIKELY(st_empty(c, 0))) {
        (void)x87_stack_underflow(c, u);
    } else {
        u16 sw = x87h_com(st_reg(c, 0), &zero, c->fpu.cw, x87_known(c));
        cc = sw & UNORDERED;
        (void)x87_retire(c, u, sw & (u16)~X87_C1);
    }
    x87_set_cc(c, cc);
    NEXT;
}

/* Classes of FXAM (SDM vol. 2, table 3-42). */
static u32 class_of(const struct f80 *v)
{
    unsigned e = v->se & F80_EXP;
    if (e == 0)
        return v->mant == 0 ? X87_C3 : X87_C3 | X87_C2; /* zero; denormal, pseudo-denormal */
    if (!(v->mant & F80_INTEGER))
        return 0; /* unsupported */
    if (e != F80_EXP)
        return X87_C2;                                        /* normal */
    return v->mant == F80_INTEGER ? X87_C2 | X87_C0 : X87_C0; /* infinity, NaN */
}

#if X87_HOST
static ALWAYS_INLINE const struct uop *quick_class(struct cpu *c, const struct uop *u, exec_fn *checked)
{
    struct quick_stack st = quick_stack(c);
    QUICK_NEEDS(st, st.top);
    const struct f80 *v = quick_reg(c, st.top);
    u32 sw = x87q_xam(v, v);
    quick_set_cc(c, sw);
    quick_c1(c, sw); /* the sign */
    quick_track(c, u);
    NEXT_FAST;
}
#endif

EXEC_QUICK(fxam, quick_class(c, u, checked))
{
    TRY(x87_begin(c));
    x87_track(c, u);
    const struct f80 *v = st_reg(c, 0);
    u32 cc = st_empty(c, 0) ? X87_C3 | X87_C0 : class_of(v);
    x87_set_cc(c, cc | (v->se & F80_SIGN ? X87_C1 : 0));
    NEXT;
}
