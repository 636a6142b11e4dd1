/* cpu.h: a processor as the machine sees it: pins, a budget of instructions to run, and the wires it pulls. What is
 * inside (registers, TLB, decoded blocks) is cpu/'s own; debug.h opens a window on it. */
#ifndef PCEMU_CPU_H
#define PCEMU_CPU_H

#include "cpu_model.h"
#include "debug.h"
#include "log.h"
#include "space.h"
#include "state.h"

struct cpu;
struct probe_set;

/* The package that a processor is part of, as CPUID tells it. 0 counts as 1. */
struct cpu_topology {
    u8 cores;   /* of a package */
    u8 threads; /* of a core */
};

/* What the processor is connected to. All callbacks get `owner`. */
struct cpu_wiring {
    struct address_space *mem;     /* physical memory as seen outside SMM */
    struct address_space *smm_mem; /* the same with SMRAM open */
    struct address_space *io;      /* ports */
    struct ram_pool *pool;
    struct cpu *peer; /* another processor of the same memory and model, made before: they share decoded code; NULL: the
                         first */
    struct log *log;
    const struct cpu_choice *model; /* NULL: the default; read by cpu_new() only */
    void *owner;
    u64 (*time_ns)(void *owner);          /* virtual ns, exact at the current instruction; the TSC counts them */
    int (*ack)(void *owner);              /* interrupt acknowledge: the vector for INTR, or -1 if it went away */
    u8 (*get_tpr)(void *owner);           /* the local APIC's TPR[7:4], read by MOV from CR8 */
    void (*set_tpr)(void *owner, u8 tpr); /* MOV to CR8 */
    bool (*apic_rdmsr)(void *owner, u32 msr,
                       u64 *value);                      /* IA32_APIC_BASE (1B), x2APIC (800-8FF), TSC_DEADLINE (6E0) */
    bool (*apic_wrmsr)(void *owner, u32 msr, u64 value); /* false: #GP */
    void (*tsc_set)(void *owner);                        /* the TSC was written; may be NULL */
    void (*ferr)(void *owner, bool level);               /* FERR# pin: IRQ 13 when CR0.NE = 0 */
    void (*shutdown)(void *owner);                       /* triple fault; the CPU stays stopped until reset */
    void (*halted)(void *owner);                         /* HLT was executed; may be NULL */
    void (*paused)(void *owner); /* PAUSE was executed, the processor waits for another; may be NULL */
    unsigned apic_id;
    struct cpu_topology topology;
    u64 seed; /* of RDRAND and RDSEED */
};

/* How many bits of an APIC ID number `n` things: threads of a core, cores of a package (SDM vol. 3, 9.9.3.1). */
static inline unsigned cpu_id_bits(unsigned n)
{
    unsigned bits = 0;
    while (BIT(bits) < n)
        bits++;
    return bits;
}

/* Makes a processor in its reset state. NULL when the host has no memory. */
struct cpu *cpu_new(const struct cpu_wiring *wiring);
void cpu_free(struct cpu *c);
/* RESET# pin: power-on state (SDM vol. 3, 10.1.1). */
void cpu_reset(struct cpu *c);

/* Runs at most `insns` instructions; returns how many ran. Comes back early when the processor halts, shuts down, or
 * cpu_stop() was called. */
u64 cpu_run(struct cpu *c, u64 insns);
/* Instructions run since the processor was made (exact also inside a device access made by it). */
u64 cpu_icount(const struct cpu *c);
/* Sets the count, where idle time is skipped by the machine or a snapshot restored. Only between runs. */
void cpu_set_icount(struct cpu *c, u64 icount);
/* Inside a device access: end the current run when the count reaches `icount` (never before the present instruction).
 */
