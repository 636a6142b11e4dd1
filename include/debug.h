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
    u64 cr0, cr2, cr3, cr4, efer;
    u64 dr[8]; /* 4 and 5 are 0 */
    u16 fcw, fsw;
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
};

unsigned debug_cpus(const struct machine *m);
void debug_get_registers(const struct machine *m, unsigned cpu, struct debug_registers *r);
/* Writes back a copy that was taken since the processor ran last: what differs is set as instructions would set it. A
 * new selector loads its segment by the descriptor tables (CS takes its privilege level along); a base alone can be set
 * for FS and GS; RFLAGS.VM, EFER.LMA, limits, attributes and the tables' registers stay as they are. False: the
 * processor can't be in such a state; what comes before the refused value is set: control registers, segments, flags,
 * debug registers, FPU and SSE, then RIP and the general registers together. A new RIP ends HLT. */
bool debug_set_registers(struct machine *m, unsigned cpu, const struct debug_registers *r);
/* For people: as `info registers` has them, without its heading. */
void debug_print_registers(struct machine *m, unsigned cpu, FILE *out);

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

/* ---- chips, for people: as QEMU's monitor prints them ---- */

void debug_print_pic(const struct machine *m, FILE *out);    /* `info pic` without the I/O APIC */
void debug_print_ioapic(const struct machine *m, FILE *out); /* and that alone */
void debug_print_lapic(const struct machine *m, unsigned cpu, FILE *out);
void debug_print_irqs(const struct machine *m, FILE *out); /* how often each wire rose */
void debug_print_pci(const struct machine *m, FILE *out);
void debug_print_roms(const struct machine *m, FILE *out);
void debug_print_qtree(const struct machine *m, FILE *out);

#endif
