/* probe_set.c: which probe asks for which event. */
#include "probe_set.h"

static bool meets(const struct probe *p, u64 first, u64 bytes)
{
    return first <= p->last && (p->first <= first || p->first - first < bytes);
}

static bool in_range(const struct probe *p, const struct probe_event *e)
{
    u64 bytes = e->size ? e->size : 1;
    switch (e->kind) {
    case PROBE_EXEC:
    case PROBE_BLOCK:
        return meets(p, p->space == DEBUG_LINEAR ? e->linear : e->physical, 1);
    case PROBE_READ:
    case PROBE_WRITE:
        return meets(p, p->space == DEBUG_LINEAR ? e->addr : e->physical, bytes);
    case PROBE_PORT:
    case PROBE_MMIO:
        return meets(p, e->addr, bytes);
    case PROBE_MSR:
        return meets(p, e->addr, 1);
    default:
        return true;
    }
}

bool probe_set_tell(const struct probe_set *s, const struct probe_event *e)
{
    bool stop = false;
    for (unsigned i = 0; i < s->count; i++) {
        const struct probe *p = &s->probe[i];
        if ((p->kinds & BIT(e->kind)) && (p->cpu < 0 || (unsigned)p->cpu == e->cpu) && in_range(p, e))
            stop |= p->event(p->self, e) == PROBE_STOP;
    }
    return stop;
}

bool probe_set_overlaps(const struct probe_set *s, u32 kinds, u64 linear, u64 physical, u64 bytes)
{
    for (unsigned i = 0; i < s->count; i++) {
        const struct probe *p = &s->probe[i];
        if ((p->kinds & kinds) && meets(p, p->space == DEBUG_LINEAR ? linear : physical, bytes))
            return true;
    }
    return false;
}

bool probe_set_has_offset(const struct probe_set *s, u32 kinds, unsigned offset)
{
    for (unsigned i = 0; i < s->count; i++) {
        const struct probe *p = &s->probe[i];
        if ((p->kinds & kinds) && p->first <= p->last && ((offset - p->first) & ~PAGE_MASK) <= p->last - p->first)
            return true;
    }
    return false;
}
