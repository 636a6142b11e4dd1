/* x87_quick.h: the quick ways of x87 instructions, for ordinary values in flat code, where nothing is pending and no
 * unmasked exception comes of them. Everything else goes to the checked handler of the same instruction (x87_arith.c,
 * x87_move.c, x87_cmp.c), which knows all the rules; a quick way changes nothing before it is sure.
 *
 * While c->fpu.quick, the host's control word is the guest's with all exceptions masked, so that an operation is a
 * load, the instruction and a store. The host's exception flags are sticky, and only grow; the quick way looks whether
 * they show one that the guest's status word does not have (c->x87.unknown): then the operation is done again, checked.
 * And what each instruction changes and hardly anybody reads is kept as it comes: C1 in the status word of the host,
 * the error pointers as pieces of the uop (struct x87_env). The tags are kept there, too: they are all empty in an
 * environment that is not in use, so that the question whether ST(0) holds something answers both. x87_settle() puts
 * all that where it belongs and gives the host its control word back. Whoever reads or writes these things calls it
 * first: each checked handler (x87_begin()), the instructions that store the state, whoever leaves the run loop
 * (fpu_release()), and each change of mode or of a segment that a flat operand may lie in (mode.c), so that
 * the selectors are those of the time of entry. */
#ifndef PCEMU_X87_QUICK_H
#define PCEMU_X87_QUICK_H

#include "vec_op.h"
#include "x87_mem.h"

/* Loads the control word within the environment, if it is in use and can be so afterwards; else false. */
bool x87_quick_set_cw(struct cpu *c, u16 cw);

#if X87_HOST

/* Not ready: makes it so, after which the run loop comes back to `u`, or does it the checked way. */
const struct uop *x87_quick_enter(struct cpu *c, const struct uop *u, exec_fn *checked) COLD;

/* ---- the register stack ---- */
/* Read once: all later stores might change it, for what the compiler knows. */
struct quick_stack {
    unsigned top, valid;
};
static ALWAYS_INLINE struct quick_stack quick_stack(const struct cpu *c)
{
    struct quick_stack st = { c->fpu.top, c->x87.valid };
    return st;
}
/* Bit n of the tags. Written in C, gcc 12 makes one long test of two of these. */
static ALWAYS_INLINE bool quick_has(struct quick_stack st, unsigned n)
{
    bool has;
    __asm__("btl %2, %1" : "=@ccc"(has) : "r"(st.valid), "r"(n));
    return has;
}

/* Leaves the quick way of an instruction that needs ST(n) when that is empty, or the environment not in use. */
#define QUICK_NEEDS(st, n)                                                                                             \
    do {                                                                                                               \
        if (UNLIKELY(!quick_has(st, n)))                                                                               \
            return x87_quick_enter(c, u, checked);                                                                     \
    } while (0)
/* The same for one that pushes to register n: to be asked after the former, or after QUICK_IN_USE. */
#define QUICK_NEEDS_ROOM(st, n)                                                                                        \
    do {                                                                                                               \
        if (UNLIKELY(quick_has(st, n)))                                                                                \
            return x87_quick_enter(c, u, checked);                                                                     \
    } while (0)
#define QUICK_IN_USE                                                                                                   \
    do {                                                                                                               \
        if (UNLIKELY(!c->fpu.quick))                                                                                   \
            return x87_quick_enter(c, u, checked);                                                                     \
    } while (0)

/* The number of ST(i). */
static ALWAYS_INLINE unsigned quick_st(struct quick_stack st, unsigned i)
{
    return __builtin_constant_p(i) && i == 0 ? st.top : (st.top + i) & 7;
}
/* Register n. The asm hides that the offset is a multiple: told, gcc 12 adds the array's place before it multiplies. */
static ALWAYS_INLINE struct f80 *quick_reg(struct cpu *c, unsigned n)
{
    u64 offset = (u64)n * sizeof(struct f80);
    __asm__("" : "+r"(offset));
    return (struct f80 *)(void *)((char *)c->fpu.reg + offset);
}
static ALWAYS_INLINE void quick_pop(struct cpu *c, struct quick_stack *st)
{
    st->valid &= ~BIT(st->top);
    st->top = (st->top + 1) & 7;
    c->x87.valid = (u8)st->valid;
    c->fpu.top = (u8)st->top;
}
/* Register n, which a push makes the top, holds the value by now. */
static ALWAYS_INLINE void quick_pushed(struct cpu *c, struct quick_stack st, unsigned n)
{
    __asm__("btsl %1, %0" : "+r"(st.valid) : "r"(n)); /* st.valid |= BIT(n) in one instruction */
    c->x87.valid = (u8)st.valid;
    c->fpu.top = (u8)n;
}

