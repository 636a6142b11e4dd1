/* test_pci_testdev.c: QEMU's pci-testdev, after docs/specs/pci-testdev and what kvm-unit-tests do with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "harness.h"
#include "pci_bench.h"
#include "pci_testdev.h"

#define CONFIG(n) PCI_DEVFN(3, 0), (n)

struct bench {
    struct harness h;
    struct region memory, io;
    struct pci_bus bus;
    struct pci_testdev dev;
};

static int setup(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    harness_init(&b->h);
    bench_bus_init(&b->bus, &b->memory, &b->io, &b->h);
    pci_testdev_init(&b->dev, &b->bus, PCI_DEVFN(3, 0));
    pci_testdev_reset(&b->dev);
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

static void identity(void **state)
{
    struct bench *b = *state;
    assert_int_equal(pci_config_read(&b->bus, CONFIG(0), 4), 0x00051b36);
    assert_int_equal(pci_config_read(&b->bus, CONFIG(PCI_REVISION_ID), 4), 0x00ff0000);
    assert_int_equal(pci_config_read(&b->bus, CONFIG(PCI_INTERRUPT_PIN), 1), 0);
    pci_config_write(&b->bus, CONFIG(PCI_BAR0), UINT32_MAX, 4);
    assert_int_equal(pci_config_read(&b->bus, CONFIG(PCI_BAR0), 4), 0xfffff000);
    pci_config_write(&b->bus, CONFIG(PCI_BAR0 + 4), UINT32_MAX, 4);
    assert_int_equal(pci_config_read(&b->bus, CONFIG(PCI_BAR0 + 4), 4), 0xffffff01);
}

static struct region *bar(struct bench *b, unsigned test)
{
    return test < 3 ? &b->dev.mmio : &b->dev.portio;
}

static u32 count(struct bench *b, unsigned test)
{
    return (u32)harness_read(&b->h, bar(b, test), 12, 4);
}

static void tables(void **state)
{
    static const char *const names[] = { "mmio-no-eventfd",   "mmio-wildcard-eventfd",   "mmio-datamatch-eventfd",
                                         "portio-no-eventfd", "portio-wildcard-eventfd", "portio-datamatch-eventfd" };
    struct bench *b = *state;
    assert_int_equal(harness_read(&b->h, &b->dev.mmio, 4, 4), 0);
    for (unsigned i = 0; i < ARRAY_LEN(names); i++) {
        struct region *r = bar(b, i);
        harness_write(&b->h, r, 0, i % 3, 1);
        assert_int_equal(harness_read(&b->h, r, 0, 1), i);
        assert_int_equal(harness_read(&b->h, r, 1, 1), 1);
        assert_int_equal(harness_read(&b->h, r, 4, 4), (i < 3 ? 2048 : 128) + i);
        assert_int_equal(harness_read(&b->h, r, 8, 1), i % 3 == 1 ? 0xce : 0xfa);
        for (unsigned at = 0; at <= strlen(names[i]); at++)
            assert_int_equal(harness_read(&b->h, r, 16 + at, 1), names[i][at]);
    }
    harness_write(&b->h, &b->dev.mmio, 0, 3, 1); /* no such test */
    assert_int_equal(harness_read(&b->h, &b->dev.mmio, 4, 4), 0);
}

static void counts(void **state)
{
    struct bench *b = *state;
    for (unsigned test = 0; test < 6; test++) {
        struct region *r = bar(b, test), *other = bar(b, 5 - test);
        harness_write(&b->h, r, 0, test % 3, 1);
        u32 at = (u32)harness_read(&b->h, r, 4, 4);
        u64 data = harness_read(&b->h, r, 8, 1);
        harness_write(&b->h, r, at, data, 1);
        assert_int_equal(count(b, test), test % 3 == 0);
        harness_write(&b->h, r, at, 0x11, 1); /* other data */
        assert_int_equal(count(b, test), test % 3 == 0);
        harness_write(&b->h, r, at, data, 2); /* not a byte: nobody takes notice, and its bytes come one by one */
        u32 counted = (test % 3 == 0) + (at % 2 == 0 ? 1u : 0);
        assert_int_equal(count(b, test), counted);
        harness_write(&b->h, r, at + 1, data, 1);
        assert_int_equal(count(b, test), counted);
        if (at < region_size(other)) {
            harness_write(&b->h, other, at, data, 1); /* the other bar's same place */
            assert_int_equal(count(b, test), counted + 1);
        }
        harness_write(&b->h, r, 0, test % 3, 1);
        assert_int_equal(count(b, test), 0);
    }
    pci_testdev_reset(&b->dev);
    assert_int_equal(harness_read(&b->h, &b->dev.mmio, 1, 1), 0);
}

static void hostile(void **state)
{
    struct bench *b = *state;
    struct region *const regions[] = { &b->dev.mmio, &b->dev.portio };
    harness_fuzz(&b->h, regions, ARRAY_LEN(regions), 20000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(identity, setup, teardown),
        cmocka_unit_test_setup_teardown(tables, setup, teardown),
        cmocka_unit_test_setup_teardown(counts, setup, teardown),
        cmocka_unit_test_setup_teardown(hostile, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
