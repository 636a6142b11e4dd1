/* x87_quick_move.h: the quick ways (x87_quick.h) of loads, stores, constants and exchanges: included by x87_move.c
 * alone. */
#ifndef PCEMU_X87_QUICK_MOVE_H
#define PCEMU_X87_QUICK_MOVE_H

#include "x87_quick.h"

#if X87_HOST

/* ---- loads ---- */

/* The end of a quick push to register `to`, which holds the value by now. */
static ALWAYS_INLINE void quick_push(struct cpu *c, struct quick_stack st, unsigned to)
{
    quick_c1(c, 0);
    quick_pushed(c, st, to);
}

/* A number in memory; its format is `load_it`'s. */
typedef struct x87_quick x87_quick_load(const void *b);
static ALWAYS_INLINE const struct uop *quick_load(struct cpu *c, const struct uop *u, exec_fn *checked,
                                                  enum ea_kind kind, x87_quick_load *load_it, unsigned bytes)
{
    struct quick_stack st = quick_stack(c);
    unsigned to = quick_st(st, 7);
    QUICK_IN_USE;
    QUICK_NEEDS_ROOM(st, to);
    QUICK_OPERAND(r, bytes);
    struct x87_quick q = load_it(p);
    if (!quick_stands(c, q.sw))
        PASS_TO(checked);
    quick_put(quick_reg(c, to), q.value);
    quick_track_mem(c, u, linear);
    quick_push(c, st, to);
    NEXT_FAST;
}

static ALWAYS_INLINE const struct uop *quick_load_reg(struct cpu *c, const struct uop *u, exec_fn *checked)
{
    struct quick_stack st = quick_stack(c);
    unsigned to = quick_st(st, 7), from = quick_st(st, u->src);
    QUICK_NEEDS(st, from);
    QUICK_NEEDS_ROOM(st, to);
    f80_copy(quick_reg(c, to), quick_reg(c, from));
    quick_track(c, u);
    quick_push(c, st, to);
    NEXT_FAST;
}

static ALWAYS_INLINE const struct uop *quick_load_exact(struct cpu *c, const struct uop *u, exec_fn *checked, u64 mant,
                                                        u16 se)
{
    struct quick_stack st = quick_stack(c);
    unsigned to = quick_st(st, 7);
    QUICK_IN_USE;
    QUICK_NEEDS_ROOM(st, to);
    struct f80 *r = quick_reg(c, to);
    r->mant = mant;
    r->se = se;
    quick_track(c, u);
    quick_push(c, st, to);
    NEXT_FAST;
}

typedef long double x87_quick_constant(void);
static ALWAYS_INLINE const struct uop *quick_load_constant(struct cpu *c, const struct uop *u, exec_fn *checked,
                                                           x87_quick_constant *constant)
{
    struct quick_stack st = quick_stack(c);
    unsigned to = quick_st(st, 7);
    QUICK_IN_USE;
    QUICK_NEEDS_ROOM(st, to);
    quick_put(quick_reg(c, to), constant());
    quick_track(c, u);
    quick_push(c, st, to);
    NEXT_FAST;
}

/* ---- stores ---- */

typedef u32 x87_quick_store(u64 *r, const struct f80 *a);
static ALWAYS_INLINE const struct uop *quick_store(struct cpu *c, const struct uop *u, exec_fn *checked,
                                                   enum ea_kind kind, x87_quick_store *store_it, unsigned bytes,
                                                   bool pop)
{
    struct quick_stack st = quick_stack(c);
    QUICK_NEEDS(st, st.top);
    QUICK_OPERAND(w, bytes);
    u32 sw = store_it(&c->x87.result, quick_reg(c, st.top));
    if (!quick_stands(c, sw))
        PASS_TO(checked);
    put_bytes(p, c->x87.result, bytes);
    quick_c1(c, sw);
    quick_track_mem(c, u, linear);
    if (pop)
        quick_pop(c, &st);
    NEXT_FAST;
}

/* FSTP m80 raises nothing. */
static ALWAYS_INLINE const struct uop *quick_store_80(struct cpu *c, const struct uop *u, exec_fn *checked,
                                                      enum ea_kind kind)
{
    struct quick_stack st = quick_stack(c);
    QUICK_NEEDS(st, st.top);
    QUICK_OPERAND(w, F80_BYTES);
    x87q_st_m80(p, quick_reg(c, st.top));
    quick_c1(c, 0);
    quick_track_mem(c, u, linear);
    quick_pop(c, &st);
    NEXT_FAST;
}

/* ---- between registers ---- */

static ALWAYS_INLINE const struct uop *quick_store_reg(struct cpu *c, const struct uop *u, exec_fn *checked, bool pop)
{
    struct quick_stack st = quick_stack(c);
    unsigned to = quick_st(st, u->src);
    QUICK_NEEDS(st, st.top);
    f80_copy(quick_reg(c, to), quick_reg(c, st.top));
    st.valid |= BIT(to);
    quick_c1(c, 0);
    quick_track(c, u);
    if (pop)
        quick_pop(c, &st);
    else
        c->x87.valid = (u8)st.valid;
    NEXT_FAST;
}

static ALWAYS_INLINE const struct uop *quick_exchange(struct cpu *c, const struct uop *u, exec_fn *checked)
{
    struct quick_stack st = quick_stack(c);
    unsigned other = quick_st(st, u->src);
    QUICK_NEEDS(st, st.top);
    QUICK_NEEDS(st, other);
    struct f80 *a = quick_reg(c, st.top), *b = quick_reg(c, other);
    struct f80 v = *a;
    f80_copy(a, b);
    f80_copy(b, &v);
    quick_c1(c, 0);
    quick_track(c, u);
    NEXT_FAST;
}

static ALWAYS_INLINE const struct uop *quick_cmov(struct cpu *c, const struct uop *u, exec_fn *checked, unsigned cc)
{
    struct quick_stack st = quick_stack(c);
    unsigned from = quick_st(st, u->src);
    QUICK_NEEDS(st, st.top);
    QUICK_NEEDS(st, from);
    if (flags_cond(c, cc))
        f80_copy(quick_reg(c, st.top), quick_reg(c, from));
    quick_track(c, u);
    NEXT_FAST;
}

#endif

#endif
