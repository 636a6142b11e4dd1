/* sse_soft.h: the operations of sse_host.h in integers: where an exception is unmasked, and on hosts without SSE. An
 * operation is s_<mnemonic>(e, d, s, imm): d op= s, with the flags it raises in e->flags. When a step of it raises an
 * unmasked exception it may stop early: soft_judge() is true then, and d is not meant to be used. */
#ifndef PCEMU_SSE_SOFT_H
#define PCEMU_SSE_SOFT_H

#include "cpu_state.h"
#include "soft_float.h"

typedef void soft_op(struct soft *e, union vec *d, const union vec *s, unsigned imm);

/* Ends a step: an unmasked exception was raised. When one of the kind that is found before computing (invalid,
 * denormal, divide by zero) is among them, flags of the later kind that this step raised are taken back (SDM vol.
 * 1, 11.5.3.2). */
bool soft_judge(struct soft *e);

/* DPPS over lanes that are judged step by step together; false: a step raised an unmasked exception. */
bool soft_dpps(struct soft *e, union vec *r, const union vec *a, const union vec *b, unsigned imm, unsigned lanes);

#define SOFT_OPS4(op) soft_op s_##op##ps, s_##op##pd, s_##op##ss, s_##op##sd;
SOFT_OPS4(add)
SOFT_OPS4(sub)
SOFT_OPS4(mul)
SOFT_OPS4(div)
SOFT_OPS4(min)
SOFT_OPS4(max)
SOFT_OPS4(sqrt)
SOFT_OPS4(cmp)
SOFT_OPS4(vcmp)
SOFT_OPS4(round)
#undef SOFT_OPS4
soft_op s_addsubps, s_addsubpd, s_haddps, s_haddpd, s_hsubps, s_hsubpd, s_dpps, s_dppd;
soft_op s_cvtps2pd, s_cvtpd2ps, s_cvtss2sd, s_cvtsd2ss, s_cvtdq2ps, s_cvtdq2pd, s_cvtps2dq, s_cvttps2dq, s_cvtpd2dq,
    s_cvttpd2dq;
soft_op s_cvtss2si_32, s_cvtss2si_64, s_cvttss2si_32, s_cvttss2si_64, s_cvtsd2si_32, s_cvtsd2si_64, s_cvttsd2si_32,
    s_cvttsd2si_64;
soft_op s_cvtsi2ss_32, s_cvtsi2ss_64, s_cvtsi2sd_32, s_cvtsi2sd_64;
soft_op s_comiss, s_comisd, s_ucomiss, s_ucomisd;

#endif
