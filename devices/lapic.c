/* lapic.c: the local APIC, as the Intel SDM, volume 3, chapter 10 describes it: acceptance, priorities, acknowledge and
 * EOI, the LINT pins and the local vector table. The registers' addresses are in lapic_regs.c, messages between APICs
 * in lapic_bus.c, the timer in lapic_timer.c. Version register 0x50014 (integrated APIC, six LVT entries), as QEMU has
 * it.
 *
 * Reset follows the manual: everything masked, software-disabled. The 8259's INTR reaches the processor while LINT0 is
 * unmasked in ExtINT mode, or while the APIC is off altogether (IA32_APIC_BASE.EN = 0).
 *
 * Not modelled: the interrupt sources "thermal sensor" and "performance counter" (their entries are kept); arbitration
 * and bus errors, focus processor checking; the pins' polarity bits (stored; a line here says "asserted"); moving the
 * register page away from FEE00000 (said in the log). */
#include "lapic_internal.h"

#include <assert.h>
#include <stdio.h>

#define PRIORITY_CLASS 0xf0

/* Priorities */

/* The highest vector in IRR or ISR, or -1. */
static int highest(const u32 *reg)
{
    for (int i = LAPIC_VECTORS / 32 - 1; i >= 0; i--)
        if (reg[i])
            return i * 32 + 31 - __builtin_clz(reg[i]);
    return -1;
}

static unsigned class_of(int vector)
{
    return vector < 0 ? 0 : (unsigned)vector & PRIORITY_CLASS;
}

/* 10.8.3.1 */
u8 lapic_ppr(const struct lapic *s)
{
    unsigned in_service = class_of(highest(s->isr));

    return (s->tpr & PRIORITY_CLASS) >= in_service ? s->tpr : (u8)in_service;
}

/* 10.6.2.4 */
u8 lapic_apr(const struct lapic *s)
{
    unsigned tpr = s->tpr & PRIORITY_CLASS;
    unsigned isr = class_of(highest(s->isr)), irr = class_of(highest(s->irr));

    if (tpr >= irr && tpr > isr)
        return s->tpr;
    return (u8)((tpr & isr) > irr ? tpr & isr : irr);
}

/* The vector that INTR stands for, or -1. */
static int deliverable(const struct lapic *s)
{
    int vector = highest(s->irr);

    if (!lapic_enabled(s) || class_of(vector) <= (lapic_ppr(s) & PRIORITY_CLASS))
        return -1;
    return vector;
}

static u8 lvt_mode(const struct lapic *s, enum lapic_lvt n)
{
    return s->lvt[n] >> LVT_DELIVERY_SHIFT & LVT_DELIVERY_MASK;
}

static bool pin_is_extint(const struct lapic *s, unsigned pin)
{
    enum lapic_lvt n = LVT_LINT0 + pin;

    return !(s->lvt[n] & LVT_MASKED) && lvt_mode(s, n) == DM_EXTINT;
}

/* Does the 8259 ask, and is it heard? */
static bool extint(const struct lapic *s)
{
    if (!lapic_enabled(s))
        return s->lint[0];
    for (unsigned pin = 0; pin < LAPIC_LINTS; pin++)
        if (s->lint[pin] && pin_is_extint(s, pin))
            return true;
    return s->extint_message;
}

bool lapic_pending(const struct lapic *s)
{
    return deliverable(s) >= 0 || extint(s);
}

void lapic_update(struct lapic *s)
{
    irq_set(&s->config.intr, lapic_pending(s));
}

u8 lapic_ack(struct lapic *s)
{
    int vector = deliverable(s);

    if (vector >= 0) {
        lapic_set_bit(s->irr, (unsigned)vector, false);
        lapic_set_bit(s->isr, (unsigned)vector, true);
    } else if (extint(s) && s->config.cpu.pic_ack) {
        s->extint_message = false;
        vector = s->config.cpu.pic_ack(s->config.cpu.pic);
    } else {
        s->extint_message = false;
        vector = (int)(s->svr & SVR_VECTOR);
    }
    lapic_update(s);
    return (u8)vector;
}

