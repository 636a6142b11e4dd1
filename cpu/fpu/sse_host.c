/* sse_host.c: who owns the host's MXCSR, and SIMD floating-point exceptions (SDM vol. 1, 11.5). */
#include "sse_op.h"

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

static void raise_flags(struct cpu *c, u32 flags)
{
#if SSE_HOST
    if (c->sse.live)
        host_set_mxcsr(host_mxcsr() | flags);
#endif
    c->mxcsr |= flags;
}

bool sse_settle(struct cpu *c, struct soft *e)
{
    bool raised = soft_judge(e);
    raise_flags(c, e->flags);
    return !raised || cpu_fault(c, (c->cr4 & CR4_OSXMMEXCPT) ? EXC_XM : EXC_UD, 0);
}

bool avx_checked(struct cpu *c, const struct uop *u, soft_op *op, const union vec *w, unsigned lanes, union vec *r)
{
    struct soft e = { c->mxcsr, 0, 0 };
    for (unsigned lane = 0; lane < lanes; lane++) {
        union vec d, s;
        lane_get(&d, &c->xmm[u_vvvv(u)], lane);
        lane_get(&s, w, lane);
        op(&e, &d, &s, (u8)u->imm);
        lane_put(r, lane, &d);
    }
    clear_above(r, lanes);
    return sse_settle(c, &e);
}

/* An unmasked exception leaves everything but the sticky flags as it was (SDM vol. 1, 11.5.2.2). */
bool sse_checked(struct cpu *c, soft_op *op, union vec *d, const union vec *s, unsigned imm)
{
    struct soft e = { c->mxcsr, 0, 0 };
    union vec r = *d;
    op(&e, &r, s, imm);
    if (!sse_settle(c, &e))
        return false;
    memcpy(d, &r, sizeof(r));
    return true;
}
