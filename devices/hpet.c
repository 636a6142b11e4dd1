/* hpet.c: High Precision Event Timers after Intel's "IA-PC HPET Specification" 1.0a: a 64-bit up-counter at 100 MHz and
 * three 64-bit comparators, all of which can be periodic: the block that QEMU's pc has (vendor 8086, revision 1).
 *
 * Timers 0 and 1 replace the 8254 at IRQ0 and the RTC at IRQ8 when legacy replacement is on. An edge-triggered match
 * gives a rising edge by dropping the line and raising it; it stays high until the next match, so that an edge-sensing
 * 8259 finds it there at acknowledge time. A comparator matches on equality only, as the document says: one that was
 * set behind the counter matches after the counter has wrapped round (QEMU lets it match at once).
 *
 * Not modelled: FSB (MSI) delivery, which no timer offers (Tn_FSB_INT_DEL_CAP reads 0). */
#include "hpet.h"

#define WHO "hpet"

/* Registers (2.3.1) */
#define REGION_SIZE 0x400
#define GCAP_ID 0x000
#define GEN_CONF 0x010
#define GINTR_STA 0x020
#define MAIN_CNT 0x0f0
#define TIMER_FIRST 0x100
#define TIMER_STRIDE 0x20
#define TIMER_CONF 0x00
#define TIMER_COMP 0x08

#define FS_PER_TICK (HPET_NS_PER_TICK * 1000000u)
#define CAP_REVISION 0x01
#define CAP_NUM_TIMERS ((HPET_TIMERS - 1) << 8)
#define CAP_COUNT_64 BIT(13)
#define CAP_LEGACY BIT(15)
#define CAP_VENDOR 0x80860000

#define CONF_ENABLE BIT64(0)
#define CONF_LEGACY BIT64(1)
#define CONF_WRITABLE (CONF_ENABLE | CONF_LEGACY)

#define TN_LEVEL BIT64(1)
#define TN_INT_ENABLE BIT64(2)
#define TN_PERIODIC BIT64(3)
#define TN_PERIODIC_CAP BIT64(4)
#define TN_SIZE_64_CAP BIT64(5)
#define TN_VAL_SET BIT64(6)
#define TN_32BIT BIT64(8)
#define TN_ROUTE_SHIFT 9
#define TN_ROUTE_MASK 0x1f
#define TN_ROUTE_CAP_SHIFT 32
#define TN_WRITABLE                                                                                                    \
    (TN_LEVEL | TN_INT_ENABLE | TN_PERIODIC | TN_VAL_SET | TN_32BIT | (u64)TN_ROUTE_MASK << TN_ROUTE_SHIFT)

#define LEGACY_PIT_IRQ 0
#define LEGACY_RTC_IRQ 8

#define TIMER_PRIORITY 20

static const unsigned legacy_irq[2] = { LEGACY_PIT_IRQ, LEGACY_RTC_IRQ };

static bool counting(const struct hpet *s)
{
    return s->config & CONF_ENABLE;
}

static bool legacy(const struct hpet *s)
{
    return s->config & CONF_LEGACY;
}

static u64 counter_now(const struct hpet *s)
{
    if (!counting(s))
        return s->counter;
    return s->counter + (clock_now(s->clock) - s->counter_since) / HPET_NS_PER_TICK;
}

/* The bits of counter and comparator that timer t looks at. */
static u64 width_mask(const struct hpet_timer *t)
{
    return t->config & TN_32BIT ? UINT32_MAX : UINT64_MAX;
}

/* Interrupts */

static unsigned timer_route(const struct hpet_timer *t)
{
    return (unsigned)(t->config >> TN_ROUTE_SHIFT & TN_ROUTE_MASK);
}

/* The line that timer t drives; NULL where its route leads nowhere. */
static const struct irq_line *timer_irq(const struct hpet_timer *t)
{
    const struct hpet *s = t->hpet;

    if (legacy(s) && t->index < ARRAY_LEN(legacy_irq))
        return &s->irq[legacy_irq[t->index]];
    return s->routes & BIT(timer_route(t)) ? &s->irq[timer_route(t)] : NULL;
}

/* Does a level-triggered timer hold its line? Its status stays while the whole block is off, the line does not (2.3.5,
 * ENABLE_CNF). */
