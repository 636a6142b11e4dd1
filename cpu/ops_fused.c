/* ops_fused.c: instructions that set flags together with the conditional branch behind them (fused.h). A pair costs one
 * dispatch instead of two, and its condition needs no look at the flags. */
#include "joined.h"
#include "rows.h"

#define CC o
#define CC_NUMBER 0
#include "ops_fused.tmpl.h"
#define CC no
#define CC_NUMBER 1
#include "ops_fused.tmpl.h"
#define CC b
#define CC_NUMBER 2
#include "ops_fused.tmpl.h"
#define CC ae
#define CC_NUMBER 3
#include "ops_fused.tmpl.h"
#define CC e
#define CC_NUMBER 4
#include "ops_fused.tmpl.h"
#define CC ne
#define CC_NUMBER 5
#include "ops_fused.tmpl.h"
#define CC be
#define CC_NUMBER 6
#include "ops_fused.tmpl.h"
#define CC a
#define CC_NUMBER 7
#include "ops_fused.tmpl.h"
#define CC s
#define CC_NUMBER 8
#include "ops_fused.tmpl.h"
#define CC ns
#define CC_NUMBER 9
#include "ops_fused.tmpl.h"
#define CC p
#define CC_NUMBER 10
#include "ops_fused.tmpl.h"
#define CC np
#define CC_NUMBER 11
#include "ops_fused.tmpl.h"
#define CC l
#define CC_NUMBER 12
#include "ops_fused.tmpl.h"
#define CC ge
#define CC_NUMBER 13
#include "ops_fused.tmpl.h"
#define CC le
#define CC_NUMBER 14
#include "ops_fused.tmpl.h"
#define CC g
#define CC_NUMBER 15
#include "ops_fused.tmpl.h"

#define CONDITIONS 16

/* As in enum condition of the encoding. */
static const struct exec_group *const branches[CONDITIONS] = { &exec_jo, &exec_jno, &exec_jb,  &exec_jae,
                                                               &exec_je, &exec_jne, &exec_jbe, &exec_ja,
                                                               &exec_js, &exec_jns, &exec_jp,  &exec_jnp,
                                                               &exec_jl, &exec_jge, &exec_jle, &exec_jg };

struct pair {
    const struct exec_group *first;
    u8 form; /* enum fused_form */
    u8 kind; /* enum ea_kind, of memory forms */
    u8 width;
    exec_fn *with[CONDITIONS];
    exec_fn *const (*behind)[FRONTS]; /* [CONDITIONS], or NULL */
};

#define WITH(name)                                                                                                     \
    {                                                                                                                  \
        name##_jo, name##_jno, name##_jb, name##_jae, name##_je, name##_jne, name##_jbe, name##_ja, name##_js,         \
            name##_jns, name##_jp, name##_jnp, name##_jl, name##_jge, name##_jle, name##_jg                            \
    }
#define BEHIND(name)                                                                                                   \
    {                                                                                                                  \
        EACH_VALUE_FRONT(ENTRY_JOINED, name)                                                                           \
    }
