/* pci_assign.c: gives base address registers their addresses.
 *
 * A bus has three windows: ports, memory, prefetchable memory. In each, resources stand in the order of falling
 * alignment, so no room is lost between them. On bus 0 the ports begin at C000h, and memory ends under the I/O APIC:
 * the window whose alignment is larger is at the bottom. A bridge's windows are resources of the bus that it stands on.
 * Registers of 64 bits are given 32-bit addresses. */
#include "post.h"

#define REG_COMMAND 0x04
#define REG_BAR0 0x10
#define REG_IO_BASE 0x1c
#define REG_MEM_BASE 0x20
#define REG_PREF_BASE 0x24
#define REG_PREF_UPPER 0x28
#define REG_IO_UPPER 0x30
#define REG_ROM 0x30
#define REG_ROM_BRIDGE 0x38
#define COMMAND_IO BIT(0)
#define COMMAND_MEMORY BIT(1)
#define COMMAND_MASTER BIT(2)
#define COMMAND_SERR BIT(8)
#define BAR_IO BIT(0)
#define BAR_64 BIT(2)
#define BAR_PREFETCH BIT(3)
#define ROM_MASK 0xfffff800u
#define CLASS_BRIDGE 0x0604

#define IO_START 0xc000u
#define MEMORY_END 0xfec00000u /* the I/O APIC */
#define BRIDGE_IO_STEP 0x1000u
#define BRIDGE_MEMORY_STEP 0x100000u
#define PAGE 0x1000u

enum kind { IO, MEMORY, PREFETCH, KINDS };
#define BRIDGE_WINDOW 0xff

struct resource {
    u8 bus, kind, bar; /* bar: the register's offset, or BRIDGE_WINDOW */
    struct pci_fn *fn;
    u32 size, align;
};
#define RESOURCES_MAX 256
static struct resource resource[RESOURCES_MAX];
static unsigned resources;

static void add(u8 bus, u8 kind, struct pci_fn *f, u8 bar, u32 size, u32 align)
{
    if (resources == RESOURCES_MAX || !size)
        return;
    resource[resources++] = (struct resource){ bus, kind, bar, f, size, align };
}

/* What the register decodes: its size is the lowest address bit that can be set. */
static u32 bar_size(u16 bdf, u8 reg, u32 mask)
{
    u32 old = pci_read32(bdf, reg);
    pci_write32(bdf, reg, mask);
    u32 bits = pci_read32(bdf, reg) & mask;
    pci_write32(bdf, reg, old);
    if (mask == 0xfffffffcu && bits && !(bits >> 16))
        bits |= 0xffff0000u; /* ports may have 16 bits */
    return bits & (0u - bits);
}

static void probe_function(struct pci_fn *f)
{
    u8 bus = (u8)(f->bdf >> 8), bars = f->class == CLASS_BRIDGE ? 2 : 6;
    for (u8 i = 0; i < bars; i++) {
        u8 reg = (u8)(REG_BAR0 + i * 4);
        u32 bar = pci_read32(f->bdf, reg);
        bool io = bar & BAR_IO;
        u32 size = bar_size(f->bdf, reg, io ? 0xfffffffcu : 0xfffffff0u);
        if (!io && size && size < PAGE)
            size = PAGE;
        add(bus, io ? IO : (bar & BAR_PREFETCH) ? PREFETCH : MEMORY, f, reg, size, size);
        if (!io && (bar & BAR_64))
            i++;
    }
    u8 rom = f->class == CLASS_BRIDGE ? REG_ROM_BRIDGE : REG_ROM;
    f->rom_size = bar_size(f->bdf, rom, ROM_MASK);
    if (f->rom_size && f->rom_size < PAGE)
        f->rom_size = PAGE;
    add(bus, MEMORY, f, rom, f->rom_size, f->rom_size);
}

static u32 window_sum(u8 bus, u8 kind, u32 *align)
{
    u32 sum = 0;
    *align = 1;
    for (unsigned i = 0; i < resources; i++)
        if (resource[i].bus == bus && resource[i].kind == kind) {
            sum += resource[i].size;
            if (resource[i].align > *align)
                *align = resource[i].align;
        }
    return sum;
}

