/* x87_host.c: the second, exact way of each operation (x87_host.h): on a clean FPU, under the guest's own masks. The
 * host's unmasked exceptions stay pending until a waiting instruction, and FNCLEX comes first, so that none is ever
 * delivered. FNINIT cleans up at the end whatever the operation has left on the register stack, and puts 037F into the
 * control word. */
#include "x87_host.h"

#define X87_EXACT(before, insn)                                                                                        \
    "fninit\n\t" before "fldcw %[cw]\n\t" insn "\n\tfnstsw %[sw]\n\tfnclex\n\tfldcw %[home]\n\t"

#define X87_EXACT_OPERATION(name, type, before, insn, after)                                                           \
    u16 x87x_##name(struct f80 *r, const struct f80 *a, const void *b, u16 cw)                                         \
    {                                                                                                                  \
        u16 home = X87_HOME_CW, sw;                                                                                    \
        struct f80 t;                                                                                                  \
        __asm__ volatile(X87_EXACT(before, insn) "fstpt %[r]\n\tfninit"                                                \
                         : [r] "=m"(t), [sw] "=a"(sw)                                                                  \
                         : [a] "m"(*a), [b] "m"(*(const type *)b), [cw] "m"(cw), [home] "m"(home)                      \
                         : X87_CLOBBERS);                                                                              \
        f80_copy(r, &t);                                                                                               \
        return sw;                                                                                                     \
    }

#define X87_EXACT_COMPARISON(name, type, before, insn, after)                                                          \
    u16 x87x_##name(const struct f80 *a, const void *b, u16 cw)                                                        \
    {                                                                                                                  \
        u16 home = X87_HOME_CW, sw;                                                                                    \
        __asm__ volatile(X87_EXACT(before, insn) "fninit"                                                              \
                         : [sw] "=a"(sw)                                                                               \
                         : [a] "m"(*a), [b] "m"(*(const type *)b), [cw] "m"(cw), [home] "m"(home)                      \
                         : X87_CLOBBERS);                                                                              \
        return sw;                                                                                                     \
    }

#define X87_EXACT_STORE(name, type, insn)                                                                              \
    u16 x87x_##name(type *r, const struct f80 *a, u16 cw)                                                              \
    {                                                                                                                  \
        u16 home = X87_HOME_CW, sw;                                                                                    \
        memset(r, 0, sizeof(*r));                                                                                      \
        __asm__ volatile(X87_EXACT("fldt %[a]\n\t", insn " %[r]") "fninit"                                             \
                         : [r] "+m"(*r), [sw] "=a"(sw)                                                                 \
                         : [a] "m"(*a), [cw] "m"(cw), [home] "m"(home)                                                 \
                         : X87_CLOBBERS);                                                                              \
        return sw;                                                                                                     \
    }

#define X87_EXACT_PAIR(name, insn)                                                                                     \
    u16 x87x_##name(struct f80 r[2], const struct f80 *a, u16 cw)                                                      \
    {                                                                                                                  \
        u16 home = X87_HOME_CW, sw;                                                                                    \
        struct f80 t[2];                                                                                               \
        __asm__ volatile(X87_EXACT("fldt %[a]\n\t", insn) "fstpt %[r0]\n\tfstpt %[r1]\n\tfninit"                       \
                         : [r0] "=m"(t[0]), [r1] "=m"(t[1]), [sw] "=a"(sw)                                             \
                         : [a] "m"(*a), [cw] "m"(cw), [home] "m"(home)                                                 \
                         : X87_CLOBBERS);                                                                              \
        memcpy(r, t, sizeof(t));                                                                                       \
        return sw;                                                                                                     \
    }

X87_OPERATIONS(X87_EXACT_OPERATION)
X87_COMPARISONS(X87_EXACT_COMPARISON)
X87_STORES(X87_EXACT_STORE)
X87_PAIRS(X87_EXACT_PAIR)
