/* vga_mem.c: the VGA's memory as the processor sees it through the window at A0000 to BFFFF: IBM, "Video Subsystem",
 * graphics controller registers 00 to 08, sequencer registers 02 and 04. Four planes of bytes; video memory holds byte
 * n of plane p at 4n + p, so that the four bytes of one address are one 32-bit word.
 *
 * With the Bochs display interface enabled the first 64 KiB of the window show one bank of linear video memory, or of
 * the planes with 4 bits a pixel.
 *
 * Every address is masked to the plane, or to video memory, at the one place where it is used. */
#include "vga_regs.h"
#include "space.h"

#define PLANES 4
#define LEGACY_PLANE_SIZE 0x10000u /* a VGA has 256 KiB */
#define BANK_SIZE 0x10000u
#define WINDOW_OFF UINT32_MAX
#define CODE_LINE_SIZE (1u << CODE_LINE_SHIFT)
#define OPEN_BUS 0xff

/* One byte to four planes. */
static u32 spread(u8 byte)
{
    return byte * 0x01010101u;
}

/* Bit p of `bits` to all bits of plane p. */
static u32 plane_mask(u8 bits)
{
    u32 b = bits;
    return ((b & 1) | (b & 2) << 7 | (b & 4) << 14 | (b & 8) << 21) * 0xffu;
}

static u8 rotate_right(u8 value, unsigned count)
{
    return (u8)(value >> count | value << ((8 - count) & 7));
}

void vga_vram_changed(struct vga *s, u64 first, u64 last)
{
    u64 base = s->vram.ram_base;
    for (u64 line = (base + first) >> CODE_LINE_SHIFT; line <= (base + last) >> CODE_LINE_SHIFT; line++) {
        u64 at = line << CODE_LINE_SHIFT, page = at >> PAGE_SHIFT;
        if (!s->pool->code_lines[page])
            line |= (PAGE_SIZE / CODE_LINE_SIZE) - 1; /* nothing decoded in the whole page */
        else
            ram_code_written(s->pool, page, code_line_mask((unsigned)(at & ~PAGE_MASK), CODE_LINE_SIZE));
    }
}

/* Offset into the part of the window that graphics register 6 maps, or WINDOW_OFF. */
static u32 window_offset(const struct vga *s, u32 offset)
{
    static const struct {
        u32 start, size;
    } map[] = { { 0, 0x20000 }, { 0, 0x10000 }, { 0x10000, 0x8000 }, { 0x18000, 0x8000 } };
    unsigned n = (s->gr[GR_MISC] >> GR_MISC_MAP_SHIFT) & GR_MISC_MAP_MASK;
    if (!(s->misc_output & MISC_RAM_ENABLE))
        return WINDOW_OFF;
    if (vga_dispi_enabled(s))
        return offset < BANK_SIZE ? offset : WINDOW_OFF;
    return offset - map[n].start < map[n].size ? offset - map[n].start : WINDOW_OFF;
}

static u32 bank_base(const struct vga *s)
{
    return vga_dispi_enabled(s) ? s->dispi[DISPI_BANK] * BANK_SIZE : 0;
}

static bool linear(const struct vga *s)
{
    return vga_dispi_enabled(s) && s->dispi[DISPI_BPP] != 4;
}

static u8 *linear_byte(struct vga *s, u32 offset)
{
    return &s->vram.host[(bank_base(s) + offset) & (VGA_VRAM_SIZE - 1)];
}

/* Where in video memory the four bytes of plane address `addr` are. */
static u32 word_address(const struct vga *s, u32 addr)
{
    u32 size = vga_dispi_enabled(s) ? (u32)(VGA_VRAM_SIZE / PLANES) : LEGACY_PLANE_SIZE;
    return PLANES * (addr & (size - 1));
}

static u8 read_plane(const struct vga *s, u8 plane)
{
    return (u8)(s->latch >> (8 * plane));
}

/* Read mode 1: a bit is set where the pixel equals the compare colour in all planes that are cared for. */
static u8 color_compare(const struct vga *s)
{
    u32 differ = (s->latch ^ plane_mask(s->gr[GR_COLOR_COMPARE])) & plane_mask(s->gr[GR_COLOR_DONT_CARE]);
    return (u8) ~(differ | differ >> 8 | differ >> 16 | differ >> 24);
}

