/* test_lapic_bus.c: interprocessor interrupts, destinations, message-signalled interrupts (SDM vol. 3, 10.6, 10.11),
 * and x2APIC mode (10.12). */
#include "lapic_bench.h"

static void ipi_physical(void **state)
{
    struct bench *b = *state;

    for (unsigned i = 0; i < CPUS; i++)
        enable(b, i);
    wr(b, 0, ICR_HIGH, 2u << 24);
    wr(b, 0, ICR, ASSERT | 0x99);
    assert_false(b->h.irq[0]);
    assert_false(b->h.irq[1]);
    assert_int_equal(lapic_ack(&b->cpu[2].apic), 0x99);
    wr(b, 1, ICR_HIGH, 0xffu << 24); /* everyone */
    wr(b, 1, ICR, ASSERT | 0x9a);
    for (unsigned i = 0; i < CPUS; i++)
        assert_true(vector_set(b, i, IRR, 0x9a));
    assert_int_equal(rd(b, 1, ICR), ASSERT | 0x9a);
}

static void ipi_shorthands(void **state)
{
    struct bench *b = *state;

    for (unsigned i = 0; i < CPUS; i++)
        enable(b, i);
    wr(b, 1, ICR, SHORT(1) | 0x81);
    wr(b, 1, ICR, SHORT(2) | 0x82);
    wr(b, 1, ICR, SHORT(3) | 0x83);
    for (unsigned i = 0; i < CPUS; i++) {
        assert_int_equal(vector_set(b, i, IRR, 0x81), i == 1);
        assert_true(vector_set(b, i, IRR, 0x82));
        assert_int_equal(vector_set(b, i, IRR, 0x83), i != 1);
    }
    wr(b, 1, ICR, SHORT(3) | MODE(NMI));
    assert_int_equal(b->cpu[0].nmis, 1);
    assert_int_equal(b->cpu[1].nmis, 0);
    wr(b, 1, ICR, SHORT(1) | MODE(INIT)); /* not defined */
    assert_int_equal(b->cpu[1].inits, 0);
    assert_true(harness_logged(&b->h, "not defined"));
}

static void logical_flat(void **state)
{
    struct bench *b = *state;

    for (unsigned i = 0; i < CPUS; i++) {
        enable(b, i);
        wr(b, i, LDR, 1u << (24 + i));
    }
    lapic_bus_deliver(&b->bus, 0x05, true, FIXED, 0x71, false);
    assert_true(vector_set(b, 0, IRR, 0x71));
    assert_false(vector_set(b, 1, IRR, 0x71));
    assert_true(vector_set(b, 2, IRR, 0x71));
    lapic_bus_deliver(&b->bus, 0xff, true, FIXED, 0x72, false);
    assert_true(vector_set(b, 1, IRR, 0x72));
}

static void logical_cluster(void **state)
{
    struct bench *b = *state;

    for (unsigned i = 0; i < CPUS; i++) {
        enable(b, i);
        wr(b, i, DFR, 0);
    }
    wr(b, 0, LDR, 0x11u << 24); /* cluster 1, members 0 and 1 */
    wr(b, 1, LDR, 0x12u << 24);
    wr(b, 2, LDR, 0x21u << 24); /* cluster 2, member 0 */
    lapic_bus_deliver(&b->bus, 0x13, true, FIXED, 0x71, false);
    assert_true(vector_set(b, 0, IRR, 0x71));
    assert_true(vector_set(b, 1, IRR, 0x71));
    assert_false(vector_set(b, 2, IRR, 0x71));
    lapic_bus_deliver(&b->bus, 0xf1, true, FIXED, 0x72, false); /* member 0 of all clusters */
    assert_true(vector_set(b, 0, IRR, 0x72));
    assert_false(vector_set(b, 1, IRR, 0x72));
    assert_true(vector_set(b, 2, IRR, 0x72));
}

static void lowest_priority(void **state)
{
    struct bench *b = *state;

    for (unsigned i = 0; i < CPUS; i++) {
        enable(b, i);
        wr(b, i, LDR, 1u << (24 + i));
        wr(b, i, TPR, 0x30 - 0x10 * i);
    }
    lapic_bus_deliver(&b->bus, 0xff, true, LOWEST, 0x71, false);
    assert_false(vector_set(b, 0, IRR, 0x71));
    assert_false(vector_set(b, 1, IRR, 0x71));
    assert_true(vector_set(b, 2, IRR, 0x71));
    wr(b, 2, SVR, 0xff); /* out of the running */
    lapic_bus_deliver(&b->bus, 0xff, true, LOWEST, 0x72, false);
    assert_true(vector_set(b, 1, IRR, 0x72));
    lapic_bus_deliver(&b->bus, 0x80, true, LOWEST, 0x73, false); /* nobody */
}

