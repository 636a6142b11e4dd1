/* test_lapic.c: the local APIC, register by register, after the Intel SDM, volume 3, chapter 10: priorities,
 * acknowledge and EOI, errors, the LINT pins. */
#include "lapic_bench.h"

static void power_on(void **state)
{
    struct bench *b = *state;
    u64 base;

    assert_int_equal(rd(b, 0, ID), 0);
    assert_int_equal(rd(b, 2, ID), 0x02000000);
    assert_int_equal(rd(b, 0, VERSION), 0x00050014);
    assert_int_equal(rd(b, 0, SVR), 0xff);
    assert_int_equal(rd(b, 0, DFR), 0xffffffff);
    assert_int_equal(rd(b, 0, LDR), 0);
    assert_int_equal(rd(b, 0, TPR), 0);
    for (u64 reg = LVT_T; reg <= LVT_E; reg += 16)
        assert_int_equal(rd(b, 0, reg), MASKED);
    assert_true(lapic_read_msr(&b->cpu[0].apic, 0x1b, &base));
    assert_int_equal(base, 0xfee00900);
    assert_true(lapic_read_msr(&b->cpu[1].apic, 0x1b, &base));
    assert_int_equal(base, 0xfee00800);
    assert_false(b->h.irq[0]);
}

static void register_bits(void **state)
{
    struct bench *b = *state;
    static const struct {
        u64 reg;
        u32 bits;
    } expect[] = { { LVT_T, 0x700ff },  { LVT_TH, 0x107ff }, { LVT_PC, 0x107ff }, { LVT_L0, 0x1a7ff },
                   { LVT_L1, 0x1a7ff }, { LVT_E, 0x100ff },  { DIVIDE, 0xb },     { LDR, 0xff000000 },
                   { ID, 0xff000000 },  { TPR, 0xff },       { SVR, 0x3ff } };

    enable(b, 0);
    for (unsigned i = 0; i < ARRAY_LEN(expect); i++) {
        wr(b, 0, expect[i].reg, UINT32_MAX);
        assert_int_equal(rd(b, 0, expect[i].reg), expect[i].bits);
    }
    wr(b, 0, DFR, 0);
    assert_int_equal(rd(b, 0, DFR), 0x0fffffff);
    wr(b, 0, ICR_HIGH, UINT32_MAX);
    assert_int_equal(rd(b, 0, ICR_HIGH), 0xff000000);
    wr(b, 0, ICR, 0xfff33fff & ~0xff00u); /* delivery status, bit 13 and the reserved ones stay 0 */
    assert_int_equal(rd(b, 0, ICR), 0xff);
    assert_int_equal(harness_read(&b->h, &b->bus.region, VERSION + 2, 1), 0x05); /* a byte of a register */
    assert_int_equal(harness_read(&b->h, &b->bus.region, VERSION + 4, 4), 0);    /* behind it */
    wr(b, 0, TPR, 0x20);
    harness_write(&b->h, &b->bus.region, TPR, 0x30, 1); /* not 32 bits */
    assert_int_equal(rd(b, 0, TPR), 0x20);
}

/* 10.4.7.2 */
static void software_disabled(void **state)
{
    struct bench *b = *state;

    wr(b, 0, LVT_T, 0x40);
    assert_int_equal(rd(b, 0, LVT_T), MASKED | 0x40);
    interrupt(b, 0, 0x50);
    assert_false(b->h.irq[0]);
    assert_false(vector_set(b, 0, IRR, 0x50));
    lapic_bus_deliver(&b->bus, 0, false, NMI, 0, false);
    assert_int_equal(b->cpu[0].nmis, 1);
    enable(b, 0);
    wr(b, 0, LVT_T, 0x40);
    assert_int_equal(rd(b, 0, LVT_T), 0x40);
    interrupt(b, 0, 0x50);
    wr(b, 0, SVR, 0xff);
    assert_int_equal(rd(b, 0, LVT_T), MASKED | 0x40);
    assert_true(b->h.irq[0]); /* what was pending stays so */
    assert_int_equal(lapic_ack(&b->cpu[0].apic), 0x50);
}

static void accept_acknowledge_eoi(void **state)
{
    struct bench *b = *state;

    enable(b, 0);
    interrupt(b, 0, 0x61);
    assert_true(b->h.irq[0]);
    assert_true(vector_set(b, 0, IRR, 0x61));
    assert_int_equal(lapic_ack(&b->cpu[0].apic), 0x61);
    assert_false(b->h.irq[0]);
    assert_false(vector_set(b, 0, IRR, 0x61));
    assert_true(vector_set(b, 0, ISR, 0x61));
    assert_int_equal(rd(b, 0, PPR), 0x60);
    interrupt(b, 0, 0x61); /* once more while in service: waits */
    interrupt(b, 0, 0x6f); /* of the same class: waits */
    assert_false(b->h.irq[0]);
    interrupt(b, 0, 0x70); /* nests */
    assert_true(b->h.irq[0]);
    assert_int_equal(lapic_ack(&b->cpu[0].apic), 0x70);
    wr(b, 0, EOI, 0);
    assert_false(b->h.irq[0]);
    assert_int_equal(rd(b, 0, PPR), 0x60);
    wr(b, 0, EOI, 0);
    assert_int_equal(lapic_ack(&b->cpu[0].apic), 0x6f);
    wr(b, 0, EOI, 0);
    assert_int_equal(lapic_ack(&b->cpu[0].apic), 0x61);
    wr(b, 0, EOI, 0);
    assert_int_equal(rd(b, 0, PPR), 0);
    assert_int_equal(b->eois, 0); /* edge-triggered ones send no message */
    wr(b, 0, EOI, 0);             /* with nothing in service */
}

