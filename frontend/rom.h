/* rom.h: finds and reads firmware files. */
#ifndef PCEMU_ROM_H
#define PCEMU_ROM_H

#include "options.h"

struct rom {
    u8 *data; /* freed by rom_free() */
    size_t size;
};

/* Reads firmware `name`: a path, or a file in the -L directories or in those where Debian puts firmware. False: one
 * line on `err` says what is missing and which Debian package has it (`package`; NULL: none known). */
bool rom_load(struct rom *rom, const struct options *o, const char *name, const char *package, FILE *err);
/* Reads a whole file of 1 to `max` bytes. False: one line on `err` says why not. */
bool file_load(struct rom *rom, const char *path, u64 max, FILE *err);
/* A copy of `size` bytes. False: the host has no memory, which is said on `err`. */
bool rom_copy(struct rom *rom, const u8 *data, size_t size, FILE *err);
/* Makes it `size` bytes long, with zeros at the end. False: the host has no memory. */
bool rom_pad(struct rom *rom, size_t size);
void rom_free(struct rom *rom);

#endif
