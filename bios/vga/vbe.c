/* vbe.c: VBE: which function is asked for, and those about the present mode: window, line length, start of display,
 * DAC, palette, protected-mode interface (VESA, "VBE Core Functions Standard 3.0", chapter 4). */
#include "vbe.h"

#define AL_SUPPORTED 0x4f
#define PICTURE_STEP 8 /* dots */

#define SUB_SET 0
#define SUB_GET 1
#define SUB_SET_BYTES 2
#define SUB_MOST 3
#define SUB_AT_RETRACE 0x80

static u8 bpp(void)
{
    return (u8)dispi_read(DISPI_BPP);
}

/* ---- 05: the window at A0000 ---- */

enum vbe_status vbe_05_window(struct regs *r)
{
    if (r->bl != 0 || r->bh > 1)
        return VBE_FAILED;
    if (!dispi_enabled())
        return VBE_NOT_IN_THIS_MODE;
    if (r->bh == 1) {
        r->dx = dispi_read(DISPI_BANK);
        return VBE_OK;
    }
    u16 was = dispi_read(DISPI_BANK);
    dispi_write(DISPI_BANK, r->dx);
    if (r->dx < dispi_memory() && dispi_read(DISPI_BANK) == r->dx)
        return VBE_OK;
    dispi_write(DISPI_BANK, was);
    return VBE_FAILED;
}

/* The function that a mode's description points to, called far: no status. */
void window_function(struct regs *r);
void window_function(struct regs *r)
{
    vbe_05_window(r);
}

/* ---- 06: the length of a line ---- */

static u32 memory_of_plane(void)
{
    return ((u32)dispi_memory() << 16) / (bpp() == 4 ? 4 : 1);
}

/* As many dots in a line as memory and interface allow for the picture that is shown. */
static u16 most_pixels(void)
{
    u32 bytes = memory_of_plane() / dispi_read(DISPI_YRES), most = dispi_most_columns();
    u32 pixels = bpp() == 4 ? bytes * 8 : bytes / ((bpp() + 7u) / 8u);
    return (u16)((pixels < most ? pixels : most) & ~(PICTURE_STEP - 1u));
}

static u32 pixels_of(const struct regs *r)
{
    u32 bytes = (bpp() + 7u) / 8u;
    return r->bl == SUB_SET ? r->cx : bpp() == 4 ? r->cx * 8u : (r->cx + bytes - 1) / bytes;
}

static void tell_line_length(struct regs *r, u16 pixels)
{
    u32 pitch = dispi_pitch(pixels, bpp()), lines = memory_of_plane() / pitch;
    r->bx = (u16)pitch;
    r->cx = pixels;
    r->dx = (u16)(lines > 0xffff ? 0xffff : lines);
}

enum vbe_status vbe_06_line_length(struct regs *r)
{
    if (r->bl > SUB_MOST)
        return VBE_FAILED;
    if (!dispi_enabled())
        return VBE_NOT_IN_THIS_MODE;
    if (r->bl == SUB_MOST) {
        tell_line_length(r, most_pixels());
        return VBE_OK;
    }
    if (r->bl != SUB_GET) {
        u32 pixels = (pixels_of(r) + PICTURE_STEP - 1) & ~(PICTURE_STEP - 1u);
        if (pixels > most_pixels() || pixels < dispi_read(DISPI_XRES))
            return VBE_NOT_HERE;
        dispi_write(DISPI_VIRT_WIDTH, (u16)pixels);
    }
    tell_line_length(r, dispi_read(DISPI_VIRT_WIDTH));
    return VBE_OK;
}

/* ---- 07: which part of memory is shown ---- */

static enum vbe_status set_start(u16 x, u16 y)
{
    u16 old_x = dispi_read(DISPI_X_OFFSET), old_y = dispi_read(DISPI_Y_OFFSET);
    if (x + dispi_read(DISPI_XRES) > dispi_read(DISPI_VIRT_WIDTH))
        return VBE_FAILED;
    dispi_write(DISPI_X_OFFSET, x);
    dispi_write(DISPI_Y_OFFSET, y);
    if (dispi_read(DISPI_X_OFFSET) == x && dispi_read(DISPI_Y_OFFSET) == y)
        return VBE_OK;
    dispi_write(DISPI_X_OFFSET, old_x);
    dispi_write(DISPI_Y_OFFSET, old_y);
    return VBE_FAILED;
}

