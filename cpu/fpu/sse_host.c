/* sse_host.c: who owns the host's MXCSR, and SIMD floating-point exceptions (SDM vol. 1, 11.5). */
#include "sse_host.h"

#if SSE_HOST

/* Everything masked, no flag yet. */
static u32 running_control(u32 mxcsr)
{
    return (mxcsr & (MXCSR_RC | MXCSR_DAZ | MXCSR_FZ)) | MXCSR_MASKS;
}

bool sse_enter(struct cpu *c)
{
    if ((c->mxcsr & MXCSR_MASKS) != MXCSR_MASKS)
        return false;
    c->sse.host_mxcsr = host_mxcsr();
    host_set_mxcsr(running_control(c->mxcsr));
    c->sse.live = true;
    return true;
}

u32 sse_get_mxcsr(struct cpu *c)
{
    if (c->sse.live)
        c->mxcsr |= host_mxcsr() & MXCSR_FLAGS;
    return c->mxcsr;
}

void sse_release(struct cpu *c)
{
    if (!c->sse.live)
        return;
    c->mxcsr |= host_mxcsr() & MXCSR_FLAGS;
    host_set_mxcsr(c->sse.host_mxcsr);
    c->sse.live = false;
}

#else

bool sse_enter(struct cpu *c)
{
    (void)c;
    return false;
}
u32 sse_get_mxcsr(struct cpu *c)
{
    return c->mxcsr;
}
void sse_release(struct cpu *c)
{
    (void)c;
}

#endif

void sse_set_mxcsr(struct cpu *c, u32 value)
{
    sse_release(c);
    c->mxcsr = value;
}

/* An unmasked exception leaves everything but the sticky flags as it was (SDM vol. 1, 11.5.2.2). */
bool sse_checked(struct cpu *c, soft_op *op, union vec *d, const union vec *s, unsigned imm)
{
    struct soft e = { c->mxcsr, 0, 0 };
    union vec r = *d;
    op(&e, &r, s, imm);
    bool raised = soft_judge(&e);
    c->mxcsr |= e.flags;
    if (raised)
        return cpu_fault(c, (c->cr4 & CR4_OSXMMEXCPT) ? EXC_XM : EXC_UD, 0);
    memcpy(d, &r, sizeof(r));
    return true;
}
