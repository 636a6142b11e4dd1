/* pci.c: PCI bus 0: configuration space, base address registers, interrupt pins.
 * PCI Local Bus Specification 2.1, chapter 6 (configuration space); the wiring of interrupt pins to PIRQ wires is the
 * board's, that of QEMU's `pc`.
 * Not modelled: bridges and further buses, capabilities (but for those of pci_msi.c), BIST, parity and abort status
 * bits (nothing ever sets them), latency (the latency timer reads 0). */
#include "pci.h"

#include <assert.h>

#define SUBSYSTEM_VENDOR 0x1af4
#define SUBSYSTEM_DEVICE 0x1100

/* Section 6.2.2 and 6.2.3: the bits that software can change. */
#define COMMAND_WRITABLE                                                                                               \
    (PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_SERR | PCI_COMMAND_INTX_DISABLE)
#define STATUS_WRITE_ONE_CLEARS 0xf900u

#define BAR_PRIORITY 1
#define IO_LAST 0xffffu

static unsigned bar_offset(unsigned n)
{
    return n == PCI_ROM_SLOT ? (unsigned)PCI_ROM_BAR : PCI_BAR0 + 4 * n;
}

void pci_bus_init(struct pci_bus *b, struct region *memory, struct region *io, const struct dma *dma, struct log *log)
{
    memset(b, 0, sizeof(*b));
    b->memory = memory;
    b->io = io;
    b->dma = *dma;
    b->log = log;
}

void pci_bus_connect_pirq(struct pci_bus *b, unsigned n, struct irq_line line)
{
    assert(n < PCI_PIRQS);
    b->pirq[n] = line;
}

u32 pci_get(const struct pci_device *d, unsigned offset, unsigned size)
{
    assert(offset + size <= PCI_CONFIG_SIZE);
    u32 v = 0;
    for (unsigned i = 0; i < size; i++)
        v |= (u32)d->config[offset + i] << (8 * i);
    return v;
}

static void put_bytes(u8 *space, unsigned offset, u32 value, unsigned size)
{
    assert(offset + size <= PCI_CONFIG_SIZE);
    for (unsigned i = 0; i < size; i++)
        space[offset + i] = (u8)(value >> (8 * i));
}

void pci_set(struct pci_device *d, unsigned offset, u32 value, unsigned size)
{
    put_bytes(d->config, offset, value, size);
}

bool pci_bus_master(const struct pci_device *d)
{
    return d->config[PCI_COMMAND] & PCI_COMMAND_MASTER;
}

/* ---- bus master access ---- */

static void master_read(void *self, u64 addr, void *buf, size_t len)
{
    struct pci_device *d = self;
    if (pci_bus_master(d)) {
        dma_read(&d->memory, addr, buf, len);
        return;
    }
    log_guest(d->bus->log, d->name, "DMA read with bus mastering off");
    memset(buf, 0xff, len);
}

static void master_write(void *self, u64 addr, const void *buf, size_t len)
{
    struct pci_device *d = self;
    if (pci_bus_master(d))
        dma_write(&d->memory, addr, buf, len);
    else
        log_guest(d->bus->log, d->name, "DMA write with bus mastering off");
}

/* ---- interrupt pins ---- */

static unsigned pin_to_pirq(const struct pci_device *d)
{
    unsigned pin = d->reset_value[PCI_INTERRUPT_PIN] - 1u, slot = d->devfn >> 3;
    return (slot + PCI_PIRQS - 1 + pin) % PCI_PIRQS;
}

static bool drives(const struct pci_device *d, unsigned pirq)
{
    return d && d->reset_value[PCI_INTERRUPT_PIN] && pin_to_pirq(d) == pirq && d->intx &&
           !(pci_get(d, PCI_COMMAND, 2) & PCI_COMMAND_INTX_DISABLE);
}

/* The pins are open drain: a PIRQ wire is low (asserted) while any of its functions pulls it. */
static void update_pirq(struct pci_device *d)
{
    if (!d->reset_value[PCI_INTERRUPT_PIN])
        return;
    unsigned pirq = pin_to_pirq(d);
    bool level = false;
    for (unsigned i = 0; i < PCI_FUNCTIONS && !level; i++)
        level = drives(d->bus->function[i], pirq);
    irq_set(&d->bus->pirq[pirq], level);
}

