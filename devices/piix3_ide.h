/* piix3_ide.h: the IDE interface of the 82371SB (PIIX3), PCI function 1. See piix3_ide.c. */
#ifndef PCEMU_PIIX3_IDE_H
#define PCEMU_PIIX3_IDE_H

#include "ide.h"
#include "pci.h"

struct piix3_ide {
    /* wiring */
    struct pci_device pci;
    struct region bmdma; /* piix-bmdma-container: base address register 4, 16 ports */

    /* state */
    struct ide_channel channel[2]; /* [0] primary: IRQ14; [1] secondary: IRQ15 */
};

/* Puts function `devfn` (01.1 in a PC) on the bus. irq[0], irq[1]: the channels' lines. plug[0 … 3]: primary master,
 * primary slave, secondary master, secondary slave. Backends outlive the device. The regions channel[n].command_block
 * (8 ports: 1F0, 170) and .control_block (1 port: 3F6, 376) are made, not placed. */
void piix3_ide_init(struct piix3_ide *s, struct pci_bus *bus, u8 devfn, struct clock *clock,
                    const struct irq_line irq[2], const struct ide_plug plug[4], struct log *log);
/* Drive 0 … 3. */
static inline struct ide_drive *piix3_ide_drive(struct piix3_ide *s, unsigned n)
{
    return &s->channel[n / 2 & 1].drive[n & 1];
}
void piix3_ide_reset(void *self);
extern const struct state_table piix3_ide_state;

#endif
