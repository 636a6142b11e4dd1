/* snapshot_file.c: the file around a snapshot: a head of 64 bytes, little-endian, and a payload, one zlib stream.
 *
 *      0  "PCEMUVM" and a zero byte        32  instructions
 *      8  version of the format            40  bytes of the payload before compression
 *     12  CRC-32 of bytes 16 to 63         48  bytes of the stream, to the end of the file
 *     16  date                             56  CRC-32 of the stream
 *     24  virtual time, ns                 60  zero
 *
 * The stream itself ends in zlib's own checksum of what was compressed. */
#define ZLIB_CONST
#include "snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <zlib.h>

#define MAGIC "PCEMUVM"
#define LEVEL 1 /* memory of a guest compresses well at once */
#define CHUNK 65536u
#define TAG_BYTES 4

enum {
    AT_MAGIC = 0,
    AT_VERSION = 8,
    AT_HEAD_CRC = 12,
    AT_DATE = 16,
    AT_NOW = 24,
    AT_ICOUNT = 32,
    AT_PAYLOAD = 40,
    AT_STREAM = 48,
    AT_STREAM_CRC = 56,
};

/* ---- writing ---- */

struct snapshot_writer {
    FILE *out;
    z_stream z;
    long start;
    u64 payload, stream;
    uLong crc;
    int error; /* errno of the first failure */
    u8 chunk[CHUNK];
};

struct snapshot_writer *snapshot_begin(FILE *out)
{
    static const u8 head[SNAPSHOT_HEAD];
    struct snapshot_writer *w = calloc(1, sizeof *w);
    if (!w || deflateInit(&w->z, LEVEL) != Z_OK) {
        free(w);
        return NULL;
    }
    w->out = out;
    w->start = ftell(out);
    w->crc = crc32(0, NULL, 0);
    if (w->start < 0 || fwrite(head, sizeof head, 1, out) != 1)
        w->error = errno ? errno : EIO;
    return w;
}

/* Compresses what z has for input and writes what comes of it. */
static void squeeze(struct snapshot_writer *w, int flush)
{
    int result;
    do {
        w->z.next_out = w->chunk;
        w->z.avail_out = CHUNK;
        result = deflate(&w->z, flush);
        size_t n = CHUNK - w->z.avail_out;
        if (n && fwrite(w->chunk, n, 1, w->out) != 1) {
            w->error = errno ? errno : EIO;
            return;
        }
        w->crc = crc32(w->crc, w->chunk, (uInt)n);
        w->stream += n;
    } while (flush == Z_FINISH ? result == Z_OK : w->z.avail_in != 0 || w->z.avail_out == 0);
}

bool snapshot_put(struct snapshot_writer *w, const void *bytes, size_t len)
{
    const u8 *p = bytes;
    while (len && !w->error) {
        uInt part = len < CHUNK ? (uInt)len : CHUNK;
        w->z.next_in = p;
        w->z.avail_in = part;
        squeeze(w, Z_NO_FLUSH);
        w->payload += part;
        p += part;
        len -= part;
    }
    return !w->error;
}

static void write_head(struct snapshot_writer *w, const struct snapshot_info *info)
{
    u8 head[SNAPSHOT_HEAD] = MAGIC;
    put_le32(head + AT_VERSION, SNAPSHOT_VERSION);
    put_le64(head + AT_DATE, (u64)info->date);
    put_le64(head + AT_NOW, info->now_ns);
    put_le64(head + AT_ICOUNT, info->icount);
    put_le64(head + AT_PAYLOAD, w->payload);
    put_le64(head + AT_STREAM, w->stream);
    put_le32(head + AT_STREAM_CRC, (u32)w->crc);
    put_le32(head + AT_HEAD_CRC, (u32)crc32(0, head + AT_DATE, SNAPSHOT_HEAD - AT_DATE));
    if (fseek(w->out, w->start, SEEK_SET) != 0 || fwrite(head, sizeof head, 1, w->out) != 1 ||
        fseek(w->out, w->start + (long)(SNAPSHOT_HEAD + w->stream), SEEK_SET) != 0 || fflush(w->out) != 0)
        w->error = errno ? errno : EIO;
}

bool snapshot_end(struct snapshot_writer *w, struct snapshot_info *info)
{
    if (!w->error)
        squeeze(w, Z_FINISH);
    if (!w->error)
        write_head(w, info);
    info->payload = w->payload;
    int error = w->error;
    deflateEnd(&w->z);
    free(w);
    errno = error;
    return !error;
}

/* ---- reading ---- */

static bool refuse(char *why, const char *text)
{
    snprintf(why, SNAPSHOT_WHY_MAX, "%s", text);
    return false;
}

