/* ioportf0.c: coprocessor error register.
 *
 * Data sheet: Intel 82371SB (PIIX3, order 290550), "Coprocessor Error Register", signals FERR# and IGNNE#. FERR# rising
 * latches IRQ 13. A write to F0h, whatever its value, lets go of IRQ 13 and, while FERR# is asserted, asserts IGNNE#
 * until FERR# goes away, so that a handler may execute x87 instructions. Reads find nothing. */
#include "ioportf0.h"

static void set_ferr(void *self, unsigned n, bool level)
{
    struct ioportf0 *s = self;
    (void)n;
    if (level && !s->ferr) {
        irq_set(&s->irq13, true);
    } else if (!level && s->ferr) {
        irq_set(&s->ignne, false);
    }
    s->ferr = level;
}

struct irq_line ioportf0_ferr(struct ioportf0 *s)
{
    return (struct irq_line){ set_ferr, s, 0 };
}

static u64 ioportf0_read(void *dev, u64 offset, unsigned size)
{
    (void)dev;
    (void)offset;
    (void)size;
    return 0xff;
}

static void ioportf0_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct ioportf0 *s = dev;
    (void)offset;
    (void)value;
    (void)size;
    irq_set(&s->irq13, false);
    if (s->ferr)
        irq_set(&s->ignne, true);
}

static const struct region_ops ioportf0_ops = { ioportf0_read, ioportf0_write, 1, 1 };

void ioportf0_init(struct ioportf0 *s, struct irq_line irq13, struct irq_line ignne)
{
    *s = (struct ioportf0){ .irq13 = irq13, .ignne = ignne };
    region_init_io(&s->io, "ioportF0", 1, &ioportf0_ops, s);
}

void ioportf0_reset(void *self)
{
    struct ioportf0 *s = self;
    s->ferr = false;
    irq_set(&s->irq13, false);
    irq_set(&s->ignne, false);
}

static const struct state_field ioportf0_fields[] = {
    STATE_MAX(struct ioportf0, ferr, 1),
    STATE_END,
};

const struct state_table ioportf0_state = { "ioportF0", 1, ioportf0_fields, NULL };
