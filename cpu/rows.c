/* rows.c: insn.def as a table. */
#include "rows.h"

static const struct row rows_[] = {
#define ROW4(map, op, ext, mnemonic, op0, op1, op2, op3, exec, attr, since)                                            \
    { MAP_##map, op, ext, mnemonic, { OP_##op0, OP_##op1, OP_##op2, OP_##op3 }, &exec_##exec, attr, since },
#include "insn.def"
#undef ROW4
};

const struct row *const cpu_rows = rows_;
const unsigned cpu_row_count = ARRAY_LEN(rows_);
