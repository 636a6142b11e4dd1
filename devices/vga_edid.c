/* vga_edid.c: the monitor's description of itself (VESA Enhanced EDID Standard, release A2, and CTA-861 for the
 * extension block): the monitor that QEMU 7.2's standard VGA has, 1280 x 800 at 75 Hz preferred. */
#include "vga_regs.h"

#define BLOCK_SIZE 128
#define BLOCK_CHECKSUM 127
#define DESCRIPTORS_AT 54
#define DESCRIPTOR_SIZE 18
#define DESCRIPTOR_ESTABLISHED_3 0xf7
#define DESCRIPTOR_NAME 0xfc
#define DESCRIPTOR_RANGE 0xfd
#define DESCRIPTOR_DUMMY 0x10
#define DESCRIPTOR_TEXT_AT 5
#define CTA_DESCRIPTORS_AT 11

static const u8 header[DESCRIPTORS_AT] = {
    0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00, /* 00: pattern */
    0x49, 0x14, 0x34, 0x12, 0x00, 0x00, 0x00, 0x00, /* 08: manufacturer RHT, product 1234, no serial number */
    42,   24,   1,    4,                            /* 10: week, year - 1990, EDID 1.4 */
    0xa5, 32,   20,   120,  0x06,                   /* 14: digital, 8 bits, DisplayPort; cm; gamma 2.2; sRGB */
    0xee, 0x91, 0xa3, 0x54, 0x4c, 0x99, 0x26, 0x0f, /* 19: chromaticity of sRGB */
    0x50, 0x54, 0x21, 0x08, 0x00,                   /* 23: established: 640x480, 800x600, 1024x768 */
    0xe1, 0xc0, 0xd1, 0xc0, 0xd1, 0x00, 0xa9, 0x40, /* 26: standard: 2048x1152 1920x1080 1920x1200 1600x1200 */
    0xb3, 0x00, 0x95, 0x00, 0x81, 0x80, 0x81, 0x40, /* 2e: 1680x1050 1440x900 1280x1024 1280x960 */
};

/* Detailed timing (section 3.10.2). */
struct detailed {
    unsigned clock_10khz, active_x, blank_x, front_x, sync_x, active_y, blank_y, front_y, sync_y, mm_x, mm_y;
};

static const struct detailed preferred = { 10730, 1280, 448, 320, 38, 800, 28, 4, 4, 325, 203 };

static u8 high_nibbles(unsigned a, unsigned b)
{
    return (u8)((a >> 8) << 4 | b >> 8);
}

static void put_detailed(u8 *d, const struct detailed *t)
{
    const u8 bytes[DESCRIPTOR_SIZE] = {
        (u8)t->clock_10khz,
        (u8)(t->clock_10khz >> 8),
        (u8)t->active_x,
        (u8)t->blank_x,
        high_nibbles(t->active_x, t->blank_x),
        (u8)t->active_y,
        (u8)t->blank_y,
        high_nibbles(t->active_y, t->blank_y),
        (u8)t->front_x,
        (u8)t->sync_x,
        (u8)((t->front_y & 15) << 4 | (t->sync_y & 15)),
        (u8)((t->front_x >> 8) << 6 | (t->sync_x >> 8) << 4 | (t->front_y >> 4) << 2 | t->sync_y >> 4),
        (u8)t->mm_x,
        (u8)t->mm_y,
        high_nibbles(t->mm_x, t->mm_y),
        0,
        0,
        0x18, /* no border; digital separate sync */
    };
    memcpy(d, bytes, DESCRIPTOR_SIZE);
}

/* Display descriptors (section 3.10.3): `n` bytes of payload after the tag. */
static void put_descriptor(u8 *d, u8 tag, const void *payload, size_t n)
{
    memset(d, 0, DESCRIPTOR_SIZE);
    d[3] = tag;
    memcpy(d + DESCRIPTOR_TEXT_AT, payload, n);
}

static void put_checksum(u8 *block)
{
    unsigned sum = 0;
    for (unsigned i = 0; i < BLOCK_CHECKSUM; i++)
        sum += block[i];
    block[BLOCK_CHECKSUM] = (u8)(0u - sum);
}

static void fill_base(u8 *block)
{
    static const u8 established_3[] = { 0x0a, 0x00, 0x40, 0x82, 0x00, 0x28, 0x20 };
    static const u8 range[] = { 50, 125, 30, 160, 255, 0x01, '\n', ' ', ' ', ' ', ' ', ' ', ' ' };
    u8 *d = block + DESCRIPTORS_AT;
    memcpy(block, header, sizeof(header));
    put_detailed(d, &preferred);
    put_descriptor(d + DESCRIPTOR_SIZE, DESCRIPTOR_ESTABLISHED_3, established_3, sizeof(established_3));
    put_descriptor(d + 2 * DESCRIPTOR_SIZE, DESCRIPTOR_RANGE, range, sizeof(range)); /* Hz, kHz, 10 MHz */
    put_descriptor(d + 3 * DESCRIPTOR_SIZE, DESCRIPTOR_NAME, "QEMU Monitor\n", 13);
    block[BLOCK_CHECKSUM - 1] = 1; /* extension blocks */
    put_checksum(block);
}

/* CTA-861 extension: a video data block (tag 2) of six modes, and empty descriptors up to the end. */
static void fill_cta(u8 *block)
{
    static const u8 start[CTA_DESCRIPTORS_AT] = { 0x02, 0x03, CTA_DESCRIPTORS_AT, 0, 2 << 5 | 6, 125, 101, 96, 89,
                                                  31,   97 };
    memcpy(block, start, sizeof(start));
    for (unsigned at = CTA_DESCRIPTORS_AT; at + DESCRIPTOR_SIZE <= BLOCK_CHECKSUM; at += DESCRIPTOR_SIZE)
        block[at + 3] = DESCRIPTOR_DUMMY;
    put_checksum(block);
}

void vga_edid_fill(u8 edid[VGA_EDID_SIZE])
{
    memset(edid, 0, VGA_EDID_SIZE);
    fill_base(edid);
    fill_cta(edid + BLOCK_SIZE);
}
