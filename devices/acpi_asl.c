/* acpi_asl.c: an assembler of AML: what the machine declares in its DSDT is written in a small language of parentheses,
 * one operator for one of AML's, in the order of their encoding (ACPI specification 6, chapter 20):
 *
 *      (device HPET (name _HID (eisa "PNP0103")) (method _STA 0 (return 0x0f)))
 *      (if (lequal local0 0) (return 0))           (and PRQ0 0x80 PRQ0)       the target comes last, `-` is none
 *
 *  12 0x34 "text"                                  integers in their shortest form, strings
 *  local0 … local7, arg0 … arg6, debug, break      as in ASL
 *  _SB.PCI0, \_SB, PRQ0                            names; a call is a name, its arguments follow
 *  (method NAME FLAGS …)                           FLAGS: count of arguments, and 8 when serialized
 *  (field REGION FLAGS NAME BITS …)                FLAGS: access type, lock, update rule; the name `-` leaves bits out
 *  (buffer SIZE byte …) (package COUNT …)
 *  (resources (io …) (irq …) …)                    a resource template: see `resource` below
 *
 * Not there: what the machine's tables don't need. */
#include "acpi_asl.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define EXT 0x5b00 /* ExtOpPrefix before the opcode */
#define WORD_MAX 64
#define RESOURCE_NUMBERS 4

enum { NULL_NAME = 0x00, LOCAL0_OP = 0x60, ARG0_OP = 0x68, BREAK_OP = 0xa5, DEBUG_OP = 0x31 };

struct reader {
    struct aml *aml;
    const char *at;
};

/* What follows an opcode before its terms: N a name, T a term, B W D a plain number, F field units, X plain bytes. */
struct operator
{
    const char *name;
    u16 opcode;
    bool has_length; /* a package length comes first */
    const char *operands;
};

static const struct operator operators[] = {
    { "scope", 0x10, true, "N" },
    { "device", EXT | 0x82, true, "N" },
    { "processor", EXT | 0x83, true, "NBDB" },
    { "method", 0x14, true, "NB" },
    { "name", 0x08, false, "N" },
    { "mutex", EXT | 0x01, false, "NB" },
    { "region", EXT | 0x80, false, "NB" },
    { "field", EXT | 0x81, true, "NBF" },
    { "buffer", 0x11, true, "TX" },
    { "package", 0x12, true, "B" },
    { "if", 0xa0, true, "" },
    { "else", 0xa1, true, "" },
    { "while", 0xa2, true, "" },
    { "return", 0xa4, false, "" },
    { "acquire", EXT | 0x23, false, "NW" },
    { "release", EXT | 0x27, false, "N" },
    { "notify", 0x86, false, "" },
    { "store", 0x70, false, "" },
    { "add", 0x72, false, "" },
    { "subtract", 0x74, false, "" },
    { "increment", 0x75, false, "" },
    { "shiftleft", 0x79, false, "" },
    { "shiftright", 0x7a, false, "" },
    { "and", 0x7b, false, "" },
    { "or", 0x7d, false, "" },
    { "derefof", 0x83, false, "" },
    { "sizeof", 0x87, false, "" },
    { "index", 0x88, false, "" },
    { "dwordfield", 0x8a, false, "" },
    { "land", 0x90, false, "" },
    { "lor", 0x91, false, "" },
    { "lnot", 0x92, false, "" },
    { "lequal", 0x93, false, "" },
    { "lgreater", 0x94, false, "" },
    { "lless", 0x95, false, "" },
    { "tobuffer", 0x96, false, "" },
    { "tohexstring", 0x98, false, "" },
};

/* ---- reading ---- */

static void skip_space(struct reader *r)
{
    r->at += strspn(r->at, " \n");
}

static bool next_is(struct reader *r, char c)
{
    skip_space(r);
    return *r->at == c;
}

static void take(struct reader *r, char c)
{
    skip_space(r);
    assert(*r->at == c);
    r->at++;
}

