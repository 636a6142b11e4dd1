/* text.c: characters, in text and graphics modes (functions 08, 09, 0A, 0E, 13). */
#include "vgabios.h"

#define CODE_BELL 7
#define CODE_BACKSPACE 8
#define CODE_LINE_FEED 10
#define CODE_RETURN 13
#define CURSOR_OF_PAGE 0xff /* function 13: write where the cursor is */

static u16 cell_offset(const struct surface *s, u16 column, u16 row)
{
    return (u16)(s->base + row * s->pitch + column * 2u);
}

struct cell text_read(struct surface *s, u16 column, u16 row)
{
    if (s->model != MODEL_TEXT)
        return (struct cell){ graphics_recognize(s, column, row), 0 };
    u16 at = cell_offset(s, column, row);
    return (struct cell){ get_far8(s->segment, at), get_far8(s->segment, (u16)(at + 1)) };
}

static void put(struct surface *s, u16 column, u16 row, struct cell c, bool with_attribute)
{
    if (s->model != MODEL_TEXT) {
        graphics_glyph(s, column, row, c.code, c.attribute);
        return;
    }
    u16 at = cell_offset(s, column, row);
    set_far8(s->segment, at, c.code);
    if (with_attribute)
        set_far8(s->segment, (u16)(at + 1), c.attribute);
}

static u16 page_cursor(u8 page)
{
    return page < 8 ? GET_BDA(cursor[page]) : 0;
}

void int10_08_read_character(struct regs *r)
{
    struct surface s;
    surface_open(&s, r->bh);
    u16 at = page_cursor(r->bh);
    struct cell c = text_read(&s, at & 0xff, at >> 8);
    r->al = c.code;
    r->ah = c.attribute;
}

/* Repeated to the right, in text modes over the ends of lines, too. */
static void write_repeated(const struct regs *r, bool with_attribute)
{
    struct surface s;
    surface_open(&s, r->bh);
    u16 at = page_cursor(r->bh), column = at & 0xff, row = at >> 8;
    for (u16 n = r->cx; n && row < s.rows; n--) {
        put(&s, column, row, (struct cell){ r->al, r->bl }, with_attribute);
        if (++column >= s.columns) {
            column = 0;
            row++;
        }
    }
}

void int10_09_write_cells(struct regs *r)
{
    write_repeated(r, true);
}

void int10_0a_write_characters(struct regs *r)
{
    write_repeated(r, false);
}

/* The line that comes in below has the attribute of the last one. */
static void scroll_one(struct surface *s, u16 column)
{
    u8 attribute = 0;
    if (s->model == MODEL_TEXT)
        attribute = text_read(s, column, (u16)(s->rows - 1)).attribute;
    scroll(s, (struct window){ 0, 0, (u8)(s->rows - 1), (u8)(s->columns - 1) }, 1, true, attribute);
}

/* One character as a teletype takes it; returns where the next one goes. */
static u16 teletype(struct surface *s, u16 at, struct cell c, bool with_attribute)
{
    u16 column = at & 0xff, row = at >> 8;
    switch (c.code) {
    case CODE_BELL:
        speaker_beep();
        break;
    case CODE_BACKSPACE:
        if (column)
            column--;
        break;
    case CODE_LINE_FEED:
        row++;
        break;
    case CODE_RETURN:
        column = 0;
        break;
    default:
        if (row < s->rows && column < s->columns)
            put(s, column, row, c, with_attribute);
        if (++column >= s->columns) {
            column = 0;
            row++;
        }
    }
    if (row >= s->rows) {
        scroll_one(s, column);
        row = (u16)(s->rows - 1);
    }
    return (u16)(row << 8 | column);
}

/* To the page that is shown, as all BIOSes do; BH is not looked at. */
void int10_0e_teletype(struct regs *r)
{
    struct surface s;
    u8 page = GET_BDA(page);
    surface_open(&s, page);
    cursor_place(page, teletype(&s, page_cursor(page), (struct cell){ r->al, r->bl }, false));
}

/* AL bit 0: the cursor goes along; bit 1: each character is followed by its attribute. */
void int10_13_write_string(struct regs *r)
{
    struct surface s;
    surface_open(&s, r->bh);
    u16 from = r->bp, at = r->dh == CURSOR_OF_PAGE ? page_cursor(r->bh) : r->dx;
    for (u16 n = r->cx; n; n--) {
        struct cell c = { get_far8(r->es, from++), r->bl };
        if (r->al & 2)
            c.attribute = get_far8(r->es, from++);
        at = teletype(&s, at, c, true);
    }
    if (r->al & 1)
        cursor_place(r->bh, at);
}
