/* vbe_set.c: setting a mode by its VBE number. */
#include "vbe.h"

#define CELL_WIDTH 8
#define CELL_HEIGHT 16
#define MOST_COLUMNS 255 /* function 02 has eight bits for a column */
#define CRTC_MODE_CONTROL 0x17
#define CRTC_MODE_NOT_CGA 0x03
#define CRTC_OVERFLOW_DISPLAY_END 0x42

static void crtc_modify(u8 index, u8 keep, u8 set)
{
    u16 crtc = hw_crtc_port();
    hw_write(crtc, index, (u8)((hw_read(crtc, index) & keep) | set));
}

/* What the CRTC would have to do: adapters whose display interface is an addition to the VGA look here. */
static void load_crtc(ROM struct vbe_mode *m)
{
    u16 crtc = hw_crtc_port(), end = (u16)(m->height - 1);
    crtc_modify(CRTC_RETRACE_END, 0x7f, 0);
    hw_write(crtc, CRTC_HORIZONTAL_DISPLAY_END, (u8)(m->width / CELL_WIDTH - 1));
    hw_write(crtc, CRTC_OFFSET, (u8)(dispi_pitch(m->width, m->bpp) / (m->bpp == 4 ? 2 : 8)));
    hw_write(crtc, CRTC_VERTICAL_DISPLAY_END, (u8)end);
    crtc_modify(CRTC_OVERFLOW, (u8)~CRTC_OVERFLOW_DISPLAY_END, (u8)((end >> 7 & 0x02) | (end >> 3 & 0x40)));
    hw_write(crtc, CRTC_MAXIMUM_SCAN_LINE, 0);
    crtc_modify(CRTC_MODE_CONTROL, 0xff, CRTC_MODE_NOT_CGA);
}

static void load_dispi(ROM struct vbe_mode *m, u16 flags)
{
    dispi_write(DISPI_XRES, m->width);
    dispi_write(DISPI_YRES, m->height);
    dispi_write(DISPI_BPP, m->bpp);
    dispi_write(DISPI_BANK, 0);
    dispi_write(DISPI_ENABLE, (u16)(DISPI_ENABLED | (flags & VBE_MODE_LINEAR ? DISPI_LFB_ENABLED : 0) |
                                    (flags & VBE_MODE_NO_CLEAR ? DISPI_NOCLEARMEM : 0)));
}

static void reset_bda(ROM struct vbe_mode *m, u16 mode)
{
    u16 columns = m->width / CELL_WIDTH;
    u32 bytes = dispi_pitch(m->width, m->bpp) * m->height;
    struct screen s = { columns < MOST_COLUMNS ? columns : MOST_COLUMNS, m->height / CELL_HEIGHT,
                        (u16)(bytes > 0xffff ? 0xffff : bytes), CELL_HEIGHT };
    mode_reset_bda(s, VIDEO_MODE_VBE, mode);
    mode_set_control(mode & VBE_MODE_NO_CLEAR, false);
}

static bool set_dispi(u16 mode)
{
    ROM struct vbe_mode *m = vbe_mode_find(mode & VBE_MODE_NUMBER);
    if (!m || (m->bpp == 4 && (mode & VBE_MODE_LINEAR)))
        return false;
    dispi_off();
    mode_load(&video_parameters[m->bpp == 4 ? PARAMETERS_MODE_12 : PARAMETERS_MODE_13],
              m->bpp == 4 ? PALETTE_EGA : PALETTE_256);
    load_crtc(m);
    load_dispi(m, mode);
    reset_bda(m, (u16)(mode & (VBE_MODE_NUMBER | VBE_MODE_LINEAR | VBE_MODE_NO_CLEAR)));
    font_graphics_default(CELL_HEIGHT);
    hw_screen(true);
    return true;
}

bool vbe_set(u16 mode)
{
    u16 number = mode & VBE_MODE_NUMBER;
    if (number > 0xff || !mode_find((u8)number))
        return set_dispi(mode);
    if (mode & VBE_MODE_LINEAR)
        return false;
    mode_set((u8)(number | (mode & VBE_MODE_NO_CLEAR ? MODE_NO_CLEAR : 0)));
    return true;
}
