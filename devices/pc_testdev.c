/* pc_testdev.c: QEMU's pc-testdev (no data sheet; hw/misc/pc-testdev.c describes it), by which kvm-unit-tests check how
 * accesses are made: four ports and 64 KiB of memory space that keep what is written, at any width; four ports that are
 * reached byte by byte; a port for each ISA interrupt, whose line follows what is written; and one that in QEMU takes a
 * page of the guest's memory away from its host and gives it back, which a guest can't see. */
#include "pc_testdev.h"

#define IRQ_PORTS 24

static u64 get(const u8 *bytes, unsigned size)
{
    u64 v = 0;
    for (unsigned i = 0; i < size; i++)
        v |= (u64)bytes[i] << (8 * i);
    return v;
}

static void put(u8 *bytes, u64 value, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        bytes[i] = (u8)(value >> (8 * i));
}

static u64 port_read(void *dev, u64 offset, unsigned size)
{
    const struct pc_testdev *s = dev;
    return offset + size <= sizeof s->data ? get(s->data + offset, size) : 0;
}

static void port_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct pc_testdev *s = dev;
    if (offset + size <= sizeof s->data)
        put(s->data + offset, value, size);
}

static u64 memory_read(void *dev, u64 offset, unsigned size)
{
    const struct pc_testdev *s = dev;
    return offset + size <= sizeof s->memory ? get(s->memory + offset, size) : 0;
}

static void memory_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct pc_testdev *s = dev;
    if (offset + size <= sizeof s->memory)
        put(s->memory + offset, value, size);
}

static u64 zero_read(void *dev, u64 offset, unsigned size)
{
    (void)dev, (void)offset, (void)size;
    return 0;
}

static void flush_write(void *dev, u64 offset, u64 value, unsigned size)
{
    (void)dev, (void)offset, (void)value, (void)size;
}

static void irq_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct pc_testdev *s = dev;
    (void)size;
    if (offset < PC_TESTDEV_LINES)
        irq_set(&s->irq[offset], value != 0);
}

static const struct region_ops port_ops = { port_read, port_write, 1, 4 };
static const struct region_ops byte_ops = { port_read, port_write, 1, 1 };
static const struct region_ops flush_ops = { zero_read, flush_write, 4, 4 };
static const struct region_ops irq_ops = { zero_read, irq_write, 1, 1 };
static const struct region_ops memory_ops = { memory_read, memory_write, 1, 8 };

void pc_testdev_init(struct pc_testdev *s, const struct irq_line irq[PC_TESTDEV_LINES])
{
    memset(s, 0, sizeof *s);
    memcpy(s->irq, irq, sizeof s->irq);
    region_init_io(&s->ioport, "pc-testdev-ioport", sizeof s->data, &port_ops, s);
    region_init_io(&s->ioport_byte, "pc-testdev-ioport-byte", sizeof s->data, &byte_ops, s);
    region_init_io(&s->flush, "pc-testdev-flush-page", 4, &flush_ops, s);
    region_init_io(&s->irq_line, "pc-testdev-irq-line", IRQ_PORTS, &irq_ops, s);
    region_init_io(&s->iomem, "pc-testdev-iomem", PC_TESTDEV_MEMORY, &memory_ops, s);
}

/* The lines fall; what was written stays, as in QEMU. */
void pc_testdev_reset(void *self)
{
    struct pc_testdev *s = self;
    for (unsigned i = 0; i < PC_TESTDEV_LINES; i++)
        irq_set(&s->irq[i], false);
}

static const struct state_field fields[] = { STATE_BYTES(struct pc_testdev, data),
                                             STATE_BYTES(struct pc_testdev, memory), STATE_END };

const struct state_table pc_testdev_state = { "pc_testdev", 1, fields, NULL };
