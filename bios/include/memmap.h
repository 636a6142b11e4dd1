/* memmap.h: where everything stands, for C and assembly: segments, the areas that live on after POST, and the places in
 * the F segment that everybody else's programs know. bios/README.md draws the picture. */
#ifndef BIOS_MEMMAP_H
#define BIOS_MEMMAP_H

/* ---- first megabyte ---- */
#define SEG_BDA 0x0040
#define EBDA_DEFAULT 0x9fc00 /* linear; the BDA says where it is now */
#define BASE_MEMORY_KIB 639
#define OPTION_ROM_START 0xc0000
#define BOOT_SECTOR 0x7c00

/* Temporary low zone: POST's stack, variables and heap. All of it is zero at hand-over. */
#define TMP_LOW_START 0x7000
#define TMP_LOW_END 0x90000
#define POST_STACK TMP_LOW_START /* grows down from here, so it does not belong to the zone */
#define POST_VARS 0x10000        /* .bss of the flat image… */
#define POST_VARS_END 0x20000
#define TMP_LOW_HEAP 0x20000 /* …and what malloc_tmp_low() gives out */

/* ---- low memory: read/write at run time, E0000-EFFFF ---- */
#define SEG_LOW 0xe000
#define LOW_BASE 0xe0000
#define LOW_FIRST 0xe8000 /* what PAM opens at first: two segments of 16 KiB; malloc_low() opens more, downwards */
#define LOW_HEAP_TOP 0xee000
#define LOW_VARS 0xe000 /* offset in SEG_LOW of struct low */
#define LOW_VARS_SIZE 0x1000
#define LOW_STACK_TOP 0xfff0 /* the stack that services switch to */

/* ---- the F segment: read-only at run time ---- */
#define SEG_BIOS 0xf000
#define BIOS_BASE 0xf0000
#define FSEG_VARS 0x0000 /* struct fseg */
#define FSEG_VARS_SIZE 0x0800
#define FSEG_HEAP 0x0800 /* malloc_fseg() */
#define FSEG_HEAP_END 0x2000
#define CODE16_START 0x2000 /* a page, so that SIPI can start processors there */
#define CODE32_START 0xd000 /* 32-bit segmented code */
#define FIXED_START 0xe000  /* the entry points of the IBM PC/AT */

/* ---- the image: 256 KiB that end at 4 GiB ---- */
#define IMAGE_SIZE 0x40000
#define FLAT_BASE 0xfffc0000 /* 32-bit flat code runs here, in the ROM */
#define FLAT_SIZE 0x20000
#define FSEG_IN_ROM 0xffff0000

/* ---- selectors of the firmware's GDT ---- */
#define SEL_CODE32 0x08
#define SEL_DATA32 0x10
#define SEL_CODE16 0x18     /* base F0000 */
#define SEL_DATA16 0x20     /* base 0, 64 KiB */
#define SEL_DATA16_BIG 0x28 /* base 0, 4 GiB */

#endif