static bool timer_holds(const struct hpet_timer *t)
{
    return counting(t->hpet) && t->config & TN_LEVEL && t->config & TN_INT_ENABLE && t->hpet->status & BIT64(t->index);
}

/* Sets a line to what the level-triggered timers on it say; an edge-triggered one's is low until a match. */
static void settle_line(const struct hpet *s, const struct irq_line *line)
{
    bool level = false;

    if (!line)
        return;
    for (unsigned i = 0; i < HPET_TIMERS; i++)
        level |= timer_irq(&s->timer[i]) == line && timer_holds(&s->timer[i]);
    irq_set(line, level);
}

static void timer_match(struct hpet_timer *t)
{
    struct hpet *s = t->hpet;
    const struct irq_line *line = timer_irq(t);

    if (t->config & TN_LEVEL)
        s->status |= BIT64(t->index);
    if (!(t->config & TN_INT_ENABLE) || !line)
        return;
    if (!(t->config & TN_LEVEL))
        irq_set(line, false);
    irq_set(line, true);
}

/* Time */

/* Virtual time at which the counter will have moved by `ticks` from now. */
static u64 time_after(const struct hpet *s, u64 ticks)
{
    u64 done = (clock_now(s->clock) - s->counter_since) / HPET_NS_PER_TICK;
    u128 at = (u128)s->counter_since + ((u128)done + ticks) * HPET_NS_PER_TICK;

    return at < CLOCK_NEVER ? (u64)at : CLOCK_NEVER;
}

/* `passed`: a match at the present count has been dealt with, so equality means a whole turn of the counter. */
static void timer_schedule(struct hpet_timer *t, bool passed)
{
    struct hpet *s = t->hpet;

    if (!counting(s)) {
        timer_stop(&t->timer);
        return;
    }
    u64 mask = width_mask(t);
    u64 ticks = (t->comparator - counter_now(s)) & mask;
    u64 deadline = time_after(s, ticks);
    if (!ticks && passed)
        deadline = mask == UINT64_MAX ? CLOCK_NEVER : time_after(s, mask + 1);
    if (deadline == CLOCK_NEVER)
        timer_stop(&t->timer);
    else
        timer_set(&t->timer, deadline);
}

static void schedule_all(struct hpet *s)
{
    for (unsigned i = 0; i < HPET_TIMERS; i++)
        timer_schedule(&s->timer[i], false);
}

/* The first comparator value past the present count, in whole periods: matches that virtual time jumped over, or that
 * fell into one tick, are one interrupt. */
static void timer_next_period(struct hpet_timer *t)
{
    u64 mask = width_mask(t);
    u64 period = t->period & mask;
    u64 behind = (counter_now(t->hpet) - t->comparator) & mask;

    if (period)
        t->comparator = (t->comparator + (behind / period + 1) * period) & mask;
}

static void timer_fire(void *owner)
{
    struct hpet_timer *t = owner;

    if (t->config & TN_PERIODIC)
        timer_next_period(t);
    timer_schedule(t, true);
    timer_match(t);
}

/* Registers */

static u64 capabilities(void)
{
    return (u64)FS_PER_TICK << 32 | CAP_VENDOR | CAP_LEGACY | CAP_COUNT_64 | CAP_NUM_TIMERS | CAP_REVISION;
}

static u64 timer_capabilities(const struct hpet *s)
{
    return (u64)s->routes << TN_ROUTE_CAP_SHIFT | TN_SIZE_64_CAP | TN_PERIODIC_CAP;
}

static u64 read_register(struct hpet *s, unsigned reg)
{
    unsigned n = (reg - TIMER_FIRST) / TIMER_STRIDE;

    switch (reg) {
    case GCAP_ID:
        return capabilities();
    case GEN_CONF:
        return s->config;
    case GINTR_STA:
        return s->status;
    case MAIN_CNT:
        return counter_now(s);
    default:
        if (reg < TIMER_FIRST || n >= HPET_TIMERS)
            break;
        if (reg % TIMER_STRIDE == TIMER_CONF)
            return timer_capabilities(s) | (s->timer[n].config & TN_WRITABLE);
        if (reg % TIMER_STRIDE == TIMER_COMP)
            return s->timer[n].comparator & width_mask(&s->timer[n]);
    }
    return 0; /* reserved, or the FSB route that no timer has */
}

