/* args.h: the arguments of a monitor command. What a command takes is written as a list "name:type,name:type…", the
 * types being those of QEMU's command tables:
 *
 *     s  a word, or a text in double quotes      F  the same, a file name      B  a device's name
 *     S  the rest of the line                    i  an expression of 32 bits   l  of 64 bits
 *     /  a format: /COUNT and the letters x d u o c i, b h w g
 *     -f the flag -f                             -fs  the flag -f with a word behind it
 *
 * A ? behind a type: it may be missing; a . behind one: it is there where a point stands before it. */
#ifndef PCEMU_ARGS_H
#define PCEMU_ARGS_H

#include "expr.h"

#include <stdio.h>

#define ARGS_MAX 6
#define ARGS_WORD_MAX 1024 /* with the end mark; longer words are cut */

/* What /… says. The monitor remembers the last one. */
struct format {
    s64 count;
    char letter; /* x, d, u, o, c, i */
    int size;    /* of an item: 1, 2, 4, 8; -1: instructions */
};

struct args {
    struct {
        const char *name; /* ends at ':' */
        bool number;
        s64 value;
        char *text; /* NULL for numbers */
    } arg[ARGS_MAX];
    unsigned count;
    struct format format;
    char *storage; /* the texts */
};

/* Takes the arguments of command `who` from *line. `last` is the format in force, and is set. False: what is wrong was
 * written to `out`, and *line is where. args_free() in either case. */
bool args_parse(struct args *a, const char *types, const char **line, const char *who, const struct expr_names *names,
                struct format *last, FILE *out);
void args_free(struct args *a);

/* NULL: was not given. */
const char *args_text(const struct args *a, const char *name);
bool args_given(const struct args *a, const char *name);
s64 args_number(const struct args *a, const char *name, s64 otherwise);

/* One word or quoted text, of at most ARGS_WORD_MAX - 1 bytes. False: there is none, or its quotes are wrong. */
bool args_word(const char **line, char word[ARGS_WORD_MAX], FILE *out);

#endif
