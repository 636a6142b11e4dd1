/* monitor.c: one monitor: its prompt, and what it prints on its way out. */
#include "commands.h"

#include <stdlib.h>

#define PROMPT "(qemu) "
#define COMPLETIONS_MAX 256

void monitor_init(struct monitor *m, struct control *control, bool terminal)
{
    *m = (struct monitor){ .control = control, .format = { 1, 'x', 4 }, .crlf = terminal };
    line_init(&m->line, PROMPT, terminal);
}

void monitor_free(struct monitor *m)
{
    line_free(&m->line);
    free(m->pending);
    m->pending = NULL;
}

/* ---- output ---- */

static bool make_room(struct monitor *m, size_t more)
{
    if (m->pending_room - m->pending_len >= more)
        return true;
    size_t room = 2 * m->pending_room + more;
    char *pending = realloc(m->pending, room);
    if (!pending)
        return false;
    m->pending = pending;
    m->pending_room = room;
    return true;
}

/* Appends what was printed; without memory it is lost. */
static void append(struct monitor *m, const char *text, size_t len)
{
    if (!make_room(m, 2 * len))
        return;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\n' && m->crlf)
            m->pending[m->pending_len++] = '\r';
        m->pending[m->pending_len++] = text[i];
    }
}

void monitor_sent(struct monitor *m, size_t n)
{
    m->pending_len -= n;
    if (m->pending_len) /* else there may be no memory yet */
        memmove(m->pending, m->pending + n, m->pending_len);
}

/* A new line with its prompt. */
static void prompt(struct monitor *m, const char *before)
{
    append(m, before, strlen(before));
    append(m, PROMPT, sizeof PROMPT - 1);
    line_reset(&m->line);
}

void monitor_greet(struct monitor *m)
{
    char text[128];
    snprintf(text, sizeof text, "pcemu %s monitor - type 'help' for more information\n", m->control->version);
    prompt(m, text);
}

void monitor_leave(struct monitor *m)
{
    append(m, "\n", 1);
}

void monitor_return(struct monitor *m)
{
    prompt(m, "");
}

/* ---- input ---- */

static void complete(struct monitor *m, FILE *out)
{
    const char *words[COMPLETIONS_MAX];
    size_t typed, count = command_complete(m->line.text, m->line.cursor, words, COMPLETIONS_MAX, &typed);
    line_complete(&m->line, words, count, typed, out);
}

static void receive(struct monitor *m, u8 byte, FILE *out)
{
    switch (line_feed(&m->line, byte, out)) {
    case LINE_MORE:
        break;
    case LINE_TAB:
        complete(m, out);
        break;
    case LINE_DONE:
        monitor_command(m, m->line.text, out);
        if (!m->control->quit)
            line_start(&m->line, out);
        break;
    }
}

void monitor_receive(struct monitor *m, u8 byte)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (!out)
        return;
    receive(m, byte, out);
    if (fclose(out) == 0)
        append(m, text, len);
    free(text);
}
