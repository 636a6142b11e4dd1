/* bregs.h: the caller's registers as an entry stub lays them on the stack (entry/stubs.S), for a service to read and
 * change. Also what call_out() and call16_int() load and store. */
#ifndef BIOS_BREGS_H
#define BIOS_BREGS_H

#define BREGS_HANDLER 40
#define BREGS_IP 44
#define BREGS_CS 46
#define BREGS_FLAGS 48
#define BREGS_SIZE 50

#define CALL16_BIG 1
#define CALL16_INT 2

#define F_CF 0x0001
#define F_ZF 0x0040
#define F_IF 0x0200

#ifndef __ASSEMBLER__
#include "types.h"

#define BREGS_U(r)                                                                                                     \
    union {                                                                                                            \
        u32 e##r##x;                                                                                                   \
        u16 r##x;                                                                                                      \
        struct {                                                                                                       \
            u8 r##l, r##h;                                                                                             \
        };                                                                                                             \
    }

struct bregs {
    u16 gs, fs, es, ds;
    union {
        u32 edi;
        u16 di;
    };
    union {
        u32 esi;
        u16 si;
    };
    union {
        u32 ebp;
        u16 bp;
    };
    u32 esp; /* not used */
    BREGS_U(b);
    BREGS_U(d);
    BREGS_U(c);
    BREGS_U(a);
    u32 handler; /* of the stub */
    u16 ip, cs, flags;
} PACKED;

_Static_assert(offsetof(struct bregs, handler) == BREGS_HANDLER, "stubs.S");
_Static_assert(sizeof(struct bregs) == BREGS_SIZE, "stubs.S");

static inline void set_cf(struct bregs *regs, bool cf)
{
    regs->flags = (u16)(cf ? regs->flags | F_CF : regs->flags & ~F_CF);
}
#endif
#endif