static void task_priority(void **state)
{
    struct bench *b = *state;
    struct lapic *apic = &b->cpu[0].apic;

    enable(b, 0);
    wr(b, 0, TPR, 0x5f);
    assert_int_equal(lapic_cr8(apic), 5);
    assert_int_equal(rd(b, 0, PPR), 0x5f);
    interrupt(b, 0, 0x5f);
    assert_false(b->h.irq[0]);
    assert_int_equal(rd(b, 0, APR), 0x5f);
    lapic_set_cr8(apic, 4);
    assert_int_equal(rd(b, 0, TPR), 0x40);
    assert_true(b->h.irq[0]);
    assert_int_equal(rd(b, 0, APR), 0x50);
    lapic_set_cr8(apic, 15); /* raised between INTR and its acknowledge: spurious */
    assert_false(b->h.irq[0]);
    assert_int_equal(lapic_ack(apic), 0xff);
    assert_false(vector_set(b, 0, ISR, 0xff));
    lapic_set_cr8(apic, 0);
    assert_int_equal(lapic_ack(apic), 0x5f);
}

static void level_triggered_eoi(void **state)
{
    struct bench *b = *state;

    enable(b, 0);
    lapic_bus_deliver(&b->bus, 0, false, FIXED, 0x41, true);
    assert_true(vector_set(b, 0, TMR, 0x41));
    lapic_ack(&b->cpu[0].apic);
    wr(b, 0, EOI, 0);
    assert_int_equal(b->eois, 1);
    assert_int_equal(b->eoi_vector, 0x41);
    interrupt(b, 0, 0x41); /* edge this time */
    assert_false(vector_set(b, 0, TMR, 0x41));
}

/* 10.5.3 */
static void errors(void **state)
{
    struct bench *b = *state;

    enable(b, 0);
    wr(b, 0, LVT_E, 0xe0);
    interrupt(b, 0, 0x0f);
    assert_int_equal(rd(b, 0, ESR), 0); /* shown after a write only */
    assert_int_equal(lapic_ack(&b->cpu[0].apic), 0xe0);
    wr(b, 0, EOI, 0);
    wr(b, 0, ICR, SHORT(1) | 0x03); /* illegal to send; no second interrupt before ESR is written */
    assert_false(b->h.irq[0]);
    wr(b, 0, ESR, 0);
    assert_int_equal(rd(b, 0, ESR), 0x60);
    rd(b, 0, 0x040); /* no register */
    assert_true(b->h.irq[0]);
    wr(b, 0, ESR, 0);
    assert_int_equal(rd(b, 0, ESR), 0x80);
    wr(b, 0, ESR, 0);
    assert_int_equal(rd(b, 0, ESR), 0);
    wr(b, 0, VERSION, 0); /* read-only */
    wr(b, 0, ESR, 0);
    assert_int_equal(rd(b, 0, ESR), 0x80);
    wr(b, 0, LVT_E, 0x05); /* an error entry that is itself in error */
    interrupt(b, 0, 0x01);
    wr(b, 0, ESR, 0);
    assert_int_equal(rd(b, 0, ESR), 0x40);
}

/* The pins */

static void extint_through_lint0(void **state)
{
    struct bench *b = *state;
    struct irq_line intr = lapic_bus_lint(&b->bus, 0);

    irq_set(&intr, true);
    assert_false(b->h.irq[0]); /* masked after power-on */
    enable(b, 0);
    wr(b, 0, LVT_L0, MODE(EXTINT));
    assert_true(b->h.irq[0]);
    assert_false(b->h.irq[1]);
    wr(b, 0, TPR, 0xff); /* of no matter to an ExtINT */
    assert_true(b->h.irq[0]);
    assert_int_equal(lapic_ack(&b->cpu[0].apic), 0x08);
    assert_int_equal(b->pic_acks, 1);
    assert_false(b->h.irq[0]);
    wr(b, 0, LVT_L0, MODE(EXTINT) | MASKED);
    irq_set(&intr, true);
    assert_false(b->h.irq[0]);
}

static void apic_comes_before_the_8259(void **state)
{
    struct bench *b = *state;

    enable(b, 0);
    wr(b, 0, LVT_L0, MODE(EXTINT));
    lapic_set_lint(&b->cpu[0].apic, 0, true);
    interrupt(b, 0, 0x30);
    assert_int_equal(lapic_ack(&b->cpu[0].apic), 0x30);
    assert_true(b->h.irq[0]);
    assert_int_equal(lapic_ack(&b->cpu[0].apic), 0x08);
}

