/* disasm.h: instructions in words, by libcapstone: costs more than all else in a trace, so text.c remembers them. */
#ifndef PCEMU_TRACE_DISASM_H
#define PCEMU_TRACE_DISASM_H

#include "record.h"

struct trace_disasm;
/* NULL: no memory. */
struct trace_disasm *trace_disasm_new(void);
void trace_disasm_free(struct trace_disasm *d);
/* In AT&T's order to `to`, which has room for TRACE_DISASM_MAX bytes; returns its end. Nothing where pcemu was built
 * without libcapstone. */
#define TRACE_DISASM_MAX 72u
char *trace_disasm(struct trace_disasm *d, u8 code, u64 rip, const u8 *bytes, unsigned length, char *to);

#endif
