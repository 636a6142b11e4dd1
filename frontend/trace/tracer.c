/* tracer.c: probes on a machine, and what they tell as records in a file. */
#define _GNU_SOURCE
#include "trace.h"

#include "encode.h"
#include "file.h"
#include "text.h"

#include <stdlib.h>

#define PROBES_MAX (TRACE_RANGES_MAX + 4)
#define COM1_DATA 0x3f8u
#define DEBUGCON 0x402u
#define BOCHS_DEBUGCON 0xe9u

struct tracer {
    const struct trace_options *options;
    FILE *out, *log;
    bool framed, active, over, fired, stopped;
    struct machine *machine;
    struct debug_view view[TRACE_CPUS];
    int probe[PROBES_MAX];
    unsigned probes;
    u64 last_icount; /* of TRACE_EXEC: ranges may overlap */
    unsigned last_cpu;
    struct trace_sink sink;
    struct trace_codec codec;
    struct trace_text text;
    u64 shadow[TRACE_CPUS][TRACE_REGS];       /* for text */
    size_t matched;                           /* characters of a trigger's text */
    struct trace_known met[TRACE_DICTIONARY]; /* TRACE_ASM */
};

/* ---- records ---- */

static void put_record(struct tracer *t, const struct trace_record *r)
{
    if (!t->framed) {
        trace_text_record(&t->text, r);
        return;
    }
    u8 *to = trace_sink_room(&t->sink, TRACE_ENCODED_MAX + r->text_len, r->icount);
    trace_sink_took(&t->sink, trace_encode(&t->codec, to, r), 1);
}

static void put_text_state(struct tracer *t, const struct trace_insn *i)
{
    u64 *old = t->shadow[i->cpu];
    u32 changed = trace_changes(old, i);
    for (u32 left = changed; left; left &= left - 1) {
        unsigned n = (unsigned)__builtin_ctz(left);
        old[n] = n == TRACE_FLAGS ? i->rflags : i->gpr[n];
    }
    trace_text_state(&t->text, old, changed);
}

static void put_insn(struct tracer *t, const struct trace_insn *i)
{
    if (!t->framed) {
        put_text_state(t, i);
        trace_text_insn(&t->text, i);
        return;
    }
    u8 *to = trace_sink_room(&t->sink, TRACE_ENCODED_MAX, i->icount);
    trace_sink_took(&t->sink, trace_encode_insn(&t->codec, to, i), 1);
}

static bool text_out(void *self, const char *text, size_t len)
{
    struct tracer *t = self;
    u8 *to = trace_sink_room(&t->sink, len, 0);
    memcpy(to, text, len);
    trace_sink_took(&t->sink, to + len, 0);
    return !t->sink.failed;
}

static void frame_begins(void *self)
{
    struct tracer *t = self;
    trace_codec_begin(&t->codec);
}

/* ---- events ---- */

static bool wants(const struct tracer *t, unsigned kind)
{
    return (t->options->items.kinds & BIT(kind)) != 0;
}

static struct trace_record record_of(struct tracer *t, const struct probe_event *e, unsigned kind)
{
    struct trace_record r = { .kind = (u8)kind,
                              .cpu = (u8)e->cpu,
                              .icount = e->icount,
                              .ns = machine_now_ns(t->machine),
                              .rip = e->rip,
                              .linear = e->linear,
                              .addr = e->addr,
                              .physical = e->physical,
                              .old = e->old,
                              .value = e->value,
                              .error = e->error,
                              .size = e->size,
                              .vector = e->vector,
                              .source = e->source };
    r.flags =
        (u8)((e->write ? TRACE_IS_WRITE : 0) | (e->has_error ? TRACE_HAS_ERROR : 0) | (e->fetch ? TRACE_IS_FETCH : 0));
    return r;
}

/* First met, or not what was met there: then it is noted. */
static bool is_new(struct tracer *t, const struct trace_insn *i)
{
    struct trace_known *k = &t->met[trace_known_place(i->linear)];
    if (i->length && trace_is_known(k, 0, i))
        return false;
    trace_know(k, 0, i);
    return true;
}

static __attribute__((noinline)) void put_asm(struct tracer *t, const struct probe_event *e, const struct trace_insn *i)
{
    struct trace_record r = record_of(t, e, TRACE_ASM);
    r.mode = i->mode;
    r.length = i->length;
    r.cs = i->cs;
    memcpy(r.bytes, i->bytes, i->length);
    put_record(t, &r);
}

