/* ctrl.h: what control registers and EFER may hold on this model, for MOV CR, WRMSR and RSM alike. */
#ifndef PCEMU_CTRL_H
#define PCEMU_CTRL_H

#include "far.h"

#define PHYS_ADDRESS_BITS 40 /* of a model with long mode */
/* EFLAGS bits that exist. */
#define EFLAGS_ALL                                                                                                     \
    (FL_ARITH | FL_TF | FL_IF | FL_DF | FL_IOPL | FL_NT | FL_RF | FL_VM | FL_AC | FL_VIF | FL_VIP | FL_ID)

u32 cr4_allowed(const struct cpu *c);
u64 efer_allowed(const struct cpu *c); /* 0: there is no EFER */

#endif
