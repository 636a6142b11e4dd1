/* line.c: see line.h. */
#include "line.h"

#include <ctype.h>
#include <stdlib.h>

enum { PLAIN, ESCAPE, CSI, SS3 };

#define CTRL(c) ((c)&0x1f)
#define KEY_ESC 27
#define KEY_DEL 127
#define KEY_CSI_8BIT 155
#define SCREEN_WIDTH 80
#define PARAMETER_MAX 1000

void line_init(struct line *l, const char *prompt, bool echo)
{
    *l = (struct line){ .prompt = prompt, .echo = echo, .recalled = -1 };
}

void line_free(struct line *l)
{
    for (unsigned i = 0; i < LINE_HISTORY; i++)
        free(l->history[i]);
}

void line_reset(struct line *l)
{
    l->len = l->cursor = l->shown_cursor = 0;
    l->text[0] = 0;
    l->escape = PLAIN;
}

void line_start(struct line *l, FILE *out)
{
    line_reset(l);
    fputs(l->prompt, out);
}

/* ---- what the terminal shows ---- */

static void move(struct line *l, size_t to, FILE *out)
{
    for (; l->shown_cursor > to; l->shown_cursor--)
        fputs("\033[D", out);
    for (; l->shown_cursor < to; l->shown_cursor++)
        fputs("\033[C", out);
}

/* The whole line anew, where `changed`. */
static void show(struct line *l, bool changed, FILE *out)
{
    if (!l->echo)
        return;
    if (changed) {
        move(l, 0, out);
        fwrite(l->text, 1, l->len, out);
        fputs("\033[K", out);
        l->shown_cursor = l->len;
    }
    move(l, l->cursor, out);
}

/* ---- editing ---- */

static void insert(struct line *l, char c)
{
    if (l->len == LINE_MAX_LEN)
        return;
    memmove(l->text + l->cursor + 1, l->text + l->cursor, l->len - l->cursor + 1);
    l->text[l->cursor++] = c;
    l->len++;
}

/* Takes the characters from `from` up to the cursor away. */
static void cut_back(struct line *l, size_t from)
{
    memmove(l->text + from, l->text + l->cursor, l->len - l->cursor + 1);
    l->len -= l->cursor - from;
    l->cursor = from;
}

static void delete_here(struct line *l)
{
    if (l->cursor == l->len)
        return;
    l->cursor++;
    cut_back(l, l->cursor - 1);
}

static void delete_word(struct line *l)
{
    size_t from = l->cursor;
    while (from && isspace((unsigned char)l->text[from - 1]))
        from--;
    while (from && !isspace((unsigned char)l->text[from - 1]))
        from--;
    cut_back(l, from);
}

/* ---- history ---- */

static int history_count(const struct line *l)
{
    int n = 0;
    while (n < LINE_HISTORY && l->history[n])
        n++;
    return n;
}

static void recall(struct line *l, int which)
{
    l->recalled = which;
    snprintf(l->text, sizeof l->text, "%s", which < 0 ? "" : l->history[which]);
    l->len = l->cursor = strlen(l->text);
}

static void older(struct line *l)
{
    int from = l->recalled < 0 ? history_count(l) : l->recalled;
    if (from > 0)
        recall(l, from - 1);
}

static void newer(struct line *l)
{
    if (l->recalled >= 0)
        recall(l, l->recalled + 1 < history_count(l) ? l->recalled + 1 : -1);
}

static void forget(struct line *l, int which)
{
    free(l->history[which]);
    memmove(l->history + which, l->history + which + 1, (size_t)(LINE_HISTORY - 1 - which) * sizeof *l->history);
    l->history[LINE_HISTORY - 1] = NULL;
}

/* The line becomes the newest; it was one of the history's: it moves. */
static void remember(struct line *l)
{
    l->recalled = -1;
    if (!l->len)
        return;
    for (int i = 0; i < history_count(l); i++)
        if (strcmp(l->history[i], l->text) == 0)
            forget(l, i);
    if (history_count(l) == LINE_HISTORY)
        forget(l, 0);
    l->history[history_count(l)] = strdup(l->text);
}

