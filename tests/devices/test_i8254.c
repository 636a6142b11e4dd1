/* test_i8254.c: the interval timer, by the 82C54 data sheet, to the pulse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "harness.h"
#include "i8254.h"

#define OUT0 0
#define CONTROL 3
#define READ_BACK_STATUS 0xe0
#define READ_BACK_COUNT 0xd0

struct bench {
    struct harness h;
    struct i8254 pit;
};

static int setup(void **state)
{
    struct bench *b = calloc(1, sizeof(*b));
    assert_non_null(b);
    harness_init(&b->h);
    pit_init(&b->pit, &b->h.clock, &b->h.log, harness_irq(&b->h, OUT0));
    pit_set_gate(&b->pit, 2, true);
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

static void out(struct bench *b, u64 port, u8 v)
{
    harness_write(&b->h, &b->pit.io, port, v, 1);
}

static u8 in(struct bench *b, u64 port)
{
    return (u8)harness_read(&b->h, &b->pit.io, port, 1);
}

/* The first nanosecond of a pulse of the clock. */
static u64 pulse_ns(u64 pulse)
{
    return (u64)(((u128)pulse * NS_PER_SEC + PIT_HZ - 1) / PIT_HZ);
}

static void goto_pulse(struct bench *b, u64 pulse)
{
    harness_advance(&b->h, pulse_ns(pulse) - b->h.now);
    assert_int_equal(pit_pulses(&b->pit), pulse);
}

static void pulses(struct bench *b, u64 n)
{
    goto_pulse(b, pit_pulses(&b->pit) + n);
}

static void count16(struct bench *b, unsigned counter, unsigned n)
{
    out(b, counter, (u8)n);
    out(b, counter, (u8)(n >> 8));
}

/* Control word for LSB then MSB. */
static void program(struct bench *b, unsigned counter, unsigned mode, unsigned n)
{
    out(b, CONTROL, (u8)(counter << 6 | 0x30 | mode << 1));
    count16(b, counter, n);
}

static u16 latched(struct bench *b, unsigned counter)
{
    out(b, CONTROL, (u8)(counter << 6));
    u8 lsb = in(b, counter);
    return (u16)(lsb | in(b, counter) << 8);
}

static u8 status(struct bench *b, unsigned counter)
{
    out(b, CONTROL, (u8)(READ_BACK_STATUS | 2u << counter));
    return in(b, counter);
}

#define assert_out(b, counter, level) assert_int_equal(pit_out(&(b)->pit, counter), level)

static void test_reset_stops(void **state)
{
    struct bench *b = *state;
    harness_advance(&b->h, NS_PER_SEC);
    assert_int_equal(b->h.rises[OUT0], 0);
    assert_int_equal(b->h.clock.next, CLOCK_NEVER);
    program(b, 0, 2, 100);
    pulses(b, 1000);
    pit_reset(&b->pit);
    unsigned rises = b->h.rises[OUT0];
    assert_false(b->h.irq[OUT0]);
    harness_advance(&b->h, NS_PER_SEC);
    assert_int_equal(b->h.rises[OUT0], rises);
    assert_int_equal(b->h.clock.next, CLOCK_NEVER);
}

static void test_mode0(void **state)
{
    struct bench *b = *state;
    out(b, CONTROL, 0xb0);
    assert_out(b, 2, 0);
    count16(b, 2, 4);
    assert_int_equal(status(b, 2), 0x70); /* null count */
    pulses(b, 1);
    assert_int_equal(status(b, 2), 0x30);
    assert_int_equal(latched(b, 2), 4);
    pulses(b, 3);
    assert_int_equal(latched(b, 2), 1);
    assert_out(b, 2, 0);
    pulses(b, 1); /* N + 1 pulses after the write */
    assert_out(b, 2, 1);
    assert_int_equal(latched(b, 2), 0);
    pulses(b, 1);
    assert_int_equal(latched(b, 2), 0xffff);
    assert_out(b, 2, 1);
    pulses(b, 3 * 65536);
    assert_int_equal(latched(b, 2), 0xffff);
}

