/* until_text.c: running until the guest has said something: on its screen, looked at between slices, or through COM1 or
 * a debug console, byte by byte as it writes them, so that the machine stops behind the instruction that sends the last
 * one, in the past as in the present. */
#include "debugger.h"

#include <stdlib.h>

#define SCREEN_TEXT_MAX (64 * 1024)
#define COM1 0x3f8u
#define COM1_LCR (COM1 + 3)
#define LCR_DLAB BIT(7) /* COM1's first port is the divisor's then (16550, 8.1) */
#define CONSOLE_BOCHS 0xe9u
#define CONSOLE_QEMU 0x402u

enum { ON_SCREEN = BIT(0), ON_SERIAL = BIT(1), ON_CONSOLE = BIT(2) };

/* The text ends the line's bytes so far. */
static bool completes(struct debugger *d, char *said, u8 byte)
{
    size_t want = strlen(d->watched.text), len = strlen(said);
    if (len == want) {
        memmove(said, said + 1, len);
        len--;
    }
    said[len] = (char)byte;
    said[len + 1] = 0;
    return strcmp(said, d->watched.text) == 0;
}

static bool port_says_it(struct debugger *d, struct breakpoint *b, const struct probe_event *e)
{
    struct watched_text *w = &d->watched;
    u8 byte = (u8)e->value;
    (void)b;
    if (!e->write)
        return false;
    if (e->addr == COM1_LCR)
        w->divisor = byte & LCR_DLAB;
    if (e->addr == COM1 && !w->divisor && (w->where & ON_SERIAL) && byte && completes(d, w->serial, byte))
        w->place = "the serial port";
    if ((e->addr == CONSOLE_BOCHS || e->addr == CONSOLE_QEMU) && (w->where & ON_CONSOLE) && byte &&
        completes(d, w->console, byte))
        w->place = "the debug console";
    return w->place;
}

bool text_on_screen(struct debugger *d)
{
    struct watched_text *w = &d->watched;
    if (!(w->where & ON_SCREEN))
        return false;
    char *text = calloc(1, SCREEN_TEXT_MAX);
    if (text && machine_text(d->machine, text, SCREEN_TEXT_MAX - 1) && strstr(text, w->text))
        w->place = "the screen";
    free(text);
    return w->place;
}

bool text_is_place(const char *word, size_t len)
{
    return debugger_is(word, len, "text") || debugger_is(word, len, "screen") || debugger_is(word, len, "serial") ||
           debugger_is(word, len, "debugcon");
}

static unsigned places_of(const char *word, size_t len)
{
    return debugger_is(word, len, "screen")     ? ON_SCREEN
           : debugger_is(word, len, "serial")   ? ON_SERIAL
           : debugger_is(word, len, "debugcon") ? ON_CONSOLE
                                                : ON_SCREEN | ON_SERIAL | ON_CONSOLE;
}

void text_run(struct debugger *d, const char *word, size_t len, const char *args)
{
    struct breakpoint *b;
    d->watched = (struct watched_text){ .where = places_of(word, len) };
    if (!args_word(&args, d->watched.text, d->out) || !*d->watched.text) {
        debugger_fail(d, "until %.*s: which text?", (int)len, word);
        d->watched.where = 0;
        return;
    }
    b = stop_add(d, BIT(PROBE_PORT), "");
    if (!b)
        return;
    b->filter.first = CONSOLE_BOCHS;
    b->filter.last = CONSOLE_QEMU;
    b->wanted = port_says_it;
    if (stop_attach(b)) {
        motion_run(d, UINT64_MAX);
        d->reason = d->hit == b ? STOP_WATCHED : d->reason;
        motion_report(d);
    }
    stop_delete(b);
    d->watched.where = 0;
}
