/* test_pace.c: virtual time beside the host's clock, with a host whose clock and speed the test sets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "pace.h"

#define MS ((u64)1000000)

struct bench {
    u64 host_ns, icount;
    struct vtime time;
    struct pace pace;
};

static u64 host_now(void *self)
{
    return ((struct bench *)self)->host_ns;
}

static void start(struct bench *b)
{
    *b = (struct bench){ .host_ns = 777 * MS, .time.rate = VTIME_ONE_NS };
    pace_init(&b->pace, host_now, b);
}

/* One slice on a host that runs `speed` instructions a microsecond. */
static void slice(struct bench *b, u64 speed)
{
    u64 insns = pace_begin(&b->pace, &b->time, b->icount);
    u64 ns = insns * 1000 / speed;
    b->icount += insns;
    b->host_ns += ns;
    pace_measure(&b->pace, insns, ns);
}

static s64 error_ns(const struct bench *b)
{
    return (s64)vtime_at(&b->time, b->icount) - (s64)pace_target(&b->pace);
}

static void time_keeps_up_at_any_speed(void **state)
{
    (void)state;
    const u64 speeds[] = { 5, 50, 120, 600 };
    for (unsigned i = 0; i < ARRAY_LEN(speeds); i++) {
        struct bench b;
        start(&b);
        for (unsigned n = 0; n < 100; n++)
            slice(&b, speeds[i]);
        assert_true(llabs(error_ns(&b)) < (s64)MS);
    }
}

static void a_change_of_speed_is_followed(void **state)
{
    (void)state;
    struct bench b;
    start(&b);
    for (unsigned n = 0; n < 200; n++)
        slice(&b, n / 50 % 2 ? 20 : 200);
    assert_true(llabs(error_ns(&b)) < 2 * (s64)MS);
}

static void a_delay_is_made_good_without_a_jump(void **state)
{
    (void)state;
    struct bench b;
    start(&b);
    for (unsigned n = 0; n < 50; n++)
        slice(&b, 100);
    b.host_ns += 200 * MS;
    u64 before = vtime_at(&b.time, b.icount);
    slice(&b, 100);
    assert_true(vtime_at(&b.time, b.icount) - before <= 16 * PACE_SLICE_NS);
    for (unsigned n = 0; n < 50; n++)
        slice(&b, 100);
    assert_true(llabs(error_ns(&b)) < (s64)MS);
}

static void a_long_sleep_of_the_host_is_forgotten(void **state)
{
    (void)state;
    struct bench b;
    start(&b);
    slice(&b, 100);
    u64 before = vtime_at(&b.time, b.icount);
    b.host_ns += 3600 * 1000 * MS;
    for (unsigned n = 0; n < 200; n++)
        slice(&b, 100);
    assert_true(vtime_at(&b.time, b.icount) - before < 4000 * MS);
    assert_true(llabs(error_ns(&b)) < (s64)MS);
}

static void time_never_stands_still(void **state)
{
    (void)state;
    struct bench b;
    start(&b);
    vtime_skip(&b.time, 0, 1000 * MS); /* far ahead of the host */
    for (unsigned n = 0; n < 10; n++) {
        u64 before = vtime_at(&b.time, b.icount);
        slice(&b, 100);
        assert_true(vtime_at(&b.time, b.icount) > before);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_keeps_up_at_any_speed),
        cmocka_unit_test(a_change_of_speed_is_followed),
        cmocka_unit_test(a_delay_is_made_good_without_a_jump),
        cmocka_unit_test(a_long_sleep_of_the_host_is_forgotten),
        cmocka_unit_test(time_never_stands_still),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
