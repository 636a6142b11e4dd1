/* watch_bench.h: a processor with a probe that notes what it is told. */
#ifndef PCEMU_TESTS_WATCH_BENCH_H
#define PCEMU_TESTS_WATCH_BENCH_H

#include "harness.h"
#include "probe_set.h"
#include <stdlib.h>

#define EVENTS_MAX 64

struct watcher {
    struct bench *b;
    struct probe probe;
    struct probe_set set;
    u64 others;
    u32 stop_at; /* kinds that are answered PROBE_STOP */
    unsigned count;
    struct probe_event seen[EVENTS_MAX];
    u8 bytes[EVENTS_MAX][16];
    u64 rax[EVENTS_MAX], memory[EVENTS_MAX];
};

static inline enum probe_answer note(void *self, const struct probe_event *e)
{
    struct watcher *w = self;
    assert_true(w->count < EVENTS_MAX);
    w->seen[w->count] = *e;
    if (e->kind == PROBE_EXEC)
        memcpy(w->bytes[w->count], e->bytes, e->length);
    w->rax[w->count] = w->b->cpu->r[RAX];
    w->memory[w->count] = bench_get(w->b, BENCH_DATA, 8);
    w->count++;
    return (w->stop_at & BIT(e->kind)) ? PROBE_STOP : PROBE_GO;
}

static inline void watch_space(struct watcher *w, u32 kinds, enum debug_space space, u64 first, u64 last)
{
    w->probe = (struct probe){ kinds, space, first, last, -1, note, w };
    w->set = (struct probe_set){ .probe = &w->probe, .count = 1, .kinds = kinds, .icount_others = &w->others };
    assert_true(cpu_set_probes(w->b->cpu, &w->set, 0));
}

static inline void watch(struct watcher *w, u32 kinds, u64 first, u64 last)
{
    watch_space(w, kinds, DEBUG_LINEAR, first, last);
}

static inline struct watcher *new_watcher(enum bench_mode mode, u32 kinds)
{
    struct watcher *w = calloc(1, sizeof *w);
    w->b = bench_new(mode);
    watch(w, kinds, 0, UINT64_MAX);
    return w;
}

static inline void free_watcher(struct watcher *w)
{
    bench_free(w->b);
    free(w);
}

#define RUN(w, code) bench_run((w)->b, CODE(code))

static inline void expect(const struct watcher *w, unsigned i, enum probe_kind kind, u64 linear)
{
    assert_true(i < w->count);
    assert_int_equal(w->seen[i].kind, kind);
    assert_int_equal(w->seen[i].linear, linear);
}

static inline u64 run_some(struct watcher *w)
{
    return cpu_run(w->b->cpu, 1000);
}

#endif