bool snapshot_look_head(const u8 head[SNAPSHOT_HEAD], struct snapshot_info *info, char *why)
{
    if (memcmp(head + AT_MAGIC, MAGIC, sizeof MAGIC) != 0)
        return refuse(why, "not a snapshot of pcemu's");
    if (get_le32(head + AT_VERSION) != SNAPSHOT_VERSION) {
        snprintf(why, SNAPSHOT_WHY_MAX, "a snapshot in format %u, made by another version of pcemu; this one has %u",
                 get_le32(head + AT_VERSION), SNAPSHOT_VERSION);
        return false;
    }
    if (get_le32(head + AT_HEAD_CRC) != crc32(0, head + AT_DATE, SNAPSHOT_HEAD - AT_DATE))
        return refuse(why, "the snapshot's head is damaged");
    *info = (struct snapshot_info){ .date = (s64)get_le64(head + AT_DATE),
                                    .now_ns = get_le64(head + AT_NOW),
                                    .icount = get_le64(head + AT_ICOUNT),
                                    .payload = get_le64(head + AT_PAYLOAD) };
    return true;
}

bool snapshot_look(const u8 *file, size_t len, struct snapshot_info *info, char *why)
{
    if (len < SNAPSHOT_HEAD)
        return refuse(why, "not a snapshot of pcemu's, or cut short");
    if (!snapshot_look_head(file, info, why))
        return false;
    if (len - SNAPSHOT_HEAD < get_le64(file + AT_STREAM))
        return refuse(why, "the snapshot is cut short");
    if (len - SNAPSHOT_HEAD > get_le64(file + AT_STREAM))
        return refuse(why, "something follows the snapshot's end");
    if (get_le32(file + AT_STREAM_CRC) != crc32_z(crc32(0, NULL, 0), file + SNAPSHOT_HEAD, len - SNAPSHOT_HEAD))
        return refuse(why, "the snapshot is damaged: its checksum differs");
    return true;
}

struct snapshot_reader {
    z_stream z;
    const u8 *stream;
    size_t len, given; /* how much of the stream zlib has been given */
    u64 left;          /* of the payload, as the head has it */
    bool ended;
};

struct snapshot_reader *snapshot_open(const u8 *file, size_t len)
{
    struct snapshot_reader *r = calloc(1, sizeof *r);
    if (!r || inflateInit(&r->z) != Z_OK) {
        free(r);
        return NULL;
    }
    r->stream = file + SNAPSHOT_HEAD;
    r->len = len - SNAPSHOT_HEAD;
    r->left = get_le64(file + AT_PAYLOAD);
    return r;
}

void snapshot_close(struct snapshot_reader *r)
{
    if (!r)
        return;
    inflateEnd(&r->z);
    free(r);
}

bool snapshot_rewind(struct snapshot_reader *r)
{
    r->left += r->z.total_out;
    r->given = 0;
    r->ended = false;
    r->z.avail_in = 0;
    return inflateReset(&r->z) == Z_OK;
}

/* Inflates into what z has for output; false: damaged, or at its end. */
static bool inflate_some(struct snapshot_reader *r)
{
    if (!r->z.avail_in) {
        size_t left = r->len - r->given;
        uInt part = left < CHUNK ? (uInt)left : CHUNK;
        r->z.next_in = r->stream + r->given;
        r->z.avail_in = part;
        r->given += part;
    }
    int result = inflate(&r->z, Z_NO_FLUSH);
    r->ended = result == Z_STREAM_END;
    return result == Z_OK;
}

bool snapshot_take(struct snapshot_reader *r, void *bytes, size_t len)
{
    u8 *p = bytes;
    if (len > r->left)
        return false;
    while (len) {
        uInt part = len < CHUNK ? (uInt)len : CHUNK;
        r->z.next_out = p;
        r->z.avail_out = part;
        bool more = !r->ended;
        while (r->z.avail_out && more)
            more = inflate_some(r);
        if (r->z.avail_out)
            return false;
        p += part;
        len -= part;
        r->left -= part;
    }
    return true;
}

u64 snapshot_left(const struct snapshot_reader *r)
{
    return r->left;
}

bool snapshot_put_block(struct snapshot_writer *w, const char *tag, const void *data, size_t len)
{
    u8 head[TAG_BYTES + 4];
    memcpy(head, tag, TAG_BYTES);
    put_le32(head + TAG_BYTES, (u32)len);
    return snapshot_put(w, head, sizeof head) && snapshot_put(w, data, len);
}

u8 *snapshot_take_block(struct snapshot_reader *r, const char *tag, size_t max, size_t *len)
{
    u8 head[TAG_BYTES + 4];
    if (!snapshot_take(r, head, sizeof head) || memcmp(head, tag, TAG_BYTES) != 0 || get_le32(head + TAG_BYTES) > max)
        return NULL;
    *len = get_le32(head + TAG_BYTES);
    u8 *data = malloc(*len + 1);
    if (!data || !snapshot_take(r, data, *len)) {
        free(data);
        return NULL;
    }
    data[*len] = 0;
    return data;
}

bool snapshot_at_end(struct snapshot_reader *r)
{
    u8 byte;
    if (r->left)
        return false;
    r->z.next_out = &byte;
    r->z.avail_out = 1;
    while (!r->ended && r->z.avail_out && inflate_some(r))
        ;
    return r->ended && r->z.avail_out == 1;
}
