/* port80.c: the diagnostic port. In a PC it is a spare latch of the DMA page registers (Intel 82371SB, order 290550,
 * "DMA Page Registers", reserved), which POST cards listen to; it reads back, and guests write it to pass a
 * microsecond. */
#include "port80.h"

static u64 port80_read(void *dev, u64 offset, unsigned size)
{
    const struct port80 *s = dev;
    (void)offset;
    (void)size;
    return s->code;
}

static void port80_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct port80 *s = dev;
    (void)offset;
    (void)size;
    s->code = (u8)value;
}

static const struct region_ops port80_ops = { port80_read, port80_write, 1, 1 };

void port80_init(struct port80 *s)
{
    *s = (struct port80){ 0 };
    region_init_io(&s->io, "ioport80", 1, &port80_ops, s);
}

void port80_reset(void *self)
{
    struct port80 *s = self;
    s->code = 0;
}

static const struct state_field port80_fields[] = {
    STATE(struct port80, code),
    STATE_END,
};

const struct state_table port80_state = { "port80", 1, port80_fields, NULL };