/* The guest is back within the pulse: it must not meet the count of before. */
static void test_read_at_once(void **state)
{
    struct bench *b = *state;
    for (unsigned mode = 0; mode <= 4; mode++) {
        if (mode == 1)
            continue; /* waits for a trigger */
        program(b, 0, mode, 0x5555);
        assert_int_equal(latched(b, 0), mode == 3 ? 0x5554 : 0x5555);
        assert_int_equal(in(b, 0), mode == 3 ? 0x54 : 0x55);
        assert_int_equal(in(b, 0), 0x55);
        pulses(b, 0x11);
        assert_int_equal(latched(b, 0), 0x5555 - (mode == 3 ? 0x21 : 0x10));
    }
    out(b, CONTROL, 0x35); /* BCD */
    count16(b, 0, 0x1234);
    assert_int_equal(latched(b, 0), 0x1234);
}

static void test_mode0_gate(void **state)
{
    struct bench *b = *state;
    program(b, 2, 0, 10);
    pulses(b, 4);
    pit_set_gate(&b->pit, 2, false);
    pulses(b, 100);
    assert_int_equal(latched(b, 2), 7);
    assert_out(b, 2, 0);
    pit_set_gate(&b->pit, 2, true);
    pulses(b, 6);
    assert_out(b, 2, 0);
    pulses(b, 1);
    assert_out(b, 2, 1);
    /* a count written while GATE is low is loaded, and waits */
    pit_set_gate(&b->pit, 2, false);
    count16(b, 2, 5);
    assert_out(b, 2, 0);
    pulses(b, 3);
    assert_int_equal(latched(b, 2), 5);
    pit_set_gate(&b->pit, 2, true);
    pulses(b, 5); /* N, not N + 1 */
    assert_out(b, 2, 1);
}

static void test_mode0_first_byte_stops(void **state)
{
    struct bench *b = *state;
    program(b, 2, 0, 10);
    pulses(b, 5);
    out(b, 2, 3);
    pulses(b, 50);
    assert_int_equal(latched(b, 2), 6);
    assert_out(b, 2, 0);
    out(b, 2, 0);
    pulses(b, 4);
    assert_out(b, 2, 1);
}

static void test_mode0_on_irq0(void **state)
{
    struct bench *b = *state;
    harness_advance(&b->h, 12345);
    u64 written = pit_pulses(&b->pit);
    program(b, 0, 0, 1000);
    harness_advance(&b->h, pulse_ns(written + 1001) - b->h.now - 1);
    assert_false(b->h.irq[OUT0]);
    harness_advance(&b->h, 1);
    assert_true(b->h.irq[OUT0]);
    harness_advance(&b->h, NS_PER_SEC);
    assert_int_equal(b->h.rises[OUT0], 1);
    assert_int_equal(b->h.clock.next, CLOCK_NEVER); /* nothing more to come */
}

static void test_mode1(void **state)
{
    struct bench *b = *state;
    pit_set_gate(&b->pit, 2, false);
    program(b, 2, 1, 3);
    assert_out(b, 2, 1);
    pulses(b, 10);
    assert_out(b, 2, 1);
    assert_int_equal(status(b, 2), 0xf2); /* OUT, null count: not loaded before a trigger */
    pit_set_gate(&b->pit, 2, true);
    assert_out(b, 2, 1);
    pulses(b, 1);
    assert_out(b, 2, 0);
    pit_set_gate(&b->pit, 2, false); /* does not stop it */
    pulses(b, 2);
    assert_out(b, 2, 0);
    pulses(b, 1);
    assert_out(b, 2, 1);
    /* retriggerable, with a new count */
    pit_set_gate(&b->pit, 2, true);
    pulses(b, 2);
    count16(b, 2, 6);
    pulses(b, 2);
    assert_out(b, 2, 1); /* the running shot kept its count */
    pit_set_gate(&b->pit, 2, false);
    pit_set_gate(&b->pit, 2, true);
    pulses(b, 3);
    pit_set_gate(&b->pit, 2, false);
    pit_set_gate(&b->pit, 2, true);
    pulses(b, 6);
    assert_out(b, 2, 0);
    pulses(b, 1);
    assert_out(b, 2, 1);
}

