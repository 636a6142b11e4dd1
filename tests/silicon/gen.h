/* gen.h: random instructions from the table's rows, and random states that lean to the edges. */
#ifndef PCEMU_TESTS_SILICON_GEN_H
#define PCEMU_TESTS_SILICON_GEN_H

#include "host.h"
#include "uop.h"

struct rng {
    u64 s;
};
u64 rnd(struct rng *r);
/* May this row be run as a user program's instruction and compared? */
bool gen_usable(const struct row *row, unsigned bits);
/* Encodes one instance of the row; fills the state so that its memory operand (mostly) lies in MEM_DATA. */
size_t gen_insn(struct rng *r, const struct row *row, unsigned bits, struct state *s, u8 *code);

#endif
