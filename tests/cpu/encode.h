/* encode.h: the other direction of the decoder: bytes for a row of the instruction table. */
#ifndef PCEMU_TESTS_CPU_ENCODE_H
#define PCEMU_TESTS_CPU_ENCODE_H

#include "uop.h"

struct encoding {
    unsigned bits;    /* 16, 32 or 64: the default size of the code segment */
    unsigned size;    /* log2 of the wanted operand size, where the row leaves it open */
    bool memory;      /* the modrm operand is memory, where the row leaves it open */
    unsigned reg, rm; /* register numbers of modrm, where the row leaves them open */
    bool lock;
};

enum { ENCODING_MAX = 32 };

/* Does the row have a modrm byte? A modrm operand that can be memory, a register? */
bool row_has_modrm(const struct row *r);
bool row_has_memory_form(const struct row *r);
bool row_has_register_form(const struct row *r);
/* Bytes of the row; immediates and displacements are `fill`. The memory operand is at [rBX] (16-bit addressing: [BX]).
 * Behind VEX the wanted size 1 is VEX.L, 3 VEX.W; vvvv names register 5, a gather's index is register 7.
 * The operand bytes behind modrm are left to the caller's buffer, which is filled up to ENCODING_MAX. Returns the
 * length up to and with modrm; 0 where the row has no such encoding. */
unsigned encode_row(const struct row *r, const struct encoding *want, u8 fill, u8 bytes[ENCODING_MAX]);

#endif
