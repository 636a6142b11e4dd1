/* timeline.c: see timeline.h: snapshots as the machine runs, and the way to a place in its past: the last snapshot
 * before it, and from there the same instructions with the same inputs. Pages are history.c's, inputs journal.c's,
 * searches timeline_find.c's.
 *
 * The machine never stands behind a snapshot that it has not come through as the history's base: in the past one goes
 * from snapshot to snapshot by restoring the next. */
#include "timeline_parts.h"

#include "snapshot.h"

#include <inttypes.h>
#include <stdlib.h>

#define WHO "timeline"
#define SLICE 1000000u
#define SNAPS_MAX 4096u
/* A way longer than FAR gets a snapshot NEAR before its end: who steps back once does so again. */
#define FAR 2000000u
#define NEAR 100000u

static struct history *history_of(struct timeline *t)
{
    return &t->history;
}

/* ---- pages ---- */

static void get_page(void *self, u64 page, u8 *data)
{
    struct timeline *t = self;
    const struct ram_pool *pool = &t->machine->pool;
    if (page < pool->pages)
        memcpy(data, ram_page_host(pool, page), PAGE_SIZE);
    else
        timeline_disk_get(t, page, data);
}

/* What is as it shall be is left alone: decoded code stays. */
static void put_page(void *self, u64 page, const u8 *data)
{
    static const u8 zeros[PAGE_SIZE];
    struct timeline *t = self;
    struct ram_pool *pool = &t->machine->pool;
    if (page >= pool->pages) {
        timeline_disk_put(t, page, data);
        return;
    }
    u8 *host = ram_page_host(pool, page);
    const u8 *want = data ? data : zeros;
    if (memcmp(host, want, PAGE_SIZE) == 0)
        return;
    memcpy(host, want, PAGE_SIZE);
    ram_code_written(pool, page, UINT32_MAX);
}

static void before_write(void *self, u64 ram_addr, unsigned len)
{
    struct timeline *t = self;
    u64 page = ram_addr >> PAGE_SHIFT;
    if (t->history.flags[page] & HISTORY_CLEAN)
        history_touch(&t->history, page);
    if (len && ram_addr <= t->watch_last && ram_addr + len > t->watch_first)
        t->hit = (struct timeline_hit){ .any = true,
                                        .by_device = t->machine->pool.by_device,
                                        .icount = machine_icount(t->machine),
                                        .address = ram_addr > t->watch_first ? ram_addr : t->watch_first };
}

static void track(struct timeline *t)
{
    for (unsigned i = 0; i < t->machine->cpus; i++)
        cpu_track_writes(t->machine->cpu[i].cpu);
}

/* ---- snapshots ---- */

static void free_state(struct snap_state *s)
{
    if (!s)
        return;
    state_buf_free(&s->chips);
    for (unsigned i = 0; i < MACHINE_CPUS_MAX; i++)
        state_buf_free(&s->tlb[i]);
    free(s);
}

static u64 size_of(const struct snap_state *s)
{
    u64 size = sizeof *s + s->chips.room;
    for (unsigned i = 0; i < MACHINE_CPUS_MAX; i++)
        size += s->tlb[i].room;
    return size;
}

static struct snap_state *save_state(struct timeline *t)
{
    struct machine *m = t->machine;
    struct snap_state *s = calloc(1, sizeof *s);
    bool ok = s && machine_save_chips(m, &s->chips);
    for (unsigned i = 0; ok && i < m->cpus; i++)
        ok = cpu_save_tlb(m->cpu[i].cpu, &s->tlb[i]);
    if (!ok) {
        free_state(s);
        return NULL;
    }
    s->event = m->journal->next;
    s->net = m->journal->next_net;
    return s;
}

static void forget(struct timeline *t, size_t n)
{
    struct snap_state *s = history_remove(&t->history, n);
    t->state_bytes -= size_of(s);
    free_state(s);
}

