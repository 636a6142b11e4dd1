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

/* How much of the payload is left, as the head has it. */
u64 snapshot_left(const struct snapshot_reader *r);

/* A block: a tag of 4 characters, 4 bytes length, as many bytes. */
bool snapshot_put_block(struct snapshot_writer *w, const char *tag, const void *data, size_t len);
/* Takes one of at most `max` bytes to the heap, with a zero byte behind. NULL: there is none, or no memory. */
u8 *snapshot_take_block(struct snapshot_reader *r, const char *tag, size_t max, size_t *len);

/* snapshot.c in machine/: what the machine is built of, as lines of text on the heap. NULL: the host has no memory. */
#define SNAPSHOT_DESCRIPTION_MAX 16384u
char *machine_description(const struct machine *m, size_t *len);
/* False: why[SNAPSHOT_WHY_MAX] names the first line that differs. */
bool snapshot_same_machine(const char *theirs, const char *ours, char *why);

/* The machine's part of a payload. Between slices only. */
bool machine_save(struct machine *m, struct snapshot_writer *w);
/* Reads a machine's part through without touching the machine: is it of a machine built like this one, and whole? */
bool machine_check(struct machine *m, struct snapshot_reader *r, char *why);
/* Puts the machine into the saved state. Where false, it is as it was. */
bool machine_load(struct machine *m, struct snapshot_reader *r, char *why);

#endif
