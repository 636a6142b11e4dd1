/* test_vga_draw.c: the picture that the standard VGA shows, on screens small enough to be written down here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "harness.h"
#include "space.h"
#include "vga_draw.h"

#define FRAME_NS 14268061 /* text mode 3's, which also stands in for the small screens' impossible timing */
#define ROOM ((size_t)VGA_FRAME_MAX_WIDTH * VGA_FRAME_MAX_HEIGHT)

struct bench {
    struct harness h;
    struct ram_pool pool;
    struct vga vga;
    struct vga_frame frame;
};

static int setup(void **state)
{
    struct bench *b = calloc(1, sizeof(*b));
    assert_non_null(b);
    harness_init(&b->h);
    ram_pool_init(&b->pool);
    assert_true(vga_init(&b->vga, &b->h.clock, &b->h.log, &b->pool));
    b->frame.pixels = malloc(ROOM * sizeof(u32));
    assert_non_null(b->frame.pixels);
    b->frame.room = ROOM;
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    struct bench *b = *state;
    free(b->frame.pixels);
    ram_pool_free(&b->pool);
    harness_free(&b->h);
    free(b);
    return 0;
}

static u8 *plane(struct bench *b, u32 addr, unsigned n)
{
    return &b->vga.vram.host[4 * addr + n];
}

static void put_glyph(struct bench *b, u32 font, u8 code, const u8 *rows, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        *plane(b, font + code * 32u + i, 2) = rows[i];
}

/* Characters lie at even addresses, as odd/even addressing puts them. */
static void put_char(struct bench *b, unsigned cell, u8 code, u8 attribute)
{
    *plane(b, 2 * cell, 0) = code;
    *plane(b, 2 * cell, 1) = attribute;
}

/* Palette register i names DAC register i; DAC register i is grey i * 4 + 3. */
static void set_colors(struct bench *b)
{
    for (u8 i = 0; i < 16; i++)
        b->vga.ar[i] = i;
    for (unsigned i = 0; i < 256; i++)
        memset(&b->vga.dac[3 * i], (int)(i & 0x3f), 3);
    b->vga.ar[AR_COLOR_PLANE_ENABLE] = 0x0f;
    b->vga.ar_index = AR_INDEX_PALETTE_SOURCE;
}

/* A text screen of `columns` by `rows` characters of four lines and eight dots. */
static void set_text(struct bench *b, u8 columns, u8 rows)
{
    static const u8 a[] = { 0x81, 0x42, 0x24, 0x18 }, line[] = { 0x00, 0xff, 0x01, 0x80 };
    struct vga *s = &b->vga;
    s->misc_output = MISC_COLOR | MISC_RAM_ENABLE;
    s->sr[SR_RESET] = SR_RESET_RUNNING;
    s->sr[SR_CLOCKING_MODE] = SR_CLOCKING_8_DOTS;
    s->cr[CR_HORIZONTAL_DISPLAY_END] = (u8)(columns - 1);
    s->cr[CR_VERTICAL_DISPLAY_END] = (u8)(4 * rows - 1);
    s->cr[CR_MAXIMUM_SCAN_LINE] = 3 | CR_MAXIMUM_LINE_COMPARE_9;
    s->cr[CR_OVERFLOW] = CR_OVERFLOW_LINE_COMPARE_8;
    s->cr[CR_LINE_COMPARE] = 0xff;
    s->cr[CR_OFFSET] = columns / 2;
    s->cr[CR_CURSOR_START] = CR_CURSOR_OFF;
    s->cr[CR_UNDERLINE_LOCATION] = 0x1f;
    s->cr[CR_MODE_CONTROL] = CR_MODE_RUNNING | CR_MODE_WRAP_MA15 | CR_MODE_RA0_NOT_A13 | CR_MODE_RA1_NOT_A14;
    set_colors(b);
    put_glyph(b, 0, 'A', a, 4);
    put_glyph(b, 0, 0xc4, line, 4);
}

static void draw(struct bench *b)
{
    memset(b->frame.pixels, 0xee, 64 * 1024);
    assert_true(vga_draw(&b->vga, &b->frame));
}