/* The snapshot that is missed least: between neighbours that are close, for its age. 0: none. */
static size_t find_spare(const struct timeline *t)
{
    const struct history *h = &t->history;
    u64 present = h->snap[h->snaps - 1]->icount;
    double least = 0;
    size_t spare = 0;
    for (size_t i = 1; i + 1 < h->snaps; i++) {
        if (i == h->base)
            continue;
        u64 gap = h->snap[i + 1]->icount - h->snap[i - 1]->icount, age = present - h->snap[i]->icount;
        double worth = (double)gap / (double)(age + t->config.spacing);
        if (!spare || worth < least) {
            least = worth;
            spare = i;
        }
    }
    return spare;
}

static void thin(struct timeline *t)
{
    const struct history *h = &t->history;
    while (h->snaps > 2 && (h->bytes + t->state_bytes > t->config.memory_limit || h->snaps > SNAPS_MAX)) {
        size_t spare = find_spare(t);
        if (!spare && h->base == 0)
            return;
        forget(t, spare); /* none in between: the beginning */
    }
}

static bool failed(struct timeline *t)
{
    return t->history.failed || t->machine->journal->failed;
}

/* A snapshot of here, where there is none. */
static bool take(struct timeline *t)
{
    struct history *h = history_of(t);
    u64 icount = machine_icount(t->machine);
    if (h->snaps && h->snap[h->base]->icount >= icount)
        return true;
    if (h->base + 1 < h->snaps && h->snap[h->base + 1]->icount <= icount)
        return true;
    struct snap_state *state = save_state(t);
    struct snap *s = state ? history_add(h, icount) : NULL;
    if (!s) {
        free_state(state);
        return false;
    }
    s->state = state;
    t->state_bytes += size_of(state);
    track(t);
    thin(t);
    return true;
}

bool timeline_restore(struct timeline *t, size_t n)
{
    struct machine *m = t->machine;
    char why[SNAPSHOT_WHY_MAX];
    struct history *h = history_of(t);
    if (failed(t)) {
        log_host(m->log, WHO, "the host had no memory for the past");
        return false;
    }
    history_restore(h, n);
    struct snap_state *s = h->snap[n]->state;
    s->chips.pos = 0;
    if (!machine_load_chips(m, &s->chips, why)) {
        log_host(m->log, WHO, "%s", why);
        return false;
    }
    for (unsigned i = 0; i < m->cpus; i++)
        cpu_load_tlb(m->cpu[i].cpu, s->tlb[i].data);
    m->journal->next = s->event;
    m->journal->next_net = s->net;
    m->resting = m->alarm_rang = m->at_present = false;
    return true;
}

/* ---- a timeline's life ---- */

static bool begin(struct timeline *t)
{
    struct machine *m = t->machine;
    struct history *h = history_of(t);
    u64 pages = timeline_plug_disks(t, m->pool.pages);
    *h = (struct history){ .pages = pages, .get = get_page, .put = put_page, .self = t };
    h->flags = malloc(pages);
    if (!h->flags || !history_begin(h))
        return false;
    memset(h->flags, HISTORY_CLEAN, pages);
    const struct ram_tracker tracker = { before_write, t, h->flags };
    ram_track(&m->pool, &tracker);
    m->journal->cut = false;
    return take(t);
}

static void end(struct timeline *t)
{
    ram_track(&t->machine->pool, NULL);
    timeline_unplug_disks(t);
    history_free(history_of(t), free_state);
    free(t->history.flags);
    t->history.flags = NULL;
    t->state_bytes = 0;
}

