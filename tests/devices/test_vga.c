/* test_vga.c: the standard VGA's registers by port, as IBM's "Video Subsystem" says. Memory: test_vga_memory.c; display
 * interface: test_vga_dispi.c; MMIO, EDID, PCI face, fuzz: test_vga_pci.c; the picture: test_vga_draw.c. */
#include "vga_bench.h"

/* Ports. */

static void test_crtc_address_select(void **state)
{
    struct bench *b = *state;
    out(b, 0x3c2, 0); /* monochrome: 3Bx */
    indexed(b, 0x3b4, CR_CURSOR_LOCATION_LOW, 0x5a);
    assert_int_equal(read_indexed(b, 0x3b4, CR_CURSOR_LOCATION_LOW), 0x5a);
    indexed(b, 0x3d4, CR_CURSOR_LOCATION_LOW, 0x11);
    assert_int_equal(in(b, 0x3d4), 0xff);
    assert_int_equal(in(b, 0x3da), 0xff);
    out(b, 0x3c2, MISC_COLOR);
    assert_int_equal(in(b, 0x3cc), MISC_COLOR);
    assert_int_equal(read_indexed(b, 0x3d4, CR_CURSOR_LOCATION_LOW), 0x5a);
    assert_int_equal(in(b, 0x3b5), 0xff);
    assert_int_equal(in(b, 0x3ba), 0xff);
}

static void test_crtc_protection(void **state)
{
    struct bench *b = *state;
    out(b, 0x3c2, MISC_COLOR);
    indexed(b, 0x3d4, CR_HORIZONTAL_TOTAL, 0x5f);
    indexed(b, 0x3d4, CR_OVERFLOW, 0x1f);
    indexed(b, 0x3d4, CR_VERTICAL_RETRACE_END, CR_RETRACE_END_PROTECT | 0x0e);
    indexed(b, 0x3d4, CR_HORIZONTAL_TOTAL, 0x00);
    indexed(b, 0x3d4, CR_OVERFLOW, 0x00);
    indexed(b, 0x3d4, CR_PRESET_ROW_SCAN, 0x03);
    assert_int_equal(read_indexed(b, 0x3d4, CR_HORIZONTAL_TOTAL), 0x5f);
    assert_int_equal(read_indexed(b, 0x3d4, CR_OVERFLOW), 0x0f); /* but for line compare bit 8 */
    assert_int_equal(read_indexed(b, 0x3d4, CR_PRESET_ROW_SCAN), 0x03);
    assert_int_equal(read_indexed(b, 0x3d4, 0xc0), 0);
}

static void test_attribute_flip_flop(void **state)
{
    struct bench *b = *state;
    out(b, 0x3c2, MISC_COLOR);
    in(b, 0x3da);
    out(b, 0x3c0, 0x03);
    out(b, 0x3c0, 0xff);
    assert_int_equal(in(b, 0x3c1), 0x3f); /* palette registers have six bits */
    out(b, 0x3c0, 0x05);                  /* index again */
    in(b, 0x3da);                         /* forget half a write */
    out(b, 0x3c0, AR_INDEX_PALETTE_SOURCE | AR_MODE);
    out(b, 0x3c0, 0xff);
    assert_int_equal(in(b, 0x3c1), 0xef);
    assert_int_equal(in(b, 0x3c0), AR_INDEX_PALETTE_SOURCE | AR_MODE);
    assert_int_equal(b->vga->ar[5], 0);
}

static void test_writable_bits(void **state)
{
    static const u8 seq[] = { 0x03, 0x3d, 0x0f, 0x3f, 0x0e };
    static const u8 gfx[] = { 0x0f, 0x0f, 0x0f, 0x1f, 0x03, 0x7b, 0x0f, 0x0f, 0xff };
    struct bench *b = *state;
    for (u8 i = 0; i < ARRAY_LEN(seq); i++) {
        indexed(b, 0x3c4, i, 0xff);
        assert_int_equal(read_indexed(b, 0x3c4, i), seq[i]);
    }
    for (u8 i = 0; i < ARRAY_LEN(gfx); i++) {
        indexed(b, 0x3ce, i, 0xff);
        assert_int_equal(read_indexed(b, 0x3ce, i), gfx[i]);
    }
    indexed(b, 0x3c4, 6, 0x12);
    assert_true(harness_logged(&b->h, "sequencer register 06"));
}

