/* test_acpi_tables.c: the tables as the firmware makes them: the loader's script is carried out here, then headers,
 * checksums and pointers are followed, and the DSDT's object tree is walked. Also the AML writer by the encodings of
 * the ACPI specification's chapter 20, and the SMBIOS tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "acpi_tables.h"

#define TABLES_ADDRESS 0x3ffe0000
#define RSDP_ADDRESS 0xf5a00

static const struct acpi_machine pc = {
    .cpus = 2,
    .cpus_present = 2,
    .apic_id = { 0, 1 },
    .lapic_base = 0xfee00000,
    .ioapic_base = 0xfec00000,
    .hpet_base = 0xfed00000,
    .pm1_event_port = 0x600,
    .pm1_control_port = 0x604,
    .pm_timer_port = 0x608,
    .smi_command_port = 0xb2,
    .acpi_enable = 0xf1,
    .acpi_disable = 0xf0,
    .sci_irq = 9,
    .rtc_century = 0x32,
    .isa_bridge_slot = 1,
    .vga_slot = 2,
    .pci_removable = 0xfffffff8,
    .pci_hotplug_port = 0xae00,
    .pci_hotplug_length = 24,
    .cpu_hotplug_port = 0xaf00,
    .pci_config_port = 0xcf8,
    .pci_hole32 = { 0x40000000, 0xfebfffff },
    .pci_hole64 = { 0x100000000, 0x17fffffff },
    .vga_memory = { 0xa0000, 0xbffff },
    .keyboard_data_port = 0x60,
    .keyboard_command_port = 0x64,
    .keyboard_irq = 1,
    .rtc_port = 0x70,
    .rtc_irq = 8,
    .serial = { { 0x3f8, 4 } },
    .fw_cfg_port = 0x510,
    .fw_cfg_length = 12,
};

static u8 sum(const u8 *p, size_t n)
{
    u8 s = 0;

    while (n--)
        s = (u8)(s + *p++);
    return s;
}

/* The firmware's part */

static u8 *file_bytes(struct acpi_tables *t, const char *name, u32 *address)
{
    if (!strcmp(name, "etc/acpi/rsdp")) {
        *address = RSDP_ADDRESS;
        return t->rsdp;
    }
    assert_string_equal(name, "etc/acpi/tables");
    *address = TABLES_ADDRESS;
    return t->tables;
}

static void run_command(struct acpi_tables *t, const u8 *e)
{
    u32 address, source;
    u8 *file = file_bytes(t, (const char *)e + 4, &address);

    switch (get_le32(e)) {
    case 1: /* allocate: alignment, zone */
        assert_true(e[64] == 1 || e[64] == 2);
        break;
    case 2: /* add pointer: source file, offset, size */
        file_bytes(t, (const char *)e + 60, &source);
        assert_int_equal(e[120], 4);
        file += get_le32(e + 116);
        assert_true(get_le32(file) < t->tables_len);
        put_le32(file, get_le32(file) + source);
        break;
    case 3: { /* add checksum: where, start, length */
        u8 *at = file + get_le32(e + 60);
        *at = (u8)(*at - sum(file + get_le32(e + 64), get_le32(e + 68)));
        break;
    }
    default:
        fail_msg("loader command %u", get_le32(e));
    }
}

static struct acpi_tables *loaded(const struct acpi_machine *m)
{
    struct acpi_tables *t = calloc(1, sizeof(*t));

    assert_true(acpi_build(t, m));
    assert_int_equal(t->loader_len % 128, 0);
    assert_int_equal(get_le32(t->loader), 1); /* memory first */
    assert_int_equal(get_le32(t->loader + 128), 1);
    for (u32 i = 0; i < t->loader_len; i += 128)
        run_command(t, t->loader + i);
    return t;
}

static u8 *at_address(struct acpi_tables *t, u32 address)
{
    assert_in_range(address, TABLES_ADDRESS, TABLES_ADDRESS + t->tables_len - 8);
    return t->tables + (address - TABLES_ADDRESS);
}

