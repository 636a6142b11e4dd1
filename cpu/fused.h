/* fused.h: what block.c makes of a block when its instructions are known: neighbours that one handler can do together.
 */
#ifndef PCEMU_FUSED_H
#define PCEMU_FUSED_H

#include "uop.h"

/* What is known of the rows of cpu_rows[], each found out when it is first asked for. */
struct fused_index {
    struct fused_known {
        bool looked; /* the others are good */
        u8 quiet;    /* the first of its group in ops_quiet.c, and 1; 0: none */
        u8 front;    /* enum front: the first of its group in ops_joined.c */
        u8 flags;    /* FLAGS_* in ops_quiet.c */
    } of[ROWS_MAX];
};
void fused_look(struct fused_known *known, const struct exec_group *group);
static inline const struct fused_known *fused_known(struct fused_index *ix, const struct uop *u)
{
    struct fused_known *known = &ix->of[u_row(u) % ROWS_MAX];
    if (UNLIKELY(!known->looked))
        fused_look(known, cpu_rows[u_row(u)].exec);
    return known;
}

/* Instructions that are done together with whatever comes behind them (joined.h). */
#define EACH_FRONT(M, x)                                                                                               \
    EACH_VALUE_FRONT(M, x)                                                                                             \
    M(x, nop)                                                                                                          \
    M(x, mov_ri_32)                                                                                                    \
    M(x, lea_bd_64)                                                                                                    \
    M(x, movsx_d_rr_64)                                                                                                \
    M(x, add_rr_and_flags_64)                                                                                          \
    M(x, add_ri_and_flags_64)                                                                                          \
    M(x, sub_ri_and_flags_64)                                                                                          \
    M(x, and_ri_and_flags_32)                                                                                          \
    M(x, xor_rr_and_flags_32)                                                                                          \
    M(x, store_32)                                                                                                     \
    M(x, store_64)                                                                                                     \
    M(x, push_64)
/* Those that make what is then compared. */
#define EACH_VALUE_FRONT(M, x)                                                                                         \
    M(x, mov_rr_32)                                                                                                    \
    M(x, mov_rr_64)                                                                                                    \
    M(x, and_ri_32)                                                                                                    \
    M(x, movzx_b_rr_32)                                                                                                \
    M(x, load_zx_8)                                                                                                    \
    M(x, load_zx_16)                                                                                                   \
    M(x, load_32)                                                                                                      \
    M(x, load_64)
#define FRONT_OF(x, name) FRONT_##name,
enum front { FRONT_NONE, EACH_FRONT(FRONT_OF, ) FRONTS };
#undef FRONT_OF
/* Their own handlers, where the short way is closed. */
extern exec_fn *const *const fused_front_alone[FRONTS];

/* A second instruction's handler, and those that do it together with each front. */
struct joined {
    exec_fn *second, *behind[FRONTS]; /* second == NULL: the end of a list */
};

/* The front that `u` is; FRONT_NONE: it is none. `left`: instructions from `u` to the end of the block. */
enum front fused_front_of(const struct exec_group *group); /* the first of a group */
enum front fused_front(struct fused_index *ix, const struct uop *u, unsigned left);
/* The handler of a front with `second`, which has its own handler, behind it; NULL: there is none. */
exec_fn *fused_behind(const struct uop *second, enum front front);

/* In the following, `front` is FRONT_NONE, or what stands before these instructions and is done with them.
 *
 * The handler that does `first`, which sets the flags, and the conditional branch behind it in one go; NULL: there is
 * none. It stands in the place of `first`'s handler; the branch stays where it is, for those who come by another way.
 */
exec_fn *fused_with_branch(const struct uop *first, const struct uop *branch, enum front front);
/* The handler that does `u` and those behind it of the same kind in one go, where they are PUSHes or POPs, with the RET
 * behind POPs; NULL: there is none. `left`: instructions from `u` to the end of the block. */
exec_fn *fused_run(const struct uop *u, unsigned left, enum front front);
/* For a register instruction whose flags nobody sees, or that has none: the handler that does it without them; that
 * which does it together with the next one of that kind; NULL: it is no such, or there is nothing to gain. */
exec_fn *fused_quiet(struct fused_index *ix, const struct uop *u, unsigned left);
exec_fn *fused_quiet_pair(struct fused_index *ix, const struct uop *u, unsigned left);

/* The handler of a group by operand form, kind of address (memory forms) and width. */
enum fused_form { FORM_RR, FORM_RI, FORM_RM, FORM_MR, FORM_MI, FORM_ANY };
exec_fn *fused_handler_of(const struct exec_group *g, enum fused_form form, unsigned kind, unsigned width);

/* An instruction in one form, and whether it sets flags. */
struct fused_row {
    const struct exec_group *group;
    u8 form, kind, width; /* where the group has its handler */
    bool flags;
};
/* Has `u`, which is of the row's group, the row's own handler? */
static inline bool fused_is(const struct uop *u, const struct fused_row *row)
{
    return fused_handler_of(row->group, (enum fused_form)row->form, row->kind, row->width) == u->exec;
}
/* Does another instruction set all flags that `u` sets before anybody can look? */
bool fused_flags_unseen(struct fused_index *ix, const struct uop *u, unsigned left);

#endif
