/* line.c: a page's lines on the screen: counted, scrolled, and made as wide as the screen. */
#include "tour.h"

#define TEXT 0xb8000
#define BDA_COLUMN 0x450

static u32 number, first;

static int visible(void)
{
    return number >= first && number - first <= LAST_ROW - FIRST_ROW;
}

static void fill_row(u32 row, u32 from)
{
    for (u32 i = from; i < COLUMNS; i++)
        *(volatile u16 *)(uptr)(TEXT + 2 * (row * COLUMNS + i)) = COLOR_PLAIN << 8 | ' ';
}

void line_begin(u32 from)
{
    number = 0;
    first = from;
    fill_row(FIRST_ROW - 1, 0);
}

static void show(const char *format, __builtin_va_list args)
{
    if (visible()) {
        u32 row = FIRST_ROW + number - first;
        screen_goto(row, 0);
        print_args(format, args);
        fill_row(row, *(volatile u8 *)BDA_COLUMN);
    }
    number++;
}

void line(const char *format, ...)
{
    __builtin_va_list args;
    __builtin_va_start(args, format);
    show(format, args);
    __builtin_va_end(args);
}

void heading(const char *text)
{
    print_color(COLOR_YELLOW);
    line("%s", text);
    print_color(COLOR_PLAIN);
}

void line_end(void)
{
    u32 shown = number > first ? number - first : 0;
    for (u32 row = FIRST_ROW + shown; row < ROWS - 1; row++)
        fill_row(row, 0);
}

u32 lines_drawn(void)
{
    return number;
}
