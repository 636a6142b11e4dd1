/* smm.c: system management mode (AMD APM vol. 2, chapter 10; SDM vol. 3, chapter 31). The state save area has AMD64's
 * layout, with revision identifier 0002_0064: SMBASE relocation yes, I/O instruction restart no. */
#include "ctrl.h"
#include "watch.h"

#define SMM_AREA 0x8000u /* the handler's entry, and what the offsets below count from */
#define SMM_REVISION 0x00020064u

/* Offsets in the save area (APM vol. 2, table 10-1). */
enum {
    SAVE_SEGS = 0x7e00, /* 16 bytes each: selector, attributes, limit, base */
    SAVE_GDTR = 0x7e60,
    SAVE_LDTR = 0x7e70,
    SAVE_IDTR = 0x7e80,
    SAVE_TR = 0x7e90,
    SAVE_AUTO_HALT = 0x7ec9, /* bit 0: SMI came in HLT; the handler may clear it to go on after it */
    SAVE_NMI_MASK = 0x7eca,  /* NMIs were blocked already */
    SAVE_EFER = 0x7ed0,
    SAVE_REVISION = 0x7efc,
    SAVE_SMBASE = 0x7f00,
    SAVE_CR4 = 0x7f48,
    SAVE_CR3 = 0x7f50,
    SAVE_CR0 = 0x7f58,
    SAVE_DR7 = 0x7f60,
    SAVE_DR6 = 0x7f68,
    SAVE_RFLAGS = 0x7f70,
    SAVE_RIP = 0x7f78,
    SAVE_RAX = 0x7ff8 /* RCX is 8 below it, and so on to R15 */
};

/* Which memory a physical address names depends on SMM. */
static void forget_host_pages(struct cpu *c)
{
    phys_forget(c);
    tlb_flush_all(c);
}

static u64 area(const struct cpu *c)
{
    return c->msr.smbase + SMM_AREA;
}

static void put(struct cpu *c, unsigned offset, u64 value, unsigned bytes)
{
    phys_write(c, area(c) + offset, value, bytes);
}

static u64 get(struct cpu *c, unsigned offset, unsigned bytes)
{
    return phys_read(c, area(c) + offset, bytes);
}

static void put_seg(struct cpu *c, unsigned offset, const struct seg *s)
{
    put(c, offset, s->sel, 2);
    put(c, offset + 2, (s->attr >> 8) & 0xf0ff, 2);
    put(c, offset + 4, s->limit, 4);
    put(c, offset + 8, s->base, 8);
}

static struct seg get_seg(struct cpu *c, unsigned offset)
{
    struct seg s;
    memset(&s, 0, sizeof s);
    s.sel = (u16)get(c, offset, 2);
    s.attr = (u32)(get(c, offset + 2, 2) & 0xf0ff) << 8;
    s.limit = (u32)get(c, offset + 4, 4);
    s.base = get(c, offset + 8, 8);
    seg_derive(&s, false);
    return s;
}

static void put_table(struct cpu *c, unsigned offset, const struct desc_table *t)
{
    put(c, offset + 4, t->limit, 4);
    put(c, offset + 8, t->base, 8);
}

static struct desc_table get_table(struct cpu *c, unsigned offset)
{
    return (struct desc_table){ .limit = (u16)get(c, offset + 4, 4), .base = get(c, offset + 8, 8) };
}

static void save_state(struct cpu *c)
{
    for (unsigned i = 0; i < SEG_COUNT; i++)
        put_seg(c, SAVE_SEGS + i * 16, &c->seg[i]);
    put_table(c, SAVE_GDTR, &c->gdt);
    put_seg(c, SAVE_LDTR, &c->seg[LDTR]);
    put_table(c, SAVE_IDTR, &c->idt);
    put_seg(c, SAVE_TR, &c->seg[TR]);
    put(c, SAVE_AUTO_HALT, c->activity == ACT_HALTED, 1);
    put(c, SAVE_NMI_MASK, c->nmi_blocked, 1);
    put(c, SAVE_EFER, c->efer, 8);
    put(c, SAVE_REVISION, SMM_REVISION, 4);
    put(c, SAVE_SMBASE, c->msr.smbase, 4);
    put(c, SAVE_CR4, c->cr4, 8);
    put(c, SAVE_CR3, c->cr3, 8);
    put(c, SAVE_CR0, c->cr0, 8);
    put(c, SAVE_DR7, c->dr7, 8);
    put(c, SAVE_DR6, c->dr6, 8);
    put(c, SAVE_RFLAGS, flags_get(c), 8);
    put(c, SAVE_RIP, c->rip, 8);
    for (unsigned i = 0; i < 16; i++)
        put(c, SAVE_RAX - i * 8, c->r[i], 8);
}

