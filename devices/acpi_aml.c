/* acpi_aml.c: a small writer of AML: the encodings of the ACPI specification's chapter "ACPI Machine Language
 * Specification" (20 in version 6) and the resource descriptors of 6.4, as far as this machine's DSDT needs them. */
#include "acpi_aml.h"

#include <assert.h>

enum {
    ZERO_OP = 0x00,
    ONE_OP = 0x01,
    NAME_OP = 0x08,
    BYTE_PREFIX = 0x0a,
    WORD_PREFIX = 0x0b,
    DWORD_PREFIX = 0x0c,
    STRING_PREFIX = 0x0d,
    SCOPE_OP = 0x10,
    BUFFER_OP = 0x11,
    PACKAGE_OP = 0x12,
    METHOD_OP = 0x14,
    DUAL_NAME_PREFIX = 0x2e,
    MULTI_NAME_PREFIX = 0x2f,
    EXT_OP_PREFIX = 0x5b,
    ARG0_OP = 0x68,
    STORE_OP = 0x70,
    AND_OP = 0x7b,
    OR_OP = 0x7d,
    CREATE_DWORD_FIELD_OP = 0x8a,
    LLESS_OP = 0x95,
    IF_OP = 0xa0,
    RETURN_OP = 0xa4,
    /* after EXT_OP_PREFIX */
    EXT_OP_REGION = 0x80,
    EXT_FIELD = 0x81,
    EXT_DEVICE = 0x82,
    EXT_PROCESSOR = 0x83,
};

#define METHOD_SERIALIZED BIT(3)
#define NAME_SEG 4
#define PKG_1_BYTE_MAX 0x3f
#define PKG_2_BYTES_MAX 0xfff

/* Plain bytes */

void aml_bytes(struct aml *a, const void *bytes, size_t n)
{
    if (a->full || n > a->room - a->len) {
        a->full = true;
        return;
    }
    memcpy(a->data + a->len, bytes, n);
    a->len += n;
}

void aml_u8(struct aml *a, u8 v)
{
    aml_bytes(a, &v, sizeof(v));
}

void aml_u16(struct aml *a, u16 v)
{
    aml_bytes(a, &v, sizeof(v));
}

void aml_u32(struct aml *a, u32 v)
{
    aml_bytes(a, &v, sizeof(v));
}

void aml_u64(struct aml *a, u64 v)
{
    aml_bytes(a, &v, sizeof(v));
}

/* Names (20.2.2) */

static void name_seg(struct aml *a, const char *seg, size_t n)
{
    char padded[NAME_SEG] = { '_', '_', '_', '_' };

    assert(n >= 1 && n <= NAME_SEG);
    memcpy(padded, seg, n);
    aml_bytes(a, padded, NAME_SEG);
}

static void name_string(struct aml *a, const char *name)
{
    size_t segs = 1;

    if (*name == '\\')
        aml_u8(a, (u8)*name++);
    if (!*name) { /* the root itself: a null name */
        aml_u8(a, ZERO_OP);
        return;
    }
    for (const char *p = name; *p; p++)
        segs += *p == '.';
    if (segs == 2)
        aml_u8(a, DUAL_NAME_PREFIX);
    if (segs > 2) {
        aml_u8(a, MULTI_NAME_PREFIX);
        aml_u8(a, (u8)segs);
    }
    while (segs--) {
        size_t n = strcspn(name, ".");
        name_seg(a, name, n);
        name += n + (name[n] == '.');
    }
}

/* Package lengths (20.2.4): the length counts its own bytes, so it is put in front of the contents afterwards. */

static unsigned pkg_length(u8 out[3], size_t content)
{
    if (content + 1 <= PKG_1_BYTE_MAX) {
        out[0] = (u8)(content + 1);
        return 1;
    }
    unsigned extra = content + 2 <= PKG_2_BYTES_MAX ? 1 : 2;
    size_t total = content + 1 + extra;
    out[0] = (u8)(extra << 6 | (total & 0xf));
    out[1] = (u8)(total >> 4);
    out[2] = (u8)(total >> 12);
    return 1 + extra;
}

void aml_end(struct aml *a, size_t mark)
{
    u8 length[3] = { 0 };

    if (a->full)
        return;
    size_t content = a->len - mark;
    unsigned n = pkg_length(length, content);
    aml_bytes(a, length, n); /* makes room */
    if (a->full)
        return;
    memmove(a->data + mark + n, a->data + mark, content);
    memcpy(a->data + mark, length, n);
}

static size_t open_op(struct aml *a, u8 op)
{
    aml_u8(a, op);
    return a->len;
}

static size_t open_ext_op(struct aml *a, u8 op)
{
    aml_u8(a, EXT_OP_PREFIX);
    return open_op(a, op);
}

size_t aml_scope(struct aml *a, const char *name)
{
    size_t mark = open_op(a, SCOPE_OP);

    name_string(a, name);
    return mark;
}

size_t aml_device(struct aml *a, const char *name)
{
    size_t mark = open_ext_op(a, EXT_DEVICE);

    name_string(a, name);
    return mark;
}

