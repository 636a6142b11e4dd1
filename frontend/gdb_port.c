/* gdb_port.c: the GDB stub's end in the session: where its bytes come from and go to. */
#define _GNU_SOURCE
#include "session.h"

#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>

/* Bytes taken at one look. */
#define INPUT_BURST 65536u
/* At the end GDB gets that long to take the last word, in ms. */
#define LAST_WORD_MS 1000

bool gdb_open(struct session *s)
{
    if (stream_wait_fd(&s->gdb_stream) < 0)
        return true;
    s->gdb = malloc(sizeof *s->gdb);
    if (!s->gdb) {
        fprintf(stderr, "pcemu: no memory for the GDB stub\n");
        return false;
    }
    gdbstub_init(s->gdb, &s->control);
    return true;
}

static void send_pending(struct session *s)
{
    struct packet_link *link = &s->gdb->link;
    if (link->out_len)
        packet_sent(link, stream_write_some(&s->gdb_stream, link->out, link->out_len));
}

static void hang_up(struct session *s)
{
    gdbstub_lost(s->gdb);
    stream_hang_up(&s->gdb_stream);
}

static bool is_open(const struct session *s)
{
    return s->gdb_stream.in >= 0;
}

static void receive(struct session *s)
{
    u8 data[4096];
    size_t got = 1;
    for (size_t all = 0; got && all < INPUT_BURST && !s->gdb->close && !s->control.quit; all += got) {
        got = stream_read_some(&s->gdb_stream, data, sizeof data);
        for (size_t i = 0; i < got; i++)
            gdbstub_receive(s->gdb, data[i]);
    }
}

void gdb_poll(struct session *s)
{
    if (!s->gdb)
        return;
    stream_accept(&s->gdb_stream);
    if (!s->gdb->connected && is_open(s)) {
        session_record(s);
        s->gdb->timeline = s->timeline;
        gdbstub_connected(s->gdb);
    }
    receive(s);
    gdbstub_poll(s->gdb);
    send_pending(s);
    if (s->gdb->connected && (!is_open(s) || s->gdb->link.broken || (s->gdb->close && !s->gdb->link.out_len)))
        hang_up(s);
    session_pause(s, s->control.paused);
}

void gdb_stopped(struct session *s)
{
    if (s->gdb && s->gdb->connected)
        gdbstub_stopped(s->gdb);
    else
        s->control.paused = true;
}

static void last_word(struct session *s)
{
    struct pollfd p = { s->gdb_stream.out, POLLOUT, 0 };
    send_pending(s);
    while (s->gdb->link.out_len && poll(&p, 1, LAST_WORD_MS) > 0 && !(p.revents & (POLLERR | POLLHUP)))
        send_pending(s);
}

/* Where a look at what is left tells why, the machine stands once more. */
bool gdb_ended(struct session *s, enum machine_status status, int exit_status)
{
    char text[128];
    const char *what = status == MACHINE_TRIPLE_FAULT ? "triple fault"
                       : status == MACHINE_STUCK      ? "halted with interrupts off for ever"
                       : status == MACHINE_TIMED_OUT  ? "time-out"
                                                      : "the end";
    bool can_wait = status == MACHINE_TRIPLE_FAULT || status == MACHINE_STUCK || status == MACHINE_TIMED_OUT;
    if (!s->gdb)
        return false;
    snprintf(text, sizeof text, "pcemu: %s after %" PRIu64 " instructions\n", what, machine_icount(s->machine));
    bool waits = gdbstub_ended(s->gdb, text, can_wait, exit_status);
    last_word(s);
    return waits;
}

void gdb_close(struct session *s)
{
    if (!s->gdb)
        return;
    gdbstub_free(s->gdb);
    free(s->gdb);
    s->gdb = NULL;
}
