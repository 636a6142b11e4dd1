/* ops_fused_width.tmpl.h: at one width BITS, instructions that set flags together with a branch on condition CC (number
 * CC_NUMBER) behind them. On x86-64 hosts the condition is the host's, without a look at the flags that are kept. */
#include "width.h"
#undef SFX
#if BITS == 8
#define SFX "b"
#elif BITS == 16
#define SFX "w"
#elif BITS == 32
#define SFX "l"
#else
#define SFX "q"
#endif
#undef J
#define J(name) WCAT(WCAT(FN(name), _j), CC)
#define CC_STRING2(cc) #cc
#define CC_STRING(cc) CC_STRING2(cc)

struct J(result) {
    UW value;
    bool taken;
};

#if defined(__x86_64__)
/* LAHF and SETO leave the flags as they are, and so does what the compiler moves. */
#define SET_AND_TEST(insn) insn "\n\tlahf\n\tseto %%al"
#define CONDITION(variable) "=@cc" CC_STRING(CC)(variable)

static ALWAYS_INLINE struct J(result) J(do_sub)(struct cpu *c, UW a, UW b)
{
    u16 f;
    bool taken;
    __asm__(SET_AND_TEST("sub" SFX " %[b], %[a]") : [a] "+&r"(a), "=&a"(f), CONDITION(taken) : [b] "r"(b));
    c->fl = f;
    return (struct J(result)){ a, taken };
}

static ALWAYS_INLINE struct J(result) J(do_add)(struct cpu *c, UW a, UW b)
{
    u16 f;
    bool taken;
    __asm__(SET_AND_TEST("add" SFX " %[b], %[a]") : [a] "+&r"(a), "=&a"(f), CONDITION(taken) : [b] "r"(b));
    c->fl = f;
    return (struct J(result)){ a, taken };
}

static ALWAYS_INLINE struct J(result) J(do_cmp)(struct cpu *c, UW a, UW b)
{
    u16 f;
    bool taken;
    __asm__(SET_AND_TEST("cmp" SFX " %[b], %[a]") : "=&a"(f), CONDITION(taken) : [a] "r"(a), [b] "r"(b));
    c->fl = f;
    return (struct J(result)){ a, taken };
}

/* By the bits that are kept: the host's AF after logic is not ours to tell. */
static ALWAYS_INLINE struct J(result) J(do_logic)(struct cpu *c, UW r)
{
    u16 f;
    bool taken;
    __asm__(SET_AND_TEST("test" SFX " %[r], %[r]") : "=&a"(f), CONDITION(taken) : [r] "r"(r));
    c->fl = (u16)(f & ~HF_AF);
    return (struct J(result)){ r, taken };
}

static ALWAYS_INLINE struct J(result) J(do_inc)(struct cpu *c, UW a)
{
    u16 f, in = c->fl;
    bool taken;
    __asm__(SET_AND_TEST("btw $8, %w[in]\n\tinc" SFX " %[a]")
            : [a] "+&r"(a), "=&a"(f), CONDITION(taken)
            : [in] "r"(in));
    c->fl = f;
    return (struct J(result)){ a, taken };
}

static ALWAYS_INLINE struct J(result) J(do_dec)(struct cpu *c, UW a)
{
    u16 f, in = c->fl;
    bool taken;
    __asm__(SET_AND_TEST("btw $8, %w[in]\n\tdec" SFX " %[a]")
            : [a] "+&r"(a), "=&a"(f), CONDITION(taken)
            : [in] "r"(in));
    c->fl = f;
    return (struct J(result)){ a, taken };
}
#undef SET_AND_TEST
#undef CONDITION

#else

static ALWAYS_INLINE struct J(result) J(and_test)(struct cpu *c, UW r)
{
    return (struct J(result)){ r, flags_cond(c, CC_NUMBER) };
}
static ALWAYS_INLINE struct J(result) J(do_sub)(struct cpu *c, UW a, UW b)
{
    return J(and_test)(c, FN(alu_sub)(c, a, b));
}
static ALWAYS_INLINE struct J(result) J(do_add)(struct cpu *c, UW a, UW b)
{
    return J(and_test)(c, FN(alu_add)(c, a, b));
}
static ALWAYS_INLINE struct J(result) J(do_cmp)(struct cpu *c, UW a, UW b)
{
    return J(and_test)(c, FN(alu_cmp)(c, a, b));
}
static ALWAYS_INLINE struct J(result) J(do_logic)(struct cpu *c, UW r)
{
    return J(and_test)(c, FN(alu_logic)(c, r));
}
static ALWAYS_INLINE struct J(result) J(do_inc)(struct cpu *c, UW a)
{
    return J(and_test)(c, FN(alu_inc)(c, a));
}
static ALWAYS_INLINE struct J(result) J(do_dec)(struct cpu *c, UW a)
{
    return J(and_test)(c, FN(alu_dec)(c, a));
}
#endif

