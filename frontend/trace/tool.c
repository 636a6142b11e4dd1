/* tool.c: `pcemu trace show|filter|count|diff|export`: what is done with binary traces. */
#include "tool.h"

#include "text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

static const char usage[] =
    "usage: pcemu trace show FILE        prints a binary trace (-D FILE.pct or FILE.pct.gz) as text\n"
    "       pcemu trace filter FILE -o OUT   writes what is chosen to another binary trace\n"
    "       pcemu trace count FILE       how many records of each kind there are\n"
    "       pcemu trace diff FILE FILE   the first difference, and what was before it (exit status 1: they differ)\n"
    "       pcemu trace export FILE [-o OUT]   interrupts, modes and devices for Perfetto or chrome://tracing (JSON)\n"
    "  --from N, --to N     instructions by their count        --kind LIST   exec,int,io … as show prints them\n"
    "  --range RANGES       linear addresses, as for -dfilter  -o FILE       where to\n"
    "  -C N                 diff: lines before and after (8)   --ignore count,state   diff: what does not matter\n";

static bool in_ranges(const struct trace_options *o, u64 linear)
{
    for (unsigned i = 0; i < o->ranges; i++)
        if (linear >= o->range[i].first && linear <= o->range[i].last)
            return true;
    return !o->ranges;
}

bool tool_chooses(const struct tool *t, const struct trace_record *r)
{
    if (r->kind == TRACE_STATE) /* it belongs to the instruction before it */
        return (t->kinds & BIT(TRACE_EXEC)) != 0;
    return (t->kinds & BIT(r->kind)) && r->icount >= t->from && r->icount <= t->to && in_ranges(&t->filter, r->linear);
}

static bool stdout_or(void *self, const char *text, size_t len)
{
    return fwrite(text, 1, len, self) == len;
}

static FILE *open_out(const struct tool *t)
{
    FILE *f = t->out ? fopen(t->out, "wbe") : stdout;
    if (!f)
        fprintf(stderr, "pcemu: %s: %s\n", t->out, strerror(errno));
    return f;
}

static bool close_out(const struct tool *t, FILE *f)
{
    bool ok = t->out ? fclose(f) == 0 : fflush(f) == 0;
    if (!ok)
        fprintf(stderr, "pcemu: %s: %s\n", t->out ? t->out : "stdout", strerror(errno));
    return ok;
}

/* ---- show ---- */

static int show(const struct tool *t)
{
    struct trace_reader r;
    struct trace_text text;
    FILE *out = open_out(t);
    if (!out)
        return TOOL_FAILED;
    bool ok = trace_reader_open(&r, t->file[0]) && trace_text_open(&text, stdout_or, out);
    if (ok) {
        const struct trace_record *e;
        bool chosen = false;
        trace_reader_seek(&r, t->from);
        while ((e = trace_reader_next(&r)) && (e->icount <= t->to || e->kind == TRACE_STATE)) {
            bool take = tool_chooses(t, e) && (e->kind != TRACE_STATE || chosen);
            chosen = e->kind == TRACE_EXEC ? take : chosen && e->kind != TRACE_STATE;
            if (take)
                trace_text_record(&text, e);
        }
        ok = trace_text_close(&text) && !r.failed;
    }
    trace_reader_close(&r);
    return close_out(t, out) && ok ? TOOL_OK : TOOL_FAILED;
}

/* ---- filter ---- */

struct filter {
    struct trace_sink sink;
    struct trace_codec codec;
    u64 reg[TRACE_CPUS][TRACE_REGS];
};

static void frame_begins(void *self)
{
    struct filter *f = self;
    trace_codec_begin(&f->codec);
}

static void copy(struct filter *f, const struct trace_record *e, bool chosen)
{
    u64 *reg = f->reg[e->cpu];
    for (u32 left = e->kind == TRACE_STATE ? e->changed : 0; left; left &= left - 1)
        reg[__builtin_ctz(left)] = e->reg[__builtin_ctz(left)];
    if (e->kind == TRACE_STATE || !chosen)
        return;
    u8 *to = trace_sink_room(&f->sink, TRACE_ENCODED_MAX + e->text_len, e->icount);
    const struct trace_insn i = { .cpu = e->cpu,
                                  .icount = e->icount,
                                  .rip = e->rip,
                                  .linear = e->linear,
                                  .cs = e->cs,
                                  .mode = e->mode,
                                  .length = e->length,
                                  .bytes = e->bytes,
                                  .gpr = reg,
                                  .rflags = reg[TRACE_FLAGS] };
    to = e->kind == TRACE_EXEC ? trace_encode_insn(&f->codec, to, &i) : trace_encode(&f->codec, to, e);
    trace_sink_took(&f->sink, to, 1);
}

static bool is_gz(const char *path)
{
    size_t n = strlen(path);
    return n > 3 && strcmp(path + n - 3, ".gz") == 0;
}

