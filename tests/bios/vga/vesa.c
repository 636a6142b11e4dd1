/* vesa.c: VBE: what functions 00 and 01 say of each mode; then modes of each depth, set and used; the monitor. */
#include "image.h"

#define LINEAR 0x4000
#define NO_CLEAR 0x8000
#define WINDOW 0xa000
#define CORNER_LINES 64
#define CORNER_BYTES 1024

struct PACKED mode_info {
    u16 attributes;
    u8 window_a, window_b;
    u16 granularity, window_size, segment_a, segment_b;
    u32 window_function;
    u16 pitch, width, height;
    u8 cell_width, cell_height, planes, bpp, banks, memory_model, bank_size, pages, reserved;
    u8 fields[9];
    u32 frame_buffer;
    u8 rest[256 - 44];
};

static u8 block[512];
static struct mode_info info;

static bool done(struct registers r)
{
    return (u16)r.eax == 0x004f;
}

static struct registers vesa(u8 function, u16 bx, u16 cx, u16 dx)
{
    return call((u16)(0x4f00 | function), bx, cx, dx);
}

static bool get_info(u16 mode)
{
    return done(call_with(0x4f01, 0, mode, 0, &info));
}

/* ---- 00, 01 ---- */

static void test_controller(void)
{
    for (u16 i = 0; i < sizeof block; i++)
        block[i] = 0x5a;
    check("4f00: is there", done(call_with(0x4f00, 0, 0, 0, block)));
    check("4f00: an old caller has 256 bytes", block[256] == 0x5a && block[511] == 0x5a);
    block[0] = 'V', block[1] = 'B', block[2] = 'E', block[3] = '2';
    check("4f00: for version 2", done(call_with(0x4f00, 0, 0, 0, block)) && *(u32 *)block == 0x41534556);
    check("4f00: version 3, 16 MiB", block[5] == 3 && *(u16 *)(block + 18) == 256);
    check("4f00: the DAC has a width", block[10] & 1);
    check("4f00: names",
          get_far8(*(u16 *)(block + 8), *(u16 *)(block + 6)) && get_far8(*(u16 *)(block + 28), *(u16 *)(block + 26)));
}

static void tell_mode(u16 mode)
{
    set_prefix("vbe", mode);
    line_value("4f01", get_info(mode));
    line_value("attributes", info.attributes);
    line_value("width", info.width);
    line_value("height", info.height);
    line_value("pitch", info.pitch);
    line_bytes("window", &info.window_a, 10);
    line_bytes("cell, planes, bpp, banks, model", &info.cell_width, 7);
    line_value("pages", info.pages);
    line_bytes("fields", info.fields, 9);
    line_value("frame buffer", info.frame_buffer);
}

static void test_list(void)
{
    u16 at = *(u16 *)(block + 14), segment = *(u16 *)(block + 16), n = 0, mode;
    for (; n < 256 && (mode = get_far16(segment, at)) != 0xffff; n++, at = (u16)(at + 2))
        tell_mode(mode);
    set_prefix("vbe", 0);
    check("4f00: the list ends", n > 20 && n < 256);
    check("4f01: of no mode", (u16)call_with(0x4f01, 0, 0x1ff, 0, block).eax == 0x014f);
    check("4f02: no mode", (u16)vesa(2, 0x1ff, 0, 0).eax == 0x014f);
}

/* ---- 02 to 08 in one mode ---- */

static void bank(u16 n)
{
    vesa(5, 0, 0, n);
}

/* Of the upper left corner, through the window, in banks. */
static u32 picture_sum(void)
{
    u32 sum = HASH_START;
    u16 open = 0xffff, bytes = info.pitch < CORNER_BYTES ? info.pitch : CORNER_BYTES;
    for (u16 y = 0; y < CORNER_LINES; y++)
        for (u32 at = (u32)info.pitch * y; at < (u32)info.pitch * y + bytes; at += 4) {
            if ((u16)(at >> 16) != open)
                bank(open = (u16)(at >> 16));
            sum = hash(sum, get_far32(WINDOW, (u16)at));
        }
    bank(0);
    return sum;
}

static bool picture_clear(void)
{
    u32 bytes = (u32)info.pitch * info.height;
    for (u32 at = 0; at < 0x10000 && at < bytes; at += 4)
        if (get_far32(WINDOW, (u16)at))
            return false;
    return true;
}

static void test_window(void)
{
    bank(1);
    set_far32(WINDOW, 0x1234, 0xa55a1234);
    bank(0);
    set_far32(WINDOW, 0x1234, 0x01020304);
    bank(1);
    check("4f05: two banks", get_far32(WINDOW, 0x1234) == 0xa55a1234);
    check("4f05: which one", (u16)vesa(5, 0x0100, 0, 0).edx == 1);
    set_far32(WINDOW, 0x1234, 0);
    far_call(info.window_function, 0, 2);
    check("4f05: the function that the mode points to", (u16)vesa(5, 0x0100, 0, 0).edx == 2);
    bank(0);
    set_far32(WINDOW, 0x1234, 0);
    check("4f05: there is no second window", (u16)vesa(5, 0x0001, 0, 0).eax != 0x004f);
    check("4f05: there is no such bank", (u16)vesa(5, 0, 0, 0x4000).eax != 0x004f);
}