static void test_mode2(void **state)
{
    struct bench *b = *state;
    out(b, CONTROL, 0xb4);
    assert_out(b, 2, 1);
    count16(b, 2, 3);
    static const u8 expected[] = { 3, 2, 1, 3, 2, 1, 3 };
    for (unsigned i = 0; i < ARRAY_LEN(expected); i++) {
        pulses(b, 1);
        assert_int_equal(latched(b, 2), expected[i]);
        assert_out(b, 2, expected[i] != 1);
    }
}

static void test_mode2_new_count_waits(void **state)
{
    struct bench *b = *state;
    program(b, 2, 2, 4);
    pulses(b, 2);
    count16(b, 2, 5);
    assert_int_equal(status(b, 2), 0xf4);
    pulses(b, 2);
    assert_int_equal(latched(b, 2), 1);
    pulses(b, 1);
    assert_int_equal(latched(b, 2), 5);
    assert_int_equal(status(b, 2), 0xb4);
}

static void test_mode2_gate(void **state)
{
    struct bench *b = *state;
    program(b, 2, 2, 3);
    pulses(b, 3);
    assert_out(b, 2, 0);
    pit_set_gate(&b->pit, 2, false);
    assert_out(b, 2, 1); /* at once */
    pulses(b, 10);
    assert_out(b, 2, 1);
    assert_int_equal(latched(b, 2), 1);
    pit_set_gate(&b->pit, 2, true);
    pulses(b, 1);
    assert_int_equal(latched(b, 2), 3);
}

static void test_mode2_on_irq0(void **state)
{
    struct bench *b = *state;
    program(b, 0, 2, 11932);
    harness_advance(&b->h, NS_PER_SEC);
    assert_int_equal(b->h.rises[OUT0], 1 + 99); /* the control word's rise, and 1193182 / 11932 */
    assert_true(b->h.irq[OUT0]);
    goto_pulse(b, 1 + 100 * 11932 - 1);
    assert_false(b->h.irq[OUT0]); /* low for the last pulse of the period */
    pulses(b, 1);
    assert_true(b->h.irq[OUT0]);
    assert_int_equal(b->h.rises[OUT0], 1 + 100);
}

static void test_mode3_even(void **state)
{
    struct bench *b = *state;
    program(b, 2, 3, 6);
    static const u8 expected[] = { 6, 4, 2, 6, 4, 2, 6, 4 };
    for (unsigned i = 0; i < ARRAY_LEN(expected); i++) {
        pulses(b, 1);
        assert_int_equal(latched(b, 2), expected[i]);
        assert_out(b, 2, i / 3 % 2 == 0);
    }
}

static void test_mode3_odd(void **state)
{
    struct bench *b = *state;
    program(b, 2, 7, 5); /* mode bits x11 */
    static const u8 expected[] = { 4, 2, 0, 4, 2, 4, 2, 0, 4, 2 };
    for (unsigned i = 0; i < ARRAY_LEN(expected); i++) {
        pulses(b, 1);
        assert_int_equal(latched(b, 2), expected[i]);
        assert_out(b, 2, i % 5 < 3);
    }
    assert_int_equal(status(b, 2), 0x36);
}

static void test_mode3_new_count_at_half_period(void **state)
{
    struct bench *b = *state;
    program(b, 2, 3, 8);
    pulses(b, 2);
    count16(b, 2, 4);
    pulses(b, 2);
    assert_int_equal(latched(b, 2), 2);
    pulses(b, 1);
    assert_out(b, 2, 0);
    assert_int_equal(latched(b, 2), 4);
    pulses(b, 2);
    assert_out(b, 2, 1);
}

