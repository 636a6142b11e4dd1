/* tour.c: the tour's frame: the title, the keys, the page in between, drawn anew while nobody types. */
#include "resume.h"
#include "tour.h"

#define IDLE_MOST (10 * 60 * 182 / 10) /* ten minutes of ticks without a key: power off */
#define REDRAW 9                       /* ticks: half a second */
#define BAR 0x1f                       /* white on blue */
#define RESET_CONTROL 0xcf9

enum {
    KEY_ENTER = '\r',
    KEY_ESCAPE = 27,
    KEY_UP = KEY_SPECIAL | 0x48,
    KEY_DOWN = KEY_SPECIAL | 0x50,
    KEY_LEFT = KEY_SPECIAL | 0x4b,
    KEY_RIGHT = KEY_SPECIAL | 0x4d,
    KEY_PAGE_UP = KEY_SPECIAL | 0x49,
    KEY_PAGE_DOWN = KEY_SPECIAL | 0x51
};

static void bar(u32 row, const char *text)
{
    screen_goto(row, 0);
    u32 column = 0;
    for (; text[column] && column < COLUMNS; column++)
        *(volatile u16 *)(uptr)(0xb8000 + 2 * (row * COLUMNS + column)) = (u16)(BAR << 8 | (u8)text[column]);
    for (; column < COLUMNS; column++)
        *(volatile u16 *)(uptr)(0xb8000 + 2 * (row * COLUMNS + column)) = BAR << 8 | ' ';
}

static void draw(u32 number, u32 from)
{
    bar(0, tour_pages[number].title);
    bar(ROWS - 1, " 1-0, T, left, right: pages   up, down: lines   S: shell   X: tests   Q: off");
    print_to(TO_SCREEN);
    line_begin(from);
    tour_pages[number].draw();
    line_end();
    screen_goto(ROWS - 1, COLUMNS - 1);
}

/* Which page a key leads to; `number` when to none. */
static u32 page_for(u32 key, u32 number)
{
    if (key == KEY_RIGHT || key == ' ' || key == '\t')
        return (number + 1) % tour_page_count;
    if (key == KEY_LEFT)
        return (number + tour_page_count - 1) % tour_page_count;
    for (u32 i = 0; i < tour_page_count; i++)
        if (key == (u8)tour_pages[i].key || (key | 0x20) == (u8)tour_pages[i].key)
            return i;
    return number;
}

static u32 scrolled(u32 key, u32 from)
{
    const u32 rows = LAST_ROW - FIRST_ROW + 1, more = lines_drawn() > from + rows;
    if (key == KEY_DOWN || key == KEY_PAGE_DOWN)
        return more ? from + (key == KEY_DOWN ? 1 : rows - 1) : from;
    if (key == KEY_UP || key == KEY_PAGE_UP) {
        u32 step = key == KEY_UP ? 1 : rows - 1;
        return from < step ? 0 : from - step;
    }
    return from;
}

/* The last page: the machine starts anew, and the second stage goes there at once (real/state.S). */
static void __attribute__((noreturn)) reset_to(u8 stage)
{
    const struct resume r = { .stage = stage };
    resume_write(&r);
    outb(RESET_CONTROL, 2);
    outb(RESET_CONTROL, 6);
    for (;;)
        __asm__ volatile("hlt");
}

static void leave(u32 key, u32 number)
{
    if (key == 's' || key == 'S') {
        screen_clear(COLOR_PLAIN);
        shell_run();
        screen_clear(COLOR_PLAIN);
    } else if (key == 'x' || key == 'X') {
        screen_clear(COLOR_PLAIN);
        print_to(TO_SCREEN | TO_PORTS);
        tests_from_tour();
    } else if (key == 'q' || key == 'Q' || key == KEY_ESCAPE) {
        power_off();
    } else if (key == KEY_ENTER && tour_pages[number].key == 't') {
        reset_to(RESUME_STATE);
    }
}

void tour_run(void)
{
    u32 number = 0, from = 0, idle = 0;
    print("\nThe tour. S: shell. Q powers the machine off; ten minutes without a key do, too.\n");
    screen_clear(COLOR_PLAIN);
    while (idle < IDLE_MOST) {
        draw(number, from);
        u32 key = key_wait(REDRAW), next = page_for(key, number);
        idle = key ? 0 : idle + REDRAW;
        from = next == number ? scrolled(key, from) : 0;
        number = next;
        if (key)
            leave(key, number);
    }
    power_off();
}
