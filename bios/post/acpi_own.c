/* acpi_own.c: ACPI tables for boards that bring none (Bochs): RSDP, RSDT, FADT, FACS, MADT and a DSDT with what
 * ACPI 1.0b asks for: the PCI host bridge's windows and interrupts, the soft-off state, and which controller is in use.
 * The interrupt lines of PCI go to pins 16 to 19 of the I/O APIC there, besides the ISA lines that the PIIX routes them
 * to. */
#include "post.h"

#define ROOM 0x2000u
#define FACS_SIZE 64
#define LAPIC 0xfee00000u
#define IOAPIC 0xfec00000u
#define PCI_PINS 16
#define SCI_IRQ 9
#define PORT_SMI 0xb2
#define ACPI_ENABLE 0xf1
#define ACPI_DISABLE 0xf0
#define FADT_FLAGS 0x025 /* WBINVD works, C1, no sleep button of its own */
#define RTC_CENTURY 0x32
#define LEVEL_HIGH 0x0d
#define SLOTS 32

/* AML (ACPI 1.0b, chapter 16). */
#define AML_ZERO 0x00
#define AML_NAME 0x08
#define AML_BYTE 0x0a
#define AML_WORD 0x0b
#define AML_DWORD 0x0c
#define AML_SCOPE 0x10
#define AML_BUFFER 0x11
#define AML_PACKAGE 0x12
#define AML_METHOD 0x14
#define AML_DEVICE 0x825b
#define AML_ARG0 0x68
#define AML_STORE 0x70
#define AML_IF 0xa0
#define AML_RETURN 0xa4
#define EISA_PNP0A03 0x030ad041u

static u8 *at; /* where the next byte goes */

static void put(u32 v, unsigned bytes)
{
    for (; bytes; bytes--, v >>= 8)
        *at++ = (u8)v;
}

static void put_text(const char *s)
{
    while (*s)
        *at++ = (u8)*s++;
}

/* A length of three bytes, filled in by aml_end(). */
static u8 *aml_begin(void)
{
    at += 3;
    return at - 3;
}

static void aml_end(u8 *length)
{
    u32 n = (u32)(at - length);
    length[0] = (u8)(0x80 | (n & 15));
    length[1] = (u8)(n >> 4);
    length[2] = (u8)(n >> 12);
}

static u8 *table(const char *signature, u8 revision)
{
    u8 *start = at = (u8 *)ALIGN_UP((u32)at, 16u);
    put_text(signature);
    put(0, 4);
    put(revision, 1);
    put(0, 1);
    put_text("PCEMU PCEMUPC ");
    put(1, 4);
    put_text("PCEM");
    put(1, 4);
    return start;
}

static u8 *finish(u8 *start)
{
    u32 size = (u32)(at - start);
    memcpy(start + 4, &size, 4);
    start[9] = (u8)-checksum(start, size);
    return start;
}

static void name(const char *n)
{
    put(AML_NAME, 1);
    put_text(n);
}

static void window(u8 large, u8 kind, u8 flags, u32 first, u32 last)
{
    unsigned width = large ? 4 : 2;
    put(large ? 0x87 : 0x88, 1);
    put(5u * width + 3, 2);
    put(kind, 1);
    put(0x0c, 1); /* both ends are fixed */
    put(flags, 1);
    put(0, width);
    put(first, width);
    put(last, width);
    put(0, width);
    put(last - first + 1, width);
}

static void resources(void)
{
    name("_CRS");
    put(AML_BUFFER, 1);
    u8 *length = aml_begin();
    put(AML_WORD, 1);
    u8 *size = at;
    put(0, 2);
    u8 *start = at;
    window(false, 2, 0, 0, 0xff); /* buses */
    put(0x0cf80147, 4);           /* the configuration ports */
    put(0x08010cf8, 4);
    window(false, 1, 3, 0, 0xcf7);
    window(false, 1, 3, 0xd00, 0xffff);
    window(true, 0, 3, 0xa0000, 0xbffff);
    window(true, 0, 1, ALIGN_UP(FSEG->ram_below_4g + 0x100000, 0x1000000u), IOAPIC - 1);
    put(0x0079, 2);
    u32 n = (u32)(at - start);
    memcpy(size, &n, 2);
    aml_end(length);
}

/* Each pin of each slot: by PIIX to an ISA line, or to the I/O APIC's own pins. */
static void routes(const char *n, bool apic)
{
    static const u8 lines[4] = { 10, 10, 11, 11 };
    name(n);
    put(AML_PACKAGE, 1);
    u8 *all = aml_begin();
    put((SLOTS - 1) * 4, 1);
    for (u32 slot = 1; slot < SLOTS; slot++)
        for (u32 pin = 0; pin < 4; pin++) {
            u32 pirq = (pin + slot - 1) & 3;
            put(AML_PACKAGE, 1);
            u8 *one = aml_begin();
            put(4, 1);
            put(AML_DWORD, 1);
            put(slot << 16 | 0xffff, 4);
            put(AML_BYTE | pin << 8, 2);
            put(AML_ZERO, 1);
            put(AML_BYTE | (apic ? PCI_PINS + pirq : lines[pirq]) << 8, 2);
            aml_end(one);
        }
    aml_end(all);
}

