/* cursor.c: the cursor and the page that is shown (functions 01, 02, 03, 05). */
#include "vgabios.h"

#define CURSOR_HIDDEN 0x20
#define EMULATED_CELL 8
#define UNDERLINE 0x0607 /* of such a cell */

static void crtc_pair(u8 high, u16 value)
{
    u16 crtc = hw_crtc_port();
    hw_write(crtc, high, (u8)(value >> 8));
    hw_write(crtc, (u8)(high + 1), (u8)value);
}

/* Cursor emulation: lines that a program meant for the CGA's cell of eight become those of the cell there is. The
 * underline becomes the one that modes start with; what reaches down goes on doing so. */
static u16 emulated(u16 shape)
{
    u8 first = (u8)(shape >> 8), last = (u8)shape;
    u16 height = GET_BDA(cell_height);
    if ((GET_BDA(control) & CONTROL_NO_CURSOR_EMULATION) || height <= EMULATED_CELL || last >= EMULATED_CELL ||
        first >= CURSOR_HIDDEN)
        return shape;
    if (shape == UNDERLINE)
        return (u16)((height - 3) << 8 | (height - 2));
    u8 end = (u8)((last + 1) * height / EMULATED_CELL - 1);
    u8 start = (u8)(last == first + 1 ? end - 1 : (first + 1) * height / EMULATED_CELL - 1);
    return (u16)(start << 8 | end);
}

void cursor_set_shape(u16 shape)
{
    SET_BDA(cursor_shape, shape);
    crtc_pair(CRTC_CURSOR_START, emulated(shape));
}

void cursor_place(u8 page, u16 at)
{
    if (page >= 8)
        return;
    SET_BDA(cursor[page], at);
    if (page == GET_BDA(page))
        crtc_pair(CRTC_CURSOR_HIGH, (u16)(GET_BDA(page_start) / 2 + (at >> 8) * GET_BDA(columns) + (at & 0xff)));
}

static u16 start_address(ROM struct mode *m, u16 bytes)
{
    return m->model == MODEL_TEXT ? bytes / 2 : bytes;
}

void cursor_show_page(u8 page)
{
    ROM struct mode *m = mode_find(GET_BDA(video_mode));
    if (!m || page >= m->pages)
        return;
    u16 start = (u16)(page * GET_BDA(page_size));
    SET_BDA(page_start, start);
    SET_BDA(page, page);
    crtc_pair(CRTC_START_HIGH, start_address(m, start));
    cursor_place(page, GET_BDA(cursor[page]));
}

void int10_01_cursor_shape(struct regs *r)
{
    cursor_set_shape(r->cx);
}

void int10_02_set_cursor(struct regs *r)
{
    cursor_place(r->bh, r->dx);
}

void int10_03_get_cursor(struct regs *r)
{
    r->cx = GET_BDA(cursor_shape);
    r->dx = r->bh < 8 ? GET_BDA(cursor[r->bh]) : 0;
}

void int10_05_set_page(struct regs *r)
{
    cursor_show_page(r->al);
}
