/* screen.c: see screen.h. Each part of the screen is drawn anew from the machine; ncurses finds what has changed. */
#define _GNU_SOURCE
#include "screen.h"

#include <stdlib.h>

#ifdef HAVE_NCURSES
#include "desc.h"
#include "insn.h"
#include "library.h"
#include "symbols.h"

#include <inttypes.h>
#include <locale.h>
#include <ncurses.h>
#include <unistd.h>

#define CONSOLE_ROWS 9
#define CONSOLE_BYTES (64 * 1024)
#define REGISTERS_WIDTH 27
#define CODE_WIDTH 52
#define WORDS_WIDTH 36
#define ROWS_MIN 20
#define COLUMNS_MIN 60
#define TEXT_SIZE (64 * 1024)

enum { PAIR_CHANGED = 1, PAIR_TITLE, PAIR_HERE, PAIR_EVENT };

struct screen {
    struct debugger *d;
    SCREEN *terminal;
    WINDOW *window; /* as large as the terminal */
    struct view now, before;
    u64 shown_at; /* icount of `now` */
    bool has_before;
    char console[CONSOLE_BYTES];
    size_t console_len;
    struct line line;
    char typed[LINE_MAX_LEN + 1];
    char *guest_text;
};

bool screen_available(void)
{
    return true;
}

/* ---- opening and closing ---- */

static bool set_up(struct screen *s)
{
    s->guest_text = calloc(1, TEXT_SIZE);
    s->terminal = newterm(NULL, stdout, stdin);
    s->window = s->terminal ? newwin(0, 0, 0, 0) : NULL;
    if (!s->window || !s->guest_text)
        return false;
    cbreak(); /* Ctrl-C stays a signal */
    noecho();
    nonl();
    if (has_colors()) {
        start_color();
        use_default_colors();
        init_pair(PAIR_CHANGED, COLOR_YELLOW, -1);
        init_pair(PAIR_TITLE, COLOR_CYAN, -1);
        init_pair(PAIR_HERE, COLOR_BLACK, COLOR_GREEN);
        init_pair(PAIR_EVENT, COLOR_BLACK, COLOR_CYAN);
    }
    line_init(&s->line, "", true);
    return true;
}

struct screen *screen_open(struct debugger *d)
{
    const char *why = library_load(&library_ncurses);
    if (why) {
        fprintf(stderr, "pcemu: layout: %s\n", why);
        return NULL;
    }
    struct screen *s = calloc(1, sizeof *s);
    setlocale(LC_CTYPE, "");
    if (!s)
        return NULL;
    s->d = d;
    if (set_up(s))
        return s;
    fputs("pcemu: the terminal can't be used as a screen (TERM)\n", stderr);
    screen_close(s);
    return NULL;
}

void screen_close(struct screen *s)
{
    if (!s)
        return;
    if (s->terminal) {
        if (s->window)
            delwin(s->window);
        endwin();
        delscreen(s->terminal);
        line_free(&s->line);
    }
    free(s->guest_text);
    free(s);
}

/* ---- drawing ---- */

struct box {
    WINDOW *window;
    int row, column, rows, columns;
};

/* One line of a box, cut to its width. */
static void put(const struct box *b, int row, const char *text, attr_t how)
{
    if (row < 0 || row >= b->rows || b->columns <= 0)
        return;
    wattrset(b->window, (int)how);
    mvwaddnstr(b->window, b->row + row, b->column, text, b->columns);
    wattrset(b->window, (int)A_NORMAL);
}

static void title(const struct box *b, const char *text)
{
    char line[256];
    memset(line, '-', sizeof line);
    size_t len = strlen(text), width = b->columns < (int)sizeof line ? (size_t)b->columns : sizeof line - 1;
    line[width] = 0;
    if (len + 4 < width) {
        memcpy(line + 2, text, len);
        line[1] = line[2 + len] = ' ';
    }
    put(b, 0, line, COLOR_PAIR(PAIR_TITLE));
}

static attr_t changed(const struct screen *s, u64 now, u64 before)
{
    return s->has_before && now != before ? COLOR_PAIR(PAIR_CHANGED) | A_BOLD : A_NORMAL;
}

static void draw_register(const struct screen *s, const struct box *b, int row, const char *name, u64 now, u64 before)
{
    char text[64];
    bool wide = s->now.r.code == DEBUG_CODE_64;
    snprintf(text, sizeof text, "%-6s %0*" PRIx64, name, wide ? 16 : 8, wide ? now : now & 0xffffffff);
    put(b, row, text, changed(s, now, before));
}