static void take_word(struct reader *r, char word[WORD_MAX])
{
    skip_space(r);
    size_t n = strcspn(r->at, " \n()");
    assert(n && n < WORD_MAX);
    memcpy(word, r->at, n);
    word[n] = 0;
    r->at += n;
}

static void take_text(struct reader *r, char text[WORD_MAX])
{
    take(r, '"');
    size_t n = strcspn(r->at, "\"");
    assert(n < WORD_MAX && r->at[n]);
    memcpy(text, r->at, n);
    text[n] = 0;
    r->at += n + 1;
}

static u64 take_number(struct reader *r)
{
    char word[WORD_MAX], *end;
    take_word(r, word);
    u64 v = strtoull(word, &end, 0);
    assert(!*end);
    return v;
}

/* ---- resource templates ---- */

static void res_io(struct aml *a, const u64 *v)
{
    aml_res_io(a, (u16)v[0], (u8)v[1], (u8)v[2]);
}

static void res_irq(struct aml *a, const u64 *v)
{
    aml_res_irq(a, (unsigned)v[0]);
}

static void res_dma(struct aml *a, const u64 *v)
{
    aml_res_dma(a, (unsigned)v[0]);
}

static void res_memory32(struct aml *a, const u64 *v)
{
    aml_res_memory32(a, (u32)v[0], (u32)v[1], v[2]);
}

static void res_bus(struct aml *a, const u64 *v)
{
    aml_res_bus_range(a, (u16)v[0], (u16)v[1]);
}

static void res_ports(struct aml *a, const u64 *v)
{
    aml_res_io_range(a, (u16)v[0], (u16)v[1]);
}

static void res_range32(struct aml *a, const u64 *v)
{
    aml_res_memory_range32(a, (u32)v[0], (u32)v[1], v[2]);
}

static void res_range64(struct aml *a, const u64 *v)
{
    aml_res_memory_range64(a, v[0], v[1], v[2]);
}

static void res_interrupts(struct aml *a, const u64 *v)
{
    u32 irq[RESOURCE_NUMBERS];
    u8 n = 0;
    for (; n < RESOURCE_NUMBERS && v[n] != UINT64_MAX; n++)
        irq[n] = (u32)v[n];
    aml_res_interrupts(a, irq, n);
}

static const struct {
    const char *name;
    void (*write)(struct aml *a, const u64 *v);
} resource[] = {
    { "io", res_io },                 /* base, alignment, length */
    { "irq", res_irq },               /* number */
    { "dma", res_dma },               /* channel */
    { "memory32", res_memory32 },     /* base, length, writable */
    { "interrupts", res_interrupts }, /* numbers */
    { "bus", res_bus },               /* first, last; so the following: */
    { "ports", res_ports },
    { "range32", res_range32 }, /* and cacheable */
    { "range64", res_range64 },
};

static void resources(struct reader *r)
{
    size_t mark = aml_resources(r->aml);
    while (!next_is(r, ')')) {
        char word[WORD_MAX];
        u64 v[RESOURCE_NUMBERS + 1];
        unsigned n = 0, i = 0;
        take(r, '(');
        take_word(r, word);
        for (memset(v, 0xff, sizeof v); !next_is(r, ')'); v[n++] = take_number(r))
            assert(n < RESOURCE_NUMBERS);
        take(r, ')');
        while (strcmp(word, resource[i].name))
            assert(++i < ARRAY_LEN(resource));
        resource[i].write(r->aml, v);
    }
    aml_resources_end(r->aml, mark);
}

/* ---- terms ---- */

static void term(struct reader *r);

static void field_units(struct reader *r)
{
    while (!next_is(r, ')')) {
        char name[WORD_MAX];
        take_word(r, name);
        unsigned bits = (unsigned)take_number(r);
        if (strcmp(name, "-"))
            aml_ref(r->aml, name);
        else
            aml_u8(r->aml, NULL_NAME);
        assert(bits < 64); /* a package length of one byte */
        aml_u8(r->aml, (u8)bits);
    }
}

