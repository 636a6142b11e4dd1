/* run.c: the loop around the machine: slices of it, and between them the host's input and output. */
#define _GNU_SOURCE
#include "session.h"

#include "debug.h"
#include "timeline.h"
#include "postmortem.h"

#include <inttypes.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

/* With a window the loop never sleeps longer: SDL's events have no descriptor to wait for. */
#define WINDOW_WAIT_NS 8000000u
/* What the host's side wants. */
enum wish { WISH_GO_ON, WISH_CLOSE, WISH_QUIT, WISH_SIGNAL };

static u64 now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (u64)t.tv_sec * 1000000000u + (u64)t.tv_nsec;
}

/* A stopped machine takes nothing, and a running one at its port's pace; what was typed waits here, so that the escape
 * character behind it is seen. */
static void feed_serial(struct session *s)
{
    struct typed *t = &s->typed;
    u8 byte;
    while (t->count < TYPED_MAX && stream_read(&s->serial, &byte)) {
        if (s->serial.aside)
            monitor_take(s, byte);
        else
            t->byte[(t->head + t->count++) % TYPED_MAX] = byte;
    }
    while (t->count && !s->control.paused && machine_serial_ready(s->machine)) {
        machine_serial_receive(s->machine, t->byte[t->head]);
        t->head = (t->head + 1) % TYPED_MAX;
        t->count--;
    }
}

/* Keys and scripts act at moments of the machine's time. */
static void act(struct session *s)
{
    u64 script, keys;
    do {
        script = session_script_poll(s);
        keys = key_player_run(&s->control.keys, s->machine);
    } while (!s->control.keys.count && session_script_types(s));
    u64 next = script < keys ? script : keys;
    if (next != s->alarm)
        machine_set_alarm(s->machine, next);
    s->alarm = next;
}

/* Looks once at everything that may have happened outside. */
static enum wish poll_host(struct session *s)
{
    struct signalfd_siginfo info;
    stream_flush(&s->serial);
    stream_flush(&s->parallel);
    stream_flush(&s->debugcon);
    if (!s->options->debug && read(s->signals, &info, sizeof info) == (ssize_t)sizeof info)
        return WISH_SIGNAL;
    stream_accept(&s->serial);
    stream_accept(&s->parallel);
    stream_accept(&s->debugcon);
    feed_serial(s);
    monitor_poll(s);
    gdb_poll(s);
    act(s);
    if (s->serial.quit)
        return WISH_CLOSE;
    if (s->control.quit)
        return WISH_QUIT;
    if (!s->window)
        return WISH_GO_ON;
    window_show(s->window, s->machine, now_ns());
    return window_poll(s->window, s->machine) ? WISH_GO_ON : WISH_CLOSE;
}

/* Sleeps until there is input or signal, or `ns` have passed. */
static void wait_host(struct session *s, u64 ns)
{
    bool listens = s->typed.count < TYPED_MAX;
    short writes = s->has_monitor && s->monitor.pending_len ? POLLOUT : 0;
    short gdb_writes = s->gdb && s->gdb->link.out_len ? POLLOUT : 0;
    struct pollfd p[] = { { s->signals, POLLIN, 0 },
                          { listens ? stream_wait_fd(&s->serial) : -1, POLLIN, 0 },
                          { stream_wait_fd(&s->monitor_stream), (short)(POLLIN | writes), 0 },
                          { stream_wait_fd(&s->gdb_stream), (short)(POLLIN | gdb_writes), 0 },
                          { s->parallel.listening, POLLIN, 0 },
                          { s->debugcon.listening, POLLIN, 0 } };
    if (s->window && ns > WINDOW_WAIT_NS)
        ns = WINDOW_WAIT_NS;
    struct timespec t = { (time_t)(ns / 1000000000u), (long)(ns % 1000000000u) };
    ppoll(p, ARRAY_LEN(p), ns == UINT64_MAX ? NULL : &t, NULL);
}

/* ---- how a run ends ---- */

void session_say_end(const struct session *s, const char *how)
{
    fprintf(stderr, "pcemu: %s after %" PRIu64 " instructions, at %.9f s\n", how, machine_icount(s->machine),
            (double)machine_now_ns(s->machine) / 1e9);
}

static int exit_status_of(struct session *s, enum machine_status status)
{
    switch (status) {
    case MACHINE_DEBUG_EXIT:
        return (int)machine_exit_status(s->machine);
    case MACHINE_TRIPLE_FAULT:
        fputs("pcemu: triple fault: ", stderr);
        postmortem_print(s->machine, machine_running_cpu(s->machine), true, stderr);
        session_say_end(s, "triple fault");
        debug_print_registers(s->machine, machine_running_cpu(s->machine), stderr);
        return STATUS_TRIPLE_FAULT;
    case MACHINE_RESET_REQUEST:
        return STATUS_RESET;
    case MACHINE_TIMED_OUT:
        session_say_end(s, "time-out");
        return STATUS_TIMED_OUT;
    case MACHINE_STUCK:
        session_say_end(s, "stuck: the processor is halted with interrupts off, nothing will wake it,");
        return STATUS_STUCK;
    case MACHINE_IDLE:
        session_say_end(s, "stuck: the processor waits, no timer runs and there is no input,");
        return STATUS_STUCK;
    case MACHINE_POWERED_OFF:
    case MACHINE_RUNNING:
    case MACHINE_STOPPED:
        break;
    }
    return STATUS_POWERED_OFF;
}

