/* x87_host.c: the exact ways of each operation (x87_host.h), taken when the first run's flags are not conclusive. First
 * the same again with the host's flags cleared; that is all unless it raises something that the guest has unmasked.
 * Then a third run under the guest's own masks: the host's exceptions stay pending until a waiting instruction, and
 * FNCLEX comes first, so that none is ever delivered. FNINIT before and after it: an unmasked response leaves the
 * register stack as it likes. */
#include "x87_host.h"

#if X87_HOST

/* What was raised is masked, and underflow was looked for as the guest wants it. */
#define X87_SETTLED(sw) (!((sw)&FSW_EXCEPTIONS & ~(u32)cw) && (cw & X87_UE))

#define X87_CLEAN(before, insn) "fnclex\n\t" before "fldcw %[masked]\n\t" insn "\n\tfnstsw %[sw]\n\tfldcw %[home]\n\t"
#define X87_UNMASKED(before, insn)                                                                                     \
    "fninit\n\t" before "fldcw %[cw]\n\t" insn "\n\tfnstsw %[sw]\n\tfnclex\n\tfldcw %[home]\n\t"

/* clang-format off */
#define X87_EXACT_OPERATION(name, type, before, insn, after)                                                           \
    u16 x87x_##name(struct f80 *r, const struct f80 *a, const void *b, u16 cw)                                         \
    {                                                                                                                  \
        u16 masked = cw | FCW_MASKS, home = X87_HOME_CW, sw;                                                           \
        struct f80 t;                                                                                                  \
        __asm__ volatile(X87_CLEAN(before, insn) after                                                                 \
                         : [r] "=m"(t), [sw] "=a"(sw)                                                                  \
                         : [a] "m"(*a), [b] "m"(*(const type *)b), [masked] "m"(masked), [home] "m"(home)              \
                         : X87_CLOBBERS);                                                                              \
        if (!X87_SETTLED(sw))                                                                                          \
            __asm__ volatile(X87_UNMASKED(before, insn) "fstpt %[r]\n\tfninit"                                         \
                             : [r] "=m"(t), [sw] "=a"(sw)                                                              \
                             : [a] "m"(*a), [b] "m"(*(const type *)b), [cw] "m"(cw), [home] "m"(home)                  \
                             : X87_CLOBBERS);                                                                          \
        f80_copy(r, &t);                                                                                               \
        return sw;                                                                                                     \
    }

#define X87_EXACT_COMPARISON(name, type, before, insn, after)                                                          \
    u16 x87x_##name(const struct f80 *a, const void *b, u16 cw)                                                        \
    {                                                                                                                  \
        u16 masked = cw | FCW_MASKS, home = X87_HOME_CW, sw;                                                           \
        __asm__ volatile(X87_CLEAN(before, insn) after                                                                 \
                         : [sw] "=a"(sw)                                                                               \
                         : [a] "m"(*a), [b] "m"(*(const type *)b), [masked] "m"(masked), [home] "m"(home)              \
                         : X87_CLOBBERS);                                                                              \
        if (!X87_SETTLED(sw))                                                                                          \
            __asm__ volatile(X87_UNMASKED(before, insn) "fninit"                                                       \
                             : [sw] "=a"(sw)                                                                           \
                             : [a] "m"(*a), [b] "m"(*(const type *)b), [cw] "m"(cw), [home] "m"(home)                  \
                             : X87_CLOBBERS);                                                                          \
        return sw;                                                                                                     \
    }

#define X87_EXACT_STORE(name, type, insn)                                                                              \
    u16 x87x_##name(type *r, const struct f80 *a, u16 cw)                                                              \
    {                                                                                                                  \
        u16 masked = cw | FCW_MASKS, home = X87_HOME_CW, sw;                                                           \
        __asm__ volatile(X87_CLEAN("fldt %[a]\n\t", insn " %[r]")                                                      \
                         : [r] "+m"(*r), [sw] "=a"(sw)                                                                 \
                         : [a] "m"(*a), [masked] "m"(masked), [home] "m"(home)                                         \
                         : X87_CLOBBERS);                                                                              \
        if (!X87_SETTLED(sw))                                                                                          \
            __asm__ volatile(X87_UNMASKED("fldt %[a]\n\t", insn " %[r]") "fninit"                                      \
                             : [r] "+m"(*r), [sw] "=a"(sw)                                                             \
                             : [a] "m"(*a), [cw] "m"(cw), [home] "m"(home)                                             \
                             : X87_CLOBBERS);                                                                          \
        return sw;                                                                                                     \
    }

#define X87_EXACT_PAIR(name, insn)                                                                                     \
    u16 x87x_##name(struct f80 r[2], const struct f80 *a, u16 cw)                                                      \
    {                                                                                                                  \
        u16 masked = cw | FCW_MASKS, home = X87_HOME_CW, sw;                                                           \
        struct f80 t[2];                                                                                               \
        __asm__ volatile(X87_CLEAN("fldt %[a]\n\t", insn) "fstpt %[r0]\n\tfstpt %[r1]"                                 \
                         : [r0] "=m"(t[0]), [r1] "=m"(t[1]), [sw] "=a"(sw)                                             \
                         : [a] "m"(*a), [masked] "m"(masked), [home] "m"(home)                                         \
                         : X87_CLOBBERS);                                                                              \
        if (!X87_SETTLED(sw))                                                                                          \
            __asm__ volatile(X87_UNMASKED("fldt %[a]\n\t", insn) "fstpt %[r0]\n\tfstpt %[r1]\n\tfninit"                \
                             : [r0] "=m"(t[0]), [r1] "=m"(t[1]), [sw] "=a"(sw)                                         \
                             : [a] "m"(*a), [cw] "m"(cw), [home] "m"(home)                                             \
                             : X87_CLOBBERS);                                                                          \
        memcpy(r, t, sizeof(t));                                                                                       \
        return sw;                                                                                                     \
    }
/* clang-format on */

X87_OPERATIONS(X87_EXACT_OPERATION)
X87_COMPARISONS(X87_EXACT_COMPARISON)
X87_STORES(X87_EXACT_STORE)
X87_PAIRS(X87_EXACT_PAIR)

#endif
