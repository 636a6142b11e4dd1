/* ctrl.h: what control registers and EFER may hold on this model, for MOV CR, WRMSR and RSM alike. */
#ifndef PCEMU_CTRL_H
#define PCEMU_CTRL_H

#include "far.h"

#define PHYS_ADDRESS_BITS 40
#define PHYS_ADDRESS_MASK (BIT64(PHYS_ADDRESS_BITS) - 1)
#define CR3_LONG_ALLOWED PHYS_ADDRESS_MASK
#define EFER_ALLOWED (EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE)
/* EFLAGS bits that exist. */
#define EFLAGS_ALL                                                                                                     \
    (FL_ARITH | FL_TF | FL_IF | FL_DF | FL_IOPL | FL_NT | FL_RF | FL_VM | FL_AC | FL_VIF | FL_VIP | FL_ID)

u32 cr4_allowed(const struct cpu *c);

#endif
