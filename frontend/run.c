/* run.c: the loop around the machine: slices of it, and between them the host's input and output. */
#define _GNU_SOURCE
#include "session.h"

#include "debug.h"

#include <inttypes.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

/* With a window the loop never sleeps longer: SDL's events have no descriptor to wait for. */
#define WINDOW_WAIT_NS 8000000u
/* Bytes given to the serial port between two slices. */
#define SERIAL_BURST 256

/* What the host's side wants. */
enum wish { WISH_GO_ON, WISH_CLOSE, WISH_SIGNAL };

static u64 now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (u64)t.tv_sec * 1000000000u + (u64)t.tv_nsec;
}

static void feed_serial(struct session *s)
{
    u8 byte;
    for (unsigned i = 0; i < SERIAL_BURST && machine_serial_ready(s->machine) && stream_read(&s->serial, &byte); i++)
        machine_serial_receive(s->machine, byte);
}

/* Looks once at everything that may have happened outside. */
static enum wish poll_host(struct session *s)
{
    struct signalfd_siginfo info;
    stream_flush(&s->serial);
    stream_flush(&s->parallel);
    stream_flush(&s->debugcon);
    if (read(s->signals, &info, sizeof info) == (ssize_t)sizeof info)
        return WISH_SIGNAL;
    feed_serial(s);
    if (s->serial.quit)
        return WISH_CLOSE;
    if (!s->window)
        return WISH_GO_ON;
    window_show(s->window, s->machine, now_ns());
    return window_poll(s->window, s->machine) ? WISH_GO_ON : WISH_CLOSE;
}

/* Sleeps until there is input or signal, or `ns` have passed. */
static void wait_host(struct session *s, u64 ns)
{
    bool listens = s->serial.in >= 0 && machine_serial_ready(s->machine);
    struct pollfd p[2] = { { s->signals, POLLIN, 0 }, { listens ? s->serial.in : -1, POLLIN, 0 } };
    if (s->window && ns > WINDOW_WAIT_NS)
        ns = WINDOW_WAIT_NS;
    struct timespec t = { (time_t)(ns / 1000000000u), (long)(ns % 1000000000u) };
    ppoll(p, 2, ns == UINT64_MAX ? NULL : &t, NULL);
}

/* ---- how a run ends ---- */

static void post_mortem(struct session *s, const char *what)
{
    fprintf(stderr, "pcemu: %s after %" PRIu64 " instructions, at %.9f s\n", what, machine_icount(s->machine),
            (double)machine_now_ns(s->machine) / 1e9);
}

static int exit_status_of(struct session *s, enum machine_status status)
{
    switch (status) {
    case MACHINE_DEBUG_EXIT:
        return (int)machine_exit_status(s->machine);
    case MACHINE_TRIPLE_FAULT:
        post_mortem(s, "triple fault");
        debug_print_registers(s->machine, machine_running_cpu(s->machine), stderr);
        return STATUS_TRIPLE_FAULT;
    case MACHINE_RESET_REQUEST:
        return STATUS_RESET;
    case MACHINE_TIMED_OUT:
        post_mortem(s, "time-out");
        return STATUS_TIMED_OUT;
    case MACHINE_STUCK:
        post_mortem(s, "stuck: the processor is halted with interrupts off, nothing will wake it,");
        return STATUS_STUCK;
    case MACHINE_IDLE:
        post_mortem(s, "stuck: the processor waits, no timer runs and there is no input,");
        return STATUS_STUCK;
    case MACHINE_POWERED_OFF:
    case MACHINE_RUNNING:
        break;
    }
    return STATUS_POWERED_OFF;
}

/* A wait that nothing can end: no window whose user could act, no input, no timer. */
static bool waits_for_nothing(const struct session *s, u64 idle_ns)
{
    return !s->window && s->serial.in < 0 && idle_ns == UINT64_MAX;
}

int session_run(struct session *s)
{
    for (;;) {
        enum machine_status status = machine_run(s->machine);
        enum wish wish = poll_host(s);
        if (wish == WISH_SIGNAL)
            return STATUS_SIGNAL;
        if (wish == WISH_CLOSE)
            return STATUS_CLOSED;
        if (status == MACHINE_RUNNING)
            continue;
        bool over = status != MACHINE_IDLE && !(status == MACHINE_STUCK && s->window);
        u64 idle = over ? 0 : status == MACHINE_STUCK ? UINT64_MAX : machine_idle_ns(s->machine);
        if (over || waits_for_nothing(s, idle))
            return exit_status_of(s, status);
        wait_host(s, idle);
    }
}
