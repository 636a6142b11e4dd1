/* timeline_find.c: searches in the past. They go from the last stretch between two snapshots to the first, and through
 * each of them forwards, keeping the last place that was found. */
#include "timeline_parts.h"

#define INSNS_OF_A_BLOCK 32u

/* ---- stretches ---- */

/* What is done in one stretch: from the machine's place, at a snapshot, to `end`. What it found is in *found. */
typedef enum timeline_result stretch_fn(struct timeline *t, u64 end, void *with, u64 *found);

/* Through stretch n, up to `end` at most. */
static enum timeline_result pass(struct timeline *t, size_t n, u64 end, stretch_fn *fn, void *with, u64 *found)
{
    const struct history *h = &t->history;
    u64 next = n + 1 < h->snaps ? h->snap[n + 1]->icount : end;
    *found = UINT64_MAX;
    return timeline_restore(t, n) ? fn(t, next < end ? next : end, with, found) : TIMELINE_FAILED;
}

/* From `end` back; `skip`: stretches that need not be passed. */
static enum timeline_result search(struct timeline *t, u64 end, stretch_fn *fn, void *with,
                                   bool (*skip)(struct timeline *t, size_t n), u64 *found)
{
    size_t n = history_find(&t->history, end);
    n -= n && t->history.snap[n]->icount == end;
    for (;; n--) {
        enum timeline_result r = skip && skip(t, n) ? TIMELINE_OK : pass(t, n, end, fn, with, found);
        if (r != TIMELINE_OK && r != TIMELINE_ENDED)
            return r;
        if (*found != UINT64_MAX)
            return TIMELINE_OK;
        if (!n)
            return TIMELINE_BEGINNING;
    }
}

/* Goes where a search ends, and nobody cancels that; its result. */
static enum timeline_result arrive(struct timeline *t, u64 icount, enum timeline_result r)
{
    bool (*go_on)(void *, u64) = t->go_on;
    if (r == TIMELINE_FAILED)
        return r;
    t->go_on = NULL;
    enum timeline_result gone = timeline_goto(t, icount);
    t->go_on = go_on;
    return gone == TIMELINE_FAILED ? gone : r;
}

/* A whole search: away from the present and back, with the machine at what was found; where nothing was, at the first
 * place; where somebody cancelled it, where it began. */
static enum timeline_result seek(struct timeline *t, stretch_fn *fn, void *with, bool silent)
{
    u64 start = machine_icount(t->machine), found = UINT64_MAX;
    if (start == timeline_first(t))
        return TIMELINE_BEGINNING;
    if (!timeline_leave_present(t))
        return TIMELINE_FAILED;
    struct timeline_calm was = timeline_calm(t, silent);
    enum timeline_result r = search(t, start, fn, with, NULL, &found);
    timeline_uncalm(t, &was);
    return arrive(t, r == TIMELINE_OK ? found : r == TIMELINE_BEGINNING ? timeline_first(t) : start, r);
}

/* ---- conditions, instruction by instruction ---- */

struct condition {
    bool (*holds)(void *self, struct machine *m);
    void *self;
    struct machine *machine;
    bool edge; /* only where it did not hold before */
    bool first, before;
    u64 limit, found; /* the search is for a place before that one; the last that was found */
};

static void look(struct condition *c, u64 at)
{
    bool holds = c->holds(c->self, c->machine);
    if (holds && at < c->limit && !(c->edge && (c->before || c->first)))
        c->found = at;
    c->before = holds;
    c->first = false;
}

/* The machine stands before an instruction, or before an interrupt is delivered. */
static enum probe_answer look_here(void *self, const struct probe_event *e)
{
    look(self, e->icount);
    return PROBE_GO;
}

