/* sse_str.c: the SSE4.2 string comparisons PCMPESTRI, PCMPESTRM, PCMPISTRI, PCMPISTRM (SDM vol. 2, 4.1). */
#include "sse_op.h"

/* The immediate (SDM vol. 2, 4.1.1). */
#define STR_WORDS BIT(0)
#define STR_SIGNED BIT(1)
#define STR_AGGREGATION(imm) (((imm) >> 2) & 3)
#define STR_NEGATIVE BIT(4)
#define STR_MASKED BIT(5)
#define STR_LAST BIT(6)     /* index of the last bit instead of the first */
#define STR_EXPANDED BIT(6) /* mask of elements instead of bits */
enum aggregation { EQUAL_ANY, RANGES, EQUAL_EACH, EQUAL_ORDERED };

struct str {
    s32 e[16];       /* elements */
    unsigned length; /* how many are valid */
};

static unsigned str_elements(unsigned imm)
{
    return (imm & STR_WORDS) ? 8 : 16;
}

static void str_get(struct str *t, const union vec *v, unsigned imm)
{
    unsigned n = str_elements(imm);
    for (unsigned i = 0; i < n; i++) {
        if (imm & STR_SIGNED)
            t->e[i] = (imm & STR_WORDS) ? v->sw[i] : v->sb[i];
        else
            t->e[i] = (imm & STR_WORDS) ? v->w[i] : v->b[i];
    }
}

/* Implicit length: up to the first zero. */
static void str_implicit(struct str *t, unsigned imm)
{
    unsigned n = str_elements(imm);
    for (t->length = 0; t->length < n && t->e[t->length]; t->length++)
        ;
}

/* Explicit length: the absolute value of a general register, at most all. */
static unsigned str_explicit(u64 reg, bool wide, unsigned imm)
{
    u64 v = wide ? reg : (u64)(s64)(s32)(u32)reg;
    u64 length = (v >> 63) ? 0 - v : v;
    return length > str_elements(imm) ? str_elements(imm) : (unsigned)length;
}

/* Each function gives IntRes1[j], with the overrides for invalid elements (SDM vol. 2, table 4-7) built in; a is the
 * first operand, b the second. */
static bool equal_any(const struct str *a, const struct str *b, unsigned j)
{
    for (unsigned i = 0; j < b->length && i < a->length; i++)
        if (a->e[i] == b->e[j])
            return true;
    return false;
}
static bool in_ranges(const struct str *a, const struct str *b, unsigned j)
{
    for (unsigned i = 0; j < b->length && i + 1 < a->length; i += 2)
        if (a->e[i] <= b->e[j] && b->e[j] <= a->e[i + 1])
            return true;
    return false;
}
static bool equal_each(const struct str *a, const struct str *b, unsigned j)
{
    if (j >= a->length || j >= b->length)
        return j >= a->length && j >= b->length;
    return a->e[j] == b->e[j];
}
static bool equal_ordered(const struct str *a, const struct str *b, unsigned j, unsigned n)
{
    for (unsigned i = 0; i < a->length && j + i < n; i++)
        if (j + i >= b->length || a->e[i] != b->e[j + i])
            return false;
    return true;
}

static u32 str_compare(const struct str *a, const struct str *b, unsigned imm)
{
    u32 res = 0, all = BIT(str_elements(imm)) - 1;
    for (unsigned j = 0; j < str_elements(imm); j++) {
        bool hit;
        switch (STR_AGGREGATION(imm)) {
        case EQUAL_ANY:
            hit = equal_any(a, b, j);
            break;
        case RANGES:
            hit = in_ranges(a, b, j);
            break;
        case EQUAL_EACH:
            hit = equal_each(a, b, j);
            break;
        default:
            hit = equal_ordered(a, b, j, str_elements(imm));
            break;
        }
        res |= hit ? BIT(j) : 0;
    }
    if (imm & STR_NEGATIVE)
        res ^= (imm & STR_MASKED) ? BIT(b->length) - 1 : all;
    return res;
}

static void str_flags(struct cpu *c, const struct str *a, const struct str *b, u32 res, unsigned imm)
{
    unsigned n = str_elements(imm);
    c->fl =
        (u16)((res ? HF_CF : 0) | (b->length < n ? HF_ZF : 0) | (a->length < n ? HF_SF : 0) | ((res & 1) ? HF_OF : 0));
}

static void str_put_index(struct cpu *c, u32 res, unsigned imm)
{
    unsigned at = str_elements(imm);
    if (res)
        at = (imm & STR_LAST) ? 31 - (unsigned)__builtin_clz(res) : (unsigned)__builtin_ctz(res);
    c->r[RCX] = at;
}

static void str_put_mask(struct cpu *c, u32 res, unsigned imm)
{
    union vec *x = &c->xmm[0];
    x->q[0] = x->q[1] = 0;
    if (!(imm & STR_EXPANDED))
        x->w[0] = (u16)res;
    else
        for (unsigned i = 0; i < str_elements(imm); i++) {
            u16 m = (res >> i) & 1 ? 0xffff : 0;
            if (imm & STR_WORDS)
                x->w[i] = m;
            else
                x->b[i] = (u8)m;
        }
}

static void avx_put_mask(struct cpu *c, u32 res, unsigned imm)
{
    str_put_mask(c, res, imm);
    clear_above(&c->xmm[0], 1);
}

/* The memory operand may have any alignment. */
static bool str_operands(struct cpu *c, const struct uop *u, struct str *a, struct str *b)
{
    unsigned imm = (u8)u->imm;
    union vec s = c->xmm[u->src];
    if (u_mem(u) && !load(c, u, &s, XMM_BYTES))
        return false;
    str_get(a, &c->xmm[u->dst], imm);
    str_get(b, &s, imm);
    return true;
}

#define STRING_COMPARE(name, put, explicit_length, wide)                                                               \
    EXEC(name)                                                                                                         \
    {                                                                                                                  \
        const unsigned imm = (u8)u->imm;                                                                               \
        struct str a, b;                                                                                               \
        TRY(str_operands(c, u, &a, &b));                                                                               \
        if (explicit_length) {                                                                                         \
            a.length = str_explicit(c->r[RAX], wide, imm);                                                             \
            b.length = str_explicit(c->r[RDX], wide, imm);                                                             \
        } else {                                                                                                       \
            str_implicit(&a, imm);                                                                                     \
            str_implicit(&b, imm);                                                                                     \
        }                                                                                                              \
        u32 res = str_compare(&a, &b, imm);                                                                            \
        str_flags(c, &a, &b, res, imm);                                                                                \
        put(c, res, imm);                                                                                              \
        NEXT;                                                                                                          \
    }
STRING_COMPARE(pcmpestri, str_put_index, true, u_size(u) == 3)
STRING_COMPARE(pcmpestrm, str_put_mask, true, u_size(u) == 3)
STRING_COMPARE(pcmpistri, str_put_index, false, false)
STRING_COMPARE(pcmpistrm, str_put_mask, false, false)
/* Behind VEX W has rows of its own. */
STRING_COMPARE(vpcmpestri_w1, str_put_index, true, true)
STRING_COMPARE(vpcmpestrm_w1, avx_put_mask, true, true)
STRING_COMPARE(vpcmpestrm, avx_put_mask, true, false)
STRING_COMPARE(vpcmpistrm, avx_put_mask, false, false)
