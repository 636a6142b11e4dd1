/* state.c: saving and restoring everything (function 1C, VBE function 04): a list of bytes that is walked in the same
 * order for counting, saving and restoring. */
#include "vbe.h"

#define PART_HARDWARE BIT(0)
#define PART_BDA BIT(1)
#define PART_DAC BIT(2)
#define BLOCK 64
#define SUPPORTED 0x1c

struct walk {
    u8 command;
    u16 segment, at, bytes;
};

static bool restoring(const struct walk *w)
{
    return w->command == STATE_RESTORE;
}

/* The next byte of the list: what is saved, or was. */
static u8 next(struct walk *w, u8 value)
{
    u16 at = (u16)(w->at + w->bytes++);
    if (w->command == STATE_SAVE)
        set_far8(w->segment, at, value);
    return restoring(w) ? get_far8(w->segment, at) : value;
}

static u16 next16(struct walk *w, u16 value)
{
    u8 low = next(w, (u8)value), high = next(w, (u8)(value >> 8));
    return (u16)(low | high << 8);
}

static void walk_indexed(struct walk *w, u16 port, u8 first, u8 n)
{
    for (u8 i = first; i < n; i++) {
        u8 value = next(w, hw_read(port, i));
        if (restoring(w))
            hw_write(port, i, value);
    }
}

static void walk_attributes(struct walk *w)
{
    for (u8 i = 0; i < ATTR_COUNT; i++) {
        u8 value = next(w, hw_attr_read(i));
        if (restoring(w))
            hw_attr_write(i, value);
    }
}

static void walk_hardware(struct walk *w)
{
    u8 seq_index = next(w, inb(PORT_SEQ)), gfx_index = next(w, inb(PORT_GFX));
    u8 crtc_index = next(w, inb(hw_crtc_port())), misc = next(w, inb(PORT_MISC_READ));
    if (restoring(w))
        outb(PORT_MISC_WRITE, misc);
    walk_indexed(w, PORT_SEQ, 1, SEQ_COUNT);
    if (restoring(w))
        hw_write(hw_crtc_port(), CRTC_RETRACE_END, 0); /* opens registers 0 to 7 */
    walk_indexed(w, hw_crtc_port(), 0, CRTC_COUNT);
    walk_indexed(w, PORT_GFX, 0, GFX_COUNT);
    walk_attributes(w);
    outb(PORT_SEQ, seq_index);
    outb(PORT_GFX, gfx_index);
    outb(hw_crtc_port(), crtc_index);
}

static void walk_memory(struct walk *w, u16 from, u16 n)
{
    for (; n; n--, from++) {
        u8 value = next(w, get_far8(0, from));
        if (restoring(w))
            set_far8(0, from, value);
    }
}

static void walk_bda(struct walk *w)
{
    walk_memory(w, 0x410, 2);
    walk_memory(w, 0x449, 0x1e);
    walk_memory(w, 0x484, 7);
    walk_memory(w, 0x4a8, 4);
    walk_memory(w, 0x4b9, 3);
    walk_memory(w, 4 * VECTOR_UPPER_FONT, 4);
    walk_memory(w, 4 * VECTOR_GRAPHICS_FONT, 4);
}

static void walk_dac(struct walk *w)
{
    u8 mask = next(w, inb(PORT_PEL_MASK)), index = next(w, inb(PORT_PEL_WRITE_INDEX));
    for (u16 i = 0; i < 256; i++) {
        struct rgb c = { 0, 0, 0 };
        if (w->command == STATE_SAVE)
            c = hw_dac_read((u8)i);
        c.r = next(w, c.r);
        c.g = next(w, c.g);
        c.b = next(w, c.b);
        if (restoring(w))
            hw_dac_write((u8)i, c);
    }
    if (restoring(w))
        outb(PORT_PEL_MASK, mask);
    outb(PORT_PEL_WRITE_INDEX, index);
}

/* The interface takes sizes while it is off, and the rest while it is on. */
static void walk_dispi(struct walk *w)
{
    u16 enable = next16(w, dispi_read(DISPI_ENABLE));
    u16 width = next16(w, dispi_read(DISPI_XRES)), height = next16(w, dispi_read(DISPI_YRES));
    u16 bpp = next16(w, dispi_read(DISPI_BPP)), bank = next16(w, dispi_read(DISPI_BANK));
    u16 virtual = next16(w, dispi_read(DISPI_VIRT_WIDTH));
    u16 x = next16(w, dispi_read(DISPI_X_OFFSET)), y = next16(w, dispi_read(DISPI_Y_OFFSET));
    if (!restoring(w))
        return;
    dispi_write(DISPI_ENABLE, 0);
    dispi_write(DISPI_XRES, width);
    dispi_write(DISPI_YRES, height);
    dispi_write(DISPI_BPP, bpp);
    if (!(enable & DISPI_ENABLED))
        return;
    dispi_write(DISPI_ENABLE, enable | DISPI_NOCLEARMEM);
    dispi_write(DISPI_BANK, bank);
    dispi_write(DISPI_VIRT_WIDTH, virtual);
    dispi_write(DISPI_X_OFFSET, x);
    dispi_write(DISPI_Y_OFFSET, y);
}

bool state_command(struct regs *r, u8 command)
{
    struct walk w = { command, r->es, r->bx, 0 };
    if (command > STATE_RESTORE)
        return false;
    if ((r->cx & STATE_DISPI) && dispi_present())
        walk_dispi(&w);
    if (r->cx & PART_HARDWARE)
        walk_hardware(&w);
    if (r->cx & PART_BDA)
        walk_bda(&w);
    if (r->cx & PART_DAC)
        walk_dac(&w);
    if (command == STATE_SIZE)
        r->bx = (u16)((w.bytes + BLOCK - 1) / BLOCK);
    return true;
}

void int10_1c_state(struct regs *r)
{
    u16 parts = r->cx;
    r->cx &= PART_HARDWARE | PART_BDA | PART_DAC;
    bool done = state_command(r, r->al);
    r->cx = parts;
    if (done)
        r->al = SUPPORTED;
}
