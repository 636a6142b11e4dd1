/* graphics.c: dots, and characters made of dots, in the CGA's modes (two interleaved halves), planar modes, and modes
 * of one to four bytes a dot, through the window at A0000 or B8000. Functions 0C and 0D. */
#include "vbe.h"

#define CGA_ODD_LINES 0x2000
#define XOR_DOTS 0x80 /* in a colour: exclusive or with what is there */
#define FUNCTION_XOR 0x18
#define GFX_DATA_ROTATE 3
#define GFX_BIT_MASK 8
#define COPY_CHUNK 64
#define BANK_SHIFT 16

/* Where byte `at` of the surface is in its segment; opens the bank that holds it. */
static u16 window(struct surface *s, u32 at)
{
    u16 bank = (u16)(at >> BANK_SHIFT);
    if (s->linear && bank != s->bank) {
        dispi_write(DISPI_BANK, bank);
        s->bank = bank;
    }
    return (u16)at;
}

/* Of the line y: in a CGA's modes odd lines are in the second half. */
static u32 line_at(const struct surface *s, u16 y)
{
    if (s->model == MODEL_CGA4 || s->model == MODEL_CGA2)
        return (y & 1 ? CGA_ODD_LINES : 0) + (u32)(y >> 1) * s->pitch;
    return s->base + y * s->pitch;
}

static u8 bytes_of_dot(const struct surface *s)
{
    return (u8)((s->bpp + 7) / 8);
}

/* ---- planes ---- */

static void gfx(u8 index, u8 value)
{
    hw_write(PORT_GFX, index, value);
}

static void map_mask(u8 planes)
{
    hw_write(PORT_SEQ, SEQ_MAP_MASK, planes & ALL_PLANES);
}

/* The bits of the bit mask become `color`: ones in some planes, zeros in the others, or turned round in some. */
static void planar_dot(struct surface *s, u32 at, u8 bit, u8 color)
{
    u16 offset = window(s, at);
    gfx(GFX_BIT_MASK, bit);
    gfx(GFX_DATA_ROTATE, color & XOR_DOTS ? FUNCTION_XOR : 0);
    map_mask(color);
    (void)get_far8(s->segment, offset); /* into the latches */
    set_far8(s->segment, offset, 0xff);
    if (!(color & XOR_DOTS)) {
        map_mask((u8)~color);
        set_far8(s->segment, offset, 0);
    }
    map_mask(ALL_PLANES);
    gfx(GFX_DATA_ROTATE, 0);
    gfx(GFX_BIT_MASK, 0xff);
}

/* A glyph, or zeros, in those planes that the map mask lets through. */
static void planar_rows(struct surface *s, u32 at, struct far glyph, bool zeros)
{
    for (u8 i = 0; i < s->cell_height; i++, at += s->pitch) {
        u8 bits = zeros ? 0 : get_far8(glyph.segment, (u16)(glyph.offset + i));
        u16 offset = window(s, at);
        (void)get_far8(s->segment, offset);
        set_far8(s->segment, offset, bits);
    }
}

static void planar_glyph(struct surface *s, u32 at, struct far glyph, u8 color)
{
    gfx(GFX_DATA_ROTATE, color & XOR_DOTS ? FUNCTION_XOR : 0);
    map_mask(color);
    planar_rows(s, at, glyph, false);
    if (!(color & XOR_DOTS)) {
        map_mask((u8)~color);
        planar_rows(s, at, glyph, true);
    }
    map_mask(ALL_PLANES);
    gfx(GFX_DATA_ROTATE, 0);
}

static u8 planar_get(struct surface *s, u32 at, u8 bit)
{
    u8 color = 0;
    u16 offset = window(s, at);
    for (u8 plane = 0; plane < 4; plane++) {
        gfx(GFX_READ_MAP, plane);
        if (get_far8(s->segment, offset) & bit)
            color = (u8)(color | BIT(plane));
    }
    gfx(GFX_READ_MAP, 0);
    return color;
}

/* ---- bits of a byte ---- */

static void masked(struct surface *s, u32 at, u8 mask, u8 value, bool exclusive)
{
    u8 old = get_far8(s->segment, (u16)at);
    set_far8(s->segment, (u16)at, (u8)(exclusive ? old ^ (value & mask) : (old & ~mask) | (value & mask)));
}

/* Four dots of two bits: the low nibble of `bits` in pairs. */
static u8 in_pairs(u8 bits)
{
    return (u8)((bits & 1) * 0x03 | (bits >> 1 & 1) * 0x0c | (bits >> 2 & 1) * 0x30 | (bits >> 3 & 1) * 0xc0);
}

/* ---- whole dots ---- */

/* The CGA's colours in the bits of a dot: 5:5:5, 5:6:5 or 8:8:8. */
static u32 direct_color(const struct surface *s, u8 color)
{
    struct rgb c = dac_16_colors(color & 0xf); /* six bits */
    switch (s->bpp) {
    case 15:
        return (u32)(c.r >> 1) << 10 | (u32)(c.g >> 1) << 5 | c.b >> 1;
    case 16:
        return (u32)(c.r >> 1) << 11 | (u32)c.g << 5 | c.b >> 1;
    default:
        return (u32)(c.r << 2 | c.r >> 4) << 16 | (u32)(c.g << 2 | c.g >> 4) << 8 | (u32)(c.b << 2 | c.b >> 4);
    }
}

