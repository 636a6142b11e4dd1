/* acpi_hotplug.c: PCI and CPU hot-plug registers of QEMU's pc.
 *
 * References: QEMU 7.2's docs/specs/acpi_pci_hotplug.rst and acpi_cpu_hotplug.rst, hw/acpi/pcihp.c, cpu_hotplug.c and
 * cpu.c.
 * A guest may eject what is in a removable slot. Nothing else is plugged in or pulled out while the machine runs: no
 * slot and no processor has an event. Not modelled, and logged: the guest's own wish to eject a processor. */
#include "acpi_hotplug.h"

static const char who[] = "acpi_hotplug";

/* ---- PCI ---- */

#define PCI_PORTS 24
#define BUSES 256

enum pci_register {
    PCI_UP = 0x00,
    PCI_DOWN = 0x04,
    PCI_EJECT = 0x08,
    PCI_REMOVABLE = 0x0c,
    PCI_BUS = 0x10,
    PCI_INDEX = 0x14
};

static u64 pci_read(void *dev, u64 offset, unsigned size)
{
    const struct acpi_pci_hotplug *s = dev;
    (void)size;
    if (s->bus >= BUSES)
        return 0;
    if (offset == PCI_REMOVABLE)
        return s->bus ? 0 : s->removable;
    return offset == PCI_BUS ? s->bus : 0; /* no slot has an event, no device an index */
}

/* One slot at a time, the lowest of those that are written, as QEMU does it. */
static void eject_lowest(struct acpi_pci_hotplug *s, u32 slots)
{
    unsigned slot = (unsigned)__builtin_ctz(slots);
    if (s->removable & BIT(slot))
        s->eject(s->machine, slot);
}

static void pci_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct acpi_pci_hotplug *s = dev;
    (void)size;
    if (offset == PCI_BUS)
        s->bus = (u32)value;
    else if (offset == PCI_EJECT && s->bus == 0 && (u32)value)
        eject_lowest(s, (u32)value);
}

static const struct region_ops pci_ops = { .read = pci_read, .write = pci_write, .min_size = 4, .max_size = 4 };

void acpi_pci_hotplug_init(struct acpi_pci_hotplug *s, u32 removable, void (*eject)(void *machine, unsigned slot),
                           void *machine)
{
    *s = (struct acpi_pci_hotplug){ .removable = removable, .eject = eject, .machine = machine };
    region_init_io(&s->io, "acpi-pci-hotplug", PCI_PORTS, &pci_ops, s);
}

void acpi_pci_hotplug_reset(void *self)
{
    struct acpi_pci_hotplug *s = self;
    s->bus = 0;
}

static const struct state_field pci_fields[] = { STATE(struct acpi_pci_hotplug, bus), STATE_END };

const struct state_table acpi_pci_hotplug_state = { "acpi_pci_hotplug", 1, pci_fields, NULL };

/* ---- processors ---- */

#define BITMAP_PORTS (ACPI_HOTPLUG_CPUS / 8)
#define MODERN_PORTS 12

enum cpu_register { CPU_SELECTOR = 0, CPU_DATA2 = 0, CPU_FLAGS = 4, CPU_COMMAND = 5, CPU_DATA = 8 };
enum cpu_command { NEXT_WITH_EVENT = 0, OST_EVENT = 1, OST_STATUS = 2, GET_ID = 3 };
#define FLAG_PRESENT BIT(0)
#define FLAG_EJECT BIT(3)

static void choose_region(struct acpi_cpu_hotplug *s)
{
    region_set_enabled(&s->io, !s->is_modern);
    region_set_enabled(&s->modern, s->is_modern);
}

/* A bit for each APIC ID that is there. */
static u64 bitmap_read(void *dev, u64 offset, unsigned size)
{
    const struct acpi_cpu_hotplug *s = dev;
    u8 bits = 0;
    (void)size;
    for (unsigned i = 0; i < s->cpus; i++)
        if (s->cpu[i].present && s->cpu[i].apic_id / 8 == offset)
            bits |= (u8)BIT(s->cpu[i].apic_id % 8);
    return bits;
}

static void bitmap_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct acpi_cpu_hotplug *s = dev;
    (void)size;
    if (offset || value)
        return;
    s->is_modern = true;
    choose_region(s);
}

static u64 modern_read(void *dev, u64 offset, unsigned size)
{
    const struct acpi_cpu_hotplug *s = dev;
    (void)size;
    if (s->selector >= s->cpus)
        return 0;
    const struct acpi_hotplug_cpu *cpu = &s->cpu[s->selector];
    if (offset == CPU_FLAGS)
        return cpu->present ? FLAG_PRESENT : 0;
    if (offset == CPU_DATA && s->command == NEXT_WITH_EVENT)
        return s->selector;
    return offset == CPU_DATA && s->command == GET_ID ? cpu->apic_id : 0;
}

static void modern_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct acpi_cpu_hotplug *s = dev;
    (void)size;
    if (offset == CPU_SELECTOR) {
        s->selector = (u32)value;
        return;
    }
    if (s->selector >= s->cpus)
        return;
    if (offset == CPU_COMMAND && value <= GET_ID)
        s->command = (u8)value;
    else if (offset == CPU_FLAGS && value & FLAG_EJECT)
        log_unimp(s->log, who, "ejecting processor %u", s->selector);
}

static const struct region_ops bitmap_ops = {
    .read = bitmap_read, .write = bitmap_write, .min_size = 1, .max_size = 1
};
static const struct region_ops modern_ops = {
    .read = modern_read, .write = modern_write, .min_size = 1, .max_size = 4
};

void acpi_cpu_hotplug_init(struct acpi_cpu_hotplug *s, const struct acpi_hotplug_cpu *cpu, unsigned cpus,
                           struct log *log)
{
    *s = (struct acpi_cpu_hotplug){ .cpus = cpus < ACPI_HOTPLUG_CPUS ? cpus : ACPI_HOTPLUG_CPUS, .log = log };
    memcpy(s->cpu, cpu, s->cpus * sizeof *cpu);
    region_init_io(&s->io, "acpi-cpu-hotplug", BITMAP_PORTS, &bitmap_ops, s);
    region_init_io(&s->modern, "acpi-cpu-hotplug", MODERN_PORTS, &modern_ops, s);
    choose_region(s);
}

void acpi_cpu_hotplug_reset(void *self)
{
    struct acpi_cpu_hotplug *s = self;
    s->is_modern = false;
    s->selector = 0;
    s->command = NEXT_WITH_EVENT;
    choose_region(s);
}

static bool post_load(void *self)
{
    choose_region(self);
    return true;
}

static const struct state_field cpu_fields[] = {
    STATE(struct acpi_cpu_hotplug, is_modern),
    STATE(struct acpi_cpu_hotplug, selector),
    STATE_MAX(struct acpi_cpu_hotplug, command, GET_ID),
    STATE_END,
};

const struct state_table acpi_cpu_hotplug_state = { "acpi_cpu_hotplug", 1, cpu_fields, post_load };
