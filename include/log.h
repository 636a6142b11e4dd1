/* log.h: what a machine says about itself. One struct log per machine; every line goes to stderr (or to a file set by
 * the front end) as "pcemu: KIND: WHO: text". Lines are flood-limited: after LOG_REPEAT_MAX lines with the same format
 * string the log says once that it goes quiet about it. */
#ifndef PCEMU_LOG_H
#define PCEMU_LOG_H

#include "base.h"
#include <stdio.h>

enum log_kind {
    LOG_UNIMP, /* the guest asked for something pcemu does not model: never silent */
    LOG_GUEST, /* the guest did what hardware documents as an error */
    LOG_HOST,  /* the host failed us: an image that can't be read, a window that can't open */
    LOG_KINDS
};

#define LOG_SITES 1024
#define LOG_REPEAT_MAX 16 /* lines said by one format string before the log goes quiet about it */

struct log {
    FILE *out;             /* where lines go; NULL is stderr */
    bool quiet[LOG_KINDS]; /* kinds the user turned off */
    struct {
        const void *key;
        u32 count;
    } site[LOG_SITES]; /* flood limit: hashed by format string */
};

/* Starts a log on `out` (not owned; NULL means stderr). */
void log_init(struct log *log, FILE *out);

/* Says one line of KIND by chip WHO ("i8254"). `format` must be a string literal: it is the key of the flood limit. */
void log_say(struct log *log, enum log_kind kind, const char *who, const char *format, ...) PRINTF_LIKE(4, 5);

#define log_unimp(log, who, ...) log_say(log, LOG_UNIMP, who, __VA_ARGS__)
#define log_guest(log, who, ...) log_say(log, LOG_GUEST, who, __VA_ARGS__)
#define log_host(log, who, ...) log_say(log, LOG_HOST, who, __VA_ARGS__)

#endif
