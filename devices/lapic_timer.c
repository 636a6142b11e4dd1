/* lapic_timer.c: the local APIC's timer (SDM vol. 3, 10.5.4): one-shot, periodic and TSC-deadline mode. The bus clock
 * is 1 GHz, as in QEMU: one count a nanosecond before the divider.
 *
 * The count runs whether or not the entry is masked; the clock's timer is only set while an interrupt would come of it.
 * Periods that virtual time jumps over are one interrupt (IRR has one bit a vector), so that no count, however short,
 * costs more than one firing at a time. */
#include "lapic_internal.h"

#define TIMER_PRIORITY 10

/* Timer modes (figure 10-8) */
enum { MODE_ONE_SHOT = 0, MODE_PERIODIC = 1, MODE_TSC_DEADLINE = 2 };

#define DIVIDE_WRITABLE 0x0b

static unsigned timer_mode(u32 lvt)
{
    return lvt >> LVT_TIMER_MODE_SHIFT & LVT_TIMER_MODE_MASK;
}

/* Figure 10-10: bits 3, 1 and 0 give 2, 4, 8 … 128, and 111 gives 1: here as a shift. */
static unsigned divide_shift(const struct lapic *s)
{
    unsigned code = (s->divide & 3u) | (s->divide >> 1 & 4u);

    return (code + 1) & 7;
}

static u64 tsc_now(const struct lapic *s)
{
    return s->config.cpu.tsc ? s->config.cpu.tsc(s->config.cpu.cpu) : clock_now(s->clock);
}

/* Counts since timer_since. */
static u64 counts_passed(const struct lapic *s)
{
    return (clock_now(s->clock) - s->timer_since) >> divide_shift(s);
}

/* 0 while it does not run, which is also so in TSC-deadline mode. */
u32 lapic_timer_current(const struct lapic *s)
{
    u64 passed = counts_passed(s);

    if (passed < s->timer_count)
        return s->timer_count - (u32)passed;
    if (timer_mode(s->lvt[LVT_TIMER]) != MODE_PERIODIC || !s->timer_count || !s->initial_count)
        return 0;
    return s->initial_count - (u32)((passed - s->timer_count) % s->initial_count);
}

static void schedule_count(struct lapic *s)
{
    u32 left = lapic_timer_current(s);

    if (!left) {
        timer_stop(&s->timer);
        return;
    }
    /* counts fall at timer_since + n << shift */
    u64 at = s->timer_since + ((counts_passed(s) + left) << divide_shift(s));
    timer_set(&s->timer, at);
}

static void schedule_tsc(struct lapic *s)
{
    u64 tsc = tsc_now(s), now = clock_now(s->clock);

    if (!s->tsc_deadline) {
        timer_stop(&s->timer);
        return;
    }
    u64 ticks = s->tsc_deadline > tsc ? s->tsc_deadline - tsc : 0;
    if (ticks >= CLOCK_NEVER - now)
        timer_stop(&s->timer);
    else
        timer_set(&s->timer, now + ticks);
}

static void schedule(struct lapic *s)
{
    if (timer_mode(s->lvt[LVT_TIMER]) == MODE_TSC_DEADLINE)
        schedule_tsc(s);
    else if (s->lvt[LVT_TIMER] & LVT_MASKED)
        timer_stop(&s->timer);
    else
        schedule_count(s);
}

static void timer_fire(void *owner)
{
    struct lapic *s = owner;

    if (timer_mode(s->lvt[LVT_TIMER]) == MODE_TSC_DEADLINE)
        s->tsc_deadline = 0; /* it is disarmed, masked or not */
    schedule(s);
    lapic_lvt_fire(s, LVT_TIMER);
}

/* Counting goes on from `count`, now. */
static void restart(struct lapic *s, u32 count)
{
    s->timer_count = count;
    s->timer_since = clock_now(s->clock);
}

void lapic_timer_set_initial(struct lapic *s, u32 count)
{
    if (timer_mode(s->lvt[LVT_TIMER]) == MODE_TSC_DEADLINE)
        return; /* 10.5.4.1: ignored */
    s->initial_count = count;
    restart(s, count);
    schedule(s);
}

void lapic_timer_set_divide(struct lapic *s, u32 value)
{
    restart(s, lapic_timer_current(s));
    s->divide = value & DIVIDE_WRITABLE;
    schedule(s);
}

/* 10.5.4.1: a change between TSC-deadline mode and the others disarms the timer; one between one-shot and periodic
 * lets it go on from where it is. */
void lapic_timer_set_lvt(struct lapic *s, u32 lvt)
{
    unsigned was = timer_mode(s->lvt[LVT_TIMER]), is = timer_mode(lvt);
    u32 current = lapic_timer_current(s);

    s->lvt[LVT_TIMER] = lvt;
    if ((was == MODE_TSC_DEADLINE) != (is == MODE_TSC_DEADLINE)) {
        s->tsc_deadline = 0;
        s->initial_count = 0;
        restart(s, 0);
    } else if (was != is) {
        restart(s, current);
    }
    schedule(s);
}

u64 lapic_timer_tsc_deadline(const struct lapic *s)
{
    return timer_mode(s->lvt[LVT_TIMER]) == MODE_TSC_DEADLINE ? s->tsc_deadline : 0;
}

void lapic_timer_set_tsc_deadline(struct lapic *s, u64 tsc)
{
    if (timer_mode(s->lvt[LVT_TIMER]) != MODE_TSC_DEADLINE)
        return; /* ignored */
    s->tsc_deadline = tsc;
    schedule(s);
}

void lapic_tsc_changed(struct lapic *s)
{
    if (timer_mode(s->lvt[LVT_TIMER]) == MODE_TSC_DEADLINE)
        schedule(s);
}

void lapic_timer_init(struct lapic *s)
{
    timer_init(&s->timer, s->clock, s->timer_name, TIMER_PRIORITY, timer_fire, s);
}

void lapic_timer_reset(struct lapic *s)
{
    timer_stop(&s->timer);
    s->initial_count = 0;
    s->timer_count = 0;
    s->timer_since = 0;
    s->divide = 0;
    s->tsc_deadline = 0;
}
