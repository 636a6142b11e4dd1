/* clock.h: the machine's one time: virtual nanoseconds since power-on. What drives it (instructions executed, or the
 * host's clock) is the machine's business; a device can't tell. Timers fire in order of deadline, ties by priority,
 * then by name: never by address or by the order in which they were set. */
#ifndef PCEMU_CLOCK_H
#define PCEMU_CLOCK_H

#include "base.h"

#define NS_PER_SEC ((u64)1000000000)
#define CLOCK_NEVER UINT64_MAX
#define CLOCK_TIMERS_MAX 128

struct clock;

struct timer {
    struct clock *clock;
    const char *name; /* unique in the machine; not owned */
    int priority;     /* smaller fires first among equal deadlines */
    void (*fire)(void *owner);
    void *owner;
    u64 deadline; /* virtual ns; CLOCK_NEVER: not running */
};

struct clock {
    /* The current virtual time in ns. Set by the machine: exact to the instruction also inside a device access. */
    u64 (*now)(void *source);
    void *source;
    struct timer *timer[CLOCK_TIMERS_MAX];
    unsigned timers;
    u64 next; /* the earliest deadline */
    /* Called when `next` becomes earlier, so that a running CPU slice can be cut short. */
    void (*earlier)(void *source);
};

void clock_init(struct clock *c);
static inline u64 clock_now(const struct clock *c)
{
    return c->now(c->source);
}
/* Registers a timer for the machine's life; asserts on a second timer of the same name. */
void timer_init(struct timer *t, struct clock *c, const char *name, int priority, void (*fire)(void *owner),
                void *owner);
/* (Re)starts it; a deadline in the past fires at the next opportunity. */
void timer_set(struct timer *t, u64 deadline_ns);
void timer_stop(struct timer *t);
static inline bool timer_running(const struct timer *t)
{
    return t->deadline != CLOCK_NEVER;
}
/* Fires, in order, every timer with deadline <= now. A timer is stopped before its fire() is called. */
void clock_run_due(struct clock *c);

/* a * b / d with a 128-bit product; d must not be 0. */
static inline u64 muldiv64(u64 a, u64 b, u64 d)
{
    return (u64)((u128)a * b / d);
}

#endif
