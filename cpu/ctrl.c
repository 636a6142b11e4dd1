/* ctrl.c: control registers (SDM vol. 3, 2.5; vol. 2, MOV CR): which changes are legal, and what they flush. Nothing
 * changes when a write is refused. */
#include "ctrl.h"

#include "uop.h"

#define CR0_DEFINED (CR0_PE | CR0_MP | CR0_EM | CR0_TS | CR0_ET | CR0_NE | CR0_WP | CR0_AM | CR0_NW | CR0_CD | CR0_PG)
#define CR0_FLUSHES (CR0_PG | CR0_WP) /* PE alone changes no translation: paging is off on both sides of it */
#define CR4_FLUSHES (CR4_PSE | CR4_PAE | CR4_PGE | CR4_PCIDE | CR4_SMEP | CR4_SMAP | CR4_LA57 | CR4_PKE)
#define CR4_RELOADS_PDPTES (CR4_PSE | CR4_PAE | CR4_PGE | CR4_SMEP) /* SDM vol. 3, 4.4.1 */
#define CR3_NO_FLUSH BIT64(63)                                      /* with PCIDE, in MOV to CR3 */

static bool refuse(struct cpu *c)
{
    return cpu_fault(c, EXC_GP, 0);
}

static bool uses_pdptes(const struct cpu *c, u32 cr0, u32 cr4)
{
    return (cr0 & CR0_PG) && (cr4 & CR4_PAE) && !(c->efer & EFER_LME);
}

/* Turning paging on with LME set activates long mode (SDM vol. 3, 9.8.5). */
static bool may_enter_long(const struct cpu *c)
{
    bool is_tss16 = (c->seg[TR].attr & DESC_P) && !(DESC_TYPE(c->seg[TR].attr) & 8);
    return (c->cr4 & CR4_PAE) && !(c->seg[CS].attr & DESC_L) && !is_tss16;
}

static bool cr0_is_legal(const struct cpu *c, u64 v)
{
    bool pg = (v & CR0_PG) != 0, was_pg = (c->cr0 & CR0_PG) != 0;
    if ((v >> 32) || (pg && !(v & CR0_PE)) || ((v & CR0_NW) && !(v & CR0_CD)))
        return false;
    if (pg && !was_pg && (c->efer & EFER_LME))
        return may_enter_long(c);
    if (!pg && was_pg)
        return !in_64(c) && !(c->cr4 & CR4_PCIDE);
    return true;
}

/* Back in real mode CS is a data segment that may be read and written, whatever it was. */
static void leave_protected(struct cpu *c)
{
    struct seg *cs = &c->seg[CS];
    cs->attr = (cs->attr & ~(DESC_CODE | DESC_EC | DESC_DPL | DESC_L)) | DESC_P | DESC_S | DESC_RW | DESC_A;
    seg_derive(cs, true);
    c->cpl = 0;
}

bool cpu_write_cr0(struct cpu *c, u64 value)
{
    if (!cr0_is_legal(c, value))
        return refuse(c);
    u32 v = ((u32)value & CR0_DEFINED) | CR0_ET, changed = v ^ c->cr0;
    if (uses_pdptes(c, v, c->cr4) && (changed & (CR0_PG | CR0_CD | CR0_NW)) && !mmu_load_pdptes(c, c->cr3))
        return false;
    c->cr0 = v;
    if (changed & CR0_PG)
        c->efer = (v & CR0_PG) && (c->efer & EFER_LME) ? c->efer | EFER_LMA : c->efer & ~(u64)EFER_LMA;
    if ((changed & CR0_PE) && !(v & CR0_PE))
        leave_protected(c);
    if (changed & CR0_FLUSHES)
        tlb_flush_all(c);
    cpu_update_mode(c);
    return true;
}

bool cpu_write_cr3(struct cpu *c, u64 value)
{
    bool keep = (c->cr4 & CR4_PCIDE) && (value & CR3_NO_FLUSH);
    if (keep)
        value &= ~CR3_NO_FLUSH;
    if (in_long(c) ? (value & ~c->phys_max) != 0 : in_64(c) && (value >> 32))
        return refuse(c);
    if (uses_pdptes(c, c->cr0, c->cr4) && !mmu_load_pdptes(c, value))
        return false;
    c->cr3 = value;
    /* The TLB knows no PCIDs: a change of address space empties it, "no flush" or not. Global entries stay. */
    tlb_flush_nonglobal(c);
    cpu_update_mode(c);
    return true;
}

u32 cr4_allowed(const struct cpu *c)
{
    static const struct {
        u32 bits;
        u8 feature;
    } by_feature[] = {
        { CR4_VME | CR4_PVI, F_VME }, { CR4_TSD, F_TSC },        { CR4_DE, F_DE },     { CR4_PSE, F_PSE },
        { CR4_PAE, F_PAE },           { CR4_MCE, F_MCE },        { CR4_PGE, F_PGE },   { CR4_PCE, F_RDPMC },
        { CR4_OSFXSR, F_FXSR },       { CR4_OSXMMEXCPT, F_SSE }, { CR4_UMIP, F_UMIP }, { CR4_FSGSBASE, F_FSGSBASE },
        { CR4_PCIDE, F_PCID },        { CR4_OSXSAVE, F_XSAVE },  { CR4_SMEP, F_SMEP }, { CR4_SMAP, F_SMAP },
        { CR4_LA57, F_LA57 },         { CR4_PKE, F_PKU },
    };
    u32 allowed = 0;
    for (unsigned i = 0; i < ARRAY_LEN(by_feature); i++)
        allowed |= cpu_has(c, by_feature[i].feature) ? by_feature[i].bits : 0;
    return allowed;
}

u64 efer_allowed(const struct cpu *c)
{
    return (cpu_has(c, F_SYSCALL) ? EFER_SCE : 0) | (cpu_has(c, F_LM) ? EFER_LME | EFER_LMA : 0) |
           (cpu_has(c, F_NX) ? EFER_NXE : 0);
}

static bool cr4_is_legal(const struct cpu *c, u64 v)
{
    if (v & ~(u64)cr4_allowed(c))
        return false;
    if (in_long(c) && (!(v & CR4_PAE) || ((v ^ c->cr4) & CR4_LA57)))
        return false;
    bool sets_pcide = (v & CR4_PCIDE) && !(c->cr4 & CR4_PCIDE);
    return !sets_pcide || (in_long(c) && !(c->cr3 & 0xfff));
}

void cpu_write_pkru(struct cpu *c, u32 value)
{
    bool changed = value != c->pkru;
    c->pkru = value;
    if (changed && (c->cr4 & CR4_PKE)) /* the TLB holds what the old value allowed */
        tlb_flush_all(c);
}

bool cpu_write_cr4(struct cpu *c, u64 value)
{
    if (!cr4_is_legal(c, value))
        return refuse(c);
    u32 v = (u32)value, changed = v ^ c->cr4;
    if (uses_pdptes(c, c->cr0, v) && (changed & CR4_RELOADS_PDPTES) && !mmu_load_pdptes(c, c->cr3))
        return false;
    c->cr4 = v;
    if (changed & CR4_FLUSHES)
        tlb_flush_all(c);
    cpu_update_mode(c);
    return true;
}
