/* boot_info.h: what the stages tell each other, at a fixed place in low memory, and where they are loaded.
 *
 *      0 -   3FF  the real-mode interrupt vectors (IVT)
 *    400 -   4FF  the BIOS data area (BDA)
 *    5F0 -   5FF  a place for tests of A20
 *    600 -   BFF  struct boot_info
 *   1000 -  7BFF  the real-mode stack; the transcript's page tables
 *   7C00 -  7DFF  sector 0 (boot/mbr.S)
 *   7E00 -  FFFF  the second stage (boot/stage2.S, real/): 16-bit code
 *  10000 - 7FFFF  the kernel, 32-bit, with the 64-bit part inside it
 * 100000 -        the kernel's variables, its stacks, the 64-bit part; memory that alloc.c gives out */
#ifndef GUEST_BOOT_INFO_H
#define GUEST_BOOT_INFO_H

#define BOOT_INFO 0x600
#define STAGE2_THUNK 0x7e10 /* boot/thunk.S: what the kernel calls to have an INT n done */
#define KERNEL 0x10000
#define STAGE2_SECTORS 65 /* from 7E00 to 10000 */
#define SECTOR 512
#define SCRATCH_SECTORS 16 /* at the image's end, for tests that write */

#define BOOT_INFO_DRIVE (BOOT_INFO + 0)
#define BOOT_INFO_REAL 28

#ifndef __ASSEMBLER__
#include "types.h"

enum entry {
    ENTRY_MENU = 0,
    ENTRY_TOUR = 'o',
    ENTRY_TESTS = 't',
    ENTRY_OFF = 'p',
    ENTRY_STATE = 's',
    ENTRY_RESUME = 'r'
};

/* One line of the firmware's memory map (INT 15h, E820). */
struct e820 {
    u64 base, size;
    u32 type, more;
} PACKED;

/* What real mode is asked to do: the registers before and after INT n. */
struct real_regs {
    u32 eax, ebx, ecx, edx, esi, edi, ebp;
    u16 ds, es;
    u32 eflags;
    u32 vector;
};

#define E820_MAX 32

struct boot_info {
    u8 drive; /* the firmware's number of the disk that we come from */
    u8 entry;
    u8 quiet_screen; /* the firmware sends the screen to the serial port: then COM1 would have all twice */
    u8 reset_stage;  /* after a reset in the course of the tests: which it was */
    u32 kernel_sectors, image_sectors;
    u32 tests, failed, skipped; /* the TAP counts */
    u32 e820_count;
    struct real_regs real; /* boot/thunk.S knows where */
    struct e820 e820[E820_MAX];
};

_Static_assert(__builtin_offsetof(struct boot_info, real) == BOOT_INFO_REAL, "the assembler's number");

#define info ((struct boot_info *)BOOT_INFO)
#endif
#endif
