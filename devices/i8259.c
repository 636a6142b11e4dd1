/* i8259.c: two 8259A programmable interrupt controllers, as they sit in the PIIX3, with its edge/level control
 * registers.
 *
 * Data sheets: Intel 8259A (order 231468); Intel 82371SB (PIIX3, order 290550), interrupt controller registers.
 * Modelled: ICW1-ICW4, OCW1-OCW3, fully nested, special fully nested, rotating and specific priorities, automatic EOI,
 * special mask, poll, edge and level inputs, spurious interrupts.
 * As in the PIIX3: ICW1's LTIM has no effect (the ELCR decides, input by input); the slave hangs on IR2 whatever ICW3
 * says.
 * Not modelled: the 8080 mode (CALL vectors), buffered mode (no effect in a PC). */
#include "i8259.h"

#define ICW1_IC4 BIT(0)
#define ICW1_SNGL BIT(1)
#define ICW1_SELECT BIT(4)
#define ICW4_UPM BIT(0)
#define ICW4_AEOI BIT(1)
#define ICW4_SFNM BIT(4)
#define OCW2_EOI BIT(5)
#define OCW2_SL BIT(6)
#define OCW2_R BIT(7)
#define OCW2_LEVEL 7
#define OCW3_RIS BIT(0)
#define OCW3_RR BIT(1)
#define OCW3_P BIT(2)
#define OCW3_SELECT BIT(3)
#define OCW3_SMM BIT(5)
#define OCW3_ESMM BIT(6)
#define POLL_I BIT(7)

#define LEVELS 8
#define NO_LEVEL 8
#define CASCADE_LEVEL 2
#define SPURIOUS_LEVEL 7
#define ICW2_VECTOR 0xf8

/* IRQ0-2 (timer, keyboard, cascade), IRQ8 (RTC) and IRQ13 (FERR#) are always edge triggered: PIIX3, "ELCR". */
#define ELCR_MASK_MASTER 0xf8
#define ELCR_MASK_SLAVE 0xde
#define ICW3_MASTER BIT(CASCADE_LEVEL)
#define ICW3_SLAVE CASCADE_LEVEL

static void pic_update(struct i8259 *c);

static const char *chip_name(const struct i8259 *c)
{
    return c->master ? "i8259 master" : "i8259 slave";
}

static u8 level_bit(unsigned level)
{
    return (u8)(1u << (level & OCW2_LEVEL));
}

/* IRR: a level input requests while it is high, an edge input while its latch is set, which needs it high, too. */
static u8 pic_irr(const struct i8259 *c)
{
    return (u8)(c->lines & (c->elcr | c->edge));
}

/* 0 for the level of highest priority, 7 for the lowest. */
static unsigned rank(const struct i8259 *c, unsigned level)
{
    return (level - c->lowest - 1) & OCW2_LEVEL;
}

static unsigned highest(const struct i8259 *c, u8 levels)
{
    for (unsigned i = 1; i <= LEVELS; i++) {
        unsigned level = (c->lowest + i) & OCW2_LEVEL;
        if (levels & level_bit(level))
            return level;
    }
    return NO_LEVEL;
}

/* Levels in service that hold back requests and take a non-specific EOI: in special mask mode not the masked ones. */
static u8 blocking_isr(const struct i8259 *c)
{
    return c->special_mask ? (u8)(c->isr & ~c->imr) : c->isr;
}

/* The level that the priority resolver lets through, or NO_LEVEL. */
static unsigned pic_request(const struct i8259 *c)
{
    unsigned level = highest(c, (u8)(pic_irr(c) & ~c->imr));
    unsigned in_service = highest(c, blocking_isr(c));
    if (level == NO_LEVEL || in_service == NO_LEVEL || rank(c, level) < rank(c, in_service))
        return level;
    /* Special fully nested mode: the slave whose request is in service may ask again for a higher one of its own. */
    if ((c->icw4 & ICW4_SFNM) && c->master && level == CASCADE_LEVEL && in_service == CASCADE_LEVEL)
        return level;
    return NO_LEVEL;
}

static void set_intr(struct i8259 *c, bool level)
{
    if (c->intr_out == level)
        return;
    c->intr_out = level;
    irq_set(&c->intr, level);
}

static void pic_update(struct i8259 *c)
{
    set_intr(c, !c->init_step && pic_request(c) != NO_LEVEL);
}

static void pic_set_input(struct i8259 *c, unsigned level, bool high)
{
    u8 bit = level_bit(level);
    if (high) {
        c->edge |= (u8)(bit & ~c->lines);
        c->lines |= bit;
    } else {
        c->edge &= (u8)~bit;
        c->lines &= (u8)~bit;
    }
    pic_update(c);
}

static void slave_intr(void *self, unsigned n, bool level)
{
    struct i8259_pair *s = self;
    pic_set_input(&s->chip[PIC_MASTER], n, level);
}