static enum timeline_result look_at_each(struct timeline *t, u64 end, void *with, u64 *found)
{
    struct condition *c = with;
    struct machine *m = t->machine;
    struct probe probe = { .kinds = BIT(PROBE_EXEC) | BIT(PROBE_INTERRUPT),
                           .space = DEBUG_LINEAR,
                           .last = UINT64_MAX,
                           .cpu = -1,
                           .event = look_here,
                           .self = c };
    struct probe_set set = { .probe = &probe, .count = 1 };
    c->first = c->before = true; /* at a snapshot's place it is the stretch before that knows */
    c->found = UINT64_MAX;
    enum timeline_result r = probe_swap(m, &set) ? timeline_run_to(t, end) : TIMELINE_FAILED;
    probe_swap(m, &set);
    probe_silence(m, true);
    if (r == TIMELINE_OK && c->edge)
        look(c, machine_icount(m));
    *found = c->found;
    return r;
}

enum timeline_result timeline_find_back(struct timeline *t, bool (*holds)(void *self, struct machine *m), void *self)
{
    struct condition c = { .holds = holds, .self = self, .machine = t->machine, .limit = machine_icount(t->machine) };
    return seek(t, look_at_each, &c, true);
}

enum timeline_result timeline_when(struct timeline *t, bool (*holds)(void *self, struct machine *m), void *self)
{
    struct condition c = {
        .holds = holds, .self = self, .machine = t->machine, .limit = machine_icount(t->machine), .edge = true
    };
    return seek(t, look_at_each, &c, true);
}

/* ---- probes ---- */

static enum timeline_result look_for_stops(struct timeline *t, u64 end, void *with, u64 *found)
{
    u64 limit = *(const u64 *)with;
    for (;;) {
        enum timeline_result r = timeline_run_to(t, end);
        u64 at = machine_icount(t->machine);
        if (t->stopped && at < limit)
            *found = at;
        if (r != TIMELINE_OK || at >= end)
            return r;
    }
}

enum timeline_result timeline_reverse_continue(struct timeline *t)
{
    u64 limit = machine_icount(t->machine);
    return seek(t, look_for_stops, &limit, false);
}

/* ---- once more ---- */

/* To `end`, from one snapshot to the next, whatever stops on the way. */
static enum timeline_result go_through(struct timeline *t, u64 end)
{
    const struct history *h = &t->history;
    enum timeline_result r = TIMELINE_OK;
    while (r == TIMELINE_OK && machine_icount(t->machine) < end) {
        u64 next = h->base + 1 < h->snaps ? h->snap[h->base + 1]->icount : UINT64_MAX;
        if (machine_icount(t->machine) >= next && !timeline_restore(t, h->base + 1))
            return TIMELINE_FAILED;
        else if (machine_icount(t->machine) < next)
            r = timeline_run_to(t, next < end ? next : end);
    }
    return r;
}

enum timeline_result timeline_tell_again(struct timeline *t, u64 from)
{
    u64 start = machine_icount(t->machine), first = timeline_first(t), at = from < first ? first : from;
    if (at >= start)
        return TIMELINE_BEGINNING;
    if (!timeline_leave_present(t))
        return TIMELINE_FAILED;
    struct timeline_calm was = timeline_calm(t, true);
    enum timeline_result r = timeline_restore(t, history_find(&t->history, at)) ? TIMELINE_OK : TIMELINE_FAILED;
    if (r == TIMELINE_OK)
        r = timeline_run_to(t, at);
    probe_silence(t->machine, false);
    if (r == TIMELINE_OK)
        r = go_through(t, start);
    timeline_uncalm(t, &was);
    return arrive(t, start, r == TIMELINE_OK && from < first ? TIMELINE_BEGINNING : r);
}

/* ---- writes ---- */

static bool not_written(struct timeline *t, size_t n)
{
    for (u64 page = t->watch_first >> PAGE_SHIFT; page <= t->watch_last >> PAGE_SHIFT; page++)
        if (history_written(&t->history, page, n))
            return false;
    return true;
}

static void set_watch(struct timeline *t, bool on)
{
    for (u64 page = t->watch_first >> PAGE_SHIFT; page <= t->watch_last >> PAGE_SHIFT; page++)
        if (on)
            t->history.flags[page] |= HISTORY_WATCHED;
        else
            t->history.flags[page] &= (u8)~HISTORY_WATCHED;
    for (unsigned i = 0; i < t->machine->cpus; i++)
        cpu_track_writes(t->machine->cpu[i].cpu);
}

