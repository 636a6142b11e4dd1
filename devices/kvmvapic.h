/* kvmvapic.h: the port by which QEMU's option ROM kvmvapic.bin announces itself. See kvmvapic.c. */
#ifndef PCEMU_KVMVAPIC_H
#define PCEMU_KVMVAPIC_H

#include "dma.h"
#include "log.h"
#include "region.h"
#include "state.h"

struct kvmvapic {
    /* wiring */
    struct region io;  /* "kvmvapic", 2 ports */
    struct region rom; /* "kvmvapic-rom": RAM where the ROM stands, writable whatever the chip set says */
    struct dma dma;
    struct log *log;
    u64 roms; /* physical address of the option ROMs' area */
    /* state */
    u8 first_page, pages; /* of `rom`, within the area, in 4 KiB; no pages: not announced */
};

/* `ram`: whose alias `rom` is, at offset = physical address. The regions are not placed; `rom` is disabled until the
 * option ROM has announced itself. */
void kvmvapic_init(struct kvmvapic *s, struct region *ram, u64 roms, const struct dma *dma, struct log *log);
void kvmvapic_reset(void *self);

extern const struct state_table kvmvapic_state;

#endif
