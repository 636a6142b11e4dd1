/* services.c: the functions that do not draw. What the documents say comes as PASS or FAIL, what they leave open as a
 * line to be compared. */
#include "image.h"

#define BDA_LAST_ROW 0x484
#define BDA_CELL_HEIGHT 0x485
#define BDA_CONTROL 0x487
#define BDA_OPTIONS 0x489
#define BDA_SAVE_POINTERS 0x4a8

static u8 table[1024];

static u8 crtc(u8 index)
{
    outb(0x3d4, index);
    return inb(0x3d5);
}

static u16 crtc_pair(u8 index)
{
    return (u16)(crtc(index) << 8 | crtc((u8)(index + 1)));
}

static bool equal(const u8 *a, const u8 *b, u16 n)
{
    while (n--)
        if (*a++ != *b++)
            return false;
    return true;
}

/* ---- 01, 02, 03, 05 ---- */

static void test_cursor(void)
{
    static const u16 shapes[] = {
        0x0607, 0x0707, 0x0007, 0x0407, 0x0305, 0x0506, 0x0000, 0x0104, 0x2000, 0x0d0e, 0x0a0b
    };
    call(3, 0, 0, 0);
    for (u8 i = 0; i < ARRAY_LEN(shapes); i++) {
        set_prefix("cursor", shapes[i] & 0xfff);
        call(0x0100, 0, shapes[i], 0);
        line_value("shape", (u32)shapes[i] << 16 | crtc_pair(0x0a));
        check("01, 03: the shape is told as it was given", (u16)call(0x0300, 0, 0, 0).ecx == shapes[i]);
    }
    check("04: there is no light pen", (call(0x04ff, 0, 0, 0).eax >> 8 & 0xff) == 0);
    call(0x1201, 0x0034, 0, 0);
    call(0x0100, 0, 0x0607, 0);
    check("1234: without emulation lines are lines", crtc_pair(0x0a) == 0x0607);
    call(0x1200, 0x0034, 0, 0);
    call(0x0200, 0x0000, 0, 0x0a14);
    check("02: the CRTC has the cursor's address", crtc_pair(0x0e) == 10 * 80 + 20);
    call(0x0200, 0x0300, 0, 0x0102);
    check("02: on another page it stays", crtc_pair(0x0e) == 10 * 80 + 20);
    check("03: each page has its own",
          (u16)call(0x0300, 0x0300, 0, 0).edx == 0x0102 && (u16)call(0x0300, 0, 0, 0).edx == 0x0a14);
    call(0x0503, 0, 0, 0);
    check("05: start address of page 3", crtc_pair(0x0c) == 3 * 0x800);
    check("05: its cursor", crtc_pair(0x0e) == 3 * 0x800 + 82);
    check("0f: the page is told", (call(0x0f00, 0, 0, 0).ebx >> 8 & 0xff) == 3);
    call(0x0941, 0x0311, 1, 0);
    check("09: on page 3", get_far16(0xb800, 3 * 0x1000 + 82 * 2) == 0x1141);
    check("08: from page 3", (u16)call(0x0800, 0x0300, 0, 0).eax == 0x1141);
}

/* ---- 10 ---- */

static void fill_table(u16 n, u8 step)
{
    for (u16 i = 0; i < n; i++)
        table[i] = (u8)(i * step + 3);
}