/* The count at a write within a block is not exact: it is that of an instruction of the same block. */
static enum timeline_result look_for_writes(struct timeline *t, u64 end, void *with, u64 *found)
{
    (void)with;
    t->hit.any = false;
    enum timeline_result r = timeline_run_to(t, end);
    if (t->hit.any)
        *found = t->hit.icount;
    return r;
}

struct places {
    u64 rip[MACHINE_CPUS_MAX], linear[MACHINE_CPUS_MAX];
};

static void note_places(const struct machine *m, struct places *p)
{
    struct debug_registers r;
    for (unsigned i = 0; i < m->cpus; i++) {
        cpu_inspect(m->cpu[i].cpu, &r);
        p->rip[i] = r.rip;
        p->linear[i] = r.code == DEBUG_CODE_64 ? r.rip : (u32)(r.seg[DEBUG_CS].base + r.rip);
    }
}

/* The block's instructions one by one: the last of them that writes, at or before `about`. */
static enum timeline_result find_writer(struct timeline *t, u64 about, u64 end, struct timeline_write *w)
{
    struct machine *m = t->machine;
    size_t n = history_find(&t->history, about - 1);
    u64 from = about > INSNS_OF_A_BLOCK ? about - INSNS_OF_A_BLOCK - 1 : 0, first = t->history.snap[n]->icount;
    if (!timeline_restore(t, n))
        return TIMELINE_FAILED;
    enum timeline_result r = timeline_run_to(t, from > first ? from : first);
    u64 last = about + INSNS_OF_A_BLOCK < end ? about + INSNS_OF_A_BLOCK : end;
    while (r == TIMELINE_OK && machine_icount(m) < last) {
        struct places before;
        u64 at = machine_icount(m);
        note_places(m, &before);
        t->hit.any = false;
        r = timeline_run_to(t, at + 1);
        if (!t->hit.any)
            continue;
        *w = (struct timeline_write){ .icount = at,
                                      .cpu = m->turn,
                                      .rip = before.rip[m->turn],
                                      .linear = before.linear[m->turn],
                                      .by_device = t->hit.by_device,
                                      .address = t->hit.address };
    }
    return r == TIMELINE_ENDED ? TIMELINE_OK : r;
}

/* The write that `found` is about; the machine goes back to where it was. */
static enum timeline_result search_writes(struct timeline *t, u64 start, struct timeline_write *w)
{
    u64 found = UINT64_MAX;
    struct timeline_calm was = timeline_calm(t, true);
    set_watch(t, true);
    enum timeline_result r = search(t, start, look_for_writes, NULL, not_written, &found);
    if (r == TIMELINE_OK)
        r = find_writer(t, found, start, w);
    set_watch(t, false);
    timeline_uncalm(t, &was);
    return r;
}

enum timeline_result timeline_who_wrote(struct timeline *t, u64 physical, u64 length, struct timeline_write *w)
{
    struct machine *m = t->machine;
    struct page page = space_page(&m->memory_space, physical & PAGE_MASK, true);
    u64 start = machine_icount(m), most = 64 * KIB;
    *w = (struct timeline_write){ .icount = UINT64_MAX };
    if (!page.host || !length || start == timeline_first(t))
        return TIMELINE_BEGINNING;
    if (!timeline_leave_present(t))
        return TIMELINE_FAILED;
    t->watch_first = page.ram_page << PAGE_SHIFT | (physical & ~PAGE_MASK);
    t->watch_last = t->watch_first + (length < most ? length : most) - 1;
    if (t->watch_last >= m->pool.pages << PAGE_SHIFT)
        t->watch_last = (m->pool.pages << PAGE_SHIFT) - 1;
    u64 first = t->watch_first;
    enum timeline_result r = search_writes(t, start, w);
    t->watch_first = UINT64_MAX;
    t->watch_last = 0;
    if (r == TIMELINE_OK)
        w->address = physical + (w->address - first);
    return arrive(t, start, r);
}
