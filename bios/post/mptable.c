/* mptable.c: the MultiProcessor configuration table (Intel MultiProcessor Specification 1.4, chapter 4), for systems
 * that do not read ACPI's. */
#include "post.h"

#define SPEC_14 4
#define LAPIC 0xfee00000u
#define IOAPIC 0xfec00000u
#define IOAPIC_VERSION_REG 1
#define CPU_ENABLED 1
#define CPU_BOOT 2
#define BUS_PCI 0
#define BUS_ISA 1
#define TYPE_CPU 0
#define TYPE_BUS 1
#define TYPE_IOAPIC 2
#define TYPE_INTERRUPT 3
#define TYPE_LOCAL 4
#define INT_VECTORED 0
#define INT_NMI 1
#define INT_EXTINT 3
#define ALL_LAPICS 0xff
#define TIMER_PIN 2
#define REG_IRQ_LINE 0x3c
#define REG_IRQ_PIN 0x3d

struct floating {
    u32 signature, table;
    u8 length, revision, sum, feature[5];
} PACKED;

struct header {
    u32 signature;
    u16 length;
    u8 revision, sum;
    char oem[8], product[12];
    u32 oem_table;
    u16 oem_size, entries;
    u32 lapic;
    u16 extended_length;
    u8 extended_sum, reserved;
} PACKED;

struct build {
    struct header *h;
    u8 *at;
};

static void *entry(struct build *b, const void *data, u32 size)
{
    u8 *at = b->at;
    memcpy(at, data, size);
    b->at += size;
    b->h->entries++;
    return at;
}

static void processors(struct build *b)
{
    u32 features, signature = cpu_signature(&features);
    for (unsigned i = 0; i < FSEG->cpus && i < 256; i++) {
        struct {
            u8 type, id, version, flags;
            u32 signature, features, reserved[2];
        } PACKED e = { TYPE_CPU, apic_ids[i], 0x14, CPU_ENABLED | (i ? 0 : CPU_BOOT), signature, features, { 0, 0 } };
        entry(b, &e, sizeof e);
    }
}

static void bus(struct build *b, u8 id, const char *name)
{
    struct {
        u8 type, id;
        char name[6];
    } PACKED e = { TYPE_BUS, id, "      " };
    memcpy(e.name, name, strlen(name));
    entry(b, &e, sizeof e);
}

static u8 ioapic_id(void)
{
    *(volatile u32 *)IOAPIC = 0;
    return *(volatile u32 *)(IOAPIC + 0x10) >> 24 & 15;
}

static void ioapic(struct build *b)
{
    *(volatile u32 *)IOAPIC = IOAPIC_VERSION_REG;
    struct {
        u8 type, id, version, flags;
        u32 address;
    } PACKED e = { TYPE_IOAPIC, ioapic_id(), (u8) * (volatile u32 *)(IOAPIC + 0x10), 1, IOAPIC };
    entry(b, &e, sizeof e);
}

static void interrupt(struct build *b, u8 type, u8 kind, u16 flags, u8 from_bus, u8 irq, u8 apic, u8 pin)
{
    struct {
        u8 type, kind;
        u16 flags;
        u8 bus, irq, apic, pin;
    } PACKED e = { type, kind, flags, from_bus, irq, apic, pin };
    entry(b, &e, sizeof e);
}

/* Functions of one slot share pins: each pin once. */
static u16 pci_interrupts(struct build *b, u8 apic)
{
    u16 used = 0;
    u8 seen[32] = { 0 };
    for (unsigned i = 0; i < pci_count; i++) {
        const struct pci_fn *f = &pci_fns[i];
        u8 pin = pci_read8(f->bdf, REG_IRQ_PIN), irq = pci_read8(f->bdf, REG_IRQ_LINE), device = f->bdf >> 3 & 31;
        if (f->bdf >> 8 || !pin || pin > 4 || irq > 15 || (seen[device] & BIT(pin)))
            continue;
        seen[device] |= (u8)BIT(pin);
        used |= (u16)BIT(irq);
        interrupt(b, TYPE_INTERRUPT, INT_VECTORED, 0, BUS_PCI, (u8)(device << 2 | (pin - 1)), apic, irq);
    }
    return used;
}

static void interrupts(struct build *b)
{
    u8 apic = ioapic_id();
    u16 used = pci_interrupts(b, apic);
    for (u8 irq = 0; irq < 16; irq++)
        if (irq != TIMER_PIN && !(used & BIT(irq)))
            interrupt(b, TYPE_INTERRUPT, INT_VECTORED, 0, BUS_ISA, irq, apic, irq ? irq : TIMER_PIN);
    interrupt(b, TYPE_LOCAL, INT_EXTINT, 0, BUS_ISA, 0, ALL_LAPICS, 0);
    interrupt(b, TYPE_LOCAL, INT_NMI, 0, BUS_ISA, 0, ALL_LAPICS, 1);
}

#define ROOM(cpus) (sizeof(struct header) + (cpus)*20u + 8u * (3 + 16 + 32 + 2))

void mptable_init(void)
{
    u32 room = ROOM(FSEG->cpus);
    if (!cpu_feature(CPUID_APIC))
        return;
    struct floating *f = malloc_fseg(sizeof *f);
    struct header *h = room < 1024 ? malloc_fseg(room) : malloc_high(room);
    if (!f || !h)
        return;
    *h = (struct header){ .signature = 0x504d4350 /* "PCMP" */, .revision = SPEC_14, .lapic = LAPIC };
    memcpy(h->oem, "PCEMU   ", 8);
    memcpy(h->product, "PC          ", 12);
    struct build b = { h, (u8 *)(h + 1) };
    processors(&b);
    bus(&b, BUS_PCI, "PCI");
    bus(&b, BUS_ISA, "ISA");
    ioapic(&b);
    interrupts(&b);
    h->length = (u16)(b.at - (u8 *)h);
    h->sum = (u8)-checksum(h, h->length);
    *f = (struct floating){ .signature = 0x5f504d5f /* "_MP_" */, .table = (u32)h, .length = 1, .revision = SPEC_14 };
    f->sum = (u8)-checksum(f, sizeof *f);
}
