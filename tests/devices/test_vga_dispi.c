/* test_vga_dispi.c: the Bochs display interface of the standard VGA, as Bochs' "VBE Display API" says. */
#include "vga_bench.h"

static void test_dispi_identity(void **state)
{
    struct bench *b = *state;
    assert_int_equal(read_dispi(b, DISPI_ID), 0xb0c5);
    dispi(b, DISPI_ID, 0xb0c0);
    assert_int_equal(read_dispi(b, DISPI_ID), 0xb0c0);
    dispi(b, DISPI_ID, 0x1234);
    assert_int_equal(read_dispi(b, DISPI_ID), 0xb0c0);
    assert_int_equal(read_dispi(b, DISPI_VIDEO_MEMORY_64K), 256);
    assert_int_equal(read_dispi(b, 11), 0);
    outw(b, 0x1ce, DISPI_ID);
    assert_int_equal(inw(b, 0x1cf), 0xb0c0);
    assert_int_equal(inw(b, 0x1ce), DISPI_ID);
    dispi(b, DISPI_ENABLE, DISPI_GETCAPS);
    assert_int_equal(read_dispi(b, DISPI_XRES), DISPI_MAX_XRES);
    assert_int_equal(read_dispi(b, DISPI_YRES), DISPI_MAX_YRES);
    assert_int_equal(read_dispi(b, DISPI_BPP), 32);
}

static void test_dispi_mode(void **state)
{
    struct bench *b = *state;
    memset(b->vga->vram.host, 0x77, VGA_VRAM_SIZE);
    set_mode(b, 1024, 768, 32, DISPI_LFB_ENABLED);
    assert_int_equal(read_dispi(b, DISPI_VIRT_WIDTH), 1024);
    assert_int_equal(read_dispi(b, DISPI_VIRT_HEIGHT), 4096);
    assert_int_equal(read_dispi(b, DISPI_ENABLE), DISPI_ENABLED | DISPI_LFB_ENABLED);
    assert_int_equal(b->vga->vram.host[1024 * 768 * 4 - 1], 0); /* cleared, and no further */
    assert_int_equal(b->vga->vram.host[1024 * 768 * 4], 0x77);
    dispi(b, DISPI_Y_OFFSET, 4000);
    assert_int_equal(read_dispi(b, DISPI_Y_OFFSET), 4096 - 768);
    dispi(b, DISPI_VIRT_WIDTH, 2048);
    assert_int_equal(read_dispi(b, DISPI_VIRT_HEIGHT), 2048);
    dispi(b, DISPI_X_OFFSET, 5000);
    assert_int_equal(read_dispi(b, DISPI_X_OFFSET), 1024);
    assert_int_equal(read_dispi(b, DISPI_Y_OFFSET), 2048 - 768);
    memset(b->vga->vram.host, 0x77, VGA_VRAM_SIZE);
    set_mode(b, 640, 480, 16, DISPI_NOCLEARMEM);
    assert_int_equal(b->vga->vram.host[0], 0x77);
    assert_int_equal(read_dispi(b, DISPI_X_OFFSET), 0);
}

static void test_dispi_limits(void **state)
{
    struct bench *b = *state;
    set_mode(b, 0, 0, 17, 0);
    assert_int_equal(read_dispi(b, DISPI_XRES), 8);
    assert_int_equal(read_dispi(b, DISPI_YRES), 1);
    assert_int_equal(read_dispi(b, DISPI_BPP), 8);
    assert_true(harness_logged(&b->h, "17 bits a pixel"));
    set_mode(b, 0xffff, 0xffff, 32, 0);
    assert_int_equal(read_dispi(b, DISPI_XRES), 4096);
    assert_int_equal(read_dispi(b, DISPI_YRES), 1024); /* what 16 MiB hold */
    set_mode(b, 1023, 10, 8, 0);
    assert_int_equal(read_dispi(b, DISPI_XRES), 1016);
}

static void test_dispi_banked_window(void **state)
{
    struct bench *b = *state;
    out(b, 0x3c2, MISC_COLOR_RAM);
    set_mode(b, 1024, 768, 8, 0);
    dispi(b, DISPI_BANK, 3);
    poke(b, 0xa0005, 0x42);
    assert_int_equal(b->vga->vram.host[0x30005], 0x42);
    assert_int_equal(peek(b, 0xa0005), 0x42);
    assert_int_equal(peek(b, 0xb0005), 0xff);
    dispi(b, DISPI_BANK, 0x1ff); /* only 256 banks */
    poke(b, 0xaffff, 0x43);
    assert_int_equal(b->vga->vram.host[VGA_VRAM_SIZE - 1], 0x43);
    dispi(b, DISPI_ENABLE, 0);
    assert_int_equal(read_dispi(b, DISPI_BANK), 0);
}

static void test_dispi_banked_planes(void **state)
{
    struct bench *b = *state;
    out(b, 0x3c2, MISC_COLOR_RAM);
    indexed(b, 0x3ce, GR_BIT_MASK, 0xff);
    indexed(b, 0x3c4, SR_MAP_MASK, 0x04);
    indexed(b, 0x3c4, SR_MEMORY_MODE, 0x06);
    set_mode(b, 1280, 1024, 4, 0);
    assert_int_equal(read_dispi(b, DISPI_VIRT_HEIGHT), 4 * 1024 * 1024 / 160);
    dispi(b, DISPI_BANK, 1);
    poke(b, 0xa0010, 0x99);
    assert_int_equal(*plane_byte(b, 0x10010, 2), 0x99);
    assert_int_equal(*plane_byte(b, 0x10010, 1), 0);
    dispi(b, DISPI_BANK, 0xff);
    poke(b, 0xaffff, 0x98); /* past the end of a plane: masked */
    assert_int_equal(*plane_byte(b, VGA_VRAM_SIZE / 4 - 1, 2), 0x98);
}

static void test_dispi_odd_accesses(void **state)
{
    struct bench *b = *state;
    assert_int_equal(in(b, 0x1ce), 0xff);
    out(b, 0x1d1, 1);
    assert_true(harness_logged(&b->h, "1-byte write"));
    dispi(b, 0x20, 1);
    assert_true(harness_logged(&b->h, "register 20"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_dispi_identity),      TEST(test_dispi_mode),          TEST(test_dispi_limits),
        TEST(test_dispi_banked_window), TEST(test_dispi_banked_planes), TEST(test_dispi_odd_accesses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
