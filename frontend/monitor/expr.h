/* expr.h: expressions of 64 bits, wrapping, in two dialects.
 * QEMU's, of the monitor's arguments: numbers in C's spelling, 'c' characters, $name registers, parentheses, unary + -
 * ~, then * / %, then & | ^, then + and -, each from the left. The debugger's: C's operators with C's precedence,
 * comparisons, && || ! among them; also 7c00h, names without $, byte|word|dword|qword [ADDRESS], *ADDRESS, f000:fff0
 * (both hexadecimal) and es:OFFSET. */
#ifndef PCEMU_EXPR_H
#define PCEMU_EXPR_H

#include "base.h"

struct expr_names {
    /* The value of register `name` (without $); false: there is none. */
    bool (*find)(void *self, const char *name, s64 *value);
    void *self;

    /* The debugger's dialect; all NULL: QEMU's. */
    /* A number of 1, 2, 4 or 8 bytes (0: as wide as the code) at a linear address; false: can't be read. */
    bool (*memory)(void *self, u64 linear, unsigned size, s64 *value);
    /* selector:offset as a linear address; false: the selector names no segment. */
    bool (*far)(void *self, u16 selector, u64 offset, s64 *linear);
    /* The same by a segment register; false: `name` is none. */
    bool (*segment)(void *self, const char *name, u64 offset, s64 *linear);
};

#define EXPR_ERROR_MAX 64

/* Reads one expression from *text and moves *text behind it, blanks included. False: `error` says why, *text is where.
 */
bool expr_parse(const char **text, const struct expr_names *names, s64 *value, char error[EXPR_ERROR_MAX]);

#endif
