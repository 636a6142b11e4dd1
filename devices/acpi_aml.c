/* acpi_aml.c: a small writer of AML: the ACPI specification's encodings (chapter 20 in version 6) of names, data and
 * package lengths, as far as this machine's DSDT needs them; acpi_asl.c writes whole objects by it, acpi_aml_res.c
 * resource descriptors. */
#include "acpi_aml.h"

#include <assert.h>

enum {
    ZERO_OP = 0x00,
    ONE_OP = 0x01,
    BYTE_PREFIX = 0x0a,
    WORD_PREFIX = 0x0b,
    DWORD_PREFIX = 0x0c,
    STRING_PREFIX = 0x0d,
    DUAL_NAME_PREFIX = 0x2e,
    MULTI_NAME_PREFIX = 0x2f,
};

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

void aml_ref(struct aml *a, const char *name)
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

/* The `content` bytes from `mark` on change places with the few that have been appended to them. */
static void move_before(struct aml *a, size_t mark, size_t content)
{
    u8 head[8];
    size_t n = a->len - mark - content;
    if (a->full)
        return;
    memcpy(head, a->data + mark + content, n);
    memmove(a->data + mark + n, a->data + mark, content);
    memcpy(a->data + mark, head, n);
}

void aml_end(struct aml *a, size_t mark)
{
    u8 length[3] = { 0 };
    size_t content = a->len - mark;
    aml_bytes(a, length, pkg_length(length, content));
    move_before(a, mark, content);
}

void aml_put_int(struct aml *a, size_t mark, u32 v)
{
    size_t content = a->len - mark;
    aml_int(a, v);
    move_before(a, mark, content);
}

/* Data (20.2.3) */

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
