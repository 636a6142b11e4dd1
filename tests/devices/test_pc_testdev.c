/* test_pc_testdev.c: the device for tests that run as guests, as QEMU has it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "harness.h"
#include "pc_testdev.h"

struct bench {
    struct harness h;
    struct pc_testdev dev;
};

static int setup(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    struct irq_line irq[PC_TESTDEV_LINES];
    assert_non_null(b);
    harness_init(&b->h);
    for (unsigned i = 0; i < PC_TESTDEV_LINES; i++)
        irq[i] = harness_irq(&b->h, i);
    pc_testdev_init(&b->dev, irq);
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

/* Both windows of four ports show the same bytes. */
static void ports_keep_what_is_written(void **state)
{
    struct bench *b = *state;
    harness_write(&b->h, &b->dev.ioport, 0, 0x44332211, 4);
    assert_int_equal(harness_read(&b->h, &b->dev.ioport, 1, 2), 0x3322);
    assert_int_equal(harness_read(&b->h, &b->dev.ioport_byte, 3, 1), 0x44);
    harness_write(&b->h, &b->dev.ioport_byte, 2, 0xaa, 1);
    assert_int_equal(harness_read(&b->h, &b->dev.ioport, 0, 4), 0x44aa2211);
    pc_testdev_reset(&b->dev);
    assert_int_equal(harness_read(&b->h, &b->dev.ioport, 0, 4), 0x44aa2211);
    assert_int_equal(harness_read(&b->h, &b->dev.flush, 0, 4), 0);
}

static void memory_keeps_what_is_written(void **state)
{
    struct bench *b = *state;
    harness_write(&b->h, &b->dev.iomem, 0xfff8, 0x1122334455667788, 8);
    assert_int_equal(harness_read(&b->h, &b->dev.iomem, 0xfffc, 4), 0x11223344);
    assert_int_equal(harness_read(&b->h, &b->dev.iomem, 0xffff, 1), 0x11);
    assert_int_equal(harness_read(&b->h, &b->dev.iomem, 0, 8), 0);
}

static void lines_follow_their_ports(void **state)
{
    struct bench *b = *state;
    harness_write(&b->h, &b->dev.irq_line, 5, 1, 1);
    assert_true(b->h.irq[5]);
    harness_write(&b->h, &b->dev.irq_line, 5, 0, 1);
    assert_false(b->h.irq[5]);
    harness_write(&b->h, &b->dev.irq_line, 20, 1, 1); /* no ISA interrupt */
    harness_write(&b->h, &b->dev.irq_line, 15, 0x80, 1);
    assert_true(b->h.irq[15]);
    pc_testdev_reset(&b->dev);
    assert_false(b->h.irq[15]);
}

static void sizes(void **state)
{
    struct bench *b = *state;
    assert_int_equal(region_size(&b->dev.irq_line), 24);
    assert_int_equal(region_size(&b->dev.iomem), 0x10000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(ports_keep_what_is_written, setup, teardown),
        cmocka_unit_test_setup_teardown(memory_keeps_what_is_written, setup, teardown),
        cmocka_unit_test_setup_teardown(lines_follow_their_ports, setup, teardown),
        cmocka_unit_test_setup_teardown(sizes, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
