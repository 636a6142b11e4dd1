/* state.c: one walk over a table of state fields serves save and hash; load and print walk it too.
 *
 * Saved form: the table's name (a length byte, the characters), its version (4 bytes), then each field in table order,
 * little-endian; a timer is the 8 bytes of its deadline. Field names are not saved: a change of a table changes its
 * version. */
#include "state.h"
#include "clock.h"
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#define PATH_MAX_BYTES 160
#define FIRST_ROOM 4096

#define FNV_PRIME 0x100000001b3u

/* Where saved bytes go: into a buffer or into a hash. */
struct sink {
    bool (*put)(struct sink *s, const void *bytes, size_t len);
    struct state_buf *buf;
    u64 hash;
};

void state_buf_free(struct state_buf *b)
{
    free(b->data);
    *b = (struct state_buf){ 0 };
}

bool state_buf_put(struct state_buf *b, const void *bytes, size_t len)
{
    if (len > b->room - b->len) {
        size_t room = b->room ? b->room : FIRST_ROOM;
        while (room - b->len < len) {
            if (room > SIZE_MAX / 2)
                return false;
            room *= 2;
        }
        u8 *data = realloc(b->data, room);
        if (!data)
            return false;
        b->data = data;
        b->room = room;
    }
    memcpy(b->data + b->len, bytes, len);
    b->len += len;
    return true;
}

static bool buf_put(struct sink *s, const void *bytes, size_t len)
{
    return state_buf_put(s->buf, bytes, len);
}

static bool hash_put(struct sink *s, const void *bytes, size_t len)
{
    const u8 *p = bytes;
    for (size_t i = 0; i < len; i++)
        s->hash = (s->hash ^ p[i]) * FNV_PRIME;
    return true;
}

static void check_int_size(const struct state_field *f)
{
    assert(f->size == 1 || f->size == 2 || f->size == 4 || f->size == 8);
    (void)f;
}

static bool save_fields(const struct state_field *f, const void *self, struct sink *to);

static bool save_element(const struct state_field *f, const void *at, struct sink *to)
{
    switch (f->kind) {
    case STATE_K_INT:
        check_int_size(f);
        return to->put(to, at, f->size);
    case STATE_K_BYTES:
        return to->put(to, at, f->size);
    case STATE_K_STRUCT:
        return save_fields(f->sub, at, to);
    case STATE_K_TIMER:
        return to->put(to, &((const struct timer *)at)->deadline, sizeof(u64));
    case STATE_K_END:
        break;
    }
    return true;
}

static bool save_fields(const struct state_field *f, const void *self, struct sink *to)
{
    for (; f->kind != STATE_K_END; f++)
        for (u32 i = 0; i < f->count; i++)
            if (!save_element(f, (const u8 *)self + f->offset + (size_t)i * f->size, to))
                return false;
    return true;
}

static bool save(const struct state_table *t, const void *self, struct sink *to)
{
    u8 name_len = (u8)strlen(t->name);
    assert(strlen(t->name) <= UINT8_MAX);
    return to->put(to, &name_len, 1) && to->put(to, t->name, name_len) && to->put(to, &t->version, sizeof t->version) &&
           save_fields(t->fields, self, to);
}

bool state_save(const struct state_table *t, const void *self, struct state_buf *out)
{
    struct sink to = { .put = buf_put, .buf = out };
    return save(t, self, &to);
}

u64 state_hash(const struct state_table *t, const void *self, u64 seed)
{
    struct sink to = { .put = hash_put, .hash = seed };
    save(t, self, &to);
    return to.hash;
}

/* Loading. */

static bool take(struct state_buf *in, void *bytes, size_t len)
{
    if (in->pos > in->len || len > in->len - in->pos)
        return false;
    memcpy(bytes, in->data + in->pos, len);
    in->pos += len;
    return true;
}