static void operand(struct reader *r, char kind)
{
    char name[WORD_MAX];
    switch (kind) {
    case 'N':
        take_word(r, name);
        aml_ref(r->aml, name);
        break;
    case 'T':
        term(r);
        break;
    case 'B':
        aml_u8(r->aml, (u8)take_number(r));
        break;
    case 'W':
        aml_u16(r->aml, (u16)take_number(r));
        break;
    case 'D':
        aml_u32(r->aml, (u32)take_number(r));
        break;
    case 'F':
        field_units(r);
        break;
    default:
        while (!next_is(r, ')'))
            aml_u8(r->aml, (u8)take_number(r));
    }
}

static void opcode(struct aml *a, u16 op)
{
    if (op >> 8)
        aml_u8(a, (u8)(op >> 8));
    aml_u8(a, (u8)op);
}

static void operation(struct reader *r, const char *name)
{
    unsigned i = 0;
    while (strcmp(name, operators[i].name))
        assert(++i < ARRAY_LEN(operators));
    const struct operator* op = & operators[i];
    opcode(r->aml, op->opcode);
    size_t mark = r->aml->len;
    for (const char *kind = op->operands; *kind; kind++)
        operand(r, *kind);
    while (!next_is(r, ')'))
        term(r);
    if (op->has_length)
        aml_end(r->aml, mark);
}

static void in_parentheses(struct reader *r)
{
    char word[WORD_MAX], id[WORD_MAX];
    take(r, '(');
    take_word(r, word);
    if (!strcmp(word, "resources")) {
        resources(r);
    } else if (!strcmp(word, "eisa")) {
        take_text(r, id);
        aml_eisa_id(r->aml, id);
    } else {
        operation(r, word);
    }
    take(r, ')');
}

static void atom(struct reader *r)
{
    char word[WORD_MAX];
    skip_space(r);
    if (*r->at >= '0' && *r->at <= '9') {
        aml_int(r->aml, (u32)take_number(r));
        return;
    }
    take_word(r, word);
    if (!strcmp(word, "-"))
        aml_u8(r->aml, NULL_NAME);
    else if (!strncmp(word, "local", 5))
        aml_u8(r->aml, (u8)(LOCAL0_OP + word[5] - '0'));
    else if (!strncmp(word, "arg", 3))
        aml_u8(r->aml, (u8)(ARG0_OP + word[3] - '0'));
    else if (!strcmp(word, "debug"))
        opcode(r->aml, EXT | DEBUG_OP);
    else if (!strcmp(word, "break"))
        aml_u8(r->aml, BREAK_OP);
    else
        aml_ref(r->aml, word);
}

static void term(struct reader *r)
{
    char text[WORD_MAX];
    if (next_is(r, '(')) {
        in_parentheses(r);
    } else if (next_is(r, '"')) {
        take_text(r, text);
        aml_string(r->aml, text);
    } else {
        atom(r);
    }
}

void asl(struct aml *a, const char *text, ...)
{
    char filled[ASL_TEXT_MAX];
    va_list ap;
    va_start(ap, text);
    int n = vsnprintf(filled, sizeof filled, text, ap);
    va_end(ap);
    assert(n >= 0 && n < ASL_TEXT_MAX);
    struct reader r = { a, filled };
    for (skip_space(&r); *r.at; skip_space(&r))
        term(&r);
}

static size_t open_named(struct aml *a, u16 op, const char *name)
{
    opcode(a, op);
    size_t mark = a->len;
    aml_ref(a, name);
    return mark;
}

size_t asl_open_scope(struct aml *a, const char *name)
{
    return open_named(a, 0x10, name);
}

size_t asl_open_device(struct aml *a, const char *name)
{
    return open_named(a, EXT | 0x82, name);
}

size_t asl_open_method(struct aml *a, const char *name, u8 flags)
{
    size_t mark = open_named(a, 0x14, name);
    aml_u8(a, flags);
    return mark;
}

void asl_close(struct aml *a, size_t mark)
{
    aml_end(a, mark);
}
