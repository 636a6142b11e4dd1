/* isa_debug_exit.h: a port that ends the emulator, for tests that run as guests; QEMU's isa-debug-exit. */
#ifndef PCEMU_ISA_DEBUG_EXIT_H
#define PCEMU_ISA_DEBUG_EXIT_H

#include "region.h"

#define ISA_DEBUG_EXIT_IOBASE 0x501 /* QEMU's defaults */
#define ISA_DEBUG_EXIT_IOSIZE 2

struct isa_debug_exit {
    /* wiring: it has no state */
    struct region io; /* "isa-debug-exit", iosize bytes */
    void (*exit)(void *owner, u32 status);
    void *owner;
};

/* `iosize`: bytes of ports, at least 1. `exit` is called within the guest's write, with (value << 1) | 1. */
void isa_debug_exit_init(struct isa_debug_exit *s, u32 iosize, void (*exit)(void *owner, u32 status), void *owner);

#endif