static u8 planar_read(struct vga *s, u32 offset)
{
    u8 plane = s->gr[GR_READ_MAP_SELECT];
    u32 addr = bank_base(s) + offset;
    if (s->sr[SR_MEMORY_MODE] & SR_MEMORY_CHAIN_4) {
        plane = offset & 3;
        addr &= ~3u;
    } else if (s->gr[GR_MODE] & GR_MODE_ODD_EVEN) {
        plane = (u8)((plane & 2) | (offset & 1));
        addr &= ~1u;
    }
    s->latch = get_le32(&s->vram.host[word_address(s, addr)]);
    return s->gr[GR_MODE] & GR_MODE_READ_COMPARE ? color_compare(s) : read_plane(s, plane & 3);
}

/* The logical unit between processor data and latches (graphics register 3). */
static u32 alu(const struct vga *s, u32 data)
{
    switch (s->gr[GR_DATA_ROTATE] >> GR_FUNCTION_SHIFT) {
    case 1:
        return data & s->latch;
    case 2:
        return data | s->latch;
    case 3:
        return data ^ s->latch;
    default:
        return data;
    }
}

static u32 mix(const struct vga *s, u32 data, u32 bit_mask)
{
    return (alu(s, data) & bit_mask) | (s->latch & ~bit_mask);
}

/* What the four planes are offered for one byte from the processor (graphics register 5, write mode). */
static u32 write_data(const struct vga *s, u8 value)
{
    u32 set_reset = plane_mask(s->gr[GR_SET_RESET]), enable = plane_mask(s->gr[GR_ENABLE_SET_RESET]);
    u8 rotated = rotate_right(value, s->gr[GR_DATA_ROTATE] & GR_ROTATE_COUNT_MASK), bit_mask = s->gr[GR_BIT_MASK];
    switch (s->gr[GR_MODE] & GR_MODE_WRITE_MASK) {
    case 0:
        return mix(s, (spread(rotated) & ~enable) | (set_reset & enable), spread(bit_mask));
    case 1:
        return s->latch;
    case 2:
        return mix(s, plane_mask(value & 0xf), spread(bit_mask));
    default:
        return mix(s, set_reset, spread(rotated & bit_mask));
    }
}

static void planar_write(struct vga *s, u32 offset, u8 value)
{
    u8 planes = s->sr[SR_MAP_MASK];
    u32 addr = bank_base(s) + offset;
    if (s->sr[SR_MEMORY_MODE] & SR_MEMORY_CHAIN_4) {
        planes &= (u8)(1 << (offset & 3));
        addr &= ~3u;
    } else if (!(s->sr[SR_MEMORY_MODE] & SR_MEMORY_SEQUENTIAL)) {
        planes &= offset & 1 ? 0xa : 0x5;
        addr &= ~1u;
    }
    u32 at = word_address(s, addr), mask = plane_mask(planes);
    u8 *word = &s->vram.host[at];
    ram_will_write(s->pool, s->vram.ram_base + at, PLANES);
    put_le32(word, (write_data(s, value) & mask) | (get_le32(word) & ~mask));
    vga_vram_changed(s, at, at + PLANES - 1);
}

static u8 read_byte(struct vga *s, u32 offset)
{
    u32 in = window_offset(s, offset);
    if (in == WINDOW_OFF)
        return OPEN_BUS;
    return linear(s) ? *linear_byte(s, in) : planar_read(s, in);
}

static void write_byte(struct vga *s, u32 offset, u8 value)
{
    u32 in = window_offset(s, offset);
    if (in == WINDOW_OFF)
        return;
    if (!linear(s)) {
        planar_write(s, in, value);
        return;
    }
    u8 *byte = linear_byte(s, in);
    u64 at = (u64)(byte - s->vram.host);
    ram_will_write(s->pool, s->vram.ram_base + at, 1);
    *byte = value;
    vga_vram_changed(s, at, at);
}

/* Wider accesses are byte cycles, lowest address first. */
static u64 lowmem_read(void *dev, u64 offset, unsigned size)
{
    u64 value = 0;
    for (unsigned i = 0; i < size; i++)
        value |= (u64)read_byte(dev, (u32)offset + i) << (8 * i);
    return value;
}

static void lowmem_write(void *dev, u64 offset, u64 value, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        write_byte(dev, (u32)offset + i, (u8)(value >> (8 * i)));
}

void vga_mem_init(struct vga *s)
{
    static const struct region_ops ops = { lowmem_read, lowmem_write, 1, 8 };
    region_init_io(&s->lowmem, "vga-lowmem", VGA_LOWMEM_SIZE, &ops, s);
}
