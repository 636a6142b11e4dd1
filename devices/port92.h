/* port92.h: port 92h, the fast way to the A20 gate and to the CPU's INIT. */
#ifndef PCEMU_PORT92_H
#define PCEMU_PORT92_H

#include "irq.h"
#include "region.h"
#include "state.h"

struct port92 {
    /* wiring */
    struct region io; /* "port92", 1 byte */
    struct irq_line a20, init;
    /* state */
    u8 control;
};

/* `a20`: set to bit 1 at every write, changed or not, so that the machine may let the last writer win over the
 * keyboard controller's gate. `init`: pulsed when bit 0 rises. */
void port92_init(struct port92 *s, struct irq_line a20, struct irq_line init);
/* Clears the register; drives no line: where A20 stands after a reset is the machine's to say. */
void port92_reset(void *self);

extern const struct state_table port92_state;

#endif
