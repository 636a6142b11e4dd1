/* probe.h: being told what a machine does while it runs. A probe is a question (kinds of events, ranges) with a
 * callback; debuggers, tracers and whoever travels in time are its users. Probes change no history: the guest's run
 * with them is the run without them, instruction by instruction. A machine without probes pays nothing for them: an
 * instruction is watched by a micro-op put in front of it when its block is built, memory by TLB entries that never
 * hit, and the rest happens on cold paths.
 *
 * Events come in the order in which they happen, from within machine_run(). A callback may look at the machine through
 * debug.h (registers, memory, page tables; not at what only the registers of a chip know: debug_read() ends before
 * them), as it stands at that very instruction. It changes nothing, adds and removes no probe. What it returns says
 * whether the run goes on. */
#ifndef PCEMU_PROBE_H
#define PCEMU_PROBE_H

#include "debug.h"

enum probe_kind {
    PROBE_EXEC,  /* before an instruction in a range, or before every one; a pass of a repeated string instruction,
                    up to 4096 iterations, is one. Not told of what is never begun: its fetch faulted */
    PROBE_BLOCK, /* straight-line code is entered, otherwise than from the instruction before it: by a taken branch or
                    by an interrupt; in a range. Before PROBE_EXEC for the same instruction */
    PROBE_READ,  /* data in a range were read, by instructions or by the processor for itself (descriptors, stacks;
                    not page tables), and not by other chips */
    PROBE_WRITE, /* ... will be written: memory still holds `old`, `value` is new */
    PROBE_PORT,  /* IN, OUT, INS, OUTS: ports in the range. Before a write, after a read */
    PROBE_MMIO,  /* an access of data that went to no plain memory, by physical address; as for PROBE_PORT */
    PROBE_INTERRUPT, /* an interrupt, exception or INT n is about to be delivered; the registers are still the old ones
                      */
    PROBE_EXCEPTION, /* an exception was raised, before delivery: also one that becomes a double fault */
    PROBE_IRET,      /* returned from an interrupt handler: `addr` is where to */
    PROBE_CR,        /* MOV to CRn, LMSW, CLTS, task switch: old and new value, after it */
    PROBE_MSR,       /* WRMSR, RDMSR, after it; `old` is 0 */
    PROBE_MODE,      /* `old` and `value` are of enum probe_mode; before the first instruction in the new one */
    PROBE_TASK,      /* task switch: old and new TR, after it; `addr` is the new TSS's base */
    PROBE_BRANCH,    /* a taken branch, call or return, after it: `linear` is from, `addr` is to. A conditional one to
                        the instruction behind it is not seen; costs, as PROBE_BLOCK, about what PROBE_EXEC does */
    PROBE_TLB,       /* a page walk that ended: addr, physical and value (the last entry), or the fault with its error
                        code. When instructions are fetched anew (`fetch`) depends on what is cached */
    PROBE_RESET,     /* about to be reset: the machine (value 0) or one processor by INIT (value 1) */
    PROBE_SHUTDOWN,  /* triple fault */
    PROBE_HALT,      /* HLT */
    PROBE_LOOKUP,    /* the processor looked up what no cache of its own knew: a block, or a page's translation. `value`
                        is of enum probe_lookup, the place is not told. How often depends on what is cached, slices and
                        other probes included: for statistics */
    PROBE_COUNT,     /* machine_icount() has reached `first`: told once, between instructions */
    PROBE_KINDS
};

#define PROBE_ALL_KINDS ((BIT(PROBE_KINDS) - 1) & ~BIT(PROBE_LOOKUP)) /* that are part of history */

enum probe_source { PROBE_FROM_INTR, PROBE_FROM_NMI, PROBE_FROM_SOFTWARE, PROBE_FROM_EXCEPTION, PROBE_FROM_SMI };

