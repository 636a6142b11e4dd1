/* sercon_init.c: puts the serial console (service/sercon.c) before the video BIOS if the machine has no display. */
#include "post.h"

#define KEY_NOGRAPHIC 0x04
#define PORT 0x3f8
#define LCR_8N1 0x03
#define LCR_DLAB 0x80
#define DIVISOR_115200 1
#define MCR_DTR_RTS 0x03

extern char entry_10[];

void sercon_init(void)
{
    u16 nographic = 0;
    if (!fwcfg_item(KEY_NOGRAPHIC, &nographic, sizeof nographic) || !nographic || BDA->com_port[0] != PORT)
        return;
    outb(PORT + 3, LCR_DLAB | LCR_8N1);
    outb(PORT, DIVISOR_115200);
    outb(PORT + 1, 0);
    outb(PORT + 3, LCR_8N1);
    outb(PORT + 4, MCR_DTR_RTS);
    if (LOW->console) /* there is a video BIOS: it goes on behind us */
        LOW->sercon_int10 = (struct far_ptr){ (u16)IVT[0x10], (u16)(IVT[0x10] >> 16) };
    IVT[0x10] = (u32)SEG_BIOS << 16 | (u16)(u32)entry_10;
    LOW->sercon = true;
    console_init(true);
}
