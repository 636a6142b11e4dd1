/* coverage.c: counting of instructions, by a probe on the addresses of a program's code; coverage_report.c writes what
 * came of it. A program that is loaded elsewhere than it is linked (a kernel before it turns paging on) is counted by
 * its physical addresses, too. */
#include "coverage.h"

#include "coverage_counts.h"
#include "elf_file.h"
#include "probe.h"
#include "rom.h"

#include <errno.h>
#include <stdlib.h>

#define CPUS MACHINE_CPUS_MAX

/* A conditional branch that a processor met last. */
struct branch {
    bool met;
    u64 icount, address, next;
};

struct counter {
    struct coverage_unit unit;
    struct branch branch[CPUS];
};

struct coverage {
    const char *file;
    struct counter counter[COVERAGE_PROGRAMS_MAX];
    unsigned counters;
};

/* ---- counting ---- */

static struct coverage_page *page_for(struct coverage_unit *u, u64 address)
{
    struct coverage_page **page = &u->page[(address - u->first) >> PAGE_SHIFT];
    if (!*page)
        *page = calloc(1, sizeof **page);
    return *page;
}

static void count(u32 *counter)
{
    *counter += *counter != UINT32_MAX;
}

/* SDM vol. 2: Jcc, LOOPcc, JCXZ; behind prefixes. */
static bool is_conditional(const u8 *bytes, unsigned length)
{
    unsigned i = 0;
    while (i + 1 < length && (bytes[i] == 0x66 || bytes[i] == 0x67 || bytes[i] == 0x2e || bytes[i] == 0x3e ||
                              bytes[i] == 0xf2 || bytes[i] == 0xf3 || (bytes[i] & 0xf0) == 0x40))
        i++;
    return (bytes[i] & 0xf0) == 0x70 || (bytes[i] & 0xfc) == 0xe0 ||
           (bytes[i] == 0x0f && i + 1 < length && (bytes[i + 1] & 0xf0) == 0x80);
}

/* The instruction behind a branch says which way it went. An interrupt between them counts as an instruction: then
 * nothing is said. */
static void settle_branch(struct counter *c, struct branch *b, u64 icount, u64 address)
{
    struct coverage_page *page = page_for(&c->unit, b->address);
    b->met = false;
    if (page && icount == b->icount + 1)
        count(address == b->next ? &page->passed[coverage_place(&c->unit, b->address)]
                                 : &page->taken[coverage_place(&c->unit, b->address)]);
}

static void ran(struct counter *c, const struct probe_event *e, u64 address)
{
    struct coverage_page *page = page_for(&c->unit, address);
    struct branch *b = &c->branch[e->cpu % CPUS];
    if (b->met)
        settle_branch(c, b, e->icount, address);
    if (!page) {
        c->unit.lost++;
        return;
    }
    count(&page->runs[coverage_place(&c->unit, address)]);
    if (e->bytes && is_conditional(e->bytes, e->length))
        *b = (struct branch){ true, e->icount, address, address + e->length };
}

static enum probe_answer ran_linear(void *self, const struct probe_event *e)
{
    ran(self, e, e->linear);
    return PROBE_GO;
}

static enum probe_answer ran_physical(void *self, const struct probe_event *e)
{
    struct counter *c = self;
    if (e->linear < c->unit.first || e->linear >= c->unit.end)
        ran(c, e, e->physical - c->unit.physical + c->unit.first);
    return PROBE_GO;
}

/* ---- programs ---- */

/* From the first to the last segment that can be executed. */
static const char *find_code(struct coverage_unit *u, const struct elf_file *e)
{
    u->first = UINT64_MAX;
    for (unsigned i = 0; i < e->segments; i++) {
        struct elf_segment s = elf_segment(e, i);
        u64 end = s.virtual + s.memory_size;
        if (s.type != ELF_PT_LOAD || !(s.flags & ELF_PF_X) || end <= s.virtual)
            continue;
        if (s.virtual < u->first) {
            u->first = s.virtual;
            u->physical = s.physical;
        }
        u->end = end > u->end ? end : u->end;
    }
    if (!u->end)
        return "an ELF file without code";
    u64 below = u->first & ~PAGE_MASK;
    u->first -= below;
    u->physical -= below;
    return u->end - u->first > COVERAGE_BYTES_MAX ? "an ELF file with code too far apart to count" : NULL;
}

static bool open_program(struct coverage_unit *u, const char *path, FILE *err)
{
    struct rom file = { 0 };
    struct elf_file e;
    if (!file_load(&file, path, COVERAGE_BYTES_MAX, err))
        return false;
    const char *why = elf_open(&e, file.data, file.size);
    u->path = path;
    why = why ? why : find_code(u, &e);
    rom_free(&file);
    if (!why) {
        u->page = calloc(((u->end - u->first) >> PAGE_SHIFT) + 1, sizeof *u->page);
        why = u->page ? NULL : "no memory to count it";
    }
    if (why)
        fprintf(err, "pcemu: -coverage: %s: %s\n", path, why);
    return !why;
}

struct coverage *coverage_new(const struct options *o, FILE *err)
{
    struct coverage *c = calloc(1, sizeof *c);
    if (!c) {
        fprintf(err, "pcemu: -coverage: no memory\n");
        return NULL;
    }
    c->file = o->coverage_file;
    for (unsigned i = 0; i < o->coverage_programs; i++) {
        if (!open_program(&c->counter[c->counters].unit, o->coverage_program[i], err)) {
            coverage_free(c);
            return NULL;
        }
        c->counters++;
    }
    return c;
}

static bool attach(struct counter *c, struct machine *m)
{
    const struct coverage_unit *u = &c->unit;
    struct probe p = { .kinds = BIT(PROBE_EXEC),
                       .space = DEBUG_LINEAR,
                       .first = u->first,
                       .last = u->end - 1,
                       .cpu = -1,
                       .event = ran_linear,
                       .self = c };
    if (machine_probe_add(m, &p) < 0)
        return false;
    if (u->physical == u->first)
        return true;
    p.space = DEBUG_PHYSICAL;
    p.first = u->physical;
    p.last = u->physical + (u->end - u->first) - 1;
    p.event = ran_physical;
    return machine_probe_add(m, &p) >= 0;
}

bool coverage_attach(struct coverage *c, struct machine *m)
{
    bool ok = true;
    for (unsigned i = 0; ok && i < c->counters; i++)
        ok = attach(&c->counter[i], m);
    return ok;
}

bool coverage_write(const struct coverage *c, FILE *err)
{
    FILE *out = fopen(c->file, "we");
    bool ok = out;
    for (unsigned i = 0; ok && i < c->counters; i++) {
        const struct coverage_unit *u = &c->counter[i].unit;
        if (u->lost)
            fprintf(err, "pcemu: -coverage: %s: no memory: %llu instructions were not counted\n", u->path,
                    (unsigned long long)u->lost);
        ok = coverage_report(u, out, err);
    }
    if (out && fclose(out) != 0)
        ok = false;
    if (!ok)
        fprintf(err, "pcemu: -coverage %s: %s\n", c->file, errno ? strerror(errno) : "not written");
    return ok;
}

void coverage_free(struct coverage *c)
{
    if (!c)
        return;
    for (unsigned i = 0; i < ARRAY_LEN(c->counter); i++) {
        struct coverage_unit *u = &c->counter[i].unit;
        for (u64 page = 0; u->page && page <= (u->end - u->first) >> PAGE_SHIFT; page++)
            free(u->page[page]);
        free(u->page);
    }
    free(c);
}
