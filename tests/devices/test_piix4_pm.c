/* test_piix4_pm.c: ACPI registers, PM timer, APM ports and SMBus of the 82371AB (data sheet 290562). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "harness.h"
#include "pci_bench.h"
#include "piix4_pm.h"
#include "space.h"

#define DEVFN PCI_DEVFN(1, 3)
#define SCI 9
#define PM 0x600u
#define HALF_PERIOD_NS 2343484438u /* 2^23 ticks of 3.579545 MHz, rounded up */

enum { PMSTS = PM, PMEN = PM + 2, PMCNTRL = PM + 4, PMTMR = PM + 8 };

struct bench {
    struct harness h;
    struct ram_pool pool;
    struct region memory, io;
    struct address_space ports;
    struct pci_bus bus;
    struct piix4_pm chip;
    unsigned smis, offs, suspends, overflows;
};

static void on_smi(void *machine)
{
    ((struct bench *)machine)->smis++;
}

static void on_power_off(void *machine)
{
    ((struct bench *)machine)->offs++;
}

static void on_suspend(void *machine)
{
    ((struct bench *)machine)->suspends++;
}

static void on_timer(void *machine)
{
    ((struct bench *)machine)->overflows++;
}

static int bare_setup(void **state)
{
    struct bench *b = calloc(1, sizeof(*b));
    assert_non_null(b);
    harness_init(&b->h);
    ram_pool_init(&b->pool);
    bench_bus_init(&b->bus, &b->memory, &b->io, &b->h);
    struct piix4_pm_outputs out = { harness_irq(&b->h, SCI), on_smi, on_power_off, on_suspend, on_timer, b };
    piix4_pm_init(&b->chip, &b->bus, DEVFN, &b->h.clock, &out, &b->h.log);
    region_add(&b->io, 0xb2, &b->chip.apm, 0);
    region_add(&b->io, 0xafe0, &b->chip.gpe0, 0);
    space_init(&b->ports, "I/O", &b->io, &b->pool, &b->h.log, true);
    *state = b;
    return 0;
}

static void set(struct bench *b, unsigned reg, u32 value, unsigned size)
{
    pci_config_write(&b->bus, DEVFN, reg, value, size);
}

static u32 cfg(struct bench *b, unsigned reg, unsigned size)
{
    return pci_config_read(&b->bus, DEVFN, reg, size);
}

/* As the firmware leaves it. */
static int setup(void **state)
{
    bare_setup(state);
    struct bench *b = *state;
    set(b, 0x40, PM | 1, 4);
    set(b, 0x80, 1, 1);
    return 0;
}

static int teardown(void **state)
{
    struct bench *b = *state;
    space_free(&b->ports);
    ram_pool_free(&b->pool);
    harness_free(&b->h);
    free(b);
    return 0;
}

static u32 in(struct bench *b, unsigned port, unsigned size)
{
    return (u32)space_read(&b->ports, port, size);
}

static void out(struct bench *b, unsigned port, u32 value, unsigned size)
{
    space_write(&b->ports, port, value, size);
}

static void test_identity_and_reset_values(void **state)
{
    static const struct {
        unsigned reg;
        u32 value;
    } expect[] = {
        { 0x00, 0x71138086 }, { 0x04, 0x02800000 }, { 0x08, 0x06800003 }, { 0x0c, 0 },          { 0x2c, 0x11001af4 },
        { 0x3c, 0x00000100 }, { 0x40, 0x00000001 }, { 0x58, 0 },          { 0x5c, 0x90000000 }, { 0x60, 0x60000000 },
        { 0x64, 0x08000000 }, { 0x80, 0 },          { 0x90, 0x0000b101 }, { 0xd0, 0x00090000 },
    };
    struct bench *b = *state;
    for (unsigned i = 0; i < ARRAY_LEN(expect); i++)
        assert_int_equal(cfg(b, expect[i].reg, 4), expect[i].value);
}

