/* keyval.h: option arguments of the form "first,key=value,flag,text=a,,b", as QEMU writes them. */
#ifndef PCEMU_KEYVAL_H
#define PCEMU_KEYVAL_H

#include "base.h"

#define KEYVALS_MAX 32

struct keyval {
    const char *key, *value;
};

struct keyvals {
    struct keyval item[KEYVALS_MAX];
    unsigned count;
    char *text; /* holds the keys and values */
};

/* Splits `arg` at single commas (a doubled comma is one in the text). A first item without "=" is the value of
 * `implied` (NULL: a flag like the others); a later item without "=" is a flag: key "x" with value "on", or "off" for
 * "nox". False when the host has no memory or there are too many items. */
bool keyvals_split(struct keyvals *kv, const char *arg, const char *implied);
void keyvals_free(struct keyvals *kv);
/* The last value of `key`, or NULL. */
const char *keyvals_get(const struct keyvals *kv, const char *key);

/* on/off, yes/no, true/false, y/n. */
bool parse_bool(const char *text, bool *value);
/* Decimal, 0x hexadecimal or 0 octal; at most `max`. */
bool parse_number(const char *text, u64 max, u64 *value);
/* Seconds, above 0 and at most `max`, with or without a fraction. */
bool parse_seconds(const char *text, double max, u64 *ns);
/* A size with a suffix b, k, M, G, T (either case, powers of 1024), which may have a fraction; without a suffix the
 * number counts `unit` bytes. */
bool parse_size(const char *text, u64 unit, u64 *bytes);

#endif
