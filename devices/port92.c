/* port92.c: system control port A.
 *
 * Reference: IBM PS/2 Hardware Interface Technical Reference, "System Control Port A"; Intel 82371SB (PIIX3, order
 * 290550), "Port 92". Bit 0 rising starts a fast INIT of the CPU, bit 1 is the alternate A20 gate; both read back.
 * Not modelled: the PS/2's other bits (fixed disk light, watchdog, CMOS password lock): they read as written. */
#include "port92.h"

#define FAST_INIT BIT(0)
#define FAST_A20 BIT(1)

static u64 port92_read(void *dev, u64 offset, unsigned size)
{
    const struct port92 *s = dev;
    (void)offset;
    (void)size;
    return s->control;
}

static void port92_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct port92 *s = dev;
    bool init = (value & FAST_INIT) && !(s->control & FAST_INIT);
    (void)offset;
    (void)size;
    s->control = (u8)value;
    irq_set(&s->a20, value & FAST_A20);
    if (init)
        irq_pulse(&s->init);
}

static const struct region_ops port92_ops = { port92_read, port92_write, 1, 1 };

void port92_init(struct port92 *s, struct irq_line a20, struct irq_line init)
{
    *s = (struct port92){ .a20 = a20, .init = init };
    region_init_io(&s->io, "port92", 1, &port92_ops, s);
}

void port92_reset(void *self)
{
    struct port92 *s = self;
    s->control = 0;
}

static const struct state_field port92_fields[] = {
    STATE(struct port92, control),
    STATE_END,
};

const struct state_table port92_state = { "port92", 1, port92_fields, NULL };
