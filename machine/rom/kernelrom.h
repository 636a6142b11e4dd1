/* kernelrom.h: what the files of the option ROM share. kernelrom.S begins and ends a start; finish.S completes what a kernel
 * in protected mode is told; firmware.S and vbe.S ask the firmware; load.S fetches from fw_cfg. DS and ES hold the block
 * that goes below 1 MiB from `multiboot` on. */

/* fw_cfg's items */
#define KERNEL_ADDR 0x07
#define KERNEL_SIZE 0x08
#define INITRD_ADDR 0x0a
#define INITRD_SIZE 0x0b
#define KERNEL_ENTRY 0x10
#define KERNEL_DATA 0x11
#define INITRD_DATA 0x12
#define CMDLINE_ADDR 0x13
#define CMDLINE_SIZE 0x14
#define CMDLINE_DATA 0x15
#define SETUP_ADDR 0x16
#define SETUP_SIZE 0x17
#define SETUP_DATA 0x18

/* The plan: what pc_boot_image.c asks for, at the start of the block that goes below 1 MiB (pc_boot_image.h). Offsets in
 * it are from the block's start. */
#define PLAN_EAX 0              /* for the kernel */
#define PLAN_EBX 4
#define PLAN_KIND 8
#define PLAN_MAP 10             /* the memory map's first address; Multiboot 2: where our tags begin */
#define PLAN_MAP_END 12         /* the last place where an entry may begin */
#define PLAN_MEMORY 14          /* memory below and from 1 MiB on, in KiB */
#define PLAN_INFO 16            /* what EBX points at */
#define PLAN_VBE 18             /* for mode, window, control and mode information: VBE_SIZE bytes */
#define PLAN_FRAMEBUFFER 20     /* its description */
#define PLAN_COLORS 22          /* and its colours' places */
#define PLAN_WIDTH 24           /* the mode that is wanted; 0: none */
#define PLAN_HEIGHT 26
#define PLAN_DEPTH 28
#define PLAN_HAS_VBE 30         /* ours from here on */
#define PLAN_HAS_APM 31
#define PLAN_RSDP 32
#define PLAN_APM 36
#define APM_SIZE 20
#define KIND_MULTIBOOT 1
#define KIND_MULTIBOOT2 2
#define KIND_PVH 3
#define MAP_ENTRY 24

/* Of VBE (vbe.S), in our buffer. */
#define VBE_CONTROL 8           /* behind mode, interface segment, offset and length */
#define VBE_MODE_INFO (VBE_CONTROL + 512)
#define VBE_SIZE (VBE_MODE_INFO + 256)
