/* piix3.h: the 82371SB PCI-to-ISA bridge (PIIX3), function 0. See piix3.c. */
#ifndef PCEMU_PIIX3_H
#define PCEMU_PIIX3_H

#include "pci.h"

#define PIIX3_ISA_IRQS 16

struct piix3 {
    /* wiring */
    struct pci_device pci;
    struct log *log;
    struct irq_line irq[PIIX3_ISA_IRQS]; /* to the 8259 pair (and the I/O APIC) */
    void (*cpu_reset)(void *machine);    /* CPURST and PCIRST#: the whole machine */
    void *machine;
    struct region reset_control; /* piix3-reset-control: 1 port, CF9, above pci-conf-idx */

    /* state (besides pci) */
    u8 pirq;    /* levels of the PIRQ wires, bit 0: PIRQA#, …, 1: asserted */
    u16 driven; /* ISA lines that this chip now holds high, bit n: IRQn */
    u8 rcr;     /* reset control register: SRST (bit 1) is kept */
};

/* Puts function `devfn` (01.0 in a PC) on the bus and connects the bus's PIRQ wires to it. `irq[n]` is ISA line n;
 * lines of ISA devices that share a number with a PIRQ are ORed by the receiver, not here. `cpu_reset` resets the
 * machine; it may do so after the call returns. */
void piix3_init(struct piix3 *s, struct pci_bus *bus, u8 devfn, const struct irq_line irq[PIIX3_ISA_IRQS],
                void (*cpu_reset)(void *machine), void *machine, struct log *log);
void piix3_reset(void *self);
/* The ISA line that PIRQ wire n (0 … 3) goes to now, or -1. */
int piix3_pirq_route(const struct piix3 *s, unsigned n);
extern const struct state_table piix3_state;

#endif
