/* history.c: the flight recorder in print. */
#include "postmortem.h"

#include <inttypes.h>
#include <stdlib.h>

static void print_interrupt(const struct debug_event *e, FILE *out)
{
    static const char *const source[] = { "interrupt", "NMI", "INT" };
    fprintf(out, "%s %02Xh", source[e->source], e->vector);
}

static void print_exception(const struct debug_event *e, FILE *out)
{
    char name[16];
    fprintf(out, "%s%s", e->depth ? "while delivering it: " : "", view_vector_name(e->vector, name));
    if (e->has_error)
        fprintf(out, "(%04Xh)", e->error & 0xffff);
    if (e->vector == EXC_PF)
        fprintf(out, " at linear %08" PRIx64, e->value);
}

static void print_what(const struct debug_event *e, FILE *out)
{
    switch ((enum debug_event_kind)e->kind) {
    case DEBUG_EVENT_RESET:
        fputs("reset", out);
        break;
    case DEBUG_EVENT_INTERRUPT:
        print_interrupt(e, out);
        break;
    case DEBUG_EVENT_EXCEPTION:
        print_exception(e, out);
        break;
    case DEBUG_EVENT_MODE:
        fprintf(out, "%s to %s", view_mode_name((enum debug_mode)e->old), view_mode_name((enum debug_mode)e->value));
        break;
    case DEBUG_EVENT_CR:
        fprintf(out, "CR%" PRIu32 " %08" PRIx64 " to %08" PRIx64, e->number, e->old, e->value);
        break;
    case DEBUG_EVENT_MSR:
        fprintf(out, "MSR %08" PRIX32 "h := %016" PRIx64, e->number, e->value);
        break;
    case DEBUG_EVENT_TASK:
        fprintf(out, "task switch from TSS %04" PRIX64 "h to %04" PRIX64 "h", e->old, e->value);
        break;
    case DEBUG_EVENT_SHUTDOWN:
        fputs("triple fault: the processor shuts down", out);
        break;
    }
}

void history_print(struct machine *m, unsigned cpu, size_t count, FILE *out)
{
    struct debug_event *e = calloc(DEBUG_EVENTS, sizeof *e);
    if (!e)
        return;
    size_t n = debug_events(m, cpu, e, count < DEBUG_EVENTS ? count : DEBUG_EVENTS);
    for (size_t i = 0; i < n; i++) {
        fprintf(out, "%12" PRIu64 "  %04x:%08" PRIx64 "  ", e[i].icount, e[i].cs, e[i].rip);
        print_what(&e[i], out);
        fputc('\n', out);
    }
    free(e);
}