/* The two legacy lines change hands, and timers 0 and 1 leave or take up their own routes. */
static void set_config(struct hpet *s, u64 config)
{
    const struct irq_line *left[] = { timer_irq(&s->timer[0]), timer_irq(&s->timer[1]) };

    s->config = config;
    for (unsigned n = 0; n < ARRAY_LEN(legacy_irq); n++) {
        settle_line(s, left[n]);
        settle_line(s, timer_irq(&s->timer[n]));
        if (!legacy(s))
            irq_set(&s->irq[legacy_irq[n]], s->legacy_in[n]);
    }
}

static void enable_changed(struct hpet *s)
{
    for (unsigned i = 0; i < HPET_TIMERS; i++)
        if (s->timer[i].config & TN_LEVEL)
            settle_line(s, timer_irq(&s->timer[i]));
    schedule_all(s);
}

static void write_config(struct hpet *s, u64 value)
{
    u64 changed = (s->config ^ value) & CONF_WRITABLE;

    if (changed & CONF_ENABLE) {
        s->counter = counter_now(s);
        s->counter_since = clock_now(s->clock);
    }
    if (changed & CONF_LEGACY)
        set_config(s, s->config ^ changed);
    else
        s->config ^= changed;
    if (changed & CONF_ENABLE)
        enable_changed(s);
}

/* Writing ones clears, and releases the level-triggered lines (2.3.6). */
static void write_status(struct hpet *s, u64 value)
{
    for (unsigned i = 0; i < HPET_TIMERS; i++) {
        if (!(s->status & value & BIT64(i)))
            continue;
        s->status &= ~BIT64(i);
        settle_line(s, timer_irq(&s->timer[i]));
    }
}

static void write_counter(struct hpet *s, u64 value)
{
    if (counting(s))
        log_guest(s->log, WHO, "write to the main counter while it runs");
    s->counter = value;
    s->counter_since = clock_now(s->clock);
    schedule_all(s);
}

static void write_timer_config(struct hpet_timer *t, u64 value)
{
    struct hpet *s = t->hpet;
    const struct irq_line *old = timer_irq(t);
    u64 route = (u64)TN_ROUTE_MASK << TN_ROUTE_SHIFT;
    unsigned wanted = (unsigned)(value >> TN_ROUTE_SHIFT & TN_ROUTE_MASK);
    u64 config = value & TN_WRITABLE;

    if (wanted && !(s->routes & BIT(wanted))) { /* 2.3.8: an illegal route does not stick */
        log_guest(s->log, WHO, "timer %u routed to I/O APIC input %u, which it can't reach", t->index, wanted);
        config = (config & ~route) | (t->config & route);
    }
    bool was_used = t->config & TN_INT_ENABLE;
    t->config = config;
    t->comparator &= width_mask(t);
    if (was_used)
        settle_line(s, old);
    if (config & TN_INT_ENABLE && (timer_irq(t) != old || config & TN_LEVEL))
        settle_line(s, timer_irq(t));
    timer_schedule(t, true);
}

/* In periodic mode the comparator itself is only written while Tn_VAL_SET_CNF is on, which the write turns off. */
static void write_comparator(struct hpet_timer *t, u64 value)
{
    value &= width_mask(t);
    if (!(t->config & TN_PERIODIC) || t->config & TN_VAL_SET)
        t->comparator = value;
    if (t->config & TN_PERIODIC)
        t->period = value;
    t->config &= ~TN_VAL_SET;
    timer_schedule(t, false);
}

static void write_register(struct hpet *s, unsigned reg, u64 value)
{
    unsigned n = (reg - TIMER_FIRST) / TIMER_STRIDE;

    if (reg == GEN_CONF)
        write_config(s, value);
    else if (reg == GINTR_STA)
        write_status(s, value);
    else if (reg == MAIN_CNT)
        write_counter(s, value);
    else if (reg >= TIMER_FIRST && n < HPET_TIMERS && reg % TIMER_STRIDE == TIMER_CONF)
        write_timer_config(&s->timer[n], value);
    else if (reg >= TIMER_FIRST && n < HPET_TIMERS && reg % TIMER_STRIDE == TIMER_COMP)
        write_comparator(&s->timer[n], value);
    else
        log_guest(s->log, WHO, "write to offset %03x, which is read-only or reserved", reg);
}

/* What the unwritten half of a register keeps when 32 bits are written: status bits are cleared by ones only, and a
 * periodic comparator's write is a write of the period. */
