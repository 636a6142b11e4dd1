/* test_i8254_modes.c: the 8254's six modes by its data sheet, pulse by pulse. Formats and reading: test_i8254.c. */
#include "i8254_bench.h"

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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
