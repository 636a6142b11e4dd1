/* test_ioapic.c: the 82093AA, register by register: its data sheet's chapter 3, and the rules of edge- and
 * level-triggered inputs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "harness.h"
#include "ioapic.h"

#define IOREGSEL 0x00
#define IOWIN 0x10
#define IOEOI 0x40

#define MASKED (1u << 16)
#define LEVEL (1u << 15)
#define REMOTE_IRR (1u << 14)
#define LOGICAL (1u << 11)

struct message {
    u32 dest;
    bool logical;
    u8 mode, vector;
    bool level;
};

struct bench {
    struct harness h;
    struct ioapic dev;
    struct message last;
    unsigned messages;
};

static void deliver(void *owner, u32 dest, bool logical, u8 mode, u8 vector, bool level)
{
    struct bench *b = owner;

    b->last = (struct message){ dest, logical, mode, vector, level };
    b->messages++;
}

static int setup(void **state)
{
    struct bench *b = calloc(1, sizeof(*b));

    harness_init(&b->h);
    ioapic_init(&b->dev, (struct apic_bus){ deliver, b }, &b->h.log);
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

static void reg_write(struct bench *b, u8 reg, u32 value)
{
    harness_write(&b->h, &b->dev.region, IOREGSEL, reg, 4);
    harness_write(&b->h, &b->dev.region, IOWIN, value, 4);
}

static u32 reg_read(struct bench *b, u8 reg)
{
    harness_write(&b->h, &b->dev.region, IOREGSEL, reg, 4);
    return (u32)harness_read(&b->h, &b->dev.region, IOWIN, 4);
}

static void set_redir(struct bench *b, unsigned pin, u32 low, u8 dest)
{
    reg_write(b, (u8)(0x11 + 2 * pin), (u32)dest << 24);
    reg_write(b, (u8)(0x10 + 2 * pin), low);
}

static u32 redir_low(struct bench *b, unsigned pin)
{
    return reg_read(b, (u8)(0x10 + 2 * pin));
}

static void set_pin(struct bench *b, unsigned pin, bool level)
{
    struct irq_line line = ioapic_irq(&b->dev, pin);

    irq_set(&line, level);
}

static void identification(void **state)
{
    struct bench *b = *state;

    assert_int_equal(reg_read(b, 0), 0);
    assert_int_equal(reg_read(b, 1), 0x00170020);
    reg_write(b, 0, 0xffffffff);
    assert_int_equal(reg_read(b, 0), 0x0f000000);
    assert_int_equal(reg_read(b, 2), 0x0f000000); /* the arbitration ID follows */
    reg_write(b, 1, 0);
    assert_int_equal(reg_read(b, 1), 0x00170020);
    assert_int_equal(harness_read(&b->h, &b->dev.region, IOREGSEL, 4), 1);
    assert_int_equal(reg_read(b, 0x40), 0); /* one past the table */
    assert_true(harness_logged(&b->h, "does not exist"));
}

static void redirection_bits(void **state)
{
    struct bench *b = *state;

    for (unsigned pin = 0; pin < IOAPIC_PINS; pin++) {
        assert_int_equal(redir_low(b, pin), MASKED);
        set_redir(b, pin, 0xffffffff, 0xff);
        assert_int_equal(redir_low(b, pin), 0x1afff); /* delivery status, remote IRR and reserved bits stay 0 */
        assert_int_equal(reg_read(b, (u8)(0x11 + 2 * pin)), 0xff000000);
    }
}

static void edge_triggered(void **state)
{
    struct bench *b = *state;

    set_redir(b, 4, 0x34 | 1 << 8 | LOGICAL, 0x81);
    set_pin(b, 4, true);
    assert_int_equal(b->messages, 1);
    assert_int_equal(b->last.dest, 0x81);
    assert_true(b->last.logical);
    assert_int_equal(b->last.mode, 1);
    assert_int_equal(b->last.vector, 0x34);
    assert_false(b->last.level);
    set_pin(b, 4, true); /* no edge */
    assert_int_equal(b->messages, 1);
    set_pin(b, 4, false);
    set_pin(b, 4, true);
    assert_int_equal(b->messages, 2);
    assert_int_equal(redir_low(b, 4) & REMOTE_IRR, 0);
}

static void masked_edges_are_lost(void **state)
{
    struct bench *b = *state;

    set_redir(b, 4, 0x34 | MASKED, 0);
    set_pin(b, 4, true);
    set_redir(b, 4, 0x34, 0);
    assert_int_equal(b->messages, 0);
    set_pin(b, 4, false);
    set_pin(b, 4, true);
    assert_int_equal(b->messages, 1);
}

