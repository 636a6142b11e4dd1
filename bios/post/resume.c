/* resume.c: after a reset that wants to go on (CMOS 0Fh): as an 80286 left protected mode, or waking from suspend to
 * RAM (ACPI 3.0, 15.1.3). POST's variables are gone; what is known stands in low memory and in the F segment. */
#include "post.h"

#define CODE_WAKE 0xfe
#define FACS_WAKING_VECTOR 12

extern char entry_resume16[];

/* Chips are as after power-on; the operating system restores what it knew of, which is not this. */
static void wake(void)
{
    u32 vector = FSEG->facs ? *(volatile u32 *)(FSEG->facs + FACS_WAKING_VECTOR) : 0;
    chips_resume();
    pci_setup_chips();
    smm_init();
    mtrr_copy();
    if (vector)
        jump16(0, (u16)(vector >> 4), vector & 15);
    outb(0xcf9, 0x06); /* nothing to wake up to: start anew */
}

void resume_main(u32 code)
{
    shadow_restore();
    LOW->stack_pos = LOW_STACK_TOP;
    if (code == CODE_WAKE)
        wake();
    jump16(code, SEG_BIOS, (u16)(u32)entry_resume16);
}
