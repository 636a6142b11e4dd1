/* f16c.c: conversions between half and single precision (SDM vol. 1, 14.4; vol. 2, VCVTPH2PS, VCVTPS2PH), in integers
 * on every host. */
#include "sse_op.h"

/* As on silicon, alignment is not checked. */
static bool halves_linear(struct cpu *c, const struct uop *u, unsigned bytes, bool write, u64 *lin)
{
    return seg_linear(c, u_seg(u), ea_offset(c, u), bytes, write, lin);
}

/* Denormal halves convert exactly and raise nothing, whatever MXCSR.DAZ says. */
EXEC(vcvtph2ps)
{
    const unsigned n = 4 * (1 + u_size(u));
    struct soft e = { sse_get_mxcsr(c) & ~MXCSR_DAZ, 0, 0 };
    union vec w = c->xmm[u->src], r = { .q = { 0 } };
    u64 lin;
    if (u_mem(u))
        TRY(halves_linear(c, u, 2 * n, false, &lin) && lin_read(c, lin, &w, 2 * n));
    for (unsigned i = 0; i < n; i++)
        r.d[i] = (u32)soft_convert(&e, &soft_half, &soft_single, w.w[i]);
    e.flags &= ~MXCSR_DE;
    TRY(sse_settle(c, &e));
    c->xmm[u->dst] = r;
    NEXT;
}

/* The immediate: bits 1:0 rounding, 2: by MXCSR instead. Tiny results are never flushed to zero. */
EXEC(vcvtps2ph)
{
    const unsigned n = 4 * (1 + u_size(u));
    u32 mxcsr = sse_get_mxcsr(c) & ~MXCSR_FZ;
    if (!(u->imm & 4))
        mxcsr = (mxcsr & ~MXCSR_RC) | (u32)(u->imm & 3) << MXCSR_RC_SHIFT;
    struct soft e = { mxcsr, 0, 0 };
    union vec r = { .q = { 0 } };
    for (unsigned i = 0; i < n; i++)
        r.w[i] = (u16)soft_convert(&e, &soft_single, &soft_half, c->xmm[u->src].d[i]);
    if (u_mem(u) && !soft_judge(&e)) { /* an unmasked exception comes before the store's faults */
        u64 lin;
        TRY(halves_linear(c, u, 2 * n, true, &lin) && lin_probe(c, lin, 2 * n, true));
        TRY(sse_settle(c, &e) && lin_write(c, lin, &r, 2 * n));
        NEXT;
    }
    TRY(sse_settle(c, &e));
    put_low_lane(&c->xmm[u->dst], &r);
    NEXT;
}
