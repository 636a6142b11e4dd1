/* pc_boot_image.h: what kernels that are started in protected mode have in common (Multiboot 1 and 2, PVH): an image of
 * memory with the kernel and what follows it, and a block below 1 MiB with what the kernel is told. The block begins
 * with a plan, by which the option ROM (rom/kernelrom.S) adds what only the firmware knows. */
#ifndef PCEMU_PC_BOOT_IMAGE_H
#define PCEMU_PC_BOOT_IMAGE_H

#include "elf_file.h"
#include "pc_kernel.h"

#define BLOCK_AT 0x9000u
#define BLOCK_ROOM 0x7000u
#define BLOCK_MAP_BYTES 0x700u /* for the memory map */
#define MAP_ENTRY 24u

/* The plan, at the block's start: kernelrom.S says what the fields are. */
enum plan {
    PLAN_EAX = 0,
    PLAN_EBX = 4,
    PLAN_KIND = 8,
    PLAN_MAP = 10,
    PLAN_MAP_END = 12,
    PLAN_MEMORY = 14,
    PLAN_INFO = 16,
    PLAN_VBE = 18,
    PLAN_FRAMEBUFFER = 20,
    PLAN_COLORS = 22,
    PLAN_WIDTH = 24,
    PLAN_HEIGHT = 26,
    PLAN_DEPTH = 28,
    PLAN_UNUSED = 56, /* for what a kind of kernel is not told */
    PLAN_SIZE = 64
};
enum plan_kind { PLAN_MULTIBOOT = 1, PLAN_MULTIBOOT2 = 2, PLAN_PVH = 3 };
#define PLAN_VBE_SIZE 776u

struct boot_image {
    u64 first, end; /* physical addresses */
    u64 limit;      /* nothing goes further */
    u32 entry;
    u8 *bytes;   /* of `first` to `end`. Owned */
    u8 *block;   /* BLOCK_ROOM bytes. Owned */
    size_t used; /* bytes of the block */
};

struct boot_mode {
    u32 width, height, depth; /* 0: no wish */
};

/* An empty image; `below_4g`: bytes of RAM below the PCI hole. False: the host has no memory. */
bool boot_image_init(struct boot_image *b, u64 below_4g);
/* These return NULL, or why it can't be, for people. */
/* `size` bytes at address `first`, zeros up to `end`. */
const char *boot_image_raw(struct boot_image *b, u64 first, const u8 *data, u64 size, u64 end);
/* An ELF file `delta` bytes above its addresses. */
const char *boot_image_elf(struct boot_image *b, const struct elf_file *e, u64 delta);
/* Bytes behind all that there is, from the next page on: *at. */
const char *boot_image_append(struct boot_image *b, const void *data, u64 size, u32 *at);
/* The sections of an ELF file that it does not load by itself (symbols, texts), and in *headers its table of sections,
 * which says where they are; owned by the caller. NULL in *headers: the file has none, or they don't fit. */
const char *boot_image_sections(struct boot_image *b, const struct elf_file *e, u64 delta, u8 **headers);

/* Room in the block at a multiple of eight; NULL: it is full. *at: the offset there. */
u8 *boot_block(struct boot_image *b, size_t size, u32 *at);
/* A text, or two with a blank between them (`second` may be empty), in the block; the physical address goes to `field`.
 */
bool boot_block_text(struct boot_image *b, u8 *field, const char *first, const char *second);
void boot_plan_mode(struct boot_image *b, const struct boot_mode *wanted);
/* The image and the block become the kernel's, and fw_cfg's. */
const char *boot_image_finish(struct boot_image *b, struct pc_kernel *k, struct fw_cfg *f);

#define KERNEL_FITS_NOT "kernel and modules do not fit into memory: give more with -m"
#define KERNEL_TEXTS_LONG "command line and modules' texts are too long"

/* The header of a kind of kernel, at a multiple of `align` within the first `search` bytes, has three words of `words`
 * words that add up to 0, the first of them `magic`. NULL: there is none. */
const u8 *boot_header(const struct machine_kernel *c, u32 magic, size_t search, size_t align, unsigned words);

/* One file each. */
bool pc_multiboot_is(const struct machine_kernel *c);
const char *pc_multiboot_add(struct boot_image *b, const struct machine_kernel *c);
bool pc_multiboot2_is(const struct machine_kernel *c);
const char *pc_multiboot2_add(struct boot_image *b, const struct machine_kernel *c);
bool pc_pvh_is(const struct machine_kernel *c);
const char *pc_pvh_add(struct boot_image *b, const struct machine_kernel *c);

#endif
