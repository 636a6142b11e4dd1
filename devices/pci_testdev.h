/* pci_testdev.h: QEMU's pci-testdev (1B36:0005), which counts writes. See pci_testdev.c. */
#ifndef PCEMU_PCI_TESTDEV_H
#define PCEMU_PCI_TESTDEV_H

#include "pci.h"

#define PCI_TESTDEV_TESTS 6
#define PCI_TESTDEV_NONE 255

struct pci_testdev {
    /* wiring */
    struct pci_device pci;
    struct region mmio, portio; /* "pci-testdev-mmio", "pci-testdev-portio" */
    /* state */
    u8 current; /* the test that was chosen; PCI_TESTDEV_NONE */
    u32 count[PCI_TESTDEV_TESTS];
};

/* Puts the device on `bus` at `devfn`, which places its registers. */
void pci_testdev_init(struct pci_testdev *s, struct pci_bus *bus, u8 devfn);
void pci_testdev_reset(void *self);

extern const struct state_table pci_testdev_state;

#endif
