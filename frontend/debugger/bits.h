/* bits.h: the bits of registers by their names in the manuals. */
#ifndef PCEMU_BITS_H
#define PCEMU_BITS_H

#include "base.h"

#include <stdio.h>

struct bit_name {
    u8 bit;
    const char *name, *meaning;
};

extern const struct bit_name cr0_bits[], cr4_bits[], efer_bits[], flag_bits[];

/* The table of register `cr`; NULL: its bits have no names. */
const struct bit_name *bits_of_cr(unsigned cr);
/* "PE ET PG" of what is set. */
void bits_print(const struct bit_name *table, u64 value, FILE *out);
/* "sets PG (paging), clears TS (task switched)"; "changes nothing". */
void bits_print_change(const struct bit_name *table, u64 old, u64 value, FILE *out);
/* A name, as registers and MSRs have it; NULL: none known. */
const char *msr_name(u32 msr);
/* The named MSRs in order, until NULL. */
u32 msr_number(unsigned index, const char **name);

#endif
