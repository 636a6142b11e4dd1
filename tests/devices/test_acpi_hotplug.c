/* test_acpi_hotplug.c: the hot-plug registers, by QEMU's acpi_pci_hotplug and acpi_cpu_hotplug specifications. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "acpi_hotplug.h"
#include "harness.h"

struct bench {
    struct harness h;
    struct acpi_pci_hotplug pci;
    struct acpi_cpu_hotplug cpu;
    struct region ports;
    unsigned ejections, ejected;
};

static void on_eject(void *machine, unsigned slot)
{
    struct bench *b = machine;
    b->ejections++;
    b->ejected = slot;
}

static int setup(void **state)
{
    static const struct acpi_hotplug_cpu cpus[] = { { 0, true }, { 2, true }, { 9, true }, { 11, false } };
    struct bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    harness_init(&b->h);
    region_init_container(&b->ports, "io", 0x10000);
    acpi_pci_hotplug_init(&b->pci, 0xfffffff8, on_eject, b);
    acpi_cpu_hotplug_init(&b->cpu, cpus, ARRAY_LEN(cpus), &b->h.log);
    region_add(&b->ports, 0xaf00, &b->cpu.io, 0);
    region_add(&b->ports, 0xaf00, &b->cpu.modern, 0);
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    struct bench *b = *state;
    harness_free(&b->h);
    free(b);
    return 0;
}

static u32 pci_rd(struct bench *b, unsigned reg)
{
    return (u32)harness_read(&b->h, &b->pci.io, reg, 4);
}

static void test_pci(void **state)
{
    struct bench *b = *state;
    assert_string_equal(b->pci.io.name, "acpi-pci-hotplug");
    assert_int_equal(region_size(&b->pci.io), 0x18);
    for (unsigned reg = 0; reg < 0x18; reg += 4)
        assert_int_equal(pci_rd(b, reg), reg == 0xc ? 0xfffffff8 : 0);
    harness_write(&b->h, &b->pci.io, 0x10, 3, 4); /* a bus that is not there */
    assert_int_equal(pci_rd(b, 0x10), 3);
    assert_int_equal(pci_rd(b, 0xc), 0);
    harness_write(&b->h, &b->pci.io, 0x8, 8, 4);
    assert_int_equal(b->ejections, 0);
    harness_write(&b->h, &b->pci.io, 0x10, 0xffffffff, 4);
    assert_int_equal(pci_rd(b, 0x10), 0);
    acpi_pci_hotplug_reset(&b->pci);
    assert_int_equal(pci_rd(b, 0xc), 0xfffffff8);
    harness_write(&b->h, &b->pci.io, 0x8, 8, 4);
    assert_int_equal(b->ejections, 1);
    assert_int_equal(b->ejected, 3);
    harness_write(&b->h, &b->pci.io, 0x8, 0x80000000, 4);
    assert_int_equal(b->ejected, 31);
    harness_write(&b->h, &b->pci.io, 0x8, 0, 4);
    harness_write(&b->h, &b->pci.io, 0x8, 4, 4); /* the VGA adapter is soldered */
    assert_int_equal(b->ejections, 2);
}

static void test_cpu_bitmap(void **state)
{
    struct bench *b = *state;
    assert_string_equal(b->cpu.io.name, "acpi-cpu-hotplug");
    assert_int_equal(region_size(&b->cpu.io), 32);
    assert_int_equal(harness_read(&b->h, &b->cpu.io, 0, 1), 0x05);
    assert_int_equal(harness_read(&b->h, &b->cpu.io, 1, 1), 0x02);
    assert_int_equal(harness_read(&b->h, &b->cpu.io, 2, 1), 0x00);
    harness_write(&b->h, &b->cpu.io, 0, 1, 1);
    harness_write(&b->h, &b->cpu.io, 1, 0, 1);
    assert_true(b->cpu.io.enabled);
    assert_false(b->cpu.modern.enabled);
}

static u32 modern_rd(struct bench *b, unsigned reg, unsigned size)
{
    return (u32)harness_read(&b->h, &b->cpu.modern, reg, size);
}

static void test_cpu_selector(void **state)
{
    struct bench *b = *state;
    static const u8 ids[] = { 0, 2, 9, 11 };
    harness_write(&b->h, &b->cpu.io, 0, 0, 1);
    assert_false(b->cpu.io.enabled);
    assert_true(b->cpu.modern.enabled);
    assert_int_equal(region_size(&b->cpu.modern), 12);
    for (unsigned i = 0; i < 4; i++) {
        harness_write(&b->h, &b->cpu.modern, 0, i, 4);
        assert_int_equal(modern_rd(b, 4, 1), i < 3);
        harness_write(&b->h, &b->cpu.modern, 5, 3, 1);
        assert_int_equal(modern_rd(b, 8, 4), ids[i]);
        assert_int_equal(modern_rd(b, 0, 4), 0);
        harness_write(&b->h, &b->cpu.modern, 5, 0, 1); /* nobody has an event: the selector stays */
        assert_int_equal(modern_rd(b, 8, 4), i);
    }
    harness_write(&b->h, &b->cpu.modern, 5, 0xff, 1); /* no command */
    assert_int_equal(modern_rd(b, 8, 4), 3);
    harness_write(&b->h, &b->cpu.modern, 0, 4, 4);
    for (unsigned reg = 0; reg < 12; reg++)
        assert_int_equal(modern_rd(b, reg, 1), 0);
    harness_write(&b->h, &b->cpu.modern, 4, 8, 1);
    assert_false(harness_logged(&b->h, "ejecting"));
    harness_write(&b->h, &b->cpu.modern, 0, 1, 4);
    harness_write(&b->h, &b->cpu.modern, 4, 8, 1);
    assert_true(harness_logged(&b->h, "ejecting processor 1"));
    acpi_cpu_hotplug_reset(&b->cpu);
    assert_true(b->cpu.io.enabled);
    assert_false(b->cpu.modern.enabled);
}

static void test_state(void **state)
{
    struct bench *b = *state, *other = NULL;
    setup((void **)&other);
    harness_check_state(&acpi_pci_hotplug_state, &b->pci, &other->pci);
    harness_check_state(&acpi_cpu_hotplug_state, &b->cpu, &other->cpu);
    teardown((void **)&other);
}

static void test_fuzz(void **state)
{
    struct bench *b = *state;
    struct region *regions[] = { &b->pci.io, &b->cpu.io, &b->cpu.modern };
    harness_fuzz(&b->h, regions, 3, 30000);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_pci), T(test_cpu_bitmap), T(test_cpu_selector), T(test_state), T(test_fuzz),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
