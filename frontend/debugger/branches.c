/* branches.c: the last transitions between stretches of straight-line code: exactly, with the branch that made each.
 * Where there is a recording they are found when somebody asks, by running the last instructions again; without one,
 * `set branches on` notes them as they happen. */
#include "debugger.h"

#include "symbols.h"
#include "trail.h"

#include <inttypes.h>
#include <stdlib.h>

#define SPAN_FIRST (BIT(14)) /* instructions that are run again, at first and at most */
#define SPAN_MOST (BIT(26))
#define SPAN_FACTOR 8

static void add(struct debugger *d, u64 icount, u64 from, u64 to)
{
    d->branch[d->branches++ % BRANCHES] = (struct branch){ icount, from, to };
}

/* A block is also entered, as far as probes are told, where the machine was put at a snapshot: what counts is a branch,
 * or the delivery of an interrupt, which takes the time of one instruction. */
static bool note(struct debugger *d, struct breakpoint *b, const struct probe_event *e)
{
    (void)b;
    if (e->kind == PROBE_BRANCH)
        add(d, e->icount + 1, e->linear, e->addr);
    else if (e->kind == PROBE_INTERRUPT)
        d->delivered_at = e->icount;
    else if (e->icount == d->delivered_at + 1)
        add(d, e->icount, DEBUG_NOWHERE, e->linear);
    return false;
}

static struct breakpoint *listen(struct debugger *d)
{
    struct breakpoint *b = stop_add(d, BIT(PROBE_BRANCH) | BIT(PROBE_BLOCK) | BIT(PROBE_INTERRUPT), "");
    if (!b)
        return NULL;
    b->wanted = note;
    d->branches = 0;
    d->delivered_at = DEBUG_NOWHERE;
    if (stop_attach(b))
        return b;
    stop_delete(b);
    return NULL;
}

void branches_set(struct debugger *d, bool on)
{
    if (on && !d->branch_probe)
        d->branch_probe = listen(d);
    else if (!on && d->branch_probe) {
        stop_delete(d->branch_probe);
        d->branch_probe = NULL;
    }
}

/* ---- from the recording ---- */

/* From `from` on; the machine is where it was then. */
static enum timeline_result run_again(struct debugger *d, u64 from)
{
    struct breakpoint *b = listen(d);
    if (!b)
        return TIMELINE_FAILED;
    d->only = b;
    enum timeline_result result = timeline_tell_again(d->host.timeline, from);
    d->only = NULL;
    stop_delete(b);
    return result;
}

/* False: there is no recording, or it was interrupted. */
static bool recall(struct debugger *d)
{
    const struct timeline *t = d->host.timeline;
    enum timeline_result result = TIMELINE_OK;
    u64 now = machine_icount(d->machine);
    d->branches = 0;
    for (u64 span = SPAN_FIRST; t && result == TIMELINE_OK && d->branches < BRANCHES && span <= SPAN_MOST;
         span *= SPAN_FACTOR)
        result = run_again(d, now > span ? now - span : 0);
    return t && (result == TIMELINE_OK || result == TIMELINE_BEGINNING);
}

/* Brings the ring up to date. False: nobody has kept what it should hold. */
static bool bring(struct debugger *d)
{
    return d->branch_probe || recall(d);
}

/* ---- in print ---- */

static void print_place(const struct debugger *d, u64 linear)
{
    u64 distance;
    const char *name = symbols_at(d->symbols, linear, &distance);
    fprintf(d->out, "%08" PRIx64, linear);
    if (name)
        fprintf(d->out, " %s+%" PRIu64, name, distance);
}

static u64 first_of(const struct debugger *d, u64 count)
{
    u64 kept = d->branches < BRANCHES ? d->branches : BRANCHES;
    return d->branches - (count < kept ? count : kept);
}

static void print_branches(struct debugger *d, u64 count)
{
    for (u64 i = first_of(d, count); i < d->branches; i++) {
        const struct branch *b = &d->branch[i % BRANCHES];
        fprintf(d->out, "%12" PRIu64 "  ", b->icount - (b->from != DEBUG_NOWHERE));
        if (b->from == DEBUG_NOWHERE)
            fputs("interrupt", d->out);
        else
            print_place(d, b->from);
        fputs(" to ", d->out);
        print_place(d, b->to);
        fputc('\n', d->out);
    }
}

void branches_print(struct debugger *d, u64 count)
{
    if (bring(d))
        print_branches(d, count);
}

void branches_trail(struct debugger *d, u64 count)
{
    struct debug_entry *e = calloc(BRANCHES, sizeof *e);
    size_t n = 0;
    if (e && bring(d)) {
        for (u64 i = first_of(d, count); i < d->branches; i++)
            e[n++] = (struct debug_entry){ d->branch[i % BRANCHES].icount, d->branch[i % BRANCHES].to };
        fputs("  the way through the code (instructions, linear addresses):\n", d->out);
        trail_print(e, n, d->symbols, d->out);
    } else {
        fputs("  the way through the code, but for well-trodden paths (instructions, linear addresses):\n", d->out);
        trail_print_recorded(d->machine, d->cpu, (size_t)count, d->symbols, d->out);
    }
    free(e);
}

void show_branches(struct debugger *d, const char *args)
{
    u64 count = BRANCHES_SHOWN;
    if (*args && !debugger_expression(d, &args, &count))
        return;
    if (!bring(d))
        debugger_fail(d, "branches are not recorded (set branches on)");
    else
        print_branches(d, count);
}
