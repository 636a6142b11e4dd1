/* vga_draw_dispi.c: the picture of the Bochs display interface: linear pixels of 8, 15, 16, 24 or 32 bits, or four
 * planes. A line that does not lie wholly within video memory is drawn black; registers out of their limits (they can
 * come from a saved state) are limited here again. */
#include "vga_draw.h"

static u32 limit(u32 value, u32 max)
{
    return value < max ? value : max;
}

void vga_dispi_frame_size(const struct vga *s, u32 *width, u32 *height)
{
    *width = limit(s->dispi[DISPI_XRES], DISPI_MAX_XRES);
    *height = limit(s->dispi[DISPI_YRES], DISPI_MAX_YRES);
    if (!*width || !*height)
        *width = *height = 1;
}

/* The 5 and 6 bit components of 15 and 16 bit pixels, to 8 bits. */
static u32 from_5(u32 value)
{
    value &= 0x1f;
    return value << 3 | value >> 2;
}

static u32 from_6(u32 value)
{
    value &= 0x3f;
    return value << 2 | value >> 4;
}

static u16 pixel_16(const u8 *in, bool big_endian)
{
    u16 v = get_le16(in);
    return big_endian ? __builtin_bswap16(v) : v;
}

static u32 pixel_15_rgb(u32 v)
{
    return from_5(v >> 10) << 16 | from_5(v >> 5) << 8 | from_5(v);
}

static u32 pixel_16_rgb(u32 v)
{
    return from_5(v >> 11) << 16 | from_6(v >> 5) << 8 | from_5(v);
}

static u32 pixel_24_rgb(const u8 *in, bool big_endian)
{
    return big_endian ? (u32)in[0] << 16 | (u32)in[1] << 8 | in[2] : (u32)in[2] << 16 | (u32)in[1] << 8 | in[0];
}

static u32 pixel_32_rgb(const u8 *in, bool big_endian)
{
    u32 v = get_le32(in);
    return (big_endian ? __builtin_bswap32(v) : v) & 0xffffff;
}

static void linear_line(const struct vga *s, const struct vga_colors *colors, const u8 *in, u32 width, u32 *out)
{
    bool big = s->big_endian;
    for (u32 x = 0; x < width; x++) {
        switch (s->dispi[DISPI_BPP]) {
        case 15:
            out[x] = pixel_15_rgb(pixel_16(in + 2 * x, big));
            break;
        case 16:
            out[x] = pixel_16_rgb(pixel_16(in + 2 * x, big));
            break;
        case 24:
            out[x] = pixel_24_rgb(in + 3 * x, big);
            break;
        case 32:
            out[x] = pixel_32_rgb(in + 4 * x, big);
            break;
        default:
            out[x] = colors->rgb[in[x]];
        }
    }
}

/* `in` is the word of four planes' bytes that holds pixel 0; `first` counts pixels from its leftmost. */
static void planar_line(const struct vga_colors *colors, const u8 *in, u32 first, u32 width, u32 *out)
{
    for (u32 x = 0; x < width; x++) {
        u32 bits = get_le32(in + 4 * ((first + x) / 8)) >> (7 - (first + x) % 8);
        u32 pixel = (bits & 1) | (bits >> 7 & 2) | (bits >> 14 & 4) | (bits >> 21 & 8);
        out[x] = colors->rgb[colors->attribute[pixel]];
    }
}

void vga_draw_dispi(const struct vga *s, const struct vga_colors *colors, struct vga_frame *frame)
{
    const u16 *r = s->dispi;
    bool planar = r[DISPI_BPP] == 4;
    u32 bytes = planar ? 4 : (r[DISPI_BPP] + 7u) / 8, unit = planar ? 8 : 1; /* `bytes` hold `unit` pixels */
    u32 in_unit = r[DISPI_X_OFFSET] % unit;
    u64 pitch = (u64)(r[DISPI_VIRT_WIDTH] / unit) * bytes;
    u64 line_bytes = (u64)(in_unit + frame->width + unit - 1) / unit * bytes;
    for (u32 y = 0; y < frame->height; y++) {
        u32 *out = frame->pixels + (size_t)y * frame->width;
        u64 at = (u64)(r[DISPI_Y_OFFSET] + y) * pitch + (u64)(r[DISPI_X_OFFSET] / unit) * bytes;
        if (at + line_bytes > VGA_VRAM_SIZE)
            memset(out, 0, frame->width * sizeof(*out));
        else if (planar)
            planar_line(colors, s->vram.host + at, in_unit, frame->width, out);
        else
            linear_line(s, colors, s->vram.host + at, frame->width, out);
    }
}
