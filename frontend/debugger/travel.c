/* travel.c: time travel: backwards by instructions, over calls, to breakpoints; to a place in history; and the
 * questions that only history answers: who wrote this, when did that become so. By timeline.h. */
#include "debugger.h"

#include "insn.h"

#include <inttypes.h>
#include <stdlib.h>

#define DETOURS_MAX 1000

static struct timeline *history_of(struct debugger *d)
{
    d->begun_at = UINT64_MAX;
    if (!d->host.timeline)
        debugger_fail(d, "nothing is recorded (no memory): there is no way back");
    return d->host.timeline;
}

/* Where a journey has ended. */
static void arrive(struct debugger *d, enum timeline_result result)
{
    d->reason = STOP_STEPPED;
    d->status = MACHINE_RUNNING;
    switch (result) {
    case TIMELINE_OK:
        break;
    case TIMELINE_BEGINNING:
        fputs("The beginning of the recording.\n", d->out);
        break;
    case TIMELINE_ENDED:
        fputs("The present.\n", d->out);
        break;
    case TIMELINE_CANCELLED:
        fputs("Interrupted.\n", d->out);
        break;
    case TIMELINE_FAILED:
        debugger_fail(d, "the recording can't be followed (the log says why)");
        break;
    }
    d->cpu = machine_running_cpu(d->machine);
    debugger_where(d);
}

static bool count_of(struct debugger *d, const char *args, u64 *n)
{
    *n = 1;
    return !*args || debugger_expression(d, &args, n);
}

/* ---- backwards ---- */

void cmd_reverse_step(struct debugger *d, const char *args)
{
    u64 n;
    struct timeline *t = history_of(d);
    if (t && count_of(d, args, &n))
        arrive(d, timeline_step_back(t, n));
}

static bool stack_is_as_high(void *self, struct machine *m)
{
    struct debugger *d = self;
    struct view v;
    view_take(&v, m, d->cpu);
    return (v.r.gpr[4] & view_stack_mask(&v)) >= d->watched_sp;
}

static bool has_come_back(const struct insn *i)
{
    return i->kind == INSN_RET || i->kind == INSN_FAR_RET || i->kind == INSN_IRET;
}

/* One instruction back, over what was called or came in between. */
static enum timeline_result back_over(struct debugger *d, struct timeline *t)
{
    struct view v;
    struct insn i;
    view_take(&v, d->machine, d->cpu);
    u64 sp = v.r.gpr[4] & view_stack_mask(&v), pc = view_code(&v);
    for (unsigned n = 0; n < DETOURS_MAX; n++) {
        enum timeline_result result = timeline_step_back(t, 1);
        if (result != TIMELINE_OK)
            return result;
        view_take(&v, d->machine, d->cpu);
        if (!insn_here(&v, &i) || !has_come_back(&i))
            return result;
        d->watched_sp = sp;
        result = timeline_find_back(t, stack_is_as_high, d);
        view_take(&v, d->machine, d->cpu);
        if (result != TIMELINE_OK || view_code(&v) != pc) /* else: an interrupt came before this very instruction */
            return result;
    }
    return TIMELINE_OK;
}

void cmd_reverse_next(struct debugger *d, const char *args)
{
    u64 n;
    struct timeline *t = history_of(d);
    enum timeline_result result = TIMELINE_OK;
    if (!t || !count_of(d, args, &n))
        return;
    for (u64 i = 0; i < n && result == TIMELINE_OK; i++)
        result = back_over(d, t);
    arrive(d, result);
}

void cmd_reverse_continue(struct debugger *d, const char *args)
{
    (void)args;
    struct timeline *t = history_of(d);
    if (!t)
        return;
    d->hit = NULL;
    enum timeline_result result = timeline_reverse_continue(t);
    if (result == TIMELINE_OK && d->hit) {
        d->reason = STOP_BREAKPOINT;
        d->status = MACHINE_RUNNING;
        motion_report(d);
    } else {
        arrive(d, result);
    }
}

void cmd_goto(struct debugger *d, const char *args)
{
    u64 n;
    struct timeline *t = history_of(d);
    if (!t || !debugger_expression(d, &args, &n))
        return;
    enum timeline_result result = timeline_goto(t, n);
    arrive(d, result);
    if (result == TIMELINE_OK)
        return;
    fprintf(d->out, "The recording goes from %" PRIu64 " to %" PRIu64 ".\n", timeline_first(t), timeline_present(t));
}