/* Acceptance */

/* 10.5.3: the error interrupt comes with the first error after a write to ESR. */
void lapic_error(struct lapic *s, u32 esr_bit)
{
    bool first = !s->esr_new;

    s->esr_new |= esr_bit;
    if (first)
        lapic_lvt_fire(s, LVT_ERROR);
}

void lapic_accept(struct lapic *s, u8 vector, bool level)
{
    if (vector < FIRST_LEGAL_VECTOR) {
        lapic_error(s, ESR_RECEIVE_ILLEGAL);
        return;
    }
    lapic_set_bit(s->irr, vector, true);
    lapic_set_bit(s->tmr, vector, level);
    lapic_update(s);
}

static void receive_init(struct lapic *s)
{
    lapic_init_state(s);
    s->config.cpu.init(s->config.cpu.cpu);
}

/* 10.4.7.2: one that software has disabled still takes NMI, SMI, INIT and SIPI. */
void lapic_receive(struct lapic *s, u8 mode, u8 vector, bool level)
{
    const struct lapic_cpu *c = &s->config.cpu;

    switch (mode) {
    case DM_FIXED:
    case DM_LOWEST:
        if (s->svr & SVR_ENABLE)
            lapic_accept(s, vector, level);
        return;
    case DM_SMI:
        c->smi(c->cpu);
        return;
    case DM_NMI:
        c->nmi(c->cpu);
        return;
    case DM_INIT:
        receive_init(s);
        return;
    case DM_STARTUP:
        c->sipi(c->cpu, vector);
        return;
    case DM_EXTINT:
        s->extint_message = true;
        lapic_update(s);
        return;
    default:
        log_guest(s->log, LAPIC_WHO, "interrupt with the reserved delivery mode %u", mode);
    }
}

/* The local vector table */

static bool pin_level_triggered(const struct lapic *s, enum lapic_lvt n)
{
    return n == LVT_LINT0 && s->lvt[n] & LVT_LEVEL && lvt_mode(s, n) == DM_FIXED; /* LINT1 knows edges only */
}

static void fire_fixed(struct lapic *s, enum lapic_lvt n)
{
    bool level = pin_level_triggered(s, n);

    if (level && s->lvt[n] & LVT_REMOTE_IRR)
        return;
    if (level)
        s->lvt[n] |= LVT_REMOTE_IRR;
    lapic_accept(s, (u8)(s->lvt[n] & LVT_VECTOR), level);
}

void lapic_lvt_fire(struct lapic *s, enum lapic_lvt n)
{
    u8 mode = n == LVT_TIMER || n == LVT_ERROR ? DM_FIXED : lvt_mode(s, n);

    if (s->lvt[n] & LVT_MASKED)
        return;
    if (mode == DM_FIXED)
        fire_fixed(s, n);
    else if (mode == DM_SMI || mode == DM_NMI || mode == DM_INIT)
        lapic_receive(s, mode, 0, false);
    else if (mode != DM_EXTINT) /* whose level is looked at in extint() */
        log_guest(s->log, LAPIC_WHO, "LVT entry %u has the reserved delivery mode %u", n, mode);
}

void lapic_lvt_settle(struct lapic *s, enum lapic_lvt n)
{
    if (n != LVT_LINT0)
        return;
    if (!pin_level_triggered(s, n))
        s->lvt[n] &= ~LVT_REMOTE_IRR;
    else if (s->lint[0])
        lapic_lvt_fire(s, n);
}

void lapic_set_lint(void *self, unsigned n, bool level)
{
    struct lapic *s = self;

    if (n >= LAPIC_LINTS)
        return;
    bool rose = level && !s->lint[n];
    s->lint[n] = level;
    if (lapic_enabled(s)) {
        if (rose)
            lapic_lvt_fire(s, LVT_LINT0 + n);
    } else if (rose && n == 1) { /* the pin is the processor's NMI */
        s->config.cpu.nmi(s->config.cpu.cpu);
    }
    lapic_update(s);
}

/* End of interrupt (10.8.5) */

