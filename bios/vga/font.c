/* font.c: fonts, in plane 2 for text modes and by interrupt vectors 1F and 43 for graphics modes (function 11). */
#include "vgabios.h"

#define CELL_MAX 32 /* bytes of a glyph in plane 2 */
#define FONT_SEGMENT 0xa000
#define UPPER_HALF 128
#define INFORMATION_LAST 7

/* Eight fonts of 8 KiB; the third bit of the number is the lowest in the address. */
static u16 block_offset(u8 block)
{
    return (u16)((block & 3) << 14 | (block & 4) << 11);
}

/* Plane 2 at A0000, all addresses in a row; and back to characters and attributes at B8000 or B0000. */
static void open_plane_2(void)
{
    hw_write(PORT_SEQ, 0, 1);
    hw_write(PORT_SEQ, SEQ_MAP_MASK, 0x04);
    hw_write(PORT_SEQ, SEQ_MEMORY_MODE, 0x07);
    hw_write(PORT_SEQ, 0, 3);
    hw_write(PORT_GFX, GFX_READ_MAP, 2);
    hw_write(PORT_GFX, GFX_MODE, 0);
    hw_write(PORT_GFX, GFX_MISC, 0x04);
}

static void close_plane_2(void)
{
    hw_write(PORT_SEQ, 0, 1);
    hw_write(PORT_SEQ, SEQ_MAP_MASK, 0x03);
    hw_write(PORT_SEQ, SEQ_MEMORY_MODE, 0x03);
    hw_write(PORT_SEQ, 0, 3);
    hw_write(PORT_GFX, GFX_READ_MAP, 0);
    hw_write(PORT_GFX, GFX_MODE, 0x10);
    hw_write(PORT_GFX, GFX_MISC, inb(PORT_MISC_READ) & MISC_COLOR ? 0x0e : 0x0a);
}

struct font {
    struct far at;
    u8 height;
};

static void load(struct font f, u8 block, u16 first, u16 n)
{
    u16 to = (u16)(block_offset(block) + first * CELL_MAX), from = f.at.offset;
    open_plane_2();
    for (; n; n--, to = (u16)(to + CELL_MAX), from = (u16)(from + f.height))
        far_copy(FONT_SEGMENT, to, f.at.segment, from, f.height);
    close_plane_2();
}

static struct font rom_font(ROM u8 *glyphs, u8 height)
{
    return (struct font){ { NEAR(glyphs), rom_segment() }, height };
}

void font_load(ROM u8 *glyphs, u8 height, u8 block)
{
    load(rom_font(glyphs, height), block, 0, 256);
}

/* The font of functions xx01, xx02, xx04; xx03 has the 14-line one in graphics. */
static struct font font_by_number(u8 n)
{
    return n == 1 ? rom_font(font_8x14, 14) : n == 2 ? rom_font(font_8x8, 8) : rom_font(font_8x16, 16);
}

/* Of a mode whose last lines another font left over. */
static u16 whole_lines(u16 shown)
{
    return shown <= 200 ? 200 : shown <= 350 ? 350 : shown <= 400 ? 400 : 480;
}

/* A program that loads a font in a text mode wants cells of that height: as many rows as the scan lines give. */
static void fit_rows(u8 height)
{
    u16 crtc = hw_crtc_port(), lines = whole_lines(hw_scan_lines());
    u8 maximum = hw_read(crtc, CRTC_MAXIMUM_SCAN_LINE);
    if (!height || height > CELL_MAX)
        return;
    if (maximum & 0x80) /* each line twice */
        lines /= 2;
    hw_write(crtc, CRTC_MAXIMUM_SCAN_LINE, (u8)((maximum & 0xe0) | (height - 1)));
    u16 rows = lines / height, end = (u16)(rows * height * (maximum & 0x80 ? 2 : 1) - 1);
    hw_write(crtc, CRTC_VERTICAL_DISPLAY_END, (u8)end);
    u8 overflow = hw_read(crtc, CRTC_OVERFLOW);
    hw_write(crtc, CRTC_OVERFLOW, (u8)((overflow & ~0x42) | (end >> 7 & 0x02) | (end >> 3 & 0x40)));
    SET_BDA(last_row, rows - 1);
    SET_BDA(cell_height, height);
    SET_BDA(page_size, rows * GET_BDA(columns) * 2);
    cursor_set_shape((u16)(height == 8 ? 0x0607 : (height - 3) << 8 | (height - 2)));
}

