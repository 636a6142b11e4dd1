/* flatten.c: see flatten.h.
 *
 * The tree is walked in order of look-up, the strongest first, and each leaf fills what is still free of the stretch it
 * covers. A walk carries a window: the addresses [first, last] show the bytes of a region from `offset` on. Windows
 * only ever shrink, so 64-bit inclusive bounds suffice also for containers of 2^64 bytes and aliases that reach below
 * address 0 or past the end of their target. */
#include "flatten.h"
#include <assert.h>
#include <stdlib.h>

/* No tree of ours is deeper; an alias that shows itself is a mistake in the wiring. */
#define DEPTH_MAX 32
#define FIRST_ROOM 64

struct window {
    u64 first, last; /* addresses */
    u64 offset;      /* in the region, of `first` */
};

struct walk {
    struct flat_map *map;
    unsigned direction;
    unsigned depth;
    bool ok;
};

/* Opens room for `extra` sections in front of index i. */
static bool open_sections(struct flat_map *map, size_t i, size_t extra)
{
    if (map->n + extra > map->room) {
        size_t room = map->room ? 2 * map->room : FIRST_ROOM;
        struct section *s = realloc(map->section, room * sizeof *s);
        if (!s)
            return false;
        map->section = s;
        map->room = room;
    }
    memmove(map->section + i + extra, map->section + i, (map->n - i) * sizeof *map->section);
    map->n += extra;
    return true;
}

/* Cuts the section at index i in two, the second starting at `addr`. */
static bool cut(struct flat_map *map, size_t i, u64 addr)
{
    if (!open_sections(map, i, 1))
        return false;
    map->section[i].last = addr - 1;
    map->section[i + 1].first = addr;
    return true;
}

/* Index of the section that holds `addr`. */
static size_t index_of(const struct flat_map *map, u64 addr)
{
    size_t low = 0, high = map->n;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (map->section[middle].first <= addr)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Gives the free parts of a window to region r. */
static bool fill(struct flat_map *map, const struct region *r, struct window w)
{
    for (size_t i = index_of(map, w.first); i < map->n && map->section[i].first <= w.last; i++) {
        if (map->section[i].region)
            continue;
        if (map->section[i].first < w.first) {
            if (!cut(map, i, w.first))
                return false;
            i++;
        }
        if (map->section[i].last > w.last && !cut(map, i, w.last + 1))
            return false;
        struct section *s = &map->section[i];
        s->region = r;
        s->offset = w.offset + (s->first - w.first);
    }
    return true;
}

static void render(struct walk *walk, const struct region *r, struct window w);

/* Narrows a window on the parent to the child; false when they don't meet. */
static bool child_window(const struct region *child, struct window parent, struct window *w)
{
    u64 low = parent.offset, high = parent.offset + (parent.last - parent.first);
    u64 child_last = child->last > UINT64_MAX - child->addr ? UINT64_MAX : child->addr + child->last;
    if (child->addr > low)
        low = child->addr;
    if (child_last < high)
        high = child_last;
    if (low > high)
        return false;
    w->first = parent.first + (low - parent.offset);
    w->last = parent.first + (high - parent.offset);
    w->offset = low - child->addr;
    return true;
}

static void render_children(struct walk *walk, const struct region *r, struct window w)
{
    struct window part;
    for (const struct region *c = r->children; c; c = c->next)
        if (child_window(c, w, &part))
            render(walk, c, part);
}

static void render_alias(struct walk *walk, const struct region *r, struct window w)
{
    if (r->target_offset > UINT64_MAX - w.offset)
        return;
    w.offset += r->target_offset;
    render(walk, r->target, w);
}

static void render(struct walk *walk, const struct region *r, struct window w)
{
    if (!r->enabled || !(r->access & walk->direction) || w.offset > r->last)
        return;
    if (w.last - w.first > r->last - w.offset)
        w.last = w.first + (r->last - w.offset);
    assert(walk->depth < DEPTH_MAX);
    walk->depth++;
    if (r->kind == REGION_ALIAS)
        render_alias(walk, r, w);
    else
        render_children(walk, r, w);
    if (r->kind == REGION_IO || r->kind == REGION_RAM || r->kind == REGION_ROM)
        walk->ok = fill(walk->map, r, w) && walk->ok;
    walk->depth--;
}

/* Joins neighbours that continue each other. */
static void join(struct flat_map *map)
{
    size_t n = 0;
    for (size_t i = 1; i < map->n; i++) {
        struct section *a = &map->section[n];
        const struct section *b = &map->section[i];
        if (a->region == b->region && (!a->region || a->offset + (b->first - a->first) == b->offset))
            a->last = b->last;
        else
            map->section[++n] = *b;
    }
    map->n = n + 1;
}

bool flatten(struct flat_map *map, const struct region *root, enum region_access direction)
{
    map->n = 0;
    map->hint = 0;
    if (!open_sections(map, 0, 1))
        return false;
    map->section[0] = (struct section){ .first = 0, .last = UINT64_MAX };
    struct walk walk = { .map = map, .direction = direction, .ok = true };
    render(&walk, root, (struct window){ .first = 0, .last = UINT64_MAX, .offset = 0 });
    join(map);
    return walk.ok;
}
