/* modes.c: each mode of the adapter: registers, colours, data area after setting it; then every function that draws,
 * with a sum of the memory after each. A font of the test's own is loaded first, so that the ROMs' fonts do not matter.
 */
#include "image.h"

#define HELLO "Hello, World! 0123 abc\r\nsecond\nline\b\b!"

u8 test_font[256 * 16];

/* No two glyphs are equal, and 0 and 32 are blank. */
void test_font_make(u8 height)
{
    for (u16 i = 0; i < 256; i++)
        for (u8 y = 0; y < height; y++)
            test_font[i * height + y] = (u8)(i == 0 || i == 32 ? 0 : y == 1 ? i : y == 2 ? ~i : i * 7 + y * 29);
}

static bool is_text(u8 mode)
{
    return mode < 4 || mode == 7;
}

static void load_font(u8 mode, u8 height)
{
    test_font_make(height);
    if (is_text(mode)) {
        call_with(0x1100, (u16)(height << 8), 256, 0, test_font);
        return;
    }
    u8 rows = (u8)(get_far8(0, 0x484) + 1);
    call_with(0x1121, 0, height, rows, test_font);
    call_with(0x1120, 0, 0, 0, test_font + 128 * height);
}

static void teletype(const char *text, u8 color)
{
    while (*text)
        call((u16)(0x0e00 | (u8)*text++), color, 0, 0);
}

static void cursor_at(u8 row, u8 column)
{
    call(0x0200, 0, 0, (u16)(row << 8 | column));
}

static void read_back(const char *name, u8 row, u8 column)
{
    cursor_at(row, column);
    line_value(name, call(0x0800, 0, 0, 0).eax & 0xffff);
}

static void draw_characters(void)
{
    teletype(HELLO, 0x0e);
    cursor_at(10, 4);
    call(0x0941, 0x001b, 50, 0);
    cursor_at(11, 36);
    call(0x0ac5, 0x0005, 9, 0);
    cursor_at(3, 3);
    call(0x09e1, 0x008b, 3, 0); /* exclusive or, in graphics */
    call(0x09e2, 0x008b, 2, 0);
    read_back("read", 0, 4);
    read_back("read upper", 11, 38);
    read_back("read blank", 20, 20);
    call_with(0x1300, 0x0003, 5, 0x0c03, "String");
    call_with(0x1303, 0x0003, 3, 0x0d03,
              "a\x01"
              "b\x02"
              "c\x03");
    look_memory("characters");
    line_value("cursor", call(0x0300, 0, 0, 0).edx & 0xffff);
}

static void draw_scrolls(void)
{
    call(0x0602, 0x0100, 0x0102, 0x0c24);
    look_memory("scroll up");
    call(0x0703, 0x0200, 0x0004, 0x0f1d);
    look_memory("scroll down");
    call(0x0600, 0x0300, 0x1203, 0x1307);
    call(0x0632, 0x0400, 0x1100, 0x1205);
    look_memory("scroll too far");
    cursor_at(24, 38);
    teletype("wrap around\n\n", 0x03);
    look_memory("scroll by teletype");
    line_value("cursor after", call(0x0300, 0, 0, 0).edx & 0xffff);
}

static void draw_dots(void)
{
    u32 sum = 0;
    for (u16 x = 0; x < 320; x += 3)
        for (u16 y = 0; y < 200; y += 17)
            call((u16)(0x0c00 | ((x ^ y) & 0x0f)), 0, x, y);
    look_memory("dots");
    for (u16 x = 0; x < 100; x++)
        call(0x0c83, 0, x, 50);
    look_memory("dots xor");
    for (u16 x = 0; x < 320; x += 11)
        sum = hash(sum, call(0x0d00, 0, x, 51).eax & 0xff);
    line_value("dots read", sum);
}

static void test_mode(u8 mode)
{
    set_prefix("mode", mode);
    line_value("set", call(mode, 0, 0, 0).eax & 0xff);
    look_registers();
    look_palette("dac");
    look_bda();
    struct registers r = call(0x0f00, 0, 0, 0);
    line_value("get mode", r.eax & 0xffff);
    load_font(mode, (u8)get_far8(0, 0x485));
    look_memory("cleared");
    draw_characters();
    draw_scrolls();
    if (!is_text(mode))
        draw_dots();
    call((u16)(mode | 0x80), 0, 0, 0);
    look_bda();
    load_font(mode, (u8)get_far8(0, 0x485));
    look_memory("set without clearing");
}

void test_modes(void)
{
    static const u8 modes[] = { 0, 1, 2, 3, 4, 5, 6, 0x0d, 0x0e, 0x10, 0x11, 0x12, 0x13, 0x0f, 7 };
    for (u8 i = 0; i < sizeof modes; i++)
        test_mode(modes[i]);
}
