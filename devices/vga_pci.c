/* vga_pci.c: see vga_pci.h. Identity as QEMU's standard VGA: vendor 1234, device 1111, revision 2, class 03 00 00 (VGA
 * compatible controller), no interrupt pin. PCI Local Bus Specification 2.1, sections 6.2.5 (base addresses) and 6.3
 * (expansion ROM). The legacy addresses (window at A0000, VGA ports) answer whatever the command register says, as on
 * QEMU's machine. */
#include "vga_pci.h"

#define ROM_MIN_SIZE 0x800u /* section 6.2.5.2 */
#define ROM_MAX_SIZE (16 * MIB)

static bool rom_init(struct vga_pci *s, const struct vga_pci_config *config)
{
    u64 size = ROM_MIN_SIZE;
    if (config->rom_size > ROM_MAX_SIZE) {
        log_host(config->log, "vga", "ROM of %zu bytes is larger than 16 MiB", config->rom_size);
        return false;
    }
    while (size < config->rom_size)
        size *= 2;
    if (!region_init_rom(&s->rom, "vga.rom", size, config->pool))
        return false;
    memcpy(s->rom.host, config->rom, config->rom_size);
    return true;
}

bool vga_pci_init(struct vga_pci *s, const struct vga_pci_config *config)
{
    static const struct pci_id id = { .vendor = 0x1234, .device = 0x1111, .revision = 2, .class_code = 0x030000 };
    memset(s, 0, sizeof(*s));
    if (!vga_init(&s->vga, config->clock, config->log, config->pool))
        return false;
    pci_device_init(&s->pci, config->bus, config->devfn, "VGA", &id);
    pci_add_bar(&s->pci, 0, PCI_BAR_MEM | PCI_BAR_PREFETCH, &s->vga.vram);
    pci_add_bar(&s->pci, 2, PCI_BAR_MEM, &s->vga.mmio);
    if (config->rom) {
        if (!rom_init(s, config))
            return false;
        pci_add_bar(&s->pci, PCI_ROM_SLOT, PCI_BAR_MEM, &s->rom);
    }
    vga_pci_reset(s);
    return true;
}

void vga_pci_reset(void *self)
{
    struct vga_pci *s = self;
    pci_device_reset(&s->pci);
    vga_reset(&s->vga);
}

static bool post_load(void *self)
{
    struct vga_pci *s = self;
    pci_device_post_load(&s->pci);
    return true;
}

static const struct state_field fields[] = {
    STATE_STRUCT(struct vga_pci, pci, pci_device_fields),
    STATE_STRUCT(struct vga_pci, vga, vga_fields),
    STATE_END,
};

const struct state_table vga_state = { "vga", 1, fields, post_load };
