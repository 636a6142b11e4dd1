/* moo.h: reads a file of single-step vectors in the MOO format of the SingleStepTests project: for each test the state
 * of a real processor before and after one instruction, and the bytes of memory that it met. */
#ifndef PCEMU_TESTS_VECTORS_MOO_H
#define PCEMU_TESTS_VECTORS_MOO_H

#include "base.h"

#include <stddef.h>

enum moo_reg { /* in the order of the file */
               MOO_AX,
               MOO_BX,
               MOO_CX,
               MOO_DX,
               MOO_CS,
               MOO_SS,
               MOO_DS,
               MOO_ES,
               MOO_SP,
               MOO_BP,
               MOO_SI,
               MOO_DI,
               MOO_IP,
               MOO_FLAGS,
               MOO_REGS
};

struct moo_state {
    u16 reg[MOO_REGS];
    const u8 *ram; /* records of a 32-bit address and a byte, see moo_address() and moo_byte() */
    u32 ram_count;
};

struct moo_test {
    u32 index;
    char name[64];
    u8 code[32]; /* the instruction, and the HLT that ends it */
    unsigned code_len;
    struct moo_state before, after; /* registers of `after` that the file leaves out are those of `before` */
    bool has_exception;
    u8 vector;
};

struct moo_file {
    u8 *data;
    size_t size, at;
    char cpu[5];
};

/* Reads a file, compressed by gzip or not. False when there is none, or it is no MOO file; a word on stderr says which.
 * moo_close() frees it in either case. */
bool moo_open(struct moo_file *f, const char *path);
void moo_close(struct moo_file *f);
/* The next test; false at the end. The test points into the file's memory. */
bool moo_next(struct moo_file *f, struct moo_test *t);

u32 moo_address(const struct moo_state *s, u32 i);
u8 moo_byte(const struct moo_state *s, u32 i);

#endif