static u64 kept_half(struct hpet *s, unsigned reg)
{
    unsigned n = (reg - TIMER_FIRST) / TIMER_STRIDE;

    if (reg == GINTR_STA)
        return 0;
    if (reg >= TIMER_FIRST && n < HPET_TIMERS && reg % TIMER_STRIDE == TIMER_COMP &&
        (s->timer[n].config & (TN_PERIODIC | TN_VAL_SET)) == TN_PERIODIC)
        return s->timer[n].period;
    return read_register(s, reg);
}

/* Registers are 64 bits wide and read and written in aligned 32- or 64-bit pieces (2.3.2). */
static bool legal_access(struct hpet *s, u64 offset, unsigned size)
{
    if (size >= 4 && offset % size == 0)
        return true;
    log_guest(s->log, WHO, "access of %u bytes at offset %03x", size, (unsigned)offset);
    return false;
}

static u64 mmio_read(void *dev, u64 offset, unsigned size)
{
    struct hpet *s = dev;

    if (!legal_access(s, offset, size))
        return 0;
    return low_bytes(read_register(s, (unsigned)offset & ~7u) >> (8 * (offset & 4)), size);
}

static void mmio_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct hpet *s = dev;
    unsigned reg = (unsigned)offset & ~7u;

    if (!legal_access(s, offset, size))
        return;
    if (size == 4 && offset & 4)
        value = low_bytes(kept_half(s, reg), 4) | value << 32;
    else if (size == 4)
        value = (kept_half(s, reg) & ~(u64)UINT32_MAX) | low_bytes(value, 4);
    write_register(s, reg, value);
}

void hpet_set_legacy(void *self, unsigned n, bool level)
{
    struct hpet *s = self;

    if (n >= ARRAY_LEN(s->legacy_in))
        return;
    s->legacy_in[n] = level;
    if (!legacy(s))
        irq_set(&s->irq[legacy_irq[n]], level);
}

static const struct region_ops mmio_ops = { .read = mmio_read, .write = mmio_write };

void hpet_init(struct hpet *s, struct clock *clock, u32 routes, struct log *log)
{
    static const char *const name[HPET_TIMERS] = { "hpet-0", "hpet-1", "hpet-2" };

    memset(s, 0, sizeof(*s));
    s->clock = clock;
    s->routes = routes;
    s->log = log;
    region_init_io(&s->region, "hpet", REGION_SIZE, &mmio_ops, s);
    for (unsigned i = 0; i < HPET_TIMERS; i++) {
        s->timer[i].hpet = s;
        s->timer[i].index = i;
        timer_init(&s->timer[i].timer, clock, name[i], TIMER_PRIORITY, timer_fire, &s->timer[i]);
    }
    hpet_reset(s);
}

/* The inputs' levels are other chips' doing and stay. */
void hpet_reset(void *self)
{
    struct hpet *s = self;

    for (unsigned i = 0; i < HPET_TIMERS; i++) {
        struct hpet_timer *t = &s->timer[i];
        timer_stop(&t->timer);
        t->config = 0;
        t->comparator = UINT64_MAX;
        t->period = 0;
    }
    s->config = 0;
    s->status = 0;
    s->counter = 0;
    s->counter_since = 0;
    for (unsigned n = 0; n < HPET_ROUTES; n++)
        if (s->routes & BIT(n))
            irq_set(&s->irq[n], false);
    for (unsigned n = 0; n < ARRAY_LEN(legacy_irq); n++)
        irq_set(&s->irq[legacy_irq[n]], s->legacy_in[n]);
}

static const struct state_field hpet_timer_fields[] = {
    STATE(struct hpet_timer, config),
    STATE(struct hpet_timer, comparator),
    STATE(struct hpet_timer, period),
    STATE_TIMER(struct hpet_timer, timer),
    STATE_END,
};
static const struct state_field hpet_fields[] = {
    STATE_ARRAY(struct hpet, timer, hpet_timer_fields),
    STATE_MAX(struct hpet, config, CONF_WRITABLE),
    STATE_MAX(struct hpet, status, BIT64(HPET_TIMERS) - 1),
    STATE(struct hpet, counter),
    STATE(struct hpet, counter_since),
    STATE_INTS(struct hpet, legacy_in),
    STATE_END,
};
const struct state_table hpet_state = { "hpet", 1, hpet_fields, NULL };