/* `p` and `linear`: where the memory operand is, in host memory and for the guest; `to`: r, w. */
#define QUICK_OPERAND(to, bytes)                                                                                       \
    u64 linear = ea_fast(c, u, kind);                                                                                  \
    void *p = tlb_host_##to(c, linear, bytes);                                                                         \
    if (UNLIKELY(!p))                                                                                                  \
    PASS_TO(checked)

/* ---- error pointers and C1 ---- */
static ALWAYS_INLINE u32 quick_place(const struct uop *u)
{
    u32 v;
    memcpy(&v, &u->off_len, sizeof v);
    __asm__("" : "+r"(v)); /* else gcc 12 takes vectors to store it twice */
    return v;
}
static ALWAYS_INLINE void quick_track(struct cpu *c, const struct uop *u)
{
    c->x87.insn = quick_place(u);
    c->x87.page = c->r[R_PAGE];
}
static ALWAYS_INLINE void quick_track_mem(struct cpu *c, const struct uop *u, u64 linear)
{
    u32 place = quick_place(u);
    c->x87.insn = c->x87.operand = place;
    c->x87.page = c->r[R_PAGE];
    c->x87.fdp = linear;
}
static ALWAYS_INLINE void quick_c1(struct cpu *c, u32 sw)
{
    c->x87.c1 = sw;
}
/* An operation that raised nothing new. */
static ALWAYS_INLINE bool quick_stands(const struct cpu *c, u32 sw)
{
    return LIKELY(!((u8)sw & c->x87.unknown));
}

/* ---- operations: the value is left on the host's register stack ---- */
struct x87_quick {
    long double value;
    u32 sw; /* of which the upper half is left as it was: so it need not be cut off */
};

static ALWAYS_INLINE void quick_put(struct f80 *r, long double v)
{
    __asm__ volatile("fstpt %0" : "=m"(*r) : "t"(v) : "st");
}

/* `after`: what makes the result the only value there, once the status is known. */
#define QUICK_OP_THEN(name, type, before, insn, after)                                                                 \
    static ALWAYS_INLINE struct x87_quick x87q_##name(__attribute__((unused)) const struct f80 *a,                     \
                                                      __attribute__((unused)) const void *b)                           \
    {                                                                                                                  \
        struct x87_quick q;                                                                                            \
        __asm__ volatile(before insn "\n\tfnstsw %w[sw]" after                                                         \
                         : "=t"(q.value), [sw] "=a"(q.sw)                                                              \
                         : [a] "m"(*a), [b] "m"(*(const type *)b));                                                    \
        return q;                                                                                                      \
    }
