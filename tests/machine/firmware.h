/* firmware.h: for tests that let Debian's SeaBIOS run. */
#ifndef PCEMU_TESTS_FIRMWARE_H
#define PCEMU_TESTS_FIRMWARE_H

#include "machine.h"

#include <stdio.h>

#define BIOS_PATH "/usr/share/seabios/bios-256k.bin"
#define VGA_BIOS_PATH "/usr/share/seabios/vgabios-stdvga.bin"
#define VAPIC_ROM_PATH "/usr/share/qemu/kvmvapic.bin"
#define FIRMWARE_MAX (1 << 20)

/* Reads up to FIRMWARE_MAX bytes; 0: there is no such file. */
static inline size_t read_firmware(const char *path, u8 *data)
{
    FILE *f = fopen(path, "r");
    size_t n = f ? fread(data, 1, FIRMWARE_MAX, f) : 0;
    if (f)
        fclose(f);
    return n;
}

/* A machine with both of them, which stay in `bios` and `vga_bios`, of FIRMWARE_MAX bytes each. False: they are
 * missing. */
static inline bool add_firmware(struct machine_config *c, u8 *bios, u8 *vga_bios)
{
    c->bios = bios;
    c->vga_bios = vga_bios;
    c->bios_size = read_firmware(BIOS_PATH, bios);
    c->vga_bios_size = read_firmware(VGA_BIOS_PATH, vga_bios);
    return c->bios_size && c->vga_bios_size;
}

#endif
