/* device.h: what the machine knows of each chip: how to reset it and what its state is. The list is walked in order. */
#ifndef PCEMU_DEVICE_H
#define PCEMU_DEVICE_H

#include "state.h"

struct device {
    const char *name; /* unique in the machine: "i8254" */
    void *self;
    void (*reset)(void *self); /* to power-on state, as the data sheet's RESET pin does; NULL: none */
    const struct state_table *state;
};

#endif
