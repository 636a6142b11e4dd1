/* test_vga_modes.c: the VGA's picture in graphics modes, standard and DISPI, and with random registers. */
#include "vga_draw_bench.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
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
