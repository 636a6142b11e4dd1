/* scroll.c: a window of the screen, up and down (functions 06, 07), in all modes. */
#include "vgabios.h"

#define BLANK ' '

static void copy_rows(struct surface *s, struct window w, u8 to, u8 from, u8 rows)
{
    u16 columns = (u16)(w.right - w.left + 1), step = to < from ? 1 : (u16)-1;
    if (s->model != MODEL_TEXT) {
        graphics_copy(s, w.left, columns, (u16)(to * s->cell_height), (u16)(from * s->cell_height),
                      (u16)(rows * s->cell_height));
        return;
    }
    u16 t = to < from ? to : (u16)(to + rows - 1), f = to < from ? from : (u16)(from + rows - 1);
    for (u8 i = 0; i < rows; i++, t = (u16)(t + step), f = (u16)(f + step))
        far_copy(s->segment, (u16)(s->base + t * s->pitch + w.left * 2u), s->segment,
                 (u16)(s->base + f * s->pitch + w.left * 2u), (u16)(columns * 2));
}

static void clear_rows(struct surface *s, struct window w, u8 row, u8 rows, u8 attribute)
{
    u16 columns = (u16)(w.right - w.left + 1);
    if (s->model != MODEL_TEXT)
        graphics_fill(s, w.left, columns, (u16)(row * s->cell_height), (u16)(rows * s->cell_height), attribute);
    else
        for (u8 i = 0; i < rows; i++)
            far_fill16(s->segment, (u16)(s->base + (u32)(row + i) * s->pitch + w.left * 2u),
                       (u16)(attribute << 8 | BLANK), columns);
}

void scroll(struct surface *s, struct window w, u8 lines, bool up, u8 attribute)
{
    if (w.bottom >= s->rows)
        w.bottom = (u8)(s->rows - 1);
    if (w.right >= s->columns)
        w.right = (u8)(s->columns - 1);
    if (w.top > w.bottom || w.left > w.right)
        return;
    u8 height = (u8)(w.bottom - w.top + 1);
    if (!lines || lines > height)
        lines = height;
    u8 kept = (u8)(height - lines);
    if (up) {
        copy_rows(s, w, w.top, (u8)(w.top + lines), kept);
        clear_rows(s, w, (u8)(w.top + kept), lines, attribute);
    } else {
        copy_rows(s, w, (u8)(w.top + lines), w.top, kept);
        clear_rows(s, w, w.top, lines, attribute);
    }
}

static void scroll_window(const struct regs *r, bool up)
{
    struct surface s;
    surface_open(&s, GET_BDA(page));
    scroll(&s, (struct window){ r->ch, r->cl, r->dh, r->dl }, r->al, up, r->bh);
}

void int10_06_scroll_up(struct regs *r)
{
    scroll_window(r, true);
}

void int10_07_scroll_down(struct regs *r)
{
    scroll_window(r, false);
}
