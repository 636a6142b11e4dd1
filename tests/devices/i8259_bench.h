/* i8259_bench.h: two 8259s in cascade, as in the PC. */
#ifndef PCEMU_TESTS_I8259_BENCH_H
#define PCEMU_TESTS_I8259_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include "harness.h"
#include "i8259.h"

#define INTR 0
#define BASE_MASTER 0x20
#define BASE_SLAVE 0x28
#define READ_IRR 0x0a
#define READ_ISR 0x0b
#define EOI 0x20

struct bench {
    struct harness h;
    struct i8259_pair pic;
};

static inline void command(struct bench *b, unsigned chip, u8 v)
{
    harness_write(&b->h, &b->pic.chip[chip].io, 0, v, 1);
}

static inline void data(struct bench *b, unsigned chip, u8 v)
{
    harness_write(&b->h, &b->pic.chip[chip].io, 1, v, 1);
}

static inline u8 status(struct bench *b, unsigned chip, u8 which)
{
    command(b, chip, which);
    return (u8)harness_read(&b->h, &b->pic.chip[chip].io, 0, 1);
}

static inline u8 mask(struct bench *b, unsigned chip)
{
    return (u8)harness_read(&b->h, &b->pic.chip[chip].io, 1, 1);
}

static inline void elcr(struct bench *b, unsigned chip, u8 v)
{
    harness_write(&b->h, &b->pic.chip[chip].elcr_io, 0, v, 1);
}

static inline void line(struct bench *b, unsigned irq, bool level)
{
    struct irq_line wire = pic_irq(&b->pic, irq);
    irq_set(&wire, level);
}

static inline void program(struct bench *b, u8 icw4)
{
    command(b, PIC_MASTER, 0x11);
    data(b, PIC_MASTER, BASE_MASTER);
    data(b, PIC_MASTER, 0x04);
    data(b, PIC_MASTER, icw4);
    command(b, PIC_SLAVE, 0x11);
    data(b, PIC_SLAVE, BASE_SLAVE);
    data(b, PIC_SLAVE, 0x02);
    data(b, PIC_SLAVE, icw4 & (u8)~0x10);
}

static inline int setup(void **state)
{
    struct bench *b = calloc(1, sizeof(*b));
    assert_non_null(b);
    harness_init(&b->h);
    pic_init(&b->pic, &b->h.log, harness_irq(&b->h, INTR));
    program(b, 0x01);
    *state = b;
    return 0;
}

static inline int teardown(void **state)
{
    struct bench *b = *state;
    harness_free(&b->h);
    free(b);
    return 0;
}

static inline bool intr(const struct bench *b)
{
    return b->h.irq[INTR];
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
