/* test_png.c: a PNG file taken apart again: chunk order, lengths, checksums, and the pixels behind filter and deflate.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>
#include <zlib.h>

#include "png.h"

struct chunk {
    char type[5];
    const u8 *data;
    u32 len;
};

static u32 be32(const u8 *p)
{
    return __builtin_bswap32(get_le32(p));
}

/* The chunk at *at, its checksum proven; moves *at behind it. */
static struct chunk next_chunk(const u8 *file, size_t size, size_t *at)
{
    struct chunk c = { .len = be32(file + *at), .data = file + *at + 8 };
    assert_true(*at + 12 + c.len <= size);
    memcpy(c.type, file + *at + 4, 4);
    assert_int_equal(be32(c.data + c.len), crc32(0, file + *at + 4, c.len + 4));
    *at += 12 + c.len;
    return c;
}

static u8 *unpack(const struct chunk *idat, size_t line, u32 height)
{
    uLong len = (line + 1) * height;
    u8 *raw = malloc(len);
    assert_non_null(raw);
    assert_int_equal(uncompress(raw, &len, idat->data, idat->len), Z_OK);
    assert_int_equal(len, (line + 1) * height);
    return raw;
}

/* Undoes filters 0 (none) and 2 (up) in place and compares with the frame. */
static void compare(u8 *raw, const struct vga_frame *f)
{
    size_t line = 3 * (size_t)f->width;
    for (u32 y = 0; y < f->height; y++) {
        u8 *row = raw + y * (line + 1) + 1;
        assert_true(row[-1] == 0 || row[-1] == 2);
        for (size_t i = 0; row[-1] == 2 && y && i < line; i++)
            row[i] = (u8)(row[i] + row[i - line - 1]);
        for (u32 x = 0; x < f->width; x++)
            assert_int_equal(row[3 * x] << 16 | row[3 * x + 1] << 8 | row[3 * x + 2],
                             f->pixels[y * f->width + x] & 0xffffff);
    }
}

static void check_frame(const struct vga_frame *f)
{
    static const u8 signature[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };
    char *file = NULL;
    size_t size = 0, at = sizeof(signature);
    FILE *out = open_memstream(&file, &size);
    assert_non_null(out);
    assert_true(png_write(out, f));
    fclose(out);
    assert_memory_equal(file, signature, sizeof(signature));
    struct chunk ihdr = next_chunk((u8 *)file, size, &at), idat = next_chunk((u8 *)file, size, &at);
    struct chunk iend = next_chunk((u8 *)file, size, &at);
    assert_string_equal(ihdr.type, "IHDR");
    assert_string_equal(idat.type, "IDAT");
    assert_string_equal(iend.type, "IEND");
    assert_int_equal(at, size);
    assert_int_equal(be32(ihdr.data), f->width);
    assert_int_equal(be32(ihdr.data + 4), f->height);
    assert_memory_equal(ihdr.data + 8, "\x08\x02\x00\x00\x00", 5);
    u8 *raw = unpack(&idat, 3 * (size_t)f->width, f->height);
    compare(raw, f);
    free(raw);
    free(file);
}

static void test_pixels_come_back(void **state)
{
    static const u32 sizes[][2] = { { 1, 1 }, { 720, 400 }, { 3, 200 }, { 640, 1 } };
    (void)state;
    srand(3);
    for (unsigned i = 0; i < ARRAY_LEN(sizes); i++) {
        struct vga_frame f = { .width = sizes[i][0], .height = sizes[i][1] };
        f.room = (size_t)f.width * f.height;
        f.pixels = malloc(f.room * sizeof(u32));
        assert_non_null(f.pixels);
        for (size_t p = 0; p < f.room; p++)
            f.pixels[p] = (u32)rand(); /* the top byte is not part of the picture */
        check_frame(&f);
        free(f.pixels);
    }
}

static void test_host_errors(void **state)
{
    u32 pixel = 0;
    struct vga_frame f = { &pixel, 1, 1, 1 }, empty = { &pixel, 1, 0, 1 };
    char path[] = "/tmp/test_png_XXXXXX";
    (void)state;
    assert_false(png_save("/nonexistent/screen.png", &f));
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    assert_true(png_save(path, &f));
    assert_false(png_save(path, &empty));
    assert_int_equal(access(path, F_OK), -1); /* nothing half-written stays */
    FILE *full = fopen("/dev/full", "wb");
    if (full) {
        setvbuf(full, NULL, _IONBF, 0);
        assert_false(png_write(full, &f));
        fclose(full);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pixels_come_back),
        cmocka_unit_test(test_host_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