static void test_dac(void **state)
{
    struct bench *b = *state;
    out(b, 0x3c8, 0xff);
    for (u8 i = 0; i < 6; i++)
        out(b, 0x3c9, (u8)(0x40 + i)); /* colour FF, then 00 */
    assert_int_equal(in(b, 0x3c7), DAC_STATE_WRITE);
    assert_int_equal(in(b, 0x3c8), 0x01);
    out(b, 0x3c9, 0x3f); /* two thirds of a colour change nothing */
    out(b, 0x3c9, 0x3f);
    out(b, 0x3c7, 0xff);
    assert_int_equal(in(b, 0x3c7), DAC_STATE_READ);
    for (u8 i = 0; i < 6; i++)
        assert_int_equal(in(b, 0x3c9), i); /* six bits */
    assert_int_equal(in(b, 0x3c9), 0);
    assert_int_equal(in(b, 0x3c6), 0xff);
    out(b, 0x3c6, 0x0f);
    assert_int_equal(in(b, 0x3c6), 0x0f);
}

static void test_dac_8_bits(void **state)
{
    struct bench *b = *state;
    dispi(b, DISPI_ENABLE, DISPI_8BIT_DAC);
    out(b, 0x3c8, 7);
    out(b, 0x3c9, 0xc1);
    out(b, 0x3c9, 0xc2);
    out(b, 0x3c9, 0xc3);
    out(b, 0x3c7, 7);
    assert_int_equal(in(b, 0x3c9), 0xc1);
    assert_int_equal(in(b, 0x3c9), 0xc2);
    assert_int_equal(in(b, 0x3c9), 0xc3);
}

static void test_feature_and_subsystem(void **state)
{
    struct bench *b = *state;
    out(b, 0x3c2, MISC_COLOR);
    out(b, 0x3da, 0x08);
    assert_int_equal(in(b, 0x3ca), 0x08);
    assert_int_equal(in(b, 0x3c3), 1);
    out(b, 0x3c3, 0);
    assert_int_equal(in(b, 0x3c3), 0);
    assert_true(harness_logged(&b->h, "3c3"));
}

static void test_retrace_timing(void **state)
{
    struct bench *b = *state;
    const u64 line_ns = 31777, frame_ns = 14268060;
    set_text_timing(b);
    assert_int_equal(in(b, 0x3da), 0); /* line 0, dot 0 */
    harness_advance(&b->h, line_ns * 85 / 100);
    assert_int_equal(in(b, 0x3da), STATUS_DISPLAY_DISABLED); /* horizontal blanking from dot 720 of 900 */
    b->h.now = line_ns * 411;
    assert_int_equal(in(b, 0x3da), STATUS_DISPLAY_DISABLED); /* below the picture */
    b->h.now = line_ns * 412 + line_ns / 2;
    assert_int_equal(in(b, 0x3da), STATUS_DISPLAY_DISABLED | STATUS_VERTICAL_RETRACE);
    b->h.now = line_ns * 414 + line_ns / 2; /* two lines later */
    assert_int_equal(in(b, 0x3da), STATUS_DISPLAY_DISABLED);
    b->h.now = 1000 * frame_ns + line_ns * 5 / 2;
    assert_int_equal(in(b, 0x3da), 0);
}

static void test_retrace_comes_with_any_registers(void **state)
{
    struct bench *b = *state;
    srand(1);
    for (unsigned round = 0; round < 200; round++) {
        unsigned seen = 0;
        for (unsigned i = 0; i < VGA_CR_COUNT; i++)
            b->vga->cr[i] = (u8)rand();
        b->vga->sr[SR_CLOCKING_MODE] = (u8)rand();
        b->vga->misc_output = (u8)((u8)rand() | MISC_COLOR);
        for (unsigned i = 0; i < 40000 && seen != 3; i++) {
            harness_advance(&b->h, 7001);
            seen |= in(b, 0x3da) & STATUS_VERTICAL_RETRACE ? 1 : 2;
        }
        assert_int_equal(seen, 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_crtc_address_select),
        TEST(test_crtc_protection),
        TEST(test_attribute_flip_flop),
        TEST(test_writable_bits),
        TEST(test_dac),
        TEST(test_dac_8_bits),
        TEST(test_feature_and_subsystem),
        TEST(test_retrace_timing),
        TEST(test_retrace_comes_with_any_registers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
