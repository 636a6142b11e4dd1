/* ops_move.tmpl.h: MOV at one width BITS, in every operand form. */
#include "width.h"

static const struct uop *FN(mov_rr)(struct cpu *c, const struct uop *u)
{
    PUT(c, u->dst, GET(c, u->src));
    NEXT_FAST;
}

static const struct uop *FN(mov_ri)(struct cpu *c, const struct uop *u)
{
    PUT(c, u->dst, (UW)u->imm);
    NEXT_FAST;
}

CHECKED_FORM FN(mov_rm_gen)(struct cpu *c, const struct uop *u)
{
    struct loaded m = mem_load_gen(c, u, BYTES);
    if (UNLIKELY(!m.ok))
        LEAVE;
    PUT(c, u->dst, (UW)m.value);
    NEXT_FAST;
}

CHECKED_FORM FN(mov_mr_gen)(struct cpu *c, const struct uop *u)
{
    if (UNLIKELY(!mem_store_gen(c, u, GET(c, u->src), BYTES)))
        LEAVE;
    NEXT_FAST;
}

CHECKED_FORM FN(mov_mi_gen)(struct cpu *c, const struct uop *u)
{
    if (UNLIKELY(!mem_store_gen(c, u, u->imm, BYTES)))
        LEAVE;
    NEXT_FAST;
}

static ALWAYS_INLINE const struct uop *FN(mov_rm)(struct cpu *c, const struct uop *u, enum ea_kind kind)
{
    const void *p = operand_r(c, u, kind, BYTES);
    if (UNLIKELY(!p))
        PASS_TO(FN(mov_rm_gen));
    PUT(c, u->dst, (UW)get_bytes(p, BYTES));
    NEXT_FAST;
}

static ALWAYS_INLINE const struct uop *FN(mov_mr)(struct cpu *c, const struct uop *u, enum ea_kind kind)
{
    void *p = operand_w(c, u, kind, BYTES);
    if (UNLIKELY(!p))
        PASS_TO(FN(mov_mr_gen));
    put_bytes(p, GET(c, u->src), BYTES);
    NEXT_FAST;
}

static ALWAYS_INLINE const struct uop *FN(mov_mi)(struct cpu *c, const struct uop *u, enum ea_kind kind)
{
    void *p = operand_w(c, u, kind, BYTES);
    if (UNLIKELY(!p))
        PASS_TO(FN(mov_mi_gen));
    put_bytes(p, u->imm, BYTES);
    NEXT_FAST;
}

#define EACH(name, k, suffix)                                                                                          \
    static const struct uop *FN(name##suffix)(struct cpu * c, const struct uop *u)                                     \
    {                                                                                                                  \
        return FN(name)(c, u, k);                                                                                      \
    }
#define ALL_KINDS(name)                                                                                                \
    EACH(name, EA_BD64, _bd64)                                                                                         \
    EACH(name, EA_BIS64, _bis64) EACH(name, EA_BD32, _bd32) EACH(name, EA_BIS32, _bis32) EACH(name, EA_SEG64, _seg64)
#define LEGACY_KINDS(name) EACH(name, EA_SEG16, _seg16) EACH(name, EA_SEG32, _seg32)
ALL_KINDS(mov_rm)
ALL_KINDS(mov_mr)
ALL_KINDS(mov_mi)
#if BITS != 64
LEGACY_KINDS(mov_rm)
LEGACY_KINDS(mov_mr)
LEGACY_KINDS(mov_mi)
#endif
#undef ALL_KINDS
#undef LEGACY_KINDS
#undef EACH
#undef BITS
