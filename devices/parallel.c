/* parallel.c: the standard parallel port: data, status and control register, and a printer that takes each byte at
 * once.
 *
 * References: IBM PS/2 Hardware Interface Technical Reference, "Parallel Port Controller"; IEEE 1284-1994,
 * compatibility mode; the printer's handshake is that of QEMU 7.2's hw/char/parallel.c without a host port behind it: a
 * strobe prints the byte and makes the printer busy; from the strobe's end on, a first read of the status shows it
 * busy, a second with the acknowledge pulse, a third ready again. The interrupt is pending from the strobe's end until
 * the status is read. As there: the time-out bit reads 1 until the printer is initialised; the registers of EPP (3 to
 * 7) read FFh; in the direction from the printer, which has nothing to say, data reads FFh. Not modelled, and logged:
 * EPP and ECP cycles. */
#include "parallel.h"

#define PORTS 8

enum parallel_register { DATA, STATUS, CONTROL };

#define STATUS_NOT_BUSY BIT(7)
#define STATUS_NOT_ACK BIT(6)
#define STATUS_SELECTED BIT(4)
#define STATUS_NO_ERROR BIT(3)
#define STATUS_TIMEOUT BIT(0)
#define STATUS_READY (STATUS_NOT_BUSY | STATUS_NOT_ACK | STATUS_SELECTED | STATUS_NO_ERROR)

#define CONTROL_STROBE BIT(0)
#define CONTROL_NOT_INIT BIT(2)
#define CONTROL_SELECT BIT(3)
#define CONTROL_IRQ_ENABLE BIT(4)
#define CONTROL_INPUT BIT(5)
#define CONTROL_ONES 0xc0

#define OPEN_BUS 0xff

static void update_irq(const struct parallel *s)
{
    irq_set(&s->irq, s->irq_pending);
}

/* The acknowledge pulse passes with the reads that look for it. */
static u8 read_status(struct parallel *s)
{
    u8 v = s->status;
    s->irq_pending = false;
    if (!(v & STATUS_NOT_BUSY) && !(s->control & CONTROL_STROBE))
        s->status = (u8)(v & STATUS_NOT_ACK ? v & ~STATUS_NOT_ACK : v | STATUS_NOT_ACK | STATUS_NOT_BUSY);
    update_irq(s);
    return v;
}

static u64 parallel_read(void *dev, u64 offset, unsigned size)
{
    struct parallel *s = dev;
    (void)size;
    switch (offset) {
    case DATA:
        return s->control & CONTROL_INPUT ? OPEN_BUS : s->data;
    case STATUS:
        return read_status(s);
    case CONTROL:
        return s->control;
    default:
        log_unimp(s->log, "parallel", "read of EPP register %u", (unsigned)offset);
        return OPEN_BUS;
    }
}

static void strobe(struct parallel *s, u8 control)
{
    if (control & CONTROL_STROBE) {
        s->status &= (u8)~STATUS_NOT_BUSY;
        if (!(s->control & CONTROL_STROBE))
            char_write(&s->printer, s->data);
    } else if (s->control & CONTROL_IRQ_ENABLE) {
        s->irq_pending = true;
    }
}

static void write_control(struct parallel *s, u8 v)
{
    if (!(v & CONTROL_NOT_INIT))
        s->status = STATUS_READY;
    else if (v & CONTROL_SELECT)
        strobe(s, v);
    s->control = v | CONTROL_ONES;
    update_irq(s);
}

static void parallel_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct parallel *s = dev;
    (void)size;
    if (offset == DATA)
        s->data = (u8)value;
    else if (offset == CONTROL)
        write_control(s, (u8)value);
    else if (offset != STATUS)
        log_unimp(s->log, "parallel", "write of %02x to EPP register %u", (unsigned)value, (unsigned)offset);
}

static const struct region_ops parallel_ops = { parallel_read, parallel_write, 1, 1 };

void parallel_init(struct parallel *s, struct irq_line irq, struct char_backend printer, struct log *log)
{
    *s = (struct parallel){ .irq = irq, .printer = printer, .log = log };
    region_init_io(&s->io, "parallel", PORTS, &parallel_ops, s);
    parallel_reset(s);
}

void parallel_reset(void *self)
{
    struct parallel *s = self;
    s->data = OPEN_BUS;
    s->status = STATUS_READY | STATUS_TIMEOUT;
    s->control = CONTROL_ONES | CONTROL_SELECT | CONTROL_NOT_INIT;
    s->irq_pending = false;
    update_irq(s);
}

static const struct state_field parallel_fields[] = {
    STATE(struct parallel, data),
    STATE(struct parallel, status),
    STATE(struct parallel, control),
    STATE(struct parallel, irq_pending),
    STATE_END,
};

const struct state_table parallel_state = { "parallel", 1, parallel_fields, NULL };
