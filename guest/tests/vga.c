/* vga.c: text memory, the registers, planes and chained pixels, the frame buffer of the DISPI interface. */
#include "pci.h"
#include "tests.h"

#define TEXT 0xb8000
#define TEXT_FREE 2100 /* a cell behind the page that is shown */
#define GRAPHICS 0xa0000
enum {
    SEQ_INDEX = 0x3c4,
    SEQ_DATA = 0x3c5,
    DAC_READ = 0x3c7,
    DAC_WRITE = 0x3c8,
    DAC_DATA = 0x3c9,
    GC_INDEX = 0x3ce,
    GC_DATA = 0x3cf,
    CRTC_INDEX = 0x3d4,
    CRTC_DATA = 0x3d5,
    STATUS1 = 0x3da,
    ATTRIBUTE = 0x3c0,
    ATTRIBUTE_READ = 0x3c1,
    MISC_READ = 0x3cc
};
enum {
    SEQ_MAP_MASK = 2,
    GC_SET_RESET = 0,
    GC_ENABLE_SET_RESET = 1,
    GC_COLOR_COMPARE = 2,
    GC_ROTATE = 3,
    GC_READ_MAP = 4,
    GC_MODE = 5,
    GC_COLOR_DONT_CARE = 7,
    GC_BIT_MASK = 8
};
enum {
    DISPI_INDEX = 0x1ce,
    DISPI_DATA = 0x1cf,
    DISPI_ID = 0,
    DISPI_XRES = 1,
    DISPI_YRES = 2,
    DISPI_BPP = 3,
    DISPI_ENABLE = 4,
    DISPI_BANK = 5
};
#define DISPI_ON 0x41 /* with the linear frame buffer */
#define VIDEO 0x10

static volatile u8 *at(u32 address)
{
    return (volatile u8 *)(uptr)address;
}

static void mode(u32 number)
{
    struct real_regs r = { .eax = number };
    real_int(VIDEO, &r);
}

static void put(u16 index, u8 reg, u8 v)
{
    outb(index, reg);
    outb((u16)(index + 1), v);
}

static u8 get(u16 index, u8 reg)
{
    outb(index, reg);
    return inb((u16)(index + 1));
}

static void text(void)
{
    volatile u16 *cells = (volatile u16 *)TEXT;
    u16 old = cells[TEXT_FREE];
    cells[TEXT_FREE] = 0x1f41;
    is(cells[TEXT_FREE], 0x1f41, "B8000: a cell is a character and an attribute");
    ok(*at(TEXT + 2 * TEXT_FREE) == 0x41 && *at(TEXT + 2 * TEXT_FREE + 1) == 0x1f, "... as bytes, too");
    *at(TEXT + 2 * TEXT_FREE + 1) |= 0x80;
    is(cells[TEXT_FREE], 0x9f41, "... bitwise operations can be applied");
    cells[TEXT_FREE] = old;
    u16 beyond = cells[0x3000];
    cells[0x3000] = 0x5aa5;
    is(cells[0x3000], 0x5aa5, "BE000: memory beyond the shown page is there up to BFFFF");
    cells[0x3000] = beyond;
}

static void registers(void)
{
    u8 high = get(CRTC_INDEX, 14), low = get(CRTC_INDEX, 15);
    put(CRTC_INDEX, 14, 0x03);
    put(CRTC_INDEX, 15, 0x5a);
    ok(get(CRTC_INDEX, 14) == 0x03 && get(CRTC_INDEX, 15) == 0x5a, "CRT controller: the cursor's place reads back");
    put(CRTC_INDEX, 14, high);
    put(CRTC_INDEX, 15, low);
    u8 old = get(CRTC_INDEX, 0), protect = get(CRTC_INDEX, 17);
    put(CRTC_INDEX, 17, (u8)(protect | 0x80));
    put(CRTC_INDEX, 0, (u8)~old);
    is(get(CRTC_INDEX, 0), old, "CRT controller: register 11h protects 0 to 7");
    put(CRTC_INDEX, 17, protect);
    outb(DAC_WRITE, 200);
    outb(DAC_DATA, 1);
    outb(DAC_DATA, 2);
    outb(DAC_DATA, 63);
    outb(DAC_READ, 200);
    u8 r = inb(DAC_DATA), g = inb(DAC_DATA), b = inb(DAC_DATA);
    ok(r == 1 && g == 2 && b == 63, "DAC: an entry reads back");
    inb(STATUS1);
    outb(ATTRIBUTE, 0x20 | 0x10);
    u8 mode_control = inb(ATTRIBUTE_READ);
    inb(STATUS1);
    ok(mode_control < 0x40, "attribute controller: a read of 3DA resets its flip-flop");
    ok(inb(MISC_READ) & 1, "miscellaneous output: the ports are 3Dx");
    u32 changes = 0;
    u8 last = inb(STATUS1) & 8;
    for (u32 i = 0; i < 2000000 && changes < 3; i++) {
        u8 now = inb(STATUS1) & 8;
        changes += now != last;
        last = now;
    }
    ok(changes >= 3, "input status 1: vertical retrace comes and goes");
}

