/* test_vtime.c: virtual time over the count of instructions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "vtime.h"

static void time_follows_the_count(void **state)
{
    (void)state;
    struct vtime t = { .rate = VTIME_ONE_NS << 3 };
    assert_int_equal(vtime_at(&t, 0), 0);
    assert_int_equal(vtime_at(&t, 1), 8);
    assert_int_equal(vtime_at(&t, 1000000000000), 8000000000000);
}

static void a_deadline_is_reached_by_the_first_count_that_is_not_before_it(void **state)
{
    (void)state;
    struct vtime t = { .base_ns = 100, .base_icount = 7, .rate = VTIME_ONE_NS << 3 };
    assert_int_equal(vtime_icount_at(&t, 50), 7);
    assert_int_equal(vtime_icount_at(&t, 100), 7);
    assert_int_equal(vtime_icount_at(&t, 101), 8);
    assert_int_equal(vtime_icount_at(&t, 108), 8);
    assert_int_equal(vtime_icount_at(&t, 109), 9);
    assert_true(vtime_icount_at(&t, UINT64_MAX) > (u64)1 << 60);
}

static void count_and_time_agree_at_any_rate(void **state)
{
    (void)state;
    const u64 rates[] = { 1, 3, VTIME_ONE_NS / 3, VTIME_ONE_NS - 1, VTIME_ONE_NS, 20 * VTIME_ONE_NS + 12345 };
    for (unsigned r = 0; r < ARRAY_LEN(rates); r++) {
        struct vtime t = { .base_ns = 12345, .base_icount = 678, .rate = rates[r] };
        for (u64 ns = 12340; ns < 13000; ns++) {
            u64 n = vtime_icount_at(&t, ns);
            assert_true(vtime_at(&t, n) >= ns);
            assert_true(n == t.base_icount || vtime_at(&t, n - 1) < ns);
        }
    }
}

static void a_rate_too_slow_for_the_deadline_never_reaches_it(void **state)
{
    (void)state;
    struct vtime t = { .rate = 1 };
    assert_true(vtime_icount_at(&t, UINT64_MAX) == UINT64_MAX);
}

static void skipped_time_takes_no_instruction(void **state)
{
    (void)state;
    struct vtime t = { .rate = VTIME_ONE_NS << 3 };
    vtime_skip(&t, 10, 5003);
    assert_int_equal(vtime_at(&t, 10), 5003);
    assert_int_equal(vtime_at(&t, 11), 5011);
}

static void a_new_rate_starts_where_the_old_one_was(void **state)
{
    (void)state;
    struct vtime t = { .rate = VTIME_ONE_NS << 3 };
    vtime_set_rate(&t, 10, VTIME_ONE_NS / 2);
    assert_int_equal(vtime_at(&t, 10), 80);
    assert_int_equal(vtime_at(&t, 14), 82);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_follows_the_count),
        cmocka_unit_test(a_deadline_is_reached_by_the_first_count_that_is_not_before_it),
        cmocka_unit_test(count_and_time_agree_at_any_rate),
        cmocka_unit_test(a_rate_too_slow_for_the_deadline_never_reaches_it),
        cmocka_unit_test(skipped_time_takes_no_instruction),
        cmocka_unit_test(a_new_rate_starts_where_the_old_one_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
