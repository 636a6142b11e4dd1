/* reverse.c: backwards, by the machine's timeline: bs and bc. A stop in the past is reported as any other; the
 * beginning of what is known as GDB's "replaylog:begin". */
#include "gdbstub.h"

#include "timeline.h"

bool gdb_can_reverse(const struct gdbstub *g)
{
    return g->timeline;
}

/* GDB has changed what the machine would not have done by itself: what comes after this place has not happened. */
void gdb_changes_history(struct gdbstub *g)
{
    if (g->timeline && timeline_in_past(g->timeline))
        timeline_fork(g->timeline);
}

static void report(struct gdbstub *g, enum timeline_result result)
{
    if (result == TIMELINE_FAILED) {
        gdb_error(g, "the machine's past is lost: the host has no memory");
        return;
    }
    if (result == TIMELINE_BEGINNING)
        g->stop = (struct gdb_stop){ GDB_SIGNAL_TRAP, machine_running_cpu(g->control->machine), "replaylog:begin", 0 };
    else if (!g->stop.signal)
        g->stop = (struct gdb_stop){ GDB_SIGNAL_TRAP, machine_running_cpu(g->control->machine), NULL, 0 };
    g->general = g->stop.cpu;
    resume_send_stop(g);
}

/* To the last point. GDB wants to stand where a watched access has not been made yet: it shows the value change back.
 */
static enum timeline_result continue_back(struct gdbstub *g)
{
    enum timeline_result result = timeline_reverse_continue(g->timeline);
    struct gdb_stop stop = g->stop;
    if (result == TIMELINE_OK && stop.what && strstr(stop.what, "watch"))
        result = timeline_step_back(g->timeline, 1);
    g->stop = stop;
    return result;
}

/* "s": one instruction back, "c": to the last point. */
void resume_back(struct gdbstub *g, const char *text)
{
    if (!g->timeline || (*text != 's' && *text != 'c') || text[1]) {
        packet_send(&g->link, g->timeline ? "" : "E.there is no way back: time follows the host's clock");
        return;
    }
    g->stop = (struct gdb_stop){ 0 };
    report(g, *text == 's' ? timeline_step_back(g->timeline, 1) : continue_back(g));
}
