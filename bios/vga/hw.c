/* hw.c: the adapter's registers, read and written by index. */
#include "vgabios.h"

#define RETRACE_POLLS 50000u /* more than two frames: an adapter without retrace must not hang the caller */

u16 hw_crtc_port(void)
{
    return inb(PORT_MISC_READ) & MISC_COLOR ? PORT_CRTC_COLOR : PORT_CRTC_MONO;
}

u8 hw_read(u16 port, u8 index)
{
    outb(port, index);
    return inb((u16)(port + 1));
}

void hw_write(u16 port, u8 index, u8 value)
{
    outw(port, (u16)(value << 8 | index));
}

/* The attribute controller takes index and data in turn; reading input status 1 makes the next write an index. While an
 * index without ATTR_PALETTE_SOURCE is in, the screen is dark. */
static void attr_index(u8 index)
{
    inb((u16)(hw_crtc_port() + STATUS_1_FROM_CRTC));
    outb(PORT_ATTR, index);
}

u8 hw_attr_read(u8 index)
{
    attr_index(index);
    u8 value = inb(PORT_ATTR_READ);
    attr_index(ATTR_PALETTE_SOURCE);
    return value;
}

void hw_attr_write(u8 index, u8 value)
{
    attr_index(index);
    outb(PORT_ATTR, value);
    outb(PORT_ATTR, ATTR_PALETTE_SOURCE);
}

void hw_attr_modify(u8 index, u8 keep, u8 set)
{
    hw_attr_write(index, (u8)((hw_attr_read(index) & keep) | set));
}

void hw_screen(bool on)
{
    u8 clocking = hw_read(PORT_SEQ, SEQ_CLOCKING);
    hw_write(PORT_SEQ, SEQ_CLOCKING, (u8)(on ? clocking & ~SEQ_SCREEN_OFF : clocking | SEQ_SCREEN_OFF));
}

static void wait_status(u16 port, u8 wanted)
{
    for (u16 i = 0; i < RETRACE_POLLS; i++)
        if ((inb(port) & STATUS_VERTICAL_RETRACE) == wanted)
            return;
}

void hw_wait_retrace(void)
{
    u16 port = (u16)(hw_crtc_port() + STATUS_1_FROM_CRTC);
    wait_status(port, 0);
    wait_status(port, STATUS_VERTICAL_RETRACE);
}

u16 hw_scan_lines(void)
{
    u16 crtc = hw_crtc_port();
    u8 overflow = hw_read(crtc, CRTC_OVERFLOW);
    return (u16)((hw_read(crtc, CRTC_VERTICAL_DISPLAY_END) | (overflow & 0x02) << 7 | (overflow & 0x40) << 3) + 1);
}

struct rgb hw_dac_read(u8 index)
{
    outb(PORT_PEL_READ_INDEX, index);
    u8 r = inb(PORT_PEL_DATA), g = inb(PORT_PEL_DATA), b = inb(PORT_PEL_DATA);
    return (struct rgb){ r, g, b };
}

void hw_dac_write(u8 index, struct rgb color)
{
    outb(PORT_PEL_WRITE_INDEX, index);
    outb(PORT_PEL_DATA, color.r);
    outb(PORT_PEL_DATA, color.g);
    outb(PORT_PEL_DATA, color.b);
}
