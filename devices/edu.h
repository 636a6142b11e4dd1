/* edu.h: QEMU's educational PCI device (1234:11E8). See edu.c. */
#ifndef PCEMU_EDU_H
#define PCEMU_EDU_H

#include "clock.h"
#include "pci_msi.h"

#define EDU_BUFFER 4096u
#define EDU_DMA_MASK ((u64)0xfffffff) /* 28 bits of address */

struct edu {
    /* wiring */
    struct pci_device pci;
    struct region mmio; /* "edu-mmio", 1 MiB */
    struct clock *clock;
    struct log *log;
    u64 dma_mask; /* the addresses that it can reach */

    /* state */
    u32 inverted; /* the liveness check's register */
    u32 factorial;
    u32 status;
    u32 irq_status;
    u64 dma_source, dma_destination, dma_count, dma_command;
    u8 buffer[EDU_BUFFER];
    struct timer computed, moved;
};

/* Puts the device on `bus` at `devfn`, which places its registers. */
void edu_init(struct edu *s, struct pci_bus *bus, u8 devfn, struct clock *clock, u64 dma_mask, struct log *log);
void edu_reset(void *self);

extern const struct state_table edu_state;

#endif
