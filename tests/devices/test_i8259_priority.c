/* test_i8259_priority.c: who comes first: nesting, end of interrupt, rotation, masks, poll. */
#include "i8259_bench.h"

#define POLL 0x0c

static void test_priority_and_nesting(void **state)
{
    struct bench *b = *state;
    line(b, 5, true);
    line(b, 3, true);
    assert_int_equal(pic_ack(&b->pic), BASE_MASTER + 3);
    assert_false(intr(b)); /* 5 is lower */
    line(b, 4, true);
    assert_false(intr(b));
    line(b, 1, true);
    assert_true(intr(b));
    assert_int_equal(pic_ack(&b->pic), BASE_MASTER + 1);
    assert_int_equal(status(b, PIC_MASTER, READ_ISR), 0x0a);
    command(b, PIC_MASTER, EOI); /* non-specific: the highest in service */
    assert_int_equal(status(b, PIC_MASTER, READ_ISR), 0x08);
    command(b, PIC_MASTER, 0x60 | 3); /* specific */
    assert_int_equal(status(b, PIC_MASTER, READ_ISR), 0);
    assert_int_equal(pic_ack(&b->pic), BASE_MASTER + 4);
}

static void test_slave_between_irq1_and_irq3(void **state)
{
    struct bench *b = *state;
    line(b, 3, true);
    line(b, 15, true);
    line(b, 8, true);
    assert_int_equal(pic_ack(&b->pic), BASE_SLAVE);
    assert_int_equal(status(b, PIC_MASTER, READ_ISR), 0x04);
    assert_int_equal(status(b, PIC_SLAVE, READ_ISR), 0x01);
    command(b, PIC_SLAVE, EOI);
    assert_int_equal(status(b, PIC_MASTER, READ_IRR) & 0x04, 0x04); /* the slave's INT rose anew */
    command(b, PIC_MASTER, EOI);
    assert_int_equal(pic_ack(&b->pic), BASE_SLAVE + 7);
    command(b, PIC_SLAVE, EOI);
    command(b, PIC_MASTER, EOI);
    assert_int_equal(pic_ack(&b->pic), BASE_MASTER + 3);
}

static void test_irq2_belongs_to_the_slave(void **state)
{
    struct bench *b = *state;
    line(b, 2, true);
    assert_false(intr(b));
}

static void test_fully_nested_locks_the_slave_out(void **state)
{
    struct bench *b = *state;
    line(b, 12, true);
    assert_int_equal(pic_ack(&b->pic), BASE_SLAVE + 4);
    line(b, 8, true);
    assert_false(intr(b)); /* the master has IR2 in service */
    command(b, PIC_MASTER, EOI);
    assert_true(intr(b));
}

static void test_special_fully_nested(void **state)
{
    struct bench *b = *state;
    program(b, 0x11);
    line(b, 12, true);
    assert_int_equal(pic_ack(&b->pic), BASE_SLAVE + 4);
    line(b, 3, true);
    assert_false(intr(b)); /* lower than the slave: still locked out */
    line(b, 8, true);
    assert_true(intr(b));
    assert_int_equal(pic_ack(&b->pic), BASE_SLAVE);
    assert_int_equal(status(b, PIC_SLAVE, READ_ISR), 0x11);
}

static void test_automatic_eoi(void **state)
{
    struct bench *b = *state;
    program(b, 0x03);
    line(b, 4, true);
    line(b, 9, true);
    assert_int_equal(pic_ack(&b->pic), BASE_SLAVE + 1);
    assert_int_equal(status(b, PIC_MASTER, READ_ISR), 0);
    assert_int_equal(status(b, PIC_SLAVE, READ_ISR), 0);
    assert_true(intr(b));
    assert_int_equal(pic_ack(&b->pic), BASE_MASTER + 4);
    assert_false(intr(b));
}

static void test_automatic_eoi_of_a_level_input(void **state)
{
    struct bench *b = *state;
    program(b, 0x03);
    elcr(b, PIC_SLAVE, 0x02);
    line(b, 9, true);
    for (int i = 0; i < 3; i++) { /* the slave's INT makes a new edge each time */
        assert_true(intr(b));
        assert_int_equal(pic_ack(&b->pic), BASE_SLAVE + 1);
    }
}

static void test_rotation_in_automatic_eoi(void **state)
{
    struct bench *b = *state;
    program(b, 0x03);
    command(b, PIC_MASTER, 0x80);
    line(b, 0, true);
    line(b, 6, true);
    assert_int_equal(pic_ack(&b->pic), BASE_MASTER);
    line(b, 0, false);
    line(b, 0, true);
    assert_int_equal(pic_ack(&b->pic), BASE_MASTER + 6); /* 0 became the lowest */
    command(b, PIC_MASTER, 0x00);
    line(b, 7, true);
    assert_int_equal(pic_ack(&b->pic), BASE_MASTER + 7); /* 6 is the lowest, and stays so */
    line(b, 7, false);
    line(b, 7, true);
    assert_int_equal(pic_ack(&b->pic), BASE_MASTER + 7);
    command(b, PIC_MASTER, 0x80);
    program(b, 0x03); /* ICW1 ends it */
    line(b, 4, true);
    assert_int_equal(pic_ack(&b->pic), BASE_MASTER + 4);
    line(b, 3, true);
    line(b, 5, true);
    assert_int_equal(pic_ack(&b->pic), BASE_MASTER + 3);
}