static void test_palette(void)
{
    static u8 other[1024];
    call(3, 0, 0, 0);
    call(0x1000, 0x2a05, 0, 0);
    check("1000, 1007: one register", (call(0x1007, 0x0005, 0, 0).ebx >> 8 & 0xff) == 0x2a);
    call(0x1001, 0x1100, 0, 0);
    check("1001, 1008: the border", (call(0x1008, 0, 0, 0).ebx >> 8 & 0xff) == 0x11);
    for (u8 i = 0; i < 17; i++)
        table[i] = (u8)(i * 3);
    call_with(0x1002, 0, 0, (u16)(u32)table, NULL);
    call_with(0x1009, 0, 0, (u16)(u32)other, NULL);
    check("1002, 1009: all registers", equal(table, other, 17));
    call(0x1003, 0, 0, 0);
    check("1003: intensity", !((call(0x1007, 0x0010, 0, 0).ebx >> 8) & 8));
    call(0x1003, 1, 0, 0);
    check("1003: blinking", (call(0x1007, 0x0010, 0, 0).ebx >> 8) & 8);
    call(0x1010, 0x0042, 0x0203, 0x0100);
    struct registers r = call(0x1015, 0x0042, 0, 0);
    check("1010, 1015: one colour", (u16)r.ecx == 0x0203 && (r.edx >> 8 & 0xff) == 1);
    fill_table(3 * 16, 1);
    call_with(0x1012, 0x0080, 16, (u16)(u32)table, NULL);
    call_with(0x1017, 0x0080, 16, (u16)(u32)other, NULL);
    check("1012, 1017: a block of colours", equal(table, other, 48));
    call(0x101b, 0x0080, 4, 0);
    r = call(0x1015, 0x0081, 0, 0);
    check("101b: sums of gray", (u8)r.ecx == (u8)(r.ecx >> 8) && (u8)r.ecx == (u8)(r.edx >> 8));
    line_value("gray", r.ecx & 0xffff);
    call(0x1013, 0x0100, 0, 0);
    call(0x1013, 0x0501, 0, 0);
    check("1013, 101a: pages of 16", (u16)call(0x101a, 0, 0, 0).ebx == 0x0501);
    call(0x1013, 0x0000, 0, 0);
    call(0x1013, 0x0201, 0, 0);
    check("1013, 101a: pages of 64", (u16)call(0x101a, 0, 0, 0).ebx == 0x0200);
    call(0x1018, 0x000f, 0, 0);
    check("1018: the mask", inb(0x3c6) == 0x0f || inb(0x3c6) == 0);
    call(0x1018, 0x00ff, 0, 0);
}

/* ---- 0b ---- */

static void test_cga_colors(void)
{
    static const u8 backgrounds[] = { 1, 9, 0x12, 0x1f };
    call(4, 0, 0, 0);
    for (u8 i = 0; i < sizeof backgrounds; i++) {
        set_prefix("0b00", backgrounds[i]);
        call(0x0b00, backgrounds[i], 0, 0);
        call_with(0x1009, 0, 0, (u16)(u32)table, NULL);
        line_bytes("palette", table, 17);
    }
    for (u8 i = 0; i < 2; i++) {
        set_prefix("0b01", i);
        call(0x0b00, (u16)(0x0100 | i), 0, 0);
        call_with(0x1009, 0, 0, (u16)(u32)table, NULL);
        line_bytes("palette", table, 17);
    }
}

/* ---- 11 ---- */

static void rows_are(const char *name, u8 height, u8 rows)
{
    check(name, get_far8(0, BDA_LAST_ROW) == rows - 1 && get_far8(0, BDA_CELL_HEIGHT) == height &&
                    (crtc(9) & 0x1f) == height - 1);
    line_value("page size", get_far16(0, 0x44c));
    line_value("cursor", crtc_pair(0x0a));
    line_value("display end", crtc(0x12));
}

static u32 plane_2(u16 at)
{
    outw(0x3c4, 0x0604);
    outw(0x3ce, 0x0204);
    outw(0x3ce, 0x0005);
    outw(0x3ce, 0x0406);
    u32 value = get_far32(0xa000, at);
    outw(0x3c4, 0x0204);
    outw(0x3ce, 0x0004);
    outw(0x3ce, 0x1005);
    outw(0x3ce, 0x0e06);
    return value;
}