static void test_lines(void)
{
    struct registers r = vesa(6, 1, 0, 0);
    check("4f06: as the mode says", done(r) && (u16)r.ebx == info.pitch && (u16)r.ecx == info.width);
    line_value("lines", r.edx & 0xffff);
    r = vesa(6, 0, (u16)(info.width + 64), 0);
    check("4f06: longer", done(r) && (u16)r.ecx == info.width + 64);
    line_value("longer bytes", r.ebx & 0xffff);
    check("4f07: start", done(vesa(7, 0, 64, 16)));
    r = vesa(7, 1, 0, 0);
    check("4f07: is told", (u16)r.ecx == 64 && (u16)r.edx == 16);
    check("4f07: at the retrace", done(vesa(7, 0x80, 0, 0)));
    r = vesa(6, 2, info.pitch, 0);
    check("4f06: by bytes", done(r) && (u16)r.ecx == info.width);
    check("4f06: the most", (u16)vesa(6, 3, 0, 0).ecx >= info.width);
}

static void draw(void)
{
    const char *text = "VESA text\r\n second line";
    while (*text)
        call((u16)(0x0e00 | (u8)*text++), 0x000b, 0, 0);
    call(0x0200, 0, 0, 0x0205);
    call(0x0958, 0x000c, 7, 0);
    for (u16 x = 100; x < 200; x++)
        call((u16)(0x0c00 | (x & 0x0f)), 0, x, 40);
    line_value("drawn", picture_sum());
    check("0d: a dot is read", (u8)call(0x0d00, 0, 105, 40).eax == 9);
    call(0x0200, 0, 0, 0x0206);
    check("08: a character is read", (u8)call(0x0800, 0, 0, 0).eax == 'X');
    call(0x0601, 0, 0, 0x031f);
    line_value("scrolled", picture_sum());
    call(0x0702, 0, 0, 0x031f);
    line_value("scrolled down", picture_sum());
}

static void test_dac(void)
{
    static u8 colors[8] = { 1, 2, 3, 0, 0x3f, 0x20, 0x10, 0 }, back[8];
    struct registers r = { 0x4f09, 0, 2, 0x80, 0, (u32)colors, 0, 0 };
    video(&r);
    check("4f09: colours", done(r));
    r = (struct registers){ 0x4f09, 1, 2, 0x80, 0, (u32)back, 0, 0 };
    video(&r);
    check("4f09: are told", done(r) && *(u32 *)back == *(u32 *)colors && *(u32 *)(back + 4) == *(u32 *)(colors + 4));
    r = vesa(8, 0x0800, 0, 0);
    if (info.bpp > 8) {
        check("4f08: not here", !done(r));
        return;
    }
    check("4f08: eight bits", done(r) && (r.ebx >> 8 & 0xff) == 8);
    check("4f08: are told", (vesa(8, 1, 0, 0).ebx >> 8 & 0xff) == 8);
    check("4f08: six bits", (vesa(8, 0x0600, 0, 0).ebx >> 8 & 0xff) == 6);
}

static void test_mode(u16 mode)
{
    u16 flags = mode == 0x112 || mode == 0x192 ? LINEAR : 0;
    set_prefix("use", mode);
    if (!get_info(mode) || (info.bpp > 8 && (image_options & OPTION_NO_DIRECT_COLOR)))
        return;
    check("4f02: is set", done(vesa(2, (u16)(mode | flags), 0, 0)));
    check("4f03: is told", (u16)vesa(3, 0, 0, 0).ebx == (mode | flags));
    check("4f02: memory is clear", picture_clear());
    line_value("0f", call(0x0f00, 0, 0, 0).eax & 0xffff);
    test_font_make(16);
    call_with(0x1121, 0, 16, (u16)(info.height / 16), test_font);
    test_window();
    test_lines();
    draw();
    test_dac();
    check("4f02: again, without clearing", done(vesa(2, (u16)(mode | flags | NO_CLEAR), 0, 0)));
    line_value("kept", picture_sum());
}

/* ---- 04 ---- */

static void test_state(void)
{
    static u8 saved[2048];
    set_prefix("state", 0);
    u16 blocks = (u16)vesa(4, 0, 15, 0).ebx;
    check("4f04: a size", blocks >= 13 && blocks <= sizeof saved / 64);
    vesa(2, 0x4101, 0, 0);
    vesa(6, 0, 704, 0);
    vesa(7, 0, 8, 9);
    struct registers r = { 0x4f04, (u32)saved, 15, 1, 0, 0, 0, 0 };
    video(&r);
    check("4f04: saves", done(r));
    call(3, 0, 0, 0);
    r = (struct registers){ 0x4f04, (u32)saved, 15, 2, 0, 0, 0, 0 };
    video(&r);
    check("4f04: restores", done(r));
    check("4f04: the mode", (u16)vesa(3, 0, 0, 0).ebx == 0x4101);
    check("4f04: the line length", (u16)vesa(6, 1, 0, 0).ecx == 704);
    r = vesa(7, 1, 0, 0);
    check("4f04: the start", (u16)r.ecx == 8 && (u16)r.edx == 9);
}

