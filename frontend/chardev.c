/* chardev.c: see stream.h. A terminal on standard input is switched to raw input while the machine runs: with -serial
 * stdio Ctrl-C still stops pcemu; with mon:stdio and -nographic it goes to the guest, and Ctrl-A is the escape. */
#define _GNU_SOURCE
#include "stream.h"

#include "socket.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define ESCAPE 1 /* Ctrl-A */

static void make_raw(struct termios *t)
{
    t->c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
    t->c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | IEXTEN);
    t->c_cflag = (t->c_cflag & ~(tcflag_t)(CSIZE | PARENB)) | CS8;
    t->c_cc[VMIN] = 1;
    t->c_cc[VTIME] = 0;
}

static void enter_raw(struct stream *s)
{
    if (!isatty(s->in) || tcgetattr(s->in, &s->saved) != 0)
        return;
    struct termios t = s->saved;
    make_raw(&t);
    if (s->escape)
        t.c_lflag &= ~(tcflag_t)ISIG;
    s->raw = tcsetattr(s->in, TCSANOW, &t) == 0;
}

static int create(const char *path, bool append, FILE *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (append ? O_APPEND : O_TRUNC), 0666);
    if (fd < 0)
        fprintf(err, "pcemu: %s: %s\n", path, strerror(errno));
    return fd;
}

static bool open_file(struct stream *s, const struct stream_option *o, FILE *err)
{
    s->name = o->path;
    s->out = create(o->path, o->append, err);
    s->owns_out = true;
    return s->out >= 0;
}

static bool open_socket(struct stream *s, const struct stream_option *o, FILE *err)
{
    int fd = socket_open(o, err);
    s->socket = true;
    s->name = "socket";
    if (o->server) {
        char name[256];
        s->listening = fd;
        socket_name(o, name, sizeof name);
        if (fd >= 0 && o->wait)
            fprintf(err, "pcemu: waiting for a connection at %s\n", name);
        if (fd >= 0)
            fcntl(fd, F_SETFL, O_NONBLOCK);
    } else {
        s->in = s->out = fd;
        s->arrived = true;
    }
    return fd >= 0;
}

/* Named pipes, PATH.in and PATH.out, or one for both. Opened for both directions, so that nobody need be at the other
 * end yet. */
static bool open_pipe(struct stream *s, const struct stream_option *o, FILE *err)
{
    char in[4096], out[4096];
    snprintf(in, sizeof in, "%s.in", o->path);
    snprintf(out, sizeof out, "%s.out", o->path);
    s->name = o->path;
    s->owns_in = s->owns_out = s->arrived = true;
    s->in = open(in, O_RDWR | O_CLOEXEC);
    s->out = open(out, O_RDWR | O_CLOEXEC);
    if (s->in >= 0 && s->out >= 0)
        return true;
    if (s->in >= 0)
        close(s->in);
    if (s->out >= 0)
        close(s->out);
    s->owns_in = false;
    s->in = s->out = open(o->path, O_RDWR | O_CLOEXEC);
    if (s->in < 0)
        fprintf(err, "pcemu: %s: %s\n", o->path, strerror(errno));
    return s->in >= 0;
}

/* A pseudo-terminal; its other end is kept open, or reading would fail while nobody has it. */
static bool open_pty(struct stream *s, const struct stream_option *o, FILE *err)
{
    struct termios t;
    int fd = posix_openpt(O_RDWR | O_NOCTTY);
    const char *name = fd >= 0 && grantpt(fd) == 0 && unlockpt(fd) == 0 ? ptsname(fd) : NULL;
    s->name = "pty";
    s->in = s->out = fd;
    s->owns_out = s->arrived = true;
    s->kept = name ? open(name, O_RDWR | O_NOCTTY | O_CLOEXEC) : -1;
    if (s->kept < 0 || tcgetattr(s->kept, &t) != 0) {
        fprintf(err, "pcemu: pty: %s\n", strerror(errno));
        return false;
    }
    make_raw(&t);
    t.c_oflag &= ~(tcflag_t)OPOST;
    t.c_lflag &= ~(tcflag_t)ISIG;
    tcsetattr(s->kept, TCSANOW, &t);
    fprintf(err, "char device redirected to %s (label %s)\n", name, o->id ? o->id : o->label);
    return true;
}