static void planes(void)
{
    mode(0x12);
    put(SEQ_INDEX, SEQ_MAP_MASK, 0x0f);
    *at(GRAPHICS) = 0;
    for (u8 p = 0; p < 4; p++) {
        put(SEQ_INDEX, SEQ_MAP_MASK, (u8)BIT(p));
        *at(GRAPHICS) = (u8)(0x11 * (p + 1));
    }
    u32 right = 0;
    for (u8 p = 0; p < 4; p++) {
        put(GC_INDEX, GC_READ_MAP, p);
        right += *at(GRAPHICS) == 0x11 * (p + 1);
    }
    is(right, 4, "mode 12h: four planes at A0000, by map mask and read map");
    put(SEQ_INDEX, SEQ_MAP_MASK, 0x0f);
    put(GC_INDEX, GC_SET_RESET, 0x05);
    put(GC_INDEX, GC_ENABLE_SET_RESET, 0x0f);
    put(GC_INDEX, GC_BIT_MASK, 0x0f);
    (void)*at(GRAPHICS); /* loads the latches */
    *at(GRAPHICS) = 0;
    put(GC_INDEX, GC_READ_MAP, 0);
    u8 zero = *at(GRAPHICS);
    put(GC_INDEX, GC_READ_MAP, 1);
    u8 one = *at(GRAPHICS);
    ok(zero == 0x1f && one == 0x20, "set/reset and the bit mask: half from the register, half from the latches");
    put(GC_INDEX, GC_ENABLE_SET_RESET, 0);
    put(GC_INDEX, GC_BIT_MASK, 0xff);
    put(GC_INDEX, GC_MODE, 1);
    (void)*at(GRAPHICS);
    *at(GRAPHICS + 1) = 0;
    put(GC_INDEX, GC_MODE, 0);
    put(GC_INDEX, GC_READ_MAP, 1);
    is(*at(GRAPHICS + 1), 0x20, "write mode 1 copies the latches");
    put(GC_INDEX, GC_MODE, 2);
    *at(GRAPHICS + 2) = 0x06;
    put(GC_INDEX, GC_MODE, 8);
    put(GC_INDEX, GC_COLOR_DONT_CARE, 0x0f);
    put(GC_INDEX, GC_COLOR_COMPARE, 0x06);
    u8 same = *at(GRAPHICS + 2);
    put(GC_INDEX, GC_COLOR_COMPARE, 0x05);
    ok(same == 0xff && *at(GRAPHICS + 2) == 0, "write mode 2, read mode 1: the byte is a colour, which is compared");
    put(GC_INDEX, GC_MODE, 0);
}

static void chained(void)
{
    mode(0x13);
    for (u32 i = 0; i < 8; i++)
        *at(GRAPHICS + i) = (u8)(0x30 + i);
    u32 right = 0;
    for (u32 i = 0; i < 8; i++)
        right += *at(GRAPHICS + i) == 0x30 + i;
    is(right, 8, "mode 13h: a byte a pixel at A0000");
    put(SEQ_INDEX, 4, 0x06); /* not chained any more: what was byte 4 is byte 1 of plane 0, or 4 of it */
    put(GC_INDEX, GC_MODE, 0x40);
    put(GC_INDEX, GC_READ_MAP, 1);
    u8 plane1 = *at(GRAPHICS);
    is(plane1, 0x31, "... pixel 1 is in plane 1");
}

static u16 dispi(u16 index)
{
    outw(DISPI_INDEX, index);
    return inw(DISPI_DATA);
}

static void dispi_set(u16 index, u16 v)
{
    outw(DISPI_INDEX, index);
    outw(DISPI_DATA, v);
}

static void frame_buffer(void)
{
    u32 vga = pci_find(PCI_VGA);
    if ((dispi(DISPI_ID) & 0xfff0) != 0xb0c0 || vga == PCI_NONE) {
        tap_skip("DISPI: 1024 by 768 in 32 bits", "there is no such adapter");
        return;
    }
    u32 base = pci_read(vga, PCI_BAR0) & 0xfffffff0u;
    dispi_set(DISPI_ENABLE, 0);
    dispi_set(DISPI_XRES, 1024);
    dispi_set(DISPI_YRES, 768);
    dispi_set(DISPI_BPP, 32);
    dispi_set(DISPI_ENABLE, DISPI_ON);
    ok(dispi(DISPI_XRES) == 1024 && dispi(DISPI_YRES) == 768 && dispi(DISPI_BPP) == 32,
       "DISPI: 1024 by 768 in 32 bits");
    MMIO32(base) = 0x00112233;
    MMIO32(base + 0x10000) = 0x00445566;
    ok(MMIO32(base) == 0x00112233 && *at(base + 1) == 0x22, "... a pixel in the linear frame buffer");
    dispi_set(DISPI_BANK, 1);
    is(MMIO32(GRAPHICS), 0x00445566, "... and by banks at A0000");
    dispi_set(DISPI_BANK, 0);
    dispi_set(DISPI_ENABLE, 0);
}

void vga_tests(void)
{
    text();
    registers();
    if (info->quiet_screen) {
        tap_skip("graphics modes", "the firmware has no screen");
        return;
    }
    u32 keep = info->quiet_screen;
    info->quiet_screen = 1; /* the lines below go to the ports alone while there is no text */
    planes();
    chained();
    frame_buffer();
    info->quiet_screen = (u8)keep;
    mode(3);
    is(*(volatile u16 *)TEXT & 0xff, ' ', "back in text mode 3");
}
