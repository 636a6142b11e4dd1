/* test_parallel.c: the parallel port and its printer: registers by IBM's reference, handshake by IEEE 1284's
 * compatibility mode. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "harness.h"
#include "parallel.h"

#define DATA 0
#define STATUS 1
#define CONTROL 2

struct bench {
    struct harness h;
    struct parallel port;
    char paper[256];
    unsigned printed;
};

static void print(void *self, u8 byte)
{
    struct bench *b = self;
    if (b->printed < sizeof b->paper - 1)
        b->paper[b->printed++] = (char)byte;
}

static int setup(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    harness_init(&b->h);
    parallel_init(&b->port, harness_irq(&b->h, 7), (struct char_backend){ print, b }, &b->h.log);
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

static u8 rd(struct bench *b, unsigned reg)
{
    return (u8)harness_read(&b->h, &b->port.io, reg, 1);
}

static void wr(struct bench *b, unsigned reg, u8 v)
{
    harness_write(&b->h, &b->port.io, reg, v, 1);
}

static void test_reset_values(void **state)
{
    struct bench *b = *state;
    assert_string_equal(b->port.io.name, "parallel");
    assert_int_equal(region_size(&b->port.io), 8);
    assert_int_equal(rd(b, DATA), 0xff);
    assert_int_equal(rd(b, STATUS), 0xd9);
    assert_int_equal(rd(b, CONTROL), 0xcc);
    wr(b, CONTROL, 0x08); /* initialise: the time-out is gone */
    assert_int_equal(rd(b, STATUS), 0xd8);
    assert_int_equal(rd(b, CONTROL), 0xc8);
}

/* What a BIOS looks for a port by. */
static void test_data_latch(void **state)
{
    struct bench *b = *state;
    wr(b, DATA, 0xaa);
    assert_int_equal(rd(b, DATA), 0xaa);
    wr(b, DATA, 0x55);
    assert_int_equal(rd(b, DATA), 0x55);
    wr(b, CONTROL, 0x2c); /* input: nothing drives the wires */
    assert_int_equal(rd(b, DATA), 0xff);
    wr(b, CONTROL, 0x0c);
    assert_int_equal(rd(b, DATA), 0x55);
    wr(b, STATUS, 0x00); /* read-only */
    assert_int_equal(rd(b, STATUS), 0xd9);
}

static void test_printing(void **state)
{
    struct bench *b = *state;
    for (const char *p = "Hello"; *p; p++) {
        wr(b, DATA, (u8)*p);
        wr(b, CONTROL, 0x0d);
        assert_int_equal(rd(b, STATUS) & 0x80, 0); /* busy while strobed */
        assert_int_equal(rd(b, STATUS) & 0xc0, 0x40);
        wr(b, CONTROL, 0x0d); /* no edge */
        wr(b, CONTROL, 0x0c);
        assert_int_equal(rd(b, STATUS) & 0xc0, 0x40);
        assert_int_equal(rd(b, STATUS) & 0xc0, 0x00);
        assert_int_equal(rd(b, STATUS) & 0xc0, 0xc0);
    }
    assert_string_equal(b->paper, "Hello");
    wr(b, CONTROL, 0x05); /* not selected */
    wr(b, CONTROL, 0x04);
    assert_int_equal(b->printed, 5);
    assert_int_equal(b->h.rises[7], 0);
}

static void test_interrupt(void **state)
{
    struct bench *b = *state;
    wr(b, CONTROL, 0x1c);
    assert_int_equal(b->h.rises[7], 0);
    wr(b, CONTROL, 0x1d);
    assert_false(b->h.irq[7]);
    wr(b, CONTROL, 0x1c);
    assert_true(b->h.irq[7]);
    wr(b, DATA, 0x11);
    assert_true(b->h.irq[7]); /* until the status is read */
    rd(b, STATUS);
    assert_false(b->h.irq[7]);
}

static void test_epp_is_not_there(void **state)
{
    struct bench *b = *state;
    for (unsigned reg = 3; reg < 8; reg++) {
        wr(b, reg, 0x12);
        assert_int_equal(rd(b, reg), 0xff);
    }
    assert_true(harness_logged(&b->h, "EPP register 3"));
    assert_int_equal(b->printed, 0);
}

static void test_reset(void **state)
{
    struct bench *b = *state;
    wr(b, CONTROL, 0x1d);
    wr(b, CONTROL, 0x1c);
    wr(b, DATA, 0);
    assert_true(b->h.irq[7]);
    parallel_reset(&b->port);
    assert_false(b->h.irq[7]);
    assert_int_equal(rd(b, STATUS), 0xd9);
    assert_int_equal(rd(b, CONTROL), 0xcc);
}

static void test_state(void **state)
{
    struct bench *b = *state, *other = NULL;
    setup((void **)&other);
    harness_check_state(&parallel_state, &b->port, &other->port);
    teardown((void **)&other);
}

static void test_fuzz(void **state)
{
    struct bench *b = *state;
    struct region *regions[] = { &b->port.io };
    harness_fuzz(&b->h, regions, 1, 20000);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_reset_values),     T(test_data_latch), T(test_printing), T(test_interrupt),
        T(test_epp_is_not_there), T(test_reset),      T(test_state),    T(test_fuzz),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
