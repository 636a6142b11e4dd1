/* png.c: see png.h. "Portable Network Graphics (PNG) Specification", second edition: signature, IHDR, one IDAT, IEND;
 * colour type 2 (RGB), filter type 2 (up) on every line. */
#include "png.h"
#include <errno.h>
#include <stdlib.h>
#include <zlib.h>

#define COLOR_TYPE_RGB 2
#define BIT_DEPTH 8
#define FILTER_UP 2 /* each byte less the one above it: text screens shrink well */
#define IHDR_SIZE 13
#define BYTES_PER_PIXEL 3
#define MAX_SIDE 0xffff /* keeps every product below in 64 bits, and IDAT in its 31-bit length by the check there */
#define MAX_CHUNK 0x7fffffffu

static void put_be32(u8 *p, u32 v)
{
    put_le32(p, __builtin_bswap32(v));
}

static bool put_chunk(FILE *out, const char type[4], const u8 *data, u32 len)
{
    u8 start[8], end[4];
    put_be32(start, len);
    memcpy(start + 4, type, 4);
    uLong crc = crc32(crc32(0, start + 4, 4), data, len);
    put_be32(end, (u32)crc);
    return fwrite(start, 1, sizeof(start), out) == sizeof(start) && fwrite(data, 1, len, out) == len &&
           fwrite(end, 1, sizeof(end), out) == sizeof(end);
}

static u8 component(const struct vga_frame *f, size_t row, size_t i)
{
    u32 pixel = f->pixels[row * f->width + i / BYTES_PER_PIXEL];
    return (u8)(pixel >> (16 - 8 * (i % BYTES_PER_PIXEL)));
}

/* Lines with their filter bytes, as they are compressed. */
static u8 *filtered(const struct vga_frame *f, size_t line)
{
    u8 *raw = malloc((line + 1) * f->height), *out = raw;
    if (!raw)
        return NULL;
    for (size_t y = 0; y < f->height; y++) {
        *out++ = FILTER_UP;
        for (size_t i = 0; i < line; i++)
            *out++ = (u8)(component(f, y, i) - (y ? component(f, y - 1, i) : 0));
    }
    return raw;
}

static bool put_image(FILE *out, const struct vga_frame *f)
{
    size_t line = (size_t)f->width * BYTES_PER_PIXEL;
    uLong raw_len = (line + 1) * f->height, len = compressBound(raw_len);
    u8 *raw = filtered(f, line), *packed = malloc(len);
    bool done = raw && packed && compress2(packed, &len, raw, raw_len, Z_BEST_SPEED) == Z_OK && len <= MAX_CHUNK;
    if (!done)
        errno = ENOMEM;
    done = done && put_chunk(out, "IDAT", packed, (u32)len);
    free(raw);
    free(packed);
    return done;
}

bool png_write(FILE *out, const struct vga_frame *frame)
{
    static const u8 signature[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };
    u8 ihdr[IHDR_SIZE] = { 0 };
    if (!frame->width || !frame->height || frame->width > MAX_SIDE || frame->height > MAX_SIDE) {
        errno = EINVAL;
        return false;
    }
    put_be32(ihdr, frame->width);
    put_be32(ihdr + 4, frame->height);
    ihdr[8] = BIT_DEPTH;
    ihdr[9] = COLOR_TYPE_RGB;
    return fwrite(signature, 1, sizeof(signature), out) == sizeof(signature) &&
           put_chunk(out, "IHDR", ihdr, IHDR_SIZE) && put_image(out, frame) &&
           put_chunk(out, "IEND", (const u8 *)"", 0);
}

bool png_save(const char *path, const struct vga_frame *frame)
{
    FILE *out = fopen(path, "wb");
    if (!out)
        return false;
    bool done = png_write(out, frame);
    int error = errno;
    if (fclose(out) != 0 && done) {
        done = false;
        error = errno;
    }
    if (!done)
        remove(path);
    errno = error;
    return done;
}
