/* stops.c: breakpoints: probes with conditions, ignore counts and numbers. A condition is evaluated where the event
 * happens, on the machine as it stands there. */
#include "debugger.h"

#include <inttypes.h>

/* ---- deciding ---- */

static bool condition_holds(struct debugger *d, const struct breakpoint *b, const struct probe_event *e)
{
    char error[EXPR_ERROR_MAX];
    const char *at = b->condition;
    s64 value = 0;
    if (!*at)
        return true;
    d->seen = e;
    bool ok = expr_parse(&at, &d->names, &value, error);
    d->seen = NULL;
    return !ok || value; /* one that can't be evaluated stops, so that it is seen */
}

static bool matches(struct debugger *d, struct breakpoint *b, const struct probe_event *e)
{
    bool number = e->kind == PROBE_INTERRUPT || e->kind == PROBE_EXCEPTION;
    if (number && b->vector >= 0 && e->vector != b->vector)
        return false;
    if (b->error >= 0 && (!e->has_error || e->error != (u32)b->error))
        return false;
    if (e->kind == PROBE_CR && b->reg >= 0 && e->addr != (u64)b->reg)
        return false;
    if (b->write >= 0 && e->write != (b->write == 1) && e->kind != PROBE_READ && e->kind != PROBE_WRITE)
        return false;
    if (b->change && e->kind == PROBE_WRITE && e->old == e->value)
        return false;
    return (!b->wanted || b->wanted(d, b, e)) && condition_holds(d, b, e);
}

static enum probe_answer on_event(void *self, const struct probe_event *e)
{
    struct breakpoint *b = self;
    struct debugger *d = b->owner;
    bool resumed = e->kind == PROBE_EXEC && e->icount == d->begun_at; /* the run began here */
    if ((d->only && d->only != b) || resumed || !matches(d, b, e))
        return PROBE_GO;
    if (b->ignore) {
        b->ignore--;
        return PROBE_GO;
    }
    b->hits++;
    d->hit = b;
    d->event = *e;
    d->event.bytes = NULL;
    d->cpu = e->cpu;
    return PROBE_STOP;
}

/* ---- the list ---- */

struct breakpoint *stop_add(struct debugger *d, u32 kinds, const char *what)
{
    for (unsigned i = 0; i < BREAKPOINTS_MAX; i++) {
        struct breakpoint *b = &d->breakpoint[i];
        if (b->number)
            continue;
        *b = (struct breakpoint){ .owner = d, .number = UINT32_MAX, .enabled = true, .probe = -1, .vector = -1 };
        b->reg = b->write = b->error = -1;
        b->filter = (struct probe){ .kinds = kinds, .last = UINT64_MAX, .cpu = -1, .event = on_event, .self = b };
        snprintf(b->what, sizeof b->what, "%s", what);
        return b;
    }
    debugger_fail(d, "there are %d breakpoints already", BREAKPOINTS_MAX);
    return NULL;
}

bool stop_attach(struct breakpoint *b)
{
    if (b->probe < 0)
        b->probe = machine_probe_add(b->owner->machine, &b->filter);
    if (b->probe < 0)
        debugger_fail(b->owner, "no memory for a breakpoint");
    return b->probe >= 0;
}

void stop_detach(struct breakpoint *b)
{
    if (b->probe >= 0)
        machine_probe_remove(b->owner->machine, b->probe);
    b->probe = -1;
}

void stop_delete(struct breakpoint *b)
{
    stop_detach(b);
    if (b->owner->hit == b)
        b->owner->hit = NULL;
    b->number = 0;
}

void stop_delete_all(struct debugger *d)
{
    for (unsigned i = 0; i < BREAKPOINTS_MAX; i++)
        if (d->breakpoint[i].number)
            stop_delete(&d->breakpoint[i]);
}

/* ---- commands ---- */

/* Takes "if CONDITION" off the end of `args`. */
static void split_condition(const char *args, char *place, size_t size, char condition[CONDITION_MAX])
{
    const char *cond = strstr(args, " if ");
    size_t len = cond ? (size_t)(cond - args) : strlen(args);
    snprintf(place, size, "%.*s", (int)len, args);
    snprintf(condition, CONDITION_MAX, "%s", cond ? cond + 4 : "");
}

