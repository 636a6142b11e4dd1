/* hpet.c: the high precision event timer at FED00000. IA-PC HPET specification 1.0a. */
#include "apic.h"
#include "irq.h"
#include "tests.h"

#define HPET 0xfed00000u
enum {
    CAPABILITIES = 0x000,
    PERIOD = 0x004,
    CONFIGURATION = 0x010,
    STATUS = 0x020,
    COUNTER = 0x0f0,
    COUNTER_HIGH = 0x0f4,
    TIMER0 = 0x100,
    COMPARATOR0 = 0x108
};
enum { ENABLE = BIT(0), LEGACY = BIT(1) };
enum { T_INTERRUPT = BIT(2), T_PERIODIC = BIT(3), T_PERIODIC_ABLE = BIT(4), T_SET = BIT(6) };
#define FEMTOSECONDS_MOST 100000000u /* a period of 100 ns */
#define VECTOR_HPET VECTOR_FREE
#define PIN 2 /* where legacy replacement puts timer 0 */

static volatile u32 hits;

static u32 hpet_read(u32 reg)
{
    return MMIO32(HPET + reg);
}

static void hpet_write(u32 reg, u32 v)
{
    MMIO32(HPET + reg) = v;
}

static void on_timer(struct trap_frame *f)
{
    (void)f;
    hits++;
    lapic_write(LAPIC_EOI, 0);
}

static int hits_come(u32 value)
{
    for (u32 i = 0; i < 1000 && hits < value; i++)
        delay_us(100);
    return hits >= value;
}

static void interrupts(u32 per_ms)
{
    u32 old = ioapic_read(IOAPIC_ENTRY(PIN)), old_high = ioapic_read(IOAPIC_ENTRY(PIN) + 1);
    trap_handle(VECTOR_HPET, on_timer);
    ioapic_write(IOAPIC_ENTRY(PIN) + 1, lapic_read(LAPIC_ID));
    ioapic_write(IOAPIC_ENTRY(PIN), VECTOR_HPET);
    lapic_write(LAPIC_SVR, lapic_read(LAPIC_SVR) | SVR_ENABLE);
    hits = 0;
    hpet_write(COUNTER, 0);
    hpet_write(COUNTER_HIGH, 0);
    hpet_write(TIMER0, T_INTERRUPT);
    hpet_write(COMPARATOR0, per_ms);
    hpet_write(COMPARATOR0 + 4, 0);
    hpet_write(CONFIGURATION, ENABLE | LEGACY);
    sti();
    ok(hits_come(1), "timer 0 by legacy replacement: an interrupt at its comparator");
    cli();
    hpet_write(CONFIGURATION, 0);
    if (hpet_read(TIMER0) & T_PERIODIC_ABLE) {
        hits = 0;
        hpet_write(COUNTER, 0);
        hpet_write(COUNTER_HIGH, 0);
        hpet_write(TIMER0, T_INTERRUPT | T_PERIODIC | T_SET);
        hpet_write(COMPARATOR0, per_ms);
        hpet_write(COMPARATOR0, per_ms);
        hpet_write(CONFIGURATION, ENABLE | LEGACY);
        sti();
        ok(hits_come(3), "timer 0, periodic: again and again");
        cli();
    } else {
        tap_skip("timer 0, periodic: again and again", "its capabilities say no");
    }
    hpet_write(TIMER0, 0);
    hpet_write(CONFIGURATION, 0);
    ioapic_write(IOAPIC_ENTRY(PIN), old);
    ioapic_write(IOAPIC_ENTRY(PIN) + 1, old_high);
    let_in(); /* one may still wait */
    trap_handle(VECTOR_HPET, NULL);
}

void hpet_tests(void)
{
    u32 capabilities = hpet_read(CAPABILITIES), period = hpet_read(PERIOD);
    if (capabilities == 0xffffffffu || !capabilities) {
        tap_skip("HPET", "there is none at FED00000");
        return;
    }
    u32 old = hpet_read(CONFIGURATION);
    is(capabilities >> 16, 0x8086, "capabilities: vendor 8086");
    ok(period && period <= FEMTOSECONDS_MOST, "capabilities: a period of 100 ns at most");
    hpet_write(CONFIGURATION, 0);
    u32 a = hpet_read(COUNTER);
    delay_us(100);
    is(hpet_read(COUNTER), a, "the counter stands while it is disabled");
    hpet_write(COUNTER, 1000);
    is(hpet_read(COUNTER), 1000, "... and can be set");
    u32 per_ms = 1000000000u / (period / 1000u);
    hpet_write(CONFIGURATION, ENABLE);
    a = hpet_read(COUNTER);
    delay_us(10000);
    u32 passed = hpet_read(COUNTER) - a;
    ok(passed > per_ms * 9 && passed < per_ms * (ON_QEMU ? 100 : 11),
       "enabled, it counts at the rate that the period says");
    hpet_write(CONFIGURATION, 0);
    interrupts(per_ms);
    hpet_write(CONFIGURATION, old);
}
