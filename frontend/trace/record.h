/* record.h: what a trace consists of: records, in the order in which things happened. An instruction is followed by
 * what it did (accesses, exceptions …), and before the next one stands the state that it changed. */
#ifndef PCEMU_TRACE_RECORD_H
#define PCEMU_TRACE_RECORD_H

#include "probe.h"

#include <stdio.h>

enum trace_kind {
    TRACE_EXEC,  /* an instruction begins */
    TRACE_STATE, /* registers that were changed since the last TRACE_EXEC of this processor */
    TRACE_BLOCK,
    TRACE_BRANCH,
    TRACE_ASM, /* an instruction is met for the first time */
    TRACE_INT,
    TRACE_EXCEPTION,
    TRACE_IRET,
    TRACE_READ,
    TRACE_WRITE,
    TRACE_PORT,
    TRACE_MMIO,
    TRACE_CR,
    TRACE_MSR,
    TRACE_MODE,
    TRACE_TASK,
    TRACE_WALK,
    TRACE_RESET,
    TRACE_SHUTDOWN,
    TRACE_HALT,
    TRACE_CPU, /* registers, in print */
    TRACE_LOG, /* a line of the machine's log */
    TRACE_KINDS
};

#define TRACE_GPRS DEBUG_GPRS
#define TRACE_FLAGS TRACE_GPRS /* the register behind those */
#define TRACE_REGS (TRACE_GPRS + 1)
#define TRACE_INSN_MAX 15
#define TRACE_CPUS 8

/* Four bits of mode: enum probe_mode, PROBE_MODE_SMM, and real mode with code of 32 bits. */
#define TRACE_MODE_REAL_32 7u

enum { TRACE_IS_WRITE = 1, TRACE_HAS_ERROR = 2, TRACE_IS_FETCH = 4 };

struct trace_record {
    u8 kind; /* enum trace_kind */
    u8 cpu;
    u64 icount;      /* instructions of the machine before this one */
    u64 ns;          /* the machine's time; of TRACE_EXEC and TRACE_STATE that of the record before */
    u64 rip, linear; /* of the instruction */
    u16 cs;          /* TRACE_EXEC and TRACE_ASM, as are the next three */
    u8 mode;         /* four bits, see below */
    u8 length;
    u8 bytes[TRACE_INSN_MAX];
    u8 flags;                       /* TRACE_IS_WRITE … */
    u32 changed;                    /* TRACE_STATE: bit n: register n */
    u64 reg[TRACE_REGS];            /* their new values */
    u64 addr, physical, old, value; /* as in struct probe_event */
    u32 error;
    u8 size, vector, source;
    const char *name; /* of what is at a port or address; NULL: nothing */
    const char *text; /* TRACE_CPU, TRACE_LOG */
    size_t text_len;
};

static inline u8 trace_mode(u8 mode, u8 code)
{
    return (mode & 7) == PROBE_MODE_REAL && code == DEBUG_CODE_32 ? (u8)(mode | TRACE_MODE_REAL_32) : mode;
}
enum debug_code trace_code(u8 mode);
const char *trace_mode_name(u8 mode);

/* An instruction as it is met, before it is a record: nothing is copied. */
struct trace_insn {
    unsigned cpu;
    u64 icount, rip, linear;
    u16 cs;
    u8 mode, length;
    const u8 *bytes;
    const u64 *gpr;
    u64 rflags;
};

/* items.c: the names of -d. */
struct trace_items {
    u32 kinds;   /* BIT(TRACE_…) */
    u32 devices; /* chips whose accesses are kept, of those of TRACE_PORT and TRACE_MMIO: see items.c; all: UINT32_MAX
                  */
    bool fault_walks_only, cpu_blocks, cpu_reset; /* TRACE_WALK: faults alone; TRACE_CPU: when */
    bool unimp, guest, rows, stats;
};
/* Adds what a list like "int,cpu_reset" names. NULL, or the item that is no name; *why: what to say of it. */
const char *trace_items_add(struct trace_items *t, char *list, const char **why);
void trace_items_help(FILE *out);
/* Is an access to what the map calls `name` kept? */
bool trace_wants_name(const struct trace_items *t, bool is_port, const char *name);
/* The name of a kind in print. */
const char *trace_kind_name(unsigned kind);
/* Kinds that a list of such names means; 0: one is none. */
u32 trace_kinds_named(const char *list);

#endif
