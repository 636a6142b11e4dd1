/* irq.h: a wire. The sender sets a level; the receiver is whoever made the line. */
#ifndef PCEMU_IRQ_H
#define PCEMU_IRQ_H

#include "base.h"

struct irq_line {
    void (*set)(void *receiver, unsigned n, bool level); /* NULL: not connected */
    void *receiver;
    unsigned n; /* which input of the receiver */
};

static inline void irq_set(const struct irq_line *line, bool level)
{
    if (line->set)
        line->set(line->receiver, line->n, level);
}

static inline void irq_pulse(const struct irq_line *line)
{
    irq_set(line, true);
    irq_set(line, false);
}

#endif
