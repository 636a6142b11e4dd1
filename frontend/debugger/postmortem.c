/* postmortem.c: see postmortem.h. The faulting instruction has changed nothing, so the processor stands as it did
 * before the first exception of the chain, and all of it can be looked into again. */
#include "postmortem.h"

#include "insn.h"
#include "trail.h"
#include "why.h"

#include <inttypes.h>
#include <stdlib.h>

#define CHAIN_MAX 4
#define HISTORY_LINES 12
#define WAY_LENGTH 40

struct chain {
    struct fault fault[CHAIN_MAX]; /* in the order in which they were raised */
    unsigned count;
    u64 entered; /* where the present mode was entered: an offset in CS; DEBUG_NOWHERE: not known */
};

/* Two exceptions, the second met while the first was being delivered, make a double fault (SDM vol. 3, table 6-5). */
static bool doubles(unsigned first, unsigned second)
{
    bool contributory = first == EXC_DE || (first >= EXC_TS && first <= EXC_GP);
    bool second_contributory = second == EXC_DE || (second >= EXC_TS && second <= EXC_GP);
    return (contributory && second_contributory) || (first == EXC_PF && (second_contributory || second == EXC_PF));
}

static void add_fault(struct chain *c, const struct debug_event *e)
{
    struct fault *f = &c->fault[c->count];
    const struct fault *before = c->count ? f - 1 : NULL;
    *f = (struct fault){ .vector = e->vector, .has_error = e->has_error, .error = e->error, .address = e->value };
    f->delivering = -1;
    if (before && before->delivering >= 0 && doubles((unsigned)before->delivering, before->vector))
        f->delivering = EXC_DF;
    else if (before)
        f->delivering = before->vector;
    c->count++;
}

/* The last chain of exceptions in the recorder, and the last change of mode before it. */
static bool find_chain(struct machine *m, unsigned cpu, struct chain *c)
{
    struct debug_event *e = calloc(DEBUG_EVENTS, sizeof *e);
    size_t n = e ? debug_events(m, cpu, e, DEBUG_EVENTS) : 0, first = n;
    *c = (struct chain){ .entered = DEBUG_NOWHERE };
    while (first && e[first - 1].kind != DEBUG_EVENT_EXCEPTION)
        first--;
    while (first > 1 && e[first - 1].depth && e[first - 2].kind == DEBUG_EVENT_EXCEPTION)
        first--;
    first -= first != 0;
    for (size_t i = first; i < n && c->count < CHAIN_MAX; i++)
        if (e[i].kind == DEBUG_EVENT_EXCEPTION)
            add_fault(c, &e[i]);
    for (size_t i = first; i-- > 0;)
        if (e[i].kind == DEBUG_EVENT_MODE) {
            c->entered = e[i].target;
            break;
        }
    free(e);
    return c->count;
}

/* ---- printing ---- */

static void print_cause(const struct view *v, const struct chain *c, FILE *out)
{
    char name[24], reason[WHY_MAX], root[WHY_MAX];
    const struct fault *f = &c->fault[0];
    fault_name(f, name);
    why(v, f, reason);
    root_cause(v, f, c->entered, root);
    if (root[0])
        fprintf(out, "%s; %s: %s\n", root, name, reason);
    else
        fprintf(out, "%s: %s\n", name, reason);
}

static void print_instruction(const struct view *v, FILE *out)
{
    struct insn i;
    fputs("  at ", out);
    view_print_address(v, v->r.seg[DEBUG_CS].selector, v->r.rip, out);
    fprintf(out, " (linear %08" PRIx64 "), in %s: ", view_code(v), view_mode_name(v->mode));
    if (insn_here(v, &i))
        fprintf(out, "%s\n", i.text);
    else
        fputs("no instruction can be read there\n", out);
}

static void print_chain(const struct view *v, const struct chain *c, FILE *out)
{
    char name[24], before[16], reason[WHY_MAX];
    for (unsigned i = 1; i < c->count; i++) {
        const struct fault *f = &c->fault[i];
        fault_name(f, name);
        why(v, f, reason);
        fprintf(out, "  delivering %s met %s: %s\n", view_vector_name((unsigned)f->delivering, before), name, reason);
    }
}

void postmortem_print(struct machine *m, unsigned cpu, bool way, FILE *out)
{
    struct view v;
    struct chain c;
    view_take(&v, m, cpu);
    if (!find_chain(m, cpu, &c)) {
        fputs("no exception is on record\n", out);
        return;
    }
    print_cause(&v, &c, out);
    print_instruction(&v, out);
    print_chain(&v, &c, out);
    fputs("  what went before (instructions, CS:IP, event):\n", out);
    history_print(m, cpu, HISTORY_LINES, out);
    if (!way)
        return;
    fputs("  the way through the code, but for well-trodden paths (instructions, linear addresses):\n", out);
    trail_print_recorded(m, cpu, WAY_LENGTH, NULL, out);
    fputs("  (every branch, and the way back: the same command with -debug -ex continue -ex history)\n", out);
}
