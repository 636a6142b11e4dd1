/* symbols.h: names of addresses, from ELF files and the map files of NASM and ld; and lines of source by DWARF, where
 * pcemu was built with libdw. */
#ifndef PCEMU_SYMBOLS_H
#define PCEMU_SYMBOLS_H

#include "base.h"

#include <stdio.h>

struct symbols;

/* NULL: the host has no memory. */
struct symbols *symbols_new(void);
void symbols_free(struct symbols *s);
/* Adds the symbols of a file, `offset` added to each. False: one line on `err` says why. */
bool symbols_load(struct symbols *s, const char *path, u64 offset, FILE *err);
void symbols_clear(struct symbols *s);
size_t symbols_count(const struct symbols *s);
bool symbols_find(const struct symbols *s, const char *name, u64 *address);
/* The symbol that an address belongs to; NULL: none. *distance: how far behind it the address is. */
const char *symbols_at(const struct symbols *s, u64 address, u64 *distance);
/* The name of symbol `index`, for completion; NULL: no more. */
const char *symbols_name(const struct symbols *s, size_t index);
/* "file.c:12" of an address; false: not known. */
bool symbols_line(const struct symbols *s, u64 address, char *text, size_t size);

#endif
