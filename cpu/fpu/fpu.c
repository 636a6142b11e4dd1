/* fpu.c: reset and shared parts of the x87 and SSE state (SDM vol. 1, chapters 8 to 10). */
#include "fpu.h"

/* SDM vol. 3, table 10-1: RESET leaves FCW 0040, tag word 5555 (every register holds zero), MXCSR 1F80. */
void fpu_reset(struct cpu *c)
{
    sse_release(c);
    memset(&c->fpu, 0, sizeof(c->fpu));
    memset(c->xmm, 0, sizeof(c->xmm));
    c->fpu.cw = FCW_RESET;
    c->fpu.valid = 0xff;
    c->mxcsr = MXCSR_RESET;
}

void fpu_init(struct cpu *c)
{
    struct fpu *f = &c->fpu;
    f->cw = FCW_INIT;
    f->sw = 0;
    f->top = 0;
    f->valid = 0;
    f->fop = f->fcs = f->fds = 0;
    f->fip = f->fdp = 0;
}

void fpu_set_cw_sw(struct cpu *c, u16 cw, u16 sw)
{
    bool unmasked = (sw & ~cw & FSW_EXCEPTIONS) != 0;
    u32 rest = sw & ~(FSW_ES | FSW_B | FSW_TOP);
    c->fpu.cw = cw;
    c->fpu.top = (u8)((sw & FSW_TOP) >> FSW_TOP_SHIFT);
    c->fpu.sw = (u16)(rest | (unmasked ? FSW_ES | FSW_B : 0));
}

/* With CR0.NE = 0 the error goes out on FERR# and comes back as IRQ 13; IGNNE# lets the instruction go on without
 * (SDM vol. 1, 8.7.2). */
bool fpu_report_pending(struct cpu *c)
{
    if (c->cr0 & CR0_NE)
        return cpu_fault(c, EXC_MF, 0);
    if (!c->fpu.ignne && c->w.ferr)
        c->w.ferr(c->w.owner, true);
    return true;
}
