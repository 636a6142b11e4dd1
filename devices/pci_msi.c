/* pci_msi.c: message signalled interrupts: PCI Local Bus Specification 3.0, section 6.8.1. A message is a write of four
 * bytes to memory, which at FEExxxxx reaches the local APICs. Modelled: the 64-bit form for one message.
 * Not modelled: several messages, masking of vectors, MSI-X. */
#include "pci_msi.h"

#define CAPABILITY_MSI 5
enum msi_register { MSI_ID = 0, MSI_NEXT = 1, MSI_CONTROL = 2, MSI_ADDRESS = 4, MSI_UPPER_ADDRESS = 8, MSI_DATA = 12 };
#define CONTROL_ENABLE BIT(0)
#define CONTROL_MULTIPLE_ENABLE 0x70u
#define CONTROL_64_BIT BIT(7)
#define INTERRUPT_MESSAGES 0xfee00000u
#define INTERRUPT_MESSAGES_MASK 0xfff00000u

void pci_msi_init(struct pci_device *d, u8 at)
{
    d->msi_at = at;
    u32 status = get_le16(d->reset_value + PCI_STATUS);
    pci_declare(d, PCI_STATUS, 2, status | PCI_STATUS_CAPABILITIES, 0);
    pci_declare(d, PCI_CAPABILITIES, 1, at, 0);
    pci_declare(d, at + MSI_ID, 2, CAPABILITY_MSI, 0);
    pci_declare(d, at + MSI_CONTROL, 2, CONTROL_64_BIT, CONTROL_ENABLE | CONTROL_MULTIPLE_ENABLE);
    pci_declare(d, at + MSI_ADDRESS, 4, 0, ~3u);
    pci_declare(d, at + MSI_UPPER_ADDRESS, 4, 0, UINT32_MAX);
    pci_declare(d, at + MSI_DATA, 2, 0, UINT16_MAX);
}

bool pci_msi_enabled(const struct pci_device *d)
{
    return d->msi_at && pci_get(d, d->msi_at + MSI_CONTROL, 2) & CONTROL_ENABLE;
}

void pci_msi_send(struct pci_device *d)
{
    if (!pci_msi_enabled(d) || !pci_bus_master(d))
        return;
    u32 low = pci_get(d, d->msi_at + MSI_ADDRESS, 4), high = pci_get(d, d->msi_at + MSI_UPPER_ADDRESS, 4);
    u32 data = pci_get(d, d->msi_at + MSI_DATA, 2);
    if (!high && (low & INTERRUPT_MESSAGES_MASK) == INTERRUPT_MESSAGES) {
        if (d->bus->message)
            d->bus->message(d->bus->message_owner, low, data);
        return;
    }
    u8 bytes[4];
    put_le32(bytes, data);
    dma_write(&d->dma, (u64)high << 32 | low, bytes, sizeof bytes);
}