#define BEHIND_EACH(name)                                                                                              \
    static exec_fn *const name##_behind[CONDITIONS][FRONTS] = {                                                        \
        BEHIND(name##_jo), BEHIND(name##_jno), BEHIND(name##_jb),  BEHIND(name##_jae),                                 \
        BEHIND(name##_je), BEHIND(name##_jne), BEHIND(name##_jbe), BEHIND(name##_ja),                                  \
        BEHIND(name##_js), BEHIND(name##_jns), BEHIND(name##_jp),  BEHIND(name##_jnp),                                 \
        BEHIND(name##_jl), BEHIND(name##_jge), BEHIND(name##_jle), BEHIND(name##_jg),                                  \
    };
#define BEHIND_WIDTHS(name) BEHIND_EACH(name##_32) BEHIND_EACH(name##_64)
BEHIND_WIDTHS(cmp_rr)
BEHIND_WIDTHS(cmp_ri)
BEHIND_WIDTHS(test_rr)
BEHIND_WIDTHS(test_ri)
BEHIND_EACH(cmp_ri_8)
BEHIND_EACH(test_ri_8)

#define PAIR_BEHIND(name, form, kind, bits, width, handler, behind)                                                    \
    {                                                                                                                  \
        &exec_##name, FORM_##form, kind, width, WITH(handler##_##bits), behind                                         \
    }
#define PAIR(name, form, kind, bits, width, handler) PAIR_BEHIND(name, form, kind, bits, width, handler, NULL)
#define REGISTERS(name, bits, width)                                                                                   \
    PAIR(name, RR, 0, bits, width, name##_rr), PAIR(name, RI, 0, bits, width, name##_ri)
#define VALUES(name, bits, width)                                                                                      \
    PAIR_BEHIND(name, RR, 0, bits, width, name##_rr, name##_rr_##bits##_behind),                                       \
        PAIR_BEHIND(name, RI, 0, bits, width, name##_ri, name##_ri_##bits##_behind)
#define COUNTERS(bits, width) PAIR(inc, RR, 0, bits, width, inc_r), PAIR(dec, RR, 0, bits, width, dec_r)
#define MEMORY(bits, width)                                                                                            \
    PAIR(cmp, RM, EA_BD64, bits, width, cmp_rm_bd64), PAIR(cmp, MR, EA_BD64, bits, width, cmp_mr_bd64),                \
        PAIR(cmp, MI, EA_BD64, bits, width, cmp_mi_bd64), PAIR(test, MI, EA_BD64, bits, width, test_mi_bd64),          \
        PAIR(cmp, RM, EA_BIS64, bits, width, cmp_rm_bis64), PAIR(cmp, MR, EA_BIS64, bits, width, cmp_mr_bis64),        \
        PAIR(cmp, MI, EA_BIS64, bits, width, cmp_mi_bis64), PAIR(cmp, MI, EA_SEG64, bits, width, cmp_mi_seg64)
/* A stack's canary, and what a processor counts. */
#define CHANGED(bits, width)                                                                                           \
    PAIR(sub, RM, EA_SEG64, bits, width, sub_rm_seg64), PAIR(dec, MR, EA_BD64, bits, width, dec_mr_bd64),              \
        PAIR(dec, MR, EA_SEG64, bits, width, dec_mr_seg64)
/* BT sets CF alone. */
#define BT(form, kind, bits, width, handler)                                                                           \
    {                                                                                                                  \
        &exec_bt_imm, form, kind, width, { [2] = handler##_##bits##_jb, [3] = handler##_##bits##_jae }, NULL           \
    }
#define BITS_OF(bits, width)                                                                                           \
    BT(FORM_RI, 0, bits, width, bt_ri), BT(FORM_MI, EA_BD64, bits, width, bt_mi_bd64),                                 \
        BT(FORM_MI, EA_BIS64, bits, width, bt_mi_bis64)

static const struct pair pairs[] = {
    PAIR(cmp, RR, 0, 8, 0, cmp_rr),
    PAIR_BEHIND(cmp, RI, 0, 8, 0, cmp_ri, cmp_ri_8_behind),
    REGISTERS(cmp, 16, 1),
    VALUES(cmp, 32, 2),
    VALUES(cmp, 64, 3),
    PAIR(test, RR, 0, 8, 0, test_rr),
    PAIR_BEHIND(test, RI, 0, 8, 0, test_ri, test_ri_8_behind),
    REGISTERS(test, 16, 1),
    VALUES(test, 32, 2),
    VALUES(test, 64, 3),
    REGISTERS(add, 32, 2),
    REGISTERS(add, 64, 3),
    REGISTERS(sub, 32, 2),
    REGISTERS(sub, 64, 3),
    REGISTERS(and, 32, 2),
    REGISTERS(and, 64, 3),
    COUNTERS(32, 2),
    COUNTERS(64, 3),
    MEMORY(8, 0),
    MEMORY(32, 2),
    MEMORY(64, 3),
    CHANGED(32, 2),
    CHANGED(64, 3),
    BITS_OF(32, 2),
    BITS_OF(64, 3),
};

exec_fn *fused_handler_of(const struct exec_group *g, enum fused_form form, unsigned kind, unsigned width)
{
    switch (form) {
    case FORM_RR:
        return g->rr[width];
    case FORM_RI:
        return g->ri[width];
    case FORM_RM:
        return g->rm[kind][width];
    case FORM_MR:
        return g->mr[kind][width];
    case FORM_MI:
        return g->mi[kind][width];
    case FORM_ANY:
        break;
    }
    return g->any_width;
}

static int condition_of(const struct uop *u)
{
    for (unsigned i = 0; i < CONDITIONS; i++)
        if (u->exec == branches[i]->any_width)
            return (int)i;
    return -1;
}

exec_fn *fused_with_branch(const struct uop *first, const struct uop *branch, enum front front)
{
    int condition = condition_of(branch);
    const struct exec_group *group = cpu_rows[u_row(first)].exec;
    for (unsigned i = 0; condition >= 0 && i < ARRAY_LEN(pairs); i++) {
        const struct pair *p = &pairs[i];
        if (p->first == group && fused_handler_of(group, (enum fused_form)p->form, p->kind, p->width) == first->exec)
            return front ? (p->behind ? p->behind[condition][front] : NULL) : p->with[condition];
    }
    return NULL;
}
