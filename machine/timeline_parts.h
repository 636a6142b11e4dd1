/* timeline_parts.h: what the files of the timeline share. */
#ifndef PCEMU_TIMELINE_PARTS_H
#define PCEMU_TIMELINE_PARTS_H

#include "history.h"
#include "pc.h"
#include "timeline.h"

#define CLUSTER_SECTORS ((u32)(PAGE_SIZE / BLOCK_SECTOR))

/* What a snapshot keeps besides pages. */
struct snap_state {
    struct state_buf chips, tlb[MACHINE_CPUS_MAX];
    size_t event, net; /* of the journal: what comes next */
};

/* Stands between a drive and its writable medium, so that it can be taken back. */
struct timeline_disk {
    struct timeline *timeline;
    const struct block_backend **plug; /* where the drive holds its medium; NULL: not watched */
    const struct block_backend *real;
    struct block_backend gate;
    u64 first; /* page of history */
};

struct timeline_hit {
    bool any, by_device;
    u64 icount, address;
};

struct timeline {
    struct machine *machine;
    struct timeline_config config;
    struct history history;
    struct timeline_disk disk[MACHINE_DRIVES];
    u64 state_bytes;             /* of all snap_state */
    u64 watch_first, watch_last; /* ram addresses; first > last: none */
    struct timeline_hit hit;     /* the latest write to them */
    bool stopped;                /* by a probe, in timeline_run_to() */
    bool (*go_on)(void *self, u64 icount);
    void *go_on_self;
};

/* timeline_disk.c: numbers the pages of disks from `first` on; returns the number behind the last. */
u64 timeline_plug_disks(struct timeline *t, u64 first);
void timeline_unplug_disks(struct timeline *t);
void timeline_disk_get(struct timeline *t, u64 page, u8 *data);
void timeline_disk_put(struct timeline *t, u64 page, const u8 *data);

/* timeline.c */
/* Runs on in the past to `icount`, without crossing a snapshot; probes and stops as they are set. */
enum timeline_result timeline_run_to(struct timeline *t, u64 icount);
/* The machine is at snapshot n. */
bool timeline_restore(struct timeline *t, size_t n);
/* Inputs come from the journal from here on. */
bool timeline_leave_present(struct timeline *t);

/* A search runs with its own stops and slices, and as its user says with probes. */
struct timeline_calm {
    u64 stop_at, slice;
    bool quiet[LOG_KINDS];
    bool silent;
};
struct timeline_calm timeline_calm(struct timeline *t, bool silent);
void timeline_uncalm(struct timeline *t, const struct timeline_calm *was);

#endif