void pci_intx_set(struct pci_device *d, bool level)
{
    d->intx = level;
    u32 status = pci_get(d, PCI_STATUS, 2) & ~PCI_STATUS_INTERRUPT;
    pci_set(d, PCI_STATUS, status | (level ? PCI_STATUS_INTERRUPT : 0), 2);
    update_pirq(d);
}

/* ---- base address registers ---- */

static bool bar_enabled(const struct pci_device *d, unsigned n)
{
    u32 command = pci_get(d, PCI_COMMAND, 2);
    if (d->bar[n].kind & PCI_BAR_IO)
        return command & PCI_COMMAND_IO;
    if (n == PCI_ROM_SLOT && !(d->config[PCI_ROM_BAR] & PCI_ROM_ENABLE))
        return false;
    return command & PCI_COMMAND_MEMORY;
}

static bool bar_is_64(const struct pci_device *d, unsigned n)
{
    return !(d->bar[n].kind & PCI_BAR_IO) && (d->bar[n].kind & PCI_BAR_MEM64);
}

/* Where the register places its region; false: nowhere. Address 0 and the all-ones answer of sizing are no places, and
 * neither is one that runs past the end of its space. */
static bool bar_place(const struct pci_device *d, unsigned n, u64 *addr)
{
    u64 mask = d->bar[n].region->last, limit = d->bar[n].kind & PCI_BAR_IO ? IO_LAST : UINT32_MAX - 1;
    u64 a = pci_get(d, bar_offset(n), 4);
    if (bar_is_64(d, n)) {
        a |= (u64)pci_get(d, bar_offset(n) + 4, 4) << 32;
        limit = (u64)INT64_MAX - 1;
    }
    a &= ~mask;
    *addr = a;
    return bar_enabled(d, n) && a != 0 && a <= limit && a + mask <= limit;
}

static void update_bar(struct pci_device *d, unsigned n)
{
    struct region *r = d->bar[n].region;
    u64 addr;
    bool on = bar_place(d, n, &addr);
    if (r->enabled && !on)
        region_set_enabled(r, false);
    if (on && r->addr != addr)
        region_set_addr(r, addr);
    if (on && !r->enabled)
        region_set_enabled(r, true);
}

static void update_bars(struct pci_device *d)
{
    if (d->master_window)
        region_set_enabled(d->master_window, pci_bus_master(d));
    for (unsigned n = 0; n <= PCI_ROM_SLOT; n++)
        if (d->bar[n].region)
            update_bar(d, n);
}

void pci_add_bar(struct pci_device *d, unsigned n, unsigned kind, struct region *region)
{
    assert(n <= PCI_ROM_SLOT && !d->bar[n].region);
    assert(((region->last + 1) & region->last) == 0 && region->last >= 3 && region->last <= UINT32_MAX);
    d->bar[n].kind = (u8)kind;
    d->bar[n].region = region;
    u32 writable = ~(u32)region->last;
    if (n == PCI_ROM_SLOT)
        pci_declare(d, PCI_ROM_BAR, 4, 0, writable | PCI_ROM_ENABLE);
    else
        pci_declare(d, bar_offset(n), 4, kind, writable);
    if (bar_is_64(d, n)) {
        assert(n + 1 < PCI_BARS && !d->bar[n + 1].region);
        pci_declare(d, bar_offset(n) + 4, 4, 0, UINT32_MAX);
    }
    region_set_enabled(region, false);
    region_add(kind & PCI_BAR_IO ? d->bus->io : d->bus->memory, 0, region, BAR_PRIORITY);
}

/* ---- a function ---- */

void pci_connect_master(struct pci_device *d, struct region *window, const struct dma *memory)
{
    d->master_window = window;
    d->memory = *memory;
    update_bars(d);
}

void pci_declare(struct pci_device *d, unsigned offset, unsigned size, u32 reset_value, u32 writable)
{
    put_bytes(d->reset_value, offset, reset_value, size);
    put_bytes(d->writable, offset, writable, size);
    put_bytes(d->config, offset, reset_value, size);
}

