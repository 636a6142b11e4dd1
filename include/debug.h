/* debug.h: a window on a machine, for those who look at one from outside: the monitor, a debugger, a debugger's stub.
 * Between slices only. Looking changes nothing: reads of memory and registers leave no trace in the machine, not even
 * where the registers of a chip change by being read. What does act on the machine says so: debug_set_registers(),
 * debug_write(), debug_port_read(), debug_port_write().
 * Processors are numbered 0 … debug_cpus() - 1; another number is the caller's mistake. */
#ifndef PCEMU_DEBUG_H
#define PCEMU_DEBUG_H

#include "base.h"

#include <stdio.h>

struct machine;

/* ---- processors ---- */

#define DEBUG_GPRS 16
#define DEBUG_XMMS 16

enum debug_segment { DEBUG_ES, DEBUG_CS, DEBUG_SS, DEBUG_DS, DEBUG_FS, DEBUG_GS, DEBUG_LDT, DEBUG_TR, DEBUG_SEGMENTS };

/* What the bytes at CS:RIP mean. */
enum debug_code { DEBUG_CODE_16, DEBUG_CODE_32, DEBUG_CODE_64 };

struct debug_registers {
    u64 gpr[DEBUG_GPRS]; /* by their numbers in instructions: rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8 … r15 */
    u64 rip, rflags;
    struct {
        u64 base;
        u32 limit; /* in bytes */
        u32 attr;  /* as in the descriptor's second doubleword, bits 8-15 and 20-23 */
        u16 selector;
    } seg[DEBUG_SEGMENTS];
    struct {
        u64 base;
        u16 limit;
    } gdt, idt;
    u64 cr0, cr2, cr3, cr4, cr8, efer, kernel_gs_base;
    u64 dr[8]; /* 4 and 5 are 0 */
    u16 fcw, fsw, fop, fcs, fds;
    u64 fip, fdp;
    u8 ftw; /* abridged, as FXSAVE has it: bit n: physical register n is not empty */
    u32 mxcsr;
    struct {
        u64 mantissa;
        u16 exponent; /* with the sign */
    } fpr[8];         /* by physical number */
    u64 xmm[DEBUG_XMMS][2];
    enum debug_code code;
    unsigned cpl;
    bool halted;
    bool a20, smm;
    bool nmi_blocked;
    bool interrupts_held; /* by STI or MOV SS, for one instruction */
};

/* What kind of code the processor runs. */
enum debug_mode {
    DEBUG_MODE_REAL,
    DEBUG_MODE_PROTECTED_16,
    DEBUG_MODE_PROTECTED_32,
    DEBUG_MODE_VM86,
    DEBUG_MODE_COMPATIBILITY_16,
    DEBUG_MODE_COMPATIBILITY_32,
    DEBUG_MODE_64,
    DEBUG_MODE_SMM,
};

unsigned debug_cpus(const struct machine *m);
/* The processors' model has long mode. */
bool debug_has_long_mode(const struct machine *m);
enum debug_mode debug_mode(const struct machine *m, unsigned cpu);
/* What RDMSR would read; false: the register is not there. */
bool debug_msr(struct machine *m, unsigned cpu, u32 msr, u64 *value);
void debug_get_registers(const struct machine *m, unsigned cpu, struct debug_registers *r);
/* Writes back a copy that was taken since the processor ran last: what differs is set as instructions would set it. A
 * new selector loads its segment by the descriptor tables (CS takes its privilege level along); a base alone can be set
 * for FS and GS. False: the processor can't be in such a state, or what differs can't be set: RFLAGS.VM, limits and
 * attributes, other bases. What comes before the refused value is set then: control registers, segments, flags, debug
 * registers, FPU and SSE, RIP and the general registers, in this order. EFER.LMA is ignored. A new RIP ends HLT. */
bool debug_set_registers(struct machine *m, unsigned cpu, const struct debug_registers *r);
/* For people: as `info registers` has them, without its heading. */
void debug_print_registers(struct machine *m, unsigned cpu, FILE *out);

/* What a tracer looks at for every instruction, without copying: pointers into the processor, good as long as the
 * machine is; the values are those of the moment. */