/* ---- graphics ---- */

struct far font_glyphs(u8 code)
{
    u8 mode = GET_BDA(video_mode), height = (u8)GET_BDA(cell_height);
    struct far f;
    if (code >= UPPER_HALF && height == 8 && mode >= 4 && mode <= 6) {
        f = get_vector(VECTOR_UPPER_FONT);
        code = (u8)(code - UPPER_HALF);
    } else {
        f = get_vector(VECTOR_GRAPHICS_FONT);
    }
    return (struct far){ (u16)(f.offset + code * height), f.segment };
}

void font_graphics_default(u8 height)
{
    struct font f = font_by_number(height == 14 ? 1 : height == 8 ? 2 : 4);
    set_vector(VECTOR_GRAPHICS_FONT, f.at);
}

static void choose_graphics_font(struct font f, u8 rows_code, u8 rows)
{
    static ROM_DATA ROM u8 of_code[] = { 0, 14, 25, 43 };
    if (rows_code)
        rows = of_code[rows_code < ARRAY_LEN(of_code) ? rows_code : 2];
    set_vector(VECTOR_GRAPHICS_FONT, f.at);
    SET_BDA(cell_height, f.height);
    SET_BDA(last_row, rows - 1);
}

/* ---- function 11 ---- */

static void load_text(struct regs *r)
{
    u8 which = r->al & 0x0f, block = r->bl & 7;
    if (which == 3) { /* which two fonts show */
        hw_write(PORT_SEQ, SEQ_CHARACTER_MAP, r->bl);
        return;
    }
    struct font f = font_by_number(which);
    u16 first = 0, n = 256;
    if (which == 0) {
        f = (struct font){ { r->bp, r->es }, r->bh };
        first = r->dx;
        n = r->cx;
    }
    if (which > 4 || f.height > CELL_MAX || first > 255)
        return;
    load(f, block, first, (u16)(n > 256 - first ? 256 - first : n));
    if (r->al & 0x10)
        fit_rows(f.height);
}

static void load_graphics(const struct regs *r)
{
    switch (r->al) {
    case 0x20:
        set_vector(VECTOR_UPPER_FONT, (struct far){ r->bp, r->es });
        break;
    case 0x21:
        choose_graphics_font((struct font){ { r->bp, r->es }, r->cl }, r->bl, r->dl);
        break;
    case 0x22:
        choose_graphics_font(font_by_number(1), r->bl, r->dl);
        break;
    case 0x23:
        choose_graphics_font(font_by_number(2), r->bl, r->dl);
        break;
    case 0x24:
        choose_graphics_font(font_by_number(4), r->bl, r->dl);
        break;
    default:
        break;
    }
}

/* 5 and 7: characters that look different in cells of nine dots. */
static ROM u8 *informed_font(u8 which)
{
    switch (which) {
    case 2:
        return font_8x14;
    case 3:
        return font_8x8;
    case 4:
        return font_8x8 + UPPER_HALF * 8;
    case 6:
        return font_8x16;
    default:
        return font_no_alternates;
    }
}

static void information(struct regs *r)
{
    struct far at;
    if (r->bh > INFORMATION_LAST)
        return;
    if (r->bh == 0)
        at = get_vector(VECTOR_UPPER_FONT);
    else if (r->bh == 1)
        at = get_vector(VECTOR_GRAPHICS_FONT);
    else
        at = (struct far){ NEAR(informed_font(r->bh)), rom_segment() };
    r->es = at.segment;
    r->bp = at.offset;
    r->cx = GET_BDA(cell_height);
    r->dl = GET_BDA(last_row);
}

void int10_11_font(struct regs *r)
{
    if (r->al < 0x20)
        load_text(r);
    else if (r->al < 0x30)
        load_graphics(r);
    else if (r->al == 0x30)
        information(r);
}
