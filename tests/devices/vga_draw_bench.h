/* vga_draw_bench.h: a standard VGA whose picture is drawn into memory and compared with drawings in letters. */
#ifndef PCEMU_TESTS_VGA_DRAW_BENCH_H
#define PCEMU_TESTS_VGA_DRAW_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "harness.h"
#include "space.h"
#include "vga_draw.h"

#define ROOM ((size_t)VGA_FRAME_MAX_WIDTH * VGA_FRAME_MAX_HEIGHT)

struct bench {
    struct harness h;
    struct ram_pool pool;
    struct vga vga;
    struct vga_frame frame;
};

static inline int setup(void **state)
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

static inline int teardown(void **state)
{
    struct bench *b = *state;
    free(b->frame.pixels);
    ram_pool_free(&b->pool);
    harness_free(&b->h);
    free(b);
    return 0;
}

static inline u8 *plane(struct bench *b, u32 addr, unsigned n)
{
    return &b->vga.vram.host[4 * addr + n];
}

static inline void put_glyph(struct bench *b, u32 font, u8 code, const u8 *rows, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        *plane(b, font + code * 32u + i, 2) = rows[i];
}

/* Palette register i names DAC register i; DAC register i is grey i * 4 + 3. */
static inline void set_colors(struct bench *b)
{
    for (u8 i = 0; i < 16; i++)
        b->vga.ar[i] = i;
    for (unsigned i = 0; i < 256; i++)
        memset(&b->vga.dac[3 * i], (int)(i & 0x3f), 3);
    b->vga.ar[AR_COLOR_PLANE_ENABLE] = 0x0f;
    b->vga.ar_index = AR_INDEX_PALETTE_SOURCE;
}

/* A text screen of `columns` by `rows` characters of four lines and eight dots. */
static inline void set_text(struct bench *b, u8 columns, u8 rows)
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

static inline void draw(struct bench *b)
{
    memset(b->frame.pixels, 0xee, 64 * 1024);
    assert_true(vga_draw(&b->vga, &b->frame));
}

/* DAC register that a pixel shows, given set_colors(). */
static inline unsigned color_at(struct bench *b, u32 x, u32 y)
{
    u32 rgb = b->frame.pixels[y * b->frame.width + x];
    assert_int_equal(rgb >> 24, 0);
    assert_int_equal(rgb & 0xff, rgb >> 16);
    return (rgb & 0xff) >> 2;
}

/* Compares the picture with lines of hexadecimal digits: DAC registers 0 to F. */
static inline void expect(struct bench *b, const char *const *lines, u32 n)
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

#define DARK "0000000000000000"

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