/* DAC register that a pixel shows, given set_colors(). */
static unsigned color_at(struct bench *b, u32 x, u32 y)
{
    u32 rgb = b->frame.pixels[y * b->frame.width + x];
    assert_int_equal(rgb >> 24, 0);
    assert_int_equal(rgb & 0xff, rgb >> 16);
    return (rgb & 0xff) >> 2;
}

/* Compares the picture with lines of hexadecimal digits: DAC registers 0 to F. */
static void expect(struct bench *b, const char *const *lines, u32 n)
{
    assert_int_equal(b->frame.height, n);
    for (u32 y = 0; y < n; y++) {
        char got[128];
        assert_int_equal(b->frame.width, strlen(lines[y]));
        for (u32 x = 0; x < b->frame.width; x++)
            got[x] = "0123456789ABCDEF"[color_at(b, x, y) & 0xf];
        got[b->frame.width] = 0;
        assert_string_equal(got, lines[y]);
    }
}

#define EXPECT(b, ...)                                                                                                 \
    do {                                                                                                               \
        const char *const lines_[] = { __VA_ARGS__ };                                                                  \
        draw(b);                                                                                                       \
        expect(b, lines_, ARRAY_LEN(lines_));                                                                          \
    } while (0)

static void test_characters(void **state)
{
    struct bench *b = *state;
    set_text(b, 2, 1);
    put_char(b, 0, 'A', 0x12);
    put_char(b, 1, 0xc4, 0x7f);
    EXPECT(b, "2111111277777777", "12111121FFFFFFFF", "112112117777777F", "11122111F7777777");
}

static void test_nine_dots(void **state)
{
    struct bench *b = *state;
    set_text(b, 2, 1);
    b->vga.sr[SR_CLOCKING_MODE] = 0;
    b->vga.ar[AR_PEL_PANNING] = 8; /* none */
    put_char(b, 0, 'A', 0x12);     /* not a line character: the ninth dot is background */
    put_char(b, 1, 0xc4, 0x7f);
    EXPECT(b, "211111121777777777", "121111211FFFFFFFF7", "1121121117777777F7", "111221111F77777777");
    b->vga.ar[AR_MODE] = AR_MODE_LINE_GRAPHICS;
    EXPECT(b, "211111121777777777", "121111211FFFFFFFFF", "1121121117777777FF", "111221111F77777777");
}

static void test_dot_clock_halved(void **state)
{
    struct bench *b = *state;
    set_text(b, 1, 1);
    b->vga.sr[SR_CLOCKING_MODE] |= SR_CLOCKING_DOT_CLOCK_HALF;
    put_char(b, 0, 'A', 0x0f);
    EXPECT(b, "FF000000000000FF", "00FF00000000FF00", "0000FF0000FF0000", "000000FFFF000000");
}

static void test_intensity_and_blink(void **state)
{
    struct bench *b = *state;
    set_text(b, 1, 1);
    put_char(b, 0, 'A', 0x92);
    EXPECT(b, "29999992", "92999929", "99299299", "99922999"); /* bit 7 is background intensity */
    b->vga.ar[AR_MODE] = AR_MODE_BLINK;
    EXPECT(b, "21111112", "12111121", "11211211", "11122111");
    b->h.now = 16 * (u64)FRAME_NS + FRAME_NS / 2; /* the other half of 32 frames */
    EXPECT(b, "11111111", "11111111", "11111111", "11111111");
    b->h.now = 32 * (u64)FRAME_NS + FRAME_NS / 2;
    EXPECT(b, "21111112", "12111121", "11211211", "11122111");
    put_char(b, 0, 'A', 0x12);
    b->h.now = 16 * (u64)FRAME_NS + FRAME_NS / 2;
    EXPECT(b, "21111112", "12111121", "11211211", "11122111");
}

