/* x87_host.h: the one door between x87 handlers and the arithmetic that carries them out. On an x86-64 host each
 * operation is the host's own instruction in the same form (register, m32, m64, m16int, m32int), so results, condition
 * codes, rounding and both the masked and the unmasked responses are silicon's. Elsewhere x87_soft.c would implement
 * the same names.
 *
 * An operation is `u16 x87h_<name>(r, a, b, cw, known)`: *r = *a op *b under the guest's control word cw; returns the
 * status word, of which the exception flags, C0-C3 are the operation's. `known` are exception flags that the caller has
 * already and that are masked: the status word may show one of them though this operation did not raise it. After an
 * unmasked invalid, denormal or zero-divide exception *r is undefined and the caller keeps its operands; after an
 * unmasked overflow or underflow of a register operation *r is the bias-adjusted result (SDM vol. 1, 8.5).
 *
 * How. FNCLEX and FNINIT are slow, FLDCW is not. So an operation runs first with everything masked
 * and the host's sticky flags as they are. When the flags show nothing that the caller does not know, the result
 * stands; otherwise x87x_<name> runs it again (x87_host.c). An unmasked underflow, which exact results raise too,
 * always goes there. Between operations the host's register stack is empty and its control word the ABI's, 037F. */
#ifndef PCEMU_X87_HOST_H
#define PCEMU_X87_HOST_H

#include "fpu.h"

#define X87_IE BIT(0)
#define X87_DE BIT(1)
#define X87_ZE BIT(2)
#define X87_OE BIT(3)
#define X87_UE BIT(4)
#define X87_PE BIT(5)
#define X87_SF BIT(6)
#define X87_C0 BIT(8)
#define X87_C1 BIT(9)
#define X87_C2 BIT(10)
#define X87_C3 BIT(14)
#define X87_CC (X87_C0 | X87_C1 | X87_C2 | X87_C3)

#define FCW_PC 0x0300u
#define FCW_RC_SHIFT 10
#define FCW_RC 0x0c00u

#define F80_SIGN 0x8000u
#define F80_EXP 0x7fffu
#define F80_BIAS 16383
#define F80_INTEGER BIT64(63) /* the explicit integer bit of the significand */
#define F80_QUIET BIT64(62)

static const struct f80 f80_indefinite = { F80_INTEGER | F80_QUIET, F80_SIGN | F80_EXP };

#if defined(__x86_64__) && !defined(PCEMU_SOFT_X87) /* the latter: to test the portable arithmetic */
#define X87_HOST 1
#else
#define X87_HOST 0
#endif

/* In the two pieces that FSTP m80 stores, so that the copy need not wait for the store. */
static ALWAYS_INLINE void f80_copy(struct f80 *to, const struct f80 *from)
{
    to->mant = from->mant;
    to->se = from->se;
}

#if !X87_HOST
#include "x87_soft.h"
#else

#define X87_HOME_CW 0x037fu /* what the ABI promises to all other code */

#define X87_CLOBBERS "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)", "st(7)"

/* The operations: X(name, type of *b, before, instruction, after). Before: the register stack is filled; after: it is
 * emptied into *r. */
#define X87_LOAD2 "fldt %[b]\n\tfldt %[a]\n\t"
#define X87_LOAD1 "fldt %[a]\n\t"
#define X87_END2 "fstpt %[r]\n\tfstp %%st(0)"
#define X87_END1 "fstpt %[r]"

