/* stats.h: -d stats: where a guest's instructions go, and the processor's look-ups: counted by a probe, printed at the
 * end. Like all probes it changes no history, and costs what a trace of instructions does. */
#ifndef PCEMU_STATS_H
#define PCEMU_STATS_H

#include "machine.h"

#include <stdio.h>

struct stats;

/* Counts what `m`, which outlives it, runs from now on. NULL: the host has no memory. */
struct stats *stats_new(struct machine *m);
void stats_print(const struct stats *s, FILE *out);
void stats_free(struct stats *s);

#endif