size_t aml_method(struct aml *a, const char *name, unsigned args, bool serialized)
{
    size_t mark = open_op(a, METHOD_OP);

    assert(args <= 7);
    name_string(a, name);
    aml_u8(a, (u8)(args | (serialized ? METHOD_SERIALIZED : 0)));
    return mark;
}

/* Without a P_BLK: no C2 and C3 by chip-set registers. */
size_t aml_processor(struct aml *a, const char *name, u8 id)
{
    size_t mark = open_ext_op(a, EXT_PROCESSOR);

    name_string(a, name);
    aml_u8(a, id);
    aml_u32(a, 0);
    aml_u8(a, 0);
    return mark;
}

size_t aml_if(struct aml *a)
{
    return open_op(a, IF_OP);
}

size_t aml_package(struct aml *a, u8 elements)
{
    size_t mark = open_op(a, PACKAGE_OP);

    aml_u8(a, elements);
    return mark;
}

size_t aml_field(struct aml *a, const char *region, u8 access)
{
    size_t mark = open_ext_op(a, EXT_FIELD);

    name_string(a, region);
    aml_u8(a, access);
    return mark;
}

void aml_field_unit(struct aml *a, const char *name4, unsigned bits)
{
    assert(bits < 64); /* a package length of one byte */
    name_seg(a, name4, strlen(name4));
    aml_u8(a, (u8)bits);
}

void aml_op_region(struct aml *a, const char *name, u8 space, u32 offset, u32 length)
{
    aml_u8(a, EXT_OP_PREFIX);
    aml_u8(a, EXT_OP_REGION);
    name_string(a, name);
    aml_u8(a, space);
    aml_int(a, offset);
    aml_int(a, length);
}

/* Terms */

void aml_name(struct aml *a, const char *name)
{
    aml_u8(a, NAME_OP);
    name_string(a, name);
}

void aml_ref(struct aml *a, const char *name)
{
    name_string(a, name);
}

void aml_int(struct aml *a, u32 v)
{
    if (v <= 1) {
        aml_u8(a, v ? ONE_OP : ZERO_OP);
    } else if (v <= UINT8_MAX) {
        aml_u8(a, BYTE_PREFIX);
        aml_u8(a, (u8)v);
    } else if (v <= UINT16_MAX) {
        aml_u8(a, WORD_PREFIX);
        aml_u16(a, (u16)v);
    } else {
        aml_u8(a, DWORD_PREFIX);
        aml_u32(a, v);
    }
}

void aml_string(struct aml *a, const char *text)
{
    aml_u8(a, STRING_PREFIX);
    aml_bytes(a, text, strlen(text) + 1);
}

/* BufferOp, a package length of one byte, the size as a byte constant (20.2.5.4). */
void aml_buffer(struct aml *a, const void *bytes, u8 n)
{
    assert(n < 0x40 - 3);
    aml_u8(a, BUFFER_OP);
    aml_u8(a, (u8)(n + 3));
    aml_u8(a, BYTE_PREFIX);
    aml_u8(a, n);
    aml_bytes(a, bytes, n);
}

static u8 hex_digit(char c)
{
    return (u8)(c <= '9' ? c - '0' : c - 'A' + 10);
}

/* Three letters of five bits and four hexadecimal digits, most significant byte first (19.3.4, EISAID). */
void aml_eisa_id(struct aml *a, const char *id)
{
    assert(strlen(id) == 7);
    unsigned letters = (unsigned)(id[0] - '@') << 10 | (unsigned)(id[1] - '@') << 5 | (unsigned)(id[2] - '@');
    aml_u8(a, DWORD_PREFIX);
    aml_u8(a, (u8)(letters >> 8));
    aml_u8(a, (u8)letters);
    aml_u8(a, (u8)(hex_digit(id[3]) << 4 | hex_digit(id[4])));
    aml_u8(a, (u8)(hex_digit(id[5]) << 4 | hex_digit(id[6])));
}

void aml_arg(struct aml *a, unsigned n)
{
    assert(n < 7);
    aml_u8(a, (u8)(ARG0_OP + n));
}

void aml_return(struct aml *a)
{
    aml_u8(a, RETURN_OP);
}

void aml_store(struct aml *a)
{
    aml_u8(a, STORE_OP);
}

void aml_and(struct aml *a)
{
    aml_u8(a, AND_OP);
}

void aml_or(struct aml *a)
{
    aml_u8(a, OR_OP);
}

void aml_less(struct aml *a)
{
    aml_u8(a, LLESS_OP);
}

void aml_no_target(struct aml *a)
{
    aml_u8(a, ZERO_OP);
}

void aml_create_dword_field(struct aml *a)
{
    aml_u8(a, CREATE_DWORD_FIELD_OP);
}

void aml_name_int(struct aml *a, const char *name, u32 v)
{
    aml_name(a, name);
    aml_int(a, v);
}

void aml_name_string(struct aml *a, const char *name, const char *text)
{
    aml_name(a, name);
    aml_string(a, text);
}

void aml_name_eisa_id(struct aml *a, const char *name, const char *id)
{
    aml_name(a, name);
    aml_eisa_id(a, id);
}
