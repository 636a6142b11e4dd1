/* ops_quiet.c: register instructions that can't be left in the middle and whose flags nobody sees, because they set
 * none or because another sets all of them before anybody can look. Each has a handler that computes no flags, and the
 * more usual ones have one together with any of the others behind them: one dispatch instead of two.
 *
 * To add one: what it does in quiet.h, a line in EACH_QUIET, and its row in `quiets`. */
#include "fused.h"

#include "quiet.h"
#include "rows.h"

#define EACH_WIDTH(M, x, name) M(x, name##_32) M(x, name##_64)
#define EACH_QUIET(M, x)                                                                                               \
    EACH_WIDTH(M, x, mov_rr)                                                                                           \
    M(x, mov_ri_32)                                                                                                    \
    M(x, movzx_b_rr_32)                                                                                                \
    M(x, movzx_w_rr_32)                                                                                                \
    M(x, movsx_d_rr_64)                                                                                                \
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
static const struct fused_row quiets[QUIET_COUNT] = {
    [QUIET_mov_rr_32] = { &exec_mov, FORM_RR, 0, 2, false },
    [QUIET_mov_rr_64] = { &exec_mov, FORM_RR, 0, 3, false },
    [QUIET_mov_ri_32] = { &exec_mov, FORM_RI, 0, 2, false },
    [QUIET_movzx_b_rr_32] = { &exec_movzx_b, FORM_RR, 0, 2, false },
    [QUIET_movzx_w_rr_32] = { &exec_movzx_w, FORM_RR, 0, 2, false },
    [QUIET_movsx_d_rr_64] = { &exec_movsxd, FORM_RR, 0, 3, false },
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
    M(movzx_b_rr_32)                                                                                                   \
    M(movsx_d_rr_64)                                                                                                   \
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

enum { FLAGS_ALL = 1, FLAGS_BY_COUNT = 2, FLAGS_PASS = 4 };

static bool among(const struct exec_group *group, const struct exec_group *const *list, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (list[i] == group)
            return true;
    return false;
}

static u8 flags_of(const struct exec_group *group)
{
    static const struct exec_group *const all[] = { &exec_add, &exec_sub,  &exec_and, &exec_or,    &exec_xor,
                                                    &exec_cmp, &exec_test, &exec_neg, &exec_imul2, &exec_imul3 };
    static const struct exec_group *const by_count[] = { &exec_shl, &exec_shr, &exec_sar };
    static const struct exec_group *const pass[] = { &exec_mov,     &exec_movzx_b, &exec_movzx_w, &exec_movsx_b,
                                                     &exec_movsx_w, &exec_movsxd,  &exec_not,     &exec_inc,
                                                     &exec_dec,     &exec_shl,     &exec_shr,     &exec_sar,
                                                     &exec_rol,     &exec_ror,     &exec_lea };
    return (u8)((among(group, all, ARRAY_LEN(all)) ? FLAGS_ALL : 0) |
                (among(group, by_count, ARRAY_LEN(by_count)) ? FLAGS_BY_COUNT : 0) |
                (among(group, pass, ARRAY_LEN(pass)) ? FLAGS_PASS : 0));
}

void fused_look(struct fused_known *known, const struct exec_group *group)
{
    unsigned i = 0;
    while (i < QUIET_COUNT && quiets[i].group != group)
        i++;
    known->quiet = (u8)(i < QUIET_COUNT ? i + 1 : 0);
    known->front = (u8)fused_front_of(group);
    known->flags = flags_of(group);
    known->looked = true;
}

static bool in_registers(const struct uop *u)
{
    const struct exec_group *group = cpu_rows[u_row(u)].exec;
    for (unsigned width = 0; width < 4; width++)
        if (u->exec == group->rr[width] || u->exec == group->ri[width])
            return true;
    return false;
}

/* Sets all six flags, reads none and can't be left before it has. */
static bool hides_flags(struct fused_index *ix, const struct uop *u)
{
    const u64 least_mask = 31; /* a count of 0 leaves the flags alone */
    u8 flags = fused_known(ix, u)->flags;
    if (flags & FLAGS_ALL)
        return in_registers(u);
    return (flags & FLAGS_BY_COUNT) && cpu_rows[u_row(u)].operand[1] != OP_CL && (u->imm & least_mask) != 0 &&
           in_registers(u);
}

/* Can't be left, and makes nothing but other flags of flags. */
static bool passes_flags(struct fused_index *ix, const struct uop *u)
{
    if (!(fused_known(ix, u)->flags & FLAGS_PASS))
        return false;
    return in_registers(u) || u->exec == exec_lea.rm[EA_BD64][3] || u->exec == exec_lea.rm[EA_BIS64][3];
}

bool fused_flags_unseen(struct fused_index *ix, const struct uop *u, unsigned left)
{
    for (unsigned i = 1; i < left; i++) {
        if (hides_flags(ix, &u[i]))
            return true;
        if (!passes_flags(ix, &u[i]))
            return false;
    }
    return false;
}

static enum quiet quiet_of(struct fused_index *ix, const struct uop *u, unsigned left)
{
    unsigned first = fused_known(ix, u)->quiet;
    if (!first)
        return QUIET_NONE;
    for (unsigned i = first - 1; i < QUIET_COUNT && quiets[i].group == quiets[first - 1].group; i++)
        if (fused_is(u, &quiets[i]))
            return !quiets[i].flags || fused_flags_unseen(ix, u, left) ? (enum quiet)i : QUIET_NONE;
    return QUIET_NONE;
}

exec_fn *fused_quiet(struct fused_index *ix, const struct uop *u, unsigned left)
{
    enum quiet which = quiet_of(ix, u, left);
    return which == QUIET_NONE ? NULL : alone[which];
}

exec_fn *fused_quiet_pair(struct fused_index *ix, const struct uop *u, unsigned left)
{
    enum quiet first = left > 1 ? quiet_of(ix, u, left) : QUIET_NONE;
    enum quiet second = first == QUIET_NONE ? QUIET_NONE : quiet_of(ix, u + 1, left - 1);
    return second == QUIET_NONE ? NULL : together[first][second];
}
