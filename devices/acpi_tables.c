/* acpi_tables.c: the static ACPI tables of the PC, and the script by which the firmware links them.
 *
 * RSDP and RSDT, FADT, FACS and MADT in the form of ACPI 1.0b (which every guest reads, and which has room for all that
 * a PIIX4 can say), HPET as in the IA-PC HPET specification 1.0a, and WAET (Microsoft, "Windows ACPI Emulated Devices
 * Table"): the same set, in the same order and with the same bytes as QEMU 7.2's pc.
 *
 * The script (file "etc/table-loader") is QEMU's "BIOS linker/loader": 128-byte commands that make the firmware read a
 * file into memory, add the address of one file to a pointer in another, and set a checksum. So pointers and checksums
 * stand here as offsets and zeros. Not declared: NUMA (SRAT), TPM, PCI Express (MCFG). */
#include "acpi_tables.h"
#include "acpi_aml.h"

#define OEM_ID "BOCHS "
#define OEM_TABLE_ID "BXPC    "
#define OEM_REVISION 1
#define CREATOR_ID "BXPC"
#define CREATOR_REVISION 1

#define HEADER_LENGTH 4
#define HEADER_CHECKSUM 9

/* Fields of the tables that are patched by the firmware. */
#define RSDP_CHECKSUM 8
#define RSDP_RSDT_ADDRESS 16
#define FADT_FIRMWARE_CTRL 36
#define FADT_DSDT 40

#define TABLE_ALIGN 8
#define FACS_SIZE 64
#define FACS_ALIGN 64

/* FADT (ACPI 1.0b, 5.2.5) */
#define FADT_INT_MODEL_MULTIPLE_APIC 1
#define FADT_NO_C2 0xfff
#define FADT_NO_C3 0xfff
#define FADT_WBINVD BIT(0)
#define FADT_PROC_C1 BIT(2)
#define FADT_SLP_BUTTON BIT(5) /* no fixed sleep button */
#define FADT_RTC_S4 BIT(7)     /* the RTC can wake from S4 */
#define FADT_USE_PLATFORM_CLOCK BIT(15)

/* MADT (ACPI 1.0b, 5.2.8) */
#define MADT_PCAT_COMPAT BIT(0) /* there are 8259s too */
#define MADT_LOCAL_APIC 0
#define MADT_IO_APIC 1
#define MADT_OVERRIDE 2
#define MADT_LOCAL_NMI 4
#define MADT_ENABLED BIT(0)
#define MADT_ALL_CPUS 0xff
#define MADT_ACTIVE_HIGH_LEVEL (1 | 3 << 2)
#define NMI_LINT 1
#define TIMER_IRQ 0
#define TIMER_PIN 2 /* of the I/O APIC: IRQ0 stands at INTIN2 */

/* HPET table */
#define HPET_BLOCK_ID 0x8086a201

#define WAET_PM_TIMER_GOOD BIT(1) /* one read of the PM timer is enough */

/* Loader commands: u32 command, then fields of its own; file names have 56 bytes. */
#define LOADER_ENTRY 128
#define LOADER_NAME 56
#define LOADER_ALLOCATE 1
#define LOADER_ADD_POINTER 2
#define LOADER_ADD_CHECKSUM 3
#define LOADER_ZONE_HIGH 1
#define LOADER_ZONE_FSEG 2

#define POINTER_SIZE 4

/* A build under way: the tables' bytes and the script's. */
struct build {
    struct aml tables, loader;
};

static void loader_name(struct aml *l, const char *name)
{
    char padded[LOADER_NAME] = { 0 };

    memcpy(padded, name, strlen(name));
    aml_bytes(l, padded, sizeof(padded));
}

static void loader_pad(struct aml *l)
{
    static const u8 zeros[LOADER_ENTRY];

    aml_bytes(l, zeros, (LOADER_ENTRY - l->len % LOADER_ENTRY) % LOADER_ENTRY);
}

static void loader_allocate(struct aml *l, const char *file, u32 align, u8 zone)
{
    aml_u32(l, LOADER_ALLOCATE);
    loader_name(l, file);
    aml_u32(l, align);
    aml_u8(l, zone);
    loader_pad(l);
}

/* The 32-bit number at `offset` of file `in` is an offset within the tables: make it an address. */
static void loader_add_pointer(struct aml *l, const char *in, u32 offset)
{
    aml_u32(l, LOADER_ADD_POINTER);
    loader_name(l, in);
    loader_name(l, ACPI_FILE_TABLES);
    aml_u32(l, offset);
    aml_u8(l, POINTER_SIZE);
    loader_pad(l);
}

/* Make the bytes start … start + len - 1 sum up to zero by the byte at `at`. */
static void loader_add_checksum(struct aml *l, const char *in, u32 at, u32 start, u32 len)
{
    aml_u32(l, LOADER_ADD_CHECKSUM);
    loader_name(l, in);
    aml_u32(l, at);
    aml_u32(l, start);
    aml_u32(l, len);
    loader_pad(l);
}