/* The table with this signature, by way of RSDP and RSDT; NULL when there is none. */
static u8 *find_table(struct acpi_tables *t, const char *signature)
{
    u8 *rsdt = at_address(t, get_le32(t->rsdp + 16));

    for (u32 i = 36; i < get_le32(rsdt + 4); i += 4) {
        u8 *table = at_address(t, get_le32(rsdt + i));
        if (!memcmp(table, signature, 4))
            return table;
    }
    return NULL;
}

static void check_header(const u8 *table)
{
    assert_int_equal(sum(table, get_le32(table + 4)), 0);
    assert_memory_equal(table + 10, "BOCHS BXPC    ", 14);
}

static void chain_of_tables(void **state)
{
    static const char *const expected[] = { "FACP", "APIC", "HPET", "WAET" };
    struct acpi_tables *t = loaded(&pc);

    (void)state;
    assert_memory_equal(t->rsdp, "RSD PTR ", 8);
    assert_int_equal(sum(t->rsdp, 20), 0);
    u8 *rsdt = at_address(t, get_le32(t->rsdp + 16));
    assert_memory_equal(rsdt, "RSDT", 4);
    check_header(rsdt);
    assert_int_equal(get_le32(rsdt + 4), 36 + 4 * ARRAY_LEN(expected));
    for (unsigned i = 0; i < ARRAY_LEN(expected); i++) {
        u8 *table = at_address(t, get_le32(rsdt + 36 + 4 * i));
        assert_memory_equal(table, expected[i], 4);
        check_header(table);
    }
    free(t);
}

static void fadt(void **state)
{
    struct acpi_tables *t = loaded(&pc);
    u8 *f = find_table(t, "FACP");

    (void)state;
    assert_int_equal(get_le32(f + 4), 116);
    u8 *facs = at_address(t, get_le32(f + 36));
    assert_memory_equal(facs, "FACS", 4);
    assert_int_equal(get_le32(facs + 4), 64);
    assert_int_equal(get_le32(f + 36) % 64, 0);
    u8 *dsdt = at_address(t, get_le32(f + 40));
    assert_memory_equal(dsdt, "DSDT", 4);
    check_header(dsdt);
    assert_int_equal(get_le16(f + 46), 9);
    assert_int_equal(get_le32(f + 48), 0xb2);
    assert_int_equal(f[52], 0xf1);
    assert_int_equal(get_le32(f + 56), 0x600);
    assert_int_equal(get_le32(f + 64), 0x604);
    assert_int_equal(get_le32(f + 76), 0x608);
    assert_int_equal(get_le32(f + 80), 0); /* no GPE block given: none declared */
    assert_int_equal(f[92], 0);
    assert_int_equal(f[108], 0x32);
    assert_int_equal(get_le32(f + 112), 0x80a5);
    free(t);
}

static void madt(void **state)
{
    struct acpi_tables *t = loaded(&pc);
    u8 *m = find_table(t, "APIC");
    unsigned count[5] = { 0 };

    (void)state;
    assert_int_equal(get_le32(m + 36), 0xfee00000);
    u32 i = 44;
    while (i < get_le32(m + 4)) {
        assert_in_range(m[i], 0, 4);
        if (m[i] == 0)
            assert_int_equal(m[i + 3], count[0]); /* APIC ID */
        if (m[i] == 2 && m[i + 3] == 0)
            assert_int_equal(m[i + 4], 2); /* IRQ0 at pin 2 */
        if (m[i] == 2 && m[i + 3])
            assert_int_equal(get_le16(m + i + 8), 0xd); /* level, active high */
        count[m[i]]++;
        i += m[i + 1];
    }
    assert_int_equal(i, get_le32(m + 4));
    assert_int_equal(count[0], 2);
    assert_int_equal(count[1], 1);
    assert_int_equal(count[2], 5);
    assert_int_equal(count[4], 1);
    free(t);
}

