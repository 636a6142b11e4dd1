/* vga_mmio.c: the adapter's registers in memory (BAR 2), laid out as QEMU's docs/specs/standard-vga says: EDID at 0,
 * the VGA's ports 3C0 to 3DF at 400, the Bochs display interface's registers at 500, the extended registers at 600. */
#include "vga_regs.h"

#define REMAPPED_AT 0x400
#define DISPI_AT 0x500
#define DISPI_SIZE 0x16
#define EXTENDED_AT 0x600
#define EXTENDED_SIZE 8

/* Extended registers, 32 bits each. */
#define EXTENDED_LENGTH 0     /* bytes of extended registers, itself included */
#define EXTENDED_BYTE_ORDER 4 /* of the frame buffer's pixels */
#define BYTE_ORDER_LITTLE 0x1e1e1e1eu
#define BYTE_ORDER_BIG 0xbebebebeu

static u64 edid_read(void *dev, u64 offset, unsigned size)
{
    struct vga *s = dev;
    (void)size;
    return s->edid_data[offset % VGA_EDID_SIZE];
}

static void edid_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct vga *s = dev;
    (void)value;
    (void)size;
    log_guest(s->log, "vga", "write to the read-only EDID at %x", (unsigned)offset);
}

static u64 remapped_read(void *dev, u64 offset, unsigned size)
{
    (void)size;
    return vga_port_read(dev, (unsigned)offset);
}

static void remapped_write(void *dev, u64 offset, u64 value, unsigned size)
{
    (void)size;
    vga_port_write(dev, (unsigned)offset, (u8)value);
}

static u64 dispi_read(void *dev, u64 offset, unsigned size)
{
    (void)size;
    return vga_dispi_read(dev, (u16)(offset / 2));
}

static void dispi_write(void *dev, u64 offset, u64 value, unsigned size)
{
    (void)size;
    vga_dispi_write(dev, (u16)(offset / 2), (u16)value);
}

static u64 extended_read(void *dev, u64 offset, unsigned size)
{
    struct vga *s = dev;
    (void)size;
    if (offset == EXTENDED_LENGTH)
        return EXTENDED_SIZE;
    return s->big_endian ? BYTE_ORDER_BIG : BYTE_ORDER_LITTLE;
}

static void extended_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct vga *s = dev;
    (void)size;
    if (offset == EXTENDED_BYTE_ORDER && value == BYTE_ORDER_BIG)
        s->big_endian = true;
    else if (offset == EXTENDED_BYTE_ORDER && value == BYTE_ORDER_LITTLE)
        s->big_endian = false;
    else
        log_guest(s->log, "vga", "extended register %x written with %08x: no effect", (unsigned)offset, (u32)value);
}

void vga_mmio_init(struct vga *s)
{
    static const struct region_ops edid = { edid_read, edid_write, 1, 1 };
    static const struct region_ops remapped = { remapped_read, remapped_write, 1, 1 };
    static const struct region_ops dispi = { dispi_read, dispi_write, 2, 2 };
    static const struct region_ops extended = { extended_read, extended_write, 4, 4 };
    vga_edid_fill(s->edid_data);
    region_init_container(&s->mmio, "vga.mmio", VGA_MMIO_SIZE);
    region_init_io(&s->edid, "edid", VGA_EDID_SIZE, &edid, s);
    region_init_io(&s->remapped, "vga ioports remapped", VGA_PORTS, &remapped, s);
    region_init_io(&s->dispi_mmio, "bochs dispi interface", DISPI_SIZE, &dispi, s);
    region_init_io(&s->extended, "qemu extended regs", EXTENDED_SIZE, &extended, s);
    region_add(&s->mmio, 0, &s->edid, 0);
    region_add(&s->mmio, REMAPPED_AT, &s->remapped, 0);
    region_add(&s->mmio, DISPI_AT, &s->dispi_mmio, 0);
    region_add(&s->mmio, EXTENDED_AT, &s->extended, 0);
}
