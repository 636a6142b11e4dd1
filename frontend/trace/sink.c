/* sink.c: writing trace files: see file.h. */
#include "file.h"

#include <stdlib.h>
#include <zlib.h>

#define LEVEL 1
/* RFC 1952: a member's header with an extra field of one subfield, and the trailer. */
#define GZ_HEADER 10u
#define GZ_EXTRA 14u /* XLEN, "PC", LEN, eight bytes */
#define GZ_TRAILER 8u
#define GZ_HAS_EXTRA 4
#define GZ_UNKNOWN_OS 255

bool trace_sink_open(struct trace_sink *s, FILE *out, bool gz, bool framed)
{
    *s = (struct trace_sink){ .out = out, .gz = gz, .framed = framed };
    s->packed_size = TRACE_FRAME_BYTES + TRACE_FRAME_BYTES / 64 + 1024;
    s->buf = malloc(TRACE_FRAME_BYTES);
    s->packed = gz ? malloc(s->packed_size) : NULL;
    return s->buf && (s->packed || !gz);
}

static void write_out(struct trace_sink *s, const void *data, size_t bytes)
{
    if (!s->failed && fwrite(data, 1, bytes, s->out) != bytes)
        s->failed = true;
    s->at += bytes;
}

/* The member's length, or for the one that ends the file, where the index is. */
static void put_member_header(u8 *p, u64 value)
{
    static const u8 fixed[] = { 0x1f,          0x8b, Z_DEFLATED, GZ_HAS_EXTRA, 0,   0, 0, 0, 0,
                                GZ_UNKNOWN_OS, 12,   0,          'P',          'C', 8, 0 };
    memcpy(p, fixed, sizeof fixed);
    memcpy(p + sizeof fixed, &value, sizeof value);
}

/* Compresses to s->packed, which holds any frame. */
static size_t pack(struct trace_sink *s, const u8 *data, size_t bytes)
{
    z_stream z = { .next_in = (Bytef *)(uintptr_t)data, .avail_in = (uInt)bytes };
    if (deflateInit2(&z, LEVEL, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        return 0;
    z.next_out = s->packed + GZ_HEADER + GZ_EXTRA;
    z.avail_out = (uInt)(s->packed_size - GZ_HEADER - GZ_EXTRA - GZ_TRAILER);
    bool ok = deflate(&z, Z_FINISH) == Z_STREAM_END;
    size_t body = z.total_out, total = GZ_HEADER + GZ_EXTRA + body + GZ_TRAILER;
    deflateEnd(&z);
    u32 crc = (u32)crc32(0, data, (uInt)bytes), size = (u32)bytes;
    memcpy(s->packed + total - GZ_TRAILER, &crc, 4);
    memcpy(s->packed + total - 4, &size, 4);
    put_member_header(s->packed, total);
    return ok ? total : 0;
}

static void write_member(struct trace_sink *s, const u8 *data, size_t bytes)
{
    size_t packed = s->gz ? pack(s, data, bytes) : bytes;
    s->failed |= packed == 0;
    write_out(s, s->gz ? s->packed : data, packed);
}

static void note_place(struct trace_sink *s)
{
    if (s->places == s->room) {
        size_t room = s->room ? 2 * s->room : 64;
        struct trace_place *more = realloc(s->place, room * sizeof *more);
        if (!more)
            return; /* what is not in the index is found by reading */
        s->place = more;
        s->room = room;
    }
    s->place[s->places++] = (struct trace_place){ s->at, s->icount, s->first_record };
}

void trace_sink_begin(struct trace_sink *s, u64 icount)
{
    s->icount = icount;
    s->first_record += s->records;
    s->records = 0;
    s->used = s->framed ? sizeof(struct trace_frame) : 0;
    if (s->begin)
        s->begin(s->self);
}

static void put_frame_header(struct trace_sink *s, unsigned kind)
{
    const struct trace_frame h = { TRACE_MAGIC,     TRACE_VERSION, (u16)kind,      (u32)(s->used - sizeof h),
                                   (u32)s->records, s->icount,     s->first_record };
    memcpy(s->buf, &h, sizeof h);
}

void trace_sink_flush(struct trace_sink *s)
{
    if (!s->used)
        return;
    if (s->framed) {
        put_frame_header(s, TRACE_FRAME_DATA);
        note_place(s);
    }
    write_member(s, s->buf, s->used);
    s->used = 0;
}

/* In pieces that a frame holds; the last bytes of the file tell where the first of them is. */
static void write_index(struct trace_sink *s)
{
    u64 index_at = s->at;
    const size_t most = (TRACE_FRAME_BYTES - sizeof(struct trace_frame)) / sizeof *s->place;
    for (size_t i = 0; i < s->places || i == 0; i += most) {
        size_t n = s->places - i < most ? s->places - i : most;
        s->used = sizeof(struct trace_frame) + n * sizeof *s->place;
        if (n)
            memcpy(s->buf + sizeof(struct trace_frame), s->place + i, n * sizeof *s->place);
        s->records = n;
        put_frame_header(s, TRACE_FRAME_INDEX);
        write_member(s, s->buf, s->used);
    }
    u8 end[GZ_HEADER + GZ_EXTRA + 2 + GZ_TRAILER] = { [GZ_HEADER + GZ_EXTRA] = 3 }; /* an empty block */
    put_member_header(end, index_at);
    if (s->gz)
        write_out(s, end, sizeof end);
    else
        write_out(s, &index_at, sizeof index_at);
}

bool trace_sink_close(struct trace_sink *s)
{
    trace_sink_flush(s);
    if (s->framed) {
        s->first_record += s->records;
        write_index(s);
    }
    if (fflush(s->out) != 0)
        s->failed = true;
    free(s->buf);
    free(s->packed);
    free(s->place);
    return !s->failed;
}
