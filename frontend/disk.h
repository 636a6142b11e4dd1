/* disk.h: a disk of the guest in a raw image file of the host, with or without a snapshot overlay. */
#ifndef PCEMU_DISK_H
#define PCEMU_DISK_H

#include "backend.h"
#include "log.h"
#include "snapshot.h"

#include <stdio.h>

struct overlay;

struct disk {
    struct block_backend backend; /* what the machine gets */
    const char *path;             /* not owned; for messages */
    int fd;                       /* -1: the contents are `memory` */
    const u8 *memory;             /* not owned */
    u64 bytes;                    /* of the image; the last sector may be incomplete and is padded with zeros */
    struct overlay *overlay;      /* snapshot: where writes go; NULL: into the file */
    struct log *log;
};

struct disk_options {
    const char *path;
    bool raw;       /* don't look for other image formats */
    bool read_only; /* the guest can't write */
    bool no_lock;   /* whoever else uses the image */
    bool snapshot;  /* writes are kept in memory and lost at the end */
    unsigned number;
};

/* Opens an image and locks it as QEMU would. False: one line on `err` has said why. */
bool disk_open(struct disk *d, const struct disk_options *options, struct log *log, FILE *err);
/* A disk whose contents are in memory; writes go to an overlay. False when the host has no memory. */
bool disk_open_memory(struct disk *d, const u8 *data, size_t size, unsigned number, struct log *log);
void disk_close(struct disk *d);

/* Bytes of the image as the file has them; those past its end are zeros. False: the log has said why. */
bool disk_read_image(struct disk *d, u64 at, void *buf, size_t len);

/* disk_snapshot.c: a disk's part of a snapshot. A disk that is written without -snapshot can't be saved: its image goes
 * on to change. */
bool disk_can_be_saved(const struct disk *d);
bool disk_save(struct disk *d, struct snapshot_writer *w);
/* Reads what disk_save() wrote of the same image. NULL: why[SNAPSHOT_WHY_MAX] says why not. */
struct overlay *disk_read_changes(struct disk *d, struct snapshot_reader *r, char *why);
/* The disk's contents are now these; they belong to it. */
void disk_take_changes(struct disk *d, struct overlay *o);

/* block_lock.c: locks `fd` against other users, by the byte-range locks that QEMU uses on image files. False: another
 * program has the image open in a way that does not go together with ours. */
bool disk_lock(int fd, bool writable);

/* block_overlay.c: changed clusters of a disk, in memory. */
struct overlay *overlay_new(void);
void overlay_free(struct overlay *o);
#define OVERLAY_CLUSTER ((u64)65536)
/* The 64 KiB of cluster `n`, or NULL when it was not written. */
u8 *overlay_find(const struct overlay *o, u64 n);
/* Room for cluster n, which is not there yet; the caller fills it. NULL when the host has no memory. */
u8 *overlay_add(struct overlay *o, u64 n);
/* Walks all clusters, *at from 0 on, in no particular order; NULL behind the last. */
const u8 *overlay_next(const struct overlay *o, size_t *at, u64 *n);

#endif
