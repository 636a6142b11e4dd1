/* diff.c: `pcemu trace diff`: two traces side by side up to where they part. */
#include "text.h"
#include "tool.h"

#include <inttypes.h>
#include <stdlib.h>

#define CONTEXT_MAX 1000u

/* One side: its lines so far, of which the last `context` and one are kept. What an instruction changed stands in its
 * line, as `show` prints it. */
struct side {
    struct trace_reader reader;
    struct trace_text text;
    char (*line)[TRACE_LINE_MAX];
    struct trace_record now;
    u64 records, lines;
    u64 insn, insn_icount; /* the line of the last instruction */
};

static bool open_side(struct side *s, const struct tool *t, unsigned n)
{
    *s = (struct side){ .line = calloc(t->context + 1, TRACE_LINE_MAX), .insn = UINT64_MAX };
    bool ok = trace_reader_open(&s->reader, t->file[n]) && s->line && trace_text_open(&s->text, NULL, NULL);
    if (ok)
        trace_reader_seek(&s->reader, t->from);
    return ok;
}

static void close_side(struct side *s)
{
    if (s->text.disasm)
        (void)trace_text_close(&s->text);
    trace_reader_close(&s->reader);
    free(s->line);
}

static bool compares(const struct tool *t, const struct trace_record *r)
{
    return tool_chooses(t, r) && !(r->kind == TRACE_STATE && t->no_state);
}

/* The next record that counts, as a line, too. */
static bool advance(struct side *s, const struct tool *t)
{
    const struct trace_record *r;
    do
        r = trace_reader_next(&s->reader);
    while (r && !compares(t, r));
    if (!r)
        return false;
    s->now = *r;
    return true;
}

static char *line_at(struct side *s, const struct tool *t, u64 n)
{
    return s->line[n % (t->context + 1)];
}

/* The last instruction's line is there to be written on. */
static bool has_insn(const struct side *s, const struct tool *t)
{
    return s->insn < s->lines && s->lines - s->insn <= t->context + 1;
}

static void keep_line(struct side *s, const struct tool *t)
{
    const struct trace_record *r = &s->now;
    s->records++;
    if (r->kind == TRACE_STATE && has_insn(s, t)) {
        char *insn = line_at(s, t, s->insn);
        insn[trace_text_behind(insn, strlen(insn), r)] = '\0';
        return;
    }
    if (r->kind == TRACE_EXEC) {
        s->insn = s->lines;
        s->insn_icount = r->icount;
    }
    char *line = line_at(s, t, s->lines++);
    size_t len = r->text ? (size_t)snprintf(line, TRACE_LINE_MAX, "%.*s", (int)r->text_len, r->text)
                         : trace_text_line(&s->text, line, r);
    line[len < TRACE_LINE_MAX ? len : TRACE_LINE_MAX - 1] = '\0';
    line[strcspn(line, "\n")] = '\0';
}

static bool same_name(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_state(const struct trace_record *a, const struct trace_record *b)
{
    if (a->changed != b->changed)
        return false;
    for (u32 left = a->changed; left; left &= left - 1)
        if (a->reg[__builtin_ctz(left)] != b->reg[__builtin_ctz(left)])
            return false;
    return true;
}

static bool same(const struct tool *t, const struct trace_record *a, const struct trace_record *b)
{
    if (a->kind != b->kind || a->cpu != b->cpu || (!t->no_count && a->icount != b->icount))
        return false;
    if (a->kind == TRACE_STATE)
        return same_state(a, b);
    return a->rip == b->rip && a->linear == b->linear && a->cs == b->cs && a->mode == b->mode &&
           a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0 && a->flags == b->flags &&
           a->addr == b->addr && a->physical == b->physical && a->old == b->old && a->value == b->value &&
           a->error == b->error && a->size == b->size && a->vector == b->vector && a->source == b->source &&
           same_name(a->name, b->name) && a->text_len == b->text_len &&
           (!a->text || memcmp(a->text, b->text, a->text_len) == 0);
}

/* The lines before `from`. */
static void print_before(struct side *s, const struct tool *t, u64 from)
{
    u64 first = s->lines > t->context ? s->lines - t->context : 0;
    for (u64 n = first; n < from; n++)
        printf("  %s\n", line_at(s, t, n));
}

/* The lines from there on, the last of them with what it changed. */
static void print_after(struct side *s, const struct tool *t, u64 from, char mark, bool more)
{
    while (more && (s->lines - from <= t->context || (s->now.kind == TRACE_STATE && has_insn(s, t)))) {
        keep_line(s, t);
        more = advance(s, t);
    }
    for (u64 n = from; n < s->lines; n++)
        printf("%c %s\n", mark, line_at(s, t, n));
    if (!more)
        printf("%c (the trace ends)\n", mark);
}

/* Where one instruction has changed something else on either side, it is the first line that differs. */
static u64 first_line(struct side *s, const struct tool *t, const bool *more)
{
    bool state = (more[0] && s[0].now.kind == TRACE_STATE) || (more[1] && s[1].now.kind == TRACE_STATE);
    u64 from = state && has_insn(&s[0], t) ? s[0].insn : s[0].lines;
    for (u64 n = from; n < s[0].lines; n++)
        memcpy(line_at(&s[1], t, n), line_at(&s[0], t, n), TRACE_LINE_MAX);
    s[1].lines = s[0].lines;
    s[1].insn = s[0].insn;
    return from;
}

static void print_difference(struct side *s, const struct tool *t, const bool *more)
{
    u64 from = first_line(s, t, more);
    printf("--- %s\n+++ %s\nfirst difference after %" PRIu64 " equal records", t->file[0], t->file[1], s[0].records);
    if (more[0] || more[1])
        printf(", at instruction %" PRIu64, from < s[0].lines ? s[0].insn_icount : s[more[0] ? 0 : 1].now.icount);
    putchar('\n');
    print_before(&s[0], t, from);
    print_after(&s[0], t, from, '-', more[0]);
    print_after(&s[1], t, from, '+', more[1]);
}

static int compare(struct side *s, const struct tool *t)
{
    for (;;) {
        bool more[2] = { advance(&s[0], t), advance(&s[1], t) };
        if (s[0].reader.failed || s[1].reader.failed)
            return TOOL_FAILED;
        if (!more[0] && !more[1]) {
            printf("no difference in %" PRIu64 " records\n", s[0].records);
            return TOOL_OK;
        }
        if (!more[0] || !more[1] || !same(t, &s[0].now, &s[1].now)) {
            print_difference(s, t, more);
            return TOOL_DIFFER;
        }
        keep_line(&s[0], t);
    }
}

int tool_diff(const struct tool *asked)
{
    struct tool t = *asked;
    struct side s[2];
    t.context = t.context < CONTEXT_MAX ? t.context : CONTEXT_MAX;
    bool first = open_side(&s[0], &t, 0), second = open_side(&s[1], &t, 1);
    int status = first && second ? compare(s, &t) : TOOL_FAILED;
    close_side(&s[0]);
    close_side(&s[1]);
    return status;
}