/* The environment of the handler (APM vol. 2, 10.3.1): real mode with 4 GiB limits. */
static void enter_handler(struct cpu *c)
{
    for (unsigned i = 0; i < SEG_COUNT; i++) {
        c->seg[i] = (struct seg){ .limit = 0xffffffff, .attr = DESC_P | DESC_S | DESC_RW | DESC_A | DESC_G };
        seg_derive(&c->seg[i], false);
    }
    c->seg[CS].sel = (u16)(c->msr.smbase >> 4);
    c->seg[CS].base = c->msr.smbase;
    c->cpl = 0;
    c->cr0 &= ~(CR0_PE | CR0_EM | CR0_TS | CR0_PG);
    c->cr4 = 0;
    c->efer = 0;
    c->dr7 = DR7_ONES;
    c->eflags = FL_ONE;
    flags_set_arith(c, 0);
    c->rip = SMM_AREA;
    c->nmi_blocked = true;
    c->activity = ACT_RUNNING;
}

void smm_enter(struct cpu *c)
{
    u64 interrupted = c->rip;
    if (UNLIKELY(c->probe)) {
        watch_at_rip(c, false);
        watch_interrupt(c, PROBE_FROM_SMI, 0, false, 0);
    }
    c->smm = true; /* from here physical accesses see SMRAM */
    forget_host_pages(c);
    save_state(c);
    enter_handler(c);
    tlb_flush_all(c);
    cpu_update_mode(c);
    record_mode(c, interrupted);
}

/* ---- RSM ---- */

struct resume {
    u32 cr0, cr4, flags;
    u64 cr3, efer;
};

/* A state that no MOV CR or WRMSR could have made (SDM vol. 3, 31.4.1): RSM shuts down. */
static bool is_legal(const struct cpu *c, const struct resume *s)
{
    bool lma = (s->efer & EFER_LMA) != 0, pg = (s->cr0 & CR0_PG) != 0;
    if ((pg && !(s->cr0 & CR0_PE)) || ((s->cr0 & CR0_NW) && !(s->cr0 & CR0_CD)))
        return false;
    if ((s->cr4 & ~cr4_allowed(c)) || (s->efer & ~efer_allowed(c)))
        return false;
    if (lma != (pg && (s->efer & EFER_LME)) || (lma && !(s->cr4 & CR4_PAE)))
        return false;
    return !lma || !(s->cr3 & ~c->phys_max);
}

static void load_registers(struct cpu *c)
{
    for (unsigned i = 0; i < SEG_COUNT; i++)
        c->seg[i] = get_seg(c, SAVE_SEGS + i * 16);
    c->gdt = get_table(c, SAVE_GDTR);
    c->idt = get_table(c, SAVE_IDTR);
    c->seg[LDTR] = get_seg(c, SAVE_LDTR);
    c->seg[TR] = get_seg(c, SAVE_TR);
    for (unsigned i = 0; i < 16; i++)
        c->r[i] = get(c, SAVE_RAX - i * 8, 8);
    c->rip = get(c, SAVE_RIP, 8);
    c->dr6 = (get(c, SAVE_DR6, 4) & DR6_WRITABLE) | DR6_ONES;
    c->dr7 = (get(c, SAVE_DR7, 4) & DR7_WRITABLE) | DR7_ONES;
    c->nmi_blocked = get(c, SAVE_NMI_MASK, 1) & 1;
    if (get(c, SAVE_AUTO_HALT, 1) & 1)
        c->activity = ACT_HALTED;
}

static void load_mode(struct cpu *c, const struct resume *s)
{
    c->cr0 = s->cr0 | CR0_ET;
    c->cr4 = s->cr4;
    c->cr3 = s->cr3;
    c->efer = s->efer;
    c->eflags = (s->flags & ~FL_ARITH) | FL_ONE;
    flags_set_arith(c, s->flags);
    c->cpl = (u8)(in_real(c) ? 0 : in_vm86(c) ? 3 : DESC_GET_DPL(c->seg[SS].attr));
}

bool smm_leave(struct cpu *c)
{
    struct resume s = { .cr0 = (u32)get(c, SAVE_CR0, 4), .cr4 = (u32)get(c, SAVE_CR4, 4), .cr3 = get(c, SAVE_CR3, 8) };
    s.efer = get(c, SAVE_EFER, 8);
    s.flags = (u32)get(c, SAVE_RFLAGS, 4) & EFLAGS_ALL;
    u32 smbase = (u32)get(c, SAVE_SMBASE, 4);
    if (!is_legal(c, &s)) {
        cpu_shut_down(c);
        return false;
    }
    load_registers(c);
    load_mode(c, &s);
    c->msr.smbase = smbase;
    bool pae = (s.cr0 & CR0_PG) && (s.cr4 & CR4_PAE) && !in_long(c);
    c->smm = false;
    forget_host_pages(c);
    cpu_update_mode(c);
    if (pae && !mmu_load_pdptes(c, s.cr3)) {
        cpu_shut_down(c);
        return false;
    }
    return true;
}
