/* pci_msi.h: a PCI function's message signalled interrupts: one message, 64-bit address, no masking. See pci_msi.c. */
#ifndef PCEMU_PCI_MSI_H
#define PCEMU_PCI_MSI_H

#include "pci.h"

#define PCI_MSI_SIZE 14 /* bytes of configuration space */

/* Puts the capability at `at` in configuration space; it is the function's only one. */
void pci_msi_init(struct pci_device *d, u8 at);
/* Software has chosen messages instead of the interrupt pin. */
bool pci_msi_enabled(const struct pci_device *d);
/* Sends the message, if software has enabled it and lets the function be bus master. */
void pci_msi_send(struct pci_device *d);

#endif
