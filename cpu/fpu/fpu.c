/* fpu.c: reset and shared parts of the x87 and SSE state (SDM vol. 1, chapters 8 to 10). */
#include "fpu.h"

/* SDM vol. 3, table 10-1: RESET leaves FCW 0040, tag word 5555 (every register holds zero), MXCSR 1F80. */
void fpu_reset(struct cpu *c)
{
    fpu_release(c);
    memset(&c->fpu, 0, sizeof(c->fpu));
    memset(c->xmm, 0, sizeof(c->xmm));
    c->fpu.cw = FCW_RESET;
    c->fpu.valid = 0xff;
    c->mxcsr = MXCSR_RESET;
}

void fpu_init(struct cpu *c)
{
    struct fpu *f = &c->fpu;
    x87_settle(c);
    f->cw = FCW_INIT;
    f->sw = 0;
    f->top = 0;
    f->valid = 0;
    f->fop = f->fcs = f->fds = 0;
    f->fip = f->fdp = 0;
}

void fpu_set_cw(struct cpu *c, u16 cw)
{
    struct fpu *f = &c->fpu;
    x87_settle(c);
    f->cw = (u16)((cw & FCW_WRITABLE) | FCW_ONE);
    f->sw &= (u16) ~(FSW_ES | FSW_B);
    if (f->sw & ~f->cw & FSW_EXCEPTIONS) {
        f->sw |= FSW_ES | FSW_B;
        return;
    }
    f->ignne = false;
    if (!(c->cr0 & CR0_NE) && c->w.ferr)
        c->w.ferr(c->w.owner, false);
}

void fpu_set_cw_sw(struct cpu *c, u16 cw, u16 sw)
{
    x87_settle(c);
    c->fpu.top = (u8)((sw & FSW_TOP) >> FSW_TOP_SHIFT);
    c->fpu.sw = sw & (u16)~FSW_TOP;
    fpu_set_cw(c, cw);
}

_Static_assert(offsetof(struct fpu, quick) == offsetof(struct fpu, sw) + 2, "mmx_begin() reads both at once");

bool mmx_begin_slow(struct cpu *c)
{
    x87_settle(c);
    return fpu_check_pending(c);
}

/* With CR0.NE = 0 the error goes out on FERR# and comes back as IRQ 13, and the processor freezes right before the
 * waiting instruction until an interrupt arrives; IGNNE# lets it go on without (SDM vol. 1, 8.7.2 and appendix D.2.1).
 * The freeze is that of HLT, at the instruction itself: whatever wakes the processor, the instruction is tried again
 * after it. */
bool fpu_report_pending(struct cpu *c)
{
    if (c->cr0 & CR0_NE)
        return cpu_fault(c, EXC_MF, 0);
    if (c->fpu.ignne)
        return true;
    if (c->w.ferr)
        c->w.ferr(c->w.owner, true);
    c->activity = ACT_HALTED;
    c->inhibit_at = UINT64_MAX; /* waiting outlasts the shadow of STI */
    c->retry_exact = true;      /* not completed: no single-step trap */
    return false;
}
