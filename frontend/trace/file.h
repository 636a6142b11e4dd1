/* file.h: traces in files: text as it is, or frames of records with an index behind them; both plain or, by a name that
 * ends in .gz, compressed as they go.
 *
 * A frame is a header (struct trace_frame, little-endian) and its records. In a .gz each frame, and each megabyte or so
 * of text, is a gzip member of its own whose header tells its length (extra field "PC"), so that `zcat` reads it all
 * and we can seek. The index is a frame of struct trace_place; the file's last bytes say where it is. */
#ifndef PCEMU_TRACE_FILE_H
#define PCEMU_TRACE_FILE_H

#include "base.h"

#include <stdio.h>

#define TRACE_MAGIC 0x46544350u /* "PCTF" */
#define TRACE_VERSION 2
#define TRACE_FRAME_BYTES (2 * MIB)

enum { TRACE_FRAME_DATA, TRACE_FRAME_INDEX };

struct trace_frame {
    u32 magic;
    u16 version, kind;
    u32 bytes, records; /* of the payload */
    u64 first_icount;
    u64 first_record;
};

struct trace_place { /* of a frame */
    u64 at;          /* in the file */
    u64 first_icount, first_record;
};

/* ---- writing ---- */

struct trace_sink {
    FILE *out;
    bool gz, framed, failed;
    u8 *buf, *packed; /* the frame; compressed */
    size_t used, packed_size;
    u64 at, icount; /* bytes written; count of the frame's first instruction */
    u64 records, first_record;
    struct trace_place *place;
    size_t places, room;
    void (*begin)(void *self); /* a frame begins: may be NULL */
    void *self;
};

/* `out` is the caller's. False: no memory. */
bool trace_sink_open(struct trace_sink *s, FILE *out, bool gz, bool framed);
/* Room for `bytes`, at most TRACE_FRAME_BYTES / 2; a frame that is full goes out first. */
static inline u8 *trace_sink_room(struct trace_sink *s, size_t bytes, u64 icount);
/* What was written there ends at `end`; `records` of them. */
static inline void trace_sink_took(struct trace_sink *s, const u8 *end, unsigned records)
{
    s->used = (size_t)(end - s->buf);
    s->records += records;
}
/* All that is left, and the index. False: something was not written. */
bool trace_sink_close(struct trace_sink *s);

/* ---- reading ---- */

struct trace_source {
    FILE *in;
    const char *path;
    bool gz;
    struct trace_place *place; /* of the frames */
    size_t places, next;
    u8 *packed, *frame;
    size_t packed_size, frame_size;
    struct trace_frame header;
};

/* False: one line on `err` has said why. */
bool trace_source_open(struct trace_source *s, const char *path, FILE *err);
/* The next frame's payload is [*data, *data + header.bytes); false at the end, or with a line on `err`. */
bool trace_source_frame(struct trace_source *s, const u8 **data, FILE *err, bool *failed);
/* The frame that has this instruction is next. */
void trace_source_seek(struct trace_source *s, u64 icount);
void trace_source_close(struct trace_source *s);

/* For trace_sink_room(). */
void trace_sink_flush(struct trace_sink *s);
void trace_sink_begin(struct trace_sink *s, u64 icount);
static inline u8 *trace_sink_room(struct trace_sink *s, size_t bytes, u64 icount)
{
    if (UNLIKELY(s->used + bytes > TRACE_FRAME_BYTES))
        trace_sink_flush(s);
    if (UNLIKELY(s->used == 0))
        trace_sink_begin(s, icount);
    return s->buf + s->used;
}

#endif
