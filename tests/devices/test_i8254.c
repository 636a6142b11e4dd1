/* test_i8254.c: the 8254's counts, formats, latches and reading back, long absences, state, fuzz. Modes:
 * test_i8254_modes.c. */
#include "i8254_bench.h"

#define READ_BACK_COUNT 0xd0

static void test_bcd(void **state)
{
    struct bench *b = *state;
    out(b, CONTROL, 0xb1);
    count16(b, 2, 0x1000);
    pulses(b, 2);
    assert_int_equal(latched(b, 2), 0x0999);
    assert_int_equal(status(b, 2) & 0x3f, 0x31);
    out(b, CONTROL, 0xb1);
    count16(b, 2, 0);
    pulses(b, 2);
    assert_int_equal(latched(b, 2), 0x9999); /* from 10000 */
    pulses(b, 9999);
    assert_out(b, 2, 1);
    assert_int_equal(latched(b, 2), 0);
    pulses(b, 1);
    assert_int_equal(latched(b, 2), 0x9999);
    count16(b, 2, 0xffff); /* no digits at all: counts, harmlessly */
    pulses(b, 100);
    latched(b, 2);
}

static void test_byte_formats(void **state)
{
    struct bench *b = *state;
    out(b, CONTROL, 0x90); /* LSB only */
    out(b, 2, 0x20);
    pulses(b, 1);
    assert_int_equal(in(b, 2), 0x20);
    pulses(b, 1);
    assert_int_equal(in(b, 2), 0x1f);
    out(b, CONTROL, 0xa0); /* MSB only */
    out(b, 2, 0x20);
    pulses(b, 1);
    assert_int_equal(in(b, 2), 0x20);
    pulses(b, 1);
    assert_int_equal(in(b, 2), 0x1f);
    assert_int_equal(in(b, 2), 0x1f);
    program(b, 2, 0, 0x1234);
    pulses(b, 1);
    assert_int_equal(in(b, 2), 0x34); /* unlatched, LSB then MSB */
    assert_int_equal(in(b, 2), 0x12);
}

static void test_latch_holds(void **state)
{
    struct bench *b = *state;
    program(b, 2, 2, 1000);
    pulses(b, 11);
    out(b, CONTROL, 0x80);
    pulses(b, 100);
    out(b, CONTROL, 0x80); /* ignored: the first is not read yet */
    assert_int_equal(in(b, 2), 990 & 0xff);
    pulses(b, 5);
    assert_int_equal(in(b, 2), 990 >> 8);
    assert_int_equal(latched(b, 2), 885);
    out(b, CONTROL, 0x80);
    program(b, 2, 2, 500); /* reprogramming drops a latch */
    pulses(b, 1);
    assert_int_equal(in(b, 2), 500 & 0xff);
    assert_int_equal(in(b, 2), 500 >> 8);
}

static void test_read_back(void **state)
{
    struct bench *b = *state;
    program(b, 1, 2, 0x155);
    program(b, 2, 3, 0x246);
    pulses(b, 1);
    out(b, CONTROL, 0xcc); /* count and status of 1 and 2 */
    pulses(b, 10);
    assert_int_equal(in(b, 1), 0xb4); /* status first */
    assert_int_equal(in(b, 1), 0x55);
    assert_int_equal(in(b, 1), 0x01);
    assert_int_equal(in(b, 2), 0xb6);
    assert_int_equal(in(b, 2), 0x46);
    assert_int_equal(in(b, 2), 0x02);
    out(b, CONTROL, READ_BACK_COUNT | 4); /* count of 1 only */
    assert_int_equal(in(b, 1), 0x4b);
    assert_int_equal(in(b, 1), 0x01);
    out(b, CONTROL, READ_BACK_STATUS | 8); /* a latched status is not overwritten */
    out(b, CONTROL, 0xb0);
    out(b, CONTROL, READ_BACK_STATUS | 8);
    assert_int_equal(in(b, 2), 0x70);
    assert_int_equal(in(b, CONTROL), 0xff);
}

static void test_count_of_one_is_harmless(void **state)
{
    struct bench *b = *state;
    program(b, 0, 2, 1);
    assert_true(harness_logged(&b->h, "illegal"));
    unsigned rises = b->h.rises[OUT0];
    harness_advance(&b->h, NS_PER_SEC);
    assert_int_equal(b->h.rises[OUT0], rises);
    program(b, 0, 3, 1);
    harness_advance(&b->h, NS_PER_SEC);
    assert_int_equal(b->h.rises[OUT0], rises);
    count16(b, 0, 1000);
    harness_advance(&b->h, NS_PER_SEC);
    assert_int_equal(b->h.rises[OUT0], rises + 1193);
}

static void test_fast_squares(void **state)
{
    struct bench *b = *state;
    program(b, 0, 3, 2);
    unsigned rises = b->h.rises[OUT0];
    goto_pulse(b, 1 + 2000);
    assert_int_equal(b->h.rises[OUT0] - rises, 1000);
}

/* A counter that nobody looked at for a year is as good as one watched at each pulse. */
static void test_long_absence(void **state)
{
    struct bench *b = *state;
    u64 year = (u64)365 * 86400 * PIT_HZ;
    program(b, 2, 3, 1001);
    goto_pulse(b, 1 + year / 1001 * 1001 + 7);
    assert_int_equal(latched(b, 2), 1000 - 14);
    assert_out(b, 2, 1);
    pulses(b, 501);
    assert_out(b, 2, 0);
    program(b, 1, 2, 777);
    u64 start = pit_pulses(&b->pit) + 1;
    goto_pulse(b, start + 777 * 1000000 + 776);
    assert_int_equal(latched(b, 1), 1);
    assert_out(b, 1, 0);
}

static void test_state(void **state)
{
    struct bench *b = *state;
    struct harness h2;
    struct i8254 other;
    harness_init(&h2);
    pit_init(&other, &h2.clock, &h2.log, harness_irq(&h2, OUT0));
    harness_check_state(&i8254_state, &b->pit, &other);
    /* whatever was loaded, time goes on */
    for (unsigned i = 0; i < PIT_COUNTERS; i++)
        pit_out(&b->pit, i);
    harness_free(&h2);
}

static void test_fuzz(void **state)
{
    struct bench *b = *state;
    struct region *regions[] = { &b->pit.io };
    for (unsigned i = 0; i < 2000; i++) {
        harness_fuzz(&b->h, regions, 1, 20);
        pit_set_gate(&b->pit, i, i & 4);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_bcd),
        T(test_byte_formats),
        T(test_latch_holds),
        T(test_read_back),
        T(test_count_of_one_is_harmless),
        T(test_fast_squares),
        T(test_long_absence),
        T(test_state),
        T(test_fuzz),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