static int filter(const struct tool *t)
{
    struct trace_reader r;
    struct filter *f = calloc(1, sizeof *f);
    FILE *out = t->out ? open_out(t) : NULL;
    if (!t->out)
        fputs("pcemu: trace filter: -o FILE is missing\n", stderr);
    if (!f || !out) {
        free(f);
        return TOOL_FAILED;
    }
    bool ok = trace_sink_open(&f->sink, out, is_gz(t->out), true);
    f->sink.begin = frame_begins;
    f->sink.self = f;
    bool opened = trace_reader_open(&r, t->file[0]) && ok;
    const struct trace_record *e;
    while (opened && (e = trace_reader_next(&r)))
        copy(f, e, tool_chooses(t, e));
    ok = trace_sink_close(&f->sink) && opened && !r.failed;
    trace_reader_close(&r);
    free(f);
    return close_out(t, out) && ok ? TOOL_OK : TOOL_FAILED;
}

/* ---- count ---- */

static int count(const struct tool *t)
{
    struct trace_reader r;
    u64 of_kind[TRACE_KINDS] = { 0 }, first = UINT64_MAX, last = 0;
    bool ok = trace_reader_open(&r, t->file[0]);
    const struct trace_record *e;
    while (ok && (e = trace_reader_next(&r))) {
        if (e->kind == TRACE_STATE || !tool_chooses(t, e))
            continue;
        of_kind[e->kind]++;
        first = e->icount < first ? e->icount : first;
        last = e->icount > last ? e->icount : last;
    }
    ok = ok && !r.failed;
    trace_reader_close(&r);
    for (unsigned k = 0; ok && k < TRACE_KINDS; k++)
        if (of_kind[k])
            printf("%-10s %12" PRIu64 "\n", trace_kind_name(k), of_kind[k]);
    if (ok && first <= last)
        printf("instructions %" PRIu64 " to %" PRIu64 "\n", first, last);
    return ok ? TOOL_OK : TOOL_FAILED;
}

/* ---- the command line ---- */

static bool wrong(const char *format, const char *arg)
{
    fputs("pcemu: trace: ", stderr);
    fprintf(stderr, format, arg);
    fputc('\n', stderr);
    return false;
}

static bool number(const char *text, u64 *v)
{
    char *end;
    errno = 0;
    *v = strtoull(text, &end, 0);
    return (end != text && !*end && errno == 0 && *text != '-') || wrong("%s is not a number", text);
}

static bool ignore(struct tool *t, const char *list)
{
    while (*list) {
        size_t n = strcspn(list, ",");
        if (n == 5 && strncmp(list, "count", n) == 0)
            t->no_count = true;
        else if (n == 5 && strncmp(list, "state", n) == 0)
            t->no_state = true;
        else
            return wrong("--ignore %s: count and state can be ignored", list);
        list += n + (list[n] == ',');
    }
    return true;
}

static bool option(struct tool *t, const char *name, const char *arg)
{
    name += name[1] == '-';
    if (strcmp(name, "-o") == 0)
        return (t->out = arg);
    if (strcmp(name, "-from") == 0)
        return number(arg, &t->from);
    if (strcmp(name, "-to") == 0)
        return number(arg, &t->to);
    if (strcmp(name, "-C") == 0)
        return number(arg, &t->context);
    if (strcmp(name, "-kind") == 0)
        return (t->kinds = trace_kinds_named(arg)) || wrong("--kind %s: pcemu trace count shows the kinds", arg);
    if (strcmp(name, "-range") == 0)
        return trace_parse_ranges(&t->filter, arg) ||
               wrong("--range %s: START+LENGTH, START-LENGTH or START..END", arg);
    if (strcmp(name, "-ignore") == 0)
        return ignore(t, arg);
    return wrong("there is no option %s", name);
}

static bool parse(struct tool *t, int argc, char **argv)
{
    *t = (struct tool){ .kinds = UINT32_MAX, .to = UINT64_MAX, .context = 8 };
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] == '-' && argv[i][1]) {
            if (i + 1 == argc)
                return wrong("%s wants a value", argv[i]);
            if (!option(t, argv[i], argv[i + 1]))
                return false;
            i++;
        } else if (t->files < ARRAY_LEN(t->file)) {
            t->file[t->files++] = argv[i];
        } else {
            return wrong("%s is one file too many", argv[i]);
        }
    }
    return true;
}

int trace_tool(int argc, char **argv)
{
    static const struct {
        const char *name;
        unsigned files;
        int (*run)(const struct tool *t);
    } commands[] = { { "show", 1, show },
                     { "filter", 1, filter },
                     { "count", 1, count },
                     { "diff", 2, tool_diff },
                     { "export", 1, tool_export } };
    struct tool t;
    for (unsigned i = 0; argc > 1 && i < ARRAY_LEN(commands); i++) {
        if (strcmp(argv[1], commands[i].name) != 0)
            continue;
        if (!parse(&t, argc - 1, argv + 1))
            return TOOL_FAILED;
        if (t.files == commands[i].files)
            return commands[i].run(&t);
    }
    bool help =
        argc > 1 && (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0);
    fputs(usage, help ? stdout : stderr);
    return help ? TOOL_OK : TOOL_FAILED;
}
