/* test_lapic_timer.c: the local APIC's timer (SDM vol. 3, 10.5.4). */
#include "lapic_bench.h"

static void one_shot(void **state)
{
    struct bench *b = *state;

    enable(b, 0);
    wr(b, 0, DIVIDE, DIVIDE_BY_1);
    wr(b, 0, LVT_T, 0x40);
    wr(b, 0, INITIAL, 1000);
    harness_advance(&b->h, 400);
    assert_int_equal(rd(b, 0, CURRENT), 600);
    harness_advance(&b->h, 599);
    assert_false(b->h.irq[0]);
    assert_int_equal(rd(b, 0, CURRENT), 1);
    harness_advance(&b->h, 1);
    assert_int_equal(rd(b, 0, CURRENT), 0);
    assert_int_equal(lapic_ack(&b->cpu[0].apic), 0x40);
    wr(b, 0, EOI, 0);
    harness_advance(&b->h, 100000);
    assert_int_equal(rd(b, 0, CURRENT), 0);
    assert_false(b->h.irq[0]);
    wr(b, 0, INITIAL, 10);
    wr(b, 0, INITIAL, 0); /* stops it */
    harness_advance(&b->h, 100);
    assert_false(b->h.irq[0]);
}

static void dividers(void **state)
{
    struct bench *b = *state;
    static const struct {
        u32 code, divide;
    } table[] = { { 0x0, 2 }, { 0x1, 4 }, { 0x2, 8 }, { 0x3, 16 }, { 0x8, 32 }, { 0x9, 64 }, { 0xa, 128 }, { 0xb, 1 } };

    enable(b, 0);
    wr(b, 0, LVT_T, 0x40);
    for (unsigned i = 0; i < ARRAY_LEN(table); i++) {
        wr(b, 0, DIVIDE, table[i].code);
        wr(b, 0, INITIAL, 100);
        harness_advance(&b->h, 100 * table[i].divide - 1);
        assert_int_equal(rd(b, 0, CURRENT), 1);
        assert_false(b->h.irq[0]);
        harness_advance(&b->h, 1);
        assert_int_equal(lapic_ack(&b->cpu[0].apic), 0x40);
        wr(b, 0, EOI, 0);
    }
}

static void periodic(void **state)
{
    struct bench *b = *state;

    enable(b, 0);
    wr(b, 0, DIVIDE, 0x0); /* by 2 */
    wr(b, 0, LVT_T, PERIODIC | 0x40);
    wr(b, 0, INITIAL, 50);
    for (unsigned i = 0; i < 3; i++) {
        harness_advance(&b->h, 99);
        assert_false(b->h.irq[0]);
        harness_advance(&b->h, 1);
        assert_int_equal(lapic_ack(&b->cpu[0].apic), 0x40);
        wr(b, 0, EOI, 0);
        assert_int_equal(rd(b, 0, CURRENT), 50);
    }
    wr(b, 0, LVT_T, MASKED | PERIODIC | 0x40);
    harness_advance(&b->h, 130); /* it counts on, but is not waited for */
    assert_int_equal(rd(b, 0, CURRENT), 35);
    assert_false(timer_running(&b->cpu[0].apic.timer));
    wr(b, 0, LVT_T, PERIODIC | 0x40);
    harness_advance(&b->h, 69);
    assert_false(b->h.irq[0]);
    harness_advance(&b->h, 1);
    assert_true(b->h.irq[0]);
    wr(b, 0, LVT_T, 0x40); /* to one-shot: this count is the last */
    lapic_ack(&b->cpu[0].apic);
    wr(b, 0, EOI, 0);
    harness_advance(&b->h, 100);
    assert_true(b->h.irq[0]);
    lapic_ack(&b->cpu[0].apic);
    wr(b, 0, EOI, 0);
    harness_advance(&b->h, 1000);
    assert_false(b->h.irq[0]);
    assert_int_equal(rd(b, 0, CURRENT), 0);
}

static void periods_jumped_over(void **state)
{
    struct bench *b = *state;

    enable(b, 0);
    wr(b, 0, DIVIDE, DIVIDE_BY_1);
    wr(b, 0, LVT_T, PERIODIC | 0x40);
    wr(b, 0, INITIAL, 1);
    b->h.now += 1000000000;
    clock_run_due(&b->h.clock); /* one firing, not a thousand million */
    assert_true(b->h.irq[0]);
    assert_true(b->cpu[0].apic.timer.deadline == b->h.now + 1);
}

static void divide_changed_on_the_way(void **state)
{
    struct bench *b = *state;

    enable(b, 0);
    wr(b, 0, DIVIDE, DIVIDE_BY_1);
    wr(b, 0, LVT_T, 0x40);
    wr(b, 0, INITIAL, 100);
    harness_advance(&b->h, 60);
    wr(b, 0, DIVIDE, 0x3); /* by 16 */
    assert_int_equal(rd(b, 0, CURRENT), 40);
    harness_advance(&b->h, 40 * 16 - 1);
    assert_false(b->h.irq[0]);
    harness_advance(&b->h, 1);
    assert_true(b->h.irq[0]);
}

static void tsc_deadline(void **state)
{
    struct bench *b = *state;
    struct lapic *apic = &b->cpu[0].apic;
    u64 v;

    enable(b, 0);
    b->cpu[0].tsc_offset = 5000;
    assert_true(lapic_write_msr(apic, 0x6e0, 6000)); /* ignored in the other modes */
    assert_true(lapic_read_msr(apic, 0x6e0, &v));
    assert_int_equal(v, 0);
    wr(b, 0, LVT_T, TSC_DEADLINE | 0x40);
    assert_true(lapic_write_msr(apic, 0x6e0, 6000));
    wr(b, 0, INITIAL, 10); /* ignored in this one */
    harness_advance(&b->h, 999);
    assert_false(b->h.irq[0]);
    assert_true(lapic_read_msr(apic, 0x6e0, &v));
    assert_int_equal(v, 6000);
    harness_advance(&b->h, 1);
    assert_int_equal(lapic_ack(apic), 0x40);
    wr(b, 0, EOI, 0);
    assert_true(lapic_read_msr(apic, 0x6e0, &v));
    assert_int_equal(v, 0);
    assert_true(lapic_write_msr(apic, 0x6e0, 1)); /* in the past: at once */
    harness_advance(&b->h, 0);
    assert_true(b->h.irq[0]);
    lapic_ack(apic);
    wr(b, 0, EOI, 0);
    assert_true(lapic_write_msr(apic, 0x6e0, 10000));
    b->cpu[0].tsc_offset += 3000; /* software sets its counter forward */
    lapic_tsc_changed(apic);
    harness_advance(&b->h, 1000);
    assert_true(b->h.irq[0]);
    assert_true(lapic_write_msr(apic, 0x6e0, UINT64_MAX));
    wr(b, 0, LVT_T, 0x40); /* disarms */
    assert_true(lapic_read_msr(apic, 0x6e0, &v));
    assert_int_equal(v, 0);
    assert_false(timer_running(&apic->timer));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_shot),     TEST(dividers), TEST(periodic), TEST(periods_jumped_over), TEST(divide_changed_on_the_way),
        TEST(tsc_deadline),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
