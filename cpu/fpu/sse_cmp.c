/* sse_cmp.c: comparisons: CMPPS and kin (masks), COMISS and kin (EFLAGS), PTEST (SDM vol.
 * 1, 10.4.1.4, 11.4.1.4, 12.10). */
#include "sse_op.h"

SSE_FP4_ALONE(cmp)

/* COMISS and kin: ZF PF CF tell, OF AF SF are cleared (SDM vol. 2, COMISD). */
#define SSE_COMI_CHECKED(name, bytes)                                                                                  \
    HANDLER(x_##name)                                                                                                  \
    {                                                                                                                  \
        union vec s, d = c->xmm[u->dst];                                                                               \
        TRY(sse_operand(c, u, &s, bytes));                                                                             \
        TRY(SSE_DO(c, name, &d, &s, 0));                                                                               \
        c->fl = (u16)d.q[0];                                                                                           \
        NEXT;                                                                                                          \
    }
#if SSE_HOST
#define SSE_COMI(name, bytes)                                                                                          \
    SSE_COMI_CHECKED(name, bytes)                                                                                      \
    HANDLER(r_##name)                                                                                                  \
    {                                                                                                                  \
        if (UNLIKELY(!c->sse.live))                                                                                    \
            return x_##name(c, u);                                                                                     \
        c->fl = (u16)host_##name(&c->xmm[u->dst], &c->xmm[u->src]);                                                    \
        NEXT_FAST;                                                                                                     \
    }                                                                                                                  \
    static ALWAYS_INLINE const struct uop *f_##name(struct cpu *c, const struct uop *u, enum ea_kind kind)             \
    {                                                                                                                  \
        union vec s;                                                                                                   \
        if (UNLIKELY(!c->sse.live || !sse_operand_fast(c, u, kind, &s, bytes)))                                        \
            return x_##name(c, u);                                                                                     \
        c->fl = (u16)host_##name(&c->xmm[u->dst], &s);                                                                 \
        NEXT_FAST;                                                                                                     \
    }                                                                                                                  \
    XMM_GROUP(name)
#else
#define SSE_COMI(name, bytes)                                                                                          \
    SSE_COMI_CHECKED(name, bytes)                                                                                      \
    const struct exec_group exec_##name = { .any_width = x_##name };
#endif
SSE_COMI(comiss, 4)
SSE_COMI(comisd, 8)
SSE_COMI(ucomiss, 4)
SSE_COMI(ucomisd, 8)

/* PTEST: ZF: no bit in common; CF: the source has none beyond the destination's. */
EXEC(ptest)
{
    union vec s;
    TRY(sse_operand(c, u, &s, 16));
    const union vec *d = &c->xmm[u->dst];
    bool z = !((d->q[0] & s.q[0]) | (d->q[1] & s.q[1]));
    bool carry = !((~d->q[0] & s.q[0]) | (~d->q[1] & s.q[1]));
    c->fl = (u16)((z ? HF_ZF : 0) | (carry ? HF_CF : 0));
    NEXT;
}
