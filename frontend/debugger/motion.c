/* motion.c: letting the machine run: by an instruction, over a call, out of a function, to somewhere. A step follows
 * the program: where an interrupt comes in between, its handler runs to its end first, unless `set handlers on`. */
#include "debugger.h"

#include "insn.h"
#include "postmortem.h"

#include <inttypes.h>
#include <stdlib.h>

#define DETOURS_MAX 1000 /* interrupts in a row before one instruction gets its turn */

/* ---- running ---- */

/* Runs until something stops the machine: d->reason says what. */
void motion_run(struct debugger *d, u64 until_icount)
{
    d->hit = NULL;
    d->begun_at = machine_icount(d->machine);
    d->reason = STOP_NONE;
    d->host.interrupted(d->host.self);
    machine_stop_at(d->machine, until_icount);
    while (d->reason == STOP_NONE) {
        d->status = d->host.run(d->host.self);
        if (d->status == MACHINE_STOPPED && d->hit && d->hit == d->shutdown) {
            d->status = MACHINE_POWERED_OFF;
            d->reason = STOP_ENDED;
        } else if (d->status == MACHINE_STOPPED)
            d->reason = d->hit ? STOP_BREAKPOINT : STOP_STEPPED;
        else if (d->status == MACHINE_IDLE || d->status == MACHINE_STUCK)
            d->reason = STOP_IDLE;
        else if (d->status != MACHINE_RUNNING)
            d->reason = STOP_ENDED;
        else if (d->host.interrupted(d->host.self))
            d->reason = STOP_INTERRUPTED;
        else if (d->until_ns && machine_now_ns(d->machine) >= d->until_ns)
            d->reason = STOP_STEPPED;
        else if (text_on_screen(d))
            d->reason = STOP_WATCHED;
    }
    machine_stop_at(d->machine, UINT64_MAX);
    if (d->reason == STOP_STEPPED || d->reason == STOP_INTERRUPTED)
        d->cpu = machine_running_cpu(d->machine);
    d->monitor.cpu = d->cpu;
}

/* ---- saying where it stopped ---- */

static void say_event(struct debugger *d)
{
    const struct probe_event *e = &d->event;
    char name[16];
    struct view v;
    switch (e->kind) {
    case PROBE_READ:
        fprintf(d->out, "  read %u bytes at %08" PRIx64 ": %0*" PRIx64 "\n", e->size, e->addr, e->size * 2, e->value);
        break;
    case PROBE_WRITE:
        fprintf(d->out, "  %08" PRIx64 ": %0*" PRIx64 " becomes %0*" PRIx64 ", by the instruction at %08" PRIx64 "\n",
                e->addr, e->size * 2, e->old, e->size * 2, e->value, e->linear);
        break;
    case PROBE_PORT:
    case PROBE_MMIO:
        fprintf(d->out, "  %s %0*" PRIx64 " %s %04" PRIx64 "\n", e->write ? "wrote" : "read", e->size * 2, e->value,
                e->write ? "to" : "from", e->addr);
        break;
    case PROBE_CR:
        fprintf(d->out, "  CR%" PRIu64 ": %08" PRIx64 " to %08" PRIx64 "\n", e->addr, e->old, e->value);
        break;
    case PROBE_MSR:
        fprintf(d->out, "  MSR %08" PRIx64 " %s %016" PRIx64 "\n", e->addr, e->write ? ":=" : "=", e->value);
        break;
    case PROBE_INTERRUPT:
    case PROBE_EXCEPTION:
        fprintf(d->out, "  %s", view_vector_name(e->vector, name));
        if (e->has_error)
            fprintf(d->out, "(%04Xh)", e->error);
        fprintf(d->out, " at %08" PRIx64 "\n", e->linear);
        break;
    case PROBE_MODE:
        view_take(&v, d->machine, d->cpu);
        fprintf(d->out, "  now in %s\n", view_mode_name(v.mode));
        break;
    default:
        break;
    }
}

/* Said at once: the chip set answers with a reset. */
bool motion_triple_fault(struct debugger *d, struct breakpoint *b, const struct probe_event *e)
{
    (void)b;
    d->cpu = e->cpu;
    fputs("Triple fault: ", d->out);
    postmortem_print(d->machine, d->cpu, false, d->out);
    return true;
}

