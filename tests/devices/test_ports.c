/* test_ports.c: ports 61h, 80h, 92h and F0h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "harness.h"
#include "i8254.h"
#include "ioportf0.h"
#include "pcspk.h"
#include "port80.h"
#include "port92.h"

enum wire { WIRE_A20, WIRE_INIT, WIRE_IRQ13, WIRE_IGNNE, WIRE_OUT0 };

struct bench {
    struct harness h;
    struct i8254 pit;
    struct pcspk pcspk;
    struct port80 port80;
    struct port92 port92;
    struct ioportf0 f0;
};

static int setup(void **state)
{
    struct bench *b = calloc(1, sizeof(*b));
    assert_non_null(b);
    harness_init(&b->h);
    pit_init(&b->pit, &b->h.clock, &b->h.log, harness_irq(&b->h, WIRE_OUT0));
    pcspk_init(&b->pcspk, &b->pit);
    port80_init(&b->port80);
    port92_init(&b->port92, harness_irq(&b->h, WIRE_A20), harness_irq(&b->h, WIRE_INIT));
    ioportf0_init(&b->f0, harness_irq(&b->h, WIRE_IRQ13), harness_irq(&b->h, WIRE_IGNNE));
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

static void out(struct bench *b, struct region *r, u8 v)
{
    harness_write(&b->h, r, 0, v, 1);
}

static u8 in(struct bench *b, struct region *r)
{
    return (u8)harness_read(&b->h, r, 0, 1);
}

static void test_names(void **state)
{
    struct bench *b = *state;
    assert_string_equal(b->pcspk.io.name, "pcspk");
    assert_string_equal(b->port80.io.name, "ioport80");
    assert_string_equal(b->port92.io.name, "port92");
    assert_string_equal(b->f0.io.name, "ioportF0");
    assert_string_equal(b->pit.io.name, "pit");
    assert_int_equal(region_size(&b->pcspk.io), 1);
    assert_int_equal(region_size(&b->pit.io), 4);
}

static void test_pcspk_gate_and_out(void **state)
{
    struct bench *b = *state;
    assert_int_equal(in(b, &b->pcspk.io) & 0x2f, 0);
    harness_write(&b->h, &b->pit.io, 3, 0xb0, 1); /* counter 2, mode 0 */
    harness_write(&b->h, &b->pit.io, 2, 10, 1);
    harness_write(&b->h, &b->pit.io, 2, 0, 1);
    harness_advance(&b->h, NS_PER_SEC);
    assert_int_equal(in(b, &b->pcspk.io) & 0x20, 0); /* the gate is closed */
    out(b, &b->pcspk.io, 0xff);
    assert_int_equal(in(b, &b->pcspk.io) & 0x2f, 0x0f); /* four bits stay */
    harness_advance(&b->h, 9 * NS_PER_SEC / PIT_HZ);
    assert_int_equal(in(b, &b->pcspk.io) & 0x20, 0);
    harness_advance(&b->h, 2 * NS_PER_SEC / PIT_HZ);
    assert_int_equal(in(b, &b->pcspk.io) & 0xe0, 0x20);
    pcspk_reset(&b->pcspk);
    assert_int_equal(in(b, &b->pcspk.io) & 0x0f, 0);
    assert_false(b->pit.counter[2].gate);
}

static void test_refresh_toggle(void **state)
{
    struct bench *b = *state;
    unsigned changes = 0;
    u8 last = in(b, &b->pcspk.io) & 0x10;
    for (unsigned us = 0; us < 15086; us++) {
        harness_advance(&b->h, 1000);
        u8 now = in(b, &b->pcspk.io) & 0x10;
        changes += now != last;
        last = now;
    }
    assert_int_equal(changes, 1000); /* every 15.0857 us */
}

static void test_port80(void **state)
{
    struct bench *b = *state;
    out(b, &b->port80.io, 0x42);
    assert_int_equal(b->port80.code, 0x42);
    assert_int_equal(in(b, &b->port80.io), 0x42);
    port80_reset(&b->port80);
    assert_int_equal(in(b, &b->port80.io), 0);
}

static void test_port92(void **state)
{
    struct bench *b = *state;
    out(b, &b->port92.io, 0x02);
    assert_true(b->h.irq[WIRE_A20]);
    assert_int_equal(in(b, &b->port92.io), 0x02);
    assert_int_equal(b->h.rises[WIRE_INIT], 0);
    out(b, &b->port92.io, 0x01);
    assert_false(b->h.irq[WIRE_A20]);
    assert_int_equal(b->h.rises[WIRE_INIT], 1);
    assert_false(b->h.irq[WIRE_INIT]); /* a pulse */
    out(b, &b->port92.io, 0x03);
    assert_int_equal(b->h.rises[WIRE_INIT], 1); /* only when the bit rises */
    port92_reset(&b->port92);
    assert_int_equal(in(b, &b->port92.io), 0);
    out(b, &b->port92.io, 0x01);
    assert_int_equal(b->h.rises[WIRE_INIT], 2);
}

static void test_ferr(void **state)
{
    struct bench *b = *state;
    struct irq_line ferr = ioportf0_ferr(&b->f0);
    irq_set(&ferr, true);
    assert_true(b->h.irq[WIRE_IRQ13]);
    assert_false(b->h.irq[WIRE_IGNNE]);
    out(b, &b->f0.io, 0);
    assert_false(b->h.irq[WIRE_IRQ13]);
    assert_true(b->h.irq[WIRE_IGNNE]);
    irq_set(&ferr, true); /* no edge: nothing new */
    assert_false(b->h.irq[WIRE_IRQ13]);
    irq_set(&ferr, false);
    assert_false(b->h.irq[WIRE_IGNNE]);
    irq_set(&ferr, true);
    assert_true(b->h.irq[WIRE_IRQ13]);
    irq_set(&ferr, false); /* latched until the write */
    assert_true(b->h.irq[WIRE_IRQ13]);
    out(b, &b->f0.io, 0xff);
    assert_false(b->h.irq[WIRE_IRQ13]);
    assert_false(b->h.irq[WIRE_IGNNE]); /* FERR# was not asserted */
    assert_int_equal(in(b, &b->f0.io), 0xff);
    irq_set(&ferr, true);
    out(b, &b->f0.io, 0);
    assert_true(b->h.irq[WIRE_IGNNE]);
    ioportf0_reset(&b->f0);
    assert_false(b->h.irq[WIRE_IGNNE]);
    irq_set(&ferr, true); /* the reset forgot it: an edge again */
    assert_true(b->h.irq[WIRE_IRQ13]);
    ioportf0_reset(&b->f0);
    assert_false(b->h.irq[WIRE_IRQ13]);
}

static void test_state(void **state)
{
    struct bench *b = *state, *other = NULL;
    setup((void **)&other);
    harness_check_state(&pcspk_state, &b->pcspk, &other->pcspk);
    harness_check_state(&port80_state, &b->port80, &other->port80);
    harness_check_state(&port92_state, &b->port92, &other->port92);
    harness_check_state(&ioportf0_state, &b->f0, &other->f0);
    teardown((void **)&other);
}

static void test_fuzz(void **state)
{
    struct bench *b = *state;
    struct region *regions[] = { &b->pit.io, &b->pcspk.io, &b->port80.io, &b->port92.io, &b->f0.io };
    harness_fuzz(&b->h, regions, ARRAY_LEN(regions), 20000);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_names),          T(test_pcspk_gate_and_out),
        T(test_refresh_toggle), T(test_port80),
        T(test_port92),         T(test_ferr),
        T(test_state),          T(test_fuzz),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