static void draw_flags(const struct screen *s, const struct box *b, int row)
{
    static const char names[] = "cpazstido";
    static const u8 bits[] = { 0, 2, 4, 6, 7, 8, 9, 10, 11 };
    char text[32] = "flags  ";
    size_t n = strlen(text);
    for (unsigned i = 0; i < ARRAY_LEN(bits); i++)
        text[n++] = s->now.r.rflags >> bits[i] & 1 ? (char)(names[i] - 32) : names[i];
    text[n] = 0;
    put(b, row, text, changed(s, s->now.r.rflags, s->before.r.rflags));
}

static int draw_segments(const struct screen *s, const struct box *b, int row)
{
    char text[64];
    for (unsigned i = 0; i <= DEBUG_GS; i++) {
        const u64 now = s->now.r.seg[i].base ^ s->now.r.seg[i].selector,
                  before = s->before.r.seg[i].base ^ s->before.r.seg[i].selector;
        snprintf(text, sizeof text, "%-6s %04x %08" PRIx64, view_segment_name(i), s->now.r.seg[i].selector,
                 s->now.r.seg[i].base);
        put(b, row++, text, changed(s, now, before));
    }
    return row;
}

static void draw_registers(const struct screen *s, const struct box *b)
{
    static const char *const wide[] = { "RAX", "RCX", "RDX", "RBX", "RSP", "RBP", "RSI", "RDI",
                                        "R8",  "R9",  "R10", "R11", "R12", "R13", "R14", "R15" };
    static const char *const narrow[] = { "EAX", "ECX", "EDX", "EBX", "ESP", "EBP", "ESI", "EDI" };
    static const u8 order[] = { 0, 3, 1, 2, 6, 7, 5, 4, 8, 9, 10, 11, 12, 13, 14, 15 };
    bool is_64 = s->now.r.code == DEBUG_CODE_64;
    int row = 1;
    title(b, view_mode_name(s->now.mode));
    for (unsigned i = 0; i < (is_64 ? 16u : 8u); i++) {
        unsigned n = order[i];
        draw_register(s, b, row++, is_64 ? wide[n] : narrow[n], s->now.r.gpr[n], s->before.r.gpr[n]);
    }
    draw_register(s, b, row++, is_64 ? "RIP" : "EIP", s->now.r.rip, s->before.r.rip);
    draw_flags(s, b, row++);
    row = draw_segments(s, b, row);
    draw_register(s, b, row++, "CR0", s->now.r.cr0, s->before.r.cr0);
    draw_register(s, b, row++, "CR3", s->now.r.cr3, s->before.r.cr3);
    draw_register(s, b, row++, "CR4", s->now.r.cr4, s->before.r.cr4);
    draw_register(s, b, row++, "EFER", s->now.r.efer, s->before.r.efer);
}

static void draw_code(const struct screen *s, const struct box *b)
{
    u64 linear = view_code(&s->now), rip = s->now.r.rip, distance;
    const char *name = symbols_at(s->d->symbols, linear, &distance);
    char heading[160];
    snprintf(heading, sizeof heading, "%s", name ? name : "code");
    title(b, heading);
    for (int row = 1; row < b->rows; row++) {
        char *text = NULL;
        size_t len;
        unsigned length = 0;
        FILE *out = open_memstream(&text, &len);
        if (!out)
            return;
        listing_line(&s->now, linear, rip, "", out, &length);
        fclose(out);
        text[strcspn(text, "\n")] = 0;
        put(b, row, text, row == 1 ? COLOR_PAIR(PAIR_HERE) | (has_colors() ? 0 : A_REVERSE) : A_NORMAL);
        free(text);
        if (!length)
            return;
        linear += length;
        rip += length;
    }
}

static void draw_stack(const struct screen *s, const struct box *b)
{
    static const unsigned sizes[] = { [DEBUG_CODE_16] = 2, [DEBUG_CODE_32] = 4, [DEBUG_CODE_64] = 8 };
    unsigned size = sizes[s->now.r.code];
    u64 mask = view_stack_mask(&s->now), sp = s->now.r.gpr[4] & mask;
    title(b, "stack");
    for (int row = 1; row < b->rows; row++) {
        u64 offset = (sp + (u64)(row - 1) * size) & mask, value, distance;
        char text[128];
        if (!view_read_number(&s->now, view_linear(&s->now, DEBUG_SS, offset), size, &value))
            break;
        const char *name = symbols_at(s->d->symbols, value, &distance);
        snprintf(text, sizeof text, "%0*" PRIx64 "  %0*" PRIx64 "  %s", size == 8 ? 12 : 8, offset, (int)size * 2,
                 value, name ? name : "");
        put(b, row, text, A_NORMAL);
    }
}