static void packed_set(struct surface *s, u32 at, u8 color, bool exclusive)
{
    u32 dot = s->bpp > 8 ? direct_color(s, color) : color;
    for (u8 i = bytes_of_dot(s); i; i--, at++, dot >>= 8) {
        u16 offset = window(s, at);
        set_far8(s->segment, offset, (u8)(exclusive ? get_far8(s->segment, offset) ^ dot : dot));
    }
}

static u32 packed_get(struct surface *s, u32 at)
{
    u32 dot = 0;
    for (u8 i = 0; i < bytes_of_dot(s); i++)
        dot |= (u32)get_far8(s->segment, window(s, at + i)) << (8 * i);
    return s->bpp == 32 ? dot & 0xffffff : dot;
}

static u8 color_of_direct(const struct surface *s, u32 dot)
{
    u8 color = 15;
    while (color && direct_color(s, color) != dot)
        color--;
    return color;
}

/* ---- one dot ---- */

void graphics_pixel_set(struct surface *s, u16 x, u16 y, u8 color)
{
    u32 line = line_at(s, y);
    bool exclusive = color & XOR_DOTS;
    u8 shift = (u8)(6 - 2 * (x & 3));
    switch (s->model) {
    case MODEL_CGA4:
        masked(s, line + x / 4, (u8)(3 << shift), (u8)((color & 3) << shift), exclusive);
        break;
    case MODEL_CGA2:
        masked(s, line + x / 8, (u8)(0x80 >> (x & 7)), (u8)(color & 1 ? 0xff : 0), exclusive);
        break;
    case MODEL_PLANAR:
        planar_dot(s, line + x / 8, (u8)(0x80 >> (x & 7)), color);
        break;
    default:
        packed_set(s, line + x * (u32)bytes_of_dot(s), color, false);
    }
}

u8 graphics_pixel_get(struct surface *s, u16 x, u16 y)
{
    u32 line = line_at(s, y);
    u32 dot;
    switch (s->model) {
    case MODEL_CGA4:
        return (u8)(get_far8(s->segment, (u16)(line + x / 4)) >> (6 - 2 * (x & 3)) & 3);
    case MODEL_CGA2:
        return (u8)(get_far8(s->segment, (u16)(line + x / 8)) >> (7 - (x & 7)) & 1);
    case MODEL_PLANAR:
        return planar_get(s, line + x / 8, (u8)(0x80 >> (x & 7)));
    default:
        dot = packed_get(s, line + x * (u32)bytes_of_dot(s));
        return s->bpp > 8 ? color_of_direct(s, dot) : (u8)dot;
    }
}

/* ---- eight dots of a character ---- */

static void dots_set(struct surface *s, u16 column, u16 y, u8 bits, u8 color)
{
    u32 line = line_at(s, y);
    bool exclusive = color & XOR_DOTS;
    u8 fill = (u8)((color & 3) * 0x55);
    switch (s->model) {
    case MODEL_CGA4:
        masked(s, line + column * 2u, 0xff, (u8)(in_pairs(bits >> 4) & fill), exclusive);
        masked(s, line + column * 2u + 1, 0xff, (u8)(in_pairs(bits) & fill), exclusive);
        break;
    case MODEL_CGA2:
        masked(s, line + column, 0xff, color & 1 ? bits : 0, exclusive);
        break;
    default:
        line += column * 8u * bytes_of_dot(s);
        exclusive = exclusive && s->linear; /* in mode 13 all eight bits are the colour */
        for (u8 mask = 0x80; mask; mask >>= 1, line += bytes_of_dot(s))
            if (!exclusive || (bits & mask))
                packed_set(s, line, (u8)(bits & mask ? color & (s->linear ? 0x7f : 0xff) : 0), exclusive);
    }
}

void graphics_glyph(struct surface *s, u16 column, u16 row, u8 code, u8 color)
{
    struct far glyph = font_glyphs(code);
    if (s->model == MODEL_PLANAR) {
        planar_glyph(s, line_at(s, (u16)(row * s->cell_height)) + column, glyph, color);
        return;
    }
    for (u8 i = 0; i < s->cell_height; i++)
        dots_set(s, column, (u16)(row * s->cell_height + i), get_far8(glyph.segment, (u16)(glyph.offset + i)), color);
}

/* ---- what character is that? ---- */

static u8 dots_get(struct surface *s, u16 column, u16 y)
{
    u8 bits = 0;
    for (u8 i = 0; i < 8; i++)
        bits = (u8)(bits << 1 | (graphics_pixel_get(s, (u16)(column * 8 + i), y) != 0));
    return bits;
}