/* The branch behind `u`. */
static ALWAYS_INLINE const struct uop *J(branch)(struct cpu *c, const struct uop *u, bool taken)
{
    u++;
    if (taken)
        FOLLOW(taken);
    FOLLOW(fall);
}

/* ---- registers ---- */

static const struct uop *J(cmp_rr)(struct cpu *c, const struct uop *u)
{
    return J(branch)(c, u, J(do_cmp)(c, GET(c, u->dst), GET(c, u->src)).taken);
}
static const struct uop *J(cmp_ri)(struct cpu *c, const struct uop *u)
{
    return J(branch)(c, u, J(do_cmp)(c, GET(c, u->dst), (UW)u->imm).taken);
}
static const struct uop *J(test_rr)(struct cpu *c, const struct uop *u)
{
    return J(branch)(c, u, J(do_logic)(c, GET(c, u->dst) & GET(c, u->src)).taken);
}
static const struct uop *J(test_ri)(struct cpu *c, const struct uop *u)
{
    return J(branch)(c, u, J(do_logic)(c, GET(c, u->dst) & (UW)u->imm).taken);
}

#if BITS != 16
JOINED_VALUE(J(cmp_ri))
JOINED_VALUE(J(test_ri))
#endif

#if BITS >= 32
JOINED_VALUE(J(cmp_rr))
JOINED_VALUE(J(test_rr))

static ALWAYS_INLINE const struct uop *J(put_and_branch)(struct cpu *c, const struct uop *u, struct J(result) r)
{
    PUT(c, u->dst, r.value);
    return J(branch)(c, u, r.taken);
}
static const struct uop *J(sub_rr)(struct cpu *c, const struct uop *u)
{
    return J(put_and_branch)(c, u, J(do_sub)(c, GET(c, u->dst), GET(c, u->src)));
}
static const struct uop *J(sub_ri)(struct cpu *c, const struct uop *u)
{
    return J(put_and_branch)(c, u, J(do_sub)(c, GET(c, u->dst), (UW)u->imm));
}
static const struct uop *J(add_rr)(struct cpu *c, const struct uop *u)
{
    return J(put_and_branch)(c, u, J(do_add)(c, GET(c, u->dst), GET(c, u->src)));
}
static const struct uop *J(add_ri)(struct cpu *c, const struct uop *u)
{
    return J(put_and_branch)(c, u, J(do_add)(c, GET(c, u->dst), (UW)u->imm));
}
static const struct uop *J(and_rr)(struct cpu *c, const struct uop *u)
{
    return J(put_and_branch)(c, u, J(do_logic)(c, GET(c, u->dst) & GET(c, u->src)));
}
static const struct uop *J(and_ri)(struct cpu *c, const struct uop *u)
{
    return J(put_and_branch)(c, u, J(do_logic)(c, GET(c, u->dst) & (UW)u->imm));
}
static const struct uop *J(inc_r)(struct cpu *c, const struct uop *u)
{
    return J(put_and_branch)(c, u, J(do_inc)(c, GET(c, u->dst)));
}
static const struct uop *J(dec_r)(struct cpu *c, const struct uop *u)
{
    return J(put_and_branch)(c, u, J(do_dec)(c, GET(c, u->dst)));
}
#endif

/* ---- memory: a miss takes the handler that checks, and the branch by itself ---- */