static void hpet_only_where_there_is_one(void **state)
{
    struct acpi_machine m = pc;
    struct acpi_tables *t = loaded(&m);
    u8 *h = find_table(t, "HPET");

    (void)state;
    assert_int_equal(get_le32(h + 36), 0x8086a201);
    assert_true(get_le64(h + 44) == 0xfed00000);
    free(t);
    m.hpet_base = 0;
    t = loaded(&m);
    assert_null(find_table(t, "HPET"));
    free(t);
}

/* Walking the DSDT */

struct walk {
    const u8 *aml;
    u32 pos;
    char text[32768]; /* the path of each object, one a line */
};

static u32 pkg_end(struct walk *w)
{
    u32 start = w->pos;
    unsigned extra = w->aml[start] >> 6;
    u32 length = extra ? w->aml[start] & 0xf : w->aml[start] & 0x3f;

    for (unsigned i = 1; i <= extra; i++)
        length |= (u32)w->aml[start + i] << (8 * i - 4);
    w->pos += 1 + extra;
    return start + length;
}

static void read_name(struct walk *w, char *out)
{
    unsigned segs = 1;

    if (w->aml[w->pos] == '\\')
        w->pos++;
    if (w->aml[w->pos] == 0) { /* the root itself */
        w->pos++;
        segs = 0;
    } else if (w->aml[w->pos] == 0x2e) {
        segs = 2;
        w->pos++;
    } else if (w->aml[w->pos] == 0x2f) {
        segs = w->aml[w->pos + 1];
        w->pos += 2;
    }
    assert_in_range(segs, 0, 4);
    memcpy(out, w->aml + w->pos, 4 * segs);
    out[4 * segs] = 0;
    w->pos += 4 * segs;
}

static u32 read_int(struct walk *w)
{
    u8 op = w->aml[w->pos++];
    u32 v;

    switch (op) {
    case 0x00:
    case 0x01:
        return op;
    case 0x0a:
        return w->aml[w->pos++];
    case 0x0b:
        v = get_le16(w->aml + w->pos);
        w->pos += 2;
        return v;
    case 0x0c:
        v = get_le32(w->aml + w->pos);
        w->pos += 4;
        return v;
    default:
        fail_msg("no integer: %02x", op);
        return 0;
    }
}

static void skip_value(struct walk *w)
{
    switch (w->aml[w->pos]) {
    case 0x11: /* Buffer */
    case 0x12: /* Package */
        w->pos++;
        w->pos = pkg_end(w);
        return;
    case 0x0d: /* String */
        w->pos += (u32)strlen((const char *)w->aml + w->pos) + 1;
        return;
    default:
        read_int(w);
    }
}

static void walk_objects(struct walk *w, u32 end, const char *path);

static void walk_inside(struct walk *w, const char *path, unsigned skip)
{
    char name[20], inner[256];
    u32 end = pkg_end(w);

    read_name(w, name);
    w->pos += skip;
    snprintf(inner, sizeof(inner), "%.200s/%s", path, name);
    snprintf(w->text + strlen(w->text), sizeof(w->text) - strlen(w->text), "%s\n", inner);
    walk_objects(w, end, inner);
    assert_int_equal(w->pos, end);
}

static void walk_name(struct walk *w, const char *path)
{
    char name[20];

    read_name(w, name);
    snprintf(w->text + strlen(w->text), sizeof(w->text) - strlen(w->text), "%s/%s\n", path, name);
    skip_value(w);
}

static void walk_method(struct walk *w, const char *path)
{
    char name[20];
    u32 end = pkg_end(w);

    read_name(w, name);
    snprintf(w->text + strlen(w->text), sizeof(w->text) - strlen(w->text), "%s/%s\n", path, name);
    w->pos = end;
}

