/* test_piix3.c: PIRQ steering, reset control and configuration registers of the 82371SB (data sheet 290550). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "harness.h"
#include "pci_bench.h"
#include "piix3.h"

#define DEVFN PCI_DEVFN(1, 0)

struct bench {
    struct harness h;
    struct region memory, io;
    struct pci_bus bus;
    struct piix3 chip;
    struct pci_device dev[5]; /* slots 2 … 6: INTA# on PIRQ B, C, D, A, B */
    unsigned resets;
};

static void on_reset(void *machine)
{
    ((struct bench *)machine)->resets++;
}

static int setup(void **state)
{
    struct bench *b = calloc(1, sizeof(*b));
    struct irq_line irq[PIIX3_ISA_IRQS];
    static const struct pci_id id = { .vendor = 1, .interrupt_pin = 1 };
    assert_non_null(b);
    harness_init(&b->h);
    bench_bus_init(&b->bus, &b->memory, &b->io, &b->h);
    for (unsigned n = 0; n < PIIX3_ISA_IRQS; n++)
        irq[n] = harness_irq(&b->h, n);
    piix3_init(&b->chip, &b->bus, DEVFN, irq, on_reset, b, &b->h.log);
    for (unsigned i = 0; i < ARRAY_LEN(b->dev); i++)
        pci_device_init(&b->dev[i], &b->bus, PCI_DEVFN(2 + i, 0), "dev", &id);
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

static u32 cfg(struct bench *b, unsigned reg, unsigned size)
{
    return pci_config_read(&b->bus, DEVFN, reg, size);
}

static void set(struct bench *b, unsigned reg, u32 value, unsigned size)
{
    pci_config_write(&b->bus, DEVFN, reg, value, size);
}

/* The ISA lines that are high, bit n: IRQn. */
static unsigned lines(struct bench *b)
{
    unsigned v = 0;
    for (unsigned n = 0; n < PIIX3_ISA_IRQS; n++)
        v |= b->h.irq[n] ? BIT(n) : 0;
    return v;
}

static void test_identity_and_reset_values(void **state)
{
    static const struct {
        unsigned reg;
        u32 value;
    } expect[] = {
        { 0x00, 0x70008086 }, { 0x04, 0x02000000 }, { 0x08, 0x06010000 }, { 0x0c, 0x00800000 }, { 0x2c, 0x11001af4 },
        { 0x3c, 0 },          { 0x4c, 0x0003004d }, { 0x60, 0x80808080 }, { 0x68, 0x00000200 }, { 0x70, 0x00000080 },
        { 0x74, 0x0c0c0000 }, { 0x78, 0x00000002 }, { 0xa0, 0x00000008 }, { 0xa8, 0x0000000f },
    };
    struct bench *b = *state;
    for (unsigned i = 0; i < ARRAY_LEN(expect); i++)
        assert_int_equal(cfg(b, expect[i].reg, 4), expect[i].value);
}

static void test_reserved_bits(void **state)
{
    struct bench *b = *state;
    set(b, 0x60, UINT32_MAX, 4);
    assert_int_equal(cfg(b, 0x60, 4), 0x8f8f8f8f);
    set(b, 0x4e, 0xffff, 2);
    assert_int_equal(cfg(b, 0x4e, 2), 0x01ff);
    set(b, 0x68, UINT32_MAX, 4);
    assert_int_equal(cfg(b, 0x68, 2), 0xfe00);
    set(b, 0x90, UINT32_MAX, 4);
    assert_int_equal(cfg(b, 0x90, 4), 0);
}

static void test_unrouted_at_reset(void **state)
{
    struct bench *b = *state;
    for (unsigned i = 0; i < ARRAY_LEN(b->dev); i++)
        pci_intx_set(&b->dev[i], true);
    assert_int_equal(lines(b), 0);
    assert_int_equal(piix3_pirq_route(&b->chip, 0), -1);
}

static void test_routing(void **state)
{
    struct bench *b = *state;
    set(b, 0x60, 0x0b0b0a0a, 4);    /* as SeaBIOS has it: 10, 10, 11, 11 */
    pci_intx_set(&b->dev[0], true); /* PIRQB */
    assert_int_equal(lines(b), BIT(10));
    pci_intx_set(&b->dev[1], true); /* PIRQC */
    assert_int_equal(lines(b), BIT(10) | BIT(11));
    pci_intx_set(&b->dev[0], false);
    assert_int_equal(lines(b), BIT(11));
    assert_int_equal(piix3_pirq_route(&b->chip, 1), 10);
    assert_int_equal(piix3_pirq_route(&b->chip, 3), 11);
}

static void test_shared_line(void **state)
{
    struct bench *b = *state;
    set(b, 0x60, 0x0b0b0b0b, 4);
    pci_intx_set(&b->dev[0], true);
    pci_intx_set(&b->dev[1], true);
    pci_intx_set(&b->dev[2], true);
    pci_intx_set(&b->dev[0], false);
    pci_intx_set(&b->dev[2], false);
    assert_int_equal(lines(b), BIT(11));
    pci_intx_set(&b->dev[1], false);
    assert_int_equal(lines(b), 0);
    assert_int_equal(b->h.rises[11], 1); /* it never dropped on the way */
}

static void test_rerouting_while_asserted(void **state)
{
    struct bench *b = *state;
    set(b, 0x61, 0x05, 1);
    pci_intx_set(&b->dev[0], true);
    assert_int_equal(lines(b), BIT(5));
    set(b, 0x61, 0x09, 1);
    assert_int_equal(lines(b), BIT(9));
    set(b, 0x61, 0x89, 1);
    assert_int_equal(lines(b), 0);
    set(b, 0x60, 0x0000090a, 2);
    assert_int_equal(lines(b), BIT(9));
}

static void test_reserved_irqs(void **state)
{
    struct bench *b = *state;
    static const u8 reserved[] = { 0, 1, 2, 8, 13 };
    pci_intx_set(&b->dev[0], true);
    for (unsigned i = 0; i < ARRAY_LEN(reserved); i++) {
        set(b, 0x61, reserved[i], 1);
        assert_int_equal(lines(b), 0);
        assert_int_equal(piix3_pirq_route(&b->chip, 1), -1);
    }
    assert_true(harness_logged(&b->h, "reserved IRQ"));
    for (unsigned irq = 3; irq < 16; irq++) {
        set(b, 0x61, irq, 1);
        assert_int_equal(lines(b), irq == 8 || irq == 13 ? 0 : BIT(irq));
    }
}

static void test_reset_drops_lines(void **state)
{
    struct bench *b = *state;
    set(b, 0x61, 0x05, 1);
    pci_intx_set(&b->dev[0], true);
    piix3_reset(&b->chip);
    assert_int_equal(lines(b), 0);
    assert_int_equal(cfg(b, 0x60, 4), 0x80808080);
    set(b, 0x61, 0x05, 1); /* the wire itself is still asserted by its device */
    assert_int_equal(lines(b), BIT(5));
}

static void test_reset_control(void **state)
{
    struct bench *b = *state;
    struct region *cf9 = &b->chip.reset_control;
    assert_int_equal(region_size(cf9), 1);
    harness_write(&b->h, cf9, 0, 0xfb, 1);
    assert_int_equal(harness_read(&b->h, cf9, 0, 1), 0x02);
    assert_int_equal(b->resets, 0);
    harness_write(&b->h, cf9, 0, 0x06, 1);
    assert_int_equal(b->resets, 1);
    assert_int_equal(harness_read(&b->h, cf9, 0, 1), 0x02);
    harness_write(&b->h, cf9, 0, 0x04, 1);
    assert_int_equal(b->resets, 2);
    assert_int_equal(harness_read(&b->h, cf9, 0, 1), 0x00);
}

static void test_unmodelled_is_said(void **state)
{
    struct bench *b = *state;
    set(b, 0xa2, 0x0001, 2);
    assert_true(harness_logged(&b->h, "SMIEN"));
    set(b, 0x78, 0x0300, 2);
    assert_true(harness_logged(&b->h, "programmable chip select"));
}

static void test_state(void **state)
{
    void *twin_state;
    struct bench *b = *state;
    setup(&twin_state);
    harness_check_state(&piix3_state, &b->chip, &((struct bench *)twin_state)->chip);
    teardown(&twin_state);
}

static void test_noise(void **state)
{
    struct bench *b = *state;
    u32 v = 12345;
    for (unsigned i = 0; i < 50000; i++) {
        v = v * 1664525u + 1013904223u;
        set(b, v >> 8 & 0xff, v >> 3, 1u << (v >> 29 & 1));
        pci_intx_set(&b->dev[(v >> 20) % ARRAY_LEN(b->dev)], v & 0x10000);
    }
    assert_int_equal(cfg(b, 0, 4), 0x70008086);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_identity_and_reset_values),
        TEST(test_reserved_bits),
        TEST(test_unrouted_at_reset),
        TEST(test_routing),
        TEST(test_shared_line),
        TEST(test_rerouting_while_asserted),
        TEST(test_reserved_irqs),
        TEST(test_reset_drops_lines),
        TEST(test_reset_control),
        TEST(test_unmodelled_is_said),
        TEST(test_state),
        TEST(test_noise),
    };
    return cmocka_run_group_tests_name("piix3", tests, NULL, NULL);
}
