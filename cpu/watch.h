/* watch.h: what a processor does for those who want to be told of events (include/probe.h). c->probe is NULL when there
 * is nobody: each place below tests it where it is cold. */
#ifndef PCEMU_WATCH_H
#define PCEMU_WATCH_H

#include "uop.h"

#include "probe_set.h"

struct cpu_probe {
    const struct probe_set *set;
    unsigned cpu;
    bool running;            /* within cpu_run() */
    bool began;              /* and nothing was run since it began */
    bool alone;              /* the last block was one instruction that had to be one */
    bool stop;               /* a probe answered PROBE_STOP */
    u64 rip, linear, icount; /* the present instruction; between instructions the next; icount is the processor's own */
    u64 told;                /* the count of the last instruction that PROBE_EXEC was told of: never twice */
    u64 last, next;          /* linear addresses of that instruction and of the one behind it… */
    u16 last_row;
    bool interrupted;        /* …since when an interrupt was delivered, or the like */
    u8 mode, now;            /* enum probe_mode that PROBE_MODE knows; that is now */
    struct probe_event insn; /* PROBE_EXEC, made ready */
    u8 bytes[16];            /* of an instruction that does not lie in one page of memory */
};

/* What the micro-op in front of an instruction is for, in its `imm`. */
#define HOOK_MARK BIT(0)  /* the instruction may make events: they shall know where it is */
#define HOOK_EXACT BIT(1) /* and it shall be a block of its own, so that none is made twice */
#define HOOK_TELL BIT(2)  /* somebody wants to be told before it */

/* HOOK_* for an instruction at offset `off` of its page; 0: none is needed. */
unsigned watch_hook(const struct cpu *c, const struct row *row, u32 mode, unsigned off);
exec_fn op_hook;
/* An instruction was fetched that can't be kept: its bytes are known now only. */
void watch_gathered(struct cpu *c, const u8 *bytes, unsigned n);

/* cpu_run(): at its begin, between instructions after EV_PROBE (true: the run shall end), and at its end. */
void watch_begin(struct cpu *c);
bool watch_between(struct cpu *c);
void watch_end(struct cpu *c);
/* The state was loaded: what was told is not past any more. */
void watch_forget(struct cpu *c);
/* cpu_update_mode() was called. */
COLD void watch_mode(struct cpu *c);

/* The TLB: TLB_WATCH for a page, for reads or writes; and whether an access must be made at an exact instruction. */
COLD u64 watch_page(const struct cpu *c, u64 linear, u64 physical, bool write);
bool watch_wants(const struct cpu *c, u64 linear, u64 physical, unsigned bytes, bool write);
/* A page walk may be made now; false: only by an exact instruction. */
COLD bool watch_may_walk(struct cpu *c);

/* The loop is about to look a block up. */
COLD void watch_lookup(struct cpu *c);

/* Events. Memory: before a write, after a read; `host` is what it reads or overwrites, NULL for a chip's register. */
COLD void watch_iret(struct cpu *c);
COLD void watch_data(struct cpu *c, u64 linear, u64 physical, const u8 *host, const u8 *buf, unsigned bytes,
                     bool write);
COLD void watch_bus(struct cpu *c, enum probe_kind kind, u64 addr, u64 value, unsigned bytes, bool write);
COLD void watch_change(struct cpu *c, enum probe_kind kind, u64 addr, u64 old, u64 value, bool write);
/* rip is that of the next instruction, as it is between instructions, in what follows. */
COLD void watch_at_rip(struct cpu *c,
                       bool charged); /* charged: the event's own instruction is off the budget already */
enum { RESET_OF_MACHINE, RESET_OF_CPU };
COLD void watch_reset(struct cpu *c, unsigned of);
COLD void watch_interrupt(struct cpu *c, enum probe_source source, unsigned vector, bool has_error, u32 error);
COLD void watch_exception(struct cpu *c, const struct pending_exception *e);
struct page_walk_seen {
    u64 linear, physical, entry;
    bool write, fetch, failed;
};
COLD void watch_walk(struct cpu *c, const struct page_walk_seen *w);

#endif