/* ---- 0a: the same in protected mode ---- */

#define PM_WINDOW 0
#define PM_START 2
#define PM_PALETTE 4

static u32 interface;

static struct protected_registers protected(u8 entry, u32 ebx, u32 ecx, u32 edx, const void *edi)
{
    struct protected_registers r = { interface + *(u16 *)(interface + entry), 0, ebx, ecx, edx, (u32)edi };
    protected_call(&r);
    return r;
}

static void test_protected_mode(void)
{
    static u8 code[512];
    static u8 color[4] = { 0x11, 0x22, 0x33, 0 };
    set_prefix("vbe", 0);
    struct registers r = vesa(0x0a, 0, 0, 0);
    bool there = done(r) && (u16)r.ecx > 16 && (u16)r.ecx <= sizeof code;
    check("4f0a: is there", there);
    if (!there)
        return;
    for (u16 i = 0; i < (u16)r.ecx; i++)
        code[i] = get_far8(r.es, (u16)(r.edi + i));
    interface = (u32)code; /* a copy, elsewhere: it must run anywhere */
    vesa(2, 0x101, 0, 0);
    protected(PM_WINDOW, 0, 0, 3, NULL);
    check("4f0a: the window", (u16)vesa(5, 0x0100, 0, 0).edx == 3);
    check("4f0a: which window", (u16) protected(PM_WINDOW, 0x0100, 0, 0, NULL).edx == 3);
    vesa(6, 0, 704, 0);
    protected(PM_START, 0, 704 * 7 / 4 + 2, 0, NULL);
    r = vesa(7, 1, 0, 0);
    check("4f0a: the start", (u16)r.ecx == 8 && (u16)r.edx == 7);
    protected(PM_START, 0x80, 0, 0, NULL);
    r = vesa(7, 1, 0, 0);
    check("4f0a: the start at the retrace", (u16)r.ecx == 0 && (u16)r.edx == 0);
    struct protected_registers p = protected(PM_PALETTE, 0, 1, 0x55, color);
    r = call(0x1015, 0x55, 0, 0);
    check("4f0a: the palette", (u16)p.eax == 0x004f && (u16)r.ecx == 0x2211 && (r.edx >> 8 & 0xff) == 0x33);
}

/* ---- 10, 15 ---- */

static void test_monitor(void)
{
    set_prefix("vbe", 0);
    struct registers r = vesa(0x10, 0, 0, 0);
    check("4f10: power can be saved", done(r) && (r.ebx & 0x0400));
    check("4f10: off", done(vesa(0x10, 0x0401, 0, 0)));
    outb(0x3c4, 1);
    check("4f10: the screen is dark", inb(0x3c5) & 0x20);
    check("4f10: is told", (vesa(0x10, 0x0002, 0, 0).ebx >> 8 & 0xff) == 4);
    vesa(0x10, 0x0001, 0, 0);
    outb(0x3c4, 1);
    check("4f10: on", !(inb(0x3c5) & 0x20));
    r = vesa(0x15, 0, 0, 0);
    check("4f15: DDC", done(r) && (r.ebx & 3));
    check("4f15: a block", done(call_with(0x4f15, 1, 0, 0, block)));
    u8 sum = 0;
    for (u8 i = 0; i < 128; i++)
        sum = (u8)(sum + block[i]);
    check("4f15: an EDID", *(u32 *)block == 0xffffff00 && sum == 0);
    line_bytes("edid", block, 128);
    check("4f15: the second block", done(call_with(0x4f15, 1, 0, 1, block)) && block[0] == 2);
    check("4f15: there is no third", !done(call_with(0x4f15, 1, 0, 2, block)));
    check("4f0b: is not", !done(vesa(0x0b, 0, 0, 0)));
}

void test_vesa(void)
{
    static const u16 modes[] = { 0x101, 0x107, 0x110, 0x111, 0x112, 0x142, 0x192, 0x102 };
    set_prefix("vbe", 0);
    test_controller();
    test_list();
    for (u8 i = 0; i < ARRAY_LEN(modes); i++)
        test_mode(modes[i]);
    test_state();
    test_protected_mode();
    test_monitor();
    call(0x6a, 0, 0, 0);
    check("00: mode 6a is VESA's", (u16)vesa(3, 0, 0, 0).ebx == 0x6a && (u8)(call(0x0f00, 0, 0, 0).eax >> 8) == 100);
    call(3, 0, 0, 0);
}
