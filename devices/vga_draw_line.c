/* vga_draw_line.c: one scan line of the VGA's own modes: characters (IBM, "Video Subsystem", alphanumeric modes:
 * character in plane 0, attribute in plane 1, font in plane 2) and the three shift register arrangements of the
 * graphics modes (graphics register 5). */
#include "vga_draw.h"

#define FONT_GLYPH_SIZE 32
#define CODE_LINE_GRAPHICS_FIRST 0xc0 /* characters that continue into the ninth dot */
#define CODE_LINE_GRAPHICS_LAST 0xdf
#define ATTRIBUTE_FONT_A BIT(3)
#define ATTRIBUTE_BLINK BIT(7)
#define ATTRIBUTE_UNDERLINE_MASK 7
#define ATTRIBUTE_UNDERLINE 1
#define CURSOR_NOWHERE UINT32_MAX

/* Character map select: three bits choose one of eight fonts of 8 KiB in plane 2; the third bit is the lowest in the
 * address. */
static u32 font_address(unsigned select)
{
    return (select & 3) * 0x4000 + (select >> 2) * 0x2000;
}

struct text_line {
    u32 font[2];    /* plane addresses: map B, map A */
    u32 cursor;     /* memory address counter at which the cursor shows on this line, or CURSOR_NOWHERE */
    bool underline; /* this is the line that underlines */
    bool line_graphics, blink_enabled, blinked_off;
};

static u32 cursor_counter(const struct vga *s, struct vga_blink blink, u32 row_scan)
{
    u8 start = s->cr[CR_CURSOR_START], end = s->cr[CR_CURSOR_END];
    if ((start & CR_CURSOR_OFF) || !blink.cursor_shown)
        return CURSOR_NOWHERE;
    if (row_scan < (start & CR_SCAN_LINE_MASK) || row_scan > (end & CR_SCAN_LINE_MASK))
        return CURSOR_NOWHERE;
    u32 skew = (end >> 5) & 3u;
    return ((u32)(s->cr[CR_CURSOR_LOCATION_HIGH] << 8 | s->cr[CR_CURSOR_LOCATION_LOW]) + skew) & 0xffff;
}

static struct text_line text_line(const struct vga *s, struct vga_blink blink, u32 row_scan)
{
    unsigned map = s->sr[SR_CHARACTER_MAP];
    return (struct text_line){
        .font = { font_address((map & 3) | (map >> 4 & 1) << 2), font_address((map >> 2 & 3) | (map >> 5 & 1) << 2) },
        .cursor = cursor_counter(s, blink, row_scan),
        .underline = (s->cr[CR_UNDERLINE_LOCATION] & CR_SCAN_LINE_MASK) == row_scan,
        .line_graphics = s->ar[AR_MODE] & AR_MODE_LINE_GRAPHICS,
        .blink_enabled = s->ar[AR_MODE] & AR_MODE_BLINK,
        .blinked_off = !blink.characters_shown,
    };
}

/* The dots of one character on this line, the first in bit 8, the ninth in bit 0. */
static u32 character_dots(const struct vga *s, const struct text_line *t, u8 code, u8 attribute, u32 row_scan,
                          bool cursor)
{
    u32 font = t->font[attribute & ATTRIBUTE_FONT_A ? 1 : 0];
    u32 glyph = (vga_planes(s, font + code * FONT_GLYPH_SIZE + row_scan) >> 16) & 0xff;
    u32 dots = glyph << 1;
    if (t->line_graphics && code >= CODE_LINE_GRAPHICS_FIRST && code <= CODE_LINE_GRAPHICS_LAST)
        dots |= glyph & 1;
    if (t->blink_enabled && t->blinked_off && (attribute & ATTRIBUTE_BLINK))
        dots = 0;
    bool underlined = t->underline && (attribute & ATTRIBUTE_UNDERLINE_MASK) == ATTRIBUTE_UNDERLINE;
    return underlined || cursor ? 0x1ff : dots;
}

#define EACH_BYTE 0x0101010101010101u
#define BIT_OF_EACH_BYTE 0x0102040810204080u /* bit 7 in the first byte, bit 0 in the last */

/* Eight dots, the first in bit 7, as bytes of two colours. */
static u64 eight_dots(u8 bits, u8 fg, u8 bg)
{
    u64 lit = bits * EACH_BYTE & BIT_OF_EACH_BYTE;
    u64 mask = ((lit + 0x7f * EACH_BYTE) >> 7 & EACH_BYTE) * 0xff;
    return (bg * EACH_BYTE) ^ (mask & ((fg ^ bg) * EACH_BYTE));
}

void vga_text_line(const struct vga *s, const struct vga_crtc *c, const struct vga_colors *colors,
                   struct vga_blink blink, u32 counter, u32 row_scan, u32 n, u8 *dots)
{
    struct text_line t = text_line(s, blink, row_scan);
    for (u32 i = 0; i < n; i++, dots += c->dots) {
        u32 at = (counter + (i >> c->count_shift)) & 0xffff;
        u32 planes = vga_planes(s, vga_crtc_address(s, at, row_scan));
        u8 code = (u8)planes, attribute = (u8)(planes >> 8);
        u32 bits = character_dots(s, &t, code, attribute, row_scan, at == t.cursor);
        u8 fg = colors->attribute[attribute & 0xf];
        u8 bg = colors->attribute[t.blink_enabled ? (attribute >> 4) & 7 : attribute >> 4];
        put_le64(dots, eight_dots((u8)(bits >> 1), fg, bg));
        if (c->dots == 9)
            dots[8] = bits & 1 ? fg : bg;
    }
}

/* 16 colours: one bit of each plane makes a pixel. */
static void planar_dots(const struct vga_colors *colors, u32 planes, u8 *dots)
{
    for (unsigned d = 0; d < 8; d++) {
        u32 bits = planes >> (7 - d);
        dots[d] = colors->attribute[(bits & 1) | (bits >> 7 & 2) | (bits >> 14 & 4) | (bits >> 21 & 8)];
    }
}

/* Shift register interleave, as CGA's 4 colours need it: pairs of bits, four pixels out of planes 0 (low bits) and 2
 * (high bits), then four out of planes 1 and 3. */
static void interleaved_dots(const struct vga_colors *colors, u32 planes, u8 *dots)
{
    for (unsigned d = 0; d < 8; d++) {
        u32 pair = planes >> (d < 4 ? 0 : 8) >> (6 - 2 * (d & 3));
        dots[d] = colors->attribute[(pair & 3) | (pair >> 14 & 0xc)];
    }
}

/* 256 colours: the byte of each plane is a pixel of two dots, and goes round the palette to the DAC. */
static void byte_dots(u32 planes, u8 *dots)
{
    for (unsigned d = 0; d < 8; d++)
        dots[d] = (u8)(planes >> (8 * (d / 2)));
}

void vga_graphics_line(const struct vga *s, const struct vga_crtc *c, const struct vga_colors *colors, u32 counter,
                       u32 row_scan, u32 n, u8 *dots)
{
    u8 mode = s->gr[GR_MODE];
    for (u32 i = 0; i < n; i++, dots += 8) {
        u32 planes = vga_planes(s, vga_crtc_address(s, counter + (i >> c->count_shift), row_scan));
        if (mode & GR_MODE_256_COLOR)
            byte_dots(planes, dots);
        else if (mode & GR_MODE_SHIFT_INTERLEAVE)
            interleaved_dots(colors, planes, dots);
        else
            planar_dots(colors, planes, dots);
    }
}
