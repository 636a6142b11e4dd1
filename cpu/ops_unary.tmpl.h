/* ops_unary.tmpl.h: one one-operand instruction OP, at four widths, on registers and memory, and its exec_group. ONE(c,
 * a) gives the result of FN-named alu_<op>. */
#undef H
#define H(form, w) WCAT(WCAT(OP, form), WCAT(_, w))
#define UNARY(w, size)                                                                                                 \
    static const struct uop *H(_r, w)(struct cpu * c, const struct uop *u)                                             \
    {                                                                                                                  \
        put##w(c, u->dst, WCAT(WCAT(alu_, OP), _##w)(c, get##w(c, u->dst)));                                           \
        NEXT_FAST;                                                                                                     \
    }                                                                                                                  \
    CHECKED_FORM H(_m_gen, w)(struct cpu * c, const struct uop *u)                                                     \
    {                                                                                                                  \
        struct loaded m = mem_load_rmw(c, u, w / 8);                                                                   \
        if (UNLIKELY(!m.ok))                                                                                           \
            LEAVE;                                                                                                     \
        mem_store_rmw(c, WCAT(WCAT(alu_, OP), _##w)(c, (u##w)m.value), w / 8);                                         \
        NEXT_FAST;                                                                                                     \
    }                                                                                                                  \
    static ALWAYS_INLINE const struct uop *H(_m, w)(struct cpu * c, const struct uop *u, enum ea_kind kind)            \
    {                                                                                                                  \
        void *p = operand_w(c, u, kind, w / 8);                                                                        \
        if (UNLIKELY(!p))                                                                                              \
            PASS_TO(H(_m_gen, w));                                                                                     \
        put_bytes(p, WCAT(WCAT(alu_, OP), _##w)(c, (u##w)get_bytes(p, w / 8)), w / 8);                                 \
        NEXT_FAST;                                                                                                     \
    }                                                                                                                  \
    static const struct uop *H(_m_bd64, w)(struct cpu * c, const struct uop *u)                                        \
    {                                                                                                                  \
        return H(_m, w)(c, u, EA_BD64);                                                                                \
    }                                                                                                                  \
    static const struct uop *H(_m_bis64, w)(struct cpu * c, const struct uop *u)                                       \
    {                                                                                                                  \
        return H(_m, w)(c, u, EA_BIS64);                                                                               \
    }                                                                                                                  \
    static const struct uop *H(_m_bd32, w)(struct cpu * c, const struct uop *u)                                        \
    {                                                                                                                  \
        return H(_m, w)(c, u, EA_BD32);                                                                                \
    }                                                                                                                  \
    static const struct uop *H(_m_bis32, w)(struct cpu * c, const struct uop *u)                                       \
    {                                                                                                                  \
        return H(_m, w)(c, u, EA_BIS32);                                                                               \
    }                                                                                                                  \
    static const struct uop *H(_m_seg64, w)(struct cpu * c, const struct uop *u)                                       \
    {                                                                                                                  \
        return H(_m, w)(c, u, EA_SEG64);                                                                               \
    }
#define UNARY_LEGACY(w)                                                                                                \
    static const struct uop *H(_m_seg16, w)(struct cpu * c, const struct uop *u)                                       \
    {                                                                                                                  \
        return H(_m, w)(c, u, EA_SEG16);                                                                               \
    }                                                                                                                  \
    static const struct uop *H(_m_seg32, w)(struct cpu * c, const struct uop *u)                                       \
    {                                                                                                                  \
        return H(_m, w)(c, u, EA_SEG32);                                                                               \
    }
UNARY(8, 0)
UNARY(16, 1)
UNARY(32, 2)
UNARY(64, 3)
UNARY_LEGACY(8)
UNARY_LEGACY(16)
UNARY_LEGACY(32)
JOINED(H(_r, 32))
JOINED(H(_r, 64))
#define LEGACY(form)                                                                                                   \
    {                                                                                                                  \
        H(form, 8), H(form, 16), H(form, 32), NULL                                                                     \
    }
#define FOUR(form)                                                                                                     \
    {                                                                                                                  \
        H(form, 8), H(form, 16), H(form, 32), H(form, 64)                                                              \
    }
static const struct joined WCAT(joined_, OP)[] = { JOINED_ROW(H(_r, 32)), JOINED_ROW(H(_r, 64)), { NULL, { NULL } } };
const struct exec_group WCAT(exec_,
                             OP) = { .joined = WCAT(joined_, OP),
                                     .rr = FOUR(_r),
                                     .mr = { FOUR(_m_bd64), FOUR(_m_bis64), FOUR(_m_bd32), FOUR(_m_bis32),
                                             LEGACY(_m_seg16), LEGACY(_m_seg32), FOUR(_m_seg64), FOUR(_m_gen) } };
#undef FOUR
#undef LEGACY
#undef UNARY
#undef UNARY_LEGACY
#undef H
#undef OP