static void walk_extended(struct walk *w, const char *path)
{
    char name[20];

    switch (w->aml[w->pos++]) {
    case 0x01: /* Mutex */
        read_name(w, name);
        w->pos++;
        return;
    case 0x80: /* OperationRegion */
        read_name(w, name);
        w->pos++;
        read_int(w);
        read_int(w);
        return;
    case 0x81: /* Field */
        w->pos = pkg_end(w);
        return;
    case 0x82: /* Device */
        walk_inside(w, path, 0);
        return;
    case 0x83: /* Processor: ID, P_BLK, its length */
        walk_inside(w, path, 6);
        return;
    default:
        fail_msg("extended operator %02x", w->aml[w->pos - 1]);
    }
}

static void walk_objects(struct walk *w, u32 end, const char *path)
{
    while (w->pos < end) {
        switch (w->aml[w->pos++]) {
        case 0x08:
            walk_name(w, path);
            break;
        case 0x10:
            walk_inside(w, path, 0);
            break;
        case 0x14: /* Method */
            walk_method(w, path);
            break;
        case 0x5b:
            walk_extended(w, path);
            break;
        default:
            fail_msg("operator %02x at %u", w->aml[w->pos - 1], w->pos - 1);
        }
    }
}

static void walk_dsdt(struct walk *w, struct acpi_tables *t)
{
    u8 *dsdt = at_address(t, get_le32(find_table(t, "FACP") + 40));

    memset(w, 0, sizeof(*w));
    w->aml = dsdt;
    w->pos = 36;
    walk_objects(w, get_le32(dsdt + 4), "");
    assert_int_equal(w->pos, get_le32(dsdt + 4));
}

static void dsdt_objects(void **state)
{
    static const char *const there[] = { "/_SB_/LNKA\n",
                                         "/_SB_/LNKD/_PRS\n",
                                         "/_SB_/LNKS/_CRS\n",
                                         "/_SB_PCI0/_CRS\n",
                                         "/_SB_/PCI0/_PRT\n",
                                         "/_SB_/PCI0/S08_/KBD_\n",
                                         "/_SB_/PCI0/S08_/COM1/_CRS\n",
                                         "/_SB_/PCI0/S08_/RTC_\n",
                                         "/_SB_/PCI0/SF8_/_EJ0\n",
                                         "/_SB_PCI0/FWCF\n",
                                         "/_SB_PCI0/PHPR\n",
                                         "/_SB_/HPET/_CRS\n",
                                         "/_SB_/_SB_CPUS/C001/_EJ0\n",
                                         "/_GPE_E02\n",
                                         "//_S5_\n" };
    static const char *const absent[] = { "COM2", "LPT1", "MOU_",      "C002",      "GPE0",     "_S3_",
                                          "_S4_", "FDC0", "S10_/_EJ0", "S08_/_EJ0", "C000/_EJ0" };
    struct acpi_tables *t = loaded(&pc);
    struct walk w;

    (void)state;
    walk_dsdt(&w, t);
    for (unsigned i = 0; i < ARRAY_LEN(there); i++)
        if (!strstr(w.text, there[i]))
            fail_msg("%s is missing", there[i]);
    for (unsigned i = 0; i < ARRAY_LEN(absent); i++)
        if (strstr(w.text, absent[i]))
            fail_msg("%s is declared", absent[i]);
    free(t);
}

static void dsdt_options(void **state)
{
    static const char *const there[] = { "COM4",
                                         "LPT3",
                                         "MOU_",
                                         "GPE0",
                                         "_S3_",
                                         "_S4_",
                                         "C07F",
                                         "/S08_/FDC0/FLPA/_FDI",
                                         "/S08_/FDC0/FLPB/_ADR",
                                         "/S08_/FDC0/_FDE" };
    struct acpi_machine m = pc;
    struct walk w;

    (void)state;
    m.cpus = m.cpus_present = 128;
    m.mouse_irq = 12;
    m.gpe0_port = 0xafe0;
    m.gpe0_length = 4;
    m.fdc_port = 0x3f2;
    m.fdc_dir_port = 0x3f7;
    m.floppy[0] = (struct acpi_floppy){ 5, 80, 48, 2 };
    m.floppy[1] = (struct acpi_floppy){ 2, 83, 20, 2 };
    m.s3 = m.s4 = true;
    m.serial[3] = (struct acpi_isa_port){ 0x2e8, 3 };
    m.parallel[2] = (struct acpi_isa_port){ 0x3bc, 7 };
    struct acpi_tables *t = loaded(&m);
    walk_dsdt(&w, t);
    for (unsigned i = 0; i < ARRAY_LEN(there); i++)
        if (!strstr(w.text, there[i]))
            fail_msg("%s is missing", there[i]);
    assert_int_equal(get_le32(find_table(t, "FACP") + 80), 0xafe0);
    free(t);
}