/* ---- completion ---- */

static size_t common_prefix(const char *const *words, size_t count)
{
    size_t n = strlen(words[0]);
    for (size_t i = 1; i < count; i++)
        for (size_t k = 0; k < n; k++)
            if (words[i][k] != words[0][k])
                n = k;
    return n;
}

static void list_words(const char *const *words, size_t count, FILE *out)
{
    size_t width = 8, column = 0;
    for (size_t i = 0; i < count; i++)
        width = strlen(words[i]) > width ? strlen(words[i]) : width;
    width = width + 2 < SCREEN_WIDTH ? width + 2 : SCREEN_WIDTH;
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "%-*s", (int)width, words[i]);
        if (++column == SCREEN_WIDTH / width || i + 1 == count) {
            fputc('\n', out);
            column = 0;
        }
    }
}

void line_complete(struct line *l, const char *const *words, size_t count, size_t typed, FILE *out)
{
    if (!count)
        return;
    size_t prefix = common_prefix(words, count);
    for (size_t i = typed; i < prefix; i++)
        insert(l, words[0][i]);
    if (count == 1) {
        insert(l, ' ');
    } else if (l->echo) {
        fputc('\n', out);
        list_words(words, count, out);
        fputs(l->prompt, out);
        l->shown_cursor = 0;
    }
    show(l, true, out);
}

/* ---- keys ---- */

static void control_key(struct line *l, u8 key)
{
    switch (key) {
    case CTRL('A'):
        l->cursor = 0;
        break;
    case CTRL('D'):
        delete_here(l);
        break;
    case CTRL('E'):
        l->cursor = l->len;
        break;
    case CTRL('W'):
        delete_word(l);
        break;
    case CTRL('H'):
    case KEY_DEL:
        if (l->cursor)
            cut_back(l, l->cursor - 1);
        break;
    case KEY_ESC:
        l->escape = ESCAPE;
        break;
    case KEY_CSI_8BIT:
        l->escape = CSI;
        l->parameter = 0;
        break;
    default:
        if (key >= ' ')
            insert(l, (char)key);
    }
}

/* The last character of a control sequence: cursor keys, and ESC [ n ~. */
static void sequence_end(struct line *l, u8 key)
{
    unsigned n = key == '~' ? l->parameter : 0;
    if (key == 'A')
        older(l);
    else if (key == 'B')
        newer(l);
    else if (key == 'D' && l->cursor)
        l->cursor--;
    else if (key == 'C' && l->cursor < l->len)
        l->cursor++;
    else if (n == 1 || key == 'H')
        l->cursor = 0;
    else if (n == 4 || key == 'F')
        l->cursor = l->len;
    else if (n == 3)
        delete_here(l);
}

static void escape_key(struct line *l, u8 key)
{
    if (l->escape == ESCAPE) {
        l->escape = key == '[' ? CSI : key == 'O' ? SS3 : PLAIN;
        l->parameter = 0;
    } else if (l->escape == CSI && isdigit(key)) {
        l->parameter = l->parameter < PARAMETER_MAX ? l->parameter * 10 + (key - '0') : PARAMETER_MAX;
    } else {
        l->escape = PLAIN;
        sequence_end(l, key);
    }
}

enum line_event line_feed(struct line *l, u8 byte, FILE *out)
{
    size_t len = l->len;
    if (l->escape != PLAIN) {
        escape_key(l, byte);
    } else if (byte == '\n' || byte == '\r') {
        if (l->echo)
            fputc('\n', out);
        remember(l);
        return LINE_DONE;
    } else if (byte == '\t') {
        return LINE_TAB;
    } else {
        control_key(l, byte);
    }
    show(l, l->len != len || l->recalled >= 0, out);
    return LINE_MORE;
}