static void test_fonts(void)
{
    set_prefix("font", 0);
    call(3, 0, 0, 0);
    call(0x1112, 0, 0, 0);
    rows_are("1112: 50 rows of 8", 8, 50);
    call(0x1111, 0, 0, 0);
    rows_are("1111: 28 rows of 14", 14, 28);
    call(0x1114, 0, 0, 0);
    rows_are("1114: 25 rows of 16", 16, 25);
    test_font_make(10);
    call_with(0x1110, 0x0a00, 256, 0, test_font);
    rows_are("1110: 40 rows of a font of 10", 10, 40);
    check("1110: is loaded", plane_2('A' * 32) == *(u32 *)(test_font + 'A' * 10));
    call(3, 0, 0, 0);
    call_with(0x1100, 0x1002, 16, 0x0030, test_font);
    check("1100: 16 characters into block 2", plane_2(0x8000 + 0x31 * 32) == *(u32 *)(test_font + 16));
    check("1100: the rest stays", crtc(9) == 0x4f);
    call(0x1103, 0x0005, 0, 0);
    outb(0x3c4, 3);
    check("1103: character map select", inb(0x3c5) == 5);
    call(0x1103, 0, 0, 0);
    for (u8 i = 0; i <= 7; i++) {
        struct registers r = call(0x1130, (u16)(i << 8), 0, 0);
        set_prefix("1130", i);
        line_value("height and rows", (r.ecx & 0xffff) << 16 | (r.edx & 0xff));
        table[i] = get_far8(r.es, (u16)r.ebp);
    }
    struct registers r = call(0x1130, 0x0600, 0, 0);
    check("1130: the font of 16 lines is there", plane_2('R' * 32 + 4) == get_far32(r.es, (u16)(r.ebp + 'R' * 16 + 4)));
    r = call(0x1130, 0x0100, 0, 0);
    check("1130: vector 43", r.es == get_far16(0, 0x43 * 4 + 2) && (u16)r.ebp == get_far16(0, 0x43 * 4));
    call(0x12, 0, 0, 0);
    call(0x1123, 2, 0, 0);
    check("1123: graphics with the font of 8", get_far8(0, BDA_CELL_HEIGHT) == 8 && get_far8(0, BDA_LAST_ROW) == 24);
}

/* ---- 12 ---- */

static void test_alternate(void)
{
    call(3, 0, 0, 0);
    struct registers r = call(0x1200, 0x0010, 0, 0);
    check("1210: colour, 256 KiB", (u16)r.ebx == 0x0003);
    line_value("1210 switches", r.ecx & 0xffff);
    static const struct {
        u8 code, height, end;
    } lines[] = { { 0, 8, 0x8f }, { 1, 14, 0x5d }, { 2, 16, 0x8f } };
    for (u8 i = 0; i < ARRAY_LEN(lines); i++) {
        set_prefix("1230", i);
        check("1230: is supported", (u8)call((u16)(0x1200 | lines[i].code), 0x0030, 0, 0).eax == 0x12);
        call(3, 0, 0, 0);
        check("1230: cells of the next text mode", get_far8(0, BDA_CELL_HEIGHT) == lines[i].height);
        check("1230: its scan lines", crtc(0x12) == lines[i].end && get_far8(0, BDA_LAST_ROW) == 24);
    }
    call(0x1000, 0x2a05, 0, 0);
    call(0x1201, 0x0031, 0, 0);
    call(3, 0, 0, 0);
    check("1231: a mode keeps the palette", (call(0x1007, 0x0005, 0, 0).ebx >> 8 & 0xff) == 0x2a);
    call(0x1200, 0x0031, 0, 0);
    call(3, 0, 0, 0);
    check("1231: a mode loads the palette", (call(0x1007, 0x0005, 0, 0).ebx >> 8 & 0xff) == 0x05);
    call(0x1201, 0x0032, 0, 0);
    check("1232: memory does not answer", !(inb(0x3cc) & 2));
    call(0x1200, 0x0032, 0, 0);
    check("1232: memory answers", inb(0x3cc) & 2);
    call(0x1200, 0x0033, 0, 0);
    call(3, 0, 0, 0);
    r = call(0x1015, 1, 0, 0);
    check("1233: gray from a mode on", (u8)r.ecx == (u8)(r.ecx >> 8) && (u8)r.ecx == (u8)(r.edx >> 8));
    call(0x1201, 0x0033, 0, 0);
    call(3, 0, 0, 0);
    call(0x1201, 0x0036, 0, 0);
    outb(0x3c4, 1);
    check("1236: dark", inb(0x3c5) & 0x20);
    call(0x1200, 0x0036, 0, 0);
    outb(0x3c4, 1);
    check("1236: lit", !(inb(0x3c5) & 0x20));
}