#define QUICK_OP(name, type, before, insn) QUICK_OP_THEN(name, type, before, insn, "")
/* a op b. The popping forms take b below a; AT&T's `fsubp` is then a - b. */
#define QUICK_ARITH(op)                                                                                                \
    QUICK_OP(op, struct f80, X87_LOAD2, "f" #op "p %%st, %%st(1)")                                                     \
    QUICK_OP(op##_m32, u32, X87_LOAD1, "f" #op "s %[b]")                                                               \
    QUICK_OP(op##_m64, u64, X87_LOAD1, "f" #op "l %[b]")                                                               \
    QUICK_OP(op##_i16, u16, X87_LOAD1, "fi" #op "s %[b]") QUICK_OP(op##_i32, u32, X87_LOAD1, "fi" #op "l %[b]")

QUICK_ARITH(add)
QUICK_ARITH(sub)
QUICK_ARITH(subr)
QUICK_ARITH(mul)
QUICK_ARITH(div)
QUICK_ARITH(divr)
QUICK_OP(sqrt, struct f80, X87_LOAD1, "fsqrt")
QUICK_OP(rndint, struct f80, X87_LOAD1, "frndint")
QUICK_OP_THEN(scale, struct f80, X87_LOAD2, "fscale", "\n\tfstp %%st(1)")
QUICK_OP(2xm1, struct f80, X87_LOAD1, "f2xm1")
QUICK_OP(sin, struct f80, X87_LOAD1, "fsin")
QUICK_OP(cos, struct f80, X87_LOAD1, "fcos")
/* ST(1) and ST(0) to one. */
#define QUICK_TWO(name) QUICK_OP(name, struct f80, "fldt %[a]\n\tfldt %[b]\n\t", "f" #name)
QUICK_TWO(yl2x)
QUICK_TWO(yl2xp1)
QUICK_TWO(patan)

#define QUICK_LOAD(name, type, insn)                                                                                   \
    static ALWAYS_INLINE struct x87_quick x87q_##name(const void *b)                                                   \
    {                                                                                                                  \
        struct x87_quick q;                                                                                            \
        __asm__ volatile(insn " %[b]\n\tfnstsw %w[sw]" : "=t"(q.value), [sw] "=a"(q.sw) : [b] "m"(*(const type *)b));  \
        return q;                                                                                                      \
    }
QUICK_LOAD(ld_m32, u32, "flds")
QUICK_LOAD(ld_m64, u64, "fldl")

/* Integers and extended precision raise nothing. */
#define QUICK_LOAD_SAFE(name, type, insn)                                                                              \
    static ALWAYS_INLINE struct x87_quick x87q_##name(const void *b)                                                   \
    {                                                                                                                  \
        struct x87_quick q = { .sw = 0 };                                                                              \
        __asm__ volatile(insn " %1" : "=t"(q.value) : "m"(*(const type *)b));                                          \
        return q;                                                                                                      \
    }
QUICK_LOAD_SAFE(ld_m80, struct f80, "fldt")
QUICK_LOAD_SAFE(ild_i16, u16, "filds")
QUICK_LOAD_SAFE(ild_i32, u32, "fildl")
QUICK_LOAD_SAFE(ild_i64, u64, "fildll")

#define QUICK_CONSTANT(name)                                                                                           \
    static ALWAYS_INLINE long double x87q_##name(void)                                                                 \
    {                                                                                                                  \
        long double v;                                                                                                 \
        __asm__ volatile("f" #name : "=t"(v));                                                                         \
        return v;                                                                                                      \
    }
QUICK_CONSTANT(ldl2t)
QUICK_CONSTANT(ldl2e)
QUICK_CONSTANT(ldpi)
QUICK_CONSTANT(ldlg2)
QUICK_CONSTANT(ldln2)

/* Stores go by way of c->x87.result, because an unmasked exception forbids them. */
#define QUICK_STORE(name, insn)                                                                                        \
    static ALWAYS_INLINE u32 x87q_##name(u64 *r, const struct f80 *a)                                                  \
    {                                                                                                                  \
        u32 sw;                                                                                                        \
        __asm__ volatile("fldt %[a]\n\t" insn " %[r]\n\tfnstsw %w[sw]"                                                 \
                         : [r] "=m"(*r), [sw] "=a"(sw)                                                                 \
                         : [a] "m"(*a)                                                                                 \
                         : "st");                                                                                      \
        return sw;                                                                                                     \
    }
QUICK_STORE(st_m32, "fstps")
QUICK_STORE(st_m64, "fstpl")
QUICK_STORE(ist_i16, "fistps")
QUICK_STORE(ist_i32, "fistpl")
QUICK_STORE(ist_i64, "fistpll")
QUICK_STORE(istt_i16, "fisttps")
QUICK_STORE(istt_i32, "fisttpl")
QUICK_STORE(istt_i64, "fisttpll")

static ALWAYS_INLINE void x87q_st_m80(u8 *r, const struct f80 *a)
{
    __asm__ volatile("fldt %1\n\tfstpt %0" : "=m"(*(u8(*)[F80_BYTES])r) : "m"(*a) : "st");
}

/* a with b, whose answer is in C3, C2, C0. */
#define QUICK_COMPARE_THEN(name, type, before, insn, after)                                                            \
    static ALWAYS_INLINE u32 x87q_##name(const struct f80 *a, const void *b)                                           \
    {                                                                                                                  \
        u32 sw;                                                                                                        \
        __asm__ volatile(before insn "\n\tfnstsw %w[sw]" after                                                         \
                         : [sw] "=a"(sw)                                                                               \
                         : [a] "m"(*a), [b] "m"(*(const type *)b)                                                      \
                         : "st", "st(1)");                                                                             \
        return sw;                                                                                                     \
    }
#define QUICK_COMPARE(name, type, before, insn) QUICK_COMPARE_THEN(name, type, before, insn, "")
QUICK_COMPARE(com, struct f80, X87_LOAD2, "fcompp")
QUICK_COMPARE(ucom, struct f80, X87_LOAD2, "fucompp")
QUICK_COMPARE_THEN(tst, struct f80, X87_LOAD1, "ftst", "\n\tfstp %%st(0)")
QUICK_COMPARE_THEN(xam, struct f80, X87_LOAD1, "fxam", "\n\tfstp %%st(0)")
QUICK_COMPARE(com_m32, u32, X87_LOAD1, "fcomps %[b]")
QUICK_COMPARE(com_m64, u64, X87_LOAD1, "fcompl %[b]")
QUICK_COMPARE(com_i16, u16, X87_LOAD1, "ficomps %[b]")
QUICK_COMPARE(com_i32, u32, X87_LOAD1, "ficompl %[b]")

/* ---- handlers ---- */

/* ST(dst) = ST(dst) op ST(src). */
typedef struct x87_quick x87_quick_op(const struct f80 *a, const void *b);

static ALWAYS_INLINE const struct uop *quick_regs(struct cpu *c, const struct uop *u, exec_fn *checked,
                                                  x87_quick_op *op, unsigned dst, unsigned src, bool pop)
{
    struct quick_stack st = quick_stack(c);
    unsigned d = quick_st(st, dst), s = quick_st(st, src);
    QUICK_NEEDS(st, d);
    QUICK_NEEDS(st, s);
    struct f80 *to = quick_reg(c, d);
    struct x87_quick q = op(to, quick_reg(c, s));
    if (!quick_stands(c, q.sw))
        PASS_TO(checked);
    quick_put(to, q.value);
    quick_c1(c, q.sw);
    quick_track(c, u);
    if (pop)
        quick_pop(c, &st);
    NEXT_FAST;
}

/* EXEC_QUICK(name, way) { ... }: the body is the checked form x_<name>; quick code takes `way`, an expression that
 * gives where to go on, with `checked` as the handler for everything that it leaves. Outside flat code the checked form
 * is chosen by the decoder (there memory operands have no quick way, and to change between the two costs). */
#define EXEC_QUICK(name, way)                                                                                          \
    static const struct uop *x_##name(struct cpu *c, const struct uop *u);                                             \
    static const struct uop *q_##name(struct cpu *c, const struct uop *u)                                              \
    {                                                                                                                  \
        exec_fn *const checked = x_##name;                                                                             \
        return way;                                                                                                    \
    }                                                                                                                  \
    const struct exec_group exec_##name = { .any_width = x_##name,                                                     \
                                            .stack = { [STACK_SEG] = ALL_WIDTHS(x_##name) },                           \
                                            .rr = ALL_WIDTHS(q_##name) };                                              \
    __attribute__((noinline)) static const struct uop *x_##name(struct cpu *c, const struct uop *u)

/* The same with a memory operand; `kind` says where. */
#define EXEC_QUICK_MEM(name, way)                                                                                      \
    EXEC_MEM_FORMS(name)                                                                                               \
    static ALWAYS_INLINE const struct uop *q_##name(struct cpu *c, const struct uop *u, enum ea_kind kind)             \
    {                                                                                                                  \
        exec_fn *const checked = kind == EA_BD64    ? x_##name##_bd64                                                  \
                                 : kind == EA_BIS64 ? x_##name##_bis64                                                 \
                                 : kind == EA_BD32  ? x_##name##_bd32                                                  \
                                                    : x_##name##_bis32;                                                 \
        return way;                                                                                                    \
    }                                                                                                                  \
    FLAT_KINDS(q_##name)                                                                                               \
    EXEC_MEM_GROUP(name, q_)                                                                                           \
    static ALWAYS_INLINE const struct uop *x_##name(struct cpu *c, const struct uop *u, enum ea_kind kind)

#else
#define EXEC_QUICK(name, way) EXEC(name)
#define EXEC_QUICK_MEM(name, way) EXEC_MEM(name)
#endif

#endif