/* A wait that nothing can end: no window whose user could act, no input, no timer. */
static bool waits_for_nothing(const struct session *s, u64 idle_ns)
{
    return !s->window && stream_wait_fd(&s->serial) < 0 && !monitor_listens(s) && !(s->gdb && s->gdb->connected) &&
           idle_ns == UINT64_MAX;
}

/* The user stopped the machine, or it waits for somebody to connect. */
static bool is_held(const struct session *s)
{
    return s->control.paused || stream_holds(&s->serial) || stream_holds(&s->parallel) || stream_holds(&s->debugcon) ||
           stream_holds(&s->monitor_stream);
}

/* The reset button. After -no-shutdown the machine stands all the same, as before its first instruction. */
static bool do_reset(struct session *s)
{
    if (!s->control.reset)
        return true;
    s->control.reset = false;
    if (s->options->no_reboot)
        return s->control.shut_down;
    machine_reset(s->machine);
    s->control.prelaunch = s->control.prelaunch || s->control.shut_down;
    s->control.shut_down = false;
    return true;
}

/* -no-shutdown: a machine that is off stands, for whoever wants to look at it. Who says when or by what the run shall
 * end does not want to wait for what can't come any more. */
static bool stays(struct session *s, enum machine_status status)
{
    const struct options *o = s->options;
    bool off = status == MACHINE_POWERED_OFF || status == MACHINE_RESET_REQUEST || status == MACHINE_TRIPLE_FAULT;
    if (!off || !o->no_shutdown || o->timeout_ns || o->insn_limit || s->script.active)
        return false;
    gdb_stopped(s);
    s->control.paused = s->control.shut_down = true;
    session_pause(s, true);
    return true;
}

/* Runs the machine for a slice, or waits where it has nothing to do. Return: MACHINE_RUNNING and MACHINE_IDLE: go on.
 */
static enum machine_status run_slice(struct session *s)
{
    if (is_held(s)) {
        wait_host(s, UINT64_MAX);
        return MACHINE_RUNNING;
    }
    enum machine_status status = s->timeline ? timeline_run(s->timeline) : machine_run(s->machine);
    bool somebody =
        s->window || monitor_listens(s) || (s->gdb && s->gdb->connected) || (s->serial.mux && s->serial.in >= 0);
    if (s->tracer && !tracer_poll(s->tracer))
        log_host(&s->log, "trace", "no memory: it ends here");
    if (status == MACHINE_STOPPED)
        return (s->tracer && tracer_stopped(s->tracer)) || session_script_stopped(s) ? MACHINE_RUNNING : status;
    if (s->replays)
        return status;
    if (status == MACHINE_RUNNING || (status != MACHINE_IDLE && !(status == MACHINE_STUCK && somebody)))
        return status;
    u64 idle = status == MACHINE_STUCK ? UINT64_MAX : machine_idle_ns(s->machine);
    if (waits_for_nothing(s, idle))
        return status;
    wait_host(s, idle);
    return MACHINE_RUNNING;
}

/* Under -clock host a machine can't be run again. */
void session_record(struct session *s)
{
    if (!s->timeline)
        s->timeline = timeline_new(s->machine, &(struct timeline_config){ 0 });
}

int session_run(struct session *s)
{
    for (;;) {
        switch (poll_host(s)) {
        case WISH_SIGNAL:
            return STATUS_SIGNAL;
        case WISH_CLOSE:
            return STATUS_CLOSED;
        case WISH_QUIT:
            return STATUS_POWERED_OFF;
        case WISH_GO_ON:
            break;
        }
        if (session_script_ended(s))
            return STATUS_POWERED_OFF;
        if (!do_reset(s))
            return STATUS_RESET;
        enum machine_status status = run_slice(s);
        int replayed;
        if (session_replay_ended(s, status, &replayed)) {
            poll_host(s);
            return replayed;
        }
        if (status == MACHINE_STOPPED) {
            gdb_stopped(s);
        } else if (status != MACHINE_RUNNING) {
            poll_host(s);
            int exit_status = exit_status_of(s, status);
            if (!stays(s, status) && !gdb_ended(s, status, exit_status))
                return exit_status;
        }
    }
}

enum machine_status session_slice(struct session *s)
{
    enum wish wish = poll_host(s);
    if (wish == WISH_CLOSE || wish == WISH_QUIT)
        return MACHINE_POWERED_OFF;
    if (!do_reset(s))
        return MACHINE_RESET_REQUEST;
    enum machine_status status = run_slice(s);
    poll_host(s);
    return status;
}
