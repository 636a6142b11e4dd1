/* disasm.h: instructions in words, by libcapstone; what was met is remembered, since taking one apart costs more than
 * all else in a trace. */
#ifndef PCEMU_TRACE_DISASM_H
#define PCEMU_TRACE_DISASM_H

#include "record.h"

struct trace_disasm;
/* NULL: no memory. */
struct trace_disasm *trace_disasm_new(void);
void trace_disasm_free(struct trace_disasm *d);
/* In AT&T's order, "" where pcemu was built without libcapstone; good until the next call. */
const char *trace_disasm(struct trace_disasm *d, u8 code, u64 rip, const u8 *bytes, unsigned length);

#endif