static void test_placing(void **state)
{
    struct bench *b = *state;
    assert_int_equal(in(b, PMSTS, 2), 0xffff);
    set(b, 0x40, 0xffffffff, 4);
    assert_int_equal(cfg(b, 0x40, 4), 0x0000ffc1);
    set(b, 0x40, PM | 1, 4);
    assert_int_equal(in(b, PMSTS, 2), 0xffff);
    set(b, 0x80, 0xff, 1);
    assert_int_equal(cfg(b, 0x80, 1), 1);
    assert_int_equal(in(b, PMSTS, 2), 0);
    set(b, 0x41, 0x10, 1);
    assert_int_equal(in(b, PMSTS, 2), 0xffff);
    assert_int_equal(in(b, 0x1000, 2), 0);
    set(b, 0x80, 0, 1);
    assert_int_equal(in(b, 0x1000, 2), 0xffff);
}

static void test_smbus_placing(void **state)
{
    struct bench *b = *state;
    assert_int_equal(in(b, 0xb100, 1), 0);
    set(b, 0x90, 0x701, 4);
    assert_int_equal(in(b, 0xb100, 1), 0xff);
    assert_int_equal(in(b, 0x700, 1), 0);
    set(b, 0xd2, 0, 1);
    assert_int_equal(in(b, 0x700, 1), 0xff);
}

static void test_smbus(void **state)
{
    struct bench *b = *state;
    out(b, 0xb104, 0x59, 1); /* read of device 2Ch, which is not there */
    out(b, 0xb103, 0x02, 1);
    assert_int_equal(in(b, 0xb104, 1), 0x59);
    assert_int_equal(in(b, 0xb103, 1), 0x02);
    out(b, 0xb102, 0x48, 1); /* START, byte data */
    assert_int_equal(in(b, 0xb100, 1), 0x04);
    assert_int_equal(in(b, 0xb102, 1), 0x08);
    out(b, 0xb100, 0x1e, 1);
    assert_int_equal(in(b, 0xb100, 1), 0);
    out(b, 0xb13f, 1, 1);
    assert_true(harness_logged(&b->h, "pm-smbus"));
}

static void test_timer_counts(void **state)
{
    struct bench *b = *state;
    assert_int_equal(in(b, PMTMR, 4), 0);
    harness_advance(&b->h, NS_PER_SEC);
    assert_int_equal(in(b, PMTMR, 4), 3579545);
    assert_int_equal(in(b, PMTMR, 2), 3579545 & 0xffff);
    assert_int_equal(in(b, PMTMR + 2, 1), 3579545 >> 16);
    harness_advance(&b->h, 9 * NS_PER_SEC);
    assert_int_equal(in(b, PMTMR, 4), 35795450 & 0xffffff);
    out(b, PMTMR, 0, 4);
    assert_int_equal(in(b, PMTMR, 4), 35795450 & 0xffffff);
}

static void test_timer_overflow(void **state)
{
    struct bench *b = *state;
    out(b, PMEN, 1, 2);
    harness_advance(&b->h, HALF_PERIOD_NS - 1000);
    assert_int_equal(in(b, PMSTS, 2), 0);
    assert_false(b->h.irq[SCI]);
    harness_advance(&b->h, 2000);
    assert_int_equal(in(b, PMTMR, 4) & 0x800000, 0x800000);
    assert_int_equal(in(b, PMSTS, 2), 1);
    assert_true(b->h.irq[SCI]);
    out(b, PMSTS, 1, 2);
    assert_int_equal(in(b, PMSTS, 2), 0);
    assert_false(b->h.irq[SCI]);
    harness_advance(&b->h, HALF_PERIOD_NS); /* bit 23 falls */
    assert_int_equal(in(b, PMSTS, 2), 1);
    assert_int_equal(b->h.rises[SCI], 2);
}

static void test_overflow_not_enabled(void **state)
{
    struct bench *b = *state;
    harness_advance(&b->h, HALF_PERIOD_NS + 1000);
    assert_int_equal(in(b, PMSTS, 2), 1);
    assert_false(b->h.irq[SCI]);
    out(b, PMEN, 1, 2);
    assert_true(b->h.irq[SCI]);
    out(b, PMEN, 0, 1);
    assert_false(b->h.irq[SCI]);
}

