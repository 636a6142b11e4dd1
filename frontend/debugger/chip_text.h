/* chip_text.h: what a chip keeps, as debug_print_chip() prints it, for looking up by name. */
#ifndef PCEMU_CHIP_TEXT_H
#define PCEMU_CHIP_TEXT_H

#include "bits.h"
#include "debugger.h"

struct chip_text {
    char *text;
    size_t len;
};

/* False: there is no such chip, or no memory. */
bool chip_text_take(struct chip_text *c, const struct machine *m, const char *state);
void chip_text_free(struct chip_text *c);
/* The value of a field by its whole name; 0: there is none. */
u64 chip_get(const struct chip_text *c, const char *format, ...) PRINTF_LIKE(2, 3);
/* "name  12h  BIT BIT": a register, with the names of the bits that are set. */
void chip_print_bits(FILE *out, const char *name, u64 value, const struct bit_name *bits);

/* show_vga.c */
void chip_show_vga(struct debugger *d, const struct chip_text *c);

#endif
