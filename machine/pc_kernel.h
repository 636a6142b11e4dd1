/* pc_kernel.h: a kernel that the firmware starts directly. See pc_kernel.c. */
#ifndef PCEMU_PC_KERNEL_H
#define PCEMU_PC_KERNEL_H

#include "machine.h"

#include "fw_cfg.h"

/* What fw_cfg shows of it; made once, lives as long as fw_cfg does. */
struct pc_kernel {
    u8 *head; /* Linux: setup code; others: the kernel and its modules, as they lie in memory. Owned */
    u8 *tail; /* what the others are told. Owned */
};

/* Gives fw_cfg the kernel of the machine's configuration and the option ROM that starts it. `below_4g`: bytes of RAM
 * below the PCI hole. NULL: done; else why it can't be started, for people. */
const char *pc_kernel_add(struct pc_kernel *k, struct fw_cfg *fw_cfg, const struct machine_kernel *config,
                          u64 below_4g);
void pc_kernel_free(struct pc_kernel *k);

#define KERNEL_ROM_LINUX "genroms/linuxboot_dma.bin"
#define KERNEL_ROM_MULTIBOOT "genroms/multiboot_dma.bin"

/* rom/kernelrom.S */
extern const u8 kernel_rom[];
extern const u32 kernel_rom_size;

#endif
