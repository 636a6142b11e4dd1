/* test_edu.c: QEMU's educational device, after docs/specs/edu: liveness, factorials, interrupts by pin and message,
 * DMA. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "edu.h"
#include "harness.h"
#include "pci_bench.h"

#define SLOT 4
#define PIRQ_OF_SLOT 3 /* slot 4, INTA# */
#define CONFIG(n) PCI_DEVFN(SLOT, 0), (n)
#define DMA_NS (100 * (NS_PER_SEC / 1000))
#define BUFFER 0x40000u

struct bench {
    struct harness h;
    struct region memory, io;
    struct pci_bus bus;
    struct edu edu;
    unsigned messages;
    u32 address, data;
};

static void message(void *owner, u32 address, u32 data)
{
    struct bench *b = owner;
    b->messages++;
    b->address = address;
    b->data = data;
}

static int setup(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    harness_init(&b->h);
    bench_bus_init(&b->bus, &b->memory, &b->io, &b->h);
    b->bus.message = message;
    b->bus.message_owner = b;
    for (unsigned i = 0; i < PCI_PIRQS; i++)
        pci_bus_connect_pirq(&b->bus, i, harness_irq(&b->h, i));
    edu_init(&b->edu, &b->bus, PCI_DEVFN(SLOT, 0), &b->h.clock, EDU_DMA_MASK, &b->h.log);
    edu_reset(&b->edu);
    pci_config_write(&b->bus, CONFIG(PCI_COMMAND), PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, 2);
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

static u32 in(struct bench *b, unsigned reg)
{
    return (u32)harness_read(&b->h, &b->edu.mmio, reg, 4);
}

static void out(struct bench *b, unsigned reg, u32 value)
{
    harness_write(&b->h, &b->edu.mmio, reg, value, 4);
}

static bool irq(const struct bench *b)
{
    return b->h.irq[PIRQ_OF_SLOT];
}

static void identity(void **state)
{
    struct bench *b = *state;
    assert_int_equal(pci_config_read(&b->bus, CONFIG(0), 4), 0x11e81234);
    assert_int_equal(pci_config_read(&b->bus, CONFIG(PCI_REVISION_ID), 4), 0x00ff0010);
    assert_int_equal(pci_config_read(&b->bus, CONFIG(PCI_INTERRUPT_PIN), 1), 1);
    pci_config_write(&b->bus, CONFIG(PCI_BAR0), UINT32_MAX, 4);
    assert_int_equal(pci_config_read(&b->bus, CONFIG(PCI_BAR0), 4), 0xfff00000);
    assert_int_equal(in(b, 0), 0x010000ed);
    out(b, 4, 0x12345678);
    assert_int_equal(in(b, 4), 0xedcba987);
    assert_int_equal(in(b, 0x0c), UINT32_MAX);
}

/* Four bytes everywhere, eight from 80h on; less is not answered. */
static void widths(void **state)
{
    struct bench *b = *state;
    assert_int_equal(harness_read(&b->h, &b->edu.mmio, 0, 8), UINT64_MAX);
    assert_int_equal(harness_read(&b->h, &b->edu.mmio, 0, 2), 0);
    assert_int_equal(harness_read(&b->h, &b->edu.mmio, 0, 1), 0);
    harness_write(&b->h, &b->edu.mmio, 4, 0, 1);
    assert_int_equal(in(b, 4), 0);
    harness_write(&b->h, &b->edu.mmio, 0x80, 0x1122334455667788, 8);
    assert_int_equal(harness_read(&b->h, &b->edu.mmio, 0x80, 8), 0x1122334455667788);
    assert_int_equal(in(b, 0x80), 0x55667788);
    assert_int_equal(in(b, 0x84), UINT32_MAX);
}

static void factorials(void **state)
{
    static const struct {
        u32 n, result;
    } cases[] = { { 0, 1 },           { 1, 1 },           { 5, 120 }, { 12, 479001600 },
                  { 13, 1932053504 }, { 33, 0x80000000 }, { 34, 0 },  { 100000, 0 } };
    struct bench *b = *state;
    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        out(b, 8, cases[i].n);
        assert_int_equal(in(b, 0x20), 1);
        out(b, 8, 3); /* busy: ignored */
        harness_advance(&b->h, 1000 + cases[i].n);
        assert_int_equal(in(b, 0x20), 0);
        assert_int_equal(in(b, 8), cases[i].result);
        assert_false(irq(b));
    }
    out(b, 0x20, 0xff); /* bit 7 alone can be written */
    assert_int_equal(in(b, 0x20), 0x80);
    out(b, 8, 4);
    harness_advance(&b->h, 2000);
    assert_true(irq(b));
    assert_int_equal(in(b, 0x24), 1);
    out(b, 0x64, 1);
    assert_false(irq(b));
}

static void interrupts_by_pin(void **state)
{
    struct bench *b = *state;
    out(b, 0x60, 0);
    assert_false(irq(b));
    out(b, 0x60, 0x30);
    assert_true(irq(b));
    out(b, 0x64, 0x10);
    assert_true(irq(b));
    assert_int_equal(in(b, 0x24), 0x20);
    out(b, 0x64, 0x20);
    assert_false(irq(b));
}

