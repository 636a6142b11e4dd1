/* i8254_bench.h: an 8254 whose clock pulses are counted by hand. */
#ifndef PCEMU_TESTS_I8254_BENCH_H
#define PCEMU_TESTS_I8254_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include "harness.h"
#include "i8254.h"

#define OUT0 0
#define CONTROL 3
#define READ_BACK_STATUS 0xe0

struct bench {
    struct harness h;
    struct i8254 pit;
};

static inline int setup(void **state)
{
    struct bench *b = calloc(1, sizeof(*b));
    assert_non_null(b);
    harness_init(&b->h);
    pit_init(&b->pit, &b->h.clock, &b->h.log, harness_irq(&b->h, OUT0));
    pit_set_gate(&b->pit, 2, true);
    *state = b;
    return 0;
}

static inline int teardown(void **state)
{
    struct bench *b = *state;
    harness_free(&b->h);
    free(b);
    return 0;
}

static inline void out(struct bench *b, u64 port, u8 v)
{
    harness_write(&b->h, &b->pit.io, port, v, 1);
}

static inline u8 in(struct bench *b, u64 port)
{
    return (u8)harness_read(&b->h, &b->pit.io, port, 1);
}

/* The first nanosecond of a pulse of the clock. */
static inline u64 pulse_ns(u64 pulse)
{
    return (u64)(((u128)pulse * NS_PER_SEC + PIT_HZ - 1) / PIT_HZ);
}

static inline void goto_pulse(struct bench *b, u64 pulse)
{
    harness_advance(&b->h, pulse_ns(pulse) - b->h.now);
    assert_int_equal(pit_pulses(&b->pit), pulse);
}

static inline void pulses(struct bench *b, u64 n)
{
    goto_pulse(b, pit_pulses(&b->pit) + n);
}

static inline void count16(struct bench *b, unsigned counter, unsigned n)
{
    out(b, counter, (u8)n);
    out(b, counter, (u8)(n >> 8));
}

/* Control word for LSB then MSB. */
static inline void program(struct bench *b, unsigned counter, unsigned mode, unsigned n)
{
    out(b, CONTROL, (u8)(counter << 6 | 0x30 | mode << 1));
    count16(b, counter, n);
}

static inline u16 latched(struct bench *b, unsigned counter)
{
    out(b, CONTROL, (u8)(counter << 6));
    u8 lsb = in(b, counter);
    return (u16)(lsb | in(b, counter) << 8);
}

static inline u8 status(struct bench *b, unsigned counter)
{
    out(b, CONTROL, (u8)(READ_BACK_STATUS | 2u << counter));
    return in(b, counter);
}

#define assert_out(b, counter, level) assert_int_equal(pit_out(&(b)->pit, counter), level)

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