/* From the innermost bus outwards. */
static void add_bridge_windows(void)
{
    for (unsigned bus = FSEG->pci_last_bus; bus > 0; bus--)
        for (unsigned i = 0; i < pci_count; i++) {
            struct pci_fn *f = &pci_fns[i];
            if (f->class != CLASS_BRIDGE || f->secondary != bus)
                continue;
            for (u8 kind = 0; kind < KINDS; kind++) {
                u32 step = kind == IO ? BRIDGE_IO_STEP : BRIDGE_MEMORY_STEP, align;
                u32 sum = window_sum((u8)bus, kind, &align);
                add((u8)(f->bdf >> 8), kind, f, BRIDGE_WINDOW, ALIGN_UP(sum ? sum : 1, step),
                    align > step ? align : step);
            }
        }
}

static void map_window(u8 bus, u8 kind, u32 base);

static void open_bridge(const struct resource *r, u32 at)
{
    u16 bdf = r->fn->bdf;
    u32 last = at + r->size - 1;
    if (r->kind == IO) {
        pci_write16(bdf, REG_IO_BASE, (u16)((at >> 8 & 0xf0) | (last & 0xf000)));
        pci_write32(bdf, REG_IO_UPPER, 0);
    } else {
        u8 reg = r->kind == MEMORY ? REG_MEM_BASE : REG_PREF_BASE;
        pci_write32(bdf, reg, (at >> 16 & 0xfff0) | (last & 0xfff00000u));
        if (r->kind == PREFETCH) {
            pci_write32(bdf, REG_PREF_UPPER, 0);
            pci_write32(bdf, REG_PREF_UPPER + 4, 0);
        }
    }
    map_window(r->fn->secondary, r->kind, at);
}

static void place(const struct resource *r, u32 at)
{
    if (r->bar == BRIDGE_WINDOW) {
        open_bridge(r, at);
        return;
    }
    debug("pci %04x bar %02x at %08x size %x\n", r->fn->bdf, r->bar, at, r->size);
    u32 flags = pci_read32(r->fn->bdf, r->bar);
    pci_write32(r->fn->bdf, r->bar, at);
    if (r->bar == REG_ROM || r->bar == REG_ROM_BRIDGE)
        r->fn->rom = at;
    else if (!(flags & BAR_IO) && (flags & BAR_64))
        pci_write32(r->fn->bdf, (u8)(r->bar + 4), 0);
}

/* The next in order: falling alignment, then as found. */
static struct resource *take_next(u8 bus, u8 kind)
{
    struct resource *best = NULL;
    for (unsigned i = 0; i < resources; i++) {
        struct resource *r = &resource[i];
        if (r->size && r->bus == bus && r->kind == kind && (!best || r->align > best->align))
            best = r;
    }
    return best;
}

static void map_window(u8 bus, u8 kind, u32 base)
{
    for (struct resource *r; (r = take_next(bus, kind)) != NULL;) {
        struct resource now = *r;
        r->size = 0;
        base = ALIGN_UP(base, now.align);
        place(&now, base);
        base += now.size;
    }
}

static void enable(struct pci_fn *f)
{
    u16 command = pci_read16(f->bdf, REG_COMMAND) | COMMAND_IO | COMMAND_MEMORY | COMMAND_SERR;
    if (f->class == CLASS_BRIDGE)
        command |= COMMAND_MASTER;
    pci_write16(f->bdf, REG_COMMAND, (u16)command);
}

void pci_assign(void)
{
    for (unsigned i = 0; i < pci_count; i++)
        probe_function(&pci_fns[i]);
    add_bridge_windows();
    u32 align[KINDS], sum[KINDS];
    for (u8 kind = 0; kind < KINDS; kind++)
        sum[kind] = window_sum(0, kind, &align[kind]);
    u8 upper = align[MEMORY] < align[PREFETCH] ? MEMORY : PREFETCH, lower = upper == MEMORY ? PREFETCH : MEMORY;
    u32 upper_base = ALIGN_DOWN(MEMORY_END - sum[upper], align[upper]);
    u32 lower_base = ALIGN_DOWN(upper_base - sum[lower], align[lower]);
    map_window(0, IO, IO_START);
    map_window(0, upper, upper_base);
    map_window(0, lower, lower_base);
    for (unsigned i = 0; i < pci_count; i++)
        enable(&pci_fns[i]);
}
