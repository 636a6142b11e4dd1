/* mtree.c: the tree in print, line for line as QEMU 7.2's `info mtree` has it (its softmmu/memory.c is the only
 * description of the format): siblings by address, equal addresses by falling priority; an alias shows its target's
 * name and the stretch of it that it shows, and has the type of its target. Spaces of one root are printed once, under
 * all their names. QEMU's tree knows one direction, that of reads: a window for writes alone is not printed. */
#include "space.h"
#include "flatten.h"
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
    if ((r->enabled || p->show_disabled) && r->access != REGION_W)
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

/* ---- spaces ---- */

static bool is_first_of_root(struct address_space *const *spaces, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (spaces[k]->root == spaces[i]->root)
            return false;
    return true;
}

/* The space of this root whose name comes after `previous`, by the alphabet. */
static const struct address_space *next_name(struct address_space *const *spaces, size_t count,
                                             const struct region *root, const struct address_space *previous)
{
    const struct address_space *best = NULL;
    for (size_t i = 0; i < count; i++)
        if (spaces[i]->root == root && (!previous || strcmp(spaces[i]->name, previous->name) > 0) &&
            (!best || strcmp(spaces[i]->name, best->name) < 0))
            best = spaces[i];
    return best;
}

bool mtree_print(struct address_space *const *spaces, size_t count, bool show_disabled, FILE *out)
{
    struct targets targets = { 0 };
    struct printer p = { .out = out, .show_disabled = show_disabled, .targets = &targets, .ok = true };
    for (size_t i = 0; i < count; i++) {
        const struct region *root = spaces[i]->root;
        if (!is_first_of_root(spaces, i))
            continue;
        for (const struct address_space *as = NULL; (as = next_name(spaces, count, root, as));)
            fprintf(out, "address-space: %s\n", as->name);
        print_tree(&p, root, 1, 0);
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

/* ---- flat views ---- */

/* What a space shows when its root is nothing but an alias of a whole other region: that region; NULL: nothing at all.
 */
static const struct region *physical_root(const struct region *r)
{
    while (r->kind == REGION_CONTAINER) {
        const struct region *only = NULL;
        for (const struct region *c = r->children; c; c = c->next) {
            if (!c->enabled)
                continue;
            if (only || c->kind != REGION_ALIAS || c->target_offset || c->addr || c->last != r->last)
                return r;
            only = c;
        }
        if (!only)
            return NULL;
        r = only->target;
    }
    return r;
}

/* The end of the stretch from `addr` on that is one section for reads and one for writes; `writable`: it is RAM for
 * both. */
static u64 stretch_end(struct address_space *as, u64 addr, struct section *read, bool *writable)
{
    *read = *space_find(as, addr, false);
    struct section write = *space_find(as, addr, true);
    *writable = write.region == read->region;
    read->offset += addr - read->first;
    return read->last < write.last ? read->last : write.last;
}

static void print_section(const struct address_space *as, u64 first, u64 last, const struct section *s, bool writable,
                          FILE *out)
{
    const struct region *r = s->region ? s->region : as->root;
    u64 offset = s->region ? s->offset : first;
    bool rom = r->kind == REGION_ROM || (r->kind == REGION_RAM && !writable);
    fprintf(out, "  %016" PRIx64 "-%016" PRIx64 " (prio %d, %s): %s", first, last, (int)r->priority,
            rom ? "rom" : type_name(r), r->name);
    if (offset)
        fprintf(out, " @%016" PRIx64, offset);
    fputc('\n', out);
}

/* Do two neighbours print as one? */
static bool continues(const struct section *a, bool a_writable, u64 length, const struct section *b, bool b_writable)
{
    return a->region == b->region && (!a->region || (a->offset + length == b->offset && a_writable == b_writable));
}

/* In the port space what no chip takes is the bus's own, which has a line; elsewhere it has none. */
static void print_view(struct address_space *as, FILE *out)
{
    u64 end = as->root->last, last = 0;
    for (u64 first = 0;; first = last + 1) {
        struct section s, next;
        bool writable, next_writable;
        last = stretch_end(as, first, &s, &writable);
        while (last < end) {
            u64 next_last = stretch_end(as, last + 1, &next, &next_writable);
            if (!continues(&s, writable, last + 1 - first, &next, next_writable))
                break;
            last = next_last;
        }
        last = last < end ? last : end;
        if (s.region || as->is_io)
            print_section(as, first, last, &s, writable, out);
        if (last >= end)
            return;
    }
}

static void print_flat(struct address_space *const *spaces, size_t count, size_t i, unsigned number, FILE *out)
{
    const struct region *root = physical_root(spaces[i]->root);
    fprintf(out, "FlatView #%u\n", number);
    for (size_t k = i; k < count; k++)
        if (physical_root(spaces[k]->root) == root)
            fprintf(out, " AS \"%s\", root: %s\n", spaces[k]->name, spaces[k]->root->name);
    fprintf(out, " Root memory region: %s\n", root ? root->name : "(none)");
    if (root)
        print_view(spaces[i], out);
    else
        fputs("  No rendered FlatView\n", out);
    fputc('\n', out);
}

void mtree_print_flat(struct address_space *const *spaces, size_t count, FILE *out)
{
    unsigned number = 0;
    for (size_t i = 0; i < count; i++) {
        bool seen = false;
        for (size_t k = 0; k < i; k++)
            seen = seen || physical_root(spaces[k]->root) == physical_root(spaces[i]->root);
        if (!seen)
            print_flat(spaces, count, i, number++, out);
    }
}
