/* palette.c: colours: the CGA's way (function 0B), the EGA's palette and the VGA's DAC (function 10). */
#include "vgabios.h"

#define OVERSCAN_OF_TABLE 16
#define CGA_BACKGROUND 0x0f
#define CGA_INTENSITY 0x10
#define CGA_PALETTE_1 0x20

/* ---- function 0B ---- */

static void set_background(u8 color)
{
    u8 intensity = (u8)(color & CGA_INTENSITY), value = (u8)(color & 0x0f);
    if (value & 8)
        value = (u8)(value + 8); /* the bright half of the CGA's palette */
    hw_attr_write(ATTR_OVERSCAN, value);
    hw_attr_write(0, value);
    for (u8 i = 1; i < 4; i++)
        hw_attr_modify(i, (u8)~CGA_INTENSITY, intensity);
    SET_BDA(color_select, (GET_BDA(color_select) & ~(CGA_BACKGROUND | CGA_INTENSITY)) | (color & 0x1f));
}

/* Green, red, brown or cyan, magenta, white. */
static void set_cga_palette(u8 which)
{
    for (u8 i = 1; i < 4; i++)
        hw_attr_modify(i, (u8)~1, which & 1);
    SET_BDA(color_select, (GET_BDA(color_select) & ~CGA_PALETTE_1) | (which & 1 ? CGA_PALETTE_1 : 0));
}

void int10_0b_colors(struct regs *r)
{
    if (r->bh == 0)
        set_background(r->bl);
    else if (r->bh == 1)
        set_cga_palette(r->bl);
}

/* ---- function 10: the palette ---- */

static void set_all(const struct regs *r)
{
    for (u8 i = 0; i < ATTR_PALETTE_COUNT; i++)
        hw_attr_write(i, get_far8(r->es, (u16)(r->dx + i)));
    hw_attr_write(ATTR_OVERSCAN, get_far8(r->es, (u16)(r->dx + OVERSCAN_OF_TABLE)));
}

static void get_all(const struct regs *r)
{
    for (u8 i = 0; i < ATTR_PALETTE_COUNT; i++)
        set_far8(r->es, (u16)(r->dx + i), hw_attr_read(i));
    set_far8(r->es, (u16)(r->dx + OVERSCAN_OF_TABLE), hw_attr_read(ATTR_OVERSCAN));
}

static void set_blinking(u8 on)
{
    hw_attr_modify(ATTR_MODE, (u8)~ATTR_MODE_BLINK, on & 1 ? ATTR_MODE_BLINK : 0);
    SET_BDA(mode_select, (GET_BDA(mode_select) & ~0x20) | (on & 1 ? 0x20 : 0));
}

/* ---- function 10: the DAC ---- */

static void set_color(u8 index, struct rgb c)
{
    hw_dac_write(index, c);
    if (GET_BDA(options) & OPTION_GRAY_SUMMING)
        dac_gray(index, 1);
}

static void set_colors(const struct regs *r)
{
    u16 at = r->dx;
    for (u16 i = 0; i < r->cx && r->bx + i < 256; i++, at = (u16)(at + 3))
        set_color((u8)(r->bx + i),
                  (struct rgb){ get_far8(r->es, at), get_far8(r->es, (u16)(at + 1)), get_far8(r->es, (u16)(at + 2)) });
}

static void get_colors(const struct regs *r)
{
    u16 at = r->dx;
    for (u16 i = 0; i < r->cx && r->bx + i < 256; i++, at = (u16)(at + 3)) {
        struct rgb c = hw_dac_read((u8)(r->bx + i));
        set_far8(r->es, at, c.r);
        set_far8(r->es, (u16)(at + 1), c.g);
        set_far8(r->es, (u16)(at + 2), c.b);
    }
}

static void get_color(struct regs *r)
{
    struct rgb c = hw_dac_read(r->bl);
    r->dh = c.r;
    r->ch = c.g;
    r->cl = c.b;
}

/* The DAC in pages of 64 or 16 colours. */
static void select_page(u8 what, u8 value)
{
    if (what == 0)
        hw_attr_modify(ATTR_MODE, (u8)~ATTR_MODE_P54, value & 1 ? ATTR_MODE_P54 : 0);
    else if (what == 1)
        hw_attr_write(ATTR_COLOR_SELECT,
                      (u8)(hw_attr_read(ATTR_MODE) & ATTR_MODE_P54 ? value & 0x0f : value << 2 & 0x0c));
}

static void get_page(struct regs *r)
{
    r->bl = hw_attr_read(ATTR_MODE) & ATTR_MODE_P54 ? 1 : 0;
    u8 select = hw_attr_read(ATTR_COLOR_SELECT);
    r->bh = (u8)(r->bl ? select & 0x0f : select >> 2 & 3);
}

static void palette_function(struct regs *r)
{
    switch (r->al) {
    case 0x00:
        if (r->bl < ATTR_COUNT)
            hw_attr_write(r->bl, r->bh);
        break;
    case 0x01:
        hw_attr_write(ATTR_OVERSCAN, r->bh);
        break;
    case 0x02:
        set_all(r);
        break;
    case 0x03:
        set_blinking(r->bl);
        break;
    case 0x07:
        if (r->bl < ATTR_COUNT)
            r->bh = hw_attr_read(r->bl);
        break;
    case 0x08:
        r->bh = hw_attr_read(ATTR_OVERSCAN);
        break;
    case 0x09:
        get_all(r);
        break;
    default:
        break;
    }
}

void int10_10_palette(struct regs *r)
{
    switch (r->al) {
    case 0x10:
        set_color((u8)r->bx, (struct rgb){ r->dh, r->ch, r->cl });
        break;
    case 0x12:
        set_colors(r);
        break;
    case 0x13:
        select_page(r->bl, r->bh);
        break;
    case 0x15:
        get_color(r);
        break;
    case 0x17:
        get_colors(r);
        break;
    case 0x18:
        outb(PORT_PEL_MASK, r->bl);
        break;
    case 0x19:
        r->bl = inb(PORT_PEL_MASK);
        break;
    case 0x1a:
        get_page(r);
        break;
    case 0x1b:
        dac_gray(r->bx, r->cx);
        break;
    default:
        palette_function(r);
    }
}
