/* test_harness.c: the bench itself: a wrong bench would make every chip look right. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "harness.h"

struct part {
    struct harness *bench;
    struct timer timer;
    u64 fired_at[4];
    unsigned fired;
    u8 reg[8];
    u8 written; /* a bit for each byte of reg */
    u8 widths;  /* a bit for each width in bytes, less 1 */
};

static void fire(void *owner)
{
    struct part *p = owner;
    p->fired_at[p->fired++ % ARRAY_LEN(p->fired_at)] = p->bench->now;
    if (p->fired < 3)
        timer_set(&p->timer, p->bench->now + 10);
}

static void time_stops_at_every_deadline(void **state)
{
    (void)state;
    struct harness h;
    struct part p = { .bench = &h };
    harness_init(&h);
    timer_init(&p.timer, &h.clock, "part", 0, fire, &p);
    timer_set(&p.timer, 5);
    harness_advance(&h, 4);
    assert_int_equal(p.fired, 0);
    harness_advance(&h, 96);
    assert_int_equal(h.now, 100);
    assert_int_equal(p.fired, 3);
    assert_int_equal(p.fired_at[0], 5);
    assert_int_equal(p.fired_at[1], 15);
    assert_int_equal(p.fired_at[2], 25);
    harness_free(&h);
}

static void lines_count_rising_edges(void **state)
{
    (void)state;
    struct harness h;
    harness_init(&h);
    struct irq_line line = harness_irq(&h, 7);
    irq_set(&line, true);
    irq_set(&line, true);
    assert_true(h.irq[7]);
    irq_pulse(&line);
    irq_set(&line, false);
    irq_pulse(&line);
    assert_false(h.irq[7]);
    assert_int_equal(h.rises[7], 2);
    assert_int_equal(h.rises[6], 0);
    harness_free(&h);
}

static void dma_stays_in_its_memory(void **state)
{
    (void)state;
    struct harness h;
    u8 buf[4] = { 1, 2, 3, 4 };
    harness_init(&h);
    dma_write(&h.dma, HARNESS_RAM - 2, buf, 4);
    assert_int_equal(h.ram[HARNESS_RAM - 1], 2);
    dma_read(&h.dma, HARNESS_RAM - 2, buf, 4);
    assert_int_equal(get_le32(buf), 0xffff0201);
    dma_write(&h.dma, UINT64_MAX - 1, buf, 4); /* comes round to address 0, where memory is */
    assert_int_equal(h.ram[0], 0xff);
    harness_free(&h);
}

static u64 part_read(void *dev, u64 offset, unsigned size)
{
    struct part *p = dev;
    u64 v = 0;
    memcpy(&v, p->reg + offset, size);
    return v;
}

static void part_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct part *p = dev;
    memcpy(p->reg + offset, &value, size);
    p->written |= (u8)((BIT(size) - 1) << offset);
    p->widths |= (u8)BIT(size - 1);
}

static void registers_are_reached_as_the_bus_does(void **state)
{
    (void)state;
    static const struct region_ops ops = { part_read, part_write, 1, 2 };
    struct harness h;
    struct part p = { 0 };
    struct region io, box;
    harness_init(&h);
    region_init_io(&io, "part", sizeof p.reg, &ops, &p);
    region_init_container(&box, "box", 0x20);
    region_add(&box, 0x10, &io, 0);
    region_set_enabled(&box, false); /* as a BAR before the guest enables it */
    harness_write(&h, &io, 2, 0x44332211, 4);
    assert_int_equal(harness_read(&h, &box, 0x12, 4), 0x44332211);
    harness_write(&h, &box, 0x17, 0x55, 1);
    assert_int_equal(harness_read(&h, &io, 7, 1), 0x55);
    assert_int_equal(harness_read(&h, &box, 0, 2), 0xffff);
    assert_true(harness_logged(&h, "nothing is mapped"));
    assert_false(harness_logged(&h, "everything is mapped"));
    assert_false(box.enabled);
    assert_null(box.space);
    harness_free(&h);
}

static void fuzz_keeps_within_the_region(void **state)
{
    (void)state;
    static const struct region_ops ops = { part_read, part_write, 0, 0 };
    struct harness h;
    struct part p = { 0 };
    struct region io, *regions[] = { &io };
    harness_init(&h);
    region_init_io(&io, "part", sizeof p.reg, &ops, &p);
    harness_fuzz(&h, regions, 1, 20000);
    assert_true(h.now > 0);
    assert_int_equal(p.written, 0xff);
    assert_int_equal(p.widths, BIT(0) | BIT(1) | BIT(3) | BIT(7));
    harness_free(&h);
}

static const struct state_field part_fields[] = { STATE_BYTES(struct part, reg), STATE_MAX(struct part, fired, 9),
                                                  STATE_TIMER(struct part, timer), STATE_END };

static bool part_post_load(void *self)
{
    return ((const struct part *)self)->fired != 4; /* some random states are refused: the check goes on */
}

static void a_whole_state_passes(void **state)
{
    (void)state;
    static const struct state_table table = { "part", 1, part_fields, part_post_load };
    struct harness h, other;
    struct part a = { 0 }, b = { 0 };
    harness_init(&h);
    harness_init(&other);
    timer_init(&a.timer, &h.clock, "part", 0, fire, &a);
    timer_init(&b.timer, &other.clock, "part", 0, fire, &b);
    harness_check_state(&table, &a, &b);
    assert_memory_equal(a.reg, b.reg, sizeof a.reg);
    assert_in_range(a.fired, 0, 9);
    harness_free(&h);
    harness_free(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_stops_at_every_deadline), cmocka_unit_test(lines_count_rising_edges),
        cmocka_unit_test(dma_stays_in_its_memory),      cmocka_unit_test(registers_are_reached_as_the_bus_does),
        cmocka_unit_test(fuzz_keeps_within_the_region), cmocka_unit_test(a_whole_state_passes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