static void level_triggered(void **state)
{
    struct bench *b = *state;

    set_redir(b, 11, 0x3b | LEVEL, 2);
    set_pin(b, 11, true);
    assert_int_equal(b->messages, 1);
    assert_true(b->last.level);
    assert_int_equal(redir_low(b, 11) & REMOTE_IRR, REMOTE_IRR);
    set_pin(b, 11, false);
    set_pin(b, 11, true); /* still in service */
    assert_int_equal(b->messages, 1);
    ioapic_eoi(&b->dev, 0x3a); /* another vector's */
    assert_int_equal(b->messages, 1);
    ioapic_eoi(&b->dev, 0x3b); /* the input is still asserted */
    assert_int_equal(b->messages, 2);
    set_pin(b, 11, false);
    ioapic_eoi(&b->dev, 0x3b);
    assert_int_equal(b->messages, 2);
    assert_int_equal(redir_low(b, 11) & REMOTE_IRR, 0);
}

static void masked_levels_wait(void **state)
{
    struct bench *b = *state;

    set_redir(b, 11, 0x3b | LEVEL | MASKED, 2);
    set_pin(b, 11, true);
    assert_int_equal(b->messages, 0);
    set_redir(b, 11, 0x3b | LEVEL, 2);
    assert_int_equal(b->messages, 1);
    set_redir(b, 11, 0x3b | LEVEL | MASKED, 2); /* Remote IRR stays, and an EOI while masked sends nothing */
    ioapic_eoi(&b->dev, 0x3b);
    assert_int_equal(b->messages, 1);
    assert_int_equal(redir_low(b, 11), 0x3b | LEVEL | MASKED);
}

/* How guests end a level interrupt of an I/O APIC without EOI register. */
static void edge_and_back_clears_remote_irr(void **state)
{
    struct bench *b = *state;

    set_redir(b, 11, 0x3b | LEVEL, 2);
    set_pin(b, 11, true);
    set_redir(b, 11, 0x3b | MASKED, 2);
    assert_int_equal(redir_low(b, 11), 0x3b | MASKED);
    set_redir(b, 11, 0x3b | LEVEL, 2);
    assert_int_equal(b->messages, 2);
}

static void eoi_register(void **state)
{
    struct bench *b = *state;

    set_redir(b, 9, 0x39 | LEVEL, 0);
    set_redir(b, 10, 0x39 | LEVEL, 0); /* shares the vector */
    set_pin(b, 9, true);
    set_pin(b, 10, true);
    set_pin(b, 9, false);
    set_pin(b, 10, false);
    assert_int_equal(b->messages, 2);
    harness_write(&b->h, &b->dev.region, IOEOI, 0x39, 4);
    assert_int_equal(redir_low(b, 9) & REMOTE_IRR, 0);
    assert_int_equal(redir_low(b, 10) & REMOTE_IRR, 0);
}

static void pins_out_of_range(void **state)
{
    struct bench *b = *state;

    ioapic_set_irq(&b->dev, 24, true);
    ioapic_set_irq(&b->dev, 1000, true);
    assert_int_equal(b->messages, 0);
}

static void reset_and_state(void **state)
{
    struct bench *b = *state;
    struct bench *other = NULL;

    setup((void **)&other);
    set_redir(b, 3, 0x33, 1);
    set_pin(b, 3, true);
    ioapic_reset(&b->dev);
    assert_int_equal(redir_low(b, 3), MASKED);
    set_redir(b, 3, 0x33 | LEVEL, 1); /* the input kept its level */
    assert_int_equal(b->messages, 2);
    harness_check_state(&ioapic_state, &b->dev, &other->dev);
    teardown((void **)&other);
}

static void fuzz(void **state)
{
    struct bench *b = *state;
    struct region *regions[] = { &b->dev.region };

    for (unsigned i = 0; i < 200; i++) {
        set_pin(b, i % 25, i & 1);
        harness_fuzz(&b->h, regions, 1, 100);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(identification),
        TEST(redirection_bits),
        TEST(edge_triggered),
        TEST(masked_edges_are_lost),
        TEST(level_triggered),
        TEST(masked_levels_wait),
        TEST(edge_and_back_clears_remote_irr),
        TEST(eoi_register),
        TEST(pins_out_of_range),
        TEST(reset_and_state),
        TEST(fuzz),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
