/* export.c: `pcemu trace export`: Chrome's trace event format (JSON), which Perfetto and chrome://tracing show as a
 * timeline: for each processor a track of interrupts, which nest, and one of modes; one track for each device. */
#include "tool.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#define DEPTH_MAX 64
#define DEVICES_MAX 256
enum { PID_CPU = 1, PID_DEVICES = 100 };
enum { TID_INTERRUPTS = 1, TID_MODES, TID_EVENTS };

struct timeline {
    FILE *out;
    bool any;
    u64 ns;
    unsigned depth[TRACE_CPUS];
    bool in_mode[TRACE_CPUS];
    char device[DEVICES_MAX][TRACE_NAME_MAX];
    unsigned devices;
};

/* Names come from a file: nothing that JSON minds. */
static void put_string(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text; text++)
        fputc((unsigned char)*text < ' ' || *text == '"' || *text == '\\' || (unsigned char)*text > '~' ? '?' : *text,
              out);
    fputc('"', out);
}

static void begin_event(struct timeline *t, char phase, unsigned pid, unsigned tid, u64 ns, const char *name)
{
    fputs(t->any ? ",\n" : "\n", t->out);
    t->any = true;
    fprintf(t->out, "{\"ph\":\"%c\",\"pid\":%u,\"tid\":%u,\"ts\":%" PRIu64 ".%03u,\"name\":", phase, pid, tid,
            ns / 1000, (unsigned)(ns % 1000));
    put_string(t->out, name);
}

static void end_event(struct timeline *t)
{
    fputc('}', t->out);
}

static void name_track(struct timeline *t, const char *what, unsigned pid, unsigned tid, const char *name)
{
    begin_event(t, 'M', pid, tid, 0, what);
    fputs(",\"args\":{\"name\":", t->out);
    put_string(t->out, name);
    fputs("}", t->out);
    end_event(t);
}

static void name_cpu(struct timeline *t, unsigned cpu)
{
    char name[16];
    snprintf(name, sizeof name, "cpu %u", cpu);
    name_track(t, "process_name", PID_CPU + cpu, 0, name);
    name_track(t, "thread_name", PID_CPU + cpu, TID_INTERRUPTS, "interrupts");
    name_track(t, "thread_name", PID_CPU + cpu, TID_MODES, "mode");
    name_track(t, "thread_name", PID_CPU + cpu, TID_EVENTS, "events");
}

static void add_interrupt(struct timeline *t, const struct trace_record *r)
{
    static const char *const sources[] = { "INTR", "NMI", "INT", "exception", "SMI" };
    char name[32];
    if (t->depth[r->cpu] == DEPTH_MAX)
        return;
    t->depth[r->cpu]++;
    snprintf(name, sizeof name, "%s %02x", sources[r->source <= PROBE_FROM_SMI ? r->source : PROBE_FROM_SMI],
             r->vector);
    begin_event(t, 'B', PID_CPU + r->cpu, TID_INTERRUPTS, r->ns, name);
    fprintf(t->out, ",\"args\":{\"pc\":\"%" PRIx64 "\",\"instruction\":%" PRIu64 ",\"error\":%u}", r->linear, r->icount,
            r->error);
    end_event(t);
}

static void end_interrupt(struct timeline *t, unsigned cpu, u64 ns)
{
    if (!t->depth[cpu])
        return;
    t->depth[cpu]--;
    begin_event(t, 'E', PID_CPU + cpu, TID_INTERRUPTS, ns, "");
    end_event(t);
}

static void end_mode(struct timeline *t, unsigned cpu, u64 ns)
{
    if (t->in_mode[cpu]) {
        begin_event(t, 'E', PID_CPU + cpu, TID_MODES, ns, "");
        end_event(t);
    }
    t->in_mode[cpu] = false;
}

static void add_mode(struct timeline *t, const struct trace_record *r)
{
    end_mode(t, r->cpu, r->ns);
    begin_event(t, 'B', PID_CPU + r->cpu, TID_MODES, r->ns,
                r->value & PROBE_MODE_SMM ? "SMM" : trace_mode_name((u8)r->value));
    end_event(t);
    t->in_mode[r->cpu] = true;
}