static void test_rotate_on_eoi(void **state)
{
    struct bench *b = *state;
    line(b, 4, true);
    pic_ack(&b->pic);
    command(b, PIC_MASTER, 0xa0); /* rotate on non-specific EOI: 4 is the lowest */
    line(b, 1, true);
    line(b, 5, true);
    assert_int_equal(pic_ack(&b->pic), BASE_MASTER + 5);
    command(b, PIC_MASTER, 0xe0 | 5); /* rotate on specific EOI */
    assert_int_equal(status(b, PIC_MASTER, READ_ISR), 0);
    line(b, 6, true);
    assert_int_equal(pic_ack(&b->pic), BASE_MASTER + 6);
}

static void test_set_priority(void **state)
{
    struct bench *b = *state;
    command(b, PIC_MASTER, 0xc0 | 5);
    line(b, 0, true);
    line(b, 5, true);
    line(b, 7, true);
    assert_int_equal(pic_ack(&b->pic), BASE_MASTER + 7);
    command(b, PIC_MASTER, EOI);
    assert_int_equal(pic_ack(&b->pic), BASE_MASTER);
    command(b, PIC_MASTER, 0x40); /* no operation */
    assert_int_equal(status(b, PIC_MASTER, READ_ISR), 0x01);
    command(b, PIC_MASTER, EOI);
    assert_int_equal(pic_ack(&b->pic), BASE_MASTER + 5);
}

static void test_special_mask(void **state)
{
    struct bench *b = *state;
    line(b, 1, true);
    pic_ack(&b->pic);
    data(b, PIC_MASTER, 0x02);
    line(b, 4, true);
    assert_false(intr(b));
    command(b, PIC_MASTER, 0x68); /* set special mask mode: lower levels come through */
    assert_true(intr(b));
    assert_int_equal(pic_ack(&b->pic), BASE_MASTER + 4);
    command(b, PIC_MASTER, EOI); /* does not see the masked level */
    assert_int_equal(status(b, PIC_MASTER, READ_ISR), 0x02);
    command(b, PIC_MASTER, EOI);
    assert_int_equal(status(b, PIC_MASTER, READ_ISR), 0x02);
    line(b, 5, true);
    command(b, PIC_MASTER, 0x48); /* reset it */
    assert_false(intr(b));
    command(b, PIC_MASTER, 0x28); /* ESMM 0: SMM has no effect */
    assert_false(intr(b));
}

static void test_poll(void **state)
{
    struct bench *b = *state;
    assert_int_equal(status(b, PIC_MASTER, POLL), 0);
    line(b, 4, true);
    assert_int_equal(status(b, PIC_MASTER, POLL), 0x84);
    assert_false(intr(b));
    assert_int_equal(status(b, PIC_MASTER, READ_ISR), 0x10);
    assert_int_equal(harness_read(&b->h, &b->pic.chip[PIC_MASTER].io, 0, 1), 0x10); /* polls once */
    line(b, 9, true);
    command(b, PIC_SLAVE, POLL);
    assert_int_equal(mask(b, PIC_SLAVE), 0x81); /* any read of the chip polls */
}

static void test_mask(void **state)
{
    struct bench *b = *state;
    data(b, PIC_MASTER, 0x10);
    line(b, 4, true);
    assert_false(intr(b));
    assert_int_equal(status(b, PIC_MASTER, READ_IRR), 0x10);
    data(b, PIC_MASTER, 0);
    assert_int_equal(pic_ack(&b->pic), BASE_MASTER + 4);
}

static void test_reading_keeps_its_choice(void **state)
{
    struct bench *b = *state;
    elcr(b, PIC_MASTER, 0x08);
    line(b, 1, true);
    pic_ack(&b->pic);
    line(b, 3, true);
    assert_int_equal(status(b, PIC_MASTER, READ_ISR), 0x02);
    command(b, PIC_MASTER, 0x08); /* RR 0: no change */
    assert_int_equal(harness_read(&b->h, &b->pic.chip[PIC_MASTER].io, 0, 1), 0x02);
    command(b, PIC_MASTER, 0x11); /* ICW1: back to IRR */
    assert_int_equal(harness_read(&b->h, &b->pic.chip[PIC_MASTER].io, 0, 1), 0x08);
}

static void test_state(void **state)
{
    struct bench *b = *state;
    struct i8259_pair other;
    pic_init(&other, &b->h.log, harness_irq(&b->h, INTR + 1));
    harness_check_state(&i8259_state, &b->pic, &other);
}

static void test_fuzz(void **state)
{
    struct bench *b = *state;
    struct region *regions[] = { &b->pic.chip[0].io, &b->pic.chip[0].elcr_io, &b->pic.chip[1].io,
                                 &b->pic.chip[1].elcr_io };
    for (unsigned i = 0; i < 5000; i++) {
        harness_fuzz(&b->h, regions, ARRAY_LEN(regions), 1 + i % 7);
        line(b, i % PIC_IRQS, i % 3 != 0);
        pic_ack(&b->pic);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_priority_and_nesting),
        T(test_slave_between_irq1_and_irq3),
        T(test_irq2_belongs_to_the_slave),
        T(test_fully_nested_locks_the_slave_out),
        T(test_special_fully_nested),
        T(test_automatic_eoi),
        T(test_automatic_eoi_of_a_level_input),
        T(test_rotation_in_automatic_eoi),
        T(test_rotate_on_eoi),
        T(test_set_priority),
        T(test_special_mask),
        T(test_poll),
        T(test_mask),
        T(test_reading_keeps_its_choice),
        T(test_state),
        T(test_fuzz),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
