/* vga_pci.h: the standard VGA adapter as a PCI function (1234:1111): BAR 0 the video memory, BAR 2 the registers, the
 * expansion ROM. */
#ifndef PCEMU_VGA_PCI_H
#define PCEMU_VGA_PCI_H

#include "pci.h"
#include "vga.h"

struct vga_pci {
    struct pci_device pci; /* wiring and state, see pci.h */
    struct vga vga;        /* wiring and state, see vga.h */

    /* wiring */
    struct region rom;
};

/* What the adapter is made of. `rom` (may be NULL) is copied; the rest outlives the adapter. */
struct vga_pci_config {
    struct pci_bus *bus;
    u8 devfn;
    struct clock *clock;
    struct log *log;
    struct ram_pool *pool;
    const u8 *rom;
    size_t rom_size; /* at most 16 MiB */
};

/* Puts the adapter on the bus. The bus places vga.vram, vga.mmio and the ROM; the caller places vga.lowmem, vga.vbe and
 * the five port regions named in vga.h. False when the host has no memory. */
bool vga_pci_init(struct vga_pci *s, const struct vga_pci_config *config);
void vga_pci_reset(void *self);

extern const struct state_table vga_state; /* of a struct vga_pci */

#endif
