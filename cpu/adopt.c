/* adopt.c: registers written from outside (include/debug.h, debug_set_registers()). What differs from the present state
 * is set by the functions that instructions use, so that the processor is never put into a state that it could not have
 * reached. Control registers go first, since the others' meaning depends on them. */
#include "ctrl.h"
#include "flags.h"
#include "msr.h"
#include "sys.h"

#include "fpu/fpu.h"

#include "debug.h"

#define MSR_EFER 0xc0000080u
#define CR8_TPR 15u

/* An exception that a checked load records is the caller's answer, not the guest's. */
static bool took(struct cpu *c, bool ok)
{
    c->exc.valid = false;
    c->retry_exact = false;
    return ok;
}

static bool adopt_control(struct cpu *c, const struct debug_registers *now, const struct debug_registers *r)
{
    u64 efer = r->efer & ~(u64)EFER_LMA, old_efer = now->efer & ~(u64)EFER_LMA;
    if (efer != old_efer && !took(c, cpu_wrmsr(c, MSR_EFER, efer)))
        return false;
    if (r->cr4 != now->cr4 && !took(c, cpu_write_cr4(c, r->cr4)))
        return false;
    if (r->cr3 != now->cr3 && !took(c, cpu_write_cr3(c, r->cr3)))
        return false;
    if (r->cr0 != now->cr0 && !took(c, cpu_write_cr0(c, r->cr0)))
        return false;
    if (r->cr8 & ~(u64)CR8_TPR || !is_canonical_base(c, r->kernel_gs_base))
        return false;
    if (r->cr8 != now->cr8 && c->w.set_tpr)
        c->w.set_tpr(c->w.owner, (u8)r->cr8);
    c->msr.kernel_gs_base = r->kernel_gs_base;
    c->cr2 = r->cr2;
    return true;
}

/* CS by its descriptor, whatever the privilege level was: the new one is the selector's. */
static bool adopt_cs(struct cpu *c, u16 sel)
{
    u64 raw[2];
    if (is_paragraph_mode(c)) {
        seg_set_real(c, CS, sel);
        cpu_update_mode(c);
        return true;
    }
    if (sel_null(sel) || !took(c, desc_read(c, sel, raw, false, EXC_GP)))
        return took(c, false);
    u32 attr = desc_attr(raw[0]);
    if (!desc_is_code(attr) || !(attr & DESC_P) || code_is_malformed(c, attr))
        return false;
    seg_set_cs(c, sel, raw[0], sel_rpl(sel));
    return true;
}

static bool adopt_selector(struct cpu *c, unsigned n, u16 sel)
{
    switch (n) {
    case CS:
        return adopt_cs(c, sel);
    case LDTR:
        return took(c, seg_load_ldtr(c, sel));
    case TR:
        return took(c, seg_load_tr(c, sel));
    default:
        return took(c, seg_load(c, n, sel));
    }
}

/* A selector loads its segment; a base alone is set where it is hidden (FS and GS have MSRs for that, others not). */
static bool adopt_segment(struct cpu *c, unsigned n, const struct debug_registers *now, const struct debug_registers *r)
{
    if (r->seg[n].limit != now->seg[n].limit || r->seg[n].attr != now->seg[n].attr)
        return false;
    if (r->seg[n].selector != now->seg[n].selector && !adopt_selector(c, n, r->seg[n].selector))
        return false;
    if (r->seg[n].base == now->seg[n].base)
        return true;
    if ((n != FS && n != GS) || !is_canonical_base(c, r->seg[n].base))
        return false;
    c->seg[n].base = r->seg[n].base;
    cpu_update_mode(c);
    return true;
}

static bool adopt_segments(struct cpu *c, const struct debug_registers *now, const struct debug_registers *r)
{
    static const u8 order[] = { LDTR, TR, CS, SS, DS, ES, FS, GS }; /* CS before SS, which is checked by its level */
    if (!is_canonical_base(c, r->gdt.base) || !is_canonical_base(c, r->idt.base))
        return false;
    c->gdt = (struct desc_table){ r->gdt.base, r->gdt.limit };
    c->idt = (struct desc_table){ r->idt.base, r->idt.limit };
    for (unsigned i = 0; i < ARRAY_LEN(order); i++)
        if (!adopt_segment(c, order[i], now, r))
            return false;
    return true;
}

static bool adopt_flags(struct cpu *c, const struct debug_registers *now, const struct debug_registers *r)
{
    u64 defined = EFLAGS_ALL | FL_ONE;
    if ((r->rflags ^ now->rflags) & (~defined | FL_VM)) /* VM is set by IRET and task switches only */
        return false;
    cpu_set_eflags(c, (u32)r->rflags, EFLAGS_ALL & ~FL_VM);
    return true;
}

static bool adopt_debug(struct cpu *c, const struct debug_registers *now, const struct debug_registers *r)
{
    if (memcmp(r->dr, now->dr, sizeof r->dr) == 0)
        return true;
    if (r->dr[6] >> 32 || r->dr[7] >> 32 || r->dr[4] || r->dr[5])
        return false;
    memcpy(c->dr, r->dr, sizeof c->dr);
    c->dr6 = (r->dr[6] & DR6_WRITABLE) | DR6_ONES;
    c->dr7 = (r->dr[7] & DR7_WRITABLE) | DR7_ONES;
    debug_dr7_changed(c);
    return true;
}

static bool adopt_fpu(struct cpu *c, const struct debug_registers *r)
{
    if (r->mxcsr & ~MXCSR_WRITABLE)
        return false;
    if (r->fcw != c->fpu.cw || r->fsw != fpu_get_sw(c))
        fpu_set_cw_sw(c, r->fcw, r->fsw);
    c->fpu.valid = r->ftw;
    c->fpu.fop = r->fop & FOP_MASK;
    c->fpu.fcs = r->fcs;
    c->fpu.fds = r->fds;
    c->fpu.fip = r->fip;
    c->fpu.fdp = r->fdp;
    c->mxcsr = r->mxcsr;
    for (unsigned i = 0; i < ARRAY_LEN(r->fpr); i++)
        c->fpu.reg[i] = (struct f80){ r->fpr[i].mantissa, r->fpr[i].exponent };
    for (unsigned i = 0; i < DEBUG_XMMS; i++)
        memcpy(c->xmm[i].q, r->xmm[i], sizeof r->xmm[i]);
    return true;
}

bool cpu_adopt(struct cpu *c, const struct debug_registers *r)
{
    struct debug_registers now;
    cpu_inspect(c, &now);
    if (!adopt_control(c, &now, r) || !adopt_segments(c, &now, r) || !adopt_flags(c, &now, r) ||
        !adopt_debug(c, &now, r) || !adopt_fpu(c, r))
        return false;
    if ((r->rip & ~c->ip_mask) || (in_64(c) && !is_canonical(c, r->rip)))
        return false;
    memcpy(c->r, r->gpr, sizeof r->gpr);
    if (r->rip != c->rip && c->activity == ACT_HALTED)
        c->activity = ACT_RUNNING;
    c->rip = r->rip;
    return true;
}
