/* cpu_table.c: the processor's declared state, and what is rebuilt from it after loading. */
#include "block.h"
#include "mmu.h"
#include "sys.h"
#include "watch.h"

static const struct state_field seg_fields[] = { STATE(struct seg, base), STATE(struct seg, limit),
                                                 STATE(struct seg, attr), STATE(struct seg, sel), STATE_END };

static const struct state_field table_fields[] = { STATE(struct desc_table, base), STATE(struct desc_table, limit),
                                                   STATE_END };

static const struct state_field f80_fields[] = { STATE(struct f80, mant), STATE(struct f80, se), STATE_END };

static const struct state_field fpu_fields[] = { STATE_ARRAY(struct fpu, reg, f80_fields),
                                                 STATE(struct fpu, cw),
                                                 STATE(struct fpu, sw),
                                                 STATE_MAX(struct fpu, top, 7),
                                                 STATE(struct fpu, valid),
                                                 STATE(struct fpu, fop),
                                                 STATE(struct fpu, fcs),
                                                 STATE(struct fpu, fds),
                                                 STATE(struct fpu, fip),
                                                 STATE(struct fpu, fdp),
                                                 STATE(struct fpu, ignne),
                                                 STATE_END };

static const struct state_field msr_fields[] = { STATE(struct msrs, sysenter_cs),
                                                 STATE(struct msrs, sysenter_esp),
                                                 STATE(struct msrs, sysenter_eip),
                                                 STATE(struct msrs, star),
                                                 STATE(struct msrs, lstar),
                                                 STATE(struct msrs, cstar),
                                                 STATE(struct msrs, fmask),
                                                 STATE(struct msrs, kernel_gs_base),
                                                 STATE(struct msrs, tsc_aux),
                                                 STATE(struct msrs, pat),
                                                 STATE(struct msrs, misc_enable),
                                                 STATE(struct msrs, mtrr_def_type),
                                                 STATE_INTS(struct msrs, mtrr_base),
                                                 STATE_INTS(struct msrs, mtrr_mask),
                                                 STATE_INTS(struct msrs, mtrr_fixed),
                                                 STATE(struct msrs, tsc_offset),
                                                 STATE(struct msrs, debugctl),
                                                 STATE(struct msrs, smbase),
                                                 STATE(struct msrs, feature_control),
                                                 STATE(struct msrs, mcg_status),
                                                 STATE(struct msrs, mcg_ctl),
                                                 STATE(struct msrs, bios_sign_id),
                                                 STATE(struct msrs, hwcr),
                                                 STATE(struct msrs, syscfg),
                                                 STATE(struct msrs, int_pending),
                                                 STATE_INTS(struct msrs, mc_ctl),
                                                 STATE_INTS(struct msrs, spare),
                                                 STATE_END };

/* The general registers, without the two slots behind them that follow from them. */
#define GENERAL_REGISTERS                                                                                              \
    {                                                                                                                  \
        "r", STATE_K_INT, offsetof(struct cpu, r), sizeof(u64), R_ZERO, UINT64_MAX, NULL                               \
    }

static const struct state_field cpu_fields[] = { GENERAL_REGISTERS,
                                                 STATE(struct cpu, fl),
                                                 STATE_MAX(struct cpu, events, EV_ALL),
                                                 STATE(struct cpu, rip),
                                                 STATE_ARRAY(struct cpu, seg, seg_fields),
                                                 STATE(struct cpu, eflags),
                                                 STATE_MAX(struct cpu, cpl, 3),
                                                 STATE_MAX(struct cpu, activity, ACT_SHUTDOWN),
                                                 STATE(struct cpu, smm),
                                                 STATE(struct cpu, nmi_blocked),
                                                 STATE(struct cpu, a20),
                                                 STATE(struct cpu, icount_end),
                                                 STATE(struct cpu, budget),
                                                 STATE(struct cpu, inhibit_at),
                                                 STATE(struct cpu, inhibit_db_at),
                                                 STATE(struct cpu, cr0),
                                                 STATE(struct cpu, cr4),
                                                 STATE(struct cpu, cr2),
                                                 STATE(struct cpu, cr3),
                                                 STATE(struct cpu, xcr0),
                                                 STATE(struct cpu, pkru),
                                                 STATE(struct cpu, efer),
                                                 STATE_INTS(struct cpu, dr),
                                                 STATE(struct cpu, dr6),
                                                 STATE(struct cpu, dr7),
                                                 STATE(struct cpu, dr6_pending),
                                                 STATE_STRUCT(struct cpu, gdt, table_fields),
                                                 STATE_STRUCT(struct cpu, idt, table_fields),
                                                 STATE_INTS(struct cpu, pdpte),
                                                 STATE_STRUCT(struct cpu, msr, msr_fields),
                                                 STATE(struct cpu, rand_state),
                                                 STATE(struct cpu, sipi_vector),
                                                 STATE_MAX(struct cpu, mxcsr, 0xffff),
                                                 STATE_STRUCT(struct cpu, fpu, fpu_fields),
                                                 STATE_BYTES(struct cpu, xmm),
                                                 STATE_END };

static bool post_load(void *self)
{
    struct cpu *c = self;
    c->r[R_ZERO] = 0;
    c->phys_mask = c->a20 ? UINT64_MAX : ~(u64)BIT(20);
    c->exc.valid = c->retry_exact = c->exact = c->step_one = false;
    for (unsigned s = 0; s < SEG_COUNT; s++)
        seg_derive(&c->seg[s], s == CS);
    if (c->probe)
        watch_forget(c);
    cpu_update_mode(c);
    if (c->budget)
        c->events |= EV_TLB; /* somebody looks from within an instruction, whose TLB entries may be in use */
    else
        tlb_forget_map(c);
    return true;
}

const struct state_table cpu_state_table = { "cpu", 1, cpu_fields, post_load };