static void test_power_button(void **state)
{
    struct bench *b = *state;
    out(b, PMEN + 1, 0x01, 1);
    piix4_pm_power_button(&b->chip);
    assert_int_equal(in(b, PMSTS, 2), 0x0100);
    assert_true(b->h.irq[SCI]);
    out(b, PMSTS, 0xff, 1); /* the other byte's bits stay */
    assert_int_equal(in(b, PMSTS, 2), 0x0100);
    out(b, PMSTS, 0x01000100, 4);
    assert_int_equal(in(b, PMSTS, 4), 0x01000000);
    assert_false(b->h.irq[SCI]);
}

static void test_enable_mask(void **state)
{
    struct bench *b = *state;
    out(b, PMSTS, 0xffff0000, 4);
    assert_int_equal(in(b, PMSTS, 4), 0x05210000);
    assert_int_equal(in(b, PMEN, 2), 0x0521);
    assert_int_equal(in(b, PMEN + 1, 1), 0x05);
}

static void test_power_off(void **state)
{
    struct bench *b = *state;
    out(b, PMCNTRL, 0x0001, 2);
    assert_int_equal(b->offs, 0);
    out(b, PMCNTRL, 0x2001, 2);
    assert_int_equal(b->offs, 1);
    assert_int_equal(in(b, PMCNTRL, 2), 0x0001); /* SUS_EN reads 0 */
    out(b, PMCNTRL + 1, 0x20, 1);
    assert_int_equal(b->offs, 2);
    out(b, PMCNTRL, 0x2801, 2); /* type 2: S4 in the machine's tables */
    assert_int_equal(b->offs, 3);
}

static void test_other_sleep_types(void **state)
{
    struct bench *b = *state;
    out(b, PMCNTRL, 0x2401, 2);
    assert_int_equal(b->suspends, 1);
    out(b, PMCNTRL, 0x2c01, 2);
    assert_true(harness_logged(&b->h, "suspend type 3"));
    out(b, PMCNTRL, 0x3401, 2); /* 5: working */
    assert_int_equal(b->offs, 0);
    assert_int_equal(in(b, PMCNTRL, 2), 0x1401);
}

/* ACPI 3.0, 4.7.2.4: what wakes says so in PMSTS; but for the button PMEN must have it enabled. */
static void test_waking(void **state)
{
    struct bench *b = *state;
    assert_true(piix4_pm_wakes(&b->chip, PIIX4_WAKE_BUTTON));
    assert_false(piix4_pm_wakes(&b->chip, PIIX4_WAKE_RTC));
    assert_false(piix4_pm_wakes(&b->chip, PIIX4_WAKE_TIMER));
    out(b, PMEN, 0x0400, 2);
    assert_true(piix4_pm_wakes(&b->chip, PIIX4_WAKE_RTC));
    assert_false(piix4_pm_wakes(&b->chip, PIIX4_WAKE_TIMER));
    out(b, PMEN, 0x0001, 2);
    assert_false(piix4_pm_wakes(&b->chip, PIIX4_WAKE_RTC));
    assert_true(piix4_pm_wakes(&b->chip, PIIX4_WAKE_TIMER));
    out(b, PMSTS, 0xffff, 2);
    piix4_pm_woke(&b->chip, PIIX4_WAKE_RTC);
    assert_int_equal(in(b, PMSTS, 2), 0x8400);
    out(b, PMSTS, 0x8400, 2);
    piix4_pm_woke(&b->chip, PIIX4_WAKE_BUTTON);
    assert_int_equal(in(b, PMSTS, 2), 0x8100);
}

static void test_acpi_enable(void **state)
{
    struct bench *b = *state;
    set(b, 0x58, BIT(25), 4);
    out(b, 0xb2, 0xf1, 1);
    assert_int_equal(in(b, PMCNTRL, 2), 1);
    out(b, 0xb2, 0xf0, 1);
    assert_int_equal(in(b, PMCNTRL, 2), 0);
    assert_int_equal(b->smis, 0);
}

static void test_smi(void **state)
{
    struct bench *b = *state;
    out(b, 0xb3, 0x5a, 1);
    out(b, 0xb2, 0x00, 1);
    assert_int_equal(b->smis, 0); /* APMC_EN clear */
    set(b, 0x5b, 0x02, 1);
    out(b, 0xb2, 0x17, 1);
    assert_int_equal(b->smis, 1);
    assert_int_equal(in(b, 0xb2, 2), 0x5a17);
    assert_int_equal(in(b, PM + 0x18, 1), 0x20); /* GLBSTS.APM_STS */
    out(b, PM + 0x18, 0x20, 1);
    assert_int_equal(in(b, PM + 0x18, 1), 0);
    out(b, 0xb3, 1, 1);
    assert_int_equal(b->smis, 1);
    out(b, 0xb2, 0xaabb, 2);
    assert_int_equal(b->smis, 2);
    assert_int_equal(in(b, 0xb3, 1), 0xaa);
}

