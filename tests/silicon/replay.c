/* A trial in one word: "64,a=10200,i=0fc8.90,r0=1,f=80,x3=...,d20800=..." Hexadecimal all over:
 *   a       linear address of the program          i       its instructions, divided by dots
 *   r0 rf   general registers                      f       flags
 *   es ds.. selectors                              fb gb   bases of FS and GS
 *   fx0..   the FXSAVE image from there            y0..    the upper halves of YMM0-YMM15 from there
 *   d2....  memory from there
 */
#define _GNU_SOURCE
#include "pair.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const seg_names[SEG_COUNT] = {
    [ES] = "es", [CS] = "cs", [SS] = "ss", [DS] = "ds", [FS] = "fs", [GS] = "gs"
};

void replay_default(struct trial *t, enum code_mode mode)
{
    memset(t, 0, sizeof *t);
    t->p.mode = mode;
    t->p.at = MEM_CODE + 0x200;
    for (unsigned i = 0; i < SEG_COUNT; i++)
        t->s.sel[i] = mode == CODE16 ? LDT_SEL(LDT_STACK16) : USER_DATA;
    t->s.sel[CS] = mode == CODE64 ? USER_CS64 : mode == CODE32 ? USER_CS32 : LDT_SEL(LDT_CODE16);
    t->s.sel[FS] = t->s.sel[GS] = 0;
    put_le16(t->s.fx, 0x37f);
    put_le32(t->s.fx + 24, 0x1f80);
}

/* ---- out ---- */

static void print_value(const char *name, u64 value, u64 usual)
{
    if (value != usual)
        printf(",%s=%llx", name, (unsigned long long)value);
}

static void print_hex(const u8 *p, unsigned n)
{
    while (n--)
        printf("%02x", *p++);
}

/* The stretches that differ from what is usual; short gaps are not worth a new one. */
static void print_bytes(const char *name, u32 at, const u8 *p, const u8 *usual, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        if (p[i] == usual[i])
            continue;
        unsigned end = i + 1;
        for (unsigned k = end; k < n && k < end + 4; k++)
            if (p[k] != usual[k])
                end = k + 1;
        printf(",%s%x=", name, at + i);
        print_hex(p + i, end - i);
        i = end;
    }
}

void replay_print(const struct trial *t)
{
    struct trial usual;
    char name[8];
    replay_default(&usual, t->p.mode);
    printf("%u,a=%x,i=", (unsigned)t->p.mode, t->p.at);
    for (unsigned i = 0; i < t->p.n; i++) {
        print_hex(t->p.bytes + t->p.start[i], (unsigned)(t->p.start[i + 1] - t->p.start[i]));
        printf("%s", i + 1 < t->p.n ? "." : "");
    }
    for (unsigned i = 0; i < 16; i++) {
        snprintf(name, sizeof name, "r%x", i);
        print_value(name, t->s.r[i], 0);
    }
    print_value("f", t->s.flags, 0);
    for (unsigned i = 0; i < SEG_COUNT; i++)
        print_value(seg_names[i], t->s.sel[i], usual.s.sel[i]);
    print_value("fb", t->s.fs_base, 0);
    print_value("gb", t->s.gs_base, 0);
    print_bytes("fx", 0, t->s.fx, usual.s.fx, sizeof t->s.fx);
    print_bytes("y", 0, t->s.ymm[0], usual.s.ymm[0], sizeof t->s.ymm);
    print_bytes("d", MEM_DATA, t->data, usual.data, MEM_DATA_SIZE);
}

/* ---- in ---- */

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Returns how many bytes; the text must end there, or at a dot. */
static bool parse_bytes(const char *text, u8 *to, unsigned room, unsigned *n, const char **end)
{
    for (*n = 0; hex_digit(text[0]) >= 0 && hex_digit(text[1]) >= 0; text += 2) {
        if (*n >= room)
            return false;
        to[(*n)++] = (u8)(hex_digit(text[0]) << 4 | hex_digit(text[1]));
    }
    *end = text;
    return *text == 0 || *text == '.';
}

static bool parse_program(const char *text, struct program *p)
{
    while (p->n < PROGRAM_INSNS) {
        unsigned n;
        p->start[p->n] = (u16)p->len;
        p->row[p->n++] = NO_ROW;
        if (!parse_bytes(text, p->bytes + p->len, PROGRAM_BYTES - p->len, &n, &text) || !n)
            return false;
        p->len += n;
        p->start[p->n] = (u16)p->len;
        if (!*text++)
            return true;
    }
    return false;
}

static bool parse_at(const char *name, unsigned skip, u32 base, u8 *to, unsigned room, const char *value)
{
    char *end;
    const char *rest;
    unsigned n;
    u64 at = strtoull(name + skip, &end, 16) - base;
    return !*end && at < room && parse_bytes(value, to + at, room - (unsigned)at, &n, &rest) && !*rest;
}

static bool parse_seg(struct trial *t, const char *name, u64 value)
{
    for (unsigned i = 0; i < SEG_COUNT; i++)
        if (!strcmp(name, seg_names[i])) {
            t->s.sel[i] = (u16)value;
            return true;
        }
    return false;
}

static bool parse_field(struct trial *t, const char *name, const char *value)
{
    u64 v = strtoull(value, NULL, 16);
    if (!strcmp(name, "i"))
        return parse_program(value, &t->p);
    if (!strcmp(name, "a"))
        t->p.at = (u32)v;
    else if (!strcmp(name, "f"))
        t->s.flags = (u32)v & FLAGS_SEEN;
    else if (!strcmp(name, "fb"))
        t->s.fs_base = v;
    else if (!strcmp(name, "gb"))
        t->s.gs_base = v;
    else if (name[0] == 'r' && hex_digit(name[1]) >= 0 && !name[2])
        t->s.r[hex_digit(name[1])] = v;
    else if (!strncmp(name, "fx", 2))
        return parse_at(name, 2, 0, t->s.fx, sizeof t->s.fx, value);
    else if (name[0] == 'y')
        return parse_at(name, 1, 0, t->s.ymm[0], sizeof t->s.ymm, value);
    else if (name[0] == 'd' && name[1] == '2')
        return parse_at(name, 1, MEM_DATA, t->data, MEM_DATA_SIZE, value);
    else
        return parse_seg(t, name, v);
    return true;
}

bool replay_parse(const char *text, struct trial *t)
{
    unsigned mode = (unsigned)strtoul(text, NULL, 10);
    char *copy = strdup(text), *rest = NULL;
    if (!copy || (mode != CODE16 && mode != CODE32 && mode != CODE64)) {
        free(copy);
        return false;
    }
    replay_default(t, (enum code_mode)mode);
    bool good = strtok_r(copy, ",", &rest) != NULL;
    for (char *field = strtok_r(NULL, ",", &rest); good && field; field = strtok_r(NULL, ",", &rest)) {
        char *value = strchr(field, '=');
        if (value)
            *value++ = 0;
        good = value && parse_field(t, field, value);
    }
    free(copy);
    t->s.rip = t->p.at - sel_base(t->s.sel[CS]);
    return good && t->p.n && t->p.at >= MEM_CODE && t->p.at < MEM_CODE + MEM_CODE_SIZE;
}