static void switched_off(void **state)
{
    struct bench *b = *state;
    struct lapic *apic = &b->cpu[0].apic;
    u64 base;

    enable(b, 0);
    assert_true(lapic_write_msr(apic, 0x1b, 0xfee00000));
    assert_false(lapic_enabled(apic));
    assert_true(lapic_read_msr(apic, 0x1b, &base));
    assert_int_equal(base, 0xfee00100);
    assert_int_equal(rd(b, 0, VERSION), 0xffffffff);
    interrupt(b, 0, 0x50);
    assert_false(b->h.irq[0]);
    lapic_set_lint(apic, 0, true); /* the pins are INTR and NMI now */
    assert_true(b->h.irq[0]);
    assert_int_equal(lapic_ack(apic), 0x08);
    lapic_set_lint(apic, 1, true);
    assert_int_equal(b->cpu[0].nmis, 1);
    assert_true(lapic_write_msr(apic, 0x1b, 0xfee00800)); /* and on again: as after power-on */
    assert_int_equal(rd(b, 0, SVR), 0xff);
}

static void lint_modes(void **state)
{
    struct bench *b = *state;
    struct lapic *apic = &b->cpu[0].apic;

    enable(b, 0);
    wr(b, 0, LVT_L1, MODE(NMI));
    lapic_set_lint(apic, 1, true);
    lapic_set_lint(apic, 1, true);
    assert_int_equal(b->cpu[0].nmis, 1);
    lapic_set_lint(apic, 1, false);
    wr(b, 0, LVT_L1, MODE(SMI));
    lapic_set_lint(apic, 1, true);
    assert_int_equal(b->cpu[0].smis, 1);
    wr(b, 0, LVT_L0, 0x35); /* fixed, edge */
    lapic_set_lint(apic, 0, true);
    assert_int_equal(lapic_ack(apic), 0x35);
    wr(b, 0, EOI, 0);
    assert_false(b->h.irq[0]);
    lapic_set_lint(apic, 2, true); /* no such pin */
}

static void lint0_level(void **state)
{
    struct bench *b = *state;
    struct lapic *apic = &b->cpu[0].apic;

    enable(b, 0);
    lapic_set_lint(apic, 0, true);
    wr(b, 0, LVT_L0, LEVEL | 0x35);
    assert_int_equal(rd(b, 0, LVT_L0), LEVEL | REMOTE_IRR | 0x35);
    assert_int_equal(lapic_ack(apic), 0x35);
    assert_false(b->h.irq[0]);
    wr(b, 0, EOI, 0); /* still asserted */
    assert_int_equal(lapic_ack(apic), 0x35);
    lapic_set_lint(apic, 0, false);
    wr(b, 0, EOI, 0);
    assert_false(b->h.irq[0]);
    assert_int_equal(rd(b, 0, LVT_L0), LEVEL | 0x35);
}

static void reset_and_state(void **state)
{
    struct bench *b = *state;
    struct bench *other = NULL;

    setup((void **)&other);
    enable(b, 0);
    interrupt(b, 0, 0x50);
    wr(b, 0, LVT_T, PERIODIC | 0x40);
    wr(b, 0, INITIAL, 10);
    lapic_reset(&b->cpu[0].apic);
    assert_false(b->h.irq[0]);
    assert_false(timer_running(&b->cpu[0].apic.timer));
    power_on(state);
    harness_check_state(&lapic_state, &b->cpu[0].apic, &other->cpu[0].apic);
    for (u64 reg = 0; reg < 0x400; reg += 16)
        rd(b, 0, reg); /* whatever was loaded: no harm */
    harness_advance(&b->h, 100);
    teardown((void **)&other);
}

static void fuzz(void **state)
{
    struct bench *b = *state;
    struct region page;
    struct region *regions[] = { &page };

    page = b->bus.region; /* most of the window is messages: keep to the registers */
    page.last = 0x43f;
    for (unsigned i = 0; i < 100; i++) {
        b->bus.running = i % CPUS;
        wr(b, i % CPUS, DIVIDE, 0xa);
        harness_fuzz(&b->h, regions, 1, 100);
        for (unsigned n = 0; n < CPUS; n++)
            lapic_ack(&b->cpu[n].apic);
        lapic_bus_deliver(&b->bus, i * 37, i & 1, (u8)(i % 9), (u8)(i * 29), i & 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(power_on),
        TEST(register_bits),
        TEST(software_disabled),
        TEST(accept_acknowledge_eoi),
        TEST(task_priority),
        TEST(level_triggered_eoi),
        TEST(errors),
        TEST(extint_through_lint0),
        TEST(apic_comes_before_the_8259),
        TEST(switched_off),
        TEST(lint_modes),
        TEST(lint0_level),
        TEST(reset_and_state),
        TEST(fuzz),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