static void test_cursor(void **state)
{
    struct bench *b = *state;
    set_text(b, 2, 2);
    for (unsigned i = 0; i < 4; i++)
        put_char(b, i, ' ', 0x07);
    b->vga.cr[CR_CURSOR_LOCATION_LOW] = 2;
    b->vga.cr[CR_CURSOR_START] = 1;
    b->vga.cr[CR_CURSOR_END] = 2;
#define DARK "0000000000000000"
    EXPECT(b, DARK, DARK, DARK, DARK, DARK, "7777777700000000", "7777777700000000", DARK);
    b->vga.cr[CR_CURSOR_END] = 2 | 1 << 5; /* skew of one character */
    EXPECT(b, DARK, DARK, DARK, DARK, DARK, "0000000077777777", "0000000077777777", DARK);
    b->vga.cr[CR_CURSOR_START] = 1 | CR_CURSOR_OFF;
    EXPECT(b, DARK, DARK, DARK, DARK, DARK, DARK, DARK, DARK);
    b->vga.cr[CR_CURSOR_START] = 3; /* begins below its end: no cursor */
    EXPECT(b, DARK, DARK, DARK, DARK, DARK, DARK, DARK, DARK);
    b->vga.cr[CR_CURSOR_START] = 0;
    b->h.now = 8 * (u64)FRAME_NS + FRAME_NS / 2; /* the other half of 16 frames */
    EXPECT(b, DARK, DARK, DARK, DARK, DARK, DARK, DARK, DARK);
    b->h.now = 16 * (u64)FRAME_NS + FRAME_NS / 2;
    draw(b);
    assert_int_equal(color_at(b, 8, 4), 7);
}

static void test_two_fonts(void **state)
{
    static const u8 full[] = { 0xf0, 0xf0, 0xf0, 0xf0 }, right[] = { 0x0f, 0x0f, 0x0f, 0x0f };
    struct bench *b = *state;
    set_text(b, 2, 1);
    put_glyph(b, 0x4000, 'A', full, 4);                /* font 1 */
    put_glyph(b, 0x6000, 'A', right, 4);               /* font 5 */
    b->vga.sr[SR_CHARACTER_MAP] = 1 | 1 << 2 | 1 << 5; /* B is font 1, A is font 5 */
    put_char(b, 0, 'A', 0x07);
    put_char(b, 1, 'A', 0x0e); /* attribute bit 3: font A */
    EXPECT(b, "777700000000EEEE", "777700000000EEEE", "777700000000EEEE", "777700000000EEEE");
}

static void test_underline(void **state)
{
    struct bench *b = *state;
    set_text(b, 2, 1);
    b->vga.cr[CR_UNDERLINE_LOCATION] = 2;
    put_char(b, 0, ' ', 0x01);
    put_char(b, 1, ' ', 0x02);
    EXPECT(b, DARK, DARK, "1111111100000000", DARK);
}

static void test_start_and_offset(void **state)
{
    struct bench *b = *state;
    set_text(b, 2, 2);
    for (unsigned i = 0; i < 16; i++)
        put_char(b, i, ' ', (u8)(i << 4));
    b->vga.cr[CR_START_ADDRESS_LOW] = 3;
    b->vga.cr[CR_OFFSET] = 2; /* words: four characters a row */
#define ROW4(r) r, r, r, r
    EXPECT(b, ROW4("3333333344444444"), ROW4("7777777788888888"));
    b->vga.cr[CR_PRESET_ROW_SCAN] = 2; /* scrolled up by two lines */
    EXPECT(b, "3333333344444444", "3333333344444444", ROW4("7777777788888888"), "BBBBBBBBCCCCCCCC", "BBBBBBBBCCCCCCCC");
    b->vga.cr[CR_PRESET_ROW_SCAN] = 1 << 5; /* byte panning: one further */
    EXPECT(b, ROW4("4444444455555555"), ROW4("8888888899999999"));
}

static void test_line_compare_and_panning(void **state)
{
    struct bench *b = *state;
    set_text(b, 2, 2);
    for (unsigned i = 0; i < 16; i++)
        put_char(b, i, ' ', (u8)(i << 4));
    b->vga.cr[CR_START_ADDRESS_LOW] = 8;
    b->vga.cr[CR_OVERFLOW] = 0;
    b->vga.cr[CR_MAXIMUM_SCAN_LINE] = 3;
    b->vga.cr[CR_LINE_COMPARE] = 1;
    EXPECT(b, "8888888899999999", "8888888899999999", ROW4("0000000011111111"), "2222222233333333", "2222222233333333");
    b->vga.ar[AR_PEL_PANNING] = 3;
    EXPECT(b, "8888899999999AAA", "8888899999999AAA", ROW4("0000011111111222"), "2222233333333444", "2222233333333444");
    b->vga.ar[AR_MODE] = AR_MODE_PANNING_COMPATIBLE;
    EXPECT(b, "8888899999999AAA", "8888899999999AAA", ROW4("0000000011111111"), "2222222233333333", "2222222233333333");
}

