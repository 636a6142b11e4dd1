/* layout.h: the registers as GDB sees them: numbers, names, sizes, for the three architectures that it has. One table
 * makes both the target description and the packets with values, so that the two can't disagree. Numbers, names and
 * types are those of QEMU's stub as far as that has the register. */
#ifndef PCEMU_GDB_LAYOUT_H
#define PCEMU_GDB_LAYOUT_H

#include "debug.h"

#include <stdio.h>

enum layout_arch {
    LAYOUT_I8086, /* 16-bit code: i386's registers, but eip and esp are linear addresses, as GDB knows no segments */
    LAYOUT_I386,
    LAYOUT_AMD64,
};

#define LAYOUT_VALUE_MAX 16 /* bytes of the widest register */

/* Registers are numbered 0 … layout_count() - 1. */
unsigned layout_count(enum layout_arch arch);
/* Bytes of register n's value. */
unsigned layout_bytes(enum layout_arch arch, unsigned n);
/* The value of register n, little-endian; returns its bytes. */
unsigned layout_get(enum layout_arch arch, unsigned n, const struct debug_registers *r, u8 value[LAYOUT_VALUE_MAX]);
/* Puts it into the copy. */
void layout_put(enum layout_arch arch, unsigned n, struct debug_registers *r, const u8 value[LAYOUT_VALUE_MAX]);
/* The target description (GDB manual, appendix G). */
void layout_print_xml(enum layout_arch arch, FILE *out);

#endif
