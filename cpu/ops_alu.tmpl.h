/* ops_alu.tmpl.h: one two-operand instruction OP at one width BITS, in every operand form. OP_WRITES is 0 for CMP and
 * TEST, which leave their first operand alone. */
#include "width.h"
#undef ALU
#undef H
#define ALU WCAT(WCAT(alu_, OP), WCAT(_, BITS))
#define H(form) WCAT(WCAT(OP, form), WCAT(_, BITS))

static const struct uop *H(_rr)(struct cpu *c, const struct uop *u)
{
    unsigned dst = u->dst;
    UW r = ALU(c, GET(c, dst), GET(c, u->src));
    if (OP_WRITES)
        PUT(c, dst, r);
    NEXT_FAST;
}

static const struct uop *H(_ri)(struct cpu *c, const struct uop *u)
{
    unsigned dst = u->dst;
    UW r = ALU(c, GET(c, dst), (UW)u->imm);
    if (OP_WRITES)
        PUT(c, dst, r);
    NEXT_FAST;
}

CHECKED_FORM H(_rm_gen)(struct cpu *c, const struct uop *u)
{
    struct loaded m = mem_load_gen(c, u, BYTES);
    if (UNLIKELY(!m.ok))
        LEAVE;
    UW r = ALU(c, GET(c, u->dst), (UW)m.value);
    if (OP_WRITES)
        PUT(c, u->dst, r);
    NEXT_FAST;
}

static ALWAYS_INLINE const struct uop *H(_rm)(struct cpu *c, const struct uop *u, enum ea_kind kind)
{
    const void *p = operand_r(c, u, kind, BYTES);
    if (UNLIKELY(!p))
        PASS_TO(H(_rm_gen));
    UW r = ALU(c, GET(c, u->dst), (UW)get_bytes(p, BYTES));
    if (OP_WRITES)
        PUT(c, u->dst, r);
    NEXT_FAST;
}

static ALWAYS_INLINE const struct uop *H(_checked)(struct cpu *c, const struct uop *u, UW b)
{
    struct loaded m = OP_WRITES ? mem_load_rmw(c, u, BYTES) : mem_load_gen(c, u, BYTES);
    if (UNLIKELY(!m.ok))
        LEAVE;
    UW r = ALU(c, (UW)m.value, b);
    if (OP_WRITES)
        mem_store_rmw(c, r, BYTES);
    NEXT_FAST;
}

CHECKED_FORM H(_mr_gen)(struct cpu *c, const struct uop *u)
{
    return H(_checked)(c, u, GET(c, u->src));
}
CHECKED_FORM H(_mi_gen)(struct cpu *c, const struct uop *u)
{
    return H(_checked)(c, u, (UW)u->imm);
}

static ALWAYS_INLINE const struct uop *H(_m)(struct cpu *c, const struct uop *u, enum ea_kind kind, UW b, exec_fn *gen)
{
    void *p = OP_WRITES ? operand_w(c, u, kind, BYTES) : operand_r(c, u, kind, BYTES);
    if (UNLIKELY(!p))
        PASS_TO(gen);
    UW r = ALU(c, (UW)get_bytes(p, BYTES), b);
    if (OP_WRITES)
        put_bytes(p, r, BYTES);
    NEXT_FAST;
}

static ALWAYS_INLINE const struct uop *H(_mr)(struct cpu *c, const struct uop *u, enum ea_kind kind)
{
    return H(_m)(c, u, kind, GET(c, u->src), H(_mr_gen));
}

static ALWAYS_INLINE const struct uop *H(_mi)(struct cpu *c, const struct uop *u, enum ea_kind kind)
{
    return H(_m)(c, u, kind, (UW)u->imm, H(_mi_gen));
}

#define KINDS_OF(name, k, suffix)                                                                                      \
    static const struct uop *H(name##suffix)(struct cpu * c, const struct uop *u)                                      \
    {                                                                                                                  \
        return H(name)(c, u, k);                                                                                       \
    }
#define EACH(k, suffix) KINDS_OF(_rm, k, suffix) KINDS_OF(_mr, k, suffix) KINDS_OF(_mi, k, suffix)
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
#undef KINDS_OF
#if BITS >= 32
JOINED(H(_rr))
JOINED(H(_ri))
JOINED(H(_rm_bd64))
#endif
#undef BITS