void pci_declare_w1c(struct pci_device *d, unsigned offset, unsigned size, u32 bits)
{
    put_bytes(d->write_one_clears, offset, bits, size);
}

void pci_device_init(struct pci_device *d, struct pci_bus *bus, u8 devfn, const char *name, const struct pci_id *id)
{
    assert(!bus->function[devfn]);
    memset(d, 0, sizeof(*d));
    d->name = name;
    d->bus = bus;
    d->devfn = devfn;
    d->dma = (struct dma){ master_read, master_write, d };
    d->memory = bus->dma;
    pci_declare(d, PCI_VENDOR_ID, 2, id->vendor, 0);
    pci_declare(d, PCI_DEVICE_ID, 2, id->device, 0);
    pci_declare(d, PCI_COMMAND, 2, 0, COMMAND_WRITABLE);
    pci_declare_w1c(d, PCI_STATUS, 2, STATUS_WRITE_ONE_CLEARS);
    pci_declare(d, PCI_REVISION_ID, 4, id->class_code << 8 | id->revision, 0);
    pci_declare(d, PCI_CACHE_LINE_SIZE, 1, 0, 0xff);
    pci_declare(d, PCI_HEADER_TYPE, 1, id->multi_function ? PCI_HEADER_MULTI_FUNCTION : 0, 0);
    pci_declare(d, PCI_SUBSYSTEM_VENDOR_ID, 2, SUBSYSTEM_VENDOR, 0);
    pci_declare(d, PCI_SUBSYSTEM_ID, 2, SUBSYSTEM_DEVICE, 0);
    pci_declare(d, PCI_INTERRUPT_LINE, 1, 0, 0xff);
    pci_declare(d, PCI_INTERRUPT_PIN, 1, id->interrupt_pin, 0);
    bus->function[devfn] = d;
}

void pci_device_reset(struct pci_device *d)
{
    memcpy(d->config, d->reset_value, sizeof(d->config));
    update_bars(d);
    pci_intx_set(d, false);
}

void pci_remove(struct pci_device *d)
{
    d->removed = true;
    pci_device_reset(d);
}

struct pci_device *pci_function(const struct pci_bus *b, u8 devfn)
{
    struct pci_device *d = b->function[devfn];
    return d && !d->removed ? d : NULL;
}

void pci_device_post_load(struct pci_device *d)
{
    update_bars(d);
}

const struct state_field pci_device_fields[] = { STATE_BYTES(struct pci_device, config), STATE(struct pci_device, intx),
                                                 STATE_MAX(struct pci_device, removed, 1), STATE_END };

/* ---- configuration cycles ---- */

static bool touches(unsigned offset, unsigned size, unsigned first, unsigned bytes)
{
    return offset < first + bytes && first < offset + size;
}

static bool in_one_dword(unsigned offset, unsigned size)
{
    return size >= 1 && offset + size <= PCI_CONFIG_SIZE && (offset & 3) + size <= 4;
}

u32 pci_config_read(struct pci_bus *b, u8 devfn, unsigned offset, unsigned size)
{
    const struct pci_device *d = pci_function(b, devfn);
    if (!d || !in_one_dword(offset, size))
        return (u32)low_bytes(UINT32_MAX, size);
    return pci_get(d, offset, size);
}

static void write_byte(struct pci_device *d, unsigned offset, u8 value)
{
    u8 w = d->writable[offset], old = d->config[offset];
    u8 merged = (u8)((old & ~w) | (value & w));
    d->config[offset] = (u8)(merged & ~(value & d->write_one_clears[offset]));
}

void pci_config_write(struct pci_bus *b, u8 devfn, unsigned offset, u32 value, unsigned size)
{
    struct pci_device *d = pci_function(b, devfn);
    if (!d || !in_one_dword(offset, size))
        return;
    for (unsigned i = 0; i < size; i++)
        write_byte(d, offset + i, (u8)(value >> (8 * i)));
    if (touches(offset, size, PCI_COMMAND, 2)) {
        update_bars(d);
        update_pirq(d);
    }
    if (touches(offset, size, PCI_BAR0, 4 * PCI_BARS) || touches(offset, size, PCI_ROM_BAR, 4))
        update_bars(d);
    if (d->config_written)
        d->config_written(d->self, offset, size);
}
