/* resume.c: the machine goes on, and comes to a stop.
 *
 * A step is one instruction of one processor. When an interrupt is delivered instead, the step goes on until its
 * handler has returned to where it came, as QEMU's default of stepping without interrupts has it, but without holding
 * the interrupt back: history is the same whether it was stepped through or not. */
#include "gdbstub.h"

#include "probe.h"

static struct machine *machine(const struct gdbstub *g)
{
    return g->control->machine;
}

static void drop_probe(struct gdbstub *g, int *probe)
{
    if (*probe >= 0)
        machine_probe_remove(machine(g), *probe);
    *probe = -1;
}

static void end_step(struct gdbstub *g)
{
    drop_probe(g, &g->step.interrupt);
    drop_probe(g, &g->step.exec);
    machine_stop_at(machine(g), UINT64_MAX);
}

void resume_cancel(struct gdbstub *g)
{
    end_step(g);
    g->move = MOVE_NONE;
}

static void go(struct gdbstub *g, enum gdb_move move)
{
    g->move = move;
    g->stop = (struct gdb_stop){ 0 };
    g->control->paused = g->control->prelaunch = false;
}

void resume_continue(struct gdbstub *g)
{
    go(g, MOVE_CONTINUE);
}

/* ---- stepping ---- */

static enum probe_answer see_interrupt(void *stub, const struct probe_event *e)
{
    struct gdbstub *g = stub;
    if (e->source != PROBE_FROM_SOFTWARE && e->source != PROBE_FROM_EXCEPTION && !g->step.returning)
        g->step.interrupted = true;
    return PROBE_GO;
}

/* Is the processor where the interrupt took it from? The handler may come by the same place with another stack. */
static enum probe_answer see_return(void *stub, const struct probe_event *e)
{
    struct gdbstub *g = stub;
    struct debug_registers r;
    debug_get_registers(machine(g), e->cpu, &r);
    return r.gpr[4] == g->step.rsp ? PROBE_STOP : PROBE_GO;
}

/* Another processor has the turn: the first instruction of this one that is seen is the one to be stepped over. */
static enum probe_answer see_turn(void *stub, const struct probe_event *e)
{
    struct gdbstub *g = stub;
    bool first = !g->step.started;
    (void)e;
    g->step.started = true;
    return first ? PROBE_GO : PROBE_STOP;
}

static int add_probe(struct gdbstub *g, enum probe_kind kind, u64 first, u64 last,
                     enum probe_answer (*event)(void *, const struct probe_event *))
{
    struct probe p = { .kinds = BIT(kind),
                       .space = DEBUG_LINEAR,
                       .first = first,
                       .last = last,
                       .cpu = (int)g->step.cpu,
                       .event = event,
                       .self = g };
    return machine_probe_add(machine(g), &p);
}

/* From where the processor stands. */
static void begin_step(struct gdbstub *g)
{
    struct debug_registers r;
    debug_get_registers(machine(g), g->step.cpu, &r);
    g->step.rip = r.rip;
    g->step.rsp = r.gpr[4];
    g->step.linear = gdb_linear_rip(&r);
    g->step.started = g->step.interrupted = g->step.returning = false;
    if (g->step.flags & SSTEP_NOIRQ)
        g->step.interrupt = add_probe(g, PROBE_INTERRUPT, 0, UINT64_MAX, see_interrupt);
    if (machine_running_cpu(machine(g)) == g->step.cpu)
        machine_stop_at(machine(g), machine_icount(machine(g)) + 1);
    else
        g->step.exec = add_probe(g, PROBE_EXEC, 0, UINT64_MAX, see_turn);
}

void resume_step(struct gdbstub *g, unsigned cpu, u64 first, u64 last)
{
    g->step.cpu = cpu;
    g->step.first = first;
    g->step.last = last;
    begin_step(g);
    go(g, MOVE_STEP);
}

static bool in_range(struct gdbstub *g)
{
    struct debug_registers r;
    debug_get_registers(machine(g), g->step.cpu, &r);
    u64 pc = g->arch == LAYOUT_I8086 ? gdb_linear_rip(&r) : r.rip; /* as GDB knows it */
    return g->step.first <= pc && pc <= g->step.last;
}

/* The machine came to a stop within a step. True: the step is not over. */
static bool go_on_stepping(struct gdbstub *g)
{
    bool interrupted = g->step.interrupted && !g->step.returning, returned = g->step.returning;
    if (g->stop.signal) /* at a point */
        return false;
    end_step(g);
    if (interrupted) {
        g->step.returning = true;
        g->step.exec = add_probe(g, PROBE_EXEC, g->step.linear, g->step.linear, see_return);
        return g->step.exec >= 0;
    }
    if (!returned && !in_range(g))
        return false;
    begin_step(g);
    return true;
}

/* ---- stopping ---- */

void resume_send_stop(struct gdbstub *g)
{
    packet_begin(&g->link);
    packet_format(&g->link, "T%02xthread:", g->stop.signal);
    gdb_put_thread(g, g->stop.cpu);
    packet_text(&g->link, ";");
    if (g->stop.what && strstr(g->stop.what, "watch"))
        packet_format(&g->link, "%s:%llx;", g->stop.what, (unsigned long long)g->stop.addr);
    else if (g->stop.what)
        packet_format(&g->link, "%s:;", g->stop.what);
    packet_end(&g->link);
}

/* The machine stands: says so, if GDB waits for it. */
static void report(struct gdbstub *g)
{
    bool waited = g->move != MOVE_NONE;
    resume_cancel(g);
    g->general = g->stop.cpu;
    if (waited)
        resume_send_stop(g);
}

void resume_stop(struct gdbstub *g, unsigned signal)
{
    g->control->paused = true;
    g->stop = (struct gdb_stop){ signal, machine_running_cpu(machine(g)), NULL, 0 };
    report(g);
}

void gdbstub_stopped(struct gdbstub *g)
{
    if (g->move == MOVE_STEP && go_on_stepping(g))
        return;
    g->control->paused = true;
    if (!g->stop.signal)
        g->stop = (struct gdb_stop){ GDB_SIGNAL_TRAP,
                                     g->move == MOVE_STEP ? g->step.cpu : machine_running_cpu(machine(g)), NULL, 0 };
    report(g);
}

void gdbstub_poll(struct gdbstub *g)
{
    if (g->connected && g->move != MOVE_NONE && g->control->paused)
        resume_stop(g, GDB_SIGNAL_INT);
}

bool gdbstub_ended(struct gdbstub *g, const char *text, bool can_wait, int exit_status)
{
    if (!g->connected)
        return false;
    if (can_wait && !g->ended && g->move != MOVE_NONE) {
        packet_begin(&g->link);
        packet_text(&g->link, "O");
        packet_hex(&g->link, text, strlen(text));
        packet_end(&g->link);
        resume_stop(g, GDB_SIGNAL_SEGV);
        g->ended = true;
        return true;
    }
    packet_begin(&g->link);
    packet_format(&g->link, "W%02x", (unsigned)exit_status & 0xff);
    if (g->multiprocess)
        packet_text(&g->link, ";process:1");
    packet_end(&g->link);
    return false;
}