enum vbe_status vbe_07_display_start(struct regs *r)
{
    u8 what = r->bl & (u8)~SUB_AT_RETRACE;
    if (what > SUB_GET || r->bl == (SUB_AT_RETRACE | SUB_GET))
        return VBE_FAILED;
    if (!dispi_enabled())
        return VBE_NOT_IN_THIS_MODE;
    if (what == SUB_GET) {
        r->bh = 0;
        r->cx = dispi_read(DISPI_X_OFFSET);
        r->dx = dispi_read(DISPI_Y_OFFSET);
        return VBE_OK;
    }
    if (r->bl & SUB_AT_RETRACE)
        hw_wait_retrace();
    return set_start(r->cx, r->dx);
}

/* ---- 08, 09: the DAC ---- */

#define DAC_NARROW 6
#define DAC_WIDE 8

enum vbe_status vbe_08_dac_width(struct regs *r)
{
    if (r->bl > SUB_GET)
        return VBE_FAILED;
    if (!dispi_enabled() || bpp() > 8)
        return VBE_NOT_IN_THIS_MODE;
    u16 enable = dispi_read(DISPI_ENABLE) & (u16)~DISPI_8BIT_DAC;
    if (r->bl == SUB_SET)
        dispi_write(DISPI_ENABLE, (u16)(enable | (r->bh >= DAC_WIDE ? DISPI_8BIT_DAC : 0)));
    r->bh = dispi_read(DISPI_ENABLE) & DISPI_8BIT_DAC ? DAC_WIDE : DAC_NARROW;
    return VBE_OK;
}

/* In memory a colour is blue, green, red, nothing. */
static void set_color(u16 segment, u16 at, u8 index)
{
    u32 c = get_far32(segment, at);
    hw_dac_write(index, (struct rgb){ (u8)(c >> 16), (u8)(c >> 8), (u8)c });
}

static void get_color(u16 segment, u16 at, u8 index)
{
    struct rgb c = hw_dac_read(index);
    set_far32(segment, at, (u32)c.r << 16 | (u32)c.g << 8 | c.b);
}

enum vbe_status vbe_09_palette(struct regs *r)
{
    u8 what = r->bl & (u8)~SUB_AT_RETRACE;
    if (what > SUB_GET) /* there is no second palette */
        return what <= SUB_MOST ? VBE_NOT_HERE : VBE_FAILED;
    if (r->dx > 255 || r->cx > 256 - r->dx)
        return VBE_FAILED;
    if (r->bl & SUB_AT_RETRACE)
        hw_wait_retrace();
    for (u16 i = 0; i < r->cx; i++)
        (what == SUB_GET ? get_color : set_color)(r->es, (u16)(r->di + 4 * i), (u8)(r->dx + i));
    return VBE_OK;
}

/* ---- 0A: the same three for protected mode, in pmi.S ---- */

extern const u8 protected_mode_interface[], protected_mode_interface_end[];

enum vbe_status vbe_0a_protected_mode(struct regs *r)
{
    if (r->bl != 0)
        return VBE_FAILED;
    r->es = rom_segment();
    r->di = NEAR(protected_mode_interface);
    r->cx = (u16)(protected_mode_interface_end - protected_mode_interface);
    return VBE_OK;
}

/* ---- 02 to 04 ---- */

enum vbe_status vbe_04_state(struct regs *r)
{
    return state_command(r, r->dl) ? VBE_OK : VBE_FAILED;
}

static enum vbe_status get_mode(struct regs *r)
{
    r->bx = GET_BDA(vbe_mode);
    return VBE_OK;
}

static enum vbe_status function(struct regs *r)
{
    switch (r->al) {
    case 0x00:
        return vbe_00_controller(r);
    case 0x01:
        return vbe_01_mode(r);
    case 0x02:
        return vbe_set(r->bx) ? VBE_OK : VBE_FAILED;
    case 0x03:
        return get_mode(r);
    case 0x04:
        return vbe_04_state(r);
    case 0x05:
        return vbe_05_window(r);
    case 0x06:
        return vbe_06_line_length(r);
    case 0x07:
        return vbe_07_display_start(r);
    case 0x08:
        return vbe_08_dac_width(r);
    case 0x09:
        return vbe_09_palette(r);
    case 0x0a:
        return vbe_0a_protected_mode(r);
    case 0x10:
        return vbe_10_power(r);
    default:
        return vbe_15_monitor(r);
    }
}

void int10_4f_vbe(struct regs *r)
{
    if (r->al > 0x0a && r->al != 0x10 && r->al != 0x15) {
        r->ax = VBE_FAILED << 8;
        return;
    }
    u8 status = (u8)function(r);
    r->ax = (u16)(status << 8 | AL_SUPPORTED);
}
