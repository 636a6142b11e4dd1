/* ops_quiet.c: register instructions that can't be left in the middle and whose flags nobody sees, because they set
 * none or because another sets all of them before anybody can look. Each has a handler that computes no flags, and the
 * more usual ones have one together with any of the others behind them: one dispatch instead of two.
 *
 * To add one: a line in EACH_QUIET, the same name as a function that does it, and its row in `quiets`. */
#include "fused.h"

#include "fast.h"
#include "rows.h"

/* ---- what they do ---- */

#define QUIET(name, bits, result)                                                                                      \
    static ALWAYS_INLINE void do_##name##_##bits(struct cpu *c, const struct uop *u)                                   \
    {                                                                                                                  \
        put##bits(c, u->dst, (u##bits)(result));                                                                       \
    }
#define BOTH(name, operator)                                                                                           \
    QUIET(name##_rr, 32, get32(c, u->dst) operator get32(c, u->src))                                                   \
    QUIET(name##_rr, 64, get64(c, u->dst) operator get64(c, u->src))                                                   \
    QUIET(name##_ri, 32, get32(c, u->dst) operator(u32) u->imm)                                                        \
    QUIET(name##_ri, 64, get64(c, u->dst) operator u->imm)
#define AT(bits) (u->imm & (bits - 1))
#define BACK(bits) (-u->imm & (bits - 1))
#define SHIFTS(bits)                                                                                                   \
    QUIET(shl_ri, bits, get##bits(c, u->dst) << AT(bits))                                                              \
    QUIET(shr_ri, bits, get##bits(c, u->dst) >> AT(bits))                                                              \
    QUIET(sar_ri, bits, (s##bits)get##bits(c, u->dst) >> AT(bits))                                                     \
    QUIET(rol_ri, bits, get##bits(c, u->dst) << AT(bits) | get##bits(c, u->dst) >> BACK(bits))                         \
    QUIET(ror_ri, bits, get##bits(c, u->dst) >> AT(bits) | get##bits(c, u->dst) << BACK(bits))

BOTH(add, +)
BOTH(sub, -)
BOTH(and, &)
BOTH(or, |)
BOTH(xor, ^)
SHIFTS(32)
SHIFTS(64)
QUIET(mov_rr, 32, get32(c, u->src))
QUIET(mov_rr, 64, get64(c, u->src))
QUIET(mov_ri, 32, u->imm)
QUIET(lea_bd, 64, ea_fast(c, u, EA_BD64))
QUIET(lea_bis, 64, ea_fast(c, u, EA_BIS64))
QUIET(imul2_rr, 32, get32(c, u->dst) * get32(c, u->src))
QUIET(imul2_rr, 64, get64(c, u->dst) * get64(c, u->src))
QUIET(imul3_rr, 32, get32(c, u->src) * (u32)u->imm)
QUIET(imul3_rr, 64, get64(c, u->src) * u->imm)

#define EACH_WIDTH(M, x, name) M(x, name##_32) M(x, name##_64)
#define EACH_QUIET(M, x)                                                                                               \
    EACH_WIDTH(M, x, mov_rr)                                                                                           \
    M(x, mov_ri_32)                                                                                                    \
    M(x, lea_bd_64)                                                                                                    \
    M(x, lea_bis_64)                                                                                                   \
    EACH_WIDTH(M, x, add_rr)                                                                                           \
    EACH_WIDTH(M, x, add_ri)                                                                                           \
    EACH_WIDTH(M, x, sub_rr)                                                                                           \
    EACH_WIDTH(M, x, sub_ri)                                                                                           \
    EACH_WIDTH(M, x, and_rr)                                                                                           \
    EACH_WIDTH(M, x, and_ri)                                                                                           \
    EACH_WIDTH(M, x, or_rr)                                                                                            \
    EACH_WIDTH(M, x, or_ri)                                                                                            \
    EACH_WIDTH(M, x, xor_rr)                                                                                           \
    EACH_WIDTH(M, x, xor_ri)                                                                                           \
    EACH_WIDTH(M, x, shl_ri)                                                                                           \
    EACH_WIDTH(M, x, shr_ri)                                                                                           \
    EACH_WIDTH(M, x, sar_ri)                                                                                           \
    EACH_WIDTH(M, x, rol_ri)                                                                                           \
    EACH_WIDTH(M, x, ror_ri)                                                                                           \
    EACH_WIDTH(M, x, imul2_rr)                                                                                         \
    EACH_WIDTH(M, x, imul3_rr)

#define NAME_OF(x, name) QUIET_##name,
enum quiet { EACH_QUIET(NAME_OF, ) QUIET_COUNT, QUIET_NONE = QUIET_COUNT };

struct quiet_row {
    const struct exec_group *group;
    u8 form, kind, width; /* where the group has the instruction's own handler */
    bool flags;           /* it sets some */
};
#define ROWS(name, form, flags)                                                                                        \
    [QUIET_##name##_32] = { &exec_##name, form, 0, 2, flags }, [QUIET_##name##_64] = { &exec_##name, form, 0, 3, flags }
#define ALU_ROWS(name)                                                                                                 \
    [QUIET_##name##_rr_32] = { &exec_##name, FORM_RR, 0, 2, true },                                                    \
    [QUIET_##name##_rr_64] = { &exec_##name, FORM_RR, 0, 3, true },                                                    \
    [QUIET_##name##_ri_32] = { &exec_##name, FORM_RI, 0, 2, true },                                                    \
    [QUIET_##name##_ri_64] = { &exec_##name, FORM_RI, 0, 3, true }
#define FORM_ROWS(name, suffix, form)                                                                                  \
    [QUIET_##name##_##suffix##_32] = { &exec_##name, form, 0, 2, true },                                               \
    [QUIET_##name##_##suffix##_64] = { &exec_##name, form, 0, 3, true }
static const struct quiet_row quiets[QUIET_COUNT] = {
    [QUIET_mov_rr_32] = { &exec_mov, FORM_RR, 0, 2, false },
    [QUIET_mov_rr_64] = { &exec_mov, FORM_RR, 0, 3, false },
    [QUIET_mov_ri_32] = { &exec_mov, FORM_RI, 0, 2, false },
    [QUIET_lea_bd_64] = { &exec_lea, FORM_RM, EA_BD64, 3, false },
    [QUIET_lea_bis_64] = { &exec_lea, FORM_RM, EA_BIS64, 3, false },
    ALU_ROWS(add),
    ALU_ROWS(sub),
    ALU_ROWS(and),
    ALU_ROWS(or),
    ALU_ROWS(xor),
    FORM_ROWS(shl, ri, FORM_RI),
    FORM_ROWS(shr, ri, FORM_RI),
    FORM_ROWS(sar, ri, FORM_RI),
    FORM_ROWS(rol, ri, FORM_RI),
    FORM_ROWS(ror, ri, FORM_RI),
    FORM_ROWS(imul2, rr, FORM_RR),
    FORM_ROWS(imul3, rr, FORM_RR),
};

/* ---- alone ---- */

#define ALONE(x, name)                                                                                                 \
    static const struct uop *quiet_##name(struct cpu *c, const struct uop *u)                                          \
    {                                                                                                                  \
        do_##name(c, u);                                                                                               \
        NEXT_FAST;                                                                                                     \
    }
EACH_QUIET(ALONE, )

#define ENTRY_ALONE(x, name) quiet_##name,
static exec_fn *const alone[QUIET_COUNT] = { EACH_QUIET(ENTRY_ALONE, ) };

/* ---- with another behind it ---- */

#define TOGETHER(first, second)                                                                                        \
    static const struct uop *first##_then_##second(struct cpu *c, const struct uop *u)                                 \
    {                                                                                                                  \
        do_##first(c, u);                                                                                              \
        do_##second(c, u + 1);                                                                                         \
        SKIP_FAST(2);                                                                                                  \
    }
#define EACH_FIRST(M)                                                                                                  \
    M(mov_rr_32)                                                                                                       \
    M(mov_rr_64)                                                                                                       \
    M(lea_bd_64)                                                                                                       \
    M(lea_bis_64)                                                                                                      \
    M(add_rr_32)                                                                                                       \
    M(add_rr_64)                                                                                                       \
    M(add_ri_64)                                                                                                       \
    M(sub_rr_64)                                                                                                       \
    M(and_rr_32)                                                                                                       \
    M(and_ri_32)                                                                                                       \
    M(xor_rr_32)                                                                                                       \
    M(xor_rr_64)                                                                                                       \
    M(shr_ri_32)                                                                                                       \
    M(shr_ri_64)                                                                                                       \
    M(ror_ri_32)
#define WITH_EACH(first) EACH_QUIET(TOGETHER, first)
EACH_FIRST(WITH_EACH)

#define ENTRY_TOGETHER(first, second) first##_then_##second,
#define ROW_TOGETHER(first) [QUIET_##first] = { EACH_QUIET(ENTRY_TOGETHER, first) },
static exec_fn *const together[QUIET_COUNT][QUIET_COUNT] = { EACH_FIRST(ROW_TOGETHER) };

/* ---- whose flags nobody sees ---- */

static bool own_handler(const struct uop *u, const struct quiet_row *q)
{
    return q->group == cpu_rows[u_row(u)].exec &&
           fused_handler_of(q->group, (enum fused_form)q->form, q->kind, q->width) == u->exec;
}

static bool in_registers(const struct uop *u, const struct exec_group *const *groups, unsigned n)
{
    const struct exec_group *group = cpu_rows[u_row(u)].exec;
    for (unsigned i = 0; i < n; i++)
        for (unsigned width = 0; group == groups[i] && width < 4; width++)
            if (u->exec == group->rr[width] || u->exec == group->ri[width])
                return true;
    return false;
}

/* Sets all six flags, reads none and can't be left before it has. */
static bool hides_flags(const struct uop *u)
{
    static const struct exec_group *const always[] = { &exec_add, &exec_sub,  &exec_and, &exec_or,    &exec_xor,
                                                       &exec_cmp, &exec_test, &exec_neg, &exec_imul2, &exec_imul3 };
    static const struct exec_group *const shifts[] = { &exec_shl, &exec_shr, &exec_sar };
    const u64 least_mask = 31; /* a count of 0 leaves the flags alone */
    return in_registers(u, always, ARRAY_LEN(always)) ||
           (in_registers(u, shifts, ARRAY_LEN(shifts)) && cpu_rows[u_row(u)].operand[1] != OP_CL &&
            (u->imm & least_mask) != 0);
}

/* Can't be left, and makes nothing but other flags of flags. */
static bool passes_flags(const struct uop *u)
{
    static const struct exec_group *const groups[] = { &exec_mov,     &exec_movzx_b, &exec_movzx_w, &exec_movsx_b,
                                                       &exec_movsx_w, &exec_movsxd,  &exec_not,     &exec_inc,
                                                       &exec_dec,     &exec_shl,     &exec_shr,     &exec_sar,
                                                       &exec_rol,     &exec_ror };
    return in_registers(u, groups, ARRAY_LEN(groups)) || own_handler(u, &quiets[QUIET_lea_bd_64]) ||
           own_handler(u, &quiets[QUIET_lea_bis_64]);
}

static bool flags_unseen(const struct uop *u, unsigned left)
{
    for (unsigned i = 1; i < left; i++) {
        if (hides_flags(&u[i]))
            return true;
        if (!passes_flags(&u[i]))
            return false;
    }
    return false;
}

static enum quiet quiet_of(const struct uop *u, unsigned left)
{
    for (unsigned i = 0; i < QUIET_COUNT; i++)
        if (own_handler(u, &quiets[i]))
            return !quiets[i].flags || flags_unseen(u, left) ? (enum quiet)i : QUIET_NONE;
    return QUIET_NONE;
}

exec_fn *fused_quiet(const struct uop *u, unsigned left)
{
    enum quiet first = quiet_of(u, left);
    if (first == QUIET_NONE)
        return NULL;
    enum quiet second = left > 1 ? quiet_of(u + 1, left - 1) : QUIET_NONE;
    exec_fn *both = second == QUIET_NONE ? NULL : together[first][second];
    return both ? both : alone[first];
}