static bool open_kind(struct stream *s, const struct stream_option *option, FILE *err)
{
    switch (option->kind) {
    case STREAM_STDIO:
        s->in = STDIN_FILENO;
        s->out = STDOUT_FILENO;
        s->arrived = true;
        enter_raw(s);
        return true;
    case STREAM_FILE:
        return open_file(s, option, err);
    case STREAM_UNIX:
    case STREAM_TCP:
        return open_socket(s, option, err);
    case STREAM_PIPE:
        return open_pipe(s, option, err);
    case STREAM_PTY:
        return open_pty(s, option, err);
    case STREAM_UNSET:
    case STREAM_NULL:
        break;
    }
    return true;
}

bool stream_open(struct stream *s, const struct stream_option *option, struct log *log, FILE *err)
{
    *s = (struct stream){ .in = -1,
                          .out = -1,
                          .listening = -1,
                          .kept = -1,
                          .log_file = -1,
                          .escape = option->escape,
                          .mux = option->mux,
                          .option = option,
                          .log = log,
                          .name = "standard output" };
    if (option->log && (s->log_file = create(option->log, option->log_append, err)) < 0)
        return false;
    return open_kind(s, option, err);
}

/* ---- connections ---- */

static void hang_up(struct stream *s)
{
    close(s->in);
    s->in = s->out = -1;
    s->used = 0;
    s->escaped = s->aside = false;
}

#define IAC 255 /* RFC 854; what follows it is a command */
#define TELNET_COMMAND 1
#define TELNET_OPTION 2
#define TELNET_SUB 3
#define TELNET_SUB_COMMAND 4
enum { SB = 250, WILL, WONT, DO, DONT, SE = 240 };

/* We echo, there is no half duplex, and bytes have eight bits. What the other end answers is not waited for. */
static void offer_telnet(int fd)
{
    static const u8 offer[] = { IAC, WILL, 1, IAC, WILL, 3, IAC, WILL, 0, IAC, DO, 0 };
    (void)!send(fd, offer, sizeof offer, MSG_NOSIGNAL);
}

/* True: the byte is the protocol's. */
static bool telnet_eats(struct stream *s, u8 byte)
{
    u8 was = s->telnet;
    switch (was) {
    case TELNET_COMMAND:
        s->telnet = byte == SB ? TELNET_SUB : byte >= WILL && byte != IAC ? TELNET_OPTION : 0;
        return byte != IAC;
    case TELNET_OPTION:
        s->telnet = 0;
        return true;
    case TELNET_SUB:
    case TELNET_SUB_COMMAND:
        s->telnet = was == TELNET_SUB ? (byte == IAC ? TELNET_SUB_COMMAND : TELNET_SUB) : byte == SE ? 0 : TELNET_SUB;
        return true;
    default:
        s->telnet = byte == IAC ? TELNET_COMMAND : 0;
        return byte == IAC;
    }
}

void stream_accept(struct stream *s)
{
    int fd = s->in < 0 && s->listening >= 0 ? socket_accept(s->listening) : -1;
    if (fd < 0)
        return;
    s->in = s->out = fd;
    s->arrived = true;
    s->failed = false;
    s->telnet = 0;
    if (s->option->telnet)
        offer_telnet(fd);
}

int stream_wait_fd(const struct stream *s)
{
    return s->in >= 0 ? s->in : s->listening;
}

bool stream_holds(const struct stream *s)
{
    return s->listening >= 0 && s->in < 0 && s->option->wait && !s->failed;
}

/* ---- output ---- */

static void give_up(struct stream *s)
{
    int error = errno;
    if (s->socket) {
        hang_up(s);
        return;
    }
    log_host(s->log, "stream", "%s: %s: its output is lost from here on", s->name, strerror(error));
    s->failed = true;
}

static void write_log(struct stream *s)
{
    for (size_t done = 0; done < s->used && s->log_file >= 0;) {
        ssize_t n = write(s->log_file, s->buffer + done, s->used - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            log_host(s->log, "stream", "%s: %s: no more is logged", s->option->log, strerror(errno));
            close(s->log_file);
            s->log_file = -1;
        }
        done += n > 0 ? (size_t)n : 0;
    }
}

void stream_flush(struct stream *s)
{
    write_log(s);
    for (size_t done = 0; done < s->used && s->out >= 0 && !s->failed;) {
        ssize_t n = write(s->out, s->buffer + done, s->used - done);
        if (n >= 0) {
            done += (size_t)n;
        } else if (errno == EAGAIN) {
            struct pollfd p = { s->out, POLLOUT, 0 };
            poll(&p, 1, -1);
        } else if (errno != EINTR) {
            give_up(s);
        }
    }
    s->used = 0;
}