static void create(struct debugger *d, const char *args, bool temporary)
{
    char place[256];
    struct breakpoint *b = stop_add(d, 0, "");
    if (!b)
        return;
    split_condition(args, place, sizeof place, b->condition);
    b->temporary = temporary;
    if (!stop_parse(d, b, place) || !stop_attach(b)) {
        stop_delete(b);
        return;
    }
    b->number = ++d->last_number;
    b->shown = true;
    fprintf(d->out, "%s %u: %s%s%s\n", temporary ? "Temporary breakpoint" : "Breakpoint", b->number, b->what,
            *b->condition ? " if " : "", b->condition);
}

void cmd_break(struct debugger *d, const char *args)
{
    create(d, *args ? args : "exec pc", false);
}

void cmd_tbreak(struct debugger *d, const char *args)
{
    create(d, *args ? args : "exec pc", true);
}

void cmd_watch(struct debugger *d, const char *args)
{
    char line[256];
    size_t len = debugger_word(&args);
    bool kind = stop_is_kind(args, len);
    snprintf(line, sizeof line, "%s%s", kind ? "" : "change ", args);
    create(d, line, false);
}

static struct breakpoint *find(struct debugger *d, const char **args)
{
    u64 n;
    if (!debugger_expression(d, args, &n))
        return NULL;
    for (unsigned i = 0; i < BREAKPOINTS_MAX; i++)
        if (d->breakpoint[i].number == n && d->breakpoint[i].shown)
            return &d->breakpoint[i];
    debugger_fail(d, "there is no breakpoint %" PRIu64, n);
    return NULL;
}

static void set_enabled(struct breakpoint *b, bool enabled)
{
    b->enabled = enabled;
    if (enabled)
        stop_attach(b);
    else
        stop_detach(b);
}

/* What `delete`, `enable` and `disable` do to one, or without a number to all. */
static void each(struct debugger *d, const char *args, void (*act)(struct breakpoint *b))
{
    if (*args) {
        while (*args) {
            struct breakpoint *b = find(d, &args);
            if (!b)
                return;
            act(b);
        }
        return;
    }
    for (unsigned i = 0; i < BREAKPOINTS_MAX; i++)
        if (d->breakpoint[i].number && d->breakpoint[i].shown)
            act(&d->breakpoint[i]);
}

static void enable(struct breakpoint *b)
{
    set_enabled(b, true);
}

static void disable(struct breakpoint *b)
{
    set_enabled(b, false);
}

void cmd_delete(struct debugger *d, const char *args)
{
    each(d, args, stop_delete);
}

void cmd_enable(struct debugger *d, const char *args)
{
    each(d, args, enable);
}

void cmd_disable(struct debugger *d, const char *args)
{
    each(d, args, disable);
}

void cmd_ignore(struct debugger *d, const char *args)
{
    u64 count;
    struct breakpoint *b = find(d, &args);
    if (b && debugger_expression(d, &args, &count)) {
        b->ignore = count;
        fprintf(d->out, "Breakpoint %u: the next %" PRIu64 " hits do not stop\n", b->number, count);
    }
}

void cmd_condition(struct debugger *d, const char *args)
{
    struct breakpoint *b = find(d, &args);
    if (!b)
        return;
    snprintf(b->condition, sizeof b->condition, "%s", args);
    fprintf(d->out, "Breakpoint %u %s%s\n", b->number, *args ? "stops if " : "has no condition", args);
}

void show_breakpoints(struct debugger *d, const char *args)
{
    (void)args;
    unsigned shown = 0;
    for (unsigned i = 0; i < BREAKPOINTS_MAX; i++) {
        const struct breakpoint *b = &d->breakpoint[i];
        if (!b->number || !b->shown)
            continue;
        fprintf(d->out, "%-3u %-8s %s", b->number, b->enabled ? "enabled" : "disabled", b->what);
        if (*b->condition)
            fprintf(d->out, " if %s", b->condition);
        fprintf(d->out, ", %" PRIu64 " hit%s", b->hits, b->hits == 1 ? "" : "s");
        if (b->ignore)
            fprintf(d->out, ", ignored %" PRIu64 " times", b->ignore);
        fputs(b->temporary ? ", temporary\n" : "\n", d->out);
        shown++;
    }
    if (!shown)
        fputs("No breakpoints.\n", d->out);
}