/* A table from here on, aligned so that guests may read its fields as words; returns its offset. */
static u32 table_begin(struct build *b, const char *signature, u8 revision)
{
    struct aml *a = &b->tables;

    while (a->len % TABLE_ALIGN && !a->full)
        aml_u8(a, 0);
    u32 start = (u32)a->len;

    aml_bytes(a, signature, 4);
    aml_u32(a, 0); /* length */
    aml_u8(a, revision);
    aml_u8(a, 0); /* checksum */
    aml_bytes(a, OEM_ID, 6);
    aml_bytes(a, OEM_TABLE_ID, 8);
    aml_u32(a, OEM_REVISION);
    aml_bytes(a, CREATOR_ID, 4);
    aml_u32(a, CREATOR_REVISION);
    return start;
}

static void table_end(struct build *b, u32 start)
{
    u32 len = (u32)b->tables.len - start;

    if (b->tables.full)
        return;
    put_le32(b->tables.data + start + HEADER_LENGTH, len);
    loader_add_checksum(&b->loader, ACPI_FILE_TABLES, start + HEADER_CHECKSUM, start, len);
}

/* The FACS has neither header nor checksum. */
static u32 build_facs(struct build *b)
{
    static const u8 rest[FACS_SIZE - 8];
    u32 start = (u32)b->tables.len;

    aml_bytes(&b->tables, "FACS", 4);
    aml_u32(&b->tables, FACS_SIZE);
    aml_bytes(&b->tables, rest, sizeof(rest));
    return start;
}

static u32 build_dsdt(struct build *b, const struct acpi_machine *m)
{
    u32 start = table_begin(b, "DSDT", 1);

    acpi_dsdt_write(&b->tables, m);
    table_end(b, start);
    return start;
}

static void fadt_ports(struct aml *a, const struct acpi_machine *m)
{
    aml_u32(a, m->pm1_event_port);
    aml_u32(a, 0); /* PM1b_EVT_BLK */
    aml_u32(a, m->pm1_control_port);
    aml_u32(a, 0); /* PM1b_CNT_BLK */
    aml_u32(a, 0); /* PM2_CNT_BLK */
    aml_u32(a, m->pm_timer_port);
    aml_u32(a, m->gpe0_port);
    aml_u32(a, 0); /* GPE1_BLK */
    aml_u8(a, 4);  /* PM1_EVT_LEN */
    aml_u8(a, 2);  /* PM1_CNT_LEN */
    aml_u8(a, 0);  /* PM2_CNT_LEN */
    aml_u8(a, 4);  /* PM_TM_LEN */
    aml_u8(a, m->gpe0_port ? m->gpe0_length : 0);
    aml_u8(a, 0); /* GPE1_BLK_LEN */
    aml_u8(a, 0); /* GPE1_BASE */
    aml_u8(a, 0);
}

static void fadt_rest(struct aml *a, const struct acpi_machine *m)
{
    aml_u16(a, FADT_NO_C2);
    aml_u16(a, FADT_NO_C3);
    aml_u16(a, 0); /* FLUSH_SIZE: WBINVD does it */
    aml_u16(a, 0); /* FLUSH_STRIDE */
    aml_u8(a, 0);  /* DUTY_OFFSET */
    aml_u8(a, 0);  /* DUTY_WIDTH: no throttling */
    aml_u8(a, 0);  /* DAY_ALRM */
    aml_u8(a, 0);  /* MON_ALRM */
    aml_u8(a, m->rtc_century);
    aml_u16(a, 0);
    aml_u8(a, 0);
    aml_u32(a, FADT_WBINVD | FADT_PROC_C1 | FADT_SLP_BUTTON | FADT_RTC_S4 | FADT_USE_PLATFORM_CLOCK);
}

static u32 build_fadt(struct build *b, const struct acpi_machine *m, u32 facs, u32 dsdt)
{
    u32 start = table_begin(b, "FACP", 1);
    struct aml *a = &b->tables;

    aml_u32(a, facs);
    aml_u32(a, dsdt);
    aml_u8(a, FADT_INT_MODEL_MULTIPLE_APIC);
    aml_u8(a, 0);
    aml_u16(a, m->sci_irq);
    aml_u32(a, m->smi_command_port);
    aml_u8(a, m->acpi_enable);
    aml_u8(a, m->acpi_disable);
    aml_u8(a, 0); /* S4BIOS_REQ */
    aml_u8(a, 0);
    fadt_ports(a, m);
    fadt_rest(a, m);
    loader_add_pointer(&b->loader, ACPI_FILE_TABLES, start + FADT_FIRMWARE_CTRL);
    loader_add_pointer(&b->loader, ACPI_FILE_TABLES, start + FADT_DSDT);
    table_end(b, start);
    return start;
}