size_t stream_write_some(struct stream *s, const void *data, size_t len)
{
    if (s->out < 0 || s->failed)
        return len;
    ssize_t n = s->socket ? send(s->out, data, len, MSG_DONTWAIT | MSG_NOSIGNAL) : write(s->out, data, len);
    if (n < 0 && errno != EAGAIN && errno != EINTR)
        give_up(s);
    return n > 0 ? (size_t)n : 0;
}

void stream_close(struct stream *s)
{
    stream_flush(s);
    if (s->raw)
        tcsetattr(s->in, TCSANOW, &s->saved);
    if (s->socket && s->in >= 0)
        close(s->in);
    if (s->listening >= 0) {
        close(s->listening);
        socket_unlink(s->option);
    }
    const int ours[] = { s->owns_in ? s->in : -1, s->owns_out ? s->out : -1, s->kept, s->log_file };
    for (unsigned i = 0; i < ARRAY_LEN(ours); i++)
        if (ours[i] >= 0)
            close(ours[i]);
    *s = (struct stream){ .in = -1, .out = -1, .listening = -1, .kept = -1, .log_file = -1 };
}

void stream_put(void *self, u8 byte)
{
    struct stream *s = self;
    if (s->used + 2 > sizeof s->buffer)
        stream_flush(s);
    s->buffer[s->used++] = byte;
    if (byte == IAC && s->option && s->option->telnet)
        s->buffer[s->used++] = IAC;
    if (s->used == sizeof s->buffer)
        stream_flush(s);
}

struct char_backend stream_backend(struct stream *s)
{
    return (struct char_backend){ s->out >= 0 || s->socket || s->log_file >= 0 ? stream_put : NULL, s };
}

/* ---- input ---- */

static void print_help(struct stream *s)
{
    static const char help[] = "C-a h    print this help\r\nC-a x    exit emulator\r\n";
    static const char mux[] = "C-a c    switch between console and monitor\r\n", last[] = "C-a C-a  sends C-a\r\n";
    const char *const lines[] = { "\r\n", help, s->mux ? mux : "", last };
    for (unsigned i = 0; i < ARRAY_LEN(lines); i++)
        for (const char *c = lines[i]; *c; c++)
            stream_put(s, (u8)*c);
}

/* What follows the escape character; true: the byte is for the guest. */
static bool after_escape(struct stream *s, u8 byte)
{
    s->escaped = false;
    if (byte == 'x')
        s->quit = true;
    else if (byte == 'h' || byte == '?')
        print_help(s);
    else if (byte == 'c' && s->mux)
        s->aside = !s->aside;
    return byte == ESCAPE;
}

static bool for_reader(struct stream *s, u8 byte)
{
    if (!s->escape)
        return true;
    if (s->escaped)
        return after_escape(s, byte);
    s->escaped = byte == ESCAPE;
    return !s->escaped;
}

static void end_of_input(struct stream *s)
{
    if (s->socket) {
        hang_up(s);
        return;
    }
    if (s->raw)
        tcsetattr(s->in, TCSANOW, &s->saved);
    s->raw = false;
    s->in = -1;
}

size_t stream_read_some(struct stream *s, void *data, size_t len)
{
    struct pollfd p = { s->in, POLLIN, 0 };
    if (s->in < 0 || poll(&p, 1, 0) <= 0)
        return 0;
    ssize_t n = read(s->in, data, len);
    if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
        end_of_input(s);
    return n > 0 ? (size_t)n : 0;
}

void stream_hang_up(struct stream *s)
{
    if (s->in >= 0)
        end_of_input(s);
}

bool stream_read(struct stream *s, u8 *byte)
{
    bool aside = s->aside;
    while (s->in >= 0 && s->aside == aside) {
        struct pollfd p = { s->in, POLLIN, 0 };
        if (poll(&p, 1, 0) <= 0)
            return false;
        ssize_t n = read(s->in, byte, 1);
        if (n == 1 && !(s->option->telnet && telnet_eats(s, *byte)) && for_reader(s, *byte))
            return true;
        if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
            end_of_input(s);
        else if (n < 0)
            return false;
    }
    return false;
}
