/* test_vga_draw.c: the VGA's picture in text modes: characters, cursor, fonts, panning, palette. Graphics:
 * test_vga_modes.c. */
#include "vga_draw_bench.h"

#define FRAME_NS 14268061 /* text mode 3's, which also stands in for the small screens' impossible timing */

/* Characters lie at even addresses, as odd/even addressing puts them. */
static void put_char(struct bench *b, unsigned cell, u8 code, u8 attribute)
{
    *plane(b, 2 * cell, 0) = code;
    *plane(b, 2 * cell, 1) = attribute;
}

#define ROW4(r) r, r, r, r

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_characters),          TEST(test_nine_dots),        TEST(test_dot_clock_halved),
        TEST(test_intensity_and_blink), TEST(test_cursor),           TEST(test_two_fonts),
        TEST(test_underline),           TEST(test_start_and_offset), TEST(test_line_compare_and_panning),
        TEST(test_nine_dot_panning),    TEST(test_double_scan),      TEST(test_palette),
        TEST(test_blank_screen),        TEST(test_no_room),          TEST(test_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
