/* stats.c: see stats.h. A block is here what PROBE_BLOCK tells of: straight-line code from where it was entered up to
 * the next branch that is taken, or interrupt. */
#include "stats.h"

#include "disasm.h"

#include <inttypes.h>
#include <stdlib.h>

#define ROWS 4096 /* more than the table has */
#define ROWS_SHOWN 40
#define BLOCKS_SHOWN 20
#define INSNS_SHOWN 6
#define BLOCKS_FIRST 4096u
#define BLOCKS_MOST (1u << 20) /* different ones; those met later are counted together */

struct stats_block {
    u64 linear, rip;
    u8 mode, code;
    u8 kept; /* instructions that are shown */
    u8 length[INSNS_SHOWN];
    u8 bytes[INSNS_SHOWN][TRACE_INSN_MAX];
    u64 times, insns; /* times == 0: a free place */
};

struct stats {
    struct machine *machine;
    int probe;
    u64 insns, entered;
    u64 row[ROWS];
    struct stats_block *block; /* a hash table of linear address and mode */
    u32 blocks, room;          /* in use; places, a power of two */
    struct stats_block others;
    struct {
        u32 at;     /* the block that runs; UINT32_MAX: one of the others */
        bool first; /* it is run for the first time */
    } now[MACHINE_CPUS_MAX];
    u64 lookup[PROBE_LOOKUPS];
};

/* ---- counting ---- */

static u32 place_of(const struct stats *s, u64 linear, u8 mode)
{
    u32 at = (u32)((linear ^ mode) * 0x9e3779b97f4a7c15u >> 40) & (s->room - 1);
    while (s->block[at].times && (s->block[at].linear != linear || s->block[at].mode != mode))
        at = (at + 1) & (s->room - 1);
    return at;
}

static void move_to(struct stats *s, struct stats_block *more)
{
    const struct stats old = *s;
    s->block = more;
    s->room *= 2;
    for (u32 i = 0; i < old.room; i++) {
        const struct stats_block *b = &old.block[i];
        u32 at = b->times ? place_of(s, b->linear, b->mode) : UINT32_MAX;
        if (b->times)
            s->block[at] = *b;
        for (unsigned cpu = 0; cpu < MACHINE_CPUS_MAX; cpu++)
            if (old.now[cpu].at == i)
                s->now[cpu].at = at;
    }
    free(old.block);
}

/* At most half of the places are in use. */
static bool has_room(struct stats *s)
{
    if (s->blocks < s->room / 2)
        return true;
    struct stats_block *more = s->room < BLOCKS_MOST * 2 ? calloc(s->room * 2, sizeof *more) : NULL;
    if (more)
        move_to(s, more);
    return more;
}

static struct stats_block *block_now(struct stats *s, unsigned cpu)
{
    return s->now[cpu].at == UINT32_MAX ? &s->others : &s->block[s->now[cpu].at];
}

static enum probe_answer on_block(void *self, const struct probe_event *e)
{
    struct stats *s = self;
    u32 at = place_of(s, e->linear, e->mode);
    if (!s->block[at].times)
        at = has_room(s) ? place_of(s, e->linear, e->mode) : UINT32_MAX;
    s->now[e->cpu].at = at;
    s->entered++;
    struct stats_block *b = block_now(s, e->cpu);
    s->now[e->cpu].first = !b->times++ && at != UINT32_MAX;
    if (s->now[e->cpu].first) {
        s->blocks++;
        b->linear = e->linear;
        b->rip = e->rip;
        b->mode = e->mode;
        b->code = e->code;
    }
    return PROBE_GO;
}

static enum probe_answer on_insn(void *self, const struct probe_event *e)
{
    struct stats *s = self;
    struct stats_block *b = block_now(s, e->cpu);
    s->insns++;
    s->row[e->row % ROWS]++;
    b->insns++;
    if (s->now[e->cpu].first && e->bytes && b->kept < INSNS_SHOWN) {
        memcpy(b->bytes[b->kept], e->bytes, e->length);
        b->length[b->kept++] = e->length;
    }
    return PROBE_GO;
}

static enum probe_answer on_event(void *self, const struct probe_event *e)
{
    struct stats *s = self;
    switch (e->kind) {
    case PROBE_BLOCK:
        return on_block(s, e);
    case PROBE_EXEC:
        return on_insn(s, e);
    default:
        s->lookup[e->value % PROBE_LOOKUPS]++;
    }
    return PROBE_GO;
}

struct stats *stats_new(struct machine *m)
{
    struct stats *s = calloc(1, sizeof *s);
    struct stats_block *first = calloc(BLOCKS_FIRST, sizeof *first);
    const struct probe p = { .kinds = BIT(PROBE_EXEC) | BIT(PROBE_BLOCK) | BIT(PROBE_LOOKUP),
                             .last = UINT64_MAX,
                             .cpu = -1,
                             .event = on_event,
                             .self = s };
    if (s && first) {
        *s = (struct stats){ .machine = m, .block = first, .room = BLOCKS_FIRST };
        for (unsigned cpu = 0; cpu < MACHINE_CPUS_MAX; cpu++)
            s->now[cpu].at = UINT32_MAX;
        s->probe = machine_probe_add(m, &p);
        if (s->probe >= 0)
            return s;
    }
    free(first);
    free(s);
    return NULL;
}