/* The bytes that QEMU 7.2 gives its guests, of the same machine: 256 MiB, a floppy drive, the ports' defaults. */
#define FNV_BASIS 0xcbf29ce484222325u
#define FNV_PRIME 0x100000001b3u
#define QEMU_DSDT_SIZE 6476
#define QEMU_DSDT_HASH 0x2cb6dfa70ad228bdu

static void the_dsdt_of_qemu(void **state)
{
    struct acpi_machine m = pc;
    u64 hash = FNV_BASIS;

    (void)state;
    m.cpus = m.cpus_present = 1;
    m.pci_hole32.first = 0x10000000;
    m.mouse_irq = 12;
    m.gpe0_port = 0xafe0;
    m.gpe0_length = 4;
    m.fdc_port = 0x3f2;
    m.fdc_dir_port = 0x3f7;
    m.fdc_irq = 6;
    m.fdc_dma = 2;
    m.floppy[0] = (struct acpi_floppy){ 4, 83, 24, 2 };
    m.parallel[0] = (struct acpi_isa_port){ 0x378, 7 };
    m.s3 = m.s4 = true;
    struct acpi_tables *t = loaded(&m);
    u8 *dsdt = at_address(t, get_le32(find_table(t, "FACP") + 40));
    assert_int_equal(get_le32(dsdt + 4), QEMU_DSDT_SIZE);
    for (unsigned i = 0; i < QEMU_DSDT_SIZE; i++)
        hash = (hash ^ dsdt[i]) * FNV_PRIME;
    assert_true(hash == QEMU_DSDT_HASH);
    free(t);
}

static void as_many_processors_as_there_can_be(void **state)
{
    struct acpi_machine m = pc;

    (void)state;
    m.cpus = ACPI_CPUS_MAX;
    free(loaded(&m));
    m.cpus++;
    struct acpi_tables *t = calloc(1, sizeof(*t));
    assert_false(acpi_build(t, &m));
    free(t);
}

/* ACPI 5.0, 5.2.12.2: a place without a processor is there, and not enabled; IDs may have holes. */
static void an_empty_place(void **state)
{
    struct acpi_machine m = pc;

    (void)state;
    m.cpus = 3;
    m.apic_id[2] = 4;
    struct acpi_tables *t = loaded(&m);
    const u8 *entry = find_table(t, "APIC") + 44;
    for (unsigned i = 0; i < 3; i++, entry += entry[1]) {
        assert_int_equal(entry[0], 0);
        assert_int_equal(entry[2], i);
        assert_int_equal(entry[3], i == 2 ? 4 : i);
        assert_int_equal(get_le32(entry + 4), i < 2);
    }
    struct walk w;
    walk_dsdt(&w, t);
    assert_non_null(strstr(w.text, "C001/_MAT"));
    assert_non_null(strstr(w.text, "C002/_MAT")); /* declared, too: its _STA says whether it is there */
    free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chain_of_tables),
        cmocka_unit_test(fadt),
        cmocka_unit_test(madt),
        cmocka_unit_test(an_empty_place),
        cmocka_unit_test(hpet_only_where_there_is_one),
        cmocka_unit_test(dsdt_objects),
        cmocka_unit_test(dsdt_options),
        cmocka_unit_test(the_dsdt_of_qemu),
        cmocka_unit_test(as_many_processors_as_there_can_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
