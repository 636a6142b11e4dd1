/* screen.c: the screen by the firmware's services (INT 10h): all that real mode has. */
#include "real.h"

#define VIDEO 0x10
#define VIDEO_WRITE_CHAR 0x0920
#define VIDEO_TELETYPE 0x0e00
#define IVT_VIDEO_SEGMENT (4 * VIDEO + 2)
#define VGA_BIOS_SEGMENT 0xc000

/* Firmware that sends the screen to the serial port has its own INT 10h. */
void screen_probe(void)
{
    info->quiet_screen = LOW16(IVT_VIDEO_SEGMENT) != VGA_BIOS_SEGMENT;
}

static void teletype(char c, u8 attribute)
{
    struct real_regs r = { .eax = VIDEO_WRITE_CHAR, .ebx = attribute, .ecx = 1 };
    if (c >= ' ')
        bios_int(VIDEO, &r);
    r = (struct real_regs){ .eax = VIDEO_TELETYPE | (u8)c, .ebx = attribute };
    bios_int(VIDEO, &r);
}

void screen_putc(char c, u8 attribute)
{
    if (c == '\n')
        teletype('\r', attribute);
    teletype(c, attribute);
}
