/* monitor.h: the monitor: a prompt at which a running machine is looked at and acted upon, in QEMU's words.
 * Commands act between slices, and see the machine only through machine.h and debug.h. */
#ifndef PCEMU_MONITOR_H
#define PCEMU_MONITOR_H

#include "args.h"
#include "control.h"
#include "line.h"

struct monitor {
    struct control *control;
    struct line line;
    struct format format;           /* of the last x, xp, p */
    unsigned cpu;                   /* the one that is looked at */
    bool crlf;                      /* the other side is a terminal: lines end by CR LF */
    FILE *out;                      /* while a command runs: where it prints */
    bool misread;                   /* the last command: unknown, or with arguments that it does not take */
    const struct expr_names *names; /* what expressions may name; NULL: registers, as QEMU has them */

    /* What was printed and not yet sent. */
    char *pending;
    size_t pending_len, pending_room;
};

/* `terminal`: there is one at the other end, for which the line is edited; otherwise lines are taken as they come. */
void monitor_init(struct monitor *m, struct control *control, bool terminal);
void monitor_free(struct monitor *m);
/* Somebody has come: the greeting and the prompt. */
void monitor_greet(struct monitor *m);
/* A terminal that is shared is turned to something else, and back. */
void monitor_leave(struct monitor *m);
void monitor_return(struct monitor *m);
/* A byte that was typed; a whole line is done at once. */
void monitor_receive(struct monitor *m, u8 byte);
/* One line, as if typed; prints to `out`. */
void monitor_command(struct monitor *m, const char *line, FILE *out);
/* Forgets the first `n` bytes of what is pending: they were sent. */
void monitor_sent(struct monitor *m, size_t n);

#endif
