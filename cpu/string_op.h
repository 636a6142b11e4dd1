/* string_op.h: string instructions with every check, repeated or not (ops_string.c). */
#ifndef PCEMU_STRING_OP_H
#define PCEMU_STRING_OP_H

#include "uop.h"

exec_fn string_movs, string_stos, string_lods, string_cmps, string_scas;

#endif