struct debug_view {
    const u64 *gpr; /* as in struct debug_registers */
    const u16 *cs;
    const void *processor;
};
struct debug_view debug_view(const struct machine *m, unsigned cpu);
u64 debug_rflags(const struct debug_view *v);

#define DEBUG_ROW_NAME 48
/* A row of the instruction table, as docs/isa.md has it: "0F AF imul", "81 /7 cmp"; "" where there is none. */
void debug_row_name(unsigned row, char name[DEBUG_ROW_NAME]);

/* ---- memory ---- */

/* Linear addresses are translated by the tables in force, whatever the access rights; physical ones are those of the
 * processor: with SMRAM while it is in SMM. */
enum debug_space { DEBUG_LINEAR, DEBUG_PHYSICAL };

/* Reads up to `len` bytes; returns how many, counted from the first, can be read: it ends where a page is not mapped.
 * Where no device is, all ones are read. */
size_t debug_read(struct machine *m, unsigned cpu, enum debug_space space, u64 addr, void *buf, size_t len);
/* Writes RAM (code that was decoded from it is dropped). Return: as debug_read(); it ends at what is not RAM, too. */
size_t debug_write(struct machine *m, unsigned cpu, enum debug_space space, u64 addr, const void *buf, size_t len);
/* The physical address of a linear one; false: not mapped. */
bool debug_translate(struct machine *m, unsigned cpu, u64 linear, u64 *physical);

#define DEBUG_ENTRY_P BIT64(0)
#define DEBUG_ENTRY_W BIT64(1)
#define DEBUG_ENTRY_U BIT64(2)
#define DEBUG_ENTRY_PS BIT64(7)

/* One page as the page tables have it. */
struct debug_mapping {
    u64 linear; /* as the tables count, without sign extension */
    u64 size;
    u64 entry;  /* the entry that maps it: SDM vol. 3, 4.3 to 4.5 */
    u64 rights; /* DEBUG_ENTRY_P, _W and _U, where all levels have them */
};

enum debug_paging { DEBUG_PAGING_OFF, DEBUG_PAGING_32, DEBUG_PAGING_PAE, DEBUG_PAGING_4_LEVELS, DEBUG_PAGING_5_LEVELS };
enum debug_paging debug_paging(const struct machine *m, unsigned cpu);
/* Calls `each` for all pages that are mapped, in order of linear addresses, until it returns false. Return: false when
 * it ended early: so said `each`, or the tables were too many (a table may show itself, and then there is no end). */
bool debug_mappings(struct machine *m, unsigned cpu, bool (*each)(void *self, const struct debug_mapping *map),
                    void *self);

/* How the tables in force translate one linear address, entry by entry. */
#define DEBUG_WALK_MAX 5
struct debug_walk {
    unsigned steps;
    struct debug_walk_step {
        u64 at; /* physical address of the entry; DEBUG_NOWHERE: a register (the pointers of PAE paging) */
        u64 entry;
        unsigned level; /* 1: page table … 5: PML5 */
        bool in_ram;    /* false: no RAM there; such entries read as not present */
    } step[DEBUG_WALK_MAX];
    bool canonical, mapped;
    u64 physical, page_size; /* where mapped */
    u64 rights;              /* DEBUG_ENTRY_W and _U where all levels have them */
    bool no_execute;         /* one of them has XD, and EFER.NXE is on */
};
#define DEBUG_NOWHERE UINT64_MAX
void debug_walk(struct machine *m, unsigned cpu, u64 linear, struct debug_walk *w);

/* ---- ports ---- */

/* An IN or OUT of 1, 2 or 4 bytes with all that follows from it. */
u32 debug_port_read(struct machine *m, u16 port, unsigned size);
void debug_port_write(struct machine *m, u16 port, u32 value, unsigned size);

/* ---- the map ---- */

enum debug_map {
    DEBUG_MAP_TREE,     /* `info mtree` */
    DEBUG_MAP_DISABLED, /* with disabled regions: -D */
    DEBUG_MAP_FLAT,     /* as accesses find it: -f */
};
/* False when the host has no memory. */
bool debug_print_map(struct machine *m, enum debug_map form, FILE *out);

