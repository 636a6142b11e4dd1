/* hpet.h: the High Precision Event Timer: one 64-bit counter, three comparators. See hpet.c. */
#ifndef PCEMU_HPET_H
#define PCEMU_HPET_H

#include "clock.h"
#include "irq.h"
#include "log.h"
#include "region.h"
#include "state.h"

#define HPET_TIMERS 3
#define HPET_ROUTES 32
#define HPET_NS_PER_TICK 10 /* 100 MHz */

struct hpet;

struct hpet_timer {
    /* wiring */
    struct hpet *hpet;
    unsigned index;
    /* state */
    u64 config;     /* Timer N Configuration; its capability bits are not kept here */
    u64 comparator; /* counter value of the next match */
    u64 period;     /* ticks, periodic mode */
    struct timer timer;
};

struct hpet {
    /* wiring */
    struct region region; /* "hpet" */
    struct clock *clock;
    struct log *log;
    struct irq_line irq[HPET_ROUTES]; /* I/O APIC inputs; [0] and [8] are the ISA interrupts of legacy replacement */
    u32 routes;                       /* which inputs a guest may choose: the capability in every timer */
    /* state */
    struct hpet_timer timer[HPET_TIMERS];
    u64 config;        /* General Configuration */
    u64 status;        /* General Interrupt Status */
    u64 counter;       /* while halted; else its value at `counter_since` */
    u64 counter_since; /* ns */
    bool legacy_in[2]; /* levels of what the 8254 and the RTC drive */
};

extern const struct state_table hpet_state;

/* `routes`: mask of I/O APIC inputs offered to the guest. irq[] is wired by the caller afterwards. */
void hpet_init(struct hpet *s, struct clock *clock, u32 routes, struct log *log);
void hpet_reset(void *self);

/* The interrupts that legacy replacement takes over go through here: input 0 is the 8254's (on to irq[0]), input 1 the
 * RTC's (on to irq[8]). While legacy replacement is on they are cut off. */
void hpet_set_legacy(void *self, unsigned n, bool level);

#endif
