/* explain.h: the current instruction, in full: where it stands, what it touches, by which descriptors and page tables,
 * and what it will do. */
#ifndef PCEMU_EXPLAIN_H
#define PCEMU_EXPLAIN_H

#include "view.h"

void explain_print(const struct view *v, FILE *out);
/* One line: the mode and what makes it. */
void explain_mode(const struct view *v, FILE *out);
/* A linear address: the walk, entry by entry, and what the map has there; each line begins with `margin`. */
void explain_linear(const struct view *v, u64 linear, const char *margin, FILE *out);

#endif
