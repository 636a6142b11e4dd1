/* debugcon.h: a one-byte debug console, as Bochs and QEMU have it at port E9h. */
#ifndef PCEMU_DEBUGCON_H
#define PCEMU_DEBUGCON_H

#include "backend.h"
#include "region.h"

#define DEBUGCON_IOBASE 0xe9   /* QEMU's default place */
#define DEBUGCON_READBACK 0xe9 /* what a read gives, wherever it is placed */

struct debugcon {
    /* wiring: it has no state */
    struct region io; /* "debugcon", 1 byte */
    struct char_backend out;
};

void debugcon_init(struct debugcon *s, struct char_backend out);

#endif