static void pic_set_irq(void *self, unsigned irq, bool level)
{
    struct i8259_pair *s = self;
    if (irq != CASCADE_LEVEL)
        pic_set_input(&s->chip[irq >= LEVELS ? PIC_SLAVE : PIC_MASTER], irq & OCW2_LEVEL, level);
}

struct irq_line pic_irq(struct i8259_pair *s, unsigned irq)
{
    return (struct irq_line){ pic_set_irq, s, irq % PIC_IRQS };
}

/* The last INTA pulse, or a poll: `level` goes into service. INT drops meanwhile, so that the master sees a new edge
 * when the slave has something left. */
static void pic_take(struct i8259 *c, unsigned level)
{
    set_intr(c, false);
    c->edge &= (u8)~level_bit(level);
    c->isr |= level_bit(level);
    if (c->icw4 & ICW4_AEOI) {
        c->isr &= (u8)~level_bit(level);
        if (c->rotate_in_aeoi)
            c->lowest = (u8)level;
    }
    pic_update(c);
}

/* One chip's part in an interrupt acknowledge; *level is what it put in service, or NO_LEVEL. */
static u8 chip_ack(struct i8259 *c, unsigned *level)
{
    *level = c->init_step ? NO_LEVEL : pic_request(c);
    if (*level == NO_LEVEL)
        return (u8)((c->icw2 & ICW2_VECTOR) | SPURIOUS_LEVEL);
    pic_take(c, *level);
    return (u8)((c->icw2 & ICW2_VECTOR) | *level);
}

u8 pic_ack(struct i8259_pair *s)
{
    unsigned level;
    u8 vector = chip_ack(&s->chip[PIC_MASTER], &level);
    if (level == CASCADE_LEVEL && !(s->chip[PIC_MASTER].icw1 & ICW1_SNGL))
        vector = chip_ack(&s->chip[PIC_SLAVE], &level);
    return vector;
}

/* ICW1: data sheet, "Initialization Command Words 1 and 2", steps a to f. */
static void write_icw1(struct i8259 *c, u8 v)
{
    c->icw1 = v;
    c->icw4 = 0;
    c->edge = 0;
    c->isr = 0;
    c->imr = 0;
    c->lowest = SPURIOUS_LEVEL;
    c->special_mask = false;
    c->read_isr = false;
    c->poll = false;
    c->rotate_in_aeoi = false;
    c->init_step = 2;
}

static void end_of_interrupt(struct i8259 *c, u8 command, unsigned level)
{
    if (level == NO_LEVEL)
        return;
    c->isr &= (u8)~level_bit(level);
    if (command & OCW2_R)
        c->lowest = (u8)level;
}

static void write_ocw2(struct i8259 *c, u8 v)
{
    unsigned level = v & OCW2_LEVEL;
    switch (v & (OCW2_R | OCW2_SL | OCW2_EOI)) {
    case 0:
    case OCW2_R:
        c->rotate_in_aeoi = v & OCW2_R;
        break;
    case OCW2_EOI:
    case OCW2_R | OCW2_EOI:
        end_of_interrupt(c, v, highest(c, blocking_isr(c)));
        break;
    case OCW2_SL | OCW2_EOI:
    case OCW2_R | OCW2_SL | OCW2_EOI:
        end_of_interrupt(c, v, level);
        break;
    case OCW2_R | OCW2_SL:
        c->lowest = (u8)level;
        break;
    default: /* SL alone: no operation */
        break;
    }
}

static void write_ocw3(struct i8259 *c, u8 v)
{
    if (v & OCW3_P)
        c->poll = true;
    if (v & OCW3_RR)
        c->read_isr = v & OCW3_RIS;
    if (v & OCW3_ESMM)
        c->special_mask = v & OCW3_SMM;
}

static void write_icw3(struct i8259 *c, u8 v)
{
    u8 wired = c->master ? ICW3_MASTER : ICW3_SLAVE;
    if (v != wired)
        log_guest(c->pair->log, chip_name(c), "ICW3 is %02x, but the pair is wired as %02x", v, wired);
}

static void write_icw4(struct i8259 *c, u8 v)
{
    c->icw4 = v;
    if (!(v & ICW4_UPM))
        log_unimp(c->pair->log, chip_name(c), "8080 mode (ICW4 %02x): runs in 8086 mode", v);
}

/* ICW2 to ICW4, in order; ICW1 says which of them come. */
static void write_icw(struct i8259 *c, u8 v)
{
    u8 after_icw3 = c->icw1 & ICW1_IC4 ? 4 : 0;
    switch (c->init_step) {
    case 2:
        c->icw2 = v;
        c->init_step = c->icw1 & ICW1_SNGL ? after_icw3 : 3;
        break;
    case 3:
        write_icw3(c, v);
        c->init_step = after_icw3;
        break;
    default:
        write_icw4(c, v);
        c->init_step = 0;
        break;
    }
}

