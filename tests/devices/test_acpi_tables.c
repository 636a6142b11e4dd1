/* test_acpi_tables.c: RSDP, FADT, MADT, HPET and the chain that leads to them. The DSDT: test_acpi_dsdt.c. */
#include "acpi_tables_bench.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chain_of_tables),
        cmocka_unit_test(fadt),
        cmocka_unit_test(madt),
        cmocka_unit_test(hpet_only_where_there_is_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
