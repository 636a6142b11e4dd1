/* bochs.c: what kernels that were written in Bochs expect of it: bytes written to port E9 are shown, "Shutdown" written
 * to port 8900 ends the run, and XCHG BX,BX stops (`break magic`). */
#include "debugger.h"

#define PORT_E9 0xe9
#define PORT_8900 0x8900
static const char shutdown_word[] = "Shutdown";

/* A pass through the same history again says nothing new. */
static bool is_new(const struct debugger *d, const struct probe_event *e)
{
    return e->write && !(d->host.timeline && timeline_in_past(d->host.timeline));
}

static bool show_byte(struct debugger *d, struct breakpoint *b, const struct probe_event *e)
{
    (void)b;
    if (is_new(d, e))
        fputc((int)(e->value & 0xff), d->out);
    return false;
}

static bool hear_shutdown(struct debugger *d, struct breakpoint *b, const struct probe_event *e)
{
    (void)b;
    if (!is_new(d, e))
        return false;
    char c = (char)e->value;
    d->shutdown_heard = c == shutdown_word[d->shutdown_heard] ? d->shutdown_heard + 1 : c == shutdown_word[0];
    return d->shutdown_heard == sizeof shutdown_word - 1;
}

static struct breakpoint *listen(struct debugger *d, u16 port,
                                 bool (*wanted)(struct debugger *d, struct breakpoint *b, const struct probe_event *e))
{
    struct breakpoint *b = stop_add(d, BIT(PROBE_PORT), "");
    if (!b)
        return NULL;
    b->filter.first = b->filter.last = port;
    b->wanted = wanted;
    stop_attach(b);
    return b;
}

/* A debug console that the user asked for gets the bytes of port E9 instead. */
void bochs_listen(struct debugger *d)
{
    if (debug_port_place(d->machine, PORT_E9).kind == DEBUG_PLACE_NONE)
        listen(d, PORT_E9, show_byte);
    d->shutdown = listen(d, PORT_8900, hear_shutdown);
}

bool bochs_is_magic(struct debugger *d, struct breakpoint *b, const struct probe_event *e)
{
    (void)d, (void)b;
    return e->bytes && e->length == 2 && e->bytes[0] == 0x87 && e->bytes[1] == 0xdb; /* xchg bx, bx; xchg ebx, ebx */
}