static void draw_memory(const struct screen *s, const struct box *b)
{
    u64 at =
        s->d->memory_at == DEBUG_NOWHERE ? view_linear(&s->now, DEBUG_DS, s->now.r.gpr[6]) & ~(u64)7 : s->d->memory_at;
    title(b, "memory");
    for (int row = 1; row < b->rows; row++, at += 8) {
        u8 bytes[8];
        char text[80];
        int n = snprintf(text, sizeof text, "%08" PRIx64 " ", at);
        if (!view_read(&s->now, at, bytes, sizeof bytes)) {
            put(b, row, "(no memory there)", A_NORMAL);
            return;
        }
        for (unsigned i = 0; i < sizeof bytes; i++)
            n += snprintf(text + n, sizeof text - (size_t)n, "%02x", bytes[i]);
        text[n++] = ' ';
        for (unsigned i = 0; i < sizeof bytes; i++)
            text[n++] = bytes[i] >= ' ' && bytes[i] <= '~' ? (char)bytes[i] : '.';
        text[n] = 0;
        put(b, row, text, A_NORMAL);
    }
}

/* The last lines that have something in them. */
static void draw_guest(struct screen *s, const struct box *b)
{
    size_t len = machine_text(s->d->machine, s->guest_text, TEXT_SIZE - 1);
    title(b, len ? "the guest's screen" : "the guest's screen (graphics, or off)");
    s->guest_text[len] = 0;
    int row = 1;
    for (char *line = s->guest_text, *next; row < b->rows && *line; line = next, row++) {
        next = line + strcspn(line, "\n");
        next += *next ? (*next = 0, 1) : 0;
        put(b, row, line, A_NORMAL);
    }
}

static void draw_event(const struct screen *s, const struct box *b)
{
    struct debug_event e;
    char text[300];
    int n = snprintf(text, sizeof text, " %" PRIu64 " instructions, %.6f s", machine_icount(s->d->machine),
                     (double)machine_now_ns(s->d->machine) / 1e9);
    char name[16];
    if (debug_events(s->d->machine, s->d->cpu, &e, 1) == 1) {
        if (e.kind == DEBUG_EVENT_EXCEPTION || e.kind == DEBUG_EVENT_INTERRUPT)
            snprintf(text + n, sizeof text - (size_t)n, "   last: %s at %" PRIu64, view_vector_name(e.vector, name),
                     e.icount);
        else if (e.kind == DEBUG_EVENT_MODE)
            snprintf(text + n, sizeof text - (size_t)n, "   last: %s at %" PRIu64,
                     view_mode_name((enum debug_mode)e.value), e.icount);
        else if (e.kind == DEBUG_EVENT_CR)
            snprintf(text + n, sizeof text - (size_t)n, "   last: CR%" PRIu32 " := %" PRIx64 " at %" PRIu64, e.number,
                     e.value, e.icount);
    }
    char line[512];
    snprintf(line, sizeof line, "%-*s", b->columns < 500 ? b->columns : 500, text);
    put(b, 0, line, COLOR_PAIR(PAIR_EVENT) | (has_colors() ? 0 : A_REVERSE));
}

static void draw_console(const struct screen *s, const struct box *b)
{
    const char *end = s->console + s->console_len, *at = end;
    int rows = 0;
    while (at > s->console && rows < b->rows) {
        at--;
        if (at > s->console && at[-1] == '\n')
            rows++;
    }
    for (int row = 0; row < b->rows && at < end; row++) {
        char text[512];
        size_t len = strcspn(at, "\n");
        snprintf(text, sizeof text, "%.*s", (int)len, at);
        put(b, row, text, A_NORMAL);
        at += len + (at[len] == '\n');
    }
}

/* ---- the whole ---- */

