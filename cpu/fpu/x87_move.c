/* x87_move.c: loads, stores, constants, exchange and conditional moves (SDM vol. 1, 8.3.3, 8.3.4). Ordinary values are
 * converted by integer arithmetic (x87_convert.h), the others by the host. */
#include "x87_convert.h"
#include "x87_quick_move.h"

enum { CC_B = 2, CC_NB, CC_E, CC_NE, CC_BE, CC_NBE, CC_U = 10, CC_NU };

/* ---- loads ---- */

/* Pushes the operand: `sw` is what its conversion raised. A denormal is loaded even when its exception is unmasked. */
static ALWAYS_INLINE void push_loaded(struct cpu *c, const struct uop *u, const struct f80 *v, u16 sw)
{
    if (LIKELY(x87_retire(c, u, sw) || !(sw & X87_IE)))
        st_push(c, v);
}
/* The push finds no room. */
static COLD const struct uop *no_room(struct cpu *c, const struct uop *u)
{
    if (x87_stack_overflow(c, u))
        st_push(c, &f80_indefinite);
    NEXT;
}

EXEC_QUICK_MEM(fld_m32, quick_load(c, u, checked, kind, x87q_ld_m32, 4))
{
    u32 m;
    struct f80 v;
    u16 sw = 0;
    TRY(x87_begin(c) && x87_load(c, u, kind, &m, 4));
    x87_track_mem(c, u, kind);
    if (UNLIKELY(st_full(c)))
        return no_room(c, u);
    if (UNLIKELY(!f80_from_m32(&v, m)))
        sw = x87h_ld_m32(&v, &v, &m, c->fpu.cw, x87_known(c)) & FSW_EXCEPTIONS;
    push_loaded(c, u, &v, sw);
    NEXT;
}

EXEC_QUICK_MEM(fld_m64, quick_load(c, u, checked, kind, x87q_ld_m64, 8))
{
    u64 m;
    struct f80 v;
    u16 sw = 0;
    TRY(x87_begin(c) && x87_load(c, u, kind, &m, 8));
    x87_track_mem(c, u, kind);
    if (UNLIKELY(st_full(c)))
        return no_room(c, u);
    if (UNLIKELY(!f80_from_m64(&v, m)))
        sw = x87h_ld_m64(&v, &v, &m, c->fpu.cw, x87_known(c)) & FSW_EXCEPTIONS;
    push_loaded(c, u, &v, sw);
    NEXT;
}

EXEC_QUICK_MEM(fld_m80, quick_load(c, u, checked, kind, x87q_ld_m80, F80_BYTES))
{
    struct f80 v;
    TRY(x87_begin(c) && x87_load(c, u, kind, &v, F80_BYTES));
    x87_track_mem(c, u, kind);
    if (UNLIKELY(st_full(c)))
        return no_room(c, u);
    push_loaded(c, u, &v, 0);
    NEXT;
}

static ALWAYS_INLINE const struct uop *load_int(struct cpu *c, const struct uop *u, enum ea_kind kind, unsigned bytes)
{
    u64 m = 0;
    struct f80 v;
    TRY(x87_begin(c) && x87_load(c, u, kind, &m, bytes));
    x87_track_mem(c, u, kind);
    if (UNLIKELY(st_full(c)))
        return no_room(c, u);
    f80_from_int(&v, (s64)(m << (64 - 8 * bytes)) >> (64 - 8 * bytes));
    push_loaded(c, u, &v, 0);
    NEXT;
}
EXEC_QUICK_MEM(fild_i16, quick_load(c, u, checked, kind, x87q_ild_i16, 2))
{
    return load_int(c, u, kind, 2);
}
EXEC_QUICK_MEM(fild_i32, quick_load(c, u, checked, kind, x87q_ild_i32, 4))
{
    return load_int(c, u, kind, 4);
}
EXEC_QUICK_MEM(fild_i64, quick_load(c, u, checked, kind, x87q_ild_i64, 8))
{
    return load_int(c, u, kind, 8);
}

