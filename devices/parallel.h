/* parallel.h: a PC's parallel port with a printer on it, whose paper is a character stream. See parallel.c. */
#ifndef PCEMU_PARALLEL_H
#define PCEMU_PARALLEL_H

#include "backend.h"
#include "irq.h"
#include "log.h"
#include "region.h"
#include "state.h"

struct parallel {
    /* wiring */
    struct region io; /* "parallel", 8 ports */
    struct irq_line irq;
    struct char_backend printer;
    struct log *log;
    /* state */
    u8 data; /* what the port drives */
    u8 status, control;
    bool irq_pending;
};

void parallel_init(struct parallel *s, struct irq_line irq, struct char_backend printer, struct log *log);
void parallel_reset(void *self);

extern const struct state_table parallel_state;

#endif
