/* recorder.c: see recorder.h. */
#include "recorder.h"

static u64 events_kept(const struct recorder *r)
{
    return r->count < DEBUG_EVENTS ? r->count : DEBUG_EVENTS;
}

/* A new event, of the present instruction, whose count is charged already. A processor that was put back in time
 * forgets what it has not gone through yet. */
static struct debug_event *add(struct cpu *c, enum debug_event_kind kind, u64 rip)
{
    struct recorder *r = &c->recorder;
    u64 now = cpu_icount(c), kept = events_kept(r);
    now -= now != 0;
    while (kept && r->event[(r->count - 1) % DEBUG_EVENTS].icount > now) {
        r->count--;
        kept--;
    }
    struct debug_event *e = &r->event[r->count++ % DEBUG_EVENTS];
    *e = (struct debug_event){ .kind = (u8)kind, .icount = now, .rip = rip, .cs = c->seg[CS].sel };
    return e;
}

void record_exception(struct cpu *c, const struct pending_exception *e, unsigned depth)
{
    struct debug_event *event = add(c, DEBUG_EVENT_EXCEPTION, c->rip);
    event->vector = e->vector;
    event->has_error = e->has_error;
    event->error = e->error;
    event->value = e->cr2;
    event->depth = (u8)depth;
}

void record_interrupt(struct cpu *c, unsigned vector, unsigned source, u64 rip)
{
    struct debug_event *e = add(c, DEBUG_EVENT_INTERRUPT, rip);
    e->vector = (u8)vector;
    e->source = (u8)source;
}

void record_cr(struct cpu *c, unsigned n, u64 old, u64 value, u64 rip)
{
    struct debug_event *e = add(c, DEBUG_EVENT_CR, rip);
    e->number = n;
    e->old = old;
    e->value = value;
}

void record_msr(struct cpu *c, u32 msr, u64 value, u64 rip)
{
    struct debug_event *e = add(c, DEBUG_EVENT_MSR, rip);
    e->number = msr;
    e->value = value;
}

void record_task(struct cpu *c, u16 old, u16 tss, u64 rip)
{
    struct debug_event *e = add(c, DEBUG_EVENT_TASK, rip);
    e->old = old;
    e->value = tss;
}

void record_reset(struct cpu *c)
{
    add(c, DEBUG_EVENT_RESET, c->rip);
    c->recorder.mode = c->mode & RECORDED_MODE;
}

void record_shutdown(struct cpu *c)
{
    add(c, DEBUG_EVENT_SHUTDOWN, c->rip);
}

static enum debug_mode mode_of(u32 m)
{
    if (m & MODE_SMM)
        return DEBUG_MODE_SMM;
    if (!(m & MODE_PE))
        return DEBUG_MODE_REAL;
    if (m & MODE_VM)
        return DEBUG_MODE_VM86;
    if (m & MODE_64)
        return DEBUG_MODE_64;
    if (m & MODE_LMA)
        return m & MODE_32 ? DEBUG_MODE_COMPATIBILITY_32 : DEBUG_MODE_COMPATIBILITY_16;
    return m & MODE_32 ? DEBUG_MODE_PROTECTED_32 : DEBUG_MODE_PROTECTED_16;
}

enum debug_mode cpu_debug_mode(const struct cpu *c)
{
    return mode_of(c->mode);
}

/* SMM is a mode of its own, whatever the code segment. */
void record_mode_change(struct cpu *c, u64 rip)
{
    enum debug_mode old = mode_of(c->recorder.mode), now = mode_of(c->mode);
    c->recorder.mode = c->mode & RECORDED_MODE;
    if (old == now)
        return;
    struct debug_event *e = add(c, DEBUG_EVENT_MODE, rip);
    e->old = old;
    e->value = now;
    e->target = c->rip;
}

/* A processor that was put back in time has noted what it has not gone through yet: each entry is older than the one
 * behind it. */
size_t cpu_entries(const struct cpu *c, struct debug_entry *to, size_t room)
{
    const struct recorder *r = &c->recorder;
    u64 kept = r->entries < DEBUG_ENTRIES ? r->entries : DEBUG_ENTRIES, limit = cpu_icount(c) + 1;
    size_t n = 0;
    for (u64 i = r->entries; i > r->entries - kept && n < room; i--) {
        const struct debug_entry *e = &r->entry[(i - 1) % DEBUG_ENTRIES];
        if (e->icount >= limit)
            continue;
        limit = e->icount;
        to[n++] = *e;
    }
    for (size_t i = 0; i < n / 2; i++) {
        struct debug_entry e = to[i];
        to[i] = to[n - 1 - i];
        to[n - 1 - i] = e;
    }
    return n;
}

size_t cpu_events(const struct cpu *c, struct debug_event *to, size_t room)
{
    const struct recorder *r = &c->recorder;
    u64 kept = events_kept(r), first = r->count - kept;
    while (kept && r->event[(first + kept - 1) % DEBUG_EVENTS].icount > cpu_icount(c))
        kept--;
    if (kept > room) {
        first += kept - room;
        kept = room;
    }
    for (u64 i = 0; i < kept; i++)
        to[i] = r->event[(first + i) % DEBUG_EVENTS];
    return (size_t)kept;
}
