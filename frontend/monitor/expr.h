/* expr.h: the expressions of the monitor's arguments, as QEMU has them: numbers in C's spelling, 'c' characters, $name
 * registers, parentheses, unary + - ~, then * / %, then & | ^, then + and -, each from the left. 64 bits, wrapping. */
#ifndef PCEMU_EXPR_H
#define PCEMU_EXPR_H

#include "base.h"

struct expr_names {
    /* The value of register `name` (without $); false: there is none. */
    bool (*find)(void *self, const char *name, s64 *value);
    void *self;
};

#define EXPR_ERROR_MAX 64

/* Reads one expression from *text and moves *text behind it, blanks included. False: `error` says why, *text is where.
 */
bool expr_parse(const char **text, const struct expr_names *names, s64 *value, char error[EXPR_ERROR_MAX]);

#endif
