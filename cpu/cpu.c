/* cpu.c: a processor's life: made, reset, its pins. */
#include "recorder.h"
#include "block.h"
#include "model.h"
#include "sys.h"

#include <stdlib.h>

struct cpu *cpu_new(const struct cpu_wiring *wiring)
{
    struct cpu *c = NULL;
    if (posix_memalign((void **)&c, 64, sizeof *c) != 0)
        return NULL;
    memset(c, 0, sizeof *c);
    c->w = *wiring;
    model_setup(c);
    c->a20 = true;
    c->phys_mask = UINT64_MAX;
    if (wiring->peer) {
        block_cache_join(wiring->peer->blocks, c);
    } else if (!block_cache_new(c)) {
        free(c);
        return NULL;
    }
    for (unsigned i = 0; i < JUMP_ENTRIES; i++)
        c->jump[i].uop = block_unlinked; /* never NULL: its cost is looked at before the tag */
    for (unsigned set = 0; set < TLB_SETS; set++)
        for (unsigned i = 0; i < TLB_ENTRIES; i++)
            c->tlb_sets[set][i].tag_r = c->tlb_sets[set][i].tag_w = TLB_INVALID;
    for (unsigned i = 0; i < FETCH_ENTRIES; i++)
        c->fetch[i].tag = TLB_INVALID;
    cpu_reset(c);
    return c;
}

void cpu_free(struct cpu *c)
{
    if (!c)
        return;
    block_cache_leave(c);
    free(c->probe);
    free(c);
}

static void reset_segment(struct cpu *c, unsigned seg, u16 sel, u64 base, u32 attr)
{
    c->seg[seg] = (struct seg){ .base = base, .limit = 0xffff, .attr = attr, .sel = sel };
    seg_derive(&c->seg[seg], seg == CS);
}

/* Values after INIT (SDM vol. 3, table 10-1). */
void cpu_init_state(struct cpu *c)
{
    u32 cache = c->cr0 & (CR0_CD | CR0_NW); /* INIT keeps them */
    memset(c->r, 0, sizeof c->r);
    c->r[RDX] = model_signature(c->model);
    c->rip = 0xfff0;
    c->eflags = FL_ONE;
    c->fl = 0;
    c->cr0 = CR0_ET | cache;
    c->cr2 = c->cr3 = c->cr4 = 0;
    c->efer = 0;
    c->cpl = 0;
    c->smm = false;
    c->nmi_blocked = false;
    c->gdt = c->idt = (struct desc_table){ 0, 0xffff };
    reset_segment(c, CS, 0xf000, 0xffff0000u, DESC_P | DESC_S | DESC_RW | DESC_A); /* data, and writable */
    for (unsigned s = 0; s < SEG_COUNT; s++)
        if (s != CS)
            reset_segment(c, s, 0, 0, DESC_P | DESC_S | DESC_RW | DESC_A);
    reset_segment(c, LDTR, 0, 0, DESC_P | SYS_LDT << 8);
    reset_segment(c, TR, 0, 0, DESC_P | SYS_TSS32_BUSY << 8);
    memset(c->dr, 0, sizeof c->dr);
    c->dr6 = 0xffff0ff0u;
    c->dr7 = 0x400;
    c->dr6_pending = 0;
    c->events &= EV_INTR | EV_STOP | EV_TLB | EV_SIPI | EV_PROBE;
    c->inhibit_at = c->inhibit_db_at = UINT64_MAX;
    c->exc.valid = false;
    c->retry_exact = c->step_one = false;
    u64 base = 0;
    bool bsp = c->w.apic_rdmsr && c->w.apic_rdmsr(c->w.owner, 0x1b, &base) && (base & BIT(8));
    c->activity = bsp || c->w.apic_id == 0 ? ACT_RUNNING : ACT_WAIT_SIPI;
    if (c->activity == ACT_RUNNING)
        c->events &= ~EV_SIPI;
    tlb_flush_all(c);
    cpu_update_mode(c);
    record_reset(c);
}

/* SIPI: real mode at vector:0000 (SDM vol. 3, 9.4.4). */
void cpu_start_at(struct cpu *c, u8 vector)
{
    reset_segment(c, CS, (u16)(vector << 8), (u64)vector << 12, DESC_P | DESC_S | DESC_RW | DESC_A);
    c->rip = 0;
    c->activity = ACT_RUNNING;
    cpu_update_mode(c);
}

void cpu_reset(struct cpu *c)
{
    c->cr0 = CR0_CD | CR0_NW;
    phys_forget(c);
    c->large_lo = UINT64_MAX;
    c->large_hi = 0;
    c->events &= ~EV_SIPI;
    cpu_init_state(c);
    c->rand_state = c->w.seed;
    c->xcr0 = 1;
    c->pkru = 0;
    memset(c->pdpte, 0, sizeof c->pdpte);
    fpu_reset(c);
    msr_reset(c);
    cpu_update_mode(c);
}

bool cpu_is_halted(const struct cpu *c)
{
    return c->activity == ACT_HALTED || c->activity == ACT_WAIT_SIPI;
}
bool cpu_is_shutdown(const struct cpu *c)
{
    return c->activity == ACT_SHUTDOWN;
}

void cpu_set_intr(struct cpu *c, bool level)
{
    if (level)
        c->events |= EV_INTR;
    else
        c->events &= ~EV_INTR;
}

void cpu_nmi(struct cpu *c)
{
    c->events |= EV_NMI;
}
void cpu_smi(struct cpu *c)
{
    c->events |= EV_SMI;
}
void cpu_init_pin(struct cpu *c)
{
    c->events = (c->events & ~EV_SIPI) | EV_INIT;
}

/* One that comes before the INIT was acted on counts: the processor that sends both may run on between them while this
 * one does not. The first of several starts the processor. */
void cpu_sipi(struct cpu *c, u8 vector)
{
    if ((c->activity != ACT_WAIT_SIPI && !(c->events & EV_INIT)) || (c->events & EV_SIPI))
        return;
    c->sipi_vector = vector;
    c->events |= EV_SIPI;
}

void cpu_set_a20(struct cpu *c, bool enabled)
{
    if (c->a20 == enabled)
        return;
    c->a20 = enabled;
    c->phys_mask = enabled ? UINT64_MAX : ~(u64)BIT(20);
    c->events |= EV_TLB;
}

void cpu_set_ignne(struct cpu *c)
{
    c->fpu.ignne = true;
}
void cpu_map_changed(struct cpu *c)
{
    c->events |= EV_TLB;
}

/* ---- registers, for devices ---- */

u64 cpu_reg(const struct cpu *c, unsigned n)
{
    return c->r[n % 16];
}

void cpu_set_reg(struct cpu *c, unsigned n, u64 value)
{
    c->r[n % 16] = value;
}