static void test_mode3_gate(void **state)
{
    struct bench *b = *state;
    program(b, 2, 3, 8);
    pulses(b, 6);
    assert_out(b, 2, 0);
    pit_set_gate(&b->pit, 2, false);
    assert_out(b, 2, 1);
    pulses(b, 20);
    assert_out(b, 2, 1);
    pit_set_gate(&b->pit, 2, true);
    pulses(b, 1);
    assert_int_equal(latched(b, 2), 8);
    pulses(b, 4);
    assert_out(b, 2, 0);
}

static void test_mode3_on_irq0(void **state)
{
    struct bench *b = *state;
    program(b, 0, 3, 0); /* 65536: the PC's 18.2 Hz */
    unsigned before = b->h.rises[OUT0];
    goto_pulse(b, 1 + 32768 - 1);
    assert_true(b->h.irq[OUT0]);
    pulses(b, 1);
    assert_false(b->h.irq[OUT0]);
    pulses(b, 32767);
    assert_false(b->h.irq[OUT0]);
    pulses(b, 1);
    assert_true(b->h.irq[OUT0]);
    harness_advance(&b->h, 10 * NS_PER_SEC);
    assert_int_equal(b->h.rises[OUT0] - before, 1 + 182);
}

static void test_mode4(void **state)
{
    struct bench *b = *state;
    program(b, 2, 4, 3);
    assert_out(b, 2, 1);
    pulses(b, 3);
    assert_out(b, 2, 1);
    pulses(b, 1); /* N + 1 */
    assert_out(b, 2, 0);
    assert_int_equal(latched(b, 2), 0);
    pulses(b, 1);
    assert_out(b, 2, 1);
    assert_int_equal(latched(b, 2), 0xffff);
    pulses(b, 70000);
    assert_out(b, 2, 1); /* once */
    count16(b, 2, 2);    /* retriggered by software */
    pulses(b, 3);
    assert_out(b, 2, 0);
}

static void test_mode4_gate(void **state)
{
    struct bench *b = *state;
    program(b, 2, 4, 5);
    pulses(b, 3);
    pit_set_gate(&b->pit, 2, false);
    pulses(b, 10);
    assert_int_equal(latched(b, 2), 3);
    pit_set_gate(&b->pit, 2, true);
    pulses(b, 3);
    assert_out(b, 2, 0);
}

static void test_mode5(void **state)
{
    struct bench *b = *state;
    pit_set_gate(&b->pit, 2, false);
    program(b, 2, 5, 3);
    pulses(b, 10);
    assert_out(b, 2, 1);
    pit_set_gate(&b->pit, 2, true);
    pulses(b, 2);
    pit_set_gate(&b->pit, 2, false); /* has no effect */
    pit_set_gate(&b->pit, 2, true);  /* retriggers */
    pulses(b, 3);
    assert_out(b, 2, 1);
    pulses(b, 1);
    assert_out(b, 2, 0);
    pulses(b, 1);
    assert_out(b, 2, 1);
}

static void test_trigger_without_count(void **state)
{
    struct bench *b = *state;
    pit_set_gate(&b->pit, 2, false);
    out(b, CONTROL, 0xb2);
    pit_set_gate(&b->pit, 2, true);
    pulses(b, 70000);
    assert_out(b, 2, 1);
}

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

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_reset_stops),
        T(test_mode0),
        T(test_read_at_once),
        T(test_mode0_gate),
        T(test_mode0_first_byte_stops),
        T(test_mode0_on_irq0),
        T(test_mode1),
        T(test_mode2),
        T(test_mode2_new_count_waits),
        T(test_mode2_gate),
        T(test_mode2_on_irq0),
        T(test_mode3_even),
        T(test_mode3_odd),
        T(test_mode3_new_count_at_half_period),
        T(test_mode3_gate),
        T(test_mode3_on_irq0),
        T(test_mode4),
        T(test_mode4_gate),
        T(test_mode5),
        T(test_trigger_without_count),
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
