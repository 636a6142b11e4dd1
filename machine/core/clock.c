/* clock.c: the timers of the machine's virtual time.
 * A machine has some dozens of timers, so the earliest is found by looking at all of them. */
#include "clock.h"
#include <assert.h>

/* Fires in one clock_run_due() before it returns to let the machine breathe: a timer that a guest has programmed to
 * follow itself without delay must not hold the host for ever. The rest is due at once again. */
#define FIRES_MAX 65536

void clock_init(struct clock *c)
{
    *c = (struct clock){ .next = CLOCK_NEVER };
}

void timer_init(struct timer *t, struct clock *c, const char *name, int priority, void (*fire)(void *owner),
                void *owner)
{
    assert(c->timers < CLOCK_TIMERS_MAX);
    for (unsigned i = 0; i < c->timers; i++)
        assert(strcmp(c->timer[i]->name, name) != 0);
    *t = (struct timer){
        .clock = c, .name = name, .priority = priority, .fire = fire, .owner = owner, .deadline = CLOCK_NEVER
    };
    c->timer[c->timers++] = t;
}

static bool fires_before(const struct timer *a, const struct timer *b)
{
    if (a->deadline != b->deadline)
        return a->deadline < b->deadline;
    if (a->priority != b->priority)
        return a->priority < b->priority;
    return strcmp(a->name, b->name) < 0;
}

/* The timer that fires next, NULL when none is running. */
static struct timer *earliest(const struct clock *c)
{
    struct timer *first = NULL;
    for (unsigned i = 0; i < c->timers; i++) {
        struct timer *t = c->timer[i];
        if (timer_running(t) && (!first || fires_before(t, first)))
            first = t;
    }
    return first;
}

static void find_next(struct clock *c)
{
    const struct timer *t = earliest(c);
    c->next = t ? t->deadline : CLOCK_NEVER;
}

void timer_set(struct timer *t, u64 deadline_ns)
{
    struct clock *c = t->clock;
    u64 before = t->deadline;
    t->deadline = deadline_ns;
    if (deadline_ns < c->next) {
        c->next = deadline_ns;
        if (c->earlier)
            c->earlier(c->source);
    } else if (before == c->next) {
        find_next(c);
    }
}

void timer_stop(struct timer *t)
{
    if (timer_running(t))
        timer_set(t, CLOCK_NEVER);
}

void clock_run_due(struct clock *c)
{
    for (unsigned fires = 0; fires < FIRES_MAX && c->next != CLOCK_NEVER && c->next <= clock_now(c); fires++) {
        struct timer *t = earliest(c);
        timer_stop(t);
        t->fire(t->owner);
    }
}
