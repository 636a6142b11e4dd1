/* sse_host.c: who owns the host's MXCSR, and SIMD floating-point exceptions (SDM vol. 1, 11.5). */
#include "sse_host.h"

/* The control bits under which the guest's operations run: everything masked; FZ counts only while underflow is masked
 * (SDM vol. 1, 10.2.3.3). */
static u32 running_control(u32 mxcsr)
{
    u32 keep = mxcsr & (MXCSR_RC | MXCSR_DAZ | MXCSR_FZ);
    if (!(mxcsr & MXCSR_UM))
        keep &= ~MXCSR_FZ;
    return keep | MXCSR_MASKS;
}

/* Makes the environment live; false when an exception is unmasked. */
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

void sse_set_mxcsr(struct cpu *c, u32 value)
{
    sse_release(c);
    c->mxcsr = value;
}

static bool tiny32(u32 v)
{
    return (v & 0x7f800000u) == 0 && (v & 0x007fffffu) != 0;
}
static bool tiny64(u64 v)
{
    return (v & 0x7ff0000000000000u) == 0 && (v & 0x000fffffffffffffu) != 0;
}
static bool any_tiny(const union vec *v, enum sse_result kind)
{
    switch (kind) {
    case SSE_SS:
        return tiny32(v->d[0]);
    case SSE_PS:
        return tiny32(v->d[0]) || tiny32(v->d[1]) || tiny32(v->d[2]) || tiny32(v->d[3]);
    case SSE_SD:
        return tiny64(v->q[0]);
    case SSE_PD:
        return tiny64(v->q[0]) || tiny64(v->q[1]);
    default:
        return false;
    }
}

/* Order of judgement: the exceptions found before computing (invalid, denormal, divide by zero) of any element, when one of
 * them is unmasked, keep the others from being looked for (SDM vol. 1, 11.5.3.2). An unmasked underflow needs only a tiny
 * result, exact ones too, which masked execution does not report. */
bool sse_checked(struct cpu *c, sse_op *op, union vec *d, const union vec *s, unsigned imm, enum sse_result kind)
{
    u32 masked = (c->mxcsr >> MXCSR_MASK_SHIFT) & MXCSR_FLAGS;
    u32 before = host_mxcsr();
    union vec r = *d;
    host_set_mxcsr(running_control(c->mxcsr));
    op(&r, s, imm);
    u32 flags = host_mxcsr() & MXCSR_FLAGS;
    host_set_mxcsr(before);
    if (!(masked & MXCSR_UE) && any_tiny(&r, kind))
        flags |= MXCSR_UE;
    if (flags & ~masked & (MXCSR_IE | MXCSR_DE | MXCSR_ZE))
        flags &= MXCSR_IE | MXCSR_DE | MXCSR_ZE;
    c->mxcsr |= flags;
    if (flags & ~masked)
        return cpu_fault(c, (c->cr4 & CR4_OSXMMEXCPT) ? EXC_XM : EXC_UD, 0);
    *d = r;
    return true;
}
