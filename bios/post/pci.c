/* pci.c: configuration space by mechanism 1, and what functions there are: all buses, bridges numbered depth first. */
#include "post.h"

#define PORT_INDEX 0xcf8
#define PORT_DATA 0xcfc
#define ENABLE 0x80000000u
#define REG_ID 0x00
#define REG_CLASS 0x08
#define REG_HEADER 0x0e
#define REG_BUSES 0x18
#define HEADER_MULTI 0x80
#define CLASS_BRIDGE 0x0604

struct pci_fn pci_fns[PCI_MAX];
unsigned pci_count;
static u8 last_bus;

static void select(u16 bdf, u8 reg)
{
    outl(PORT_INDEX, ENABLE | (u32)bdf << 8 | (reg & 0xfcu));
}

u32 pci_read32(u16 bdf, u8 reg)
{
    select(bdf, reg);
    return inl(PORT_DATA);
}
u16 pci_read16(u16 bdf, u8 reg)
{
    select(bdf, reg);
    return inw((u16)(PORT_DATA + (reg & 2)));
}
u8 pci_read8(u16 bdf, u8 reg)
{
    select(bdf, reg);
    return inb((u16)(PORT_DATA + (reg & 3)));
}
void pci_write32(u16 bdf, u8 reg, u32 v)
{
    select(bdf, reg);
    outl(PORT_DATA, v);
}
void pci_write16(u16 bdf, u8 reg, u16 v)
{
    select(bdf, reg);
    outw((u16)(PORT_DATA + (reg & 2)), v);
}
void pci_write8(u16 bdf, u8 reg, u8 v)
{
    select(bdf, reg);
    outb((u16)(PORT_DATA + (reg & 3)), v);
}

static void scan_bus(u8 bus);

/* A bridge's bus gets the next number; while it is searched, its subordinate is the highest there can be. */
static void scan_bridge(struct pci_fn *f, u8 bus)
{
    f->secondary = ++last_bus;
    pci_write32(f->bdf, REG_BUSES,
                (pci_read32(f->bdf, REG_BUSES) & 0xff000000u) | 0xff0000u | (u32)f->secondary << 8 | bus);
    scan_bus(f->secondary);
    pci_write8(f->bdf, REG_BUSES + 2, last_bus);
}

static bool scan_function(u16 bdf)
{
    u32 id = pci_read32(bdf, REG_ID);
    if ((u16)id == 0xffff || (u16)id == 0)
        return false;
    if (pci_count == PCI_MAX)
        return true;
    u32 class = pci_read32(bdf, REG_CLASS);
    struct pci_fn *f = &pci_fns[pci_count++];
    *f = (struct pci_fn){ .bdf = bdf,
                          .vendor = (u16)id,
                          .device = (u16)(id >> 16),
                          .class = (u16)(class >> 16),
                          .prog_if = (u8)(class >> 8),
                          .revision = (u8) class,
                          .header = pci_read8(bdf, REG_HEADER) };
    if (f->class == CLASS_BRIDGE && last_bus < 0xff)
        scan_bridge(f, (u8)(bdf >> 8));
    return true;
}

static void scan_bus(u8 bus)
{
    for (u8 device = 0; device < 32; device++) {
        u16 bdf = PCI_BDF(bus, device, 0);
        if (!scan_function(bdf) || !(pci_read8(bdf, REG_HEADER) & HEADER_MULTI))
            continue;
        for (u8 fn = 1; fn < 8; fn++)
            scan_function((u16)(bdf | fn));
    }
}

void pci_enumerate(void)
{
    outl(PORT_INDEX, ENABLE);
    FSEG->pci_present = inl(PORT_INDEX) == ENABLE;
    if (!FSEG->pci_present)
        return;
    scan_bus(0);
    FSEG->pci_last_bus = last_bus;
}
