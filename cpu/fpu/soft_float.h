/* soft_float.h: IEEE 754 single and double arithmetic in integers, with x86's choices where the standard leaves some:
 * NaN operands, tininess after rounding, flush to zero, and which flags an unmasked exception leaves (SDM vol.
 * 1, 4.8, 4.9, 11.5). Values are the bits of the format in the low part of a u64. */
#ifndef PCEMU_SOFT_FLOAT_H
#define PCEMU_SOFT_FLOAT_H

#include "base.h"

struct soft_format {
    unsigned frac; /* bits of the fraction */
    u32 exp_max;   /* the exponent field, all ones */
};
extern const struct soft_format soft_half, soft_single, soft_double;

struct soft {
    u32 mxcsr;   /* rounding, DAZ, FZ and masks are taken from here */
    u32 flags;   /* raised so far: MXCSR_IE ... */
    u32 settled; /* of them, those of finished steps */
};

u64 soft_add(struct soft *e, const struct soft_format *f, u64 a, u64 b);
u64 soft_sub(struct soft *e, const struct soft_format *f, u64 a, u64 b);
u64 soft_mul(struct soft *e, const struct soft_format *f, u64 a, u64 b);
u64 soft_div(struct soft *e, const struct soft_format *f, u64 a, u64 b);
/* a * b + c, rounded once; negated: the product, the addend. */
u64 soft_fma(struct soft *e, const struct soft_format *f, u64 a, u64 b, u64 c, bool negate_product, bool negate_addend);
u64 soft_sqrt(struct soft *e, const struct soft_format *f, u64 a);
/* MINPS, MAXPS: b when an operand is NaN or both are zero. */
u64 soft_min(struct soft *e, const struct soft_format *f, u64 a, u64 b);
u64 soft_max(struct soft *e, const struct soft_format *f, u64 a, u64 b);

enum soft_relation { SOFT_LESS, SOFT_EQUAL, SOFT_GREATER, SOFT_UNORDERED };
/* `signal`: a quiet NaN is invalid too. */
enum soft_relation soft_compare(struct soft *e, const struct soft_format *f, u64 a, u64 b, bool signal);

/* To an integral value; rounding `rc` as in MXCSR.RC; `inexact`: report when the value changed. */
u64 soft_round(struct soft *e, const struct soft_format *f, u64 a, unsigned rc, bool inexact);
/* To a signed integer of 32 or 64 bits; invalid gives the least one. */
u64 soft_to_int(struct soft *e, const struct soft_format *f, u64 a, unsigned bits, unsigned rc);
u64 soft_from_int(struct soft *e, const struct soft_format *f, s64 v);
u64 soft_convert(struct soft *e, const struct soft_format *from, const struct soft_format *to, u64 a);

#endif