struct timeline *timeline_new(struct machine *m, const struct timeline_config *config)
{
    struct timeline *t = calloc(1, sizeof *t);
    if (!t || m->pool.track || (!m->journal && !(m->journal = journal_new()))) {
        free(t);
        return NULL;
    }
    t->machine = m;
    t->config = *config;
    t->watch_first = UINT64_MAX;
    if (!t->config.spacing)
        t->config.spacing = TIMELINE_SPACING;
    if (!t->config.memory_limit)
        t->config.memory_limit = TIMELINE_MEMORY;
    if (m->journal->mode == JOURNAL_OFF)
        m->journal->mode = JOURNAL_RECORD;
    if (begin(t))
        return t;
    log_host(m->log, WHO, "no memory for the past");
    timeline_free(t);
    return NULL;
}

void timeline_free(struct timeline *t)
{
    if (!t)
        return;
    timeline_fork(t);
    end(t);
    free(t);
}

void timeline_fork(struct timeline *t)
{
    struct history *h = history_of(t);
    struct machine *m = t->machine;
    if (!timeline_in_past(t))
        return;
    while (h->snaps > h->base + 1)
        forget(t, h->snaps - 1);
    journal_record(m->journal);
    m->muted = false;
}

/* Something came that can't be done again: the past begins here. */
static void begin_anew(struct timeline *t)
{
    end(t);
    if (!begin(t))
        t->history.failed = true;
}

/* ---- where it is ---- */

bool timeline_in_past(const struct timeline *t)
{
    return t->machine->journal->end_icount != UINT64_MAX;
}

u64 timeline_first(const struct timeline *t)
{
    return t->history.snap[0]->icount;
}

u64 timeline_present(const struct timeline *t)
{
    return timeline_in_past(t) ? t->machine->journal->end_icount : machine_icount(t->machine);
}

struct timeline_info timeline_info(const struct timeline *t)
{
    return (struct timeline_info){ .first = timeline_first(t),
                                   .present = timeline_present(t),
                                   .now = machine_icount(t->machine),
                                   .snapshots = (unsigned)t->history.snaps,
                                   .bytes = t->history.bytes + t->state_bytes,
                                   .events = t->machine->journal->events };
}

void timeline_set_progress(struct timeline *t, bool (*go_on)(void *self, u64 icount), void *self)
{
    t->go_on = go_on;
    t->go_on_self = self;
}

/* ---- running ---- */

/* The count at which the next snapshot stands. */
static u64 next_snap(const struct timeline *t)
{
    const struct history *h = &t->history;
    return h->base + 1 < h->snaps ? h->snap[h->base + 1]->icount : UINT64_MAX;
}

static enum machine_status run_slice(struct timeline *t, u64 until)
{
    struct machine *m = t->machine;
    u64 left = until - machine_icount(m), slice = m->config.slice_insns;
    m->config.slice_insns = left < SLICE ? left : SLICE;
    enum machine_status status = machine_run(m);
    m->config.slice_insns = slice;
    return status;
}

static enum machine_status run_in_past(struct timeline *t)
{
    struct history *h = history_of(t);
    if (machine_icount(t->machine) >= next_snap(t) && !timeline_restore(t, h->base + 1))
        return MACHINE_IDLE;
    return run_slice(t, next_snap(t));
}

enum machine_status timeline_run(struct timeline *t)
{
    struct machine *m = t->machine;
    const struct history *h = history_of(t);
    m->at_present = false;
    if (timeline_in_past(t))
        return run_in_past(t);
    enum machine_status status = machine_run(m);
    if (m->journal->cut)
        begin_anew(t);
    else if (machine_icount(m) - h->snap[h->base]->icount >= t->config.spacing && !take(t))
        t->history.failed = true;
    return status;
}

