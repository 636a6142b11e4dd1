/* real.c: the firmware's services from protected mode, by the second stage's thunk (boot/thunk.S). The 8259s are as the
 * firmware left them (vectors 08 and 70), and masked while the kernel runs: it would take vector 8 for a double fault.
 */
#include "kernel.h"

#define VIDEO 0x10
#define PIC1_DATA 0x21
#define PIC2_DATA 0xa1
#define ALL 0xff

static u8 firmware_mask[2];

void real_init(void)
{
    firmware_mask[0] = inb(PIC1_DATA);
    firmware_mask[1] = inb(PIC2_DATA);
    outb(PIC1_DATA, ALL);
    outb(PIC2_DATA, ALL);
}

void real_int(u32 vector, struct real_regs *r)
{
    info->real = *r;
    info->real.vector = vector;
    outb(PIC1_DATA, firmware_mask[0]);
    outb(PIC2_DATA, firmware_mask[1]);
    ((void (*)(void))STAGE2_THUNK)();
    outb(PIC1_DATA, ALL);
    outb(PIC2_DATA, ALL);
    *r = info->real;
}

void screen_reset(void)
{
    struct real_regs r = { .eax = 3 };
    real_int(VIDEO, &r);
}