void stats_free(struct stats *s)
{
    if (!s)
        return;
    machine_probe_remove(s->machine, s->probe);
    free(s->block);
    free(s);
}

/* ---- printing ---- */

static double share(u64 part, u64 whole)
{
    return whole ? 100.0 * (double)part / (double)whole : 0;
}

static void print_share(FILE *out, u64 part, u64 whole, const char *what)
{
    fprintf(out, "%14" PRIu64 " %6.2f %%  %s", part, share(part, whole), what);
}

struct counted {
    u64 count;
    u32 index;
};

/* The largest first; equals in their order. */
static int by_count(const void *a, const void *b)
{
    const struct counted *x = a, *y = b;
    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    return x->index < y->index ? -1 : 1;
}

static void print_rows(const struct stats *s, FILE *out)
{
    struct counted row[ROWS];
    char name[DEBUG_ROW_NAME];
    for (u32 i = 0; i < ROWS; i++)
        row[i] = (struct counted){ s->row[i], i };
    qsort(row, ROWS, sizeof row[0], by_count);
    fputs("stats: instructions by row of the table (docs/isa.md)\n", out);
    for (unsigned i = 0; i < ROWS_SHOWN && row[i].count; i++) {
        debug_row_name(row[i].index, name);
        print_share(out, row[i].count, s->insns, name);
        fputc('\n', out);
    }
}

static void print_block(const struct stats *s, const struct stats_block *b, struct trace_disasm *d, FILE *out)
{
    u64 rip = b->rip;
    print_share(out, b->insns, s->insns, "");
    fprintf(out, "at 0x%" PRIx64 " (%s), entered %" PRIu64 " times\n", b->linear, trace_mode_name(b->mode & 7),
            b->times);
    for (unsigned i = 0; d && i < b->kept; i++) {
        char text[TRACE_DISASM_MAX];
        *trace_disasm(d, b->code, rip, b->bytes[i], b->length[i], text) = 0;
        fprintf(out, "%29s%s\n", "", text);
        rip += b->length[i];
    }
}

static void print_blocks(const struct stats *s, FILE *out)
{
    struct counted *hot = calloc(s->room, sizeof *hot);
    struct trace_disasm *d = trace_disasm_new();
    for (u32 i = 0; hot && i < s->room; i++)
        hot[i] = (struct counted){ s->block[i].insns, i };
    if (hot)
        qsort(hot, s->room, sizeof *hot, by_count);
    fputs("stats: straight-line code by the instructions run in it\n", out);
    for (unsigned i = 0; hot && i < BLOCKS_SHOWN && hot[i].count; i++)
        print_block(s, &s->block[hot[i].index], d, out);
    if (s->others.times)
        print_share(out, s->others.insns, s->insns, "elsewhere: more places than are told apart\n");
    trace_disasm_free(d);
    free(hot);
}

static void print_lookups(const struct stats *s, FILE *out)
{
    static const char *const names[PROBE_LOOKUPS] = {
        [PROBE_LOOKUP_BEGIN] = "behind a timer's deadline or a slice of the run",
        [PROBE_LOOKUP_DELIVERED] = "behind an interrupt or an exception",
        [PROBE_LOOKUP_ALONE] = "for one instruction that can't stand in a block",
        [PROBE_LOOKUP_BEHIND] = "behind such",
        [PROBE_LOOKUP_NEW] = "no entry in the jump cache",
        [PROBE_LOOKUP_STALE] = "one of another address space or mode",
        [PROBE_LOOKUP_LEFT] = "behind an instruction that leaves the blocks: ports, control registers, …",
        [PROBE_LOOKUP_SHORT] = "more instructions than are left to the deadline",
        [PROBE_LOOKUP_DATA] = "for data",
        [PROBE_LOOKUP_CODE] = "for code",
        [PROBE_LOOKUP_FAULT] = "for nothing: page faults",
    };
    u64 blocks = 0, pages = 0;
    for (unsigned i = 0; i < PROBE_LOOKUPS; i++)
        *(i < PROBE_LOOKUP_BLOCKS ? &blocks : &pages) += s->lookup[i];
    fprintf(out, "stats: %" PRIu64 " times the processor's loop looked up where to go on\n", blocks);
    for (unsigned i = 0; i < PROBE_LOOKUPS; i++) {
        if (i == PROBE_LOOKUP_BLOCKS)
            fprintf(out, "stats: %" PRIu64 " page walks (TLB misses)\n", pages);
        print_share(out, s->lookup[i], i < PROBE_LOOKUP_BLOCKS ? blocks : pages, names[i]);
        fputc('\n', out);
    }
}

void stats_print(const struct stats *s, FILE *out)
{
    fprintf(out,
            "stats: %" PRIu64 " instructions; straight-line code entered %" PRIu64 " times at %" PRIu32
            " places, %.1f instructions each\n",
            s->insns, s->entered, s->blocks, s->entered ? (double)s->insns / (double)s->entered : 0);
    print_rows(s, out);
    print_blocks(s, out);
    print_lookups(s, out);
}
