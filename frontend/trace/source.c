/* source.c: reading trace files: see file.h. Nothing in them is trusted. */
#include "file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <zlib.h>

#define GZ_HEAD 24u /* of our members: header and extra field */
#define GZ_TAIL 34u /* the last member: nothing, but where the index is */
#define FRAME_MAX (64 * MIB)

static bool fail(const struct trace_source *s, FILE *err, const char *what)
{
    fprintf(err, "pcemu: %s: %s\n", s->path, what);
    return false;
}

static bool read_at(struct trace_source *s, u64 at, void *to, size_t bytes)
{
    return fseeko(s->in, (off_t)at, SEEK_SET) == 0 && fread(to, 1, bytes, s->in) == bytes;
}

static bool reserve(u8 **buf, size_t *have, size_t bytes)
{
    if (bytes <= *have)
        return true;
    u8 *more = bytes <= FRAME_MAX ? realloc(*buf, bytes) : NULL;
    if (more) {
        *buf = more;
        *have = bytes;
    }
    return more;
}

/* The length of the member at `at`, or where the index is; 0: it is none of ours. */
static u64 member_value(struct trace_source *s, u64 at)
{
    u8 head[GZ_HEAD];
    u64 value;
    if (!read_at(s, at, head, sizeof head) || head[0] != 0x1f || head[1] != 0x8b || head[3] != 4 || head[12] != 'P' ||
        head[13] != 'C')
        return 0;
    memcpy(&value, head + 16, sizeof value);
    return value;
}

static bool unpack(struct trace_source *s, u64 at, u64 length)
{
    u32 size;
    if (length < GZ_TAIL || length > FRAME_MAX || !reserve(&s->packed, &s->packed_size, length) ||
        !read_at(s, at, s->packed, length))
        return false;
    memcpy(&size, s->packed + length - 4, 4);
    if (size < sizeof s->header || !reserve(&s->frame, &s->frame_size, size))
        return false;
    z_stream z = { .next_in = s->packed, .avail_in = (uInt)length, .next_out = s->frame, .avail_out = size };
    if (inflateInit2(&z, MAX_WBITS + 16) != Z_OK)
        return false;
    bool ok = inflate(&z, Z_FINISH) == Z_STREAM_END && z.total_out == size;
    inflateEnd(&z);
    memcpy(&s->header, s->frame, sizeof s->header);
    return ok && s->header.bytes == size - sizeof s->header;
}

static bool read_plain(struct trace_source *s, u64 at)
{
    if (!read_at(s, at, &s->header, sizeof s->header) || s->header.magic != TRACE_MAGIC)
        return false;
    size_t size = sizeof s->header + s->header.bytes;
    return reserve(&s->frame, &s->frame_size, size) && read_at(s, at, s->frame, size);
}

/* The frame at `at` into s->frame and s->header; returns where the next one is, 0: there is none that is whole. */
static u64 read_frame(struct trace_source *s, u64 at)
{
    u64 length = s->gz ? member_value(s, at) : 0;
    bool ok = s->gz ? length && unpack(s, at, length) : read_plain(s, at);
    if (!ok || s->header.magic != TRACE_MAGIC || s->header.version != TRACE_VERSION)
        return 0;
    return at + (s->gz ? length : sizeof s->header + s->header.bytes);
}

static bool add_places(struct trace_source *s, const struct trace_place *p, size_t n)
{
    struct trace_place *more = realloc(s->place, (s->places + n + 1) * sizeof *more);
    if (!more)
        return false;
    s->place = more;
    memcpy(s->place + s->places, p, n * sizeof *p);
    s->places += n;
    return true;
}

/* Without an index (the run was killed) every frame is looked at. */
static bool find_frames(struct trace_source *s)
{
    u64 at = 0, next;
    while ((next = read_frame(s, at)) && s->header.kind == TRACE_FRAME_DATA) {
        const struct trace_place p = { at, s->header.first_icount, s->header.first_record };
        if (!add_places(s, &p, 1))
            return false;
        at = next;
    }
    return s->places != 0;
}

static bool read_index(struct trace_source *s, u64 at)
{
    u64 next;
    bool any = false;
    while ((next = read_frame(s, at)) && s->header.kind == TRACE_FRAME_INDEX) {
        size_t n = s->header.bytes / sizeof(struct trace_place);
        if (!add_places(s, (const struct trace_place *)(const void *)(s->frame + sizeof s->header), n))
            return false;
        any = true;
        at = next;
    }
    return any;
}

static bool load_index(struct trace_source *s)
{
    u64 at = 0;
    off_t tail = s->gz ? (off_t)GZ_TAIL : (off_t)sizeof at;
    if (fseeko(s->in, -tail, SEEK_END) != 0)
        return false;
    u64 last = (u64)ftello(s->in);
    if (s->gz)
        at = member_value(s, last);
    else if (!read_at(s, last, &at, sizeof at))
        return false;
    if (at < last && read_index(s, at))
        return true;
    s->places = 0;
    return find_frames(s);
}

bool trace_source_open(struct trace_source *s, const char *path, FILE *err)
{
    u8 magic[2] = { 0 };
    *s = (struct trace_source){ .in = fopen(path, "rbe"), .path = path };
    if (!s->in)
        return fail(s, err, strerror(errno));
    if (!read_at(s, 0, magic, sizeof magic))
        return fail(s, err, "is empty");
    s->gz = magic[0] == 0x1f && magic[1] == 0x8b;
    return load_index(s) || fail(s, err, "is no binary trace (-D FILE.pct or FILE.pct.gz writes one)");
}

bool trace_source_frame(struct trace_source *s, const u8 **data, FILE *err, bool *failed)
{
    if (s->next >= s->places)
        return false;
    if (!read_frame(s, s->place[s->next].at) || s->header.kind != TRACE_FRAME_DATA) {
        *failed = true;
        return fail(s, err, "is damaged: a frame can't be read");
    }
    s->next++;
    *data = s->frame + sizeof s->header;
    return true;
}

void trace_source_seek(struct trace_source *s, u64 icount)
{
    s->next = 0;
    while (s->next + 1 < s->places && s->place[s->next + 1].first_icount <= icount)
        s->next++;
}

void trace_source_close(struct trace_source *s)
{
    if (s->in)
        fclose(s->in);
    free(s->place);
    free(s->packed);
    free(s->frame);
}
