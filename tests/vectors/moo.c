#include "moo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define CHUNK_HEAD 8 /* a tag of four letters and the length of what follows */
#define RAM_RECORD 5
#define FILE_MAX (256u << 20)

static u16 le16(const u8 *p)
{
    return (u16)(p[0] | p[1] << 8);
}

static u32 le32(const u8 *p)
{
    return (u32)le16(p) | (u32)le16(p + 2) << 16;
}

struct chunk {
    const u8 *tag, *body;
    u32 len;
};

/* The chunk at *at of a memory of `size` bytes; steps over it. False where no whole chunk is left. */
static bool next_chunk(const u8 *data, size_t size, size_t *at, struct chunk *c)
{
    if (size - *at < CHUNK_HEAD || le32(data + *at + 4) > size - *at - CHUNK_HEAD)
        return false;
    c->tag = data + *at;
    c->len = le32(data + *at + 4);
    c->body = data + *at + CHUNK_HEAD;
    *at += CHUNK_HEAD + c->len;
    return true;
}

static bool is(const struct chunk *c, const char *tag)
{
    return memcmp(c->tag, tag, 4) == 0;
}

static bool read_all(struct moo_file *f, gzFile z)
{
    size_t room = 0;
    for (;;) {
        if (f->size == room) {
            room = room ? 2 * room : 1u << 20;
            u8 *more = room <= FILE_MAX ? realloc(f->data, room) : NULL;
            if (!more)
                return false;
            f->data = more;
        }
        int n = gzread(z, f->data + f->size, (unsigned)(room - f->size));
        if (n <= 0)
            return n == 0;
        f->size += (size_t)n;
    }
}

bool moo_open(struct moo_file *f, const char *path)
{
    *f = (struct moo_file){ 0 };
    gzFile z = gzopen(path, "rb");
    bool ok = z && read_all(f, z);
    if (z)
        gzclose(z);
    struct chunk head;
    ok = ok && next_chunk(f->data, f->size, &f->at, &head) && is(&head, "MOO ") && head.len >= 12;
    if (ok)
        memcpy(f->cpu, head.body + 8, 4);
    else
        fprintf(stderr, "%s: can't be read, or is not a MOO file\n", path);
    return ok;
}

void moo_close(struct moo_file *f)
{
    free(f->data);
}

static void read_regs(struct moo_state *s, const struct chunk *c)
{
    if (c->len < 2)
        return;
    u32 at = 2;
    for (unsigned i = 0; i < MOO_REGS && at + 2 <= c->len; i++)
        if (le16(c->body) >> i & 1) {
            s->reg[i] = le16(c->body + at);
            at += 2;
        }
}

static void read_state(struct moo_state *s, const struct chunk *c)
{
    struct chunk part;
    size_t at = 0;
    while (next_chunk(c->body, c->len, &at, &part)) {
        if (is(&part, "REGS"))
            read_regs(s, &part);
        if (is(&part, "RAM ") && part.len >= 4) {
            s->ram_count = le32(part.body);
            s->ram = part.body + 4;
            if (s->ram_count > (part.len - 4) / RAM_RECORD)
                s->ram_count = (part.len - 4) / RAM_RECORD;
        }
    }
}

/* A counted string or list of bytes. */
static unsigned read_bytes(void *to, unsigned room, const struct chunk *c)
{
    u32 n = c->len >= 4 ? le32(c->body) : 0;
    n = n > room ? room : n;
    n = n > c->len - 4 ? c->len - 4 : n;
    memcpy(to, c->body + 4, n);
    return n;
}

bool moo_next(struct moo_file *f, struct moo_test *t)
{
    struct chunk test = { 0 }, part;
    do {
        if (!next_chunk(f->data, f->size, &f->at, &test))
            return false;
    } while (!is(&test, "TEST") || test.len < 4);
    *t = (struct moo_test){ .index = le32(test.body) };
    size_t at = 4;
    while (next_chunk(test.body, test.len, &at, &part)) {
        if (is(&part, "NAME"))
            read_bytes(t->name, sizeof t->name - 1, &part);
        if (is(&part, "BYTS"))
            t->code_len = read_bytes(t->code, sizeof t->code, &part);
        if (is(&part, "INIT")) {
            read_state(&t->before, &part);
            memcpy(t->after.reg, t->before.reg, sizeof t->after.reg);
        }
        if (is(&part, "FINA"))
            read_state(&t->after, &part);
        if (is(&part, "EXCP") && part.len >= 1) {
            t->has_exception = true;
            t->vector = part.body[0];
        }
    }
    return true;
}

u32 moo_address(const struct moo_state *s, u32 i)
{
    return le32(s->ram + RAM_RECORD * i);
}

u8 moo_byte(const struct moo_state *s, u32 i)
{
    return s->ram[RAM_RECORD * i + 4];
}
