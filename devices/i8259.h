/* i8259.h: the pair of interrupt controllers of a PC, a master and a slave on the master's IR2.
 *
 *     pic_init(&m->pic, &m->log, intr);      regions: chip[0].io "pic", chip[1].io "pic", chip[n].elcr_io "elcr"
 *     pit_init(..., pic_irq(&m->pic, 0));
 *
 * An interrupt is a level on an input. In edge mode it must rise, and stay high until the CPU has acknowledged it: a
 * pulse that is over before is forgotten, as on the chip (data sheet, "IR triggering timing requirements"). */
#ifndef PCEMU_I8259_H
#define PCEMU_I8259_H

#include "irq.h"
#include "log.h"
#include "region.h"
#include "state.h"

#define PIC_MASTER 0
#define PIC_SLAVE 1
#define PIC_IRQS 16

struct i8259_pair;

struct i8259 {
    /* wiring */
    struct region io;      /* "pic", 2 bytes */
    struct region elcr_io; /* "elcr", 1 byte */
    struct i8259_pair *pair;
    struct irq_line intr; /* the INT pin */
    bool master;
    u8 elcr_mask; /* inputs that may be level triggered */
    /* state */
    u8 lines; /* IR0-IR7 as they stand */
    u8 edge;  /* edge sense latches: risen, and not acknowledged since */
    u8 isr, imr;
    u8 elcr;
    u8 icw1, icw2, icw4;
    u8 init_step; /* ICW that is expected next, 0 when initialised */
    u8 lowest;    /* level that has the lowest priority */
    bool rotate_in_aeoi;
    bool special_mask;
    bool read_isr; /* A0 = 0 reads ISR, not IRR */
    bool poll;     /* the next read is a poll */
    bool intr_out; /* the INT pin */
};

struct i8259_pair {
    /* wiring */
    struct log *log;
    /* state */
    struct i8259 chip[2];
};

/* `intr`: the master's INT, to the CPU's INTR pin. */
void pic_init(struct i8259_pair *s, struct log *log, struct irq_line intr);
/* Power-on: no level inputs, everything masked until ICW1. The levels on the inputs are their senders' and stay. */
void pic_reset(void *self);
/* The wire to input `irq`, 0 to 15. IRQ 2 is taken by the slave: what is sent there goes nowhere. */
struct irq_line pic_irq(struct i8259_pair *s, unsigned irq);
/* The CPU's two INTA cycles: takes the request of highest priority into service and returns its vector. When the
 * request has gone away: the vector of IR7, with nothing in service (the spurious interrupt). */
u8 pic_ack(struct i8259_pair *s);
/* For people: both chips, as QEMU's `info pic` prints them. */
void pic_print(const struct i8259_pair *s, FILE *out);

extern const struct state_table i8259_state;

#endif
