/* ioportf0.h: port F0h and the wires of the floating-point error: FERR# from the CPU, IRQ 13 to the interrupt
 * controller, IGNNE# back to the CPU. */
#ifndef PCEMU_IOPORTF0_H
#define PCEMU_IOPORTF0_H

#include "irq.h"
#include "region.h"
#include "state.h"

struct ioportf0 {
    /* wiring */
    struct region io; /* "ioportF0", 1 byte */
    struct irq_line irq13, ignne;
    /* state */
    bool ferr; /* FERR# is asserted */
};

/* `ignne`: high while IGNNE# is asserted. */
void ioportf0_init(struct ioportf0 *s, struct irq_line irq13, struct irq_line ignne);
void ioportf0_reset(void *self);
/* The wire for the CPU's FERR# (high: asserted). */
struct irq_line ioportf0_ferr(struct ioportf0 *s);

extern const struct state_table ioportf0_state;

#endif