/* From now on `wrote` is told what devices have written to RAM by DMA; NULL: nobody is. One listener. */
void debug_hear_dma(struct machine *m, void (*wrote)(void *self, u64 physical, u64 length), void *self);

/* What the map has at a physical address. */
enum debug_place_kind { DEBUG_PLACE_NONE, DEBUG_PLACE_RAM, DEBUG_PLACE_ROM, DEBUG_PLACE_DEVICE };
struct debug_place {
    enum debug_place_kind kind; /* RAM that is mapped for reads alone counts as ROM */
    const char *name;           /* of the region, as in the map; NULL for NONE */
    u64 first, last;            /* the stretch of the map that the address is in */
    u64 offset;                 /* of the address, in the region */
};
struct debug_place debug_place(struct machine *m, unsigned cpu, u64 physical);
/* The same for a port. */
struct debug_place debug_port_place(struct machine *m, u16 port);

/* ---- the flight recorder: what a processor went through last ---- */

#define DEBUG_EVENTS 1024

enum debug_event_kind {
    DEBUG_EVENT_RESET,
    DEBUG_EVENT_INTERRUPT, /* delivered: vector, source; rip is what was pushed */
    DEBUG_EVENT_EXCEPTION, /* raised: vector, error, depth, value: the address that CR2 gets */
    DEBUG_EVENT_MODE,      /* old and value: enum debug_mode; target: where execution goes on */
    DEBUG_EVENT_CR,        /* number, old, value */
    DEBUG_EVENT_MSR,       /* written: number, value */
    DEBUG_EVENT_TASK,      /* old and value: the selectors of the TSSs; rip is what was saved */
    DEBUG_EVENT_SHUTDOWN,  /* triple fault */
};

enum debug_source { DEBUG_SOURCE_INTR, DEBUG_SOURCE_NMI, DEBUG_SOURCE_SOFTWARE };

struct debug_event {
    u64 icount; /* instructions that this processor had run before */
    u64 rip;    /* of the instruction */
    u64 old, value, target;
    u32 number; /* of the register */
    u32 error;
    u16 cs; /* when it was recorded */
    u8 kind, vector, source;
    u8 depth; /* of an exception: how many others were being delivered */
    bool has_error;
};

/* Copies the newest events, at most `room`, oldest first; returns how many. */
size_t debug_events(const struct machine *m, unsigned cpu, struct debug_event *to, size_t room);

/* Where the processor came by its long way: to code that runs for the first time, or anew after it was written, by
 * branches into pages that it did not visit lately, to handlers of interrupts and exceptions. Branches on well-trodden
 * paths are not noted: that would cost each of them (cpu/recorder.h). */
#define DEBUG_ENTRIES 1024
struct debug_entry {
    u64 icount; /* instructions that this processor had run before */
    u64 linear; /* address of the code */
};

/* As debug_events(). */
size_t debug_entries(const struct machine *m, unsigned cpu, struct debug_entry *to, size_t room);

/* The name that the map gives what is at a port or a physical address, as `info mtree` prints it; NULL: nothing is. */
const char *debug_port_name(struct machine *m, u16 port);
const char *debug_memory_name(struct machine *m, unsigned cpu, u64 physical);

/* ---- chips, for people: as QEMU's monitor prints them ---- */

void debug_print_pic(const struct machine *m, FILE *out);    /* `info pic` without the I/O APIC */
void debug_print_ioapic(const struct machine *m, FILE *out); /* and that alone */
void debug_print_lapic(const struct machine *m, unsigned cpu, FILE *out);
void debug_print_irqs(const struct machine *m, FILE *out); /* how often each wire rose */
void debug_print_pci(const struct machine *m, FILE *out);
void debug_print_roms(const struct machine *m, FILE *out);
void debug_print_qtree(const struct machine *m, FILE *out);
/* All that a chip keeps, field by field, by the name of its state table ("i8254", "hpet"); false: there is none. */
bool debug_print_chip(const struct machine *m, const char *name, FILE *out);

#endif
