/* test_clock.c: order of timers, ties, and what happens to timers that are changed while others fire. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "clock.h"

struct bench {
    struct clock clock;
    u64 now;
    unsigned earlier;
    char order[32]; /* names in order of firing */
    u64 at[32];
    unsigned fired;
};

struct part {
    struct bench *bench;
    struct timer timer;
    struct timer *other; /* stopped or set when this one fires */
    u64 other_deadline, own_deadline;
    unsigned again;
};

static u64 now(void *source)
{
    return ((struct bench *)source)->now;
}

static void count_earlier(void *source)
{
    ((struct bench *)source)->earlier++;
}

static void fire(void *owner)
{
    struct part *p = owner;
    struct bench *b = p->bench;
    assert_false(timer_running(&p->timer));
    if (b->fired < ARRAY_LEN(b->order) - 1) {
        b->order[b->fired] = p->timer.name[0];
        b->at[b->fired] = b->now;
    }
    b->fired++;
    if (p->other)
        timer_set(p->other, p->other_deadline);
    if (p->again) {
        p->again--;
        timer_set(&p->timer, p->own_deadline);
    }
}

static void bench_init(struct bench *b)
{
    memset(b, 0, sizeof *b);
    clock_init(&b->clock);
    b->clock.now = now;
    b->clock.source = b;
    b->clock.earlier = count_earlier;
}

static void part_init(struct part *p, struct bench *b, const char *name, int priority)
{
    memset(p, 0, sizeof *p);
    p->bench = b;
    timer_init(&p->timer, &b->clock, name, priority, fire, p);
}

static void fires_by_deadline(void **state)
{
    (void)state;
    struct bench b;
    struct part a, c, d;
    bench_init(&b);
    part_init(&a, &b, "a", 0);
    part_init(&c, &b, "c", 0);
    part_init(&d, &b, "d", 0);
    assert_true(b.clock.next == CLOCK_NEVER);
    timer_set(&a.timer, 300);
    timer_set(&c.timer, 100);
    timer_set(&d.timer, 200);
    assert_int_equal(b.clock.next, 100);
    b.now = 99;
    clock_run_due(&b.clock);
    assert_string_equal(b.order, "");
    b.now = 200;
    clock_run_due(&b.clock);
    assert_string_equal(b.order, "cd");
    assert_int_equal(b.clock.next, 300);
    b.now = 1000;
    clock_run_due(&b.clock);
    assert_string_equal(b.order, "cda");
    assert_true(b.clock.next == CLOCK_NEVER);
}

/* Whatever the order of registering and setting, ties go by priority and then by name. */
static void ties_have_one_order(void **state)
{
    (void)state;
    static const u8 set_order[][4] = { { 0, 1, 2, 3 }, { 3, 2, 1, 0 }, { 2, 0, 3, 1 } };
    static const char *const names[] = { "d", "b", "c", "a" };
    static const int priority[] = { -1, 5, 5, 7 };
    for (unsigned run = 0; run < ARRAY_LEN(set_order); run++)
        for (unsigned init = 0; init < 2; init++) {
            struct bench b;
            struct part p[4];
            bench_init(&b);
            for (unsigned i = 0; i < 4; i++) {
                unsigned n = init ? 3 - i : i;
                part_init(&p[n], &b, names[n], priority[n]);
            }
            for (unsigned i = 0; i < 4; i++)
                timer_set(&p[set_order[run][i]].timer, 50);
            b.now = 50;
            clock_run_due(&b.clock);
            assert_string_equal(b.order, "dbca");
        }
}

static void earlier_is_said(void **state)
{
    (void)state;
    struct bench b;
    struct part a, c;
    bench_init(&b);
    part_init(&a, &b, "a", 0);
    part_init(&c, &b, "c", 0);
    timer_set(&a.timer, 100);
    assert_int_equal(b.earlier, 1);
    timer_set(&c.timer, 100);
    timer_set(&c.timer, 500);
    assert_int_equal(b.earlier, 1);
    timer_set(&c.timer, 99);
    assert_int_equal(b.earlier, 2);
    timer_stop(&c.timer);
    assert_int_equal(b.clock.next, 100);
    timer_set(&a.timer, 700);
    assert_int_equal(b.clock.next, 700);
    timer_stop(&a.timer);
    timer_stop(&a.timer);
    assert_true(b.clock.next == CLOCK_NEVER);
    assert_int_equal(b.earlier, 2);
}

static void a_fire_changes_others(void **state)
{
    (void)state;
    struct bench b;
    struct part a, c, d;
    bench_init(&b);
    part_init(&a, &b, "a", 0);
    part_init(&c, &b, "c", 0);
    part_init(&d, &b, "d", 0);
    a.other = &c.timer; /* stops c, which is due as well */
    a.other_deadline = CLOCK_NEVER;
    d.other = &a.timer; /* and d sets a to a time long past */
    d.other_deadline = 1;
    timer_set(&a.timer, 10);
    timer_set(&c.timer, 20);
    timer_set(&d.timer, 30);
    b.now = 40;
    clock_run_due(&b.clock);
    assert_string_equal(b.order, "ada");
    assert_false(timer_running(&c.timer));
}

static void a_periodic_timer_catches_up(void **state)
{
    (void)state;
    struct bench b;
    struct part a;
    bench_init(&b);
    part_init(&a, &b, "a", 0);
    a.again = 3;
    a.own_deadline = 5;
    timer_set(&a.timer, 1);
    b.now = 5;
    clock_run_due(&b.clock);
    assert_string_equal(b.order, "aaaa");
}

/* A timer that feeds itself must not hold the host for ever. */
static void a_timer_without_delay_lets_go(void **state)
{
    (void)state;
    struct bench b;
    struct part a;
    bench_init(&b);
    part_init(&a, &b, "a", 0);
    a.again = UINT32_MAX;
    timer_set(&a.timer, 0);
    clock_run_due(&b.clock);
    assert_true(b.fired > 1000);
    assert_int_equal(b.clock.next, 0);
}

static void muldiv_does_not_overflow(void **state)
{
    (void)state;
    assert_true(muldiv64(UINT64_MAX, NS_PER_SEC, NS_PER_SEC) == UINT64_MAX);
    assert_int_equal(muldiv64(1193182, NS_PER_SEC, 1193182), NS_PER_SEC);
    assert_int_equal(muldiv64(7, 3, 2), 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fires_by_deadline),
        cmocka_unit_test(ties_have_one_order),
        cmocka_unit_test(earlier_is_said),
        cmocka_unit_test(a_fire_changes_others),
        cmocka_unit_test(a_periodic_timer_catches_up),
        cmocka_unit_test(a_timer_without_delay_lets_go),
        cmocka_unit_test(muldiv_does_not_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
