/* sse_host.h: the one door between SSE handlers and the arithmetic that carries them out. On an x86-64 host (v2:
 * SSE4.1) each operation is the host's own instruction, h_<mnemonic>, bit-exact with its exceptions; elsewhere, and
 * where the guest has an exception unmasked, the integer arithmetic of sse_soft.c, s_<mnemonic>.
 *
 * Scheme. While struct sse_env is `live`, the host's MXCSR holds the guest's rounding and denormal controls with every
 * exception masked, and its sticky flags are what the guest raised since: an operation costs one test of `live`.
 * Reading MXCSR ors the host's flags in; sse_release() gives the host its own MXCSR back. A guest with an unmasked
 * exception is never live, nor is any guest on a host without SSE: each operation then runs in integers and its flags
 * are judged before anything is written (sse_checked).
 *
 * An operation is `void h_<mnemonic>(union vec *d, const union vec *s, unsigned imm)`: d op= s; d and s may be the
 * same. For scalar operations the upper part of d is kept. Results that are no vector (integers, comparisons) are left
 * in d->q[0] or d->d[0]. */
#ifndef PCEMU_SSE_HOST_H
#define PCEMU_SSE_HOST_H

#include "sse_soft.h"
#include "vec_op.h"

/* Ends an instruction that was done in integers: its flags go to MXCSR; false where an unmasked one is among them. */
bool sse_settle(struct cpu *c, struct soft *e);

typedef void sse_op(union vec *d, const union vec *s, unsigned imm);

#if SSE_HOST

static ALWAYS_INLINE u32 host_mxcsr(void)
{
    u32 v;
    __asm__ volatile("stmxcsr %0" : "=m"(v));
    return v;
}
static ALWAYS_INLINE void host_set_mxcsr(u32 v)
{
    __asm__ volatile("ldmxcsr %0" : : "m"(v));
}

