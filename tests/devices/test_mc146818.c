/* test_mc146818.c: the real-time clock, by the MC146818A data sheet and PC practice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "harness.h"
#include "mc146818.h"

#define IRQ8 0
#define START 951782399 /* 2000-02-28 23:59:59 UTC, a Monday */
#define MS ((u64)1000000)

#define A_UIP 0x80
#define B_24H 0x02
#define B_BINARY 0x04
#define B_UIE 0x10
#define B_AIE 0x20
#define B_PIE 0x40
#define B_SET 0x80
#define C_UF 0x10
#define C_AF 0x20
#define C_PF 0x40
#define C_IRQF 0x80

struct bench {
    struct harness h;
    struct mc146818 rtc;
};

static int setup(void **state)
{
    struct bench *b = calloc(1, sizeof(*b));
    assert_non_null(b);
    harness_init(&b->h);
    rtc_init(&b->rtc, &b->h.clock, &b->h.log, harness_irq(&b->h, IRQ8), START);
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

static u8 get(struct bench *b, u8 index)
{
    harness_write(&b->h, &b->rtc.io, 0, index, 1);
    return (u8)harness_read(&b->h, &b->rtc.io, 1, 1);
}

static void set(struct bench *b, u8 index, u8 v)
{
    harness_write(&b->h, &b->rtc.io, 0, index, 1);
    harness_write(&b->h, &b->rtc.io, 1, v, 1);
}

static void set_time(struct bench *b, u8 hours, u8 minutes, u8 seconds)
{
    set(b, RTC_HOURS, hours);
    set(b, RTC_MINUTES, minutes);
    set(b, RTC_SECONDS, seconds);
}

static void set_date(struct bench *b, u8 century, u8 year, u8 month, u8 date, u8 day)
{
    set(b, RTC_CENTURY, century);
    set(b, RTC_YEAR, year);
    set(b, RTC_MONTH, month);
    set(b, RTC_DATE, date);
    set(b, RTC_DAY_OF_WEEK, day);
}

static void assert_time(struct bench *b, u8 hours, u8 minutes, u8 seconds)
{
    assert_int_equal(get(b, RTC_HOURS), hours);
    assert_int_equal(get(b, RTC_MINUTES), minutes);
    assert_int_equal(get(b, RTC_SECONDS), seconds);
}

static void assert_date(struct bench *b, u8 century, u8 year, u8 month, u8 date, u8 day)
{
    assert_int_equal(get(b, RTC_CENTURY), century);
    assert_int_equal(get(b, RTC_YEAR), year);
    assert_int_equal(get(b, RTC_MONTH), month);
    assert_int_equal(get(b, RTC_DATE), date);
    assert_int_equal(get(b, RTC_DAY_OF_WEEK), day);
}

static void seconds(struct bench *b, u64 n)
{
    harness_advance(&b->h, n * NS_PER_SEC);
}

static void test_start(void **state)
{
    struct bench *b = *state;
    assert_time(b, 0x23, 0x59, 0x59);
    assert_date(b, 0x20, 0x00, 0x02, 0x28, 2);
    assert_int_equal(get(b, RTC_REG_A), 0x26);
    assert_int_equal(get(b, RTC_REG_B), 0x02);
    assert_int_equal(get(b, RTC_REG_C), 0x00);
    assert_int_equal(get(b, RTC_REG_D), 0x80);
    harness_advance(&b->h, NS_PER_SEC - 1);
    assert_time(b, 0x23, 0x59, 0x59);
    harness_advance(&b->h, 1);
    assert_time(b, 0x00, 0x00, 0x00);
    assert_date(b, 0x20, 0x00, 0x02, 0x29, 3); /* 2000 is a leap year */
}

static void test_dates_of_start(void **state)
{
    static const struct {
        u64 unix_seconds;
        u8 century, year, month, date, day, hours;
    } known[] = {
        { 0, 0x19, 0x70, 0x01, 0x01, 5, 0x00 },          { 68169600, 0x19, 0x72, 0x02, 0x29, 3, 0x00 },
        { 1709208000, 0x20, 0x24, 0x02, 0x29, 5, 0x12 }, { 1735689599, 0x20, 0x24, 0x12, 0x31, 3, 0x23 },
        { 1740787200, 0x20, 0x25, 0x03, 0x01, 7, 0x00 }, { 4107542400, 0x21, 0x00, 0x03, 0x01, 2, 0x00 },
        { 2147483647, 0x20, 0x38, 0x01, 0x19, 3, 0x03 },
    };
    (void)state;
    for (unsigned i = 0; i < ARRAY_LEN(known); i++) {
        struct bench *b = calloc(1, sizeof(*b));
        assert_non_null(b);
        harness_init(&b->h);
        rtc_init(&b->rtc, &b->h.clock, &b->h.log, harness_irq(&b->h, IRQ8), known[i].unix_seconds);
        assert_date(b, known[i].century, known[i].year, known[i].month, known[i].date, known[i].day);
        assert_int_equal(get(b, RTC_HOURS), known[i].hours);
        harness_free(&b->h);
        free(b);
    }
}

static void test_month_ends(void **state)
{
    struct bench *b = *state;
    static const struct {
        u8 century, year, month, date, next_month, next_date;
    } ends[] = {
        { 0x20, 0x23, 0x02, 0x28, 0x03, 0x01 }, { 0x20, 0x24, 0x02, 0x28, 0x02, 0x29 },
        { 0x20, 0x24, 0x02, 0x29, 0x03, 0x01 }, { 0x21, 0x00, 0x02, 0x28, 0x03, 0x01 },
        { 0x20, 0x23, 0x04, 0x30, 0x05, 0x01 }, { 0x20, 0x23, 0x10, 0x31, 0x11, 0x01 },
        { 0x20, 0x23, 0x09, 0x29, 0x09, 0x30 },
    };
    for (unsigned i = 0; i < ARRAY_LEN(ends); i++) {
        set_date(b, ends[i].century, ends[i].year, ends[i].month, ends[i].date, 7);
        set_time(b, 0x23, 0x59, 0x59);
        seconds(b, 1);
        assert_date(b, ends[i].century, ends[i].year, ends[i].next_month, ends[i].next_date, 1);
    }
    set_date(b, 0x19, 0x99, 0x12, 0x31, 6);
    set_time(b, 0x23, 0x59, 0x59);
    seconds(b, 1);
    assert_date(b, 0x20, 0x00, 0x01, 0x01, 7);
}

static void test_binary_and_12_hours(void **state)
{
    struct bench *b = *state;
    set(b, RTC_REG_B, B_BINARY | B_24H);
    set_time(b, 9, 59, 59);
    seconds(b, 1);
    assert_time(b, 10, 0, 0);
    set(b, RTC_REG_B, B_BINARY);
    set_time(b, 11, 59, 59);
    seconds(b, 1);
    assert_time(b, 12 | 0x80, 0, 0);
    set_time(b, 12 | 0x80, 59, 59);
    seconds(b, 1);
    assert_time(b, 1 | 0x80, 0, 0);
    set(b, RTC_REG_B, 0);
    set_time(b, 0x91, 0x59, 0x59); /* 11 pm, BCD */
    set_date(b, 0x20, 0x24, 0x05, 0x09, 5);
    seconds(b, 1);
    assert_time(b, 0x12, 0x00, 0x00);
    assert_date(b, 0x20, 0x24, 0x05, 0x10, 6);
    set_time(b, 0x12, 0x59, 0x59);
    seconds(b, 1);
    assert_time(b, 0x01, 0x00, 0x00);
    set_time(b, 0x09, 0x59, 0x59);
    seconds(b, 1);
    assert_time(b, 0x10, 0x00, 0x00);
}

static void test_nonsense_counts_on(void **state)
{
    struct bench *b = *state;
    set_time(b, 0xff, 0xff, 0xff);
    set_date(b, 0xff, 0xff, 0xff, 0xff, 0xff);
    seconds(b, 1);
    assert_time(b, 0x00, 0x00, 0x00);
    assert_date(b, 0x00, 0x00, 0x01, 0x01, 1);
    set_time(b, 0x23, 0x59, 0x59);
    set_date(b, 0x20, 0x24, 0x00, 0x00, 0x00);
    seconds(b, 1);
    assert_date(b, 0x20, 0x24, 0x00, 0x01, 1);
}

static void test_uip(void **state)
{
    struct bench *b = *state;
    assert_int_equal(get(b, RTC_REG_A) & A_UIP, 0);
    harness_advance(&b->h, NS_PER_SEC - 244001);
    assert_int_equal(get(b, RTC_REG_A) & A_UIP, 0);
    harness_advance(&b->h, 1);
    assert_int_equal(get(b, RTC_REG_A) & A_UIP, A_UIP);
    set(b, RTC_REG_B, B_SET | B_24H); /* SET ends it */
    assert_int_equal(get(b, RTC_REG_A) & A_UIP, 0);
    set(b, RTC_REG_B, B_24H);
    harness_advance(&b->h, 244000);
    assert_int_equal(get(b, RTC_REG_A) & A_UIP, 0);
    assert_time(b, 0, 0, 0);
    set(b, RTC_REG_A, 0xa6); /* UIP is read-only */
    assert_int_equal(get(b, RTC_REG_A), 0x26);
}

static void test_set_holds_updates(void **state)
{
    struct bench *b = *state;
    set(b, RTC_REG_B, B_SET | B_24H);
    set_time(b, 0x10, 0x20, 0x30);
    harness_advance(&b->h, 2500 * MS);
    assert_time(b, 0x10, 0x20, 0x30);
    assert_int_equal(get(b, RTC_REG_C) & C_UF, 0);
    set(b, RTC_REG_B, B_24H);
    harness_advance(&b->h, 500 * MS - 1);
    assert_time(b, 0x10, 0x20, 0x30);
    harness_advance(&b->h, 1); /* the divider went on all the time */
    assert_time(b, 0x10, 0x20, 0x31);
}

static void test_divider_reset(void **state)
{
    struct bench *b = *state;
    harness_advance(&b->h, 300 * MS);
    set(b, RTC_REG_A, 0x76);
    seconds(b, 10);
    assert_time(b, 0x23, 0x59, 0x59);
    set(b, RTC_REG_A, 0x26);
    harness_advance(&b->h, 500 * MS - 1); /* the first update comes after half a second */
    assert_time(b, 0x23, 0x59, 0x59);
    harness_advance(&b->h, 1);
    assert_time(b, 0, 0, 0);
    harness_advance(&b->h, NS_PER_SEC);
    assert_time(b, 0, 0, 1);
    harness_advance(&b->h, 400 * MS);
    set(b, RTC_REG_A, 0x2f); /* another rate does not disturb the divider */
    harness_advance(&b->h, 600 * MS);
    assert_time(b, 0, 0, 2);
    set(b, RTC_REG_A, 0x06);
    assert_true(harness_logged(&b->h, "time base"));
}

static void test_update_interrupt(void **state)
{
    struct bench *b = *state;
    seconds(b, 1);
    assert_int_equal(get(b, RTC_REG_C) & C_UF, C_UF); /* set without UIE, too */
    assert_int_equal(get(b, RTC_REG_C) & C_UF, 0);    /* cleared by the read */
    assert_int_equal(b->h.rises[IRQ8], 0);
    set(b, RTC_REG_B, B_UIE | B_24H);
    harness_advance(&b->h, NS_PER_SEC - 1);
    assert_false(b->h.irq[IRQ8]);
    harness_advance(&b->h, 1);
    assert_true(b->h.irq[IRQ8]);
    seconds(b, 1);
    assert_true(b->h.irq[IRQ8]);
    assert_int_equal(get(b, RTC_REG_C) & ~C_PF, C_IRQF | C_UF);
    assert_false(b->h.irq[IRQ8]);
    seconds(b, 1);
    assert_true(b->h.irq[IRQ8]);
    set(b, RTC_REG_B, B_24H); /* disabling takes the request away */
    assert_false(b->h.irq[IRQ8]);
    assert_int_equal(get(b, RTC_REG_C) & (C_IRQF | C_UF), C_UF);
}

static void test_set_clears_uie(void **state)
{
    struct bench *b = *state;
    set(b, RTC_REG_B, B_SET | B_UIE | B_AIE | B_24H);
    assert_int_equal(get(b, RTC_REG_B), B_SET | B_AIE | B_24H);
}

static void test_alarm(void **state)
{
    struct bench *b = *state;
    set(b, RTC_HOURS_ALARM, 0x00);
    set(b, RTC_MINUTES_ALARM, 0x00);
    set(b, RTC_SECONDS_ALARM, 0x02);
    set(b, RTC_REG_B, B_AIE | B_24H);
    seconds(b, 2);
    assert_false(b->h.irq[IRQ8]);
    seconds(b, 1);
    assert_true(b->h.irq[IRQ8]);
    assert_int_equal(get(b, RTC_REG_C) & (C_IRQF | C_AF), C_IRQF | C_AF);
    seconds(b, 86399);
    assert_false(b->h.irq[IRQ8]);
    seconds(b, 1);
    assert_true(b->h.irq[IRQ8]);
}

static void test_alarm_dont_care(void **state)
{
    struct bench *b = *state;
    set(b, RTC_HOURS_ALARM, 0xff);
    set(b, RTC_MINUTES_ALARM, 0xc0);
    set(b, RTC_SECONDS_ALARM, 0x30);
    set(b, RTC_REG_B, B_AIE | B_24H);
    unsigned seen = 0;
    for (unsigned i = 0; i < 600; i++) {
        seconds(b, 1);
        seen += (get(b, RTC_REG_C) & C_AF) != 0;
    }
    assert_int_equal(seen, 10);
    set(b, RTC_SECONDS_ALARM, 0xc1);
    for (unsigned i = 0; i < 5; i++) {
        seconds(b, 1);
        assert_int_equal(get(b, RTC_REG_C) & C_AF, C_AF);
    }
}

static unsigned periodic_in_a_second(struct bench *b, u8 rate)
{
    unsigned seen = 0;
    set(b, RTC_REG_A, 0x20 | rate);
    get(b, RTC_REG_C);
    for (u64 end = b->h.now + NS_PER_SEC; b->h.now < end;) {
        u64 next = b->h.clock.next < end ? b->h.clock.next : end;
        harness_advance(&b->h, next - b->h.now);
        seen += (get(b, RTC_REG_C) & (C_PF | C_IRQF)) == (C_PF | C_IRQF);
    }
    return seen;
}

static void test_periodic_rates(void **state)
{
    struct bench *b = *state;
    set(b, RTC_REG_B, B_PIE | B_24H);
    assert_int_equal(periodic_in_a_second(b, 0), 0);
    assert_int_equal(periodic_in_a_second(b, 1), 256);
    assert_int_equal(periodic_in_a_second(b, 2), 128);
    assert_int_equal(periodic_in_a_second(b, 3), 8192);
    assert_int_equal(periodic_in_a_second(b, 6), 1024);
    assert_int_equal(periodic_in_a_second(b, 15), 2);
}

static void test_periodic_edges_are_exact(void **state)
{
    struct bench *b = *state;
    set(b, RTC_REG_A, 0x2f);
    set(b, RTC_REG_B, B_PIE | B_24H);
    harness_advance(&b->h, 500 * MS - 1);
    assert_false(b->h.irq[IRQ8]);
    harness_advance(&b->h, 1);
    assert_true(b->h.irq[IRQ8]);
    harness_advance(&b->h, 200 * MS);
    get(b, RTC_REG_C);
    assert_false(b->h.irq[IRQ8]);
    harness_advance(&b->h, 300 * MS - 1); /* the edge's grid does not depend on the read */
    assert_false(b->h.irq[IRQ8]);
    harness_advance(&b->h, 1);
    assert_true(b->h.irq[IRQ8]);
}

static void test_periodic_flag_without_interrupt(void **state)
{
    struct bench *b = *state;
    set(b, RTC_REG_A, 0x2e); /* 4 Hz */
    get(b, RTC_REG_C);
    harness_advance(&b->h, 249 * MS);
    assert_int_equal(get(b, RTC_REG_C) & C_PF, 0);
    harness_advance(&b->h, MS);
    assert_int_equal(get(b, RTC_REG_C), C_PF);
    assert_int_equal(get(b, RTC_REG_C), 0);
    harness_advance(&b->h, 250 * MS);
    assert_int_equal(b->h.rises[IRQ8], 0);
    set(b, RTC_REG_B, B_PIE | B_24H); /* the flag is up already */
    assert_true(b->h.irq[IRQ8]);
}

static void test_reset_keeps_time(void **state)
{
    struct bench *b = *state;
    set(b, RTC_REG_B, B_PIE | B_AIE | B_UIE | 0x08 | B_BINARY | B_24H);
    set(b, 0x40, 0x5a);
    seconds(b, 1);
    assert_true(b->h.irq[IRQ8]);
    rtc_reset(&b->rtc);
    assert_false(b->h.irq[IRQ8]);
    assert_true(rtc_nmi_masked(&b->rtc));
    assert_int_equal(get(b, RTC_REG_B), B_BINARY | B_24H);
    assert_int_equal(get(b, RTC_REG_C), 0);
    assert_int_equal(get(b, 0x40), 0x5a);
    seconds(b, 1);
    assert_int_equal(get(b, RTC_SECONDS), 1);
}

static void test_memory_and_index(void **state)
{
    struct bench *b = *state;
    for (unsigned i = RTC_FIRST_RAM; i < RTC_CMOS_SIZE; i++)
        set(b, (u8)i, (u8)(i * 7));
    for (unsigned i = RTC_FIRST_RAM; i < RTC_CMOS_SIZE; i++)
        assert_int_equal(get(b, (u8)i), (u8)(i * 7));
    rtc_set_cmos(&b->rtc, 0x5b, 0x99);
    assert_int_equal(get(b, 0x5b), 0x99);
    assert_false(rtc_nmi_masked(&b->rtc));
    assert_int_equal(get(b, 0x5b | 0x80), 0x99);
    assert_true(rtc_nmi_masked(&b->rtc));
    assert_int_equal(harness_read(&b->h, &b->rtc.io, 0, 1), 0xff);
    set(b, RTC_REG_C, 0xff);
    set(b, RTC_REG_D, 0x00);
    assert_int_equal(get(b, RTC_REG_C), 0);
    assert_int_equal(get(b, RTC_REG_D), 0x80);
    set(b, RTC_REG_B, B_24H | 0x01);
    assert_true(harness_logged(&b->h, "daylight saving"));
}

static void test_regions(void **state)
{
    struct bench *b = *state;
    assert_string_equal(b->rtc.io.name, "rtc");
    assert_int_equal(region_size(&b->rtc.io), 2);
    assert_string_equal(b->rtc.io.children->name, "rtc-index");
    assert_int_equal(region_size(b->rtc.io.children), 1);
}

static void test_state(void **state)
{
    struct bench *b = *state, *other = NULL;
    setup((void **)&other);
    harness_check_state(&mc146818_state, &b->rtc, &other->rtc);
    teardown((void **)&other);
}

static void test_fuzz(void **state)
{
    struct bench *b = *state;
    struct region *regions[] = { &b->rtc.io };
    harness_fuzz(&b->h, regions, 1, 20000);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_start),
        T(test_dates_of_start),
        T(test_month_ends),
        T(test_binary_and_12_hours),
        T(test_nonsense_counts_on),
        T(test_uip),
        T(test_set_holds_updates),
        T(test_divider_reset),
        T(test_update_interrupt),
        T(test_set_clears_uie),
        T(test_alarm),
        T(test_alarm_dont_care),
        T(test_periodic_rates),
        T(test_periodic_edges_are_exact),
        T(test_periodic_flag_without_interrupt),
        T(test_reset_keeps_time),
        T(test_memory_and_index),
        T(test_regions),
        T(test_state),
        T(test_fuzz),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
