/* disk_bench.h: a machine that boots a disk image, whose file stays as it is; for programs that end where they can't.
 */
#ifndef PCEMU_TESTS_DISK_BENCH_H
#define PCEMU_TESTS_DISK_BENCH_H

#include "disk.h"
#include "firmware.h"

#include <stdlib.h>

struct disk_bench {
    struct log log;
    struct disk disk;
    struct machine *machine;
    u8 *bios, *vga_bios;
};

static inline void disk_bench_open(struct disk_bench *b, const char *image, unsigned cpus)
{
    struct disk_options o = { .path = image, .snapshot = true };
    log_init(&b->log, NULL);
    b->log.quiet[LOG_UNIMP] = b->log.quiet[LOG_GUEST] = true;
    if (!disk_open(&b->disk, &o, &b->log, stderr))
        exit(1);
    struct machine_config c = { .smp = { .cpus = (u8)cpus, .cores = (u8)cpus },
                                .ram_size = 128 * MIB,
                                .disk = { &b->disk.backend },
                                .icount_shift = 3,
                                .log = &b->log };
    b->bios = malloc(FIRMWARE_MAX);
    b->vga_bios = malloc(FIRMWARE_MAX);
    b->machine = b->bios && b->vga_bios && add_firmware(&c, b->bios, b->vga_bios) ? machine_new(&c) : NULL;
    if (!b->machine)
        exit(1);
}

static inline void disk_bench_close(struct disk_bench *b)
{
    machine_free(b->machine);
    disk_close(&b->disk);
    free(b->bios);
    free(b->vga_bios);
}

#endif