static void test_nine_dot_panning(void **state)
{
    struct bench *b = *state;
    set_text(b, 2, 1);
    b->vga.sr[SR_CLOCKING_MODE] = 0;
    for (unsigned i = 0; i < 4; i++)
        put_char(b, i, ' ', (u8)(i << 4 | 0x40));
    b->vga.ar[AR_PEL_PANNING] = 8; /* none */
    EXPECT(b, ROW4("444444444555555555"));
    b->vga.ar[AR_PEL_PANNING] = 0;
    EXPECT(b, ROW4("444444445555555556"));
}

static void test_double_scan(void **state)
{
    struct bench *b = *state;
    set_text(b, 2, 2);
    b->vga.cr[CR_MAXIMUM_SCAN_LINE] |= CR_MAXIMUM_DOUBLE_SCAN;
    put_char(b, 0, 'A', 0x07);
    put_char(b, 1, 0xc4, 0x07);
    EXPECT(b, "7000000700000000", "7000000700000000", "0700007077777777", "0700007077777777", "0070070000000007",
           "0070070000000007", "0007700070000000", "0007700070000000");
}

static void test_palette(void **state)
{
    struct bench *b = *state;
    struct vga_colors c;
    set_text(b, 1, 1);
    b->vga.ar[3] = 0x2a;
    c = vga_colors(&b->vga);
    assert_int_equal(c.attribute[3], 0x2a);
    b->vga.ar[AR_COLOR_SELECT] = 0x0d; /* bits 7, 6 always; 5, 4 with P54S */
    c = vga_colors(&b->vga);
    assert_int_equal(c.attribute[3], 0xea);
    b->vga.ar[AR_MODE] = AR_MODE_P54_SELECT;
    c = vga_colors(&b->vga);
    assert_int_equal(c.attribute[3], 0xda);
    b->vga.ar[AR_COLOR_PLANE_ENABLE] = 0x01;
    c = vga_colors(&b->vga);
    assert_int_equal(c.attribute[3], c.attribute[1]);
    memcpy(&b->vga.dac[3 * 0x0a], "\x3f\x2a\x15", 3);
    b->vga.dac_mask = 0x0f;
    c = vga_colors(&b->vga);
    assert_int_equal(c.rgb[0xda], 0xffaa55);
}

static void test_blank_screen(void **state)
{
    struct bench *b = *state;
    draw(b); /* nothing programmed */
    assert_int_equal(b->frame.width, 720);
    assert_int_equal(b->frame.height, 400);
    assert_int_equal(b->frame.pixels[0], 0);
    set_text(b, 1, 1);
    put_char(b, 0, ' ', 0x70);
    EXPECT(b, ROW4("77777777"));
    b->vga.ar_index = 0;
    EXPECT(b, ROW4("00000000"));
    b->vga.ar_index = AR_INDEX_PALETTE_SOURCE;
    b->vga.sr[SR_CLOCKING_MODE] |= SR_CLOCKING_SCREEN_OFF;
    EXPECT(b, ROW4("00000000"));
}

static void test_no_room(void **state)
{
    struct bench *b = *state;
    set_text(b, 2, 2);
    b->frame.room = 16 * 8 - 1;
    b->frame.pixels[0] = 0x123456;
    assert_false(vga_draw(&b->vga, &b->frame));
    assert_int_equal(b->frame.width, 16);
    assert_int_equal(b->frame.height, 8);
    assert_int_equal(b->frame.pixels[0], 0x123456);
    b->frame.room++;
    assert_true(vga_draw(&b->vga, &b->frame));
}