#define X87_REG2(X, name, insn) X(name, struct f80, X87_LOAD2, insn, X87_END2)
#define X87_POP2(X, name, insn) X(name, struct f80, X87_LOAD2, insn, X87_END1)
#define X87_REG1(X, name, insn) X(name, struct f80, X87_LOAD1, insn, X87_END1)
#define X87_MEM(X, name, type, insn) X(name, type, X87_LOAD1, insn " %[b]", X87_END1)
#define X87_PUSH(X, name, type, insn) X(name, type, "", insn, X87_END1)
#define X87_ARITH(X, op)                                                                                               \
    X87_REG2(X, op, "f" #op " %%st(1), %%st")                                                                          \
    X87_MEM(X, op##_m32, u32, "f" #op "s")                                                                             \
    X87_MEM(X, op##_m64, u64, "f" #op "l")                                                                             \
    X87_MEM(X, op##_i16, u16, "fi" #op "s") X87_MEM(X, op##_i32, u32, "fi" #op "l")

#define X87_OPERATIONS(X)                                                                                              \
    X87_ARITH(X, add)                                                                                                  \
    X87_ARITH(X, sub)                                                                                                  \
    X87_ARITH(X, subr)                                                                                                 \
    X87_ARITH(X, mul)                                                                                                  \
    X87_ARITH(X, div)                                                                                                  \
    X87_ARITH(X, divr)                                                                                                 \
    X87_REG2(X, scale, "fscale")                                                                                       \
    X87_REG2(X, prem, "fprem")                                                                                         \
    X87_REG2(X, prem1, "fprem1")                                                                                       \
    X87_POP2(X, yl2x, "fyl2x")                                                                                         \
    X87_POP2(X, yl2xp1, "fyl2xp1")                                                                                     \
    X87_POP2(X, patan, "fpatan")                                                                                       \
    X87_REG1(X, sqrt, "fsqrt")                                                                                         \
    X87_REG1(X, rndint, "frndint")                                                                                     \
    X87_REG1(X, 2xm1, "f2xm1")                                                                                         \
    X87_REG1(X, sin, "fsin")                                                                                           \
    X87_REG1(X, cos, "fcos")                                                                                           \
    X87_PUSH(X, ld_m32, u32, "flds %[b]")                                                                              \
    X87_PUSH(X, ld_m64, u64, "fldl %[b]")                                                                              \
    X87_PUSH(X, bld, struct f80, "fbld %[b]")                                                                          \
    X87_PUSH(X, ldl2t, struct f80, "fldl2t")                                                                           \
    X87_PUSH(X, ldl2e, struct f80, "fldl2e")                                                                           \
    X87_PUSH(X, ldpi, struct f80, "fldpi")                                                                             \
    X87_PUSH(X, ldlg2, struct f80, "fldlg2")                                                                           \
    X87_PUSH(X, ldln2, struct f80, "fldln2")

/* Comparisons: X(name, type of *b, before, instruction, after); the answer is in C3, C2, C0. */
#define X87_COMPARE_MEM(X, name, type, insn) X(name, type, X87_LOAD1, insn " %[b]", "fstp %%st(0)")
#define X87_COMPARISONS(X)                                                                                             \
    X(com, struct f80, X87_LOAD2, "fcom %%st(1)", "fstp %%st(0)\n\tfstp %%st(0)")                                      \
    X(ucom, struct f80, X87_LOAD2, "fucom %%st(1)", "fstp %%st(0)\n\tfstp %%st(0)")                                    \
    X87_COMPARE_MEM(X, com_m32, u32, "fcoms")                                                                          \
    X87_COMPARE_MEM(X, com_m64, u64, "fcoml")                                                                          \
    X87_COMPARE_MEM(X, com_i16, u16, "ficoms") X87_COMPARE_MEM(X, com_i32, u32, "ficoml")

/* Stores: X(name, type of *r, instruction). After an unmasked invalid, overflow or underflow *r is undefined. */
#define X87_STORES(X)                                                                                                  \
    X(st_m32, u32, "fstps")                                                                                            \
    X(st_m64, u64, "fstpl")                                                                                            \
    X(ist_i16, u16, "fistps")                                                                                          \
    X(ist_i32, u32, "fistpl")                                                                                          \
    X(ist_i64, u64, "fistpll")                                                                                         \
    X(istt_i16, u16, "fisttps")                                                                                        \
    X(istt_i32, u32, "fisttpl")                                                                                        \
    X(istt_i64, u64, "fisttpll")                                                                                       \
    X(bst, struct f80, "fbstp")

/* One operand, two results: X(name, instruction). r[0] is the new top of stack, r[1] below it. */
#define X87_PAIRS(X) X(xtract, "fxtract") X(ptan, "fptan") X(sincos, "fsincos")

/* The first run's result stands: it raised nothing new, and underflow is not looked for at exact results. */
#define X87_STANDS(sw) LIKELY(!((sw)&FSW_EXCEPTIONS & ~(u32)known) && (cw & X87_UE))

#define X87_DEFINE_OPERATION(name, type, before, insn, after)                                                          \
    u16 x87x_##name(struct f80 *r, const struct f80 *a, const void *b, u16 cw) COLD;                                   \
    static ALWAYS_INLINE u16 x87h_##name(struct f80 *r, const struct f80 *a, const void *b, u16 cw, u16 known)         \
    {                                                                                                                  \
        u16 masked = cw | FCW_MASKS, home = X87_HOME_CW, sw;                                                           \
        struct f80 t;                                                                                                  \
        __asm__ volatile(before "fldcw %[cw]\n\t" insn "\n\tfnstsw %[sw]\n\tfldcw %[home]\n\t" after                   \
                         : [r] "=m"(t), [sw] "=a"(sw)                                                                  \
                         : [a] "m"(*a), [b] "m"(*(const type *)b), [cw] "m"(masked), [home] "m"(home)                  \
                         : X87_CLOBBERS);                                                                              \
        if (!X87_STANDS(sw))                                                                                           \
            return x87x_##name(r, a, b, cw);                                                                           \
        f80_copy(r, &t);                                                                                               \
        return sw;                                                                                                     \
    }

#define X87_DEFINE_COMPARISON(name, type, before, insn, after)                                                         \
    u16 x87x_##name(const struct f80 *a, const void *b, u16 cw) COLD;                                                  \
    static ALWAYS_INLINE u16 x87h_##name(const struct f80 *a, const void *b, u16 cw, u16 known)                        \
    {                                                                                                                  \
        u16 sw;                                                                                                        \
        __asm__ volatile(before insn "\n\tfnstsw %[sw]\n\t" after                                                      \
                         : [sw] "=a"(sw)                                                                               \
                         : [a] "m"(*a), [b] "m"(*(const type *)b)                                                      \
                         : X87_CLOBBERS);                                                                              \
        return X87_STANDS(sw) ? sw : x87x_##name(a, b, cw);                                                            \
    }

#define X87_DEFINE_STORE(name, type, insn)                                                                             \
    u16 x87x_##name(type *r, const struct f80 *a, u16 cw) COLD;                                                        \
    static ALWAYS_INLINE u16 x87h_##name(type *r, const struct f80 *a, u16 cw, u16 known)                              \
    {                                                                                                                  \
        u16 masked = cw | FCW_MASKS, home = X87_HOME_CW, sw;                                                           \
        __asm__ volatile("fldt %[a]\n\tfldcw %[cw]\n\t" insn " %[r]\n\tfnstsw %[sw]\n\tfldcw %[home]"                  \
                         : [r] "=m"(*r), [sw] "=a"(sw)                                                                 \
                         : [a] "m"(*a), [cw] "m"(masked), [home] "m"(home)                                             \
                         : X87_CLOBBERS);                                                                              \
        return X87_STANDS(sw) ? sw : x87x_##name(r, a, cw);                                                            \
    }

#define X87_DEFINE_PAIR(name, insn)                                                                                    \
    u16 x87x_##name(struct f80 r[2], const struct f80 *a, u16 cw) COLD;                                                \
    static ALWAYS_INLINE u16 x87h_##name(struct f80 r[2], const struct f80 *a, u16 cw, u16 known)                      \
    {                                                                                                                  \
        u16 masked = cw | FCW_MASKS, home = X87_HOME_CW, sw;                                                           \
        __asm__ volatile("fldt %[a]\n\tfldcw %[cw]\n\t" insn "\n\tfnstsw %[sw]\n\tfldcw %[home]\n\t"                   \
                         "fstpt %[r0]\n\tfstpt %[r1]"                                                                  \
                         : [r0] "=m"(r[0]), [r1] "=m"(r[1]), [sw] "=a"(sw)                                             \
                         : [a] "m"(*a), [cw] "m"(masked), [home] "m"(home)                                             \
                         : X87_CLOBBERS);                                                                              \
        return X87_STANDS(sw) ? sw : x87x_##name(r, a, cw);                                                            \
    }

X87_OPERATIONS(X87_DEFINE_OPERATION)
X87_COMPARISONS(X87_DEFINE_COMPARISON)
X87_STORES(X87_DEFINE_STORE)
X87_PAIRS(X87_DEFINE_PAIR)

#endif /* X87_HOST */

#endif