/* How firmware starts the other processors. */
static void init_and_startup(void **state)
{
    struct bench *b = *state;

    enable(b, 1);
    wr(b, 1, TPR, 0x80);
    wr(b, 1, ID, 0x01000000);
    wr(b, 0, ICR, SHORT(3) | ASSERT | MODE(INIT) | LEVEL);
    assert_int_equal(b->cpu[0].inits, 0);
    assert_int_equal(b->cpu[1].inits, 1);
    assert_int_equal(b->cpu[2].inits, 1);
    assert_int_equal(rd(b, 1, TPR), 0); /* its registers, too */
    assert_int_equal(rd(b, 1, SVR), 0xff);
    assert_int_equal(rd(b, 1, ID), 0x01000000);   /* but not the ID */
    wr(b, 0, ICR, SHORT(3) | MODE(INIT) | LEVEL); /* de-assert: nothing */
    assert_int_equal(b->cpu[1].inits, 1);
    wr(b, 0, ICR, SHORT(3) | ASSERT | MODE(STARTUP) | 0x9f);
    assert_int_equal(b->cpu[0].sipis, 0);
    assert_int_equal(b->cpu[2].sipis, 1);
    assert_int_equal(b->cpu[2].sipi_vector, 0x9f);
}

static void messages_signalled_by_memory_writes(void **state)
{
    struct bench *b = *state;

    for (unsigned i = 0; i < CPUS; i++) {
        enable(b, i);
        wr(b, i, LDR, 1u << (24 + i));
    }
    lapic_bus_msi(&b->bus, 0xfee02000, 0x4041);
    assert_true(vector_set(b, 2, IRR, 0x41));
    lapic_bus_msi(&b->bus, 0xfee02004, 0x4042); /* logical: processor 1 */
    assert_true(vector_set(b, 1, IRR, 0x42));
    assert_false(vector_set(b, 2, IRR, 0x42));
    lapic_bus_msi(&b->bus, 0xfee02000, 0x8043); /* level, not asserted */
    assert_false(vector_set(b, 2, IRR, 0x43));
    harness_write(&b->h, &b->bus.region, 0x1000, 0x0044, 4); /* a processor can write one, too */
    assert_true(vector_set(b, 1, IRR, 0x44));
    assert_int_equal(harness_read(&b->h, &b->bus.region, 0x1000, 4), 0xffffffff);
}

static void extint_message(void **state)
{
    struct bench *b = *state;

    enable(b, 0);
    lapic_bus_deliver(&b->bus, 0, false, EXTINT, 0, false);
    assert_true(b->h.irq[0]);
    assert_int_equal(lapic_ack(&b->cpu[0].apic), 0x08);
    assert_false(b->h.irq[0]);
}

/* x2APIC mode (10.12) */

static u64 msr(struct bench *b, unsigned cpu, u32 number)
{
    u64 v = 0;

    assert_true(lapic_read_msr(&b->cpu[cpu].apic, number, &v));
    return v;
}

static void to_x2apic(struct bench *b, unsigned cpu)
{
    assert_true(lapic_write_msr(&b->cpu[cpu].apic, 0x1b, 0xfee00000 | BASE_ENABLE | BASE_EXTD));
    assert_true(lapic_write_msr(&b->cpu[cpu].apic, X2(SVR), 0x1ff));
}

/* 10.12.5 */
static void x2apic_transitions(void **state)
{
    struct bench *b = *state;
    struct lapic *apic = &b->cpu[0].apic;
    u64 v;

    assert_false(lapic_read_msr(apic, X2(VERSION), &v));
    assert_false(lapic_write_msr(apic, 0x1b, 0xfee00000 | BASE_EXTD));
    to_x2apic(b, 0);
    assert_int_equal(msr(b, 0, 0x1b), 0xfee00000 | BASE_ENABLE | BASE_EXTD | BASE_BSP);
    assert_false(lapic_write_msr(apic, 0x1b, 0xfee00000 | BASE_ENABLE)); /* not back */
    assert_int_equal(rd(b, 0, VERSION), 0xffffffff);                     /* no page any more */
    assert_true(lapic_write_msr(apic, 0x1b, 0xfee00000));
    assert_false(lapic_write_msr(apic, 0x1b, 0xfee00000 | BASE_ENABLE | BASE_EXTD)); /* not at once */
    assert_true(lapic_write_msr(apic, 0x1b, 0xfee00000 | BASE_ENABLE));
    assert_false(lapic_write_msr(apic, 0x1b, 0xfee00000 | BASE_ENABLE | 1)); /* reserved bits */
    assert_false(lapic_write_msr(apic, 0x1b, (u64)1 << 40 | BASE_ENABLE));
    b->cpu[0].apic.config.has_x2apic = false;
    assert_false(lapic_write_msr(apic, 0x1b, 0xfee00000 | BASE_ENABLE | BASE_EXTD));
}