static void test_text(void **state)
{
    struct bench *b = *state;
    char buf[64];
    set_text(b, 4, 3);
    put_char(b, 0, 'H', 7);
    put_char(b, 1, 'i', 7);
    put_char(b, 2, ' ', 7);
    put_char(b, 9, 0xc9, 7);  /* double corner: U+2554 */
    put_char(b, 10, 0x81, 7); /* u with diaeresis: U+00FC */
    assert_int_equal(vga_text(&b->vga, buf, sizeof(buf)), 3 + 1 + 7);
    assert_string_equal(buf, "Hi\n\n \xe2\x95\x94\xc3\xbc\n");
    assert_int_equal(vga_text(&b->vga, buf, 3), 2);
    assert_string_equal(buf, "Hi");
    assert_int_equal(vga_text(&b->vga, buf, 1), 0);
    b->vga.gr[GR_MISC] = GR_MISC_GRAPHICS;
    assert_int_equal(vga_text(&b->vga, buf, sizeof(buf)), 0);
    assert_string_equal(buf, "");
}

/* Graphics. A screen `bytes` character clocks wide. */

static void set_graphics(struct bench *b, u8 bytes, u8 lines)
{
    struct vga *s = &b->vga;
    set_text(b, bytes, 1);
    s->gr[GR_MISC] = GR_MISC_GRAPHICS;
    s->cr[CR_VERTICAL_DISPLAY_END] = (u8)(lines - 1);
    s->cr[CR_MAXIMUM_SCAN_LINE] = CR_MAXIMUM_LINE_COMPARE_9;
    s->cr[CR_UNDERLINE_LOCATION] = 0;
    s->cr[CR_MODE_CONTROL] |= CR_MODE_BYTE;
}

static void put_planes(struct bench *b, u32 addr, u8 p0, u8 p1, u8 p2, u8 p3)
{
    *plane(b, addr, 0) = p0;
    *plane(b, addr, 1) = p1;
    *plane(b, addr, 2) = p2;
    *plane(b, addr, 3) = p3;
}

static void test_planar_graphics(void **state)
{
    struct bench *b = *state;
    set_graphics(b, 2, 2);
    put_planes(b, 0, 0xaa, 0xcc, 0xf0, 0x00);
    put_planes(b, 1, 0xaa, 0xcc, 0xf0, 0xff);
    put_planes(b, 2, 0x00, 0x00, 0x00, 0x81);
    EXPECT(b, "76543210FEDCBA98", "8000000800000000");
}

static void test_cga_graphics(void **state)
{
    struct bench *b = *state;
    set_graphics(b, 2, 4);
    b->vga.gr[GR_MODE] = GR_MODE_SHIFT_INTERLEAVE | GR_MODE_ODD_EVEN;
    b->vga.cr[CR_MAXIMUM_SCAN_LINE] |= 1;
    b->vga.cr[CR_OFFSET] = 1;                                                 /* two words a row */
    b->vga.cr[CR_MODE_CONTROL] &= (u8) ~(CR_MODE_BYTE | CR_MODE_RA0_NOT_A13); /* word mode, odd lines 8 KiB up */
    put_planes(b, 0, 0x1b, 0xe4, 0, 0);
    put_planes(b, 2, 0xff, 0x00, 0, 0);
    put_planes(b, 0x2000, 0x55, 0xaa, 0, 0);
    put_planes(b, 4, 0x80, 0x01, 0, 0);
    EXPECT(b, "0123321033330000", "1111222200000000", "2000000100000000", "0000000000000000");
}

static void test_256_colors(void **state)
{
    struct bench *b = *state;
    set_graphics(b, 2, 2);
    b->vga.gr[GR_MODE] = GR_MODE_256_COLOR;
    b->vga.cr[CR_UNDERLINE_LOCATION] = CR_UNDERLINE_DOUBLEWORD; /* as mode 13h: addresses four apart */
    b->vga.ar[5] = 0;                                           /* the palette is not in the way */
    put_planes(b, 0, 1, 2, 3, 4);
    put_planes(b, 4, 5, 6, 7, 8);
    put_planes(b, 8, 9, 10, 11, 12);
    EXPECT(b, "1122334455667788", "99AABBCC00000000");
    b->vga.cr[CR_UNDERLINE_LOCATION] = 0; /* unchained: one address after the other */
    put_planes(b, 1, 13, 14, 15, 0);
    EXPECT(b, "11223344DDEEFF00", DARK);
    b->vga.ar[AR_PEL_PANNING] = 2; /* one pixel */
    draw(b);
    assert_int_equal(color_at(b, 0, 0), 2);
    assert_int_equal(color_at(b, 15, 0), 0);
}

