/* trail.h: a way through code in print: where each stretch of straight-line code begins, loops put in brackets. */
#ifndef PCEMU_TRAIL_H
#define PCEMU_TRAIL_H

#include "debug.h"

struct symbols;

/* `n` entries, oldest first, in lines that begin with the count of instructions; by name where `s` (NULL: nothing)
 * has one. */
void trail_print(const struct debug_entry *e, size_t n, const struct symbols *s, FILE *out);
/* What the processor's own recorder has kept. */
void trail_print_recorded(const struct machine *m, unsigned cpu, size_t count, const struct symbols *s, FILE *out);

#endif