static void pic_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct i8259 *c = dev;
    u8 v = (u8)value;
    (void)size;
    if (offset == 0 && (v & ICW1_SELECT))
        write_icw1(c, v);
    else if (offset == 0 && (v & OCW3_SELECT))
        write_ocw3(c, v);
    else if (offset == 0)
        write_ocw2(c, v);
    else if (c->init_step)
        write_icw(c, v);
    else
        c->imr = v;
    pic_update(c);
}

/* Poll: the read is the acknowledge; bit 7 says whether there was a request, bits 2-0 which. */
static u8 pic_poll(struct i8259 *c)
{
    unsigned level;
    c->poll = false;
    chip_ack(c, &level);
    return level == NO_LEVEL ? 0 : (u8)(POLL_I | level);
}

static u64 pic_read(void *dev, u64 offset, unsigned size)
{
    struct i8259 *c = dev;
    (void)size;
    if (c->poll)
        return pic_poll(c);
    if (offset)
        return c->imr;
    return c->read_isr ? c->isr : pic_irr(c);
}

static void elcr_write(void *dev, u64 offset, u64 value, unsigned size)
{
    struct i8259 *c = dev;
    (void)offset;
    (void)size;
    c->elcr = (u8)value & c->elcr_mask;
    pic_update(c);
}

static u64 elcr_read(void *dev, u64 offset, unsigned size)
{
    const struct i8259 *c = dev;
    (void)offset;
    (void)size;
    return c->elcr;
}

static const struct region_ops pic_ops = { pic_read, pic_write, 1, 1 };
static const struct region_ops elcr_ops = { elcr_read, elcr_write, 1, 1 };

static void chip_init(struct i8259_pair *s, unsigned n, u8 elcr_mask, struct irq_line intr)
{
    struct i8259 *c = &s->chip[n];
    c->pair = s;
    c->master = n == PIC_MASTER;
    c->elcr_mask = elcr_mask;
    c->intr = intr;
    region_init_io(&c->io, "pic", 2, &pic_ops, c);
    region_init_io(&c->elcr_io, "elcr", 1, &elcr_ops, c);
}

void pic_init(struct i8259_pair *s, struct log *log, struct irq_line intr)
{
    *s = (struct i8259_pair){ .log = log };
    chip_init(s, PIC_MASTER, ELCR_MASK_MASTER, intr);
    chip_init(s, PIC_SLAVE, ELCR_MASK_SLAVE, (struct irq_line){ slave_intr, s, CASCADE_LEVEL });
    pic_reset(s);
}

static void chip_reset(struct i8259 *c)
{
    write_icw1(c, 0);
    c->init_step = 0;
    c->icw2 = 0;
    c->imr = 0xff;
    c->elcr = 0;
    pic_update(c);
}

void pic_reset(void *self)
{
    struct i8259_pair *s = self;
    chip_reset(&s->chip[PIC_SLAVE]);
    chip_reset(&s->chip[PIC_MASTER]);
}

static const struct state_field chip_fields[] = {
    STATE(struct i8259, lines),
    STATE(struct i8259, edge),
    STATE(struct i8259, isr),
    STATE(struct i8259, imr),
    STATE(struct i8259, elcr),
    STATE(struct i8259, icw1),
    STATE(struct i8259, icw2),
    STATE(struct i8259, icw4),
    STATE_MAX(struct i8259, init_step, 4),
    STATE_MAX(struct i8259, lowest, OCW2_LEVEL),
    STATE_MAX(struct i8259, rotate_in_aeoi, 1),
    STATE_MAX(struct i8259, special_mask, 1),
    STATE_MAX(struct i8259, read_isr, 1),
    STATE_MAX(struct i8259, poll, 1),
    STATE_MAX(struct i8259, intr_out, 1),
    STATE_END,
};

static const struct state_field pair_fields[] = {
    STATE_ARRAY(struct i8259_pair, chip, chip_fields),
    STATE_END,
};

const struct state_table i8259_state = { "i8259", 1, pair_fields, NULL };

static void print_chip(const struct i8259 *c, FILE *out)
{
    bool fully_nested = c->icw4 & ICW4_SFNM;
    fprintf(out, "pic%d: irr=%02x imr=%02x isr=%02x hprio=%d irq_base=%02x rr_sel=%d elcr=%02x fnm=%d\n", !c->master,
            pic_irr(c), c->imr, c->isr, (c->lowest + 1) & 7, c->icw2 & ICW2_VECTOR, c->read_isr, c->elcr, fully_nested);
}

void pic_print(const struct i8259_pair *s, FILE *out)
{
    print_chip(&s->chip[PIC_SLAVE], out);
    print_chip(&s->chip[PIC_MASTER], out);
}