static void say_end(struct debugger *d)
{
    static const char *const how[] = {
        [MACHINE_POWERED_OFF] = "The machine is off.",
        [MACHINE_DEBUG_EXIT] = "The guest ended the run through isa-debug-exit.",
        [MACHINE_RESET_REQUEST] = "The guest asked for a reset.",
        [MACHINE_TIMED_OUT] = "The time is up.",
    };
    if ((size_t)d->status < ARRAY_LEN(how) && how[d->status])
        fprintf(d->out, "%s\n", how[d->status]);
}

void motion_report(struct debugger *d)
{
    switch (d->reason) {
    case STOP_BREAKPOINT:
        if (d->hit && d->hit->shown)
            fprintf(d->out, "%s %u: %s\n", d->hit->temporary ? "Temporary breakpoint" : "Breakpoint", d->hit->number,
                    d->hit->what);
        say_event(d);
        if (d->hit && d->hit == d->triple_fault) {
            fputs("  the last branches:\n", d->out);
            branches_print(d, BRANCHES_SHOWN);
        }
        if (d->hit && d->hit->temporary)
            stop_delete(d->hit);
        break;
    case STOP_INTERRUPTED:
        fputs("Interrupted.\n", d->out);
        break;
    case STOP_WATCHED:
        fprintf(d->out, "The text \"%s\" is on %s.\n", d->watched.text, d->watched.place);
        break;
    case STOP_IDLE:
        fputs("The processor waits, and nothing will wake it.\n", d->out);
        break;
    case STOP_ENDED:
        say_end(d);
        return;
    case STOP_NONE:
    case STOP_STEPPED:
        break;
    }
    debugger_where(d);
}

static bool is_over(struct debugger *d)
{
    if (d->reason != STOP_ENDED || d->status == MACHINE_RUNNING)
        return false;
    debugger_fail(d, "the run is over (system_reset begins another)");
    return true;
}

/* ---- one instruction ---- */

static bool saw_interrupt(struct debugger *d, struct breakpoint *b, const struct probe_event *e)
{
    (void)b;
    if (e->source != PROBE_FROM_SOFTWARE && e->source != PROBE_FROM_EXCEPTION)
        d->interrupted_by_device = true;
    return false;
}

static bool stack_is_back(struct debugger *d, struct breakpoint *b, const struct probe_event *e)
{
    (void)b, (void)e;
    struct view v;
    view_take(&v, d->machine, d->cpu);
    return (v.r.gpr[4] & view_stack_mask(&v)) >= d->watched_sp;
}

/* Runs until execution is at `linear` with the stack where it is now or higher. False: something else stopped it.
 */
static bool run_back_to(struct debugger *d, u64 linear, u64 sp)
{
    struct breakpoint *b = stop_add(d, BIT(PROBE_EXEC), "");
    if (!b)
        return false;
    b->filter.first = b->filter.last = linear;
    b->wanted = stack_is_back;
    d->watched_sp = sp;
    bool ok = stop_attach(b);
    if (ok)
        motion_run(d, UINT64_MAX);
    ok = ok && d->reason == STOP_BREAKPOINT && d->hit == b;
    stop_delete(b);
    if (ok)
        d->reason = STOP_STEPPED;
    return ok;
}

bool motion_step(struct debugger *d)
{
    struct view v;
    struct breakpoint *b = stop_add(d, BIT(PROBE_INTERRUPT), "");
    if (!b)
        return false;
    b->wanted = saw_interrupt;
    view_take(&v, d->machine, d->cpu);
    bool again = stop_attach(b);
    for (unsigned i = 0; again && i < DETOURS_MAX; i++) {
        d->interrupted_by_device = false;
        motion_run(d, machine_icount(d->machine) + 1);
        again = d->reason == STOP_STEPPED && d->interrupted_by_device && !d->into_handlers &&
                run_back_to(d, view_code(&v), v.r.gpr[4] & view_stack_mask(&v));
    }
    stop_delete(b);
    return d->reason == STOP_STEPPED;
}

static u64 count_of(struct debugger *d, const char *args)
{
    u64 n = 1;
    if (*args && !debugger_expression(d, &args, &n))
        return 0;
    return n;
}

void cmd_step(struct debugger *d, const char *args)
{
    u64 n = count_of(d, args);
    if (is_over(d))
        return;
    for (u64 i = 0; i < n && motion_step(d); i++)
        ;
    if (n)
        motion_report(d);
}

/* ---- over calls ---- */

static bool is_over_it(const struct insn *i)
{
    return i->kind == INSN_CALL || i->kind == INSN_FAR_CALL || i->kind == INSN_INT || i->repeats;
}