void lapic_eoi(struct lapic *s)
{
    int vector = highest(s->isr);

    if (vector < 0)
        return;
    lapic_set_bit(s->isr, (unsigned)vector, false);
    if (lapic_bit(s->tmr, (unsigned)vector)) {
        if (s->lvt[LVT_LINT0] & LVT_REMOTE_IRR && (s->lvt[LVT_LINT0] & LVT_VECTOR) == (u32)vector) {
            s->lvt[LVT_LINT0] &= ~LVT_REMOTE_IRR;
            lapic_lvt_settle(s, LVT_LINT0);
        }
        if (s->bus->eoi)
            s->bus->eoi(s->bus->eoi_owner, (u8)vector);
    }
    lapic_update(s);
}

/* CR8 (10.8.6) */

u8 lapic_cr8(const struct lapic *s)
{
    return s->tpr >> 4;
}

void lapic_set_cr8(struct lapic *s, u8 value)
{
    s->tpr = (u8)((value & 0xf) << 4);
    lapic_update(s);
}

bool lapic_enabled(const struct lapic *s)
{
    return s->apic_base & APIC_BASE_ENABLE;
}

bool lapic_x2apic(const struct lapic *s)
{
    return lapic_enabled(s) && s->apic_base & APIC_BASE_EXTD;
}

/* Reset */

/* 10.4.7.1 */
void lapic_init_state(struct lapic *s)
{
    s->tpr = 0;
    s->ldr = 0;
    s->dfr = UINT32_MAX;
    s->svr = SVR_VECTOR;
    memset(s->isr, 0, sizeof(s->isr));
    memset(s->tmr, 0, sizeof(s->tmr));
    memset(s->irr, 0, sizeof(s->irr));
    s->esr = 0;
    s->esr_new = 0;
    for (unsigned n = 0; n < LVT_ENTRIES; n++)
        s->lvt[n] = LVT_MASKED;
    s->icr = 0;
    s->extint_message = false;
    lapic_timer_reset(s);
    lapic_update(s);
}

void lapic_reset(void *self)
{
    struct lapic *s = self;

    u64 enable = s->config.absent ? 0 : APIC_BASE_ENABLE;
    s->apic_base = APIC_BASE_DEFAULT | enable | (s->config.bsp ? APIC_BASE_BSP : 0);
    s->id = s->config.id;
    lapic_init_state(s);
}

void lapic_init(struct lapic *s, struct lapic_bus *bus, const struct lapic_config *config, struct clock *clock)
{
    memset(s, 0, sizeof(*s));
    s->config = *config;
    s->bus = bus;
    s->clock = clock;
    s->log = bus->log;
    assert(bus->apics < LAPIC_BUS_MAX);
    bus->apic[bus->apics++] = s;
    snprintf(s->timer_name, sizeof(s->timer_name), "lapic-%u", config->id);
    lapic_timer_init(s);
    lapic_reset(s);
}

static bool lapic_post_load(void *self)
{
    lapic_update(self);
    return true;
}

static const struct state_field lapic_fields[] = {
    STATE(struct lapic, apic_base),
    STATE(struct lapic, id),
    STATE(struct lapic, tpr),
    STATE(struct lapic, ldr),
    STATE(struct lapic, dfr),
    STATE(struct lapic, svr),
    STATE_INTS(struct lapic, isr),
    STATE_INTS(struct lapic, tmr),
    STATE_INTS(struct lapic, irr),
    STATE(struct lapic, esr),
    STATE(struct lapic, esr_new),
    STATE_INTS(struct lapic, lvt),
    STATE(struct lapic, icr),
    STATE_INTS(struct lapic, lint),
    STATE(struct lapic, extint_message),
    STATE(struct lapic, initial_count),
    STATE(struct lapic, timer_count),
    STATE(struct lapic, timer_since),
    STATE(struct lapic, divide),
    STATE(struct lapic, tsc_deadline),
    STATE_TIMER(struct lapic, timer),
    STATE_END,
};
const struct state_table lapic_state = { "lapic", 1, lapic_fields, lapic_post_load };