/* What the last instruction changed, at the end of the trace or where another processor goes on. */
static __attribute__((noinline)) void put_last_state(struct tracer *t)
{
    const struct debug_view *v = &t->view[t->last_cpu];
    if (!t->active || !wants(t, TRACE_EXEC) || t->last_icount == UINT64_MAX)
        return;
    const struct trace_insn i = { .cpu = t->last_cpu, .gpr = v->gpr, .rflags = debug_rflags(v) };
    if (!t->framed) {
        put_text_state(t, &i);
        return;
    }
    u8 *to = trace_sink_room(&t->sink, TRACE_ENCODED_MAX, t->last_icount);
    trace_sink_took(&t->sink, trace_encode_state(&t->codec, to, &i), 1);
}

/* False: it was told of before. */
static ALWAYS_INLINE bool is_next(struct tracer *t, const struct probe_event *e)
{
    if (UNLIKELY(e->icount == t->last_icount && e->cpu == t->last_cpu))
        return false;
    if (UNLIKELY(e->cpu != t->last_cpu))
        put_last_state(t);
    t->last_icount = e->icount;
    t->last_cpu = e->cpu;
    return true;
}

static ALWAYS_INLINE struct trace_insn insn_of(const struct tracer *t, const struct probe_event *e)
{
    static const u8 unknown[TRACE_INSN_MAX] = { 0 };
    const struct debug_view *v = &t->view[e->cpu];
    return (struct trace_insn){ .cpu = e->cpu,
                                .icount = e->icount,
                                .rip = e->rip,
                                .linear = e->linear,
                                .cs = *v->cs,
                                .mode = trace_mode(e->mode, e->code),
                                .length = e->length,
                                .bytes = e->bytes ? e->bytes : unknown,
                                .gpr = v->gpr,
                                .rflags = e->rflags };
}

static enum probe_answer on_insn(void *self, const struct probe_event *e)
{
    struct tracer *t = self;
    if (!is_next(t, e))
        return PROBE_GO;
    const struct trace_insn i = insn_of(t, e);
    if (wants(t, TRACE_ASM) && is_new(t, &i))
        put_asm(t, e, &i);
    if (wants(t, TRACE_EXEC))
        put_insn(t, &i);
    return PROBE_GO;
}

/* The same where each goes to a binary file and nothing else is wanted of it: nothing of it is put into memory before
 * the file's own bytes. */
static enum probe_answer on_binary_insn(void *self, const struct probe_event *e)
{
    struct tracer *t = self;
    if (!is_next(t, e))
        return PROBE_GO;
    const struct trace_insn i = insn_of(t, e);
    u8 *to = trace_sink_room(&t->sink, TRACE_ENCODED_MAX, e->icount);
    trace_sink_took(&t->sink, trace_encode_insn_here(&t->codec, to, &i), 1);
    return PROBE_GO;
}

/* Registers, in print. */
static void put_registers(struct tracer *t, const struct probe_event *e)
{
    struct trace_record r = record_of(t, e, TRACE_CPU);
    char *text = NULL;
    FILE *f = open_memstream(&text, &r.text_len);
    if (!f)
        return;
    debug_print_registers(t->machine, e->cpu, f);
    if (fclose(f) == 0) {
        r.text = text;
        put_record(t, &r);
    }
    free(text);
}

static enum probe_answer on_block(void *self, const struct probe_event *e)
{
    struct tracer *t = self;
    if (wants(t, TRACE_BLOCK)) {
        const struct trace_record r = record_of(t, e, TRACE_BLOCK);
        put_record(t, &r);
    }
    if (t->options->items.cpu_blocks)
        put_registers(t, e);
    return PROBE_GO;
}

/* Where the interrupted program stands. */
static void add_stack(struct tracer *t, struct trace_record *r)
{
    struct debug_registers regs;
    debug_get_registers(t->machine, r->cpu, &regs);
    r->value = regs.seg[DEBUG_CS].selector | (u64)regs.cpl << 16 | (u64)regs.seg[DEBUG_SS].selector << 32;
    r->old = regs.gpr[4];
    if (r->source == PROBE_FROM_EXCEPTION)
        r->addr = regs.cr2;
}

static enum probe_answer on_access(struct tracer *t, struct trace_record *r)
{
    bool is_port = r->kind == TRACE_PORT;
    r->name = is_port ? debug_port_name(t->machine, (u16)r->addr) : debug_memory_name(t->machine, r->cpu, r->addr);
    if (trace_wants_name(&t->options->items, is_port, r->name))
        put_record(t, r);
    return PROBE_GO;
}

