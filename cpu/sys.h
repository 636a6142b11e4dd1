/* sys.h: the processor's insides, as its own files see them: memory management, segments, exceptions, mode. Functions
 * that return bool return false when an exception was recorded in c->exc by cpu_fault(). */
#ifndef PCEMU_SYS_H
#define PCEMU_SYS_H

#include "cpu_state.h"

/* ---- mode.c, run.c: mode and events ---- */
/* Is it in the model? `feature` is of enum feature (uop.h). */
static inline bool cpu_has(const struct cpu *c, unsigned feature)
{
    return c->has[feature];
}
/* Recomputes c->mode, masks, the active TLB set and the jump tag from CS, SS, DS, ES, CR0, CR4, EFER, EFLAGS, CPL. Call
 * it after any of them changed. */
void cpu_update_mode(struct cpu *c);
/* The same for less, where nothing changed but CPL and EFLAGS (VM aside), and CS and SS on the way from 64-bit code to
 * 64-bit code. */
void cpu_update_level(struct cpu *c);
/* Everything in the jump cache is forgotten: translations or decoded code changed. */
void cpu_new_epoch(struct cpu *c);
/* By what tag an entry of the jump cache holds: of the present mode, filled in this epoch. */
void cpu_set_jump_tag(struct cpu *c);
/* What it knows of code at level 3 (`user`), or at the others, is: an entry of the fetch TLB has gone. What the jump
 * cache leads to, the fetch TLB has: so a way through the jump cache is the same history as one that looks it up. */
void cpu_new_epoch_of(struct cpu *c, bool user);
/* Records an exception to be delivered when the handler has left; returns false always. */
bool cpu_fault(struct cpu *c, unsigned vector, u32 error);
/* For vectors that push no error code `error` is ignored. */
bool exception_has_error(unsigned vector);
static inline unsigned cpu_cpl(const struct cpu *c)
{
    return c->cpl;
}
static inline bool in_real(const struct cpu *c)
{
    return !(c->cr0 & CR0_PE);
}
static inline bool in_vm86(const struct cpu *c)
{
    return (c->eflags & FL_VM) != 0;
}
static inline bool in_long(const struct cpu *c)
{
    return (c->efer & EFER_LMA) != 0;
}
static inline bool in_64(const struct cpu *c)
{
    return (c->mode & MODE_64) != 0;
}
static inline bool is_sign_extended(u64 v, unsigned shift)
{
    return (u64)((s64)(v << shift) >> shift) == v;
}
/* Of an address that is used, or given to WRFSBASE: by the present paging, 48 bits or with CR4.LA57 57. */
static inline bool is_canonical(const struct cpu *c, u64 lin)
{
    return is_sign_extended(lin, c->canonical_shift);
}
/* Of an address that is loaded into a base register, an MSR, or given to INVLPG and INVPCID: by what the model can
 * have, whatever CR4.LA57 says (Intel's white paper on 5-level paging; on silicon WRFSBASE and WRGSBASE are an
 * exception). */
static inline bool is_canonical_base(const struct cpu *c, u64 lin)
{
    return is_sign_extended(lin, c->has_la57 ? CANONICAL_57 : CANONICAL_48);
}
/* Loads EFLAGS bits `mask` from `value` (the six arithmetic ones too); updates the mode. */
void cpu_set_eflags(struct cpu *c, u32 value, u32 mask);
/* Interrupts held off for one instruction, starting after the one that is being executed by `next_icount - 1`. */

void cpu_init_state(struct cpu *c);          /* INIT pin: cpu.c */
void cpu_start_at(struct cpu *c, u8 vector); /* SIPI */

/* ---- mmu.c ---- */
void tlb_flush_all(struct cpu *c);
/* All that was learnt from the memory map: it has changed. */
void tlb_forget_map(struct cpu *c);             /* global entries too */
void tlb_flush_nonglobal(struct cpu *c);        /* MOV to CR3 */
void tlb_flush_page(struct cpu *c, u64 linear); /* INVLPG */
/* Supervisor-privilege accesses to system structures (GDT, IDT, TSS, inner stacks), linear. */
bool sys_read(struct cpu *c, u64 linear, void *to, unsigned bytes);
bool sys_write(struct cpu *c, u64 linear, const void *from, unsigned bytes);
bool sys_probe(struct cpu *c, u64 linear, unsigned bytes, bool write); /* up to 4096 bytes */
/* The same with a chosen privilege (0-3; SMAP as an implicit access of that privilege). */
bool priv_read(struct cpu *c, u64 linear, void *to, unsigned bytes, unsigned cpl);
bool priv_write(struct cpu *c, u64 linear, const void *from, unsigned bytes, unsigned cpl);
/* Loads the four PAE PDPTEs from CR3 (SDM vol. 3, 4.4.1); #GP(0) on reserved bits. */
bool mmu_load_pdptes(struct cpu *c, u64 cr3);
/* What was learnt of where memory is. */
void phys_forget(struct cpu *c);
/* Physical access with A20 and SMM applied. */
u64 phys_read(struct cpu *c, u64 phys, unsigned bytes);
void phys_write(struct cpu *c, u64 phys, u64 value, unsigned bytes);