static bool step_over(struct debugger *d)
{
    struct view v;
    struct insn i;
    view_take(&v, d->machine, d->cpu);
    if (!insn_here(&v, &i) || !is_over_it(&i))
        return motion_step(d);
    return run_back_to(d, view_linear(&v, DEBUG_CS, v.r.rip + i.length), v.r.gpr[4] & view_stack_mask(&v));
}

void cmd_next(struct debugger *d, const char *args)
{
    u64 n = count_of(d, args);
    if (is_over(d))
        return;
    for (u64 i = 0; i < n && step_over(d); i++)
        ;
    if (n)
        motion_report(d);
}

/* ---- out of a function ---- */

static bool is_return(const u8 *bytes, unsigned length)
{
    unsigned i = 0;
    if (!bytes)
        return false;
    while (i < length && (bytes[i] == 0x66 || bytes[i] == 0xf2 || bytes[i] == 0xf3 || (bytes[i] & 0xf8) == 0x48))
        i++;
    if (i == length)
        return false;
    u8 op = bytes[i];
    return op == 0xc3 || op == 0xc2 || op == 0xcb || op == 0xca || op == 0xcf;
}

/* The instruction behind a return that took the stack above where it was. */
static bool has_returned(struct debugger *d, struct breakpoint *b, const struct probe_event *e)
{
    (void)b;
    struct view v;
    view_take(&v, d->machine, d->cpu);
    bool above = (v.r.gpr[4] & view_stack_mask(&v)) > d->watched_sp, back = d->left_function && above;
    d->left_function = is_return(e->bytes, e->length);
    return back;
}

void cmd_finish(struct debugger *d, const char *args)
{
    (void)args;
    struct view v;
    struct breakpoint *b = is_over(d) ? NULL : stop_add(d, BIT(PROBE_EXEC), "");
    if (!b)
        return;
    view_take(&v, d->machine, d->cpu);
    d->watched_sp = v.r.gpr[4] & view_stack_mask(&v);
    d->left_function = false;
    b->wanted = has_returned;
    b->filter.cpu = (int)d->cpu;
    struct insn i;
    d->left_function = insn_here(&v, &i) && is_return(i.bytes, i.length);
    if (stop_attach(b))
        motion_run(d, UINT64_MAX);
    if (d->hit == b)
        d->reason = STOP_STEPPED;
    stop_delete(b);
    motion_report(d);
}

/* ---- to somewhere ---- */

void cmd_continue(struct debugger *d, const char *args)
{
    (void)args;
    if (is_over(d))
        return;
    motion_run(d, UINT64_MAX);
    motion_report(d);
}

static void until_stop(struct debugger *d, const char *args)
{
    struct breakpoint *b = stop_add(d, 0, "");
    if (!b)
        return;
    const char *cond = strstr(args, " if ");
    char place[256];
    snprintf(place, sizeof place, "%.*s", cond ? (int)(cond - args) : (int)strlen(args), args);
    snprintf(b->condition, sizeof b->condition, "%s", cond ? cond + 4 : "");
    bool ok = stop_parse(d, b, place) && stop_attach(b);
    if (ok)
        motion_run(d, UINT64_MAX);
    if (ok)
        motion_report(d);
    stop_delete(b);
}

static void until_count(struct debugger *d, const char *args)
{
    u64 n;
    if (!debugger_expression(d, &args, &n))
        return;
    if (n <= machine_icount(d->machine)) {
        debugger_fail(d, "the machine has run %" PRIu64 " instructions already", machine_icount(d->machine));
        return;
    }
    motion_run(d, n);
    motion_report(d);
}

/* Virtual time, in nanoseconds: the alarm ends the slice at that very instant. */
static void until_time(struct debugger *d, const char *args)
{
    u64 ns;
    if (!debugger_expression(d, &args, &ns))
        return;
    machine_set_alarm(d->machine, ns);
    d->until_ns = ns;
    motion_run(d, UINT64_MAX);
    d->until_ns = 0;
    machine_set_alarm(d->machine, UINT64_MAX);
    motion_report(d);
}

void cmd_until(struct debugger *d, const char *args)
{
    size_t len = debugger_word(&args);
    const char *rest = args + len;
    if (is_over(d))
        return;
    debugger_word(&rest);
    if (!len)
        debugger_fail(
            d,
            "until what? an address, or: mode, interrupt, exception, cr, msr, port, task, block, text, serial, screen, "
            "count, time…");
    else if (text_is_place(args, len))
        text_run(d, args, len, rest);
    else if (debugger_is(args, len, "count"))
        until_count(d, rest);
    else if (debugger_is(args, len, "time"))
        until_time(d, rest);
    else
        until_stop(d, args);
}