static enum probe_answer on_event(void *self, const struct probe_event *e)
{
    static const u8 kinds[PROBE_KINDS] = {
        [PROBE_READ] = TRACE_READ, [PROBE_WRITE] = TRACE_WRITE,   [PROBE_PORT] = TRACE_PORT,
        [PROBE_MMIO] = TRACE_MMIO, [PROBE_INTERRUPT] = TRACE_INT, [PROBE_EXCEPTION] = TRACE_EXCEPTION,
        [PROBE_IRET] = TRACE_IRET, [PROBE_CR] = TRACE_CR,         [PROBE_MSR] = TRACE_MSR,
        [PROBE_MODE] = TRACE_MODE, [PROBE_TASK] = TRACE_TASK,     [PROBE_BRANCH] = TRACE_BRANCH,
        [PROBE_TLB] = TRACE_WALK,  [PROBE_RESET] = TRACE_RESET,   [PROBE_SHUTDOWN] = TRACE_SHUTDOWN,
        [PROBE_HALT] = TRACE_HALT,
    };
    struct tracer *t = self;
    struct trace_record r = record_of(t, e, kinds[e->kind]);
    switch (e->kind) {
    case PROBE_PORT:
    case PROBE_MMIO:
        return on_access(t, &r);
    case PROBE_INTERRUPT:
        add_stack(t, &r);
        break;
    case PROBE_TLB: /* when instructions are fetched anew depends on caches; faults do not */
        if ((e->fetch || t->options->items.fault_walks_only) && !e->has_error)
            return PROBE_GO;
        break;
    case PROBE_RESET:
        if (t->options->items.cpu_reset)
            put_registers(t, e);
        break;
    default:
        break;
    }
    put_record(t, &r);
    return PROBE_GO;
}

/* ---- triggers ---- */

static bool text_matches(struct tracer *t, const struct trace_trigger *g, u8 byte)
{
    if ((u8)g->text[t->matched] != byte)
        t->matched = 0;
    if ((u8)g->text[t->matched] == byte)
        t->matched++;
    if (g->text[t->matched])
        return false;
    t->matched = 0;
    return true;
}

static enum probe_answer on_trigger(void *self, const struct probe_event *e)
{
    struct tracer *t = self;
    const struct trace_trigger *g = t->active ? &t->options->until : &t->options->from;
    bool fires = true;
    if (g->when == TRACE_AT_MODE)
        fires = (e->value & 7) == g->value;
    else if (g->when == TRACE_AT_TEXT)
        fires = e->write && (e->addr == COM1_DATA || e->addr == DEBUGCON || e->addr == BOCHS_DEBUGCON) &&
                text_matches(t, g, (u8)e->value);
    if (!fires || t->fired)
        return PROBE_GO;
    if (g->when == TRACE_AT_ADDRESS && !t->active) /* who attaches now is not told of this one any more */
        (void)on_insn(t, e);
    t->fired = t->stopped = true;
    return PROBE_STOP;
}

/* ---- attaching ---- */

static bool add(struct tracer *t, u32 kinds, u64 first, u64 last,
                enum probe_answer (*f)(void *, const struct probe_event *))
{
    const struct probe p = { kinds, DEBUG_LINEAR, first, last, -1, f, t };
    if (!kinds)
        return true;
    int number = machine_probe_add(t->machine, &p);
    if (number >= 0)
        t->probe[t->probes++] = number;
    return number >= 0;
}

static bool add_trigger(struct tracer *t, const struct trace_trigger *g)
{
    static const u32 kinds[] = { [TRACE_ALWAYS] = 0,
                                 [TRACE_AT_ADDRESS] = BIT(PROBE_EXEC),
                                 [TRACE_AT_COUNT] = BIT(PROBE_COUNT),
                                 [TRACE_AT_MODE] = BIT(PROBE_MODE),
                                 [TRACE_AT_TEXT] = BIT(PROBE_PORT) };
    bool everywhere = g->when == TRACE_AT_TEXT;
    return add(t, kinds[g->when], everywhere ? 0 : g->value, everywhere ? UINT64_MAX : g->value, on_trigger);
}

static bool add_ranged(struct tracer *t, u64 first, u64 last)
{
    bool insns = wants(t, TRACE_EXEC) || wants(t, TRACE_ASM);
    bool blocks = wants(t, TRACE_BLOCK) || t->options->items.cpu_blocks;
    u32 data = (wants(t, TRACE_READ) ? BIT(PROBE_READ) : 0) | (wants(t, TRACE_WRITE) ? BIT(PROBE_WRITE) : 0);
    return add(t, blocks ? BIT(PROBE_BLOCK) : 0, first, last, on_block) &&
           add(t, insns ? BIT(PROBE_EXEC) : 0, first, last,
               wants(t, TRACE_ASM) || !t->framed ? on_insn : on_binary_insn) &&
           add(t, data, first, last, on_event);
}