EXEC_QUICK(fld_st, quick_load_reg(c, u, checked))
{
    TRY(x87_begin(c));
    x87_track(c, u);
    struct f80 v = *st_reg(c, u->src);
    bool empty = st_empty(c, u->src);
    if (UNLIKELY(st_full(c) || empty)) {
        if (empty ? x87_stack_underflow(c, u) : x87_stack_overflow(c, u))
            st_push(c, &f80_indefinite);
        NEXT;
    }
    push_loaded(c, u, &v, 0);
    NEXT;
}

/* ---- constants: 66-bit ones inside, rounded as RC says ---- */

typedef u16 x87_op(struct f80 *r, const struct f80 *a, const void *b, u16 cw, u16 known);

static ALWAYS_INLINE const struct uop *load_constant(struct cpu *c, const struct uop *u, x87_op *op)
{
    struct f80 v = { 0, 0 };
    TRY(x87_begin(c));
    x87_track(c, u);
    if (UNLIKELY(st_full(c)))
        return no_room(c, u);
    op(&v, &v, &v, c->fpu.cw, FSW_EXCEPTIONS); /* raises nothing */
    push_loaded(c, u, &v, 0);
    NEXT;
}
EXEC_QUICK(fldl2t, quick_load_constant(c, u, checked, x87q_ldl2t))
{
    return load_constant(c, u, x87h_ldl2t);
}
EXEC_QUICK(fldl2e, quick_load_constant(c, u, checked, x87q_ldl2e))
{
    return load_constant(c, u, x87h_ldl2e);
}
EXEC_QUICK(fldpi, quick_load_constant(c, u, checked, x87q_ldpi))
{
    return load_constant(c, u, x87h_ldpi);
}
EXEC_QUICK(fldlg2, quick_load_constant(c, u, checked, x87q_ldlg2))
{
    return load_constant(c, u, x87h_ldlg2);
}
EXEC_QUICK(fldln2, quick_load_constant(c, u, checked, x87q_ldln2))
{
    return load_constant(c, u, x87h_ldln2);
}

static ALWAYS_INLINE const struct uop *load_exact(struct cpu *c, const struct uop *u, struct f80 v)
{
    TRY(x87_begin(c));
    x87_track(c, u);
    if (UNLIKELY(st_full(c)))
        return no_room(c, u);
    push_loaded(c, u, &v, 0);
    NEXT;
}
EXEC_QUICK(fld1, quick_load_exact(c, u, checked, F80_INTEGER, F80_BIAS))
{
    return load_exact(c, u, (struct f80){ F80_INTEGER, F80_BIAS });
}
EXEC_QUICK(fldz, quick_load_exact(c, u, checked, 0, 0))
{
    return load_exact(c, u, (struct f80){ 0, 0 });
}

/* ---- stores to memory ---- */

/* The instruction ends: the value was converted with `sw`; it goes to memory unless an unmasked exception forbids that.
 */
static ALWAYS_INLINE const struct uop *store_end(struct cpu *c, const struct uop *u, enum ea_kind kind, const void *v,
                                                 unsigned bytes, u16 sw, bool pop)
{
    bool ok = x87_may_store(c, sw);
    if (LIKELY(ok))
        TRY(x87_store(c, u, kind, v, bytes));
    x87_track_mem(c, u, kind);
    (void)x87_retire(c, u, sw);
    if (pop && ok)
        st_pop(c);
    NEXT;
}

/* ST(0) is empty: the indefinite of the format is stored. */
static COLD const struct uop *store_empty(struct cpu *c, const struct uop *u, const void *indefinite, unsigned bytes,
                                          bool pop)
{
    bool masked = (c->fpu.cw & X87_IE) != 0;
    if (masked)
        TRY(bytes == F80_BYTES ? x87_store80(c, u, indefinite) : store(c, u, indefinite, bytes));
    x87_track_mem(c, u, EA_GEN);
    (void)x87_stack_underflow(c, u);
    if (masked && pop)
        st_pop(c);
    NEXT;
}

