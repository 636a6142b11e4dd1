/* pc_cmos.h: what the battery-backed memory of the clock chip says about the machine. */
#ifndef PCEMU_PC_CMOS_H
#define PCEMU_PC_CMOS_H

#include "backend.h"
#include "floppy_drive.h"
#include "mc146818.h"

struct pc_cmos_setup {
    u64 ram_below_4g, ram_above_4g;            /* bytes */
    const char *boot_order;                    /* letters a, c, d, n; empty: cad */
    const struct block_backend *const *disk;   /* four, NULL where there is none */
    const struct block_backend *const *floppy; /* two, NULL where there is no drive */
    unsigned cpus;
};

/* The order alone: letters a, c, d, n; empty: cad. */
void pc_cmos_set_boot_order(struct mc146818 *rtc, const char *order);
void pc_cmos_fill(struct mc146818 *rtc, const struct pc_cmos_setup *setup);

#endif