static void test_lines_doubled_by_mode_control(void **state)
{
    struct bench *b = *state;
    set_graphics(b, 1, 2);
    b->vga.cr[CR_MODE_CONTROL] |= CR_MODE_LINES_DOUBLED;
    b->vga.cr[CR_OFFSET] = 1;
    put_planes(b, 0, 0xff, 0, 0, 0);
    put_planes(b, 2, 0, 0xff, 0, 0);
    EXPECT(b, "11111111", "11111111", "22222222", "22222222");
}

/* Bochs display interface. */

static void set_dispi(struct bench *b, u16 width, u16 height, u16 bpp)
{
    set_colors(b);
    vga_dispi_write(&b->vga, DISPI_ENABLE, 0);
    vga_dispi_write(&b->vga, DISPI_XRES, width);
    vga_dispi_write(&b->vga, DISPI_YRES, height);
    vga_dispi_write(&b->vga, DISPI_BPP, bpp);
    vga_dispi_write(&b->vga, DISPI_ENABLE, DISPI_ENABLED);
}

static u32 pixel(struct bench *b, u32 x, u32 y)
{
    draw(b);
    return b->frame.pixels[y * b->frame.width + x];
}

static void test_linear_depths(void **state)
{
    static const u8 bytes[] = { 0x34, 0x5a, 0x7e, 0x00 };
    static const struct {
        u16 bpp;
        u32 little, big;
    } want[] = { { 8, 0xd3d3d3, 0xd3d3d3 },
                 { 15, 0xb58ca5, 0x6b10d6 },
                 { 16, 0x5a45a5, 0x318ad6 },
                 { 24, 0x7e5a34, 0x345a7e },
                 { 32, 0x7e5a34, 0x5a7e00 } };
    struct bench *b = *state;
    for (unsigned i = 0; i < ARRAY_LEN(want); i++) {
        u32 size = (want[i].bpp + 7u) / 8;
        set_dispi(b, 16, 4, want[i].bpp);
        memcpy(b->vga.vram.host + (2 * 16 + 5) * size, bytes, size);
        b->vga.big_endian = false;
        assert_int_equal(pixel(b, 5, 2), want[i].little);
        b->vga.big_endian = true;
        assert_int_equal(pixel(b, 5, 2), want[i].big);
        assert_int_equal(b->frame.width, 16);
        assert_int_equal(b->frame.height, 4);
    }
}

static void test_linear_panning(void **state)
{
    struct bench *b = *state;
    set_dispi(b, 16, 4, 32);
    vga_dispi_write(&b->vga, DISPI_VIRT_WIDTH, 64);
    vga_dispi_write(&b->vga, DISPI_X_OFFSET, 7);
    vga_dispi_write(&b->vga, DISPI_Y_OFFSET, 100);
    put_le32(b->vga.vram.host + 4 * ((100 + 2) * 64 + 7 + 5), 0xff123456);
    assert_int_equal(pixel(b, 5, 2), 0x123456);
}

static void test_dispi_planes(void **state)
{
    struct bench *b = *state;
    set_dispi(b, 16, 2, 4);
    put_planes(b, 0, 0xaa, 0xcc, 0xf0, 0x00);
    put_planes(b, 1, 0xaa, 0xcc, 0xf0, 0xff);
    put_planes(b, 3, 0x00, 0x00, 0x00, 0x81);
    EXPECT(b, "76543210FEDCBA98", "0000000080000008");
    vga_dispi_write(&b->vga, DISPI_VIRT_WIDTH, 32);
    vga_dispi_write(&b->vga, DISPI_X_OFFSET, 3);
    draw(b);
    assert_int_equal(color_at(b, 0, 0), 4);
    assert_int_equal(color_at(b, 5, 0), 15);
}

