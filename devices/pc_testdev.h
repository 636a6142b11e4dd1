/* pc_testdev.h: QEMU's device for tests that run as guests (kvm-unit-tests). See pc_testdev.c. */
#ifndef PCEMU_PC_TESTDEV_H
#define PCEMU_PC_TESTDEV_H

#include "irq.h"
#include "region.h"
#include "state.h"

#define PC_TESTDEV_MEMORY 0x10000
#define PC_TESTDEV_LINES 16

struct pc_testdev {
    /* wiring */
    struct region ioport;      /* "pc-testdev-ioport", 4 ports */
    struct region ioport_byte; /* "pc-testdev-ioport-byte", 4 */
    struct region flush;       /* "pc-testdev-flush-page", 4 */
    struct region irq_line;    /* "pc-testdev-irq-line", 24 */
    struct region iomem;       /* "pc-testdev-iomem", 64 KiB of memory space */
    struct irq_line irq[PC_TESTDEV_LINES];
    /* state */
    u8 data[4];
    u8 memory[PC_TESTDEV_MEMORY];
};

/* `irq`: the ISA interrupts, copied. The regions are placed by the caller. */
void pc_testdev_init(struct pc_testdev *s, const struct irq_line irq[PC_TESTDEV_LINES]);
void pc_testdev_reset(void *self);

extern const struct state_table pc_testdev_state;

#endif