enum probe_mode {
    PROBE_MODE_REAL,
    PROBE_MODE_VM86,
    PROBE_MODE_PROTECTED_16, /* by CS.D */
    PROBE_MODE_PROTECTED_32,
    PROBE_MODE_COMPATIBILITY_16,
    PROBE_MODE_COMPATIBILITY_32,
    PROBE_MODE_LONG,
};
/* What was looked up: the next block, since no link led there … */
enum probe_lookup {
    PROBE_LOOKUP_BEGIN,     /* the run goes on, behind a timer's deadline or a slice */
    PROBE_LOOKUP_DELIVERED, /* behind an interrupt or an exception */
    PROBE_LOOKUP_ALONE, /* an instruction that has to be a block of its own: it was refused within one, or is stepped */
    PROBE_LOOKUP_BEHIND, /* behind such */
    PROBE_LOOKUP_NEW,    /* the jump cache has no way to this address */
    PROBE_LOOKUP_STALE,  /* it has one of another address space or mode */
    PROBE_LOOKUP_LEFT,   /* behind an instruction that leaves the blocks (ports, control registers …), or events */
    PROBE_LOOKUP_SHORT,  /* the block has more instructions than are left to the deadline */
    PROBE_LOOKUP_BLOCKS, /* count of those */
    PROBE_LOOKUP_DATA = PROBE_LOOKUP_BLOCKS, /* … or a page, that the TLB did not know: data, code; or there is none */
    PROBE_LOOKUP_CODE,
    PROBE_LOOKUP_FAULT,
    PROBE_LOOKUPS
};
#define PROBE_MODE_SMM BIT(3) /* added to the others */

struct probe_event {
    enum probe_kind kind;
    unsigned cpu;
    u64 icount; /* instructions that the machine has run before this one; a delivery counts as one */
    u64 rip,
        linear;     /* of the instruction: CS:RIP's offset, and its linear address. Between instructions: of the next */
    u64 addr;       /* linear address of data, physical one (PROBE_MMIO), port, MSR number, control register's number,
                       target's linear address, CR2 (PROBE_EXCEPTION of #PF) */
    u64 physical;   /* of data or code; UINT64_MAX when not known */
    u64 old, value; /* before and after; data: zero-extended, at most 8 bytes (wider ones come in parts). What stood in
                       a chip's register is not known: 0 */
    u32 error;      /* error code, where has_error */
    u8 size;        /* bytes of the access */
    u8 vector;
    u8 source;  /* enum probe_source of an interrupt */
    bool write; /* port, MMIO, MSR, page walk: direction */
    bool has_error;
    bool fetch;      /* PROBE_TLB: for an instruction */
    u8 mode, code;   /* PROBE_EXEC: enum probe_mode, enum debug_code */
    u8 length;       /* PROBE_EXEC: bytes of the instruction */
    u16 row;         /* PROBE_EXEC: of the instruction table: debug_row_name() */
    const u8 *bytes; /* PROBE_EXEC: those, for the callback's time; NULL where they can't be looked at */
    u64 rflags;      /* PROBE_EXEC: before it */
};

enum probe_answer {
    PROBE_GO,
    PROBE_STOP, /* machine_run() returns MACHINE_STOPPED: PROBE_EXEC and PROBE_BLOCK: before that instruction (which is
                   not told again when the run is taken up there); else after the instruction or delivery that made the
                   event; PROBE_BRANCH: before the target's instruction */
};

struct probe {
    u32 kinds;              /* BIT(PROBE_…) */
    enum debug_space space; /* of the range, for PROBE_EXEC, BLOCK, READ, WRITE */
    u64 first, last; /* inclusive: 0 … UINT64_MAX: all. For those, and for PROBE_PORT, PROBE_MMIO (physical) and
                        PROBE_MSR; the other kinds have none */
    int cpu;         /* -1: any */
    enum probe_answer (*event)(void *self, const struct probe_event *e);
    void *self;
};

/* Between slices only. The probe is copied; returns its number, -1 when the host has no memory. */
int machine_probe_add(struct machine *m, const struct probe *p);
void machine_probe_remove(struct machine *m, int number);

/* machine_run() returns MACHINE_STOPPED when machine_icount() has reached this; UINT64_MAX: never. Stepping is
 * machine_stop_at(m, machine_icount(m) + 1). Between slices only. */
void machine_stop_at(struct machine *m, u64 icount);
#endif