static void draw_parts(struct screen *s, int rows, int columns)
{
    int top = rows - CONSOLE_ROWS - 2, left = REGISTERS_WIDTH, code = columns - left;
    bool three = columns >= left + CODE_WIDTH + WORDS_WIDTH, wide = rows >= 40;
    if (three)
        code = columns - left - WORDS_WIDTH;
    int listing = wide || !three ? top * 2 / 5 : top / 2;
    struct box registers = { s->window, 0, 0, top, left - 1 };
    struct box text = { s->window, listing, left, top - listing, code - 1 };
    struct box listing_box = { s->window, 0, left, listing, code - 1 };
    struct box stack = { s->window, 0, left + code, top / 2, three ? WORDS_WIDTH : 0 };
    struct box memory = { s->window, top / 2, left + code, top - top / 2, three ? WORDS_WIDTH : 0 };
    draw_registers(s, &registers);
    draw_code(s, &listing_box);
    draw_guest(s, &text);
    if (three) {
        draw_stack(s, &stack);
        draw_memory(s, &memory);
    }
}

void screen_draw(struct screen *s)
{
    int rows, columns;
    if (s->shown_at != machine_icount(s->d->machine) || !s->has_before) {
        s->before = s->now;
        s->has_before = s->shown_at != 0 || s->has_before;
    }
    view_take(&s->now, s->d->machine, s->d->cpu);
    if (!s->before.machine)
        s->before = s->now;
    s->has_before = true;
    s->shown_at = machine_icount(s->d->machine);
    getmaxyx(s->window, rows, columns);
    werase(s->window);
    if (rows < ROWS_MIN || columns < COLUMNS_MIN)
        mvwaddstr(s->window, 0, 0, "The terminal is too small for the layout.");
    else
        draw_parts(s, rows, columns);
    struct box event = { s->window, rows - CONSOLE_ROWS - 2, 0, 1, columns };
    struct box console = { s->window, rows - CONSOLE_ROWS - 1, 0, CONSOLE_ROWS, columns };
    struct box input = { s->window, rows - 1, 0, 1, columns };
    char line[LINE_MAX_LEN + 16];
    draw_event(s, &event);
    draw_console(s, &console);
    snprintf(line, sizeof line, "(pcemu) %.*s", (int)s->line.len, s->line.text);
    put(&input, 0, line, A_BOLD);
    wmove(s->window, rows - 1, (int)(8 + s->line.cursor) < columns ? (int)(8 + s->line.cursor) : columns - 1);
    wrefresh(s->window);
}

void screen_print(struct screen *s, const char *text, size_t len)
{
    if (len >= CONSOLE_BYTES / 2) {
        text += len - CONSOLE_BYTES / 2;
        len = CONSOLE_BYTES / 2;
    }
    if (s->console_len + len > CONSOLE_BYTES - 1) {
        size_t keep = CONSOLE_BYTES / 4;
        keep = keep < s->console_len ? keep : s->console_len;
        memmove(s->console, s->console + s->console_len - keep, keep);
        s->console_len = keep;
    }
    memcpy(s->console + s->console_len, text, len);
    s->console_len += len;
    s->console[s->console_len] = 0;
}

/* ---- typing ---- */

static void complete(struct screen *s, FILE *out)
{
    const char *words[256];
    size_t typed, count = debugger_complete(s->d, s->line.text, s->line.cursor, words, ARRAY_LEN(words), &typed);
    for (size_t i = 0; count > 1 && i < count; i++) {
        screen_print(s, words[i], strlen(words[i]));
        screen_print(s, i + 1 == count ? "\n" : "  ", i + 1 == count ? 1 : 2);
    }
    line_complete(&s->line, words, count, typed, out);
}

/* The line editor writes what a terminal would need; here the line is drawn instead. */
bool screen_type(struct screen *s, u8 byte, const char **line)
{
    char *text = NULL;
    size_t len;
    bool done = false;
    FILE *out = open_memstream(&text, &len);
    if (!out)
        return false;
    switch (line_feed(&s->line, byte, out)) {
    case LINE_TAB:
        complete(s, out);
        break;
    case LINE_DONE:
        snprintf(s->typed, sizeof s->typed, "%s", s->line.text);
        line_reset(&s->line);
        done = true;
        break;
    case LINE_MORE:
        break;
    }
    fclose(out);
    free(text);
    *line = s->typed;
    return done;
}

#else

bool screen_available(void)
{
    return false;
}

struct screen *screen_open(struct debugger *d)
{
    (void)d;
    fputs("pcemu: layout: this pcemu was built without ncurses\n", stderr);
    return NULL;
}

void screen_close(struct screen *s)
{
    (void)s;
}

void screen_draw(struct screen *s)
{
    (void)s;
}

void screen_print(struct screen *s, const char *text, size_t len)
{
    (void)s, (void)text, (void)len;
}

bool screen_type(struct screen *s, u8 byte, const char **line)
{
    (void)s, (void)byte, (void)line;
    return false;
}

#endif
