/* key.c: keys by the firmware's INT 16h, and from COM1; waiting by HLT in real mode, where the firmware takes its
 * interrupts. */
#include "kernel.h"

#define KEYBOARD 0x16
#define KEY_READ 0x0000
#define KEY_PEEK 0x0100
#define COM1 0x3f8
#define COM1_LSR 0x3fd
#define LSR_DATA_READY 1
#define NO_PORT 0xff
#define BDA_TICKS 0x46c
#define WAIT_VECTOR 0x61
#define WAIT_CODE 0x5f0 /* STI, HLT, IRET */

void wait_a_tick(void)
{
    static const u8 code[] = { 0xfb, 0xf4, 0xcf };
    struct real_regs r = { 0 };
    mem_copy((void *)WAIT_CODE, code, sizeof code);
    *(volatile u32 *)(4 * WAIT_VECTOR) = WAIT_CODE;
    real_int(WAIT_VECTOR, &r);
}

u32 ticks(void)
{
    return *(volatile u32 *)BDA_TICKS;
}

u32 key_now(void)
{
    struct real_regs r = { .eax = KEY_PEEK };
    u8 lsr = inb(COM1_LSR);
    if (lsr != NO_PORT && lsr & LSR_DATA_READY)
        return inb(COM1);
    real_int(KEYBOARD, &r);
    if (r.eflags & FLAG_ZF)
        return 0;
    r = (struct real_regs){ .eax = KEY_READ };
    real_int(KEYBOARD, &r);
    return r.eax & 0xff ? r.eax & 0xff : KEY_SPECIAL | (r.eax >> 8 & 0xff);
}

u32 key_wait(u32 most)
{
    u32 began = ticks();
    for (;;) {
        u32 key = key_now();
        if (key || ticks() - began > most)
            return key;
        wait_a_tick();
    }
}
