/* recorder.h: the flight recorder: what a processor went through last, for whoever looks at it afterwards (debug.h).
 * It is filled on cold paths only, decides nothing, and is no part of the machine's state. */
#ifndef PCEMU_RECORDER_H
#define PCEMU_RECORDER_H

#include "cpu_state.h"

#define RECORDED_INSN_MAX 15

/* An exception was raised; `depth`: how many others were being delivered when it was. */
void record_exception(struct cpu *c, const struct pending_exception *e, unsigned depth);
/* An interrupt that is no exception was delivered from c->rip as pushed; `source`: enum debug_source. */
void record_interrupt(struct cpu *c, unsigned vector, unsigned source, u64 rip);
/* CRn was written by the instruction at `rip`. */
void record_cr(struct cpu *c, unsigned n, u64 old, u64 value, u64 rip);
void record_msr(struct cpu *c, u32 msr, u64 value, u64 rip);
/* A task switch. */
void record_task(struct cpu *c, u16 old, u16 tss, u64 rip);
void record_reset(struct cpu *c);
void record_shutdown(struct cpu *c);
/* The mode is another one than when it was last asked for: `rip` is of the instruction that changed it. */
void record_mode_change(struct cpu *c, u64 rip);

/* The run loop enters code at `linear`: its first time there, or after an event. `alone`: for one instruction, behind
 * which it comes again; that is not noted. Noting every branch by one more store costs 1.4 to 4.4 % of a loop's host
 * instructions; the loop's way costs many times the note. */
static inline void record_entry(struct cpu *c, u64 linear, bool alone)
{
    struct recorder *r = &c->recorder;
    if (!alone && linear - r->exact - 1 >= RECORDED_INSN_MAX)
        r->entry[r->entries++ % DEBUG_ENTRIES] = (struct debug_entry){ c->icount_end - (u64)c->budget, linear };
    r->exact = alone ? linear : UINT64_MAX / 2;
}

#define RECORDED_MODE (MODE_PE | MODE_VM | MODE_LMA | MODE_64 | MODE_32 | MODE_SMM)

/* After whatever may have changed the mode. */
static inline void record_mode(struct cpu *c, u64 rip)
{
    if (UNLIKELY((c->mode & RECORDED_MODE) != c->recorder.mode))
        record_mode_change(c, rip);
}

#endif