static ALWAYS_INLINE const struct uop *store_m32(struct cpu *c, const struct uop *u, enum ea_kind kind, bool pop)
{
    static const u32 indefinite = 0xffc00000u;
    u32 m;
    u64 v;
    u16 sw;
    TRY(x87_begin(c));
    if (UNLIKELY(st_empty(c, 0)))
        return store_empty(c, u, &indefinite, 4, pop);
    if (LIKELY(f80_to_float(&v, st_reg(c, 0), c->fpu.cw, &sw, 32, 23, 127)))
        m = (u32)v;
    else
        sw = x87h_st_m32(&m, st_reg(c, 0), c->fpu.cw, x87_known(c));
    return store_end(c, u, kind, &m, 4, sw, pop);
}
EXEC_QUICK_MEM(fst_m32, quick_store(c, u, checked, kind, x87q_st_m32, 4, false))
{
    return store_m32(c, u, kind, false);
}
EXEC_QUICK_MEM(fstp_m32, quick_store(c, u, checked, kind, x87q_st_m32, 4, true))
{
    return store_m32(c, u, kind, true);
}

static ALWAYS_INLINE const struct uop *store_m64(struct cpu *c, const struct uop *u, enum ea_kind kind, bool pop)
{
    static const u64 indefinite = 0xfff8000000000000u;
    u64 m;
    u16 sw;
    TRY(x87_begin(c));
    if (UNLIKELY(st_empty(c, 0)))
        return store_empty(c, u, &indefinite, 8, pop);
    if (UNLIKELY(!f80_to_float(&m, st_reg(c, 0), c->fpu.cw, &sw, 64, 52, 1023)))
        sw = x87h_st_m64(&m, st_reg(c, 0), c->fpu.cw, x87_known(c));
    return store_end(c, u, kind, &m, 8, sw, pop);
}
EXEC_QUICK_MEM(fst_m64, quick_store(c, u, checked, kind, x87q_st_m64, 8, false))
{
    return store_m64(c, u, kind, false);
}
EXEC_QUICK_MEM(fstp_m64, quick_store(c, u, checked, kind, x87q_st_m64, 8, true))
{
    return store_m64(c, u, kind, true);
}

EXEC_QUICK_MEM(fstp_m80, quick_store_80(c, u, checked, kind))
{
    TRY(x87_begin(c));
    if (UNLIKELY(st_empty(c, 0)))
        return store_empty(c, u, &f80_indefinite, F80_BYTES, true);
    struct f80 v = *st_reg(c, 0);
    return store_end(c, u, kind, &v, F80_BYTES, 0, true);
}

/* Integers; what does not fit is invalid and stores the most negative one. */
static ALWAYS_INLINE const struct uop *store_int(struct cpu *c, const struct uop *u, enum ea_kind kind, unsigned bytes,
                                                 bool chop, bool pop)
{
    u64 indefinite = BIT64(8 * bytes - 1), m = 0;
    u16 sw, m16, cw = (u16)(c->fpu.cw | (chop ? FCW_RC : 0));
    u32 m32;
    TRY(x87_begin(c));
    if (UNLIKELY(st_empty(c, 0)))
        return store_empty(c, u, &indefinite, bytes, pop);
    if (UNLIKELY(!f80_to_int(&m, st_reg(c, 0), cw, &sw, 8 * bytes))) {
        if (bytes == 2) {
            sw = x87h_ist_i16(&m16, st_reg(c, 0), cw, x87_known(c));
            m = m16;
        } else if (bytes == 4) {
            sw = x87h_ist_i32(&m32, st_reg(c, 0), cw, x87_known(c));
            m = m32;
        } else {
            sw = x87h_ist_i64(&m, st_reg(c, 0), cw, x87_known(c));
        }
    }
    return store_end(c, u, kind, &m, bytes, sw, pop);
}
EXEC_QUICK_MEM(fist_i16, quick_store(c, u, checked, kind, x87q_ist_i16, 2, false))
{
    return store_int(c, u, kind, 2, false, false);
}
EXEC_QUICK_MEM(fist_i32, quick_store(c, u, checked, kind, x87q_ist_i32, 4, false))
{
    return store_int(c, u, kind, 4, false, false);
}
EXEC_QUICK_MEM(fistp_i16, quick_store(c, u, checked, kind, x87q_ist_i16, 2, true))
{
    return store_int(c, u, kind, 2, false, true);
}
EXEC_QUICK_MEM(fistp_i32, quick_store(c, u, checked, kind, x87q_ist_i32, 4, true))
{
    return store_int(c, u, kind, 4, false, true);
}
EXEC_QUICK_MEM(fistp_i64, quick_store(c, u, checked, kind, x87q_ist_i64, 8, true))
{
    return store_int(c, u, kind, 8, false, true);
}
EXEC_QUICK_MEM(fisttp_i16, quick_store(c, u, checked, kind, x87q_istt_i16, 2, true))
{
    return store_int(c, u, kind, 2, true, true);
}
EXEC_QUICK_MEM(fisttp_i32, quick_store(c, u, checked, kind, x87q_istt_i32, 4, true))
{
    return store_int(c, u, kind, 4, true, true);
}
EXEC_QUICK_MEM(fisttp_i64, quick_store(c, u, checked, kind, x87q_istt_i64, 8, true))
{
    return store_int(c, u, kind, 8, true, true);
}

