/* stream.h: the host's end of a byte stream: standard input and output, or a file. */
#ifndef PCEMU_STREAM_H
#define PCEMU_STREAM_H

#include "backend.h"
#include "log.h"
#include "options.h"

#include <termios.h>

#define STREAM_BUFFER 4096

struct stream {
    int in, out;   /* file descriptors, -1: none */
    bool owns_out; /* close it at the end */
    bool raw;      /* the terminal was switched, `saved` is how it was */
    bool escape;   /* Ctrl-A is the escape character */
    bool escaped;  /* it was typed */
    bool quit;     /* Ctrl-A x was typed */
    bool failed;   /* a write failed; said once */
    const char *name;
    struct termios saved;
    struct log *log;
    u8 buffer[STREAM_BUFFER]; /* output not yet written */
    size_t used;
};

/* False: one line on `err` has said why. A stream that was not asked for swallows everything. */
bool stream_open(struct stream *s, const struct stream_option *option, struct log *log, FILE *err);
/* Writes what is left, puts the terminal back. */
void stream_close(struct stream *s);
struct char_backend stream_backend(struct stream *s);
void stream_flush(struct stream *s);
/* The next byte of input; false: none now. At the end of the input `in` becomes -1. */
bool stream_read(struct stream *s, u8 *byte);

#endif