static void test_global_control_stores(void **state)
{
    struct bench *b = *state;
    u32 v = in(b, PM + 0x28, 4); /* the firmware's read, OR, write */
    out(b, PM + 0x28, v | 1, 4);
    assert_int_equal(in(b, PM + 0x28, 4), 1);
    out(b, PM + 0x0c, 0xffff, 2);
    assert_int_equal(in(b, PM + 0x0c, 2), 0);
    out(b, PM + 0x10, 0x10, 1);
    assert_true(harness_logged(&b->h, "throttling"));
    in(b, PM + 0x14, 1);
    assert_true(harness_logged(&b->h, "C2"));
}

static void test_gpe(void **state)
{
    struct bench *b = *state;
    assert_int_equal(in(b, 0xafe0, 4), 0);
    out(b, 0xafe0, 0xffffffff, 4);
    assert_int_equal(in(b, 0xafe0, 4), 0xffff0000);
    assert_false(b->h.irq[SCI]);
    b->chip.gpe_sts[1] = 0x10;
    out(b, 0xafe2, 0xff, 1);
    assert_true(b->h.irq[SCI]);
    out(b, 0xafe1, 0x10, 1);
    assert_false(b->h.irq[SCI]);
}

static void test_reset(void **state)
{
    struct bench *b = *state;
    out(b, PMEN, 0x0100, 2);
    piix4_pm_power_button(&b->chip);
    piix4_pm_reset(&b->chip);
    assert_false(b->h.irq[SCI]);
    assert_int_equal(in(b, PMSTS, 2), 0xffff);
    assert_int_equal(cfg(b, 0x40, 4), 1);
    assert_int_equal(b->chip.pmsts | b->chip.pmen, 0);
    assert_true(timer_running(&b->chip.overflow));
}

static void test_load_places_ports(void **state)
{
    struct bench *b = *state;
    struct state_buf image = { 0 };
    out(b, PMCNTRL, 0x0402, 2);
    assert_true(state_save(&piix4_pm_state, &b->chip, &image));
    piix4_pm_reset(&b->chip);
    assert_true(state_load(&piix4_pm_state, &b->chip, &image, NULL));
    assert_int_equal(in(b, PMCNTRL, 2), 0x0402);
    state_buf_free(&image);
}

static void test_state(void **state)
{
    void *twin_state;
    struct bench *b = *state;
    bare_setup(&twin_state);
    harness_check_state(&piix4_pm_state, &b->chip, &((struct bench *)twin_state)->chip);
    harness_advance(&b->h, 100 * NS_PER_SEC); /* whatever was loaded, time goes on */
    teardown(&twin_state);
}

static void test_noise(void **state)
{
    struct bench *b = *state;
    struct region *regions[] = { &b->chip.io, &b->chip.gpe0, &b->chip.apm, &b->chip.smbus.io };
    harness_fuzz(&b->h, regions, ARRAY_LEN(regions), 20000);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
#define BARE(f) cmocka_unit_test_setup_teardown(f, bare_setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BARE(test_identity_and_reset_values),
        BARE(test_placing),
        BARE(test_smbus_placing),
        BARE(test_smbus),
        TEST(test_timer_counts),
        TEST(test_timer_overflow),
        TEST(test_overflow_not_enabled),
        TEST(test_power_button),
        TEST(test_enable_mask),
        TEST(test_power_off),
        TEST(test_waking),
        TEST(test_other_sleep_types),
        TEST(test_acpi_enable),
        TEST(test_smi),
        TEST(test_global_control_stores),
        TEST(test_gpe),
        TEST(test_reset),
        TEST(test_load_places_ports),
        BARE(test_state),
        TEST(test_noise),
    };
    return cmocka_run_group_tests_name("piix4_pm", tests, NULL, NULL);
}
