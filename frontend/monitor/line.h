/* line.h: a line being typed at the monitor: editing keys, history, completion, and what is sent back so that a
 * terminal shows it. The keys are those of QEMU's monitor: a part of Emacs's. */
#ifndef PCEMU_LINE_H
#define PCEMU_LINE_H

#include "base.h"

#include <stdio.h>

#define LINE_MAX_LEN 4095
#define LINE_HISTORY 64

struct line {
    bool echo; /* show what is typed; the other side is a terminal */
    const char *prompt;
    char text[LINE_MAX_LEN + 1];
    size_t len, cursor;
    size_t shown_cursor;         /* where the terminal's cursor is */
    int escape;                  /* how far we are in an escape sequence */
    unsigned parameter;          /* its number */
    char *history[LINE_HISTORY]; /* oldest first; NULL behind the newest */
    int recalled;                /* which of them is being edited; -1: none */
};

enum line_event {
    LINE_MORE,
    LINE_DONE /* text is a whole line */,
    LINE_TAB /* complete what stands before the cursor */
};

void line_init(struct line *l, const char *prompt, bool echo);
void line_free(struct line *l);
/* An empty line; with its prompt. */
void line_reset(struct line *l);
void line_start(struct line *l, FILE *out);
enum line_event line_feed(struct line *l, u8 byte, FILE *out);
/* After LINE_TAB: the words that the text before the cursor could go on to, of which `typed` characters stand there. */
void line_complete(struct line *l, const char *const *words, size_t count, size_t typed, FILE *out);

#endif
