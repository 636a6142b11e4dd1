/* bench_rom.h: the benchmark's ROM as the host sees it: its table of kernels, the fields that may be changed. */
#ifndef PCEMU_TESTS_BENCH_ROM_H
#define PCEMU_TESTS_BENCH_ROM_H

#include "base.h"

#define BENCH_ROM_SIZE (64 * KIB)
#define BENCH_KERNELS_MAX 64
#define BENCH_ALL UINT32_MAX

struct bench_kernel {
    char name[17];
    char unit[16];     /* what a unit of its work is called */
    u32 passes, units; /* calls of the kernel's outer loop; units a pass */
    u32 row;           /* offset of its row in the image */
};

struct bench_rom {
    u8 image[BENCH_ROM_SIZE];
    unsigned count;
    struct bench_kernel kernel[BENCH_KERNELS_MAX];
};

/* Reads the ROM; false after saying why on stderr. */
bool bench_rom_load(struct bench_rom *rom, const char *path);
/* Makes the image run kernel number `which` (BENCH_ALL: each in turn) with `scale` times the table's passes. */
void bench_rom_select(struct bench_rom *rom, u32 which, double scale);
/* Leaves out the pause between a kernel's start line and its work, for a host that does not go by the lines. */
void bench_rom_hurry(struct bench_rom *rom);
/* Passes of a kernel at that scale, at least 1. */
u32 bench_rom_passes(const struct bench_kernel *k, double scale);

#endif