static void test_largest_linear_picture(void **state)
{
    struct bench *b = *state;
    set_dispi(b, 4096, 1024, 32);
    b->vga.vram.host[VGA_VRAM_SIZE - 4] = 0x99;
    assert_int_equal(pixel(b, 4095, 1023), 0x99);
}

/* Whatever the registers hold, nothing outside video memory is read and nothing outside the frame is written. */

static u16 random16(u64 *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (u16)(*seed >> 40);
}

static void random_bytes(u64 *seed, u8 *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        p[i] = (u8)random16(seed);
}

static void random_adapter(struct vga *s, u64 *seed)
{
    random_bytes(seed, s->sr, sizeof(s->sr));
    random_bytes(seed, s->gr, sizeof(s->gr));
    random_bytes(seed, s->ar, sizeof(s->ar));
    random_bytes(seed, s->cr, sizeof(s->cr));
    random_bytes(seed, &s->dac_mask, 1);
    s->ar_index = AR_INDEX_PALETTE_SOURCE;
    s->sr[SR_RESET] = SR_RESET_RUNNING;
    s->sr[SR_CLOCKING_MODE] &= (u8)~SR_CLOCKING_SCREEN_OFF;
    s->cr[CR_MODE_CONTROL] |= CR_MODE_RUNNING;
    s->big_endian = random16(seed) & 1;
    for (unsigned i = 0; i < VGA_DISPI_COUNT; i++)
        s->dispi[i] = random16(seed);
    s->dispi[DISPI_ENABLE] &= random16(seed) & 1 ? 0xffff : 0xfffe;
    if (random16(seed) & 1) /* small pictures far down: their offsets and pitch matter */
        s->dispi[DISPI_XRES] &= 0xff, s->dispi[DISPI_YRES] &= 0xff;
}

static void test_fuzz(void **state)
{
    struct bench *b = *state;
    u64 seed = 20;
    char text[512];
    unsigned drawn = 0;
    u8 *heap = malloc(VGA_VRAM_SIZE), *pool = b->vga.vram.host; /* heap blocks have walls that the sanitizer watches */
    assert_non_null(heap);
    memset(heap, 0x5a, VGA_VRAM_SIZE);
    b->vga.vram.host = heap;
    free(b->frame.pixels);
    for (unsigned i = 0; i < 400; i++) {
        random_adapter(&b->vga, &seed);
        b->frame = (struct vga_frame){ 0 };
        assert_false(vga_draw(&b->vga, &b->frame)); /* asks for the size */
        assert_in_range(b->frame.width, 1, VGA_FRAME_MAX_WIDTH);
        assert_in_range(b->frame.height, 1, VGA_FRAME_MAX_HEIGHT);
        size_t room = (size_t)b->frame.width * b->frame.height;
        assert_true(vga_text(&b->vga, text, sizeof(text)) < sizeof(text));
        if (room > 2000000 && i % 8)
            continue; /* few large ones: time */
        b->frame.pixels = malloc(room * sizeof(u32));
        b->frame.room = room;
        assert_non_null(b->frame.pixels);
        assert_true(vga_draw(&b->vga, &b->frame));
        free(b->frame.pixels);
        drawn++;
    }
    assert_true(drawn > 200);
    b->frame.pixels = NULL;
    b->vga.vram.host = pool;
    free(heap);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_characters),
        TEST(test_nine_dots),
        TEST(test_dot_clock_halved),
        TEST(test_intensity_and_blink),
        TEST(test_cursor),
        TEST(test_two_fonts),
        TEST(test_underline),
        TEST(test_start_and_offset),
        TEST(test_line_compare_and_panning),
        TEST(test_nine_dot_panning),
        TEST(test_double_scan),
        TEST(test_palette),
        TEST(test_blank_screen),
        TEST(test_no_room),
        TEST(test_text),
        TEST(test_planar_graphics),
        TEST(test_cga_graphics),
        TEST(test_256_colors),
        TEST(test_lines_doubled_by_mode_control),
        TEST(test_linear_depths),
        TEST(test_linear_panning),
        TEST(test_dispi_planes),
        TEST(test_largest_linear_picture),
        TEST(test_fuzz),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
