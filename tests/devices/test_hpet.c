/* test_hpet.c: the HPET, register by register, after the IA-PC HPET specification 1.0a. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "harness.h"
#include "hpet.h"

#define CAP 0x00
#define CONF 0x10
#define STATUS 0x20
#define COUNTER 0xf0
#define T_CONF(n) (0x100 + 0x20 * (n))
#define T_COMP(n) (0x108 + 0x20 * (n))

#define ENABLE 1
#define LEGACY 2

#define T_LEVEL 0x02
#define T_INT 0x04
#define T_PERIODIC 0x08
#define T_VAL_SET 0x40
#define T_32BIT 0x100
#define T_ROUTE(n) ((u64)(n) << 9)

#define TICK HPET_NS_PER_TICK
#define PIN 2 /* the one input offered on this machine */

struct bench {
    struct harness h;
    struct hpet dev;
};

static int setup(void **state)
{
    struct bench *b = calloc(1, sizeof(*b));

    harness_init(&b->h);
    hpet_init(&b->dev, &b->h.clock, 1u << PIN, &b->h.log);
    for (unsigned n = 0; n < HPET_ROUTES; n++)
        b->dev.irq[n] = harness_irq(&b->h, n);
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

static u64 rd(struct bench *b, u64 reg)
{
    return harness_read(&b->h, &b->dev.region, reg, 8);
}

static void wr(struct bench *b, u64 reg, u64 value)
{
    harness_write(&b->h, &b->dev.region, reg, value, 8);
}

static void capabilities(void **state)
{
    struct bench *b = *state;

    assert_true(rd(b, CAP) == 0x009896808086a201); /* 10,000,000 fs; 64 bits, legacy capable, three timers */
    assert_int_equal(harness_read(&b->h, &b->dev.region, 4, 4), 0x00989680);
    wr(b, CAP, 0);
    assert_true(rd(b, CAP) == 0x009896808086a201);
    for (unsigned n = 0; n < HPET_TIMERS; n++) {
        assert_true(rd(b, T_CONF(n)) == 0x400000030);
        assert_true(rd(b, T_COMP(n)) == UINT64_MAX);
    }
    assert_true(rd(b, T_CONF(3)) == 0);
    wr(b, T_CONF(0), UINT64_MAX & ~T_ROUTE(0x1f));
    assert_true(rd(b, T_CONF(0)) == 0x40000017e); /* no FSB interrupts, no reserved bits */
}

static void counter_runs_and_halts(void **state)
{
    struct bench *b = *state;

    harness_advance(&b->h, 1000);
    assert_int_equal(rd(b, COUNTER), 0);
    wr(b, COUNTER, 0x100000000 - 5);
    wr(b, CONF, ENABLE);
    harness_advance(&b->h, 4 * TICK + 9);
    assert_true(rd(b, COUNTER) == 0xffffffff);
    harness_advance(&b->h, 1);
    assert_true(rd(b, COUNTER) == 0x100000000);
    assert_int_equal(harness_read(&b->h, &b->dev.region, COUNTER + 4, 4), 1);
    wr(b, CONF, 0);
    harness_advance(&b->h, 1000);
    assert_true(rd(b, COUNTER) == 0x100000000);
    harness_write(&b->h, &b->dev.region, COUNTER, 7, 4); /* half of it */
    assert_true(rd(b, COUNTER) == 0x100000007);
}

static void one_shot_edge(void **state)
{
    struct bench *b = *state;

    wr(b, T_CONF(2), T_INT | T_ROUTE(PIN));
    wr(b, T_COMP(2), 50);
    harness_advance(&b->h, 5000);
    assert_int_equal(b->h.rises[PIN], 0); /* the counter stands */
    wr(b, CONF, ENABLE);
    harness_advance(&b->h, 50 * TICK - 1);
    assert_int_equal(b->h.rises[PIN], 0);
    harness_advance(&b->h, 1);
    assert_int_equal(b->h.rises[PIN], 1);
    assert_int_equal(rd(b, STATUS), 0); /* edge: no status */
    harness_advance(&b->h, 1000 * TICK);
    assert_int_equal(b->h.rises[PIN], 1);
    wr(b, T_COMP(2), rd(b, COUNTER) + 10);
    harness_advance(&b->h, 10 * TICK);
    assert_int_equal(b->h.rises[PIN], 2);
}

static void level_holds_until_cleared(void **state)
{
    struct bench *b = *state;

    wr(b, T_CONF(1), T_INT | T_LEVEL | T_ROUTE(PIN));
    wr(b, T_COMP(1), 5);
    wr(b, CONF, ENABLE);
    harness_advance(&b->h, 100 * TICK);
    assert_true(b->h.irq[PIN]);
    assert_int_equal(rd(b, STATUS), 2);
    wr(b, STATUS, 5); /* the others' bits */
    assert_true(b->h.irq[PIN]);
    harness_write(&b->h, &b->dev.region, STATUS + 4, 0xffffffff, 4);
    assert_int_equal(rd(b, STATUS), 2);
    wr(b, CONF, 0); /* the whole block off: the status stays, the line does not */
    assert_false(b->h.irq[PIN]);
    assert_int_equal(rd(b, STATUS), 2);
    wr(b, CONF, ENABLE);
    assert_true(b->h.irq[PIN]);
    wr(b, STATUS, 2);
    assert_false(b->h.irq[PIN]);
    assert_int_equal(rd(b, STATUS), 0);
}

static void two_levels_share_a_line(void **state)
{
    struct bench *b = *state;

    for (unsigned n = 1; n <= 2; n++) {
        wr(b, T_CONF(n), T_INT | T_LEVEL | T_ROUTE(PIN));
        wr(b, T_COMP(n), 5);
    }
    wr(b, CONF, ENABLE);
    harness_advance(&b->h, 5 * TICK);
    wr(b, STATUS, 2);
    assert_true(b->h.irq[PIN]);
    wr(b, STATUS, 4);
    assert_false(b->h.irq[PIN]);
}

static void a_disabled_timer_is_silent(void **state)
{
    struct bench *b = *state;

    wr(b, T_CONF(0), T_LEVEL | T_ROUTE(PIN));
    wr(b, T_COMP(0), 5);
    wr(b, CONF, ENABLE);
    harness_advance(&b->h, 10 * TICK);
    assert_int_equal(rd(b, STATUS), 1); /* the status bit is set all the same (2.3.6) */
    assert_false(b->h.irq[PIN]);
    wr(b, T_CONF(0), T_LEVEL | T_INT | T_ROUTE(PIN));
    assert_true(b->h.irq[PIN]);
}

/* As Linux programs its tick: accumulator under VAL_SET, then the period. */
static void periodic(void **state)
{
    struct bench *b = *state;

    wr(b, T_CONF(0), T_INT | T_PERIODIC | T_VAL_SET | T_32BIT | T_ROUTE(PIN));
    harness_write(&b->h, &b->dev.region, T_COMP(0), 30, 4);
    assert_int_equal(rd(b, T_CONF(0)) & T_VAL_SET, 0);
    harness_write(&b->h, &b->dev.region, T_COMP(0), 100, 4);
    assert_int_equal(rd(b, T_COMP(0)), 30);
    wr(b, CONF, ENABLE);
    harness_advance(&b->h, 30 * TICK);
    assert_int_equal(b->h.rises[PIN], 1);
    assert_int_equal(rd(b, T_COMP(0)), 130);
    harness_advance(&b->h, 99 * TICK);
    assert_int_equal(b->h.rises[PIN], 1);
    harness_advance(&b->h, TICK);
    assert_int_equal(b->h.rises[PIN], 2);
    harness_advance(&b->h, 1000 * TICK);
    assert_int_equal(b->h.rises[PIN], 12);
}

/* A clock that jumps over many periods gets one interrupt, and the phase is kept. */
static void periods_jumped_over(void **state)
{
    struct bench *b = *state;

    wr(b, T_CONF(0), T_INT | T_PERIODIC | T_VAL_SET | T_ROUTE(PIN));
    wr(b, T_COMP(0), 100);
    wr(b, CONF, ENABLE);
    b->h.now += 1050 * TICK;
    clock_run_due(&b->h.clock);
    assert_int_equal(b->h.rises[PIN], 1);
    assert_int_equal(rd(b, T_COMP(0)), 1100);
}

static void periodic_of_zero(void **state)
{
    struct bench *b = *state;

    wr(b, T_CONF(0), T_INT | T_PERIODIC | T_VAL_SET | T_ROUTE(PIN));
    wr(b, T_COMP(0), 0);
    wr(b, CONF, ENABLE);
    harness_advance(&b->h, 1000 * TICK); /* ends, and does not divide by it */
    assert_int_equal(b->h.rises[PIN], 1);
}

static void thirty_two_bits_wrap(void **state)
{
    struct bench *b = *state;

    wr(b, T_CONF(2), T_INT | T_32BIT | T_ROUTE(PIN));
    wr(b, T_COMP(2), 0x500000005);
    assert_true(rd(b, T_COMP(2)) == 5);
    wr(b, COUNTER, 10);
    wr(b, CONF, ENABLE);
    harness_advance(&b->h, (((u64)1 << 32) - 5) * TICK - 1);
    assert_int_equal(b->h.rises[PIN], 0);
    harness_advance(&b->h, 1);
    assert_int_equal(b->h.rises[PIN], 1);
    harness_advance(&b->h, ((u64)1 << 32) * TICK - 1); /* and once a turn */
    assert_int_equal(b->h.rises[PIN], 1);
    harness_advance(&b->h, 1);
    assert_int_equal(b->h.rises[PIN], 2);
}

static void illegal_route(void **state)
{
    struct bench *b = *state;

    wr(b, T_CONF(2), T_INT | T_ROUTE(PIN));
    wr(b, T_CONF(2), T_INT | T_ROUTE(5));
    assert_int_equal(rd(b, T_CONF(2)) & T_ROUTE(0x1f), T_ROUTE(PIN)); /* does not stick */
    assert_true(harness_logged(&b->h, "can't reach"));
    wr(b, T_CONF(2), T_INT); /* input 0 is not on offer either: no interrupt */
    wr(b, T_COMP(2), 5);
    wr(b, CONF, ENABLE);
    harness_advance(&b->h, 100);
    assert_int_equal(b->h.rises[0], 0);
}

static void legacy_replacement(void **state)
{
    struct bench *b = *state;

    hpet_set_legacy(&b->dev, 0, true); /* the 8254 passes through */
    hpet_set_legacy(&b->dev, 1, true);
    assert_true(b->h.irq[0]);
    assert_true(b->h.irq[8]);
    wr(b, T_CONF(0), T_INT);
    wr(b, T_CONF(1), T_INT);
    wr(b, T_COMP(0), 5);
    wr(b, T_COMP(1), 6);
    wr(b, CONF, ENABLE | LEGACY);
    assert_false(b->h.irq[0]);
    hpet_set_legacy(&b->dev, 0, false);
    hpet_set_legacy(&b->dev, 0, true);
    assert_false(b->h.irq[0]);
    harness_advance(&b->h, 5 * TICK);
    assert_true(b->h.irq[0]); /* the line stays high, for the 8259 to find it at acknowledge time */
    assert_int_equal(b->h.rises[0], 2);
    harness_advance(&b->h, TICK);
    assert_int_equal(b->h.rises[8], 2);
    hpet_set_legacy(&b->dev, 0, false);
    wr(b, CONF, ENABLE);
    assert_false(b->h.irq[0]);
    assert_true(b->h.irq[8]); /* the RTC's level again */
}

static void odd_accesses(void **state)
{
    struct bench *b = *state;

    assert_int_equal(harness_read(&b->h, &b->dev.region, COUNTER, 1), 0);
    harness_write(&b->h, &b->dev.region, CONF, 1, 2);
    assert_int_equal(rd(b, CONF), 0);
    assert_true(harness_logged(&b->h, "access of 2 bytes"));
}

static void reset_and_state(void **state)
{
    struct bench *b = *state;
    struct bench *other = NULL;

    setup((void **)&other);
    wr(b, T_CONF(0), T_INT | T_LEVEL | T_ROUTE(PIN));
    wr(b, T_COMP(0), 5);
    wr(b, CONF, ENABLE);
    harness_advance(&b->h, 100);
    hpet_reset(&b->dev);
    assert_false(b->h.irq[PIN]);
    capabilities(state);
    harness_check_state(&hpet_state, &b->dev, &other->dev);
    teardown((void **)&other);
}

static void fuzz(void **state)
{
    struct bench *b = *state;
    struct region *regions[] = { &b->dev.region };

    harness_fuzz(&b->h, regions, 1, 20000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(capabilities),
        TEST(counter_runs_and_halts),
        TEST(one_shot_edge),
        TEST(level_holds_until_cleared),
        TEST(two_levels_share_a_line),
        TEST(a_disabled_timer_is_silent),
        TEST(periodic),
        TEST(periods_jumped_over),
        TEST(periodic_of_zero),
        TEST(thirty_two_bits_wrap),
        TEST(illegal_route),
        TEST(legacy_replacement),
        TEST(odd_accesses),
        TEST(reset_and_state),
        TEST(fuzz),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
