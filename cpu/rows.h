/* rows.h: declares the exec_group of every row. */
#ifndef PCEMU_ROWS_H
#define PCEMU_ROWS_H

#include "uop.h"

#define ROW4(map, op, ext, mnemonic, op0, op1, op2, op3, exec, attr, since) extern const struct exec_group exec_##exec;
#include "insn.def"
#undef ROW4

#endif
