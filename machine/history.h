/* history.h: what pages held at the snapshots of a timeline. A page of RAM, ROM or a disk (4 KiB each, one number
 * space) is kept when it is written for the first time after a snapshot: one version, its contents at that snapshot.
 * What a page held at snapshot S is then its oldest version of S or later; where there is none, what it holds now.
 *
 * The memory in use belongs to one snapshot, the base, plus what was written since (the dirty pages). */
#ifndef PCEMU_HISTORY_H
#define PCEMU_HISTORY_H

#include "base.h"

struct snap;

struct version {
    struct version *older;   /* of the same page */
    struct version *sibling; /* of the same snapshot */
    struct snap *at;
    u64 page;
    u8 *data; /* NULL: zeros */
};

/* What history.c knows of a snapshot; the rest is timeline.c's. */
struct snap {
    u64 icount; /* rising with the order of snapshots */
    struct version *versions;
    struct snap_state *state;
};

#define HISTORY_CLEAN BIT(0)   /* in the bytes of `flags`: not written since the base */
#define HISTORY_WATCHED BIT(1) /* somebody else's */

struct history {
    /* wiring */
    u64 pages;
    u8 *flags; /* [pages] */
    void (*get)(void *self, u64 page, u8 *data);
    void (*put)(void *self, u64 page, const u8 *data); /* NULL: zeros */
    void *self;

    struct snap **snap; /* by icount */
    size_t snaps, room;
    size_t base;             /* index */
    struct version **newest; /* [pages] */
    u64 *dirty;              /* pages without HISTORY_CLEAN */
    size_t dirties, dirty_room;
    u64 bytes;   /* that versions take */
    bool failed; /* the host had no memory: the past can't be trusted */
};

/* After wiring and flags (all clean) are set. False: no memory. */
bool history_begin(struct history *h);
void history_free(struct history *h, void (*free_state)(struct snap_state *state));

/* A page that is clean will be written. */
void history_touch(struct history *h, u64 page);
/* A snapshot of the present contents: behind the base, which it becomes. Its icount must lie between the base's and the
 * next one's. NULL: no memory. */
struct snap *history_add(struct history *h, u64 icount);
/* Brings back what all pages held at snapshot n, which becomes the base. */
void history_restore(struct history *h, size_t n);
/* Forgets snapshot n, not the base. */
struct snap_state *history_remove(struct history *h, size_t n);
/* The last snapshot at or before `icount`. */
size_t history_find(const struct history *h, u64 icount);
/* Was the page written between snapshot n and the next (or now)? It may say yes where it was not. */
bool history_written(const struct history *h, u64 page, size_t n);

#endif
