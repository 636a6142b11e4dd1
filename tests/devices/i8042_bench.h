/* i8042_bench.h: a keyboard controller with a keyboard and a mouse, for their tests. */
#ifndef PCEMU_TESTS_I8042_BENCH_H
#define PCEMU_TESTS_I8042_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "harness.h"
#include "i8042.h"

#define MS ((u64)1000000)
#define OBF 0x01
#define SYS 0x04
#define CMD 0x08
#define AUX 0x20
#define TIMEOUT 0x40
#define MODE_PLAIN 0x03
#define MODE_PC 0x47 /* both interrupts, system flag, translation */

enum wire { IRQ1, IRQ12, A20, RESET };

struct bench {
    struct harness h;
    struct ps2_keyboard keyboard;
    struct ps2_mouse mouse;
    struct i8042 kbc;
};

static inline int setup(void **state)
{
    struct bench *b = calloc(1, sizeof(*b));
    assert_non_null(b);
    harness_init(&b->h);
    ps2_keyboard_init(&b->keyboard, &b->h.clock, &b->h.log);
    struct i8042_wires wires = { harness_irq(&b->h, IRQ1), harness_irq(&b->h, IRQ12), harness_irq(&b->h, A20),
                                 harness_irq(&b->h, RESET) };
    ps2_mouse_init(&b->mouse, &b->h.clock, &b->h.log);
    i8042_init(&b->kbc, &b->h.clock, &b->h.log, &b->keyboard, &b->mouse, &wires);
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

static inline u8 status(struct bench *b)
{
    return (u8)harness_read(&b->h, &b->kbc.cmd_io, 0, 1);
}

static inline u8 data(struct bench *b)
{
    return (u8)harness_read(&b->h, &b->kbc.data_io, 0, 1);
}

static inline void command(struct bench *b, u8 v)
{
    harness_write(&b->h, &b->kbc.cmd_io, 0, v, 1);
}

static inline void send(struct bench *b, u8 v)
{
    harness_write(&b->h, &b->kbc.data_io, 0, v, 1);
}

static inline void command_with(struct bench *b, u8 cmd, u8 v)
{
    command(b, cmd);
    send(b, v);
}

/* The next byte, waited for. */
static inline u8 receive(struct bench *b)
{
    for (unsigned i = 0; i < 30 && !(status(b) & OBF); i++)
        harness_advance(&b->h, MS);
    assert_true(status(b) & OBF);
    return data(b);
}

static inline void assert_nothing(struct bench *b)
{
    harness_advance(&b->h, 30 * MS);
    assert_false(status(b) & OBF);
}

static inline void assert_bytes(struct bench *b, const char *hex)
{
    for (char *end; *hex; hex = end) {
        unsigned long expected = strtoul(hex, &end, 16);
        assert_int_equal(receive(b), expected);
    }
}

static inline void key(struct bench *b, unsigned k, bool down)
{
    ps2_keyboard_key(&b->keyboard, k, down);
}

/* Presses and releases; what comes is `make` and `brk`. */
static inline void assert_key(struct bench *b, unsigned k, const char *make, const char *brk)
{
    key(b, k, true);
    assert_bytes(b, make);
    key(b, k, false);
    assert_bytes(b, brk);
    assert_false(status(b) & OBF);
}

static inline void to_keyboard(struct bench *b, u8 v, const char *answer)
{
    send(b, v);
    assert_bytes(b, answer);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
