/* coverage_counts.h: how often each instruction of a program ran. */
#ifndef PCEMU_COVERAGE_COUNTS_H
#define PCEMU_COVERAGE_COUNTS_H

#include "base.h"

#include <stdio.h>

#define COVERAGE_BYTES_MAX (256 * MIB)

/* By address; where no instruction begins they stay 0. */
struct coverage_page {
    u32 runs[PAGE_SIZE];
    u32 taken[PAGE_SIZE], passed[PAGE_SIZE]; /* of a conditional branch */
};

/* The code of one ELF file: linear addresses `first` up to, and without, `end`. */
struct coverage_unit {
    const char *path;
    u64 first, end;
    u64 physical; /* where `first` is loaded */
    struct coverage_page **page;
    u64 lost; /* instructions that the host had no memory to count */
};

/* The counts of an address; NULL: none. */
static inline const struct coverage_page *coverage_page_at(const struct coverage_unit *u, u64 address)
{
    return address >= u->first && address < u->end ? u->page[(address - u->first) >> PAGE_SHIFT] : NULL;
}

static inline unsigned coverage_place(const struct coverage_unit *u, u64 address)
{
    return (unsigned)((address - u->first) & ~PAGE_MASK);
}

/* Appends what is known of a unit, by its symbols and source lines, to an lcov file. False: the host has no memory, or
 * `err` has said what is wrong with the file. */
bool coverage_report(const struct coverage_unit *u, FILE *out, FILE *err);

#endif
