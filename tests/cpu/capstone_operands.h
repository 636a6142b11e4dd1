/* capstone_operands.h: do the decoder and libcapstone see the same memory operand? */
#ifndef PCEMU_TESTS_CPU_CAPSTONE_OPERANDS_H
#define PCEMU_TESTS_CPU_CAPSTONE_OPERANDS_H

#include "uop.h"

#include <capstone/capstone.h>

/* `insn` with details. NULL: yes, or one of them has none that could be compared; else what differs. `bits`: of the
 * code. */
const char *memory_operand_difference(const struct uop *u, const struct row *row, const cs_insn *insn, unsigned bits);

#endif
