/* chardev.c: see stream.h. A terminal on standard input is switched to raw input while the machine runs: with -serial
 * stdio Ctrl-C still stops pcemu; with mon:stdio and -nographic it goes to the guest, and Ctrl-A is the escape. */
#define _GNU_SOURCE
#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#define ESCAPE 1 /* Ctrl-A */

static void enter_raw(struct stream *s)
{
    if (!isatty(s->in) || tcgetattr(s->in, &s->saved) != 0)
        return;
    struct termios t = s->saved;
    t.c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
    t.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | IEXTEN);
    if (s->escape)
        t.c_lflag &= ~(tcflag_t)ISIG;
    t.c_cflag = (t.c_cflag & ~(tcflag_t)(CSIZE | PARENB)) | CS8;
    t.c_cc[VMIN] = 1;
    t.c_cc[VTIME] = 0;
    s->raw = tcsetattr(s->in, TCSANOW, &t) == 0;
}

bool stream_open(struct stream *s, const struct stream_option *option, struct log *log, FILE *err)
{
    *s = (struct stream){ .in = -1, .out = -1, .escape = option->escape, .log = log, .name = "standard output" };
    if (option->kind == STREAM_STDIO) {
        s->in = STDIN_FILENO;
        s->out = STDOUT_FILENO;
        enter_raw(s);
    } else if (option->kind == STREAM_FILE) {
        s->name = option->path;
        s->out = open(option->path, O_WRONLY | O_CREAT | O_CLOEXEC | (option->append ? O_APPEND : O_TRUNC), 0666);
        s->owns_out = true;
        if (s->out < 0) {
            fprintf(err, "pcemu: %s: %s\n", option->path, strerror(errno));
            return false;
        }
    }
    return true;
}

void stream_flush(struct stream *s)
{
    for (size_t done = 0; done < s->used && s->out >= 0 && !s->failed;) {
        ssize_t n = write(s->out, s->buffer + done, s->used - done);
        if (n >= 0) {
            done += (size_t)n;
        } else if (errno == EAGAIN) {
            struct pollfd p = { s->out, POLLOUT, 0 };
            poll(&p, 1, -1);
        } else if (errno != EINTR) {
            log_host(s->log, "stream", "%s: %s: its output is lost from here on", s->name, strerror(errno));
            s->failed = true;
        }
    }
    s->used = 0;
}

void stream_close(struct stream *s)
{
    stream_flush(s);
    if (s->raw)
        tcsetattr(s->in, TCSANOW, &s->saved);
    if (s->owns_out && s->out >= 0)
        close(s->out);
    *s = (struct stream){ .in = -1, .out = -1 };
}

static void stream_put(void *self, u8 byte)
{
    struct stream *s = self;
    s->buffer[s->used++] = byte;
    if (s->used == sizeof s->buffer)
        stream_flush(s);
}

struct char_backend stream_backend(struct stream *s)
{
    return (struct char_backend){ s->out >= 0 ? stream_put : NULL, s };
}

/* What follows the escape character; true: the byte is for the guest. */
static bool after_escape(struct stream *s, u8 byte)
{
    static const char help[] = "\r\nCtrl-A x   stop pcemu\r\nCtrl-A Ctrl-A   send Ctrl-A\r\nCtrl-A h   this help\r\n";
    s->escaped = false;
    if (byte == 'x')
        s->quit = true;
    else if (byte == 'h')
        for (const char *c = help; *c; c++)
            stream_put(s, (u8)*c);
    return byte == ESCAPE;
}

static bool for_guest(struct stream *s, u8 byte)
{
    if (!s->escape)
        return true;
    if (s->escaped)
        return after_escape(s, byte);
    s->escaped = byte == ESCAPE;
    return !s->escaped;
}

bool stream_read(struct stream *s, u8 *byte)
{
    while (s->in >= 0) {
        struct pollfd p = { s->in, POLLIN, 0 };
        if (poll(&p, 1, 0) <= 0)
            return false;
        ssize_t n = read(s->in, byte, 1);
        if (n == 1 && for_guest(s, *byte))
            return true;
        if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
            break;
        if (n < 0)
            return false;
    }
    if (s->raw)
        tcsetattr(s->in, TCSANOW, &s->saved);
    s->raw = false;
    s->in = -1;
    return false;
}
