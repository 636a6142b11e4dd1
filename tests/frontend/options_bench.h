/* options_bench.h: command lines for the tests of the options. */
#ifndef PCEMU_OPTIONS_BENCH_H
#define PCEMU_OPTIONS_BENCH_H

#include "options.h"

struct line {
    struct options o;
    enum options_result result;
    char *said;
    size_t said_len;
    char words[1024];
};

/* Parses a command line given as one string, words parted by blanks; forget() in any case. */
void parse(struct line *l, const char *text);
void forget(struct line *l);
/* It is right, and nothing is said. */
void runs(struct line *l, const char *text);
/* It is wrong; one line is said, and it holds `about`. */
void is_wrong(const char *text, const char *about);

#endif