static void x2apic_registers(void **state)
{
    struct bench *b = *state;
    struct lapic *apic = &b->cpu[2].apic;
    static const u32 no_read[] = { X2(0x000), X2(APR), X2(EOI), X2(DFR), X2(ICR_HIGH), X2(0x3f0), 0x8ff };
    static const u32 no_write[] = {
        X2(ID), X2(VERSION), X2(PPR), X2(LDR), X2(DFR), X2(ISR), X2(ICR_HIGH), X2(CURRENT)
    };
    u64 v;

    to_x2apic(b, 2);
    assert_int_equal(msr(b, 2, X2(ID)), 2);
    assert_int_equal(msr(b, 2, X2(VERSION)), 0x50014);
    assert_int_equal(msr(b, 2, X2(LDR)), 4); /* cluster 0, member 2 */
    for (unsigned i = 0; i < ARRAY_LEN(no_read); i++)
        assert_false(lapic_read_msr(apic, no_read[i], &v));
    for (unsigned i = 0; i < ARRAY_LEN(no_write); i++)
        assert_false(lapic_write_msr(apic, no_write[i], 0));
    assert_false(lapic_write_msr(apic, X2(TPR), 0x100));
    assert_false(lapic_write_msr(apic, X2(TPR), (u64)1 << 32));
    assert_true(lapic_write_msr(apic, X2(TPR), 0x40));
    assert_int_equal(msr(b, 2, X2(TPR)), 0x40);
    assert_false(lapic_write_msr(apic, X2(EOI), 1));
    assert_true(lapic_write_msr(apic, X2(EOI), 0));
    assert_false(lapic_write_msr(apic, X2(ESR), 1));
    assert_false(lapic_write_msr(apic, X2(LVT_E), 0x700));
    assert_true(lapic_write_msr(apic, X2(LVT_E), 0x33));
}

static void x2apic_ipis(void **state)
{
    struct bench *b = *state;

    for (unsigned i = 0; i < CPUS; i++)
        to_x2apic(b, i);
    assert_true(lapic_write_msr(&b->cpu[0].apic, X2(ICR), (u64)2 << 32 | 0x61));
    assert_int_equal(lapic_ack(&b->cpu[2].apic), 0x61);
    assert_false(b->h.irq[1]);
    assert_true(msr(b, 0, X2(ICR)) == ((u64)2 << 32 | 0x61));
    assert_true(lapic_write_msr(&b->cpu[0].apic, X2(ICR), (u64)6 << 32 | LOGICAL | 0x71)); /* members 1 and 2 */
    assert_false(b->h.irq[0]);
    assert_int_equal(lapic_ack(&b->cpu[1].apic), 0x71);
    assert_int_equal(lapic_ack(&b->cpu[2].apic), 0x71);
    assert_true(lapic_write_msr(&b->cpu[0].apic, X2(ICR), (u64)UINT32_MAX << 32 | 0x81));
    for (unsigned i = 0; i < CPUS; i++)
        assert_int_equal(lapic_ack(&b->cpu[i].apic), 0x81);
    assert_true(lapic_write_msr(&b->cpu[1].apic, 0x83f, 0x91)); /* SELF IPI */
    assert_int_equal(lapic_ack(&b->cpu[1].apic), 0x91);
    assert_true(lapic_write_msr(&b->cpu[0].apic, X2(ICR), (u64)0x102 << 32 | 0xa1)); /* ff and above are IDs here */
    assert_false(b->h.irq[2]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ipi_physical),
        TEST(ipi_shorthands),
        TEST(logical_flat),
        TEST(logical_cluster),
        TEST(lowest_priority),
        TEST(init_and_startup),
        TEST(messages_signalled_by_memory_writes),
        TEST(extint_message),
        TEST(x2apic_transitions),
        TEST(x2apic_registers),
        TEST(x2apic_ipis),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