static void madt_override(struct aml *a, u8 irq, u32 pin, u16 flags)
{
    aml_u8(a, MADT_OVERRIDE);
    aml_u8(a, 10);
    aml_u8(a, 0); /* ISA */
    aml_u8(a, irq);
    aml_u32(a, pin);
    aml_u16(a, flags);
}

static void madt_processors(struct aml *a, const struct acpi_machine *m)
{
    for (unsigned i = 0; i < m->cpus; i++) {
        aml_u8(a, MADT_LOCAL_APIC);
        aml_u8(a, 8);
        aml_u8(a, (u8)i);
        aml_u8(a, m->apic_id[i]);
        aml_u32(a, i < m->cpus_present ? MADT_ENABLED : 0);
    }
}

static u32 build_madt(struct build *b, const struct acpi_machine *m)
{
    static const u8 pci_irqs[] = { 5, 9, 10, 11 }; /* where PIRQs and the SCI may go: level-triggered */
    u32 start = table_begin(b, "APIC", 1);
    struct aml *a = &b->tables;

    aml_u32(a, m->lapic_base);
    aml_u32(a, MADT_PCAT_COMPAT);
    madt_processors(a, m);
    aml_u8(a, MADT_IO_APIC);
    aml_u8(a, 12);
    aml_u8(a, m->ioapic_id);
    aml_u8(a, 0);
    aml_u32(a, m->ioapic_base);
    aml_u32(a, 0); /* its first interrupt's number */
    madt_override(a, TIMER_IRQ, TIMER_PIN, 0);
    for (unsigned i = 0; i < ARRAY_LEN(pci_irqs); i++)
        madt_override(a, pci_irqs[i], pci_irqs[i], MADT_ACTIVE_HIGH_LEVEL);
    aml_u8(a, MADT_LOCAL_NMI);
    aml_u8(a, 6);
    aml_u8(a, MADT_ALL_CPUS);
    aml_u16(a, 0);
    aml_u8(a, NMI_LINT);
    table_end(b, start);
    return start;
}

static u32 build_hpet(struct build *b, const struct acpi_machine *m)
{
    u32 start = table_begin(b, "HPET", 1);
    struct aml *a = &b->tables;

    aml_u32(a, HPET_BLOCK_ID);
    aml_u32(a, 0); /* generic address: memory space, no bit fields */
    aml_u64(a, m->hpet_base);
    aml_u8(a, 0);  /* HPET number */
    aml_u16(a, 0); /* least tick in periodic mode: no limit */
    aml_u8(a, 0);  /* no page protection guarantee */
    table_end(b, start);
    return start;
}

static u32 build_waet(struct build *b)
{
    u32 start = table_begin(b, "WAET", 1);

    aml_u32(&b->tables, WAET_PM_TIMER_GOOD);
    table_end(b, start);
    return start;
}

static u32 build_rsdt(struct build *b, const u32 *table, unsigned n)
{
    u32 start = table_begin(b, "RSDT", 1);

    for (unsigned i = 0; i < n; i++) {
        loader_add_pointer(&b->loader, ACPI_FILE_TABLES, (u32)b->tables.len);
        aml_u32(&b->tables, table[i]);
    }
    table_end(b, start);
    return start;
}

static void build_rsdp(struct acpi_tables *t, struct build *b, u32 rsdt)
{
    memset(t->rsdp, 0, sizeof(t->rsdp));
    memcpy(t->rsdp, "RSD PTR ", 8);
    memcpy(t->rsdp + 9, OEM_ID, 6);
    put_le32(t->rsdp + RSDP_RSDT_ADDRESS, rsdt);
    loader_add_pointer(&b->loader, ACPI_FILE_RSDP, RSDP_RSDT_ADDRESS);
    loader_add_checksum(&b->loader, ACPI_FILE_RSDP, RSDP_CHECKSUM, 0, ACPI_RSDP_SIZE);
}

bool acpi_build(struct acpi_tables *t, const struct acpi_machine *m)
{
    struct build b = { .tables = { .data = t->tables, .room = sizeof(t->tables) },
                       .loader = { .data = t->loader, .room = sizeof(t->loader) } };
    u32 table[4];
    unsigned n = 0;

    if (m->cpus > ACPI_CPUS_MAX)
        return false;
    loader_allocate(&b.loader, ACPI_FILE_RSDP, 16, LOADER_ZONE_FSEG);
    loader_allocate(&b.loader, ACPI_FILE_TABLES, FACS_ALIGN, LOADER_ZONE_HIGH);
    u32 facs = build_facs(&b);
    u32 dsdt = build_dsdt(&b, m);
    table[n++] = build_fadt(&b, m, facs, dsdt);
    table[n++] = build_madt(&b, m);
    if (m->hpet_base)
        table[n++] = build_hpet(&b, m);
    table[n++] = build_waet(&b);
    build_rsdp(t, &b, build_rsdt(&b, table, n));
    t->tables_len = (u32)b.tables.len;
    t->loader_len = (u32)b.loader.len;
    return !b.tables.full && !b.loader.full;
}
