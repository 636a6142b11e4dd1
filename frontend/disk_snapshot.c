/* disk_snapshot.c: what -snapshot keeps of a disk, in a snapshot of the machine:
 *
 *     DISK  4 bytes CRC-32 of the image's first 64 KiB; for each changed cluster 8 bytes number, 65536 bytes; then a
 *           number of all ones
 *
 * The image itself is not in it: it must be the same again. */
#include "disk.h"

#include <stdlib.h>
#include <zlib.h>

#define TAG "DISK"
#define TAG_BYTES 4
#define NO_MORE UINT64_MAX

/* So that another image is noticed: boot sector, partition table, the start of the first file system. */
static u32 head_checksum(struct disk *d)
{
    u8 *head = malloc(OVERLAY_CLUSTER);
    u32 sum = 0;
    if (head && disk_read_image(d, 0, head, OVERLAY_CLUSTER))
        sum = (u32)crc32(crc32(0, NULL, 0), head, (uInt)OVERLAY_CLUSTER);
    free(head);
    return sum;
}

bool disk_can_be_saved(const struct disk *d)
{
    return d->overlay || d->backend.read_only;
}

static bool put_u64(struct snapshot_writer *w, u64 v)
{
    u8 bytes[8];
    put_le64(bytes, v);
    return snapshot_put(w, bytes, sizeof bytes);
}

bool disk_save(struct disk *d, struct snapshot_writer *w)
{
    u8 sum[4];
    put_le32(sum, head_checksum(d));
    if (!snapshot_put(w, TAG, TAG_BYTES) || !snapshot_put(w, sum, sizeof sum))
        return false;
    size_t at = 0;
    u64 n;
    for (const u8 *data; d->overlay && (data = overlay_next(d->overlay, &at, &n));)
        if (!put_u64(w, n) || !snapshot_put(w, data, OVERLAY_CLUSTER))
            return false;
    return put_u64(w, NO_MORE);
}

static bool take_cluster(const struct disk *d, struct snapshot_reader *r, struct overlay *o, u64 n)
{
    if (n >= (d->backend.sectors * BLOCK_SECTOR + OVERLAY_CLUSTER - 1) / OVERLAY_CLUSTER || overlay_find(o, n))
        return false;
    u8 *data = overlay_add(o, n);
    return data && snapshot_take(r, data, OVERLAY_CLUSTER);
}

static bool take_clusters(const struct disk *d, struct snapshot_reader *r, struct overlay *o)
{
    u8 number[8];
    while (snapshot_take(r, number, sizeof number)) {
        u64 n = get_le64(number);
        if (n == NO_MORE)
            return true;
        if (!d->overlay || !take_cluster(d, r, o, n))
            return false;
    }
    return false;
}

struct overlay *disk_read_changes(struct disk *d, struct snapshot_reader *r, char *why)
{
    char tag[TAG_BYTES];
    u8 sum[4];
    struct overlay *o = overlay_new();
    if (!o || !snapshot_take(r, tag, sizeof tag) || memcmp(tag, TAG, sizeof tag) != 0 ||
        !snapshot_take(r, sum, sizeof sum)) {
        snprintf(why, SNAPSHOT_WHY_MAX, o ? "the snapshot is damaged: a disk is missing" : "no memory");
    } else if (get_le32(sum) != head_checksum(d)) {
        snprintf(why, SNAPSHOT_WHY_MAX, "the image %.150s is not the one that it was taken with", d->path);
    } else if (!take_clusters(d, r, o)) {
        snprintf(why, SNAPSHOT_WHY_MAX, "the snapshot is damaged, or of another kind of disk than %.150s", d->path);
    } else {
        return o;
    }
    overlay_free(o);
    return NULL;
}

void disk_take_changes(struct disk *d, struct overlay *o)
{
    overlay_free(d->overlay ? d->overlay : o);
    if (d->overlay)
        d->overlay = o;
}
