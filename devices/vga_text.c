/* vga_text.c: the text screen as text, for transcripts and tests that look for words on the screen: code page 437 to
 * UTF-8. */
#include "vga_draw.h"

#define LAST_ASCII 0x7e

/* Code page 437, 7F to FF, in Unicode. */
static const u16 upper[] = {
    0x2302, 0x00c7, 0x00fc, 0x00e9, 0x00e2, 0x00e4, 0x00e0, 0x00e5, 0x00e7, 0x00ea, 0x00eb, 0x00e8, 0x00ef,
    0x00ee, 0x00ec, 0x00c4, 0x00c5, 0x00c9, 0x00e6, 0x00c6, 0x00f4, 0x00f6, 0x00f2, 0x00fb, 0x00f9, 0x00ff,
    0x00d6, 0x00dc, 0x00a2, 0x00a3, 0x00a5, 0x20a7, 0x0192, 0x00e1, 0x00ed, 0x00f3, 0x00fa, 0x00f1, 0x00d1,
    0x00aa, 0x00ba, 0x00bf, 0x2310, 0x00ac, 0x00bd, 0x00bc, 0x00a1, 0x00ab, 0x00bb, 0x2591, 0x2592, 0x2593,
    0x2502, 0x2524, 0x2561, 0x2562, 0x2556, 0x2555, 0x2563, 0x2551, 0x2557, 0x255d, 0x255c, 0x255b, 0x2510,
    0x2514, 0x2534, 0x252c, 0x251c, 0x2500, 0x253c, 0x255e, 0x255f, 0x255a, 0x2554, 0x2569, 0x2566, 0x2560,
    0x2550, 0x256c, 0x2567, 0x2568, 0x2564, 0x2565, 0x2559, 0x2558, 0x2552, 0x2553, 0x256b, 0x256a, 0x2518,
    0x250c, 0x2588, 0x2584, 0x258c, 0x2590, 0x2580, 0x03b1, 0x00df, 0x0393, 0x03c0, 0x03a3, 0x03c3, 0x00b5,
    0x03c4, 0x03a6, 0x0398, 0x03a9, 0x03b4, 0x221e, 0x03c6, 0x03b5, 0x2229, 0x2261, 0x00b1, 0x2265, 0x2264,
    0x2320, 0x2321, 0x00f7, 0x2248, 0x00b0, 0x2219, 0x00b7, 0x221a, 0x207f, 0x00b2, 0x25a0, 0x00a0,
};

/* Code page 437, 00 to 1F: the pictures that stand where ASCII has control codes; 00 is a blank. */
static const u16 lower[] = {
    0x0020, 0x263a, 0x263b, 0x2665, 0x2666, 0x2663, 0x2660, 0x2022, 0x25d8, 0x25cb, 0x25d9,
    0x2642, 0x2640, 0x266a, 0x266b, 0x263c, 0x25ba, 0x25c4, 0x2195, 0x203c, 0x00b6, 0x00a7,
    0x25ac, 0x21a8, 0x2191, 0x2193, 0x2192, 0x2190, 0x221f, 0x2194, 0x25b2, 0x25bc,
};

static u16 unicode(u8 code)
{
    if (code < ARRAY_LEN(lower))
        return lower[code];
    return code > LAST_ASCII ? upper[code - LAST_ASCII - 1] : code;
}

struct out {
    char *buf;
    size_t len, size;
    bool full;
};

static void put(struct out *o, const char *bytes, size_t n)
{
    if (o->full || o->size - o->len <= n) { /* one byte is kept for the 0 */
        o->full = true;
        return;
    }
    memcpy(o->buf + o->len, bytes, n);
    o->len += n;
}

static void put_unicode(struct out *o, u16 c)
{
    char utf8[3] = { (char)(0xe0 | c >> 12), (char)(0x80 | (c >> 6 & 0x3f)), (char)(0x80 | (c & 0x3f)) };
    if (c < 0x80) {
        put(o, &(char){ (char)c }, 1);
    } else if (c < 0x800) {
        utf8[1] = (char)(0xc0 | c >> 6);
        put(o, utf8 + 1, 2);
    } else {
        put(o, utf8, 3);
    }
}

static void put_row(const struct vga *s, const struct vga_crtc *c, u32 counter, struct out *o)
{
    u8 code[VGA_MAX_CHARACTERS];
    u32 n = 0;
    for (u32 i = 0; i < c->characters; i++) {
        code[i] = (u8)vga_planes(s, vga_crtc_address(s, counter + (i >> c->count_shift), 0));
        if (code[i] != 0 && code[i] != ' ')
            n = i + 1;
    }
    for (u32 i = 0; i < n; i++)
        put_unicode(o, unicode(code[i]));
    put(o, "\n", 1);
}

size_t vga_text(struct vga *s, char *buf, size_t size)
{
    struct vga_crtc c = vga_crtc(s);
    struct out o = { buf, 0, size, false };
    bool text = !c.graphics && !vga_dispi_enabled(s) && (s->cr[CR_MODE_CONTROL] & CR_MODE_RUNNING);
    u32 row_lines = (c.row_end + 1) * (c.row_lines_doubled ? 2 : 1), counter = c.start;
    for (u32 line = 0; text && line + row_lines <= c.lines; line += row_lines, counter += c.offset)
        put_row(s, &c, counter, &o);
    buf[o.len] = 0;
    return o.len;
}