static u32 plain_kinds(const struct tracer *t)
{
    static const struct {
        u8 trace, probe;
    } kinds[] = { { TRACE_BRANCH, PROBE_BRANCH },
                  { TRACE_INT, PROBE_INTERRUPT },
                  { TRACE_EXCEPTION, PROBE_EXCEPTION },
                  { TRACE_IRET, PROBE_IRET },
                  { TRACE_PORT, PROBE_PORT },
                  { TRACE_MMIO, PROBE_MMIO },
                  { TRACE_CR, PROBE_CR },
                  { TRACE_MSR, PROBE_MSR },
                  { TRACE_MODE, PROBE_MODE },
                  { TRACE_TASK, PROBE_TASK },
                  { TRACE_WALK, PROBE_TLB },
                  { TRACE_RESET, PROBE_RESET },
                  { TRACE_SHUTDOWN, PROBE_SHUTDOWN },
                  { TRACE_HALT, PROBE_HALT } };
    u32 probes = t->options->items.devices ? BIT(PROBE_PORT) | BIT(PROBE_MMIO) : 0;
    for (unsigned i = 0; i < ARRAY_LEN(kinds); i++)
        probes |= wants(t, kinds[i].trace) ? BIT(kinds[i].probe) : 0;
    return probes;
}

static void remove_probes(struct tracer *t)
{
    while (t->probes)
        machine_probe_remove(t->machine, t->probe[--t->probes]);
}

static bool begin(struct tracer *t)
{
    const struct trace_options *o = t->options;
    bool ok = true;
    t->active = true;
    for (unsigned i = 0; ok && i < o->ranges; i++)
        ok = add_ranged(t, o->range[i].first, o->range[i].last);
    if (!o->ranges)
        ok = add_ranged(t, 0, UINT64_MAX);
    return ok && add(t, plain_kinds(t), 0, UINT64_MAX, on_event) && add_trigger(t, &o->until);
}

bool tracer_attach(struct tracer *t, struct machine *m)
{
    t->machine = m;
    for (unsigned i = 0; i < debug_cpus(m); i++)
        t->view[i] = debug_view(m, i);
    return t->options->from.when == TRACE_ALWAYS ? begin(t) : add_trigger(t, &t->options->from);
}

bool tracer_poll(struct tracer *t)
{
    if (!t->fired)
        return true;
    t->fired = false;
    remove_probes(t);
    if (!t->active)
        return begin(t);
    t->active = false;
    t->over = true;
    return true;
}

bool tracer_stopped(struct tracer *t)
{
    bool stopped = t->stopped;
    t->stopped = false;
    return stopped;
}

/* ---- the file ---- */

static bool ends_with(const char *text, const char *end)
{
    size_t n = text ? strlen(text) : 0, e = strlen(end);
    return n >= e && strcmp(text + n - e, end) == 0;
}

struct tracer *tracer_new(const struct trace_options *o, FILE *out, const char *path)
{
    struct tracer *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    bool gz = ends_with(path, ".gz");
    t->options = o;
    t->out = out;
    t->last_icount = UINT64_MAX;
    t->framed = ends_with(path, ".pct") || ends_with(path, ".pct.gz");
    bool ok = trace_sink_open(&t->sink, out, gz, t->framed);
    t->sink.begin = t->framed ? frame_begins : NULL;
    t->sink.self = t;
    if (ok && (t->framed || trace_text_open(&t->text, text_out, t)))
        return t;
    free(t);
    return NULL;
}

static ssize_t log_written(void *self, const char *text, size_t len)
{
    struct tracer *t = self;
    u64 icount = t->machine ? machine_icount(t->machine) : 0;
    size_t cut = len < TRACE_FRAME_BYTES / 4 ? len : TRACE_FRAME_BYTES / 4;
    const struct trace_record r = { .kind = TRACE_LOG,
                                    .icount = icount,
                                    .physical = UINT64_MAX,
                                    .ns = t->machine ? machine_now_ns(t->machine) : 0,
                                    .text = text,
                                    .text_len = cut };
    put_record(t, &r);
    return (ssize_t)len;
}

FILE *tracer_log_file(struct tracer *t)
{
    if (!t->log)
        t->log = fopencookie(t, "w", (cookie_io_functions_t){ .write = log_written });
    if (t->log)
        setvbuf(t->log, NULL, _IOLBF, BUFSIZ);
    return t->log;
}

bool tracer_close(struct tracer *t)
{
    if (t->machine) {
        put_last_state(t);
        remove_probes(t);
    }
    if (t->log)
        fclose(t->log);
    bool ok = t->framed || trace_text_close(&t->text);
    ok = trace_sink_close(&t->sink) && ok;
    free(t);
    return ok;
}