static u8 *method(const char *n, u8 arguments)
{
    put(AML_METHOD, 1);
    u8 *length = aml_begin();
    put_text(n);
    put(arguments, 1);
    return length;
}

static void host_bridge(void)
{
    put(AML_SCOPE, 1);
    u8 *scope = aml_begin();
    put_text("_SB_");
    put(AML_DEVICE, 2);
    u8 *device = aml_begin();
    put_text("PCI0");
    name("_HID");
    put(AML_DWORD, 1);
    put(EISA_PNP0A03, 4);
    name("_ADR");
    put(AML_ZERO, 1);
    resources();
    routes("PRTP", false);
    routes("PRTA", true);
    u8 *prt = method("_PRT", 0);
    put(AML_IF, 1);
    u8 *branch = aml_begin();
    put_text("PICF");
    put(AML_RETURN, 1);
    put_text("PRTA");
    aml_end(branch);
    put(AML_RETURN, 1);
    put_text("PRTP");
    aml_end(prt);
    aml_end(device);
    aml_end(scope);
}

static u8 *dsdt(void)
{
    u8 *start = table("DSDT", 1);
    name("PICF");
    put(AML_ZERO, 1);
    u8 *pic = method("_PIC", 1);
    put(AML_STORE | AML_ARG0 << 8, 2);
    put_text("PICF");
    aml_end(pic);
    name("_S5_");
    put(AML_PACKAGE, 1);
    u8 *s5 = aml_begin();
    put(4, 1);
    put(0, 4); /* four times Zero: SLP_TYP 0 */
    aml_end(s5);
    host_bridge();
    return finish(start);
}

static u8 *fadt(const u8 *facs, const u8 *definition)
{
    u8 *start = table("FACP", 1);
    u32 pm = FSEG->pm_base;
    put((u32)facs, 4);
    put((u32)definition, 4);
    put(1, 2); /* several APICs */
    put(SCI_IRQ, 2);
    put(PORT_SMI, 4);
    put(ACPI_ENABLE | ACPI_DISABLE << 8, 4);
    put(pm, 4);
    put(0, 4);
    put(pm + 4, 4);
    put(0, 4);
    put(0, 4);
    put(pm + 8, 4);
    put(0, 4); /* no general purpose events */
    put(0, 4);
    put(4 | 2 << 8 | 4u << 24, 4); /* lengths: events, control, timer */
    put(0, 4);
    put(0xfff, 2); /* no C2, no C3 */
    put(0xfff, 2);
    put(0, 8 / 2);
    put(0, 2);
    put(0, 2);
    put(RTC_CENTURY, 1);
    put(0, 3);
    put(FADT_FLAGS, 4);
    return finish(start);
}

static void override(u8 irq, u8 pin, u8 flags)
{
    put(2 | 10 << 8, 2);
    put((u32)irq << 8, 2);
    put(pin, 4);
    put(flags, 2);
}

static u8 *madt(void)
{
    u8 *start = table("APIC", 1);
    put(LAPIC, 4);
    put(1, 4); /* 8259s, too */
    for (u32 i = 0; i < FSEG->cpus; i++) {
        put(8u << 8 | i << 16 | (u32)apic_ids[i] << 24, 4);
        put(1, 4);
    }
    *(volatile u32 *)IOAPIC = 0;
    put(1 | 12 << 8 | (*(volatile u32 *)(IOAPIC + 0x10) >> 24 & 15) << 16, 4);
    put(IOAPIC, 4);
    put(0, 4);
    override(0, 2, 0);
    override(SCI_IRQ, SCI_IRQ, LEVEL_HIGH);
    override(10, 10, LEVEL_HIGH);
    override(11, 11, LEVEL_HIGH);
    put(4 | 6 << 8 | 0xffu << 16, 4);
    put(1 << 8, 2); /* NMI at LINT1 */
    return finish(start);
}

u32 acpi_own(void)
{
    u8 *rsdp = FSEG->pm_base ? malloc_fseg(20) : NULL, *room = rsdp ? memory_alloc(ZONE_HIGH, ROOM, 64, ~0u) : NULL;
    if (!room)
        return 0;
    at = room;
    u8 *facs = at;
    put_text("FACS");
    put(FACS_SIZE, 4);
    at = facs + FACS_SIZE;
    u8 *definition = dsdt(), *fixed = fadt(facs, definition), *apics = cpu_feature(CPUID_APIC) ? madt() : NULL;
    u8 *rsdt = table("RSDT", 1);
    put((u32)fixed, 4);
    if (apics)
        put((u32)apics, 4);
    finish(rsdt);
    memcpy(rsdp, "RSD PTR ", 8);
    memcpy(rsdp + 9, "PCEMU ", 6);
    memcpy(rsdp + 16, &rsdt, 4);
    rsdp[8] = (u8)-checksum(rsdp, 20);
    return (u32)rsdp;
}
