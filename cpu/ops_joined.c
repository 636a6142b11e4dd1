/* ops_joined.c: which instructions are fronts (joined.h), and what there is behind them. */
#include "fused.h"

#include "rows.h"

exec_fn *const *const fused_front_alone[FRONTS] = {
    [FRONT_load_zx_8] = &exec_movzx_b.rm[EA_GEN][2],
    [FRONT_load_zx_16] = &exec_movzx_w.rm[EA_GEN][2],
    [FRONT_load_32] = &exec_mov.rm[EA_GEN][2],
    [FRONT_load_64] = &exec_mov.rm[EA_GEN][3],
    [FRONT_store_32] = &exec_mov.mr[EA_GEN][2],
    [FRONT_store_64] = &exec_mov.mr[EA_GEN][3],
    [FRONT_push_64] = &exec_push.aligned,
};

/* Where flags are to be unseen, a front computes none. */
static const struct fused_row fronts[FRONTS] = {
    [FRONT_nop] = { &exec_nop, FORM_ANY, 0, 0, false },
    [FRONT_mov_rr_32] = { &exec_mov, FORM_RR, 0, 2, false },
    [FRONT_mov_rr_64] = { &exec_mov, FORM_RR, 0, 3, false },
    [FRONT_mov_ri_32] = { &exec_mov, FORM_RI, 0, 2, false },
    [FRONT_movzx_b_rr_32] = { &exec_movzx_b, FORM_RR, 0, 2, false },
    [FRONT_movsx_d_rr_64] = { &exec_movsxd, FORM_RR, 0, 3, false },
    [FRONT_lea_bd_64] = { &exec_lea, FORM_RM, EA_BD64, 3, false },
    [FRONT_and_ri_32] = { &exec_and, FORM_RI, 0, 2, true },
    [FRONT_add_rr_and_flags_64] = { &exec_add, FORM_RR, 0, 3, false },
    [FRONT_add_ri_and_flags_64] = { &exec_add, FORM_RI, 0, 3, false },
    [FRONT_sub_ri_and_flags_64] = { &exec_sub, FORM_RI, 0, 3, false },
    [FRONT_and_ri_and_flags_32] = { &exec_and, FORM_RI, 0, 2, false },
    [FRONT_xor_rr_and_flags_32] = { &exec_xor, FORM_RR, 0, 2, false },
    [FRONT_load_zx_8] = { &exec_movzx_b, FORM_RM, EA_BD64, 2, false },
    [FRONT_load_zx_16] = { &exec_movzx_w, FORM_RM, EA_BD64, 2, false },
    [FRONT_load_32] = { &exec_mov, FORM_RM, EA_BD64, 2, false },
    [FRONT_load_64] = { &exec_mov, FORM_RM, EA_BD64, 3, false },
    [FRONT_store_32] = { &exec_mov, FORM_MR, EA_BD64, 2, false },
    [FRONT_store_64] = { &exec_mov, FORM_MR, EA_BD64, 3, false },
    [FRONT_push_64] = { &exec_push, FORM_RR, 0, 3, false },
};

/* XCHG with the accumulator itself is one, too: kernels pad with 66 90. */
static bool is_nop(const struct uop *u)
{
    return u->exec == exec_xchg_acc.any_width && u->dst == u->src;
}

enum front fused_front_of(const struct exec_group *group)
{
    unsigned i = FRONT_NONE + 1;
    while (i < FRONTS && fronts[i].group != group)
        i++;
    return i < FRONTS ? (enum front)i : FRONT_NONE;
}

enum front fused_front(struct fused_index *ix, const struct uop *u, unsigned left)
{
    unsigned first = fused_known(ix, u)->front;
    if (!first)
        return is_nop(u) ? FRONT_nop : FRONT_NONE;
    for (unsigned i = first; i < FRONTS; i++)
        if (fronts[i].group == fronts[first].group && fused_is(u, &fronts[i]) &&
            (!fronts[i].flags || fused_flags_unseen(ix, u, left)))
            return (enum front)i;
    return FRONT_NONE;
}

exec_fn *fused_behind(const struct uop *second, enum front front)
{
    const struct joined *list = cpu_rows[u_row(second)].exec->joined;
    for (; list && list->second; list++)
        if (list->second == second->exec)
            return list->behind[front];
    return NULL;
}
