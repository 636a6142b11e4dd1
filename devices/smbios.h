/* smbios.h: the SMBIOS 2.8 tables that the machine hands to its firmware through fw_cfg. See smbios.c. */
#ifndef PCEMU_SMBIOS_H
#define PCEMU_SMBIOS_H

#include "base.h"

#define SMBIOS_ANCHOR_SIZE 31
#define SMBIOS_ROOM 0x8000
#define SMBIOS_RANGES_MAX 4

struct smbios_range {
    u64 first, size; /* guest-physical, bytes; whole KiB */
};

struct smbios_machine {
    const char *manufacturer, *product, *version;
    u8 uuid[16];                     /* in the order in which it is printed */
    unsigned cpus;                   /* packages: a structure for each */
    unsigned cpu_cores, cpu_threads; /* of a package, of a core; 0: 1 */
    u32 cpu_signature, cpu_features; /* CPUID 1: EAX and EDX */
    u16 cpu_mhz;
    struct smbios_range ram[SMBIOS_RANGES_MAX]; /* where RAM is mapped */
    unsigned rams;
};

struct smbios {
    u8 anchor[SMBIOS_ANCHOR_SIZE];
    u8 tables[SMBIOS_ROOM];
    u32 len;
};

/* Writes the tables. Returns false when they don't fit. */
bool smbios_build(struct smbios *s, const struct smbios_machine *m);

#endif
