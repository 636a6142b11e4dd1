/* stream.h: the host's end of a byte stream: standard input and output, a file, or a socket. */
#ifndef PCEMU_STREAM_H
#define PCEMU_STREAM_H

#include "backend.h"
#include "log.h"
#include "options.h"

#include <termios.h>

#define STREAM_BUFFER 4096

struct stream {
    int in, out;            /* file descriptors, -1: none, or nobody is connected */
    int listening;          /* a socket that takes a connection when there is none; -1: none */
    bool owns_in, owns_out; /* close them at the end */
    int kept;               /* another descriptor of the same stream that is to stay open; -1: none */
    int log_file;           /* gets the output, too; -1: none */
    bool socket;
    bool arrived; /* somebody has connected; whoever greets him clears it */
    bool raw;     /* the terminal was switched, `saved` is how it was */
    bool escape;  /* Ctrl-A is the escape character */
    bool escaped; /* it was typed */
    bool quit;    /* Ctrl-A x was typed */
    bool mux;     /* a monitor shares the stream: Ctrl-A c changes between the two */
    bool aside;   /* input is the monitor's */
    bool failed;  /* a write failed; said once */
    u8 telnet;    /* bytes of a command of the Telnet protocol that are to come; see telnet_eats() */
    const struct stream_option *option;
    const char *name;
    struct termios saved;
    struct log *log;
    u8 buffer[STREAM_BUFFER]; /* output not yet written */
    size_t used;
};

/* `option` outlives the stream. False: one line on `err` has said why. A stream that was not asked for swallows
 * everything. */
bool stream_open(struct stream *s, const struct stream_option *option, struct log *log, FILE *err);
/* Writes what is left, puts the terminal back. */
void stream_close(struct stream *s);
struct char_backend stream_backend(struct stream *s);
void stream_put(void *stream, u8 byte);
void stream_flush(struct stream *s);
/* Writes what the other end takes at once, beside the buffer: how many bytes that was. */
size_t stream_write_some(struct stream *s, const void *data, size_t len);
/* The next byte of input; false: none now. At the end of the input `in` becomes -1. Where a monitor shares the stream,
 * `aside` says whose the byte is; a change of it ends the input of this look. */
bool stream_read(struct stream *s, u8 *byte);
/* Input that is there, up to `len` bytes, as it comes: no escape characters. At its end `in` becomes -1. */
size_t stream_read_some(struct stream *s, void *data, size_t len);
/* Ends the input; a socket takes another connection. */
void stream_hang_up(struct stream *s);
/* The descriptor to wait at for input or a connection; -1: none. */
int stream_wait_fd(const struct stream *s);
/* Takes a connection that waits. */
void stream_accept(struct stream *s);
/* The option says that the machine shall not run before somebody has connected, and nobody has. */
bool stream_holds(const struct stream *s);

#endif
