/* history.c: see history.h. */
#include "history.h"

#include "space.h"

#include <assert.h>
#include <stdlib.h>

#define FIRST_ROOM 64
#define VERSION_BYTES (sizeof(struct version))

bool history_begin(struct history *h)
{
    h->newest = calloc(h->pages, sizeof *h->newest);
    return h->newest;
}

static void free_version(struct history *h, struct version *v)
{
    h->bytes -= VERSION_BYTES + (v->data ? PAGE_SIZE : 0);
    free(v->data);
    free(v);
}

void history_free(struct history *h, void (*free_state)(struct snap_state *state))
{
    for (size_t i = 0; i < h->snaps; i++) {
        for (struct version *v = h->snap[i]->versions, *next; v; v = next) {
            next = v->sibling;
            free_version(h, v);
        }
        free_state(h->snap[i]->state);
        free(h->snap[i]);
    }
    free(h->snap);
    free(h->newest);
    free(h->dirty);
    h->snap = NULL;
    h->newest = NULL;
    h->dirty = NULL;
    h->snaps = h->room = h->dirties = h->dirty_room = 0;
}

/* ---- versions ---- */

/* The page's oldest version of `at` or later, NULL: none. */
static struct version *version_at(const struct history *h, u64 page, const struct snap *at)
{
    struct version *found = NULL;
    for (struct version *v = h->newest[page]; v && v->at->icount >= at->icount; v = v->older)
        found = v;
    return found;
}

static struct version *new_version(struct history *h, u64 page)
{
    struct version *v = malloc(sizeof *v);
    u8 *data = malloc(PAGE_SIZE);
    if (!v || !data) {
        free(v);
        free(data);
        h->failed = true;
        return NULL;
    }
    h->get(h->self, page, data);
    *v = (struct version){ .page = page, .data = data };
    h->bytes += VERSION_BYTES + PAGE_SIZE;
    if (page_is_zero(data)) {
        free(data);
        v->data = NULL;
        h->bytes -= PAGE_SIZE;
    }
    return v;
}

static void hang_in(struct history *h, struct version *v, struct snap *at)
{
    struct version **place = &h->newest[v->page];
    while (*place && (*place)->at->icount > at->icount)
        place = &(*place)->older;
    v->older = *place;
    *place = v;
    v->at = at;
    v->sibling = at->versions;
    at->versions = v;
}

static void take_out(struct history *h, struct version *v)
{
    struct version **place = &h->newest[v->page];
    while (*place != v)
        place = &(*place)->older;
    *place = v->older;
}

static void keep(struct history *h, u64 page, struct snap *at)
{
    struct version *v = new_version(h, page);
    if (v)
        hang_in(h, v, at);
}

void history_touch(struct history *h, u64 page)
{
    struct snap *base = h->snap[h->base];
    struct version *v = version_at(h, page, base);
    h->flags[page] &= (u8)~HISTORY_CLEAN;
    if (!v || v->at != base)
        keep(h, page, base);
    if (h->dirties == h->dirty_room) {
        size_t room = h->dirty_room ? 2 * h->dirty_room : 1024;
        u64 *dirty = realloc(h->dirty, room * sizeof *dirty);
        if (!dirty) {
            h->failed = true;
            return;
        }
        h->dirty = dirty;
        h->dirty_room = room;
    }
    h->dirty[h->dirties++] = page;
}

static void clean_all(struct history *h)
{
    for (size_t i = 0; i < h->dirties; i++)
        h->flags[h->dirty[i]] |= HISTORY_CLEAN;
    h->dirties = 0;
}

/* ---- snapshots ---- */

size_t history_find(const struct history *h, u64 icount)
{
    size_t low = 0, high = h->snaps;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (h->snap[middle]->icount <= icount)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static struct snap *insert(struct history *h, size_t n, u64 icount)
{
    if (h->snaps == h->room) {
        size_t room = h->room ? 2 * h->room : FIRST_ROOM;
        struct snap **bigger = realloc(h->snap, room * sizeof(struct snap *));
        if (!bigger)
            return NULL;
        h->snap = bigger;
        h->room = room;
    }
    struct snap *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->icount = icount;
    memmove(&h->snap[n + 1], &h->snap[n], (h->snaps - n) * sizeof(struct snap *));
    h->snap[n] = s;
    h->snaps++;
    return s;
}

/* A snapshot between the base and the next: a version of the base's whose page was not written since is as good for the
 * new one, and later contents are not the base's; a page that was written since has its contents of now for the new
 * one, as the next one's may be others. */
static void share_versions(struct history *h, struct snap *base, struct snap *s)
{
    struct version *v = base->versions, *next;
    base->versions = NULL;
    for (; v; v = next) {
        next = v->sibling;
        bool written = !(h->flags[v->page] & HISTORY_CLEAN);
        struct snap *to = written ? base : s;
        v->at = to;
        v->sibling = to->versions;
        to->versions = v;
        if (written)
            keep(h, v->page, s);
    }
}

struct snap *history_add(struct history *h, u64 icount)
{
    size_t n = h->snaps ? h->base + 1 : 0;
    struct snap *s = insert(h, n, icount);
    if (!s)
        return NULL;
    if (n && n + 1 < h->snaps)
        share_versions(h, h->snap[h->base], s);
    h->base = n;
    clean_all(h);
    return s;
}

/* The page gets what it held at snapshot s. What it holds is kept where nobody has it: no version of the base or later
 * means that it was not written since, so that all snapshots up to the last share it. */
static void bring_back(struct history *h, u64 page, const struct snap *s)
{
    struct snap *base = h->snap[h->base];
    if (h->newest[page] && h->newest[page]->at->icount < base->icount)
        keep(h, page, h->snap[h->snaps - 1]);
    struct version *v = version_at(h, page, s);
    if (v)
        h->put(h->self, page, v->data);
}

void history_restore(struct history *h, size_t n)
{
    size_t first = n < h->base ? n : h->base, last = n < h->base ? h->base : n;
    struct snap *s = h->snap[n];
    for (size_t i = first; i <= last; i++)
        for (struct version *v = h->snap[i]->versions; v; v = v->sibling)
            bring_back(h, v->page, s);
    h->base = n;
    clean_all(h);
}

struct snap_state *history_remove(struct history *h, size_t n)
{
    struct snap *s = h->snap[n], *before = n ? h->snap[n - 1] : NULL;
    struct snap_state *state = s->state;
    assert(n != h->base);
    for (struct version *v = s->versions, *next; v; v = next) {
        next = v->sibling;
        if (before && (!v->older || v->older->at != before)) {
            v->at = before;
            v->sibling = before->versions;
            before->versions = v;
        } else {
            take_out(h, v);
            free_version(h, v);
        }
    }
    free(s);
    h->snaps--;
    memmove(&h->snap[n], &h->snap[n + 1], (h->snaps - n) * sizeof(struct snap *));
    h->base -= n < h->base;
    return state;
}

bool history_written(const struct history *h, u64 page, size_t n)
{
    struct version *v = version_at(h, page, h->snap[n]);
    return v && v->at == h->snap[n];
}
