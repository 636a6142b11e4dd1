/* snapshot.h: a whole machine in one file: versioned, compressed, with checksums. docs/snapshots.md has the format.
 *
 * A file is a head (what it is, when it was made, how long the rest is) and a payload, one zlib stream. Writing
 * streams; for reading the file is in memory, so that it can be read through once before anything is changed. Whatever
 * is in a file, reading it does no harm: it is refused, with one line that says why. */
#ifndef PCEMU_SNAPSHOT_H
#define PCEMU_SNAPSHOT_H

#include "machine.h"

#define SNAPSHOT_VERSION 1
#define SNAPSHOT_WHY_MAX 256

struct snapshot_info {
    s64 date;    /* seconds since 1970, as the writer said */
    u64 now_ns;  /* the machine's time */
    u64 icount;  /* its instructions */
    u64 payload; /* bytes of the payload before compression */
};

/* Begins a file on `out`, a stream that can seek. NULL: the host has no memory. */
struct snapshot_writer *snapshot_begin(FILE *out);
/* Adds to the payload. False: the host could not write it, and snapshot_end() will say so. */
bool snapshot_put(struct snapshot_writer *w, const void *bytes, size_t len);
/* Completes the file and frees the writer. False: something could not be written (errno). `info->payload` is set. */
bool snapshot_end(struct snapshot_writer *w, struct snapshot_info *info);

/* Checks head and checksums of a file. False: why[SNAPSHOT_WHY_MAX] says what is wrong. */
bool snapshot_look(const u8 *file, size_t len, struct snapshot_info *info, char *why);
#define SNAPSHOT_HEAD 64u
/* The head alone, of which only as much is believed. */
bool snapshot_look_head(const u8 head[SNAPSHOT_HEAD], struct snapshot_info *info, char *why);

/* Opens a file that snapshot_look() found good; `file` outlives the reader. NULL: the host has no memory. */
struct snapshot_reader *snapshot_open(const u8 *file, size_t len);
void snapshot_close(struct snapshot_reader *r);
/* The next bytes of the payload. False: there are not as many, or they are damaged. */
bool snapshot_take(struct snapshot_reader *r, void *bytes, size_t len);
/* The whole payload was taken. */
bool snapshot_at_end(struct snapshot_reader *r);
/* Back to the start of the payload. */
bool snapshot_rewind(struct snapshot_reader *r);

/* snapshot.c in machine/: the machine's part of a payload. Between slices only. */
bool machine_save(struct machine *m, struct snapshot_writer *w);
/* Reads a machine's part through without touching the machine: is it of a machine built like this one, and whole? */
bool machine_check(struct machine *m, struct snapshot_reader *r, char *why);
/* Puts the machine into the saved state. Where false, it is as it was. */
bool machine_load(struct machine *m, struct snapshot_reader *r, char *why);

#endif
