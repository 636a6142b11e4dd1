/* compare.h: what differs between the two sides, and what may. */
#ifndef PCEMU_TESTS_SILICON_COMPARE_H
#define PCEMU_TESTS_SILICON_COMPARE_H

#include "state.h"

/* NULL: nothing. Else a word for the first thing that differs. */
const char *difference(const struct program *p, const struct state *host, const struct state *emulator,
                       const u8 *host_code);
void print_difference(const struct program *p, const char *what, const struct state *before, const struct state *host,
                      const struct state *emulator);

#endif
