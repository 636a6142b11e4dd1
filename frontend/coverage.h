/* coverage.h: which parts of a guest's program ran (-coverage), written as lcov reads it. See coverage.c. */
#ifndef PCEMU_COVERAGE_H
#define PCEMU_COVERAGE_H

#include "machine.h"
#include "options.h"

struct coverage;

/* Reads the programs that `o` names. NULL: one line on `err` has said why not. */
struct coverage *coverage_new(const struct options *o, FILE *err);
/* From now on what `m` runs is counted; it outlives that. False: the host has no memory. */
bool coverage_attach(struct coverage *c, struct machine *m);
/* Writes the file. False: one line on `err` has said why not. */
bool coverage_write(const struct coverage *c, FILE *err);
void coverage_free(struct coverage *c);

#endif