#if BITS != 16
static ALWAYS_INLINE const struct uop *J(cmp_rm)(struct cpu *c, const struct uop *u, enum ea_kind kind)
{
    const void *p = operand_r(c, u, kind, BYTES);
    if (UNLIKELY(!p))
        PASS_TO(exec_cmp.rm[EA_GEN][SIZE]);
    return J(branch)(c, u, J(do_cmp)(c, GET(c, u->dst), (UW)get_bytes(p, BYTES)).taken);
}
static ALWAYS_INLINE const struct uop *J(cmp_mr)(struct cpu *c, const struct uop *u, enum ea_kind kind)
{
    const void *p = operand_r(c, u, kind, BYTES);
    if (UNLIKELY(!p))
        PASS_TO(exec_cmp.mr[EA_GEN][SIZE]);
    return J(branch)(c, u, J(do_cmp)(c, (UW)get_bytes(p, BYTES), GET(c, u->src)).taken);
}
static ALWAYS_INLINE const struct uop *J(cmp_mi)(struct cpu *c, const struct uop *u, enum ea_kind kind)
{
    const void *p = operand_r(c, u, kind, BYTES);
    if (UNLIKELY(!p))
        PASS_TO(exec_cmp.mi[EA_GEN][SIZE]);
    return J(branch)(c, u, J(do_cmp)(c, (UW)get_bytes(p, BYTES), (UW)u->imm).taken);
}
static ALWAYS_INLINE const struct uop *J(test_mi)(struct cpu *c, const struct uop *u, enum ea_kind kind)
{
    const void *p = operand_r(c, u, kind, BYTES);
    if (UNLIKELY(!p))
        PASS_TO(exec_test.mi[EA_GEN][SIZE]);
    return J(branch)(c, u, J(do_logic)(c, (UW)get_bytes(p, BYTES) & (UW)u->imm).taken);
}
#if BITS >= 32
static ALWAYS_INLINE const struct uop *J(sub_rm)(struct cpu *c, const struct uop *u, enum ea_kind kind)
{
    const void *p = operand_r(c, u, kind, BYTES);
    if (UNLIKELY(!p))
        PASS_TO(exec_sub.rm[EA_GEN][SIZE]);
    return J(put_and_branch)(c, u, J(do_sub)(c, GET(c, u->dst), (UW)get_bytes(p, BYTES)));
}
static ALWAYS_INLINE const struct uop *J(dec_mr)(struct cpu *c, const struct uop *u, enum ea_kind kind)
{
    void *p = operand_w(c, u, kind, BYTES);
    if (UNLIKELY(!p))
        PASS_TO(exec_dec.mr[EA_GEN][SIZE]);
    struct J(result) r = J(do_dec)(c, (UW)get_bytes(p, BYTES));
    put_bytes(p, r.value, BYTES);
    return J(branch)(c, u, r.taken);
}
#endif
#if BITS >= 32 && (CC_NUMBER == 2 || CC_NUMBER == 3)
static ALWAYS_INLINE const struct uop *J(bt)(struct cpu *c, const struct uop *u, UW value)
{
    bool carry = (value >> (u->imm & (BITS - 1))) & 1;
    c->fl = (u16)((c->fl & ~HF_CF) | (carry ? HF_CF : 0));
    return J(branch)(c, u, carry == (CC_NUMBER == 2));
}
static const struct uop *J(bt_ri)(struct cpu *c, const struct uop *u)
{
    return J(bt)(c, u, GET(c, u->dst));
}
static ALWAYS_INLINE const struct uop *J(bt_mi)(struct cpu *c, const struct uop *u, enum ea_kind kind)
{
    const void *p = operand_r(c, u, kind, BYTES);
    if (UNLIKELY(!p))
        PASS_TO(exec_bt_imm.any_width);
    return J(bt)(c, u, (UW)get_bytes(p, BYTES));
}
#endif
#define KIND_OF(name, kind, number)                                                                                    \
    static const struct uop *J(name##_##kind)(struct cpu * c, const struct uop *u)                                     \
    {                                                                                                                  \
        return J(name)(c, u, number);                                                                                  \
    }
KIND_OF(cmp_rm, bd64, EA_BD64)
KIND_OF(cmp_mr, bd64, EA_BD64)
KIND_OF(cmp_mi, bd64, EA_BD64)
KIND_OF(test_mi, bd64, EA_BD64)
KIND_OF(cmp_rm, bis64, EA_BIS64)
KIND_OF(cmp_mr, bis64, EA_BIS64)
KIND_OF(cmp_mi, bis64, EA_BIS64)
KIND_OF(cmp_mi, seg64, EA_SEG64)
#if BITS >= 32
KIND_OF(sub_rm, seg64, EA_SEG64)
KIND_OF(dec_mr, bd64, EA_BD64)
KIND_OF(dec_mr, seg64, EA_SEG64)
#endif
#if BITS >= 32 && (CC_NUMBER == 2 || CC_NUMBER == 3)
KIND_OF(bt_mi, bd64, EA_BD64)
KIND_OF(bt_mi, bis64, EA_BIS64)
#endif
#undef KIND_OF
#endif
#undef CC_STRING
#undef CC_STRING2
#undef BITS