enum timeline_result timeline_run_to(struct timeline *t, u64 icount)
{
    struct machine *m = t->machine;
    bool to_present = icount >= m->journal->end_icount && !m->journal->searches;
    m->at_present = t->stopped = false;
    while (to_present ? !m->at_present : machine_icount(m) < icount) {
        enum machine_status status = run_slice(t, to_present ? UINT64_MAX : icount);
        t->stopped = status == MACHINE_STOPPED;
        if (m->at_present)
            return TIMELINE_ENDED;
        if (status > MACHINE_IDLE)
            return t->stopped ? TIMELINE_OK : TIMELINE_ENDED;
        if (status == MACHINE_IDLE) { /* it waits for what did not come then: another history */
            log_host(m->log, WHO, "the past can't be relived from here");
            return TIMELINE_FAILED;
        }
        if (t->go_on && !t->go_on(t->go_on_self, machine_icount(m)))
            return TIMELINE_CANCELLED;
    }
    return TIMELINE_OK;
}

/* ---- going ---- */

bool timeline_leave_present(struct timeline *t)
{
    struct machine *m = t->machine;
    struct journal *j = m->journal;
    if (timeline_in_past(t))
        return true;
    if (j->cut)
        begin_anew(t);
    if (!take(t))
        return false;
    j->end_icount = machine_icount(m);
    j->end_now = machine_now_ns(m);
    j->end_halted = m->halted;
    j->end_event = j->next;
    j->end_mode = j->mode;
    j->mode = JOURNAL_REPLAY;
    m->muted = true;
    return true;
}

struct timeline_calm timeline_calm(struct timeline *t, bool silent)
{
    struct machine *m = t->machine;
    struct timeline_calm was = { .stop_at = m->stop_at, .slice = m->config.slice_insns, .silent = silent };
    memcpy(was.quiet, m->log->quiet, sizeof was.quiet);
    m->log->quiet[LOG_UNIMP] = m->log->quiet[LOG_GUEST] = true;
    m->stop_at = UINT64_MAX;
    m->journal->searches = true;
    if (silent)
        probe_silence(m, true);
    return was;
}

void timeline_uncalm(struct timeline *t, const struct timeline_calm *was)
{
    struct machine *m = t->machine;
    memcpy(m->log->quiet, was->quiet, sizeof was->quiet);
    m->stop_at = was->stop_at;
    m->journal->searches = false;
    m->config.slice_insns = was->slice;
    if (was->silent)
        probe_silence(m, false);
}

/* From the last snapshot before, unless the machine is on the way already. */
static enum timeline_result go_to(struct timeline *t, u64 icount)
{
    struct history *h = history_of(t);
    size_t n = history_find(h, icount);
    if ((n != h->base || machine_icount(t->machine) > icount) && !timeline_restore(t, n))
        return TIMELINE_FAILED;
    if (icount - machine_icount(t->machine) > FAR) {
        enum timeline_result r = timeline_run_to(t, icount - NEAR);
        if (r != TIMELINE_OK)
            return r;
        take(t);
    }
    return timeline_run_to(t, icount);
}

enum timeline_result timeline_goto(struct timeline *t, u64 icount)
{
    if (t->machine->journal->cut && !timeline_in_past(t))
        begin_anew(t);
    u64 first = timeline_first(t), present = timeline_present(t);
    u64 target = icount < first ? first : icount > present ? present : icount;
    if (!timeline_in_past(t) && target == present)
        return icount == present ? TIMELINE_OK : TIMELINE_ENDED;
    if (!timeline_leave_present(t))
        return TIMELINE_FAILED;
    struct timeline_calm was = timeline_calm(t, true);
    t->machine->journal->searches = false;
    enum timeline_result r = go_to(t, target);
    timeline_uncalm(t, &was);
    if (r == TIMELINE_ENDED && machine_icount(t->machine) == icount)
        r = TIMELINE_OK;
    return r == TIMELINE_OK && icount < first ? TIMELINE_BEGINNING : r;
}

enum timeline_result timeline_step_back(struct timeline *t, u64 count)
{
    if (t->machine->journal->cut && !timeline_in_past(t))
        begin_anew(t);
    u64 now = machine_icount(t->machine), first = timeline_first(t);
    if (now == first)
        return TIMELINE_BEGINNING;
    return timeline_goto(t, now - first < count ? first : now - count);
}
