/* trace.h: what a machine does, written down as it happens: -d, -D, -dfilter, -dfrom, -duntil (docs/tracing.md). */
#ifndef PCEMU_TRACE_H
#define PCEMU_TRACE_H

#include "machine.h"
#include "record.h"

#define TRACE_RANGES_MAX 32
#define TRACE_TEXT_MAX 64

enum trace_when { TRACE_ALWAYS, TRACE_AT_ADDRESS, TRACE_AT_COUNT, TRACE_AT_MODE, TRACE_AT_TEXT };

struct trace_trigger {
    enum trace_when when;
    u64 value;        /* linear address, count of instructions, enum probe_mode */
    const char *text; /* that the guest sends to a serial port or the debug console */
};

struct trace_options {
    struct trace_items items;
    struct {
        u64 first, last; /* linear, inclusive */
    } range[TRACE_RANGES_MAX];
    unsigned ranges; /* 0: everything */
    struct trace_trigger from, until;
};

/* "START+LENGTH", "START-LENGTH" or "START..END", several with commas between them, as QEMU reads them. */
bool trace_parse_ranges(struct trace_options *o, const char *text);
/* "address:N", "count:N", "mode:NAME" or "text:TEXT", which must live on. */
bool trace_parse_trigger(struct trace_trigger *t, const char *text);
/* Is there anything to trace but the machine's log? */
bool trace_is_wanted(const struct trace_options *o);

struct tracer;

/* Writes to `out` (the caller's; `path` is its name, whose end says in which form: .pct, .gz, .pct.gz, or text). NULL:
 * the host has no memory. */
struct tracer *tracer_new(const struct trace_options *o, FILE *out, const char *path);
/* For the machine's log: its lines go to the trace, at their place. The tracer's own. NULL: no memory. */
FILE *tracer_log_file(struct tracer *t);
/* False: the host has no memory. */
bool tracer_attach(struct tracer *t, struct machine *m);
/* Between slices: something that was waited for may have come. False: the host has no memory. */
bool tracer_poll(struct tracer *t);
/* It asked for the last MACHINE_STOPPED, which nobody else need see. */
bool tracer_stopped(struct tracer *t);
/* Before the machine is freed. False: the file is not whole. */
bool tracer_close(struct tracer *t);

/* tool.c: `pcemu trace …`; returns the exit status. */
int trace_tool(int argc, char **argv);

#endif
