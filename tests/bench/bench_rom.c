/* bench_rom.c: see bench_rom.h; the layout is that of rom/start.S and of KERNEL in rom/bench.h. */
#include "bench_rom.h"

#include <stdio.h>

#define HEADER_MAGIC "PCBENCH1"
#define HEADER_SELECTED 8
#define HEADER_SETTLE 12
#define HEADER_TABLE 16
#define HEADER_TABLE_END 20
#define ROW_SIZE 48u
#define ROW_PASSES 20
#define ROW_UNITS 24
#define ROW_UNIT 32

static bool read_table(struct bench_rom *rom)
{
    u32 at = get_le32(rom->image + HEADER_TABLE), end = get_le32(rom->image + HEADER_TABLE_END);
    if (memcmp(rom->image, HEADER_MAGIC, 8) != 0 || end > BENCH_ROM_SIZE || at > end)
        return false;
    for (; at + ROW_SIZE <= end && rom->count < BENCH_KERNELS_MAX; at += ROW_SIZE) {
        struct bench_kernel *k = &rom->kernel[rom->count++];
        const u8 *row = rom->image + at;
        memcpy(k->name, row, sizeof k->name - 1);
        memcpy(k->unit, row + ROW_UNIT, sizeof k->unit - 1);
        k->passes = get_le32(row + ROW_PASSES);
        k->units = get_le32(row + ROW_UNITS);
        k->row = at;
    }
    return rom->count > 0;
}

bool bench_rom_load(struct bench_rom *rom, const char *path)
{
    *rom = (struct bench_rom){ .count = 0 };
    FILE *f = fopen(path, "rb");
    bool whole = f && fread(rom->image, sizeof rom->image, 1, f) == 1;
    if (f)
        fclose(f);
    if (!whole)
        perror(path);
    else if (read_table(rom))
        return true;
    else
        fprintf(stderr, "%s: not the benchmark's ROM\n", path);
    return false;
}

u32 bench_rom_passes(const struct bench_kernel *k, double scale)
{
    double passes = k->passes * scale;
    return passes < 1 ? 1 : passes > INT32_MAX ? INT32_MAX : (u32)passes;
}

void bench_rom_hurry(struct bench_rom *rom)
{
    put_le32(rom->image + HEADER_SETTLE, 1);
}

void bench_rom_select(struct bench_rom *rom, u32 which, double scale)
{
    put_le32(rom->image + HEADER_SELECTED, which);
    for (unsigned i = 0; i < rom->count; i++)
        put_le32(rom->image + rom->kernel[i].row + ROW_PASSES, bench_rom_passes(&rom->kernel[i], scale));
}
