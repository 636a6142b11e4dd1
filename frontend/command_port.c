/* command_port.c: the monitor's end in the session: where its bytes come from and go to, and what its commands may do
 * to the host's side. */
#define _GNU_SOURCE
#include "session.h"

#include "socket.h"

#include <errno.h>
#include <unistd.h>

/* Bytes taken at one look. */
#define INPUT_BURST 4096

/* The stream that carries the monitor: the serial port's where they share one. */
static struct stream *carrier(struct session *s)
{
    return s->serial.mux ? &s->serial : &s->monitor_stream;
}

/* ---- what commands ask of the host's side ---- */

static const char *drive_name(void *session, unsigned drive, char buf[16])
{
    return session_drive_name(session, drive, buf);
}

static const char *drive_file(void *session, unsigned drive)
{
    const struct session *s = session;
    return s->disk_path[drive] ? s->disk_path[drive] : s->options->drive[drive].file;
}

static bool eject(void *session, const char *name, bool force, FILE *err)
{
    return session_eject(session, name, force, err);
}

static bool change(void *session, const char *name, const char *file, enum control_mode mode, bool force, FILE *err)
{
    static const enum media_mode modes[] = {
        [CONTROL_RETAIN] = MEDIA_RETAIN, [CONTROL_READ_ONLY] = MEDIA_READ_ONLY, [CONTROL_READ_WRITE] = MEDIA_READ_WRITE
    };
    return session_change(session, name, file, modes[mode], force, err);
}

static bool set_log_file(void *session, const char *path, char *error)
{
    struct session *s = session;
    FILE *file = fopen(path, "we");
    if (!file) {
        snprintf(error, CONTROL_ERROR_MAX, "%s", strerror(errno));
        return false;
    }
    setvbuf(file, NULL, _IOLBF, BUFSIZ);
    if (s->log_file)
        fclose(s->log_file);
    s->log.out = s->log_file = file;
    return true;
}

static bool save(void *session, const char *tag, FILE *err)
{
    return session_save(session, tag, err);
}

static bool load(void *session, const char *tag, FILE *err)
{
    return session_load(session, tag, err);
}

static bool delete_snapshot(void *session, const char *tag, FILE *err)
{
    return session_delete(session, tag, err);
}

static void list_snapshots(void *session, FILE *out)
{
    session_list_snapshots(session, out);
}

static void print_card(const struct options *o, unsigned i, FILE *out)
{
    const struct nic_option *nic = &o->nic[i];
    char name[20];
    snprintf(name, sizeof name, "e1000.%u", i);
    fprintf(out, "%s: index=0,type=nic,model=e1000,macaddr=%02x:%02x:%02x:%02x:%02x:%02x\n", nic->id ? nic->id : name,
            nic->mac[0], nic->mac[1], nic->mac[2], nic->mac[3], nic->mac[4], nic->mac[5]);
}

/* A network without a name has one in QEMU that is drawn by lot. */
static void print_user(const struct options *o, int i, FILE *out)
{
    const struct netdev_option *net = &o->netdev[i];
    char name[16];
    snprintf(name, sizeof name, "#net%03d", i);
    fprintf(out, "%s: index=0,type=user,net=%s,restrict=%s\n", net->id ? net->id : name,
            net->net ? net->net : "10.0.2.0", net->restricted ? "on" : "off");
}

/* Each card, and under it the network at the other end of its cable. Card and network that were asked for apart (-net),
 * or not at all, meet at a hub. */
static void print_network(void *session, FILE *out)
{
    const struct options *o = ((const struct session *)session)->options;
    for (unsigned i = 0; i < o->nics; i++) {
        int net = o->nic[i].netdev;
        bool hub = net >= 0 && (o->netdev[net].hub || o->nic[i].by_default);
        if (hub) {
            fputs("hub 0\n \\ hub0port1: ", out);
            print_user(o, net, out);
            fputs(" \\ hub0port0: ", out);
        }
        print_card(o, i, out);
        if (net >= 0 && !hub) {
            fputs(" \\ ", out);
            print_user(o, net, out);
        }
    }
}

/* ---- names of the streams ---- */

