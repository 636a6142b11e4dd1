/* symbols_elf.h: what an ELF file says of addresses, by elfutils' libelf and libdw. */
#ifndef PCEMU_SYMBOLS_ELF_H
#define PCEMU_SYMBOLS_ELF_H

#include "base.h"

#include <stdio.h>

/* Gives every function, object and label to `add`. False: `err` says why. */
bool elf_symbols(const char *path, u64 offset, bool (*add)(void *self, const char *name, u64 address, u64 size),
                 void *self, FILE *err);

/* The same for functions and for labels that may be code. */
bool elf_code_symbols(const char *path, bool (*add)(void *self, const char *name, u64 address, bool function),
                      void *self, FILE *err);

/* The line numbers of DWARF; NULL: there are none. */
struct elf_lines;
struct elf_lines *elf_lines_open(const char *path);
void elf_lines_close(struct elf_lines *lines);
/* Gives each run of instructions of a source line to `take`: its file's path, the line, linear addresses. False: `take`
 * said so. */
bool elf_lines_each(struct elf_lines *lines,
                    bool (*take)(void *self, const char *file, unsigned line, u64 first, u64 end), void *self);
bool elf_lines_find(struct elf_lines *lines, u64 address, char *text, size_t size);

#endif
