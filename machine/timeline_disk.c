/* timeline_disk.c: writable disks in a timeline: what stands in a cluster of 4 KiB before it is written is kept, as
 * with pages of memory. */
#include "timeline_parts.h"

static bool gate_read(void *self, u64 sector, void *buf, u32 count)
{
    const struct timeline_disk *d = self;
    return d->real->read(d->real->self, sector, buf, count);
}

static bool gate_write(void *self, u64 sector, const void *buf, u32 count)
{
    struct timeline_disk *d = self;
    struct history *h = &d->timeline->history;
    for (u64 c = sector / CLUSTER_SECTORS; count && c <= (sector + count - 1) / CLUSTER_SECTORS; c++)
        if (h->flags[d->first + c] & HISTORY_CLEAN)
            history_touch(h, d->first + c);
    return d->real->write(d->real->self, sector, buf, count);
}

static bool gate_flush(void *self)
{
    const struct timeline_disk *d = self;
    return !d->real->flush || d->real->flush(d->real->self);
}

static const struct block_backend **plug_of(struct machine *m, unsigned drive)
{
    if (drive >= MACHINE_DISKS)
        return &m->fdc.drive[drive - MACHINE_DISKS].disk;
    return &m->ide.channel[drive / 2].drive[drive % 2].disk;
}

u64 timeline_plug_disks(struct timeline *t, u64 first)
{
    for (unsigned i = 0; i < MACHINE_DRIVES; i++) {
        struct timeline_disk *d = &t->disk[i];
        const struct block_backend **plug = plug_of(t->machine, i), *real = *plug;
        *d = (struct timeline_disk){ .timeline = t };
        if (!real || !real->sectors || real->read_only || !real->write)
            continue;
        d->plug = plug;
        d->real = real;
        d->gate = *real;
        d->gate.read = gate_read;
        d->gate.write = gate_write;
        d->gate.flush = gate_flush;
        d->gate.self = d;
        d->first = first;
        first += (real->sectors + CLUSTER_SECTORS - 1) / CLUSTER_SECTORS;
        *plug = &d->gate;
    }
    return first;
}

/* A medium that was changed meanwhile has taken the gate out itself. */
void timeline_unplug_disks(struct timeline *t)
{
    for (unsigned i = 0; i < MACHINE_DRIVES; i++) {
        struct timeline_disk *d = &t->disk[i];
        if (d->plug && *d->plug == &d->gate)
            *d->plug = d->real;
        d->plug = NULL;
    }
}

/* The disk that a page is of, its first sector and how many it has. */
static struct timeline_disk *find(struct timeline *t, u64 page, u64 *sector, u32 *count)
{
    struct timeline_disk *found = NULL;
    for (unsigned i = 0; i < MACHINE_DRIVES; i++)
        if (t->disk[i].plug && t->disk[i].first <= page)
            found = &t->disk[i];
    if (!found)
        return NULL;
    *sector = (page - found->first) * CLUSTER_SECTORS;
    u64 left = found->real->sectors - *sector;
    *count = left < CLUSTER_SECTORS ? (u32)left : CLUSTER_SECTORS;
    return found;
}

void timeline_disk_get(struct timeline *t, u64 page, u8 *data)
{
    u64 sector;
    u32 count;
    struct timeline_disk *d = find(t, page, &sector, &count);
    memset(data, 0, PAGE_SIZE);
    if (!d || !d->real->read(d->real->self, sector, data, count))
        t->history.failed = true;
}

void timeline_disk_put(struct timeline *t, u64 page, const u8 *data)
{
    static const u8 zeros[PAGE_SIZE];
    u64 sector;
    u32 count;
    struct timeline_disk *d = find(t, page, &sector, &count);
    if (!d || !d->real->write(d->real->self, sector, data ? data : zeros, count))
        t->history.failed = true;
}