static bool same_glyph(const u8 *dots, u8 height, u8 code)
{
    struct far glyph = font_glyphs(code);
    for (u8 i = 0; i < height; i++)
        if (get_far8(glyph.segment, (u16)(glyph.offset + i)) != dots[i])
            return false;
    return true;
}

#define GLYPH_MAX 32

u8 graphics_recognize(struct surface *s, u16 column, u16 row)
{
    u8 dots[GLYPH_MAX];
    u8 height = s->cell_height < GLYPH_MAX ? s->cell_height : GLYPH_MAX;
    for (u8 i = 0; i < height; i++)
        dots[i] = dots_get(s, column, (u16)(row * s->cell_height + i));
    for (u16 code = 0; code < 256; code++)
        if (same_glyph(dots, height, (u8)code))
            return (u8)code;
    return 0;
}

/* ---- lines ---- */

/* Bytes of `columns` characters' width. */
static u16 width_of(const struct surface *s, u16 columns)
{
    switch (s->model) {
    case MODEL_CGA4:
        return (u16)(columns * 2);
    case MODEL_CGA2:
    case MODEL_PLANAR:
        return columns;
    default:
        return (u16)(columns * 8u * bytes_of_dot(s));
    }
}

/* Between two banks there is only one window: by way of the stack. */
static void copy_banked(struct surface *s, u32 to, u32 from, u16 n)
{
    u8 chunk[COPY_CHUNK];
    while (n) {
        u8 some = (u8)(n < COPY_CHUNK ? n : COPY_CHUNK);
        for (u8 i = 0; i < some; i++)
            chunk[i] = get_far8(s->segment, window(s, from++));
        for (u8 i = 0; i < some; i++)
            set_far8(s->segment, window(s, to++), chunk[i]);
        n = (u16)(n - some);
    }
}

/* Four planes at a time, through the latches: byte by byte. Where banks change, the latches stay as they are. */
static void copy_planar(struct surface *s, u32 to, u32 from, u16 n)
{
    gfx(GFX_MODE, GFX_MODE_WRITE_LATCHES);
    if (!s->linear)
        far_copy(s->segment, (u16)to, s->segment, (u16)from, n);
    else
        for (; n; n--) {
            (void)get_far8(s->segment, window(s, from++));
            set_far8(s->segment, window(s, to++), 0);
        }
    gfx(GFX_MODE, 0);
}

void graphics_copy(struct surface *s, u16 column, u16 columns, u16 to, u16 from, u16 lines)
{
    u16 step = to < from ? 1 : (u16)-1, bytes = width_of(s, columns);
    u32 left = width_of(s, column);
    if (to > from) {
        to = (u16)(to + lines - 1);
        from = (u16)(from + lines - 1);
    }
    for (; lines; lines--, to = (u16)(to + step), from = (u16)(from + step)) {
        u32 t = line_at(s, to) + left, f = line_at(s, from) + left;
        if (s->model == MODEL_PLANAR)
            copy_planar(s, t, f, bytes);
        else if (s->linear)
            copy_banked(s, t, f, bytes);
        else
            far_copy(s->segment, (u16)t, s->segment, (u16)f, bytes);
    }
}

static void fill_planar(struct surface *s, u32 at, u16 n, u8 color)
{
    gfx(GFX_SET_RESET, color & ALL_PLANES);
    gfx(GFX_ENABLE_SET_RESET, ALL_PLANES);
    for (; n; n--)
        set_far8(s->segment, window(s, at++), 0);
    gfx(GFX_SET_RESET, 0);
    gfx(GFX_ENABLE_SET_RESET, 0);
}

void graphics_fill(struct surface *s, u16 column, u16 columns, u16 y, u16 lines, u8 color)
{
    u16 bytes = width_of(s, columns);
    u8 fill = s->model == MODEL_CGA4   ? (u8)((color & 3) * 0x55)
              : s->model == MODEL_CGA2 ? (color & 1 ? 0xff : 0)
                                       : color;
    for (; lines; lines--, y++) {
        u32 at = line_at(s, y) + width_of(s, column);
        if (s->model == MODEL_PLANAR)
            fill_planar(s, at, bytes, color);
        else if (!s->linear)
            far_fill8(s->segment, (u16)at, fill, bytes);
        else
            for (u16 i = 0; i < columns * 8; i++, at += bytes_of_dot(s))
                packed_set(s, at, color, false);
    }
}

/* ---- functions ---- */

static bool inside(const struct surface *s, u16 x, u16 y)
{
    return s->model != MODEL_TEXT && x < s->columns * 8 && y < s->rows * s->cell_height;
}

void int10_0c_write_dot(struct regs *r)
{
    struct surface s;
    surface_open(&s, r->bh);
    if (inside(&s, r->cx, r->dx))
        graphics_pixel_set(&s, r->cx, r->dx, r->al);
}

void int10_0d_read_dot(struct regs *r)
{
    struct surface s;
    surface_open(&s, r->bh);
    r->al = inside(&s, r->cx, r->dx) ? graphics_pixel_get(&s, r->cx, r->dx) : 0;
}
