/* compare.h: what differs between the two sides, and what may. */
#ifndef PCEMU_TESTS_SILICON_COMPARE_H
#define PCEMU_TESTS_SILICON_COMPARE_H

#include "state.h"

#define FX_XMM_AT 160
#define FX_XMM_BYTES 256

struct bench;
struct row;
/* Of an exception, and not of one of our own. */
static inline bool is_exception(unsigned vector)
{
    return vector < 32;
}
/* The instruction that a fault of one side stands at; its bytes are `e`'s. NULL: none. */
const struct row *faulting_row(struct bench *b, const struct outcome *h, const struct outcome *e);
/* NULL: nothing. Else a word for the first thing that differs. */
const char *difference(struct bench *b, const struct trial *t, const struct outcome *host,
                       const struct outcome *emulator);
void print_difference(const struct trial *t, const char *what, const struct outcome *host,
                      const struct outcome *emulator);

#endif
