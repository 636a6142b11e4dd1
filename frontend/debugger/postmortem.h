/* postmortem.h: what is said of a machine that has shut down by a triple fault, and of the last fault in general. */
#ifndef PCEMU_POSTMORTEM_H
#define PCEMU_POSTMORTEM_H

#include "view.h"

/* The cause in one line, then the instruction, the chain of exceptions and what went before; `way`: with the way
 * through the code, as far as the flight recorder knows it. */
void postmortem_print(struct machine *m, unsigned cpu, bool way, FILE *out);
/* The flight recorder's last `count` events. */
void history_print(struct machine *m, unsigned cpu, size_t count, FILE *out);

#endif