static bool load_int(const struct state_field *f, void *at, struct state_buf *in)
{
    u64 v = 0;
    check_int_size(f);
    if (!take(in, &v, f->size) || v > f->max)
        return false;
    memcpy(at, &v, f->size);
    return true;
}

static bool load_timer(struct timer *t, struct state_buf *in)
{
    u64 deadline;
    if (!take(in, &deadline, sizeof deadline))
        return false;
    timer_set(t, deadline);
    return true;
}

static bool load_fields(const struct state_field *f, void *self, struct state_buf *in, const char **why);

static bool load_element(const struct state_field *f, void *at, struct state_buf *in, const char **why)
{
    bool ok = true;
    switch (f->kind) {
    case STATE_K_INT:
        ok = load_int(f, at, in);
        break;
    case STATE_K_BYTES:
        ok = take(in, at, f->size);
        break;
    case STATE_K_STRUCT:
        return load_fields(f->sub, at, in, why);
    case STATE_K_TIMER:
        ok = load_timer(at, in);
        break;
    case STATE_K_END:
        break;
    }
    if (!ok)
        *why = f->name;
    return ok;
}

static bool load_fields(const struct state_field *f, void *self, struct state_buf *in, const char **why)
{
    for (; f->kind != STATE_K_END; f++)
        for (u32 i = 0; i < f->count; i++)
            if (!load_element(f, (u8 *)self + f->offset + (size_t)i * f->size, in, why))
                return false;
    return true;
}

static bool load_header(const struct state_table *t, struct state_buf *in, const char **why)
{
    u8 len;
    char name[UINT8_MAX];
    u32 version;
    *why = "(name)";
    if (!take(in, &len, 1) || !take(in, name, len) || len != strlen(t->name) || memcmp(name, t->name, len) != 0)
        return false;
    *why = "(version)";
    return take(in, &version, sizeof version) && version == t->version;
}

bool state_load(const struct state_table *t, void *self, struct state_buf *in, const char **why)
{
    const char *unused;
    if (!why)
        why = &unused;
    if (!load_header(t, in, why) || !load_fields(t->fields, self, in, why))
        return false;
    *why = "(post-load check)";
    if (t->post_load && !t->post_load(self))
        return false;
    *why = NULL;
    return true;
}

/* Printing. */

static void print_fields(const struct state_field *f, const void *self, const char *prefix, FILE *out);

static void print_element(const struct state_field *f, const void *at, const char *path, FILE *out)
{
    u64 v = 0;
    switch (f->kind) {
    case STATE_K_INT:
        check_int_size(f);
        memcpy(&v, at, f->size);
        fprintf(out, "%s=%#" PRIx64 "\n", path, v);
        break;
    case STATE_K_BYTES:
        fprintf(out, "%s=", path);
        for (u32 i = 0; i < f->size; i++)
            fprintf(out, "%02x", ((const u8 *)at)[i]);
        fputc('\n', out);
        break;
    case STATE_K_STRUCT:
        print_fields(f->sub, at, path, out);
        break;
    case STATE_K_TIMER:
        v = ((const struct timer *)at)->deadline;
        if (v == CLOCK_NEVER)
            fprintf(out, "%s=never\n", path);
        else
            fprintf(out, "%s=%" PRIu64 "\n", path, v);
        break;
    case STATE_K_END:
        break;
    }
}

static void print_fields(const struct state_field *f, const void *self, const char *prefix, FILE *out)
{
    char path[PATH_MAX_BYTES];
    for (; f->kind != STATE_K_END; f++)
        for (u32 i = 0; i < f->count; i++) {
            const char *dot = *prefix ? "." : "";
            if (f->count > 1)
                snprintf(path, sizeof path, "%s%s%s[%u]", prefix, dot, f->name, i);
            else
                snprintf(path, sizeof path, "%s%s%s", prefix, dot, f->name);
            print_element(f, (const u8 *)self + f->offset + (size_t)i * f->size, path, out);
        }
}

void state_print(const struct state_table *t, const void *self, FILE *out)
{
    print_fields(t->fields, self, "", out);
}
