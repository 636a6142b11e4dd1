/* pcspk.h: port 61h, NMI status and control: the gate and output of timer counter 2, and the speaker's data bit. */
#ifndef PCEMU_PCSPK_H
#define PCEMU_PCSPK_H

#include "i8254.h"

struct pcspk {
    /* wiring */
    struct region io; /* "pcspk", 1 byte */
    struct i8254 *pit;
    /* state */
    u8 control; /* bits 3-0 as written */
};

/* `pit`: whose counter 2 it gates; not owned. */
void pcspk_init(struct pcspk *s, struct i8254 *pit);
void pcspk_reset(void *self);

extern const struct state_table pcspk_state;

#endif
