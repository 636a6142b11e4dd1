/* two_ways.h: what has a short way, for where the TLB knows the pages and nothing is in the way, and a checked one for
 * all else, is run with an empty TLB and again with a filled one: both must end in the same state. */
#ifndef PCEMU_TESTS_TWO_WAYS_H
#define PCEMU_TESTS_TWO_WAYS_H

#include "flags.h"
#include "harness.h"
#include "mmu.h"

#include <stdlib.h>

#define MEMORY 0x48000u /* that is put back and compared */

struct two_ways {
    struct bench *b;
    u64 seed;
    u8 *before, *after;
};

struct outcome { /* what an instruction can change */
    u64 r[R_ZERO], rip, icount, inhibit_at, cr2;
    u32 eflags, mode, events, tlb_set;
    u16 fl;
    bool nmi_blocked;
    u8 cpl, activity;
    struct seg seg[SEG_COUNT];
};

static inline u32 draw(struct two_ways *t)
{
    t->seed = t->seed * 6364136223846793005u + 1442695040888963407u;
    return (u32)(t->seed >> 33);
}

static inline struct two_ways two_ways_new(enum bench_mode mode)
{
    struct two_ways t = { bench_new(mode), 7 + mode, malloc(MEMORY), malloc(MEMORY) };
    assert_non_null(t.before);
    assert_non_null(t.after);
    return t;
}

static inline void two_ways_free(struct two_ways *t)
{
    free(t->before);
    free(t->after);
    bench_free(t->b);
}

/* Memory was written behind the processor's back. */
static inline void forget_code(struct two_ways *t)
{
    for (u64 page = 0; page < MEMORY >> PAGE_SHIFT; page++)
        ram_code_written(&t->b->pool, page, UINT32_MAX);
}

static inline struct outcome look(const struct cpu *c)
{
    struct outcome o;
    memset(&o, 0, sizeof o);
    memcpy(o.r, c->r, sizeof o.r);
    for (unsigned n = 0; n < SEG_COUNT; n++) {
        const struct seg *s = &c->seg[n];
        o.seg[n].base = s->base;
        o.seg[n].limit = s->limit;
        o.seg[n].attr = s->attr;
        o.seg[n].sel = s->sel;
        o.seg[n].read_end = s->read_end;
        o.seg[n].write_end = s->write_end;
    }
    o.rip = c->rip;
    o.icount = cpu_icount(c);
    o.inhibit_at = c->inhibit_at;
    o.cr2 = c->cr2;
    o.eflags = c->eflags;
    o.mode = c->mode;
    o.events = c->events;
    o.tlb_set = c->tlb_set;
    o.fl = c->fl;
    o.nmi_blocked = c->nmi_blocked;
    o.cpl = c->cpl;
    o.activity = c->activity;
    return o;
}

/* The instruction and the one beside it, which are decoded together, so that it is run as it mostly is. */
static inline struct outcome run_two(struct two_ways *t)
{
    struct cpu *c = t->b->cpu;
    u64 start = cpu_icount(c);
    cpu_run(c, 2);
    struct outcome o = look(c);
    o.icount -= start;
    return o;
}

/* Also what an instruction that faults would not have come to. */
static inline void fill_tlb(struct two_ways *t)
{
    struct cpu *c = t->b->cpu;
    for (u64 page = 0; page < MEMORY; page += PAGE_SIZE)
        for (enum tlb_set set = TLB_SUPER; set < TLB_SETS; set++)
            if (mmu_lookup(c, page, set, false))
                (void)mmu_lookup(c, page, set, true);
    c->exc.valid = false;
}

/* By both ways, from the present state. */
static inline bool same_both_ways(struct two_ways *t, struct outcome *checked, struct outcome *quick)
{
    static const size_t kept = offsetof(struct cpu, w);
    struct cpu *c = t->b->cpu;
    u8 *state = malloc(kept);
    assert_non_null(state);
    memcpy(t->before, t->b->m, MEMORY);
    memcpy(state, c, kept);
    forget_code(t);
    tlb_flush_all(c);
    *checked = run_two(t);
    memcpy(t->after, t->b->m, MEMORY);
    memcpy(c, state, kept);
    memcpy(t->b->m, t->before, MEMORY);
    free(state);
    forget_code(t);
    cpu_new_epoch(c);
    cpu_update_mode(c);
    fill_tlb(t);
    *quick = run_two(t);
    return memcmp(checked, quick, sizeof *checked) == 0 && memcmp(t->after, t->b->m, MEMORY) == 0;
}

#endif
