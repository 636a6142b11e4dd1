/* modes.c: setting a mode (functions 00 and 0F): registers, colours, memory, font, BIOS data area. */
#include "vgabios.h"
#include "vbe.h"

#define TEXT_BLANK 0x0720
#define TEXT_WORDS 0x4000 /* 32 KiB */
#define GRAPHICS_WORDS 0x8000
#define CURSOR_DEFAULT 0x0607
#define COLOR_SELECT_DEFAULT 0x30
#define COLOR_SELECT_MODE_6 0x3f
#define MODE_VESA_6A 0x6a /* what VESA had before it had a BIOS */
#define SEQ_RESET_ASYNC 1
#define SEQ_RUN 3

/* The row of a text mode on the number of scan lines that function 12 chose for it. */
static u8 text_parameters(ROM struct mode *m)
{
    u8 options = GET_BDA(options);
    if (options & OPTION_400_LINES)
        return m->parameters;
    if (m->number == 7)
        return 7;
    return (u8)(options & OPTION_200_LINES ? m->number : m->number + 0x13);
}

static void load_attributes(ROM struct video_parameters *p)
{
    for (u8 i = 0; i < sizeof p->attr; i++)
        if (i >= ATTR_PALETTE_COUNT && i != ATTR_OVERSCAN)
            hw_attr_write(i, p->attr[i]);
        else if (!(GET_BDA(options) & OPTION_NO_PALETTE_LOAD))
            hw_attr_write(i, p->attr[i]);
    hw_attr_write(ATTR_COLOR_SELECT, 0);
}

static void load_crtc(ROM struct video_parameters *p)
{
    u16 crtc = hw_crtc_port();
    hw_write(crtc, CRTC_RETRACE_END, 0); /* registers 0 to 7 are protected by it */
    for (u8 i = 0; i < CRTC_COUNT; i++)
        hw_write(crtc, i, p->crtc[i]);
}

void mode_load(ROM struct video_parameters *p, enum palette palette)
{
    hw_screen(false);
    hw_write(PORT_SEQ, 0, SEQ_RESET_ASYNC);
    outb(PORT_MISC_WRITE, p->misc);
    hw_write(PORT_SEQ, SEQ_CLOCKING, (u8)(p->seq[0] | SEQ_SCREEN_OFF));
    for (u8 i = 1; i < sizeof p->seq; i++)
        hw_write(PORT_SEQ, (u8)(i + 1), p->seq[i]);
    hw_write(PORT_SEQ, 0, SEQ_RUN);
    load_crtc(p);
    for (u8 i = 0; i < GFX_COUNT; i++)
        hw_write(PORT_GFX, i, p->gfx[i]);
    if (!(GET_BDA(options) & OPTION_NO_PALETTE_LOAD)) {
        dac_load(palette);
        if (GET_BDA(options) & OPTION_GRAY_SUMMING)
            dac_gray(0, 256);
    }
    load_attributes(p);
}

static void clear_memory(ROM struct mode *m)
{
    if (m->model == MODEL_TEXT)
        far_fill16(m->segment, 0, TEXT_BLANK, TEXT_WORDS);
    else if (m->segment == 0xa000)
        far_fill16(m->segment, 0, 0, GRAPHICS_WORDS);
    else
        far_fill16(m->segment, 0, 0, TEXT_WORDS);
}

void mode_reset_bda(struct screen s, u8 number, u16 vbe_mode)
{
    SET_BDA(video_mode, number);
    SET_BDA(vbe_mode, vbe_mode);
    SET_BDA(columns, s.columns);
    SET_BDA(page_size, s.page_size);
    SET_BDA(page_start, 0);
    SET_BDA(page, 0);
    SET_BDA(crtc, hw_crtc_port());
    SET_BDA(last_row, s.rows - 1);
    SET_BDA(cell_height, s.cell_height);
    SET_BDA(power_state, 0);
    for (u8 i = 0; i < 8; i++)
        SET_BDA(cursor[i], 0);
}

void mode_set_control(bool no_clear, bool mono)
{
    u8 control = GET_BDA(control) & CONTROL_NO_CURSOR_EMULATION;
    SET_BDA(control, control | CONTROL_MEMORY_256K | (mono ? CONTROL_MONO : 0) | (no_clear ? CONTROL_NO_CLEAR : 0));
}

static void load_text_font(u8 height)
{
    if (height == 16)
        font_load(font_8x16, 16, 0);
    else if (height == 14)
        font_load(font_8x14, 14, 0);
    else
        font_load(font_8x8, 8, 0);
}

void mode_set(u8 mode)
{
    ROM struct mode *m = mode_find(mode & 0x7f);
    if (!m)
        return;
    ROM struct video_parameters *p = &video_parameters[m->model == MODEL_TEXT ? text_parameters(m) : m->parameters];
    dispi_off();
    mode_load(p, m->palette);
    if (!(mode & MODE_NO_CLEAR))
        clear_memory(m);
    if (m->model == MODEL_TEXT)
        load_text_font(p->cell_height);
    bool no_clear = mode & MODE_NO_CLEAR;
    mode_reset_bda((struct screen){ p->columns, (u16)(p->last_row + 1), p->page_size, p->cell_height }, m->number,
                   (u16)(m->number | (no_clear ? VBE_MODE_NO_CLEAR : 0)));
    mode_set_control(no_clear, !(p->misc & MISC_COLOR));
    SET_BDA(mode_select, m->mode_select);
    SET_BDA(color_select, m->number == 6 ? COLOR_SELECT_MODE_6 : COLOR_SELECT_DEFAULT);
    SET_BDA(cursor_shape, p->crtc[CRTC_CURSOR_START] << 8 | p->crtc[CRTC_CURSOR_END]);
    if (m->model == MODEL_TEXT)
        cursor_set_shape(CURSOR_DEFAULT);
    font_graphics_default(p->cell_height);
    hw_screen(true);
}

void int10_00_set_mode(struct regs *r)
{
    u8 mode = r->al & 0x7f;
    if (mode == MODE_VESA_6A)
        vbe_set((u16)(mode | (r->al & MODE_NO_CLEAR ? VBE_MODE_NO_CLEAR : 0)));
    else
        mode_set(r->al);
    r->al = mode > 7 ? 0x20 : mode == 6 ? COLOR_SELECT_MODE_6 : COLOR_SELECT_DEFAULT;
}

void int10_0f_get_mode(struct regs *r)
{
    r->al = (u8)(GET_BDA(video_mode) | (GET_BDA(control) & CONTROL_NO_CLEAR));
    r->ah = (u8)GET_BDA(columns);
    r->bh = GET_BDA(page);
}
