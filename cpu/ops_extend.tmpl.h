/* ops_extend.tmpl.h: MOVZX, MOVSX, MOVSXD: NAME loads FROM (a C type, FROM_BYTES wide), extended to BITS by C's own
 * rules. */
#include "width.h"
#undef X
#define X(form) WCAT(WCAT(NAME, form), WCAT(_, BITS))

static const struct uop *X(_rr)(struct cpu *c, const struct uop *u)
{
    PUT(c, u->dst, (UW)(SW)(FROM)get_bytes(reg_ptr(c, u->src), FROM_BYTES));
    NEXT_FAST;
}

CHECKED_FORM X(_rm_gen)(struct cpu *c, const struct uop *u)
{
    struct loaded m = mem_load_gen(c, u, FROM_BYTES);
    if (UNLIKELY(!m.ok))
        LEAVE;
    PUT(c, u->dst, (UW)(SW)(FROM)m.value);
    NEXT_FAST;
}

static ALWAYS_INLINE const struct uop *X(_rm)(struct cpu *c, const struct uop *u, enum ea_kind kind)
{
    const void *p = operand_r(c, u, kind, FROM_BYTES);
    if (UNLIKELY(!p))
        PASS_TO(X(_rm_gen));
    PUT(c, u->dst, (UW)(SW)(FROM)get_bytes(p, FROM_BYTES));
    NEXT_FAST;
}

#define EACH(k, suffix)                                                                                                \
    static const struct uop *X(_rm##suffix)(struct cpu * c, const struct uop *u)                                       \
    {                                                                                                                  \
        return X(_rm)(c, u, k);                                                                                        \
    }
EACH(EA_BD64, _bd64)
EACH(EA_BIS64, _bis64)
EACH(EA_BD32, _bd32)
EACH(EA_BIS32, _bis32)
EACH(EA_SEG64, _seg64)
#if BITS != 64
EACH(EA_SEG16, _seg16)
EACH(EA_SEG32, _seg32)
#endif
#undef EACH
#if BITS >= 32
JOINED(X(_rm_bd64))
JOINED(X(_rm_bis64))
#endif
#undef BITS
