/* lint.h: a listener that says what hardware punishes and emulators forgive, each with the instruction and the rule. */
#ifndef PCEMU_LINT_H
#define PCEMU_LINT_H

#include "machine.h"

#include <stdio.h>

struct lint;

/* Listens to `m` from now on and writes to `out`; before the machine runs. It begins to speak where the firmware hands
 * over to a boot sector, and says nothing of the firmware's own code. NULL: the host has no memory. */
struct lint *lint_new(struct machine *m, FILE *out);
/* Before the machine is freed. Returns how many things were said. */
unsigned lint_free(struct lint *l);

#endif
