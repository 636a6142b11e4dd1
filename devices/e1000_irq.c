/* e1000_irq.c: causes, masks and moderation of the 82540EM's interrupt. Software Developer's Manual, section 3.4
 * (descriptor timers: RDTR, RADV, TIDV, TADV; throttling: ITR) and 13.4.17 to 13.4.21. */
#include "e1000_regs.h"

/* The pin follows the unmasked causes; it rises at most once in ITR's interval. */
static void update(struct e1000 *s)
{
    bool want = s->reg[R_ICR] & s->reg[R_IMS];
    u64 now = clock_now(s->clock);
    if (want && !s->irq_level) {
        if (now < s->itr_until) {
            timer_set(&s->itr, s->itr_until);
            return;
        }
        s->itr_until = now + (u64)s->reg[R_ITR] * ITR_NS;
    }
    timer_stop(&s->itr);
    if (want != s->irq_level) {
        s->irq_level = want;
        pci_intx_set(&s->pci, want);
    }
}

void e1000_itr_timer(void *self)
{
    update(self);
}

void e1000_cause(struct e1000 *s, u32 causes)
{
    s->reg[R_ICR] |= causes;
    update(s);
}

void e1000_irq_reset(struct e1000 *s)
{
    s->itr_until = 0;
    s->rxt0_limit = s->txdw_limit = CLOCK_NEVER;
    timer_stop(&s->itr);
    timer_stop(&s->rxt0);
    timer_stop(&s->txdw);
    update(s);
}

/* (Re)starts a timer that ends `delay` after the last event, but not later than `limit` after the first. */
static void delay_cause(struct e1000 *s, struct timer *t, u64 *latest, u32 delay, u32 limit)
{
    u64 now = clock_now(s->clock);
    if (!timer_running(t))
        *latest = limit ? now + (u64)limit * MODERATION_NS : CLOCK_NEVER;
    u64 end = now + (u64)delay * MODERATION_NS;
    timer_set(t, end < *latest ? end : *latest);
}

void e1000_rx_cause(struct e1000 *s)
{
    if (s->reg[R_RDTR])
        delay_cause(s, &s->rxt0, &s->rxt0_limit, s->reg[R_RDTR], s->reg[R_RADV]);
    else
        e1000_cause(s, INT_RXT0);
}

void e1000_tx_cause(struct e1000 *s, bool delayed)
{
    if (delayed && s->reg[R_TIDV])
        delay_cause(s, &s->txdw, &s->txdw_limit, s->reg[R_TIDV], s->reg[R_TADV]);
    else
        e1000_cause(s, INT_TXDW);
}

void e1000_rxt0_timer(void *self)
{
    struct e1000 *s = self;
    s->rxt0_limit = CLOCK_NEVER;
    e1000_cause(s, INT_RXT0);
}

void e1000_txdw_timer(void *self)
{
    struct e1000 *s = self;
    s->txdw_limit = CLOCK_NEVER;
    e1000_cause(s, INT_TXDW);
}

/* FPD ends a delay at once. */
static void flush(struct timer *t)
{
    if (!timer_running(t))
        return;
    timer_stop(t);
    t->fire(t->owner);
}

void e1000_write_rdtr(struct e1000 *s, u32 value)
{
    if (value & RDTR_FPD)
        flush(&s->rxt0);
}

void e1000_write_tidv(struct e1000 *s, u32 value)
{
    if (value & TIDV_FPD)
        flush(&s->txdw);
}

/* ---- registers ---- */

u32 e1000_read_icr(struct e1000 *s)
{
    u32 v = s->reg[R_ICR];
    s->reg[R_ICR] = 0;
    update(s);
    return v;
}

/* Write only by the manual; the chip shows the causes, without clearing them. */
u32 e1000_read_ics(struct e1000 *s)
{
    return s->reg[R_ICR];
}

u32 e1000_read_imc(struct e1000 *s)
{
    (void)s;
    return 0;
}

void e1000_write_icr(struct e1000 *s, u32 value)
{
    s->reg[R_ICR] &= ~value;
    update(s);
}

void e1000_write_ics(struct e1000 *s, u32 value)
{
    e1000_cause(s, value & INT_CAUSES);
}

void e1000_write_ims(struct e1000 *s, u32 value)
{
    s->reg[R_IMS] |= value & INT_CAUSES;
    update(s);
}

void e1000_write_imc(struct e1000 *s, u32 value)
{
    s->reg[R_IMS] &= ~value;
    update(s);
}
