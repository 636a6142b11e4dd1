/* vga_dispi.c: the Bochs display interface: an index and a data port that set linear modes of 4 to 32 bits a pixel.
 * "VBE Display API" of Bochs, version B0C5; limits as that document and QEMU's standard VGA set them, but for the
 * largest picture (4096 x 4096). While the interface is enabled, registers take effect at once, brought into their
 * limits as they are written. */
#include "vga_regs.h"
#include "space.h"

#define WHO "vga"
#define BANK_SIZE 0x10000u
#define WIDTH_STEP 8 /* pixels */

static u32 clamp(u32 value, u32 low, u32 high)
{
    return value < low ? low : value > high ? high : value;
}

static u32 pitch_of(u32 width, u32 bpp)
{
    return bpp == 4 ? width / 8 : width * ((bpp + 7) / 8);
}

u32 vga_dispi_pitch(const struct vga *s)
{
    return pitch_of(s->dispi[DISPI_VIRT_WIDTH], s->dispi[DISPI_BPP]);
}

static bool depth_known(u16 bpp)
{
    return bpp == 4 || bpp == 8 || bpp == 15 || bpp == 16 || bpp == 24 || bpp == 32;
}

void vga_dispi_settle(struct vga *s)
{
    u16 *r = s->dispi;
    if (!vga_dispi_enabled(s))
        return;
    if (!depth_known(r[DISPI_BPP])) {
        log_guest(s->log, WHO, "display interface: %u bits a pixel, taken as 8", r[DISPI_BPP]);
        r[DISPI_BPP] = 8;
    }
    u32 memory = r[DISPI_BPP] == 4 ? (u32)VGA_VRAM_SIZE / 4 : (u32)VGA_VRAM_SIZE;
    u32 width = clamp(r[DISPI_XRES] & ~(WIDTH_STEP - 1u), WIDTH_STEP, DISPI_MAX_XRES);
    u32 virt_width = clamp(r[DISPI_VIRT_WIDTH] & ~(WIDTH_STEP - 1u), width, DISPI_MAX_XRES);
    u32 lines = memory / pitch_of(virt_width, r[DISPI_BPP]);
    u32 height = clamp(r[DISPI_YRES], 1, lines < DISPI_MAX_YRES ? lines : DISPI_MAX_YRES);
    r[DISPI_XRES] = (u16)width;
    r[DISPI_YRES] = (u16)height;
    r[DISPI_VIRT_WIDTH] = (u16)virt_width;
    r[DISPI_VIRT_HEIGHT] = (u16)clamp(lines, 1, UINT16_MAX);
    r[DISPI_X_OFFSET] = (u16)clamp(r[DISPI_X_OFFSET], 0, virt_width - width);
    r[DISPI_Y_OFFSET] = (u16)clamp(r[DISPI_Y_OFFSET], 0, clamp(lines, 1, UINT16_MAX) - height);
}

static void clear_picture(struct vga *s)
{
    u64 planes = s->dispi[DISPI_BPP] == 4 ? 4 : 1, size = planes * vga_dispi_pitch(s) * s->dispi[DISPI_YRES];
    ram_will_write(s->pool, s->vram.ram_base, size);
    memset(s->vram.host, 0, size);
    vga_vram_changed(s, 0, size - 1);
}

static void enable_write(struct vga *s, u16 value)
{
    bool was = vga_dispi_enabled(s);
    s->dispi[DISPI_ENABLE] =
        value & (DISPI_ENABLED | DISPI_GETCAPS | DISPI_8BIT_DAC | DISPI_LFB_ENABLED | DISPI_NOCLEARMEM);
    if (!vga_dispi_enabled(s)) {
        s->dispi[DISPI_BANK] = 0;
        return;
    }
    if (was)
        return;
    s->dispi[DISPI_VIRT_WIDTH] = s->dispi[DISPI_XRES];
    s->dispi[DISPI_X_OFFSET] = s->dispi[DISPI_Y_OFFSET] = 0;
    vga_dispi_settle(s);
    if (!(value & DISPI_NOCLEARMEM))
        clear_picture(s);
}

static u16 capability(u16 index)
{
    return index == DISPI_XRES ? DISPI_MAX_XRES : index == DISPI_YRES ? DISPI_MAX_YRES : DISPI_MAX_BPP;
}

u16 vga_dispi_read(struct vga *s, u16 index)
{
    if (index == DISPI_VIDEO_MEMORY_64K)
        return (u16)(VGA_VRAM_SIZE / BANK_SIZE);
    if (index >= VGA_DISPI_COUNT)
        return 0;
    bool caps = s->dispi[DISPI_ENABLE] & DISPI_GETCAPS;
    return caps && index >= DISPI_XRES && index <= DISPI_BPP ? capability(index) : s->dispi[index];
}

void vga_dispi_write(struct vga *s, u16 index, u16 value)
{
    switch (index) {
    case DISPI_ID:
        if (value >= DISPI_ID0 && value <= DISPI_ID5)
            s->dispi[DISPI_ID] = value;
        break;
    case DISPI_ENABLE:
        enable_write(s, value);
        break;
    case DISPI_BANK:
        s->dispi[DISPI_BANK] = value & (u16)(VGA_VRAM_SIZE / BANK_SIZE - 1);
        break;
    case DISPI_XRES:
    case DISPI_YRES:
    case DISPI_BPP:
    case DISPI_VIRT_WIDTH:
    case DISPI_X_OFFSET:
    case DISPI_Y_OFFSET:
        s->dispi[index] = value;
        vga_dispi_settle(s);
        break;
    case DISPI_VIRT_HEIGHT: /* follows from the width and the memory there is */
    case DISPI_VIDEO_MEMORY_64K:
        break;
    default:
        log_unimp(s->log, WHO, "display interface register %x written with %04x", index, value);
    }
}

/* Port 0 is the index; the data register answers at port 1 and, aligned, at port 2. Byte accesses are not decoded. */
static u64 vbe_read(void *dev, u64 offset, unsigned size)
{
    struct vga *s = dev;
    if (size != 2 || offset > 2)
        return low_bytes(UINT64_MAX, size);
    return offset ? vga_dispi_read(s, s->dispi_index) : s->dispi_index;
}

static void vbe_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct vga *s = dev;
    if (size != 2 || offset > 2)
        log_guest(s->log, WHO, "display interface: %u-byte write at port offset %u dropped", size, (unsigned)offset);
    else if (offset)
        vga_dispi_write(s, s->dispi_index, (u16)value);
    else
        s->dispi_index = (u16)value;
}

void vga_dispi_init(struct vga *s)
{
    static const struct region_ops ops = { vbe_read, vbe_write, 1, 2 };
    region_init_io(&s->vbe, "vbe", 4, &ops, s);
}