/* ---- between registers ---- */

static ALWAYS_INLINE const struct uop *store_reg(struct cpu *c, const struct uop *u, bool pop)
{
    TRY(x87_begin(c));
    x87_track(c, u);
    bool done = true;
    if (UNLIKELY(st_empty(c, 0))) {
        done = x87_stack_underflow(c, u);
        if (done)
            st_put(c, u->src, &f80_indefinite);
    } else {
        x87_clear_c1(c);
        st_put(c, u->src, st_reg(c, 0));
    }
    if (pop && done)
        st_pop(c);
    NEXT;
}
EXEC_QUICK(fst_st, quick_store_reg(c, u, checked, false))
{
    return store_reg(c, u, false);
}
EXEC_QUICK(fstp_st, quick_store_reg(c, u, checked, true))
{
    return store_reg(c, u, true);
}

/* D9 D8+i, not in the manual: FSTP that takes no offence at an empty ST(0): it pops and stores nothing. */
EXEC(fstpnce)
{
    TRY(x87_begin(c));
    x87_track(c, u);
    x87_clear_c1(c);
    if (!st_empty(c, 0))
        st_put(c, u->src, st_reg(c, 0));
    st_pop(c);
    NEXT;
}

EXEC_QUICK(fxch, quick_exchange(c, u, checked))
{
    TRY(x87_begin(c));
    x87_track(c, u);
    bool empty0 = st_empty(c, 0), empty = st_empty(c, u->src);
    if (UNLIKELY(empty0 || empty)) {
        if (!x87_stack_underflow(c, u))
            NEXT;
        if (empty0)
            st_put(c, 0, &f80_indefinite);
        if (empty)
            st_put(c, u->src, &f80_indefinite);
    } else {
        x87_clear_c1(c);
    }
    struct f80 v = *st_reg(c, 0);
    st_put(c, 0, st_reg(c, u->src));
    st_put(c, u->src, &v);
    NEXT;
}

/* Both registers must hold something whatever the condition says. */
static ALWAYS_INLINE const struct uop *cmov(struct cpu *c, const struct uop *u, unsigned cc)
{
    TRY(x87_begin(c));
    x87_track(c, u);
    if (UNLIKELY(st_empty(c, 0) || st_empty(c, u->src))) {
        if (x87_stack_underflow(c, u))
            st_put(c, 0, &f80_indefinite);
        NEXT;
    }
    if (flags_cond(c, cc))
        st_put(c, 0, st_reg(c, u->src));
    NEXT;
}
EXEC_QUICK(fcmovb, quick_cmov(c, u, checked, CC_B))
{
    return cmov(c, u, CC_B);
}
EXEC_QUICK(fcmovnb, quick_cmov(c, u, checked, CC_NB))
{
    return cmov(c, u, CC_NB);
}
EXEC_QUICK(fcmove, quick_cmov(c, u, checked, CC_E))
{
    return cmov(c, u, CC_E);
}
EXEC_QUICK(fcmovne, quick_cmov(c, u, checked, CC_NE))
{
    return cmov(c, u, CC_NE);
}
EXEC_QUICK(fcmovbe, quick_cmov(c, u, checked, CC_BE))
{
    return cmov(c, u, CC_BE);
}
EXEC_QUICK(fcmovnbe, quick_cmov(c, u, checked, CC_NBE))
{
    return cmov(c, u, CC_NBE);
}
EXEC_QUICK(fcmovu, quick_cmov(c, u, checked, CC_U))
{
    return cmov(c, u, CC_U);
}
EXEC_QUICK(fcmovnu, quick_cmov(c, u, checked, CC_NU))
{
    return cmov(c, u, CC_NU);
}