/* ---- 1a, 1b, 1c, 4a8 ---- */

static void test_information(void)
{
    set_prefix("info", 0);
    call(3, 0, 0, 0);
    struct registers r = call(0x1a00, 0, 0, 0);
    check("1a00: a VGA with a colour display alone", (u8)r.eax == 0x1a && (u16)r.ebx == 0x0008);
    call(0x1a01, 0x0007, 0, 0);
    check("1a01: what is set is told", (u16)call(0x1a00, 0, 0, 0).ebx == 0x0007);
    call(0x1a01, 0x0008, 0, 0);
    r = call_with(0x1b00, 0, 0, 0, table);
    check("1b: is there", (u8)r.eax == 0x1b);
    check("1b: mode, columns, cells", table[4] == 3 && table[5] == 80 && table[0x22] == 24 && table[0x23] == 16);
    check("1b: colours, pages, lines, memory",
          table[0x25] == 8 && table[0x27] == 16 && table[0x29] == 8 && table[0x2a] == 2 && table[0x31] == 3);
    line_bytes("state", table + 4, 60);
    u16 at = *(u16 *)table, segment = *(u16 *)(table + 2);
    for (u8 i = 0; i < 16; i++)
        table[i] = get_far8(segment, (u16)(at + i));
    check("1b: modes 0 to 7, 0d to 13", table[0] == 0xff && (table[1] & 0xe0) == 0xe0 && (table[2] & 0x0f) == 0x0f);
    line_bytes("static", table, 16);
    at = get_far16(0, BDA_SAVE_POINTERS);
    segment = get_far16(0, BDA_SAVE_POINTERS + 2);
    u16 parameters = get_far16(segment, at), parameters_segment = get_far16(segment, (u16)(at + 2));
    static const u8 expected[] = { 0x50, 0x18, 0x10, 0x00, 0x10, 0x00, 0x03, 0x00, 0x02, 0x67, 0x5f, 0x4f };
    for (u8 i = 0; i < sizeof expected; i++)
        table[i] = get_far8(parameters_segment, (u16)(parameters + 0x18 * 64 + i));
    check("4a8: the parameters of mode 3 in row 18", equal(table, expected, sizeof expected));
}

static void test_state(void)
{
    static u8 saved[2048];
    call(3, 0, 0, 0);
    u16 blocks = (u16)call(0x1c00, 0, 7, 0).ebx;
    check("1c00: a size", blocks >= 14 && blocks <= sizeof saved / 64);
    call(0x0200, 0, 0, 0x0507);
    call(0x1000, 0x1203, 0, 0);
    call(0x1010, 0x0007, 0x1122, 0x3300);
    struct registers r = { 0x1c01, (u32)saved, 7, 0, 0, 0, 0, 0 };
    video(&r);
    check("1c01: is there", (u8)r.eax == 0x1c);
    call(0x12, 0, 0, 0);
    r = (struct registers){ 0x1c02, (u32)saved, 7, 0, 0, 0, 0, 0 };
    video(&r);
    check("1c02: is there", (u8)r.eax == 0x1c);
    check("1c02: the mode", get_far8(0, 0x449) == 3 && crtc(9) == 0x4f && crtc(1) == 0x4f);
    check("1c02: the cursor", (u16)call(0x0300, 0, 0, 0).edx == 0x0507);
    check("1c02: the palette", (call(0x1007, 3, 0, 0).ebx >> 8 & 0xff) == 0x12);
    r = call(0x1015, 7, 0, 0);
    check("1c02: the colours", (u16)r.ecx == 0x1122 && (r.edx >> 8 & 0xff) == 0x33);
    call(3, 0, 0, 0);
}

void test_services(void)
{
    test_cursor();
    test_palette();
    test_cga_colors();
    test_fonts();
    test_alternate();
    test_information();
    test_state();
}
