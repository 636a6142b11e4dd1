/* debugcon.c: the debug console of Bochs' "port E9 hack" and QEMU's isa-debugcon (no data sheet): each byte written
 * goes to the host, and a read gives E9h, by which a guest knows that it is there. */
#include "debugcon.h"

static u64 debugcon_read(void *dev, u64 offset, unsigned size)
{
    (void)dev;
    (void)offset;
    (void)size;
    return DEBUGCON_READBACK;
}

static void debugcon_write(void *dev, u64 offset, u64 value, unsigned size)
{
    const struct debugcon *s = dev;
    (void)offset;
    (void)size;
    char_write(&s->out, (u8)value);
}

static const struct region_ops debugcon_ops = { debugcon_read, debugcon_write, 1, 1 };

void debugcon_init(struct debugcon *s, struct char_backend out)
{
    *s = (struct debugcon){ .out = out };
    region_init_io(&s->io, "debugcon", 1, &debugcon_ops, s);
}