static unsigned device_track(struct timeline *t, const char *name)
{
    unsigned n = 0;
    while (n < t->devices && strcmp(t->device[n], name) != 0)
        n++;
    if (n < t->devices || n == DEVICES_MAX)
        return n;
    snprintf(t->device[t->devices++], TRACE_NAME_MAX, "%s", name);
    name_track(t, "thread_name", PID_DEVICES, n + 1, name);
    return n;
}

static void add_access(struct timeline *t, const struct trace_record *r)
{
    unsigned track = device_track(t, r->name ? r->name : "nothing");
    begin_event(t, 'i', PID_DEVICES, track + 1, r->ns, r->flags & TRACE_IS_WRITE ? "write" : "read");
    fprintf(t->out, ",\"s\":\"t\",\"args\":{\"addr\":\"%" PRIx64 "\",\"value\":\"%" PRIx64 "\",\"pc\":\"%" PRIx64 "\"}",
            r->addr, r->value, r->linear);
    end_event(t);
}

static void add_event(struct timeline *t, const struct trace_record *r)
{
    begin_event(t, 'i', PID_CPU + r->cpu, TID_EVENTS, r->ns, trace_kind_name(r->kind));
    fprintf(t->out, ",\"s\":\"t\",\"args\":{\"addr\":\"%" PRIx64 "\",\"value\":\"%" PRIx64 "\",\"pc\":\"%" PRIx64 "\"}",
            r->addr, r->value, r->linear);
    end_event(t);
}

static void add(struct timeline *t, const struct trace_record *r)
{
    t->ns = r->ns;
    switch (r->kind) {
    case TRACE_INT:
        add_interrupt(t, r);
        break;
    case TRACE_IRET:
        end_interrupt(t, r->cpu, r->ns);
        break;
    case TRACE_MODE:
        add_mode(t, r);
        break;
    case TRACE_PORT:
    case TRACE_MMIO:
        add_access(t, r);
        break;
    case TRACE_EXEC: /* a timeline of single instructions nobody can look at */
    case TRACE_STATE:
    case TRACE_ASM:
    case TRACE_BLOCK:
    case TRACE_BRANCH:
    case TRACE_READ:
    case TRACE_WRITE:
    case TRACE_CPU:
        break;
    default:
        add_event(t, r);
    }
}

static void finish(struct timeline *t)
{
    for (unsigned cpu = 0; cpu < TRACE_CPUS; cpu++) {
        while (t->depth[cpu])
            end_interrupt(t, cpu, t->ns);
        end_mode(t, cpu, t->ns);
    }
    fputs("\n],\"displayTimeUnit\":\"ns\"}\n", t->out);
}

static int export_to(const struct tool *tool, struct timeline *t)
{
    struct trace_reader r;
    bool named[TRACE_CPUS] = { false }, ok = trace_reader_open(&r, tool->file[0]);
    const struct trace_record *e;
    fputs("{\"traceEvents\":[", t->out);
    name_track(t, "process_name", PID_DEVICES, 0, "devices");
    while (ok && (e = trace_reader_next(&r))) {
        if (!tool_chooses(tool, e))
            continue;
        if (!named[e->cpu])
            name_cpu(t, e->cpu);
        named[e->cpu] = true;
        add(t, e);
    }
    finish(t);
    ok = ok && !r.failed;
    trace_reader_close(&r);
    return ok ? TOOL_OK : TOOL_FAILED;
}

int tool_export(const struct tool *tool)
{
    struct timeline *t = calloc(1, sizeof *t);
    FILE *out = tool->out ? fopen(tool->out, "we") : stdout;
    int status = TOOL_FAILED;
    if (t && out) {
        t->out = out;
        status = export_to(tool, t);
    } else {
        fprintf(stderr, "pcemu: %s: %s\n", tool->out ? tool->out : "export", strerror(errno));
    }
    if (out && (tool->out ? fclose(out) : fflush(out)) != 0)
        status = TOOL_FAILED;
    free(t);
    return status;
}