/* PCI 3.0, 6.8.1: the capability, and what it sends. */
static void interrupts_by_message(void **state)
{
    struct bench *b = *state;
    assert_true(pci_config_read(&b->bus, CONFIG(PCI_STATUS), 2) & BIT(4));
    unsigned at = pci_config_read(&b->bus, CONFIG(0x34), 1);
    assert_int_equal(pci_config_read(&b->bus, CONFIG(at), 4), 0x00800005);
    pci_config_write(&b->bus, CONFIG(at + 4), 0xfee01003, 4);
    pci_config_write(&b->bus, CONFIG(at + 12), 0x4041, 2);
    out(b, 0x60, 1);
    assert_int_equal(b->messages, 0);
    assert_true(irq(b));
    out(b, 0x64, 1);
    pci_config_write(&b->bus, CONFIG(at + 2), 0x0001, 2);
    out(b, 0x60, 1);
    assert_int_equal(b->messages, 1);
    assert_int_equal(b->address, 0xfee01000);
    assert_int_equal(b->data, 0x4041);
    assert_false(irq(b));
    out(b, 0x60, 2); /* another one, though the first waits */
    assert_int_equal(b->messages, 2);
    pci_config_write(&b->bus, CONFIG(at + 4), 0x2000, 4); /* plain memory */
    out(b, 0x60, 1);
    assert_int_equal(b->messages, 2);
    assert_int_equal(get_le32(b->h.ram + 0x2000), 0x4041);
    pci_config_write(&b->bus, CONFIG(at + 4), 0xfee00000, 4);
    pci_config_write(&b->bus, CONFIG(PCI_COMMAND), PCI_COMMAND_MEMORY, 2); /* no master */
    out(b, 0x60, 1);
    assert_int_equal(b->messages, 2);
    edu_reset(&b->edu);
    assert_int_equal(pci_config_read(&b->bus, CONFIG(at + 2), 2), 0x0080);
}

static void transfer(struct bench *b, u32 from, u32 to, u32 count, u32 command)
{
    out(b, 0x80, from);
    out(b, 0x88, to);
    out(b, 0x90, count);
    out(b, 0x98, command);
}

static void dma(void **state)
{
    struct bench *b = *state;
    memcpy(b->h.ram + 0x1000, "to the device", 13);
    transfer(b, 0x1000, BUFFER + 100, 13, 5);
    assert_int_equal(in(b, 0x98), 5);
    out(b, 0x90, 7); /* busy */
    assert_int_equal(in(b, 0x90), 13);
    harness_advance(&b->h, DMA_NS - 1);
    assert_false(irq(b));
    harness_advance(&b->h, 1);
    assert_true(irq(b));
    assert_int_equal(in(b, 0x24), 0x100);
    assert_int_equal(in(b, 0x98), 4);
    out(b, 0x64, 0x100);
    transfer(b, BUFFER + 100, 0x3000, 13, 3);
    harness_advance(&b->h, DMA_NS);
    assert_false(irq(b));
    assert_memory_equal(b->h.ram + 0x3000, "to the device", 13);
    transfer(b, 0xf0001000, BUFFER, 4, 1); /* 28 bits of address */
    harness_advance(&b->h, DMA_NS);
    assert_memory_equal(b->edu.buffer, "to t", 4);
    assert_true(harness_logged(&b->h, "cut to"));
    out(b, 0x98, 6); /* no start */
    assert_int_equal(in(b, 0x98), 0);
}

/* The whole buffer, and not a byte more. */
static void dma_limits(void **state)
{
    static const struct {
        u32 at;
        u64 count;
        bool good;
    } cases[] = { { BUFFER, 4096, true },       { BUFFER + 1, 4096, false }, { BUFFER + 4096, 0, true },
                  { BUFFER + 4097, 0, false },  { BUFFER - 1, 2, false },    { BUFFER, 4097, false },
                  { BUFFER, UINT64_MAX, false } };
    struct bench *b = *state;
    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        memset(b->h.ram + 0x4000, 0x5a, 4096);
        transfer(b, cases[i].at, 0x4000, 0, 0);
        harness_write(&b->h, &b->edu.mmio, 0x90, cases[i].count, 8);
        out(b, 0x98, 3);
        harness_advance(&b->h, DMA_NS);
        assert_int_equal(in(b, 0x98), 2);
        bool moved = b->h.ram[0x4000] == 0;
        assert_int_equal(moved, cases[i].good && cases[i].count);
    }
    assert_true(harness_logged(&b->h, "outside of the buffer"));
}

static void hostile(void **state)
{
    struct bench *b = *state;
    struct region *const regions[] = { &b->edu.mmio };
    harness_fuzz(&b->h, regions, 1, 20000);
    for (unsigned i = 0; i < 2000; i++) { /* the registers are few in the window */
        u64 value = i * 0x9e3779b97f4a7c15ull;
        harness_write(&b->h, &b->edu.mmio, 0x80 + 8 * (i % 4), value >> (i % 61), 8);
        harness_advance(&b->h, DMA_NS / 4);
    }
}

static void saved(void **state)
{
    struct bench *b = *state;
    static struct bench other;
    harness_init(&other.h);
    bench_bus_init(&other.bus, &other.memory, &other.io, &other.h);
    for (unsigned i = 0; i < PCI_PIRQS; i++)
        pci_bus_connect_pirq(&other.bus, i, harness_irq(&other.h, i));
    edu_init(&other.edu, &other.bus, PCI_DEVFN(SLOT, 0), &other.h.clock, EDU_DMA_MASK, &other.h.log);
    harness_check_state(&edu_state, &b->edu, &other.edu);
    harness_free(&other.h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(identity, setup, teardown),
        cmocka_unit_test_setup_teardown(widths, setup, teardown),
        cmocka_unit_test_setup_teardown(factorials, setup, teardown),
        cmocka_unit_test_setup_teardown(interrupts_by_pin, setup, teardown),
        cmocka_unit_test_setup_teardown(interrupts_by_message, setup, teardown),
        cmocka_unit_test_setup_teardown(dma, setup, teardown),
        cmocka_unit_test_setup_teardown(dma_limits, setup, teardown),
        cmocka_unit_test_setup_teardown(hostile, setup, teardown),
        cmocka_unit_test_setup_teardown(saved, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
