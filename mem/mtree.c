/* mtree.c: the tree in print, line for line as QEMU 7.2's `info mtree` has it (its softmmu/memory.c is the only
 * description of the format): siblings by address, equal addresses by falling priority; an alias shows its target's
 * name and the stretch of it that it shows, and has the type of its target. */
#include "space.h"
#include <inttypes.h>
#include <stdlib.h>

/* The regions that aliases point to, each once, in order of appearance. */
struct targets {
    const struct region **region;
    size_t n, room;
};

struct printer {
    FILE *out;
    bool show_disabled;
    struct targets *targets; /* NULL: not wanted */
    bool ok;
};

static bool add_target(struct targets *t, const struct region *r)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->region[i] == r)
            return true;
    if (t->n == t->room) {
        size_t room = t->room ? 2 * t->room : 16;
        const struct region **region = realloc(t->region, room * sizeof *region);
        if (!region)
            return false;
        t->region = region;
        t->room = room;
    }
    t->region[t->n++] = r;
    return true;
}

static const char *type_name(const struct region *r)
{
    while (r->kind == REGION_ALIAS)
        r = r->target;
    return r->kind == REGION_RAM ? "ram" : r->kind == REGION_ROM ? "rom" : "i/o";
}

static void print_line(const struct printer *p, const struct region *r, int level, u64 start)
{
    fprintf(p->out, "%*s%016" PRIx64 "-%016" PRIx64 " (prio %d, %s): ", 2 * level, "", start, start + r->last,
            (int)r->priority, type_name(r));
    if (r->kind == REGION_ALIAS)
        fprintf(p->out, "alias %s @%s %016" PRIx64 "-%016" PRIx64, r->name, r->target->name, r->target_offset,
                r->target_offset + r->last);
    else
        fputs(r->name, p->out);
    fprintf(p->out, "%s\n", r->enabled ? "" : " [disabled]");
}

static bool prints_before(const struct region *a, const struct region *b)
{
    return a->addr < b->addr || (a->addr == b->addr && a->priority > b->priority);
}

/* The child that is printed after `previous` (NULL: first). Look-up order decides between equals, so that a scan which
 * starts behind `previous` in that order and takes the first of the least finds each child once. */
static const struct region *next_child(const struct region *r, const struct region *previous)
{
    const struct region *best = NULL;
    bool behind = false;
    for (const struct region *c = r->children; c; c = c->next) {
        bool later = !previous || prints_before(previous, c) || (behind && !prints_before(c, previous));
        if (later && (!best || prints_before(c, best)))
            best = c;
        behind = behind || c == previous;
    }
    return best;
}

static void print_tree(struct printer *p, const struct region *r, int level, u64 base)
{
    if (r->kind == REGION_ALIAS && p->targets && !add_target(p->targets, r->target))
        p->ok = false;
    if (r->enabled || p->show_disabled)
        print_line(p, r, level, base + r->addr);
    for (const struct region *c = next_child(r, NULL); c; c = next_child(r, c))
        print_tree(p, c, level + 1, base + r->addr);
}

void region_print(const struct region *r, FILE *out)
{
    struct printer p = { .out = out };
    print_tree(&p, r, 1, 0);
}

void region_print_all(const struct region *r, FILE *out)
{
    struct printer p = { .out = out, .show_disabled = true };
    print_tree(&p, r, 1, 0);
}

bool mtree_print(struct address_space *const *spaces, size_t count, bool show_disabled, FILE *out)
{
    struct targets targets = { 0 };
    struct printer p = { .out = out, .show_disabled = show_disabled, .targets = &targets, .ok = true };
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "address-space: %s\n", spaces[i]->name);
        print_tree(&p, spaces[i]->root, 1, 0);
        fputc('\n', out);
    }
    for (size_t i = 0; i < targets.n; i++) { /* grows on the way */
        fprintf(out, "memory-region: %s\n", targets.region[i]->name);
        print_tree(&p, targets.region[i], 1, 0);
        fputc('\n', out);
    }
    free(targets.region);
    return p.ok;
}