/* ---- questions ---- */

static bool condition_holds(void *self, struct machine *m)
{
    struct debugger *d = self;
    char error[EXPR_ERROR_MAX];
    const char *at = d->asked;
    s64 value = 0;
    (void)m;
    return expr_parse(&at, &d->names, &value, error) && value;
}

/* "when rax = 5": what is asked is a comparison. */
static void as_comparison(const char *args, char *text, size_t size)
{
    size_t n = 0;
    for (const char *c = args; *c && n + 2 < size; c++) {
        bool lone = *c == '=' && c[1] != '=' && (c == args || !strchr("=<>!", c[-1]));
        text[n++] = *c;
        if (lone)
            text[n++] = '=';
    }
    text[n] = 0;
}

/* REGISTER == NUMBER, without an expression to be read at every instruction. */
struct register_is {
    const u64 *reg;
    unsigned bytes;
    u64 value;
};

static bool register_holds(void *self, struct machine *m)
{
    const struct register_is *r = self;
    (void)m;
    return low_bytes(*r->reg, r->bytes) == r->value;
}

static bool is_simple(const struct debugger *d, struct register_is *r)
{
    char name[8], *end;
    unsigned number;
    int behind = 0;
    if (sscanf(d->asked, " %7[a-z0-9] == %n", name, &behind) != 1 || !behind || d->asked[behind] == '-' ||
        !view_general_name(name, &number, &r->bytes))
        return false;
    r->value = strtoull(d->asked + behind, &end, 0);
    r->reg = debug_view(d->machine, d->cpu).gpr + number;
    return end != d->asked + behind && !*end;
}

void cmd_when(struct debugger *d, const char *args)
{
    struct register_is simple;
    char error[EXPR_ERROR_MAX];
    struct timeline *t = history_of(d);
    s64 value;
    if (!t)
        return;
    as_comparison(args, d->asked, sizeof d->asked);
    const char *at = d->asked;
    if (!expr_parse(&at, &d->names, &value, error) || *at) {
        debugger_fail(d, "when: %s", *at && !*error ? "what is behind the expression?" : error);
        return;
    }
    arrive(d, is_simple(d, &simple) ? timeline_when(t, register_holds, &simple) : timeline_when(t, condition_holds, d));
}

void cmd_who_wrote(struct debugger *d, const char *args)
{
    struct timeline *t = history_of(d);
    struct timeline_write w;
    u64 address, length = 1;
    bool is_physical = debugger_is(args, debugger_word(&args), "phys");
    args += is_physical ? 4 : 0;
    if (!t || !debugger_expression(d, &args, &address))
        return;
    if (*args && !debugger_expression(d, &args, &length))
        return;
    if (!is_physical && !debug_translate(d->machine, d->cpu, address, &address)) {
        debugger_fail(d, "that address is not mapped");
        return;
    }
    switch (timeline_who_wrote(t, address, length, &w)) {
    case TIMELINE_OK:
        fprintf(d->out,
                "%08" PRIx64 " was written %s the instruction at %08" PRIx64 ", number %" PRIu64 " (goto %" PRIu64
                " leads there)\n",
                w.address, w.by_device ? "by a device, during" : "by", w.linear, w.icount, w.icount);
        break;
    case TIMELINE_BEGINNING:
        fputs("Nobody wrote there since the recording began.\n", d->out);
        break;
    case TIMELINE_CANCELLED:
        fputs("Interrupted.\n", d->out);
        break;
    default:
        debugger_fail(d, "the recording can't be followed (the log says why)");
    }
}

void show_timeline(struct debugger *d, const char *args)
{
    (void)args;
    struct timeline *t = history_of(d);
    if (!t)
        return;
    struct timeline_info i = timeline_info(t);
    fprintf(d->out,
            "from %" PRIu64 " to %" PRIu64 ", here: %" PRIu64 "%s; %u snapshots, %" PRIu64 " KiB; %" PRIu64 " inputs\n",
            i.first, i.present, i.now, timeline_in_past(t) ? " (in the past)" : "", i.snapshots, i.bytes / KIB,
            i.events);
}

void travel_fork(struct debugger *d)
{
    if (d->host.timeline && timeline_in_past(d->host.timeline)) {
        fputs("(what came after this place is forgotten)\n", d->out);
        timeline_fork(d->host.timeline);
    }
}
