/* test_acpi_dsdt.c: the DSDT, walked object by object, and its agreement with QEMU's. */
#include "acpi_tables_bench.h"

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
        cmocka_unit_test(an_empty_place),
        cmocka_unit_test(dsdt_objects),
        cmocka_unit_test(dsdt_options),
        cmocka_unit_test(the_dsdt_of_qemu),
        cmocka_unit_test(as_many_processors_as_there_can_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