static const char *stream_filename(const struct stream_option *o, bool mux, char *name, size_t size)
{
    switch (o->kind) {
    case STREAM_STDIO:
        return mux ? "mux" : "stdio";
    case STREAM_FILE:
        snprintf(name, size, "file");
        return name;
    case STREAM_UNIX:
    case STREAM_TCP:
        socket_name(o, name, size);
        return name;
    case STREAM_PIPE:
        return "pipe";
    case STREAM_PTY:
        return "pty";
    case STREAM_UNSET:
    case STREAM_NULL:
        break;
    }
    return "null";
}

static void name_stream(struct session *s, const struct stream_option *o, bool mux, const char *label)
{
    struct control *c = &s->control;
    unsigned n = c->streams++;
    c->stream[n].label = o->id ? o->id : label;
    c->stream[n].filename = stream_filename(o, mux, s->stream_name[n], sizeof s->stream_name[n]);
}

static void name_streams(struct session *s)
{
    if (!s->options->no_parallel)
        name_stream(s, &s->options->parallel, false, "parallel0");
    if (!s->serial.mux)
        name_stream(s, &s->options->monitor, false, "compat_monitor0");
    name_stream(s, &s->serial_option, s->serial.mux, "serial0");
}

/* ---- opening and closing ---- */

void monitor_open(struct session *s)
{
    s->control = (struct control){ .machine = s->machine,
                                   .log = &s->log,
                                   .name = s->options->name_given ? s->options->name : NULL,
                                   .version = PCEMU_VERSION,
                                   .paused = s->options->paused,
                                   .prelaunch = s->options->paused,
                                   .self = s,
                                   .drive_name = drive_name,
                                   .drive_file = drive_file,
                                   .eject = eject,
                                   .change = change,
                                   .set_log_file = set_log_file,
                                   .save = save,
                                   .load = load,
                                   .delete_snapshot = delete_snapshot,
                                   .list_snapshots = list_snapshots,
                                   .print_network = print_network };
    struct stream *stream = carrier(s);
    s->has_monitor = s->serial.mux || stream_wait_fd(stream) >= 0;
    name_streams(s);
    if (s->has_monitor)
        monitor_init(&s->monitor, &s->control, stream->socket || (stream->in >= 0 && isatty(stream->in)));
}

void monitor_close(struct session *s)
{
    if (!s->has_monitor)
        return;
    monitor_poll(s);
    monitor_free(&s->monitor);
    s->has_monitor = false;
}

bool monitor_listens(const struct session *s)
{
    return s->has_monitor && !s->serial.mux && stream_wait_fd(&s->monitor_stream) >= 0;
}

/* ---- input and output ---- */

/* The greeting for somebody new; a shared terminal sees it when it is first turned to the monitor. */
static void greet(struct session *s, struct stream *stream)
{
    if (!s->serial.mux) {
        if (stream->arrived)
            monitor_greet(&s->monitor);
        stream->arrived = false;
        return;
    }
    if (stream->aside == s->was_aside)
        return;
    s->was_aside = stream->aside;
    if (!s->was_aside)
        monitor_leave(&s->monitor);
    else if (s->greeted)
        monitor_return(&s->monitor);
    else
        monitor_greet(&s->monitor);
    s->greeted = true;
}

static void send_pending(struct session *s, struct stream *stream)
{
    size_t n = 0;
    if (s->serial.mux)
        for (; n < s->monitor.pending_len; n++)
            stream_put(stream, (u8)s->monitor.pending[n]);
    else if (s->monitor.pending_len)
        n = stream_write_some(stream, s->monitor.pending, s->monitor.pending_len);
    monitor_sent(&s->monitor, n);
}

void monitor_take(struct session *s, u8 byte)
{
    if (!s->control.quit)
        monitor_receive(&s->monitor, byte);
}

void monitor_poll(struct session *s)
{
    u8 byte;
    if (!s->has_monitor)
        return;
    struct stream *stream = carrier(s);
    stream_accept(stream);
    greet(s, stream);
    for (unsigned i = 0; !s->serial.mux && i < INPUT_BURST && !s->control.quit && stream_read(stream, &byte); i++)
        monitor_receive(&s->monitor, byte);
    send_pending(s, stream);
    session_pause(s, s->control.paused);
}
