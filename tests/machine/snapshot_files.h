/* snapshot_files.h: files of the snapshots' kind in memory, good and hostile. */
#ifndef PCEMU_TESTS_SNAPSHOT_FILES_H
#define PCEMU_TESTS_SNAPSHOT_FILES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "snapshot.h"

struct bytes {
    u8 *data;
    size_t len;
};

static inline struct bytes payload_of(const struct bytes *f)
{
    struct snapshot_info info;
    char why[SNAPSHOT_WHY_MAX];
    assert_true(snapshot_look(f->data, f->len, &info, why));
    struct bytes p = { malloc(info.payload), info.payload };
    struct snapshot_reader *r = snapshot_open(f->data, f->len);
    assert_true(r && p.data && snapshot_take(r, p.data, p.len) && snapshot_at_end(r));
    snapshot_close(r);
    return p;
}

/* A file with good checksums around any payload. */
static inline struct bytes file_of(const struct bytes *payload)
{
    struct bytes f = { 0 };
    struct snapshot_info info = { 0 };
    FILE *out = open_memstream((char **)&f.data, &f.len);
    struct snapshot_writer *w = out ? snapshot_begin(out) : NULL;
    assert_true(w && snapshot_put(w, payload->data, payload->len) && snapshot_end(w, &info));
    fclose(out);
    return f;
}

static inline u32 next_random(u32 *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

/* A good payload with some bytes of [first, first + len) changed, as a file. */
static inline struct bytes damaged_file(const struct bytes *good, size_t first, size_t len, u32 *seed)
{
    static const u8 values[] = { 0xff, 0x80, 0x7f, 0x01 };
    struct bytes p = { malloc(good->len), good->len };
    assert_non_null(p.data);
    memcpy(p.data, good->data, p.len);
    for (unsigned n = 1 + next_random(seed) % 8; n; n--) {
        u32 what = next_random(seed);
        p.data[first + next_random(seed) % len] = what & 4 ? (u8)(what >> 8) : values[what & 3];
    }
    struct bytes f = file_of(&p);
    free(p.data);
    return f;
}

/* How often to attack, and from which seed on: more than by default on demand. */
static inline unsigned attacks(unsigned by_default, u32 *seed)
{
    const char *times = getenv("SNAPSHOT_ATTACKS"), *start = getenv("SNAPSHOT_SEED");
    *seed = start ? (u32)atoi(start) : 1;
    return times ? (unsigned)atoi(times) : by_default;
}

#endif
