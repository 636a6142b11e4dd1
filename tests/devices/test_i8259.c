/* test_i8259.c: initialisation, edge and level, spurious requests. Priority: test_i8259_priority.c. */
#include "i8259_bench.h"

static void test_reset_masks(void **state)
{
    struct bench *b = *state;
    pic_reset(&b->pic);
    assert_int_equal(mask(b, PIC_MASTER), 0xff);
    assert_int_equal(mask(b, PIC_SLAVE), 0xff);
    line(b, 0, true);
    line(b, 8, true);
    assert_false(intr(b));
}

static void test_initialisation(void **state)
{
    struct bench *b = *state;
    assert_int_equal(mask(b, PIC_MASTER), 0);
    assert_false(harness_logged(&b->h, "i8259"));
    line(b, 3, true);
    data(b, PIC_MASTER, 0xa5);
    assert_int_equal(mask(b, PIC_MASTER), 0xa5);
    command(b, PIC_MASTER, 0x11); /* ICW1 clears the mask and the edge latches */
    assert_false(intr(b));
    data(b, PIC_MASTER, 0x57); /* ICW2: low three bits ignored */
    line(b, 1, true);
    assert_false(intr(b)); /* not before the last ICW */
    data(b, PIC_MASTER, 0x04);
    data(b, PIC_MASTER, 0x01);
    assert_int_equal(mask(b, PIC_MASTER), 0);
    assert_true(intr(b));
    assert_int_equal(pic_ack(&b->pic), 0x51);
    assert_false(intr(b)); /* IRQ 3 must rise again */
}

static void test_initialisation_without_icw4(void **state)
{
    struct bench *b = *state;
    program(b, 0x03); /* AEOI */
    command(b, PIC_MASTER, 0x10);
    data(b, PIC_MASTER, 0x40);
    data(b, PIC_MASTER, 0x04);
    data(b, PIC_MASTER, 0x11); /* OCW1 already */
    assert_int_equal(mask(b, PIC_MASTER), 0x11);
    line(b, 1, true);
    pic_ack(&b->pic);
    assert_int_equal(status(b, PIC_MASTER, READ_ISR), 0x02); /* AEOI is off: ICW4's functions are cleared */
}

static void test_single_mode_takes_no_icw3(void **state)
{
    struct bench *b = *state;
    command(b, PIC_MASTER, 0x13);
    data(b, PIC_MASTER, 0x40);
    data(b, PIC_MASTER, 0x01);
    data(b, PIC_MASTER, 0x80);
    assert_int_equal(mask(b, PIC_MASTER), 0x80);
}

static void test_strange_icws_are_logged(void **state)
{
    struct bench *b = *state;
    command(b, PIC_SLAVE, 0x11);
    data(b, PIC_SLAVE, 0x70);
    data(b, PIC_SLAVE, 0x05);
    data(b, PIC_SLAVE, 0x00);
    assert_true(harness_logged(&b->h, "ICW3"));
    assert_true(harness_logged(&b->h, "8080"));
}

static void test_edge_and_eoi(void **state)
{
    struct bench *b = *state;
    line(b, 1, true);
    assert_true(intr(b));
    assert_int_equal(status(b, PIC_MASTER, READ_IRR), 0x02);
    assert_int_equal(pic_ack(&b->pic), BASE_MASTER + 1);
    assert_false(intr(b));
    assert_int_equal(status(b, PIC_MASTER, READ_IRR), 0);
    assert_int_equal(status(b, PIC_MASTER, READ_ISR), 0x02);
    command(b, PIC_MASTER, EOI);
    assert_int_equal(status(b, PIC_MASTER, READ_ISR), 0);
    assert_false(intr(b)); /* still high, but no new edge */
    line(b, 3, true);
    line(b, 3, false);
    assert_false(intr(b)); /* nor by its neighbours */
    line(b, 1, false);
    line(b, 1, true);
    assert_true(intr(b));
}

static void test_request_that_goes_away(void **state)
{
    struct bench *b = *state;
    line(b, 1, true);
    line(b, 1, false);
    assert_false(intr(b));
    assert_int_equal(pic_ack(&b->pic), BASE_MASTER + 7);
    assert_int_equal(status(b, PIC_MASTER, READ_ISR), 0);
}

static void test_spurious_of_the_slave(void **state)
{
    struct bench *b = *state;
    line(b, 10, true);
    assert_true(intr(b));
    data(b, PIC_SLAVE, 0xff); /* masked between the request and the acknowledge */
    assert_false(intr(b));
    data(b, PIC_SLAVE, 0);
    assert_true(intr(b));
    b->pic.chip[PIC_SLAVE].lines = 0; /* the request vanishes with the slave's INT already seen */
    assert_int_equal(pic_ack(&b->pic), BASE_SLAVE + 7);
    assert_int_equal(status(b, PIC_SLAVE, READ_ISR), 0);
    assert_int_equal(status(b, PIC_MASTER, READ_ISR), 0x04);
}

static void test_level_mode(void **state)
{
    struct bench *b = *state;
    elcr(b, PIC_SLAVE, 0x04);
    line(b, 10, true);
    assert_int_equal(pic_ack(&b->pic), BASE_SLAVE + 2);
    assert_int_equal(status(b, PIC_SLAVE, READ_IRR), 0x04); /* follows the line */
    command(b, PIC_SLAVE, EOI);
    command(b, PIC_MASTER, EOI);
    assert_true(intr(b)); /* asked again */
    assert_int_equal(pic_ack(&b->pic), BASE_SLAVE + 2);
    line(b, 10, false);
    command(b, PIC_SLAVE, EOI);
    command(b, PIC_MASTER, EOI);
    assert_false(intr(b));
}

static void test_level_line_outlives_initialisation(void **state)
{
    struct bench *b = *state;
    elcr(b, PIC_SLAVE, 0x08);
    line(b, 11, true);
    assert_true(intr(b));
    program(b, 0x01);
    assert_true(intr(b));
    assert_int_equal(pic_ack(&b->pic), BASE_SLAVE + 3);
}

static void test_elcr(void **state)
{
    struct bench *b = *state;
    elcr(b, PIC_MASTER, 0xff);
    elcr(b, PIC_SLAVE, 0xff);
    assert_int_equal(harness_read(&b->h, &b->pic.chip[PIC_MASTER].elcr_io, 0, 1), 0xf8);
    assert_int_equal(harness_read(&b->h, &b->pic.chip[PIC_SLAVE].elcr_io, 0, 1), 0xde);
    pic_reset(&b->pic);
    assert_int_equal(harness_read(&b->h, &b->pic.chip[PIC_MASTER].elcr_io, 0, 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_reset_masks),
        T(test_initialisation),
        T(test_initialisation_without_icw4),
        T(test_single_mode_takes_no_icw3),
        T(test_strange_icws_are_logged),
        T(test_edge_and_eoi),
        T(test_request_that_goes_away),
        T(test_spurious_of_the_slave),
        T(test_level_mode),
        T(test_level_line_outlives_initialisation),
        T(test_elcr),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