void cpu_run_until(struct cpu *c, u64 icount);
/* Ends the current run after the present instruction. */
void cpu_stop(struct cpu *c);
bool cpu_is_halted(const struct cpu *c); /* in HLT, or waiting for SIPI: only an event makes it go on */
bool cpu_is_shutdown(const struct cpu *c);
/* An unmasked event waits: a halted processor would wake. */
bool cpu_has_work(const struct cpu *c);
/* EFLAGS.IF. */
bool cpu_interrupts_enabled(const struct cpu *c);
/* The time-stamp counter: virtual ns, and what WRMSR made of it. Exact at the current instruction when that is the last
 * of its block. */
u64 cpu_tsc(struct cpu *c);
/* The registers, for people: as the monitor's `info registers`. Between runs. */
void cpu_print(const struct cpu *c, FILE *out);
/* A general register by its number in instructions (0 RAX, 1 RCX, 2 RDX, 3 RBX …), for a device that the guest calls by
 * registers. Setting one within an access of the accumulator's width is overwritten by what the access reads. */
u64 cpu_reg(const struct cpu *c, unsigned n);
void cpu_set_reg(struct cpu *c, unsigned n, u64 value);
/* For coverage reports: "rows: NUMBER COUNT MNEMONIC" for each row of the instruction table that was decoded. */
void cpu_print_rows(const struct cpu *c, FILE *out);

/* For debug.h, which says what they do. */
void cpu_row_name(unsigned row, char *name, size_t size);
void cpu_inspect(const struct cpu *c, struct debug_registers *r);
struct debug_view cpu_view(const struct cpu *c);
u64 cpu_rflags(const struct cpu *c);
bool cpu_adopt(struct cpu *c, const struct debug_registers *r);
bool cpu_has_long_mode(const struct cpu *c);
enum debug_paging cpu_paging(const struct cpu *c);
bool cpu_mappings(const struct cpu *c, bool (*each)(void *self, const struct debug_mapping *map), void *self);
bool cpu_translate(const struct cpu *c, u64 linear, u64 *physical);
void cpu_walk(const struct cpu *c, u64 linear, struct debug_walk *w);
bool cpu_peek_msr(struct cpu *c, u32 msr, u64 *value);
enum debug_mode cpu_debug_mode(const struct cpu *c);
size_t cpu_entries(const struct cpu *c, struct debug_entry *to, size_t room);
size_t cpu_events(const struct cpu *c, struct debug_event *to, size_t room);
/* The memory that the processor sees now: in SMM or not. */
struct address_space *cpu_memory(const struct cpu *c);

/* Pins. */
void cpu_set_intr(struct cpu *c, bool level);
void cpu_nmi(struct cpu *c);
void cpu_smi(struct cpu *c);
/* INIT, which is acted on between two instructions, and SIPI, which only a processor hears that waits after INIT. */
void cpu_init_pin(struct cpu *c);
void cpu_sipi(struct cpu *c, u8 vector);
void cpu_set_a20(struct cpu *c, bool enabled);
void cpu_set_ignne(struct cpu *c); /* port F0: FERR# acknowledged */

/* The memory map changed under the processor: its TLB is empty from the next instruction on. */
void cpu_map_changed(struct cpu *c);

/* Events are told to these probes from now on, as processor `number`; NULL: to none. `set` outlives its use; call it
 * again when it has changed, between runs only. False: the host has no memory. */
bool cpu_set_probes(struct cpu *c, const struct probe_set *set, unsigned number);
/* A probe answered PROBE_STOP since the last question. */
bool cpu_take_probe_stop(struct cpu *c);
/* For PROBE_RESET of the whole machine, which it is not the processor that does. */
void cpu_probe_reset(struct cpu *c);
/* Pages may be tracked (space.h) that were not before: all the processor's ways to write are looked at anew. */
void cpu_track_writes(struct cpu *c);

/* The TLBs, which a run that is to be relived begins with: accessed and dirty bits are set by what is not in them. Only
 * for the same processor in the same process; after its state was loaded. False: the host has no memory. */
bool cpu_save_tlb(const struct cpu *c, struct state_buf *out);
void cpu_load_tlb(struct cpu *c, const u8 *saved);

extern const struct state_table cpu_state_table;

#endif
