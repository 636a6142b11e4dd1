/* symbols_elf.h: what an ELF file says of addresses, by elfutils' libelf and libdw. */
#ifndef PCEMU_SYMBOLS_ELF_H
#define PCEMU_SYMBOLS_ELF_H

#include "base.h"

#include <stdio.h>

/* Gives every function, object and label to `add`. False: `err` says why. */
bool elf_symbols(const char *path, u64 offset, bool (*add)(void *self, const char *name, u64 address, u64 size),
                 void *self, FILE *err);

/* The line numbers of DWARF; NULL: there are none. */
struct elf_lines;
struct elf_lines *elf_lines_open(const char *path);
void elf_lines_close(struct elf_lines *lines);
bool elf_lines_find(struct elf_lines *lines, u64 address, char *text, size_t size);

#endif