/* ---- seg.c ---- */
void seg_derive(struct seg *s, bool is_code);            /* perm, lo, hi from limit and attr */
void seg_set_real(struct cpu *c, unsigned seg, u16 sel); /* real and virtual-8086 mode load */
/* MOV/POP/Lxx to a data segment register or SS, with every check (SDM vol. 3, 5.4-5.7); real mode too. */
bool seg_load(struct cpu *c, unsigned seg, u16 sel);
/* Reads descriptor `sel` from GDT or LDT: raw[0] low 8 bytes, raw[1] the upper 8 of a 16-byte one (when `wide`). False
 * with `vector(sel & FFFC)` recorded when outside the table; `vector` 0: no exception is recorded, only false returned.
 */
bool desc_read(struct cpu *c, u16 sel, u64 raw[2], bool wide, unsigned vector);
void desc_to_seg(struct seg *s, u16 sel, u64 raw); /* base, limit, attr */
bool seg_load_ldtr(struct cpu *c, u16 sel);
bool seg_load_tr(struct cpu *c, u16 sel);
/* Sets CS after all checks passed; the caller sets rip and CPL rules. */
void seg_set_cs(struct cpu *c, u16 sel, u64 raw, unsigned cpl);

/* ---- fault.c: delivery ---- */
enum intr_source { INTR_EXTERNAL, INTR_NMI, INTR_SOFT, INTR_EXCEPTION, INTR_INT3, INTR_INTO, INTR_ICEBP };
/* Delivers an interrupt or exception through IVT or IDT; c->rip is what is pushed. False when delivery itself faulted.
 */
bool cpu_interrupt(struct cpu *c, unsigned vector, enum intr_source source, bool has_error, u32 error);
/* Delivers c->exc with double- and triple-fault rules (SDM vol. 3, 6.15, table 6-5). */
void cpu_deliver_exception(struct cpu *c);

/* ---- task.c ---- */
enum task_source { TASK_JMP, TASK_CALL, TASK_IRET, TASK_GATE };
/* Task switch to the TSS `sel` whose descriptor is raw; `next_ip` is saved in the outgoing TSS (SDM vol. 3, 7.3). */
bool task_switch(struct cpu *c, u16 sel, u64 raw, enum task_source source, u64 next_ip, bool has_error, u32 error);

/* ---- smm.c ---- */
void smm_enter(struct cpu *c); /* between instructions */
bool smm_leave(struct cpu *c); /* RSM; false: shutdown was recorded */

/* ---- ctrl.c / msr.c / cpuid.c ---- */
bool cpu_write_cr0(struct cpu *c, u64 value);
bool cpu_write_cr3(struct cpu *c, u64 value);
bool cpu_write_cr4(struct cpu *c, u64 value);
void cpu_write_pkru(struct cpu *c, u32 value); /* WRPKRU, XRSTOR */
bool cpu_rdmsr(struct cpu *c, u32 msr, u64 *value);
bool cpu_wrmsr(struct cpu *c, u32 msr, u64 value);
void cpu_cpuid(struct cpu *c, u32 leaf, u32 sub, u32 out[4]); /* EAX, EBX, ECX, EDX */
u64 cpu_xinuse(const struct cpu *c);                          /* XSTATE_*: not in their initial configuration */
u64 cpu_xinuse_mxcsr(struct cpu *c);                          /* the same, MXCSR counted as a part of SSE */
u64 cpu_xstates(const struct cpu *c);                         /* XSTATE_*: what XCR0 may have */
void msr_reset(struct cpu *c);

/* ---- debug.c: DR0-DR7 ---- */
/* Data breakpoints on a linear stretch; sets c->dr6_pending and EV_DEBUG when one matches. */
void debug_check_data(struct cpu *c, u64 linear, unsigned bytes, bool write);
void debug_check_io(struct cpu *c, u16 port, unsigned bytes);
/* True when the page has an enabled data breakpoint. */
bool debug_page_watched(const struct cpu *c, u64 linear_page);
/* True when an instruction breakpoint is set at the linear address. */
bool debug_check_fetch(struct cpu *c, u64 linear);
void debug_dr7_changed(struct cpu *c); /* flushes what depends on it */

/* ---- fpu/ ---- */
void fpu_reset(struct cpu *c); /* RESET: x87, MXCSR, XMM */
void fpu_init(struct cpu *c);  /* FNINIT */
/* Gives the host its MXCSR back and makes c->mxcsr exact (fpu/sse_host.h). */
void sse_release(struct cpu *c);
/* Gives the host its x87 control word back and makes c->fpu exact (fpu/x87_quick.h). */
void x87_settle(struct cpu *c) COLD;
/* Both; call it when the run loop is left. */
static inline void fpu_release(struct cpu *c)
{
    sse_release(c);
    if (c->fpu.quick)
        x87_settle(c);
}

#endif
