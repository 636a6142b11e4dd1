/* block_overlay.c: the clusters of a disk that the guest has written under -snapshot: a hash table from the cluster's
 * number to its 64 KiB, open addressing, doubled when half full. */
#include "disk.h"

#include <stdlib.h>

#define FIRST_ROOM 256

struct slot {
    u64 n;
    u8 *data; /* NULL: free */
};

struct overlay {
    struct slot *slot;
    size_t room; /* a power of two */
    size_t used;
};

struct overlay *overlay_new(void)
{
    struct overlay *o = calloc(1, sizeof *o);
    if (!o)
        return NULL;
    o->room = FIRST_ROOM;
    o->slot = calloc(o->room, sizeof *o->slot);
    if (!o->slot) {
        free(o);
        return NULL;
    }
    return o;
}

void overlay_free(struct overlay *o)
{
    if (!o)
        return;
    for (size_t i = 0; i < o->room; i++)
        free(o->slot[i].data);
    free(o->slot);
    free(o);
}

/* The slot that holds n, or the free one where it belongs. */
static struct slot *slot_of(struct slot *slot, size_t room, u64 n)
{
    size_t i = (size_t)((n * 0x9e3779b97f4a7c15u) >> 32) & (room - 1);
    while (slot[i].data && slot[i].n != n)
        i = (i + 1) & (room - 1);
    return &slot[i];
}

u8 *overlay_find(const struct overlay *o, u64 n)
{
    return slot_of(o->slot, o->room, n)->data;
}

static bool grow(struct overlay *o)
{
    size_t room = 2 * o->room;
    struct slot *slot = calloc(room, sizeof *slot);
    if (!slot)
        return false;
    for (size_t i = 0; i < o->room; i++)
        if (o->slot[i].data)
            *slot_of(slot, room, o->slot[i].n) = o->slot[i];
    free(o->slot);
    o->slot = slot;
    o->room = room;
    return true;
}

u8 *overlay_add(struct overlay *o, u64 n)
{
    if (2 * (o->used + 1) > o->room && !grow(o))
        return NULL;
    struct slot *s = slot_of(o->slot, o->room, n);
    s->data = malloc(OVERLAY_CLUSTER);
    if (!s->data)
        return NULL;
    s->n = n;
    o->used++;
    return s->data;
}

const u8 *overlay_next(const struct overlay *o, size_t *at, u64 *n)
{
    while (*at < o->room) {
        const struct slot *s = &o->slot[(*at)++];
        if (s->data) {
            *n = s->n;
            return s->data;
        }
    }
    return NULL;
}
