/* port80.h: port 80h, where firmware shows how far its self-test has come. */
#ifndef PCEMU_PORT80_H
#define PCEMU_PORT80_H

#include "region.h"
#include "state.h"

struct port80 {
    /* wiring */
    struct region io; /* "ioport80", 1 byte */
    /* state */
    u8 code; /* the POST code, for whoever wants to show it */
};

void port80_init(struct port80 *s);
void port80_reset(void *self);

extern const struct state_table port80_state;

#endif