/* d = d op s */
#define HOST_OP(op)                                                                                                    \
    static ALWAYS_INLINE void h_##op(union vec *d, const union vec *s, unsigned imm)                                   \
    {                                                                                                                  \
        (void)imm;                                                                                                     \
        vec_host x = host_get(d);                                                                                      \
        __asm__ volatile(#op " %1, %0" : "+x"(x) : "x"(host_get(s)));                                                  \
        host_put(d, x);                                                                                                \
    }
#define HOST_OP4(op) HOST_OP(op##ps) HOST_OP(op##pd) HOST_OP(op##ss) HOST_OP(op##sd)

HOST_OP4(add)
HOST_OP4(sub)
HOST_OP4(mul)
HOST_OP4(div)
HOST_OP4(min)
HOST_OP4(max)
HOST_OP4(sqrt)
HOST_OP(addsubps)
HOST_OP(addsubpd)
HOST_OP(haddps)
HOST_OP(haddpd)
HOST_OP(hsubps)
HOST_OP(hsubpd)
HOST_OP(cvtps2pd)
HOST_OP(cvtpd2ps)
HOST_OP(cvtss2sd)
HOST_OP(cvtsd2ss)
HOST_OP(cvtdq2ps)
HOST_OP(cvtdq2pd)
HOST_OP(cvtps2dq)
HOST_OP(cvttps2dq)
HOST_OP(cvtpd2dq)
HOST_OP(cvttpd2dq)

/* Operations with an immediate that the host wants in its code: chosen by branches, which is cheaper than a jump table.
 */
#define HOST_IMM(op, n) __asm__ volatile(#op " $" #n ", %1, %0" : "+x"(x) : "x"(y))
/* CMPPS and kin: eight predicates, of which four negate the others with the same exceptions; the bits above are ignored
 * (SDM vol. 2, CMPPS). The element count says where a negation reaches. */
#define HOST_CMP(op, negate)                                                                                           \
    static ALWAYS_INLINE void h_##op(union vec *d, const union vec *s, unsigned imm)                                   \
    {                                                                                                                  \
        vec_host x = host_get(d), y = host_get(s);                                                                     \
        if (imm & 2) {                                                                                                 \
            if (imm & 1)                                                                                               \
                HOST_IMM(op, 3);                                                                                       \
            else                                                                                                       \
                HOST_IMM(op, 2);                                                                                       \
        } else if (imm & 1) {                                                                                          \
            HOST_IMM(op, 1);                                                                                           \
        } else {                                                                                                       \
            HOST_IMM(op, 0);                                                                                           \
        }                                                                                                              \
        host_put(d, x);                                                                                                \
        if (imm & 4)                                                                                                   \
            negate;                                                                                                    \
    }
HOST_CMP(cmpps, set_quads(d, ~d->q[0], ~d->q[1]))
HOST_CMP(cmppd, set_quads(d, ~d->q[0], ~d->q[1]))
HOST_CMP(cmpss, set_low_double(d, ~d->d[0]))
HOST_CMP(cmpsd, set_low_quad(d, ~d->q[0]))

/* ROUNDPS and kin: bits 1:0 rounding, 2: by MXCSR instead, 3: no inexact (SDM vol. 2, table 4-18). */
#define HOST_ROUND_BY(op, n, n_exact)                                                                                  \
    do {                                                                                                               \
        if (imm & 8)                                                                                                   \
            HOST_IMM(op, n_exact);                                                                                     \
        else                                                                                                           \
            HOST_IMM(op, n);                                                                                           \
    } while (0)
#define HOST_ROUND(op)                                                                                                 \
    static ALWAYS_INLINE void h_##op(union vec *d, const union vec *s, unsigned imm)                                   \
    {                                                                                                                  \
        vec_host x = host_get(d), y = host_get(s);                                                                     \
        if (imm & 4)                                                                                                   \
            HOST_ROUND_BY(op, 4, 12);                                                                                  \
        else if ((imm & 3) == 3)                                                                                       \
            HOST_ROUND_BY(op, 3, 11);                                                                                  \
        else if (imm & 2)                                                                                              \
            HOST_ROUND_BY(op, 2, 10);                                                                                  \
        else if (imm & 1)                                                                                              \
            HOST_ROUND_BY(op, 1, 9);                                                                                   \
        else                                                                                                           \
            HOST_ROUND_BY(op, 0, 8);                                                                                   \
        host_put(d, x);                                                                                                \
    }
HOST_ROUND(roundps)
HOST_ROUND(roundpd)
HOST_ROUND(roundss)
HOST_ROUND(roundsd)

/* DPPS, DPPD: high nibble of the immediate: which products; low: where the sum goes. An element that is left out counts
 * as +0 times +0, which raises nothing. */
static inline void h_dpps(union vec *d, const union vec *s, unsigned imm)
{
#define MASK(bit) (0 - (imm >> (bit)&1u))
    const vec_doubles in = { MASK(4), MASK(5), MASK(6), MASK(7) }, out = { MASK(0), MASK(1), MASK(2), MASK(3) };
#undef MASK
    vec_host x = (vec_host)((vec_doubles)host_get(d) & in), y = (vec_host)((vec_doubles)host_get(s) & in);
    __asm__ volatile("dpps $0xff, %1, %0" : "+x"(x) : "x"(y));
    host_put(d, (vec_host)((vec_doubles)x & out));
}
static inline void h_dppd(union vec *d, const union vec *s, unsigned imm)
{
#define MASK(bit) (0 - (u64)(imm >> (bit)&1u))
    const vec_quads in = { MASK(4), MASK(5) }, out = { MASK(0), MASK(1) };
#undef MASK
    vec_host x = (vec_host)((vec_quads)host_get(d) & in), y = (vec_host)((vec_quads)host_get(s) & in);
    __asm__ volatile("dppd $0xff, %1, %0" : "+x"(x) : "x"(y));
    host_put(d, (vec_host)((vec_quads)x & out));
}

/* Scalar to general register, 32 or 64 bits: the result replaces d->q[0]. */
#define HOST_TO_INT(name, op)                                                                                          \
    static ALWAYS_INLINE void h_##name##_32(union vec *d, const union vec *s, unsigned imm)                            \
    {                                                                                                                  \
        u32 r;                                                                                                         \
        (void)imm;                                                                                                     \
        __asm__ volatile(op " %1, %0" : "=r"(r) : "x"(host_get(s)));                                                   \
        d->q[0] = r;                                                                                                   \
    }                                                                                                                  \
    static ALWAYS_INLINE void h_##name##_64(union vec *d, const union vec *s, unsigned imm)                            \
    {                                                                                                                  \
        u64 r;                                                                                                         \
        (void)imm;                                                                                                     \
        __asm__ volatile(op " %1, %0" : "=r"(r) : "x"(host_get(s)));                                                   \
        d->q[0] = r;                                                                                                   \
    }
HOST_TO_INT(cvtss2si, "cvtss2si")
HOST_TO_INT(cvttss2si, "cvttss2si")
HOST_TO_INT(cvtsd2si, "cvtsd2si")
HOST_TO_INT(cvttsd2si, "cvttsd2si")

/* General register to scalar: the integer is in s->q[0]. */
#define HOST_FROM_INT(op)                                                                                              \
    static ALWAYS_INLINE void h_##op##_32(union vec *d, const union vec *s, unsigned imm)                              \
    {                                                                                                                  \
        vec_host x = host_get(d);                                                                                      \
        (void)imm;                                                                                                     \
        __asm__ volatile(#op "l %1, %0" : "+x"(x) : "r"(s->d[0]));                                                     \
        host_put(d, x);                                                                                                \
    }                                                                                                                  \
    static ALWAYS_INLINE void h_##op##_64(union vec *d, const union vec *s, unsigned imm)                              \
    {                                                                                                                  \
        vec_host x = host_get(d);                                                                                      \
        (void)imm;                                                                                                     \
        __asm__ volatile(#op "q %1, %0" : "+x"(x) : "r"(s->q[0]));                                                     \
        host_put(d, x);                                                                                                \
    }
HOST_FROM_INT(cvtsi2ss)
HOST_FROM_INT(cvtsi2sd)

/* COMISS and kin: ZF PF CF as HF_ bits replace *flags. */
#define HOST_COMI(op)                                                                                                  \
    static ALWAYS_INLINE u32 host_##op(const union vec *a, const union vec *b)                                         \
    {                                                                                                                  \
        bool z, p, carry;                                                                                              \
        __asm__ volatile(#op " %4, %3" : "=@ccz"(z), "=@ccp"(p), "=@ccc"(carry) : "x"(host_get(a)), "x"(host_get(b))); \
        return (z ? HF_ZF : 0) | (p ? HF_PF : 0) | (carry ? HF_CF : 0);                                                \
    }                                                                                                                  \
    static ALWAYS_INLINE void h_##op(union vec *d, const union vec *s, unsigned imm)                                   \
    {                                                                                                                  \
        (void)imm;                                                                                                     \
        d->q[0] = host_##op(d, s);                                                                                     \
    }
HOST_COMI(comiss)
HOST_COMI(comisd)
HOST_COMI(ucomiss)
HOST_COMI(ucomisd)

#endif /* without SSE, sse_enter() never makes the environment live */

/* ---- running an operation for the guest ---- */

/* Makes the environment live; false when it cannot be. */
bool sse_enter(struct cpu *c) COLD;
/* Runs op on a copy and commits when no unmasked exception came of it; else false, with #XM or #UD recorded. */
bool sse_checked(struct cpu *c, soft_op *op, union vec *d, const union vec *s, unsigned imm) COLD;

/* d op= s for the guest; for use in TRY. */
#if SSE_HOST
#define SSE_DO(c, op, d, s, imm)                                                                                       \
    ((LIKELY((c)->sse.live) || sse_enter(c)) ? (h_##op(d, s, imm), true) : sse_checked(c, s_##op, d, s, imm))
#else
#define SSE_DO(c, op, d, s, imm) sse_checked(c, s_##op, d, s, imm)
#endif

#endif
