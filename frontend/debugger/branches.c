/* branches.c: the last taken branches, while `set branches on`. */
#include "debugger.h"

#include "symbols.h"

#include <inttypes.h>

static bool note(struct debugger *d, struct breakpoint *b, const struct probe_event *e)
{
    (void)b;
    d->branch[d->branches++ % BRANCHES] = (struct branch){ e->icount, e->linear, e->addr };
    return false;
}

void branches_set(struct debugger *d, bool on)
{
    if (on && !d->branch_probe) {
        struct breakpoint *b = stop_add(d, BIT(PROBE_BRANCH), "");
        if (!b)
            return;
        b->wanted = note;
        d->branches = 0;
        d->branch_probe = stop_attach(b) ? b : NULL;
    } else if (!on && d->branch_probe) {
        stop_delete(d->branch_probe);
        d->branch_probe = NULL;
    }
}

static void print_place(const struct debugger *d, u64 linear)
{
    u64 distance;
    const char *name = symbols_at(d->symbols, linear, &distance);
    fprintf(d->out, "%08" PRIx64, linear);
    if (name)
        fprintf(d->out, " %s+%" PRIu64, name, distance);
}

void branches_print(struct debugger *d)
{
    u64 kept = d->branches < BRANCHES ? d->branches : BRANCHES;
    for (u64 i = d->branches - kept; i < d->branches; i++) {
        const struct branch *b = &d->branch[i % BRANCHES];
        fprintf(d->out, "%12" PRIu64 "  ", b->icount);
        print_place(d, b->from);
        fputs(" to ", d->out);
        print_place(d, b->to);
        fputc('\n', d->out);
    }
}

void show_branches(struct debugger *d, const char *args)
{
    (void)args;
    if (!d->branch_probe)
        debugger_fail(d, "branches are not recorded (set branches on)");
    else
        branches_print(d);
}
