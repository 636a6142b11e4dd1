/* ops_fused.c: instructions that set flags together with the conditional branch behind them (fused.h). A pair costs one
 * dispatch instead of two, and its condition needs no look at the flags. */
#include "fused.h"

#include "alu.h"
#include "fast.h"
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
};

#define WITH(name)                                                                                                     \
    {                                                                                                                  \
        name##_jo, name##_jno, name##_jb, name##_jae, name##_je, name##_jne, name##_jbe, name##_ja, name##_js,         \
            name##_jns, name##_jp, name##_jnp, name##_jl, name##_jge, name##_jle, name##_jg                            \
    }
#define PAIR(name, form, kind, bits, width, handler)                                                                   \
    {                                                                                                                  \
        &exec_##name, FORM_##form, kind, width, WITH(handler##_##bits)                                                 \
    }
#define REGISTERS(name, bits, width)                                                                                   \
    PAIR(name, RR, 0, bits, width, name##_rr), PAIR(name, RI, 0, bits, width, name##_ri)
#define COUNTERS(bits, width) PAIR(inc, RR, 0, bits, width, inc_r), PAIR(dec, RR, 0, bits, width, dec_r)
#define MEMORY(bits, width)                                                                                            \
    PAIR(cmp, RM, EA_BD64, bits, width, cmp_rm_bd64), PAIR(cmp, MR, EA_BD64, bits, width, cmp_mr_bd64),                \
        PAIR(cmp, MI, EA_BD64, bits, width, cmp_mi_bd64), PAIR(test, MI, EA_BD64, bits, width, test_mi_bd64),          \
        PAIR(cmp, RM, EA_BIS64, bits, width, cmp_rm_bis64), PAIR(cmp, MI, EA_BIS64, bits, width, cmp_mi_bis64)

static const struct pair pairs[] = {
    REGISTERS(cmp, 8, 0),  REGISTERS(cmp, 16, 1),  REGISTERS(cmp, 32, 2),  REGISTERS(cmp, 64, 3),
    REGISTERS(test, 8, 0), REGISTERS(test, 16, 1), REGISTERS(test, 32, 2), REGISTERS(test, 64, 3),
    REGISTERS(add, 32, 2), REGISTERS(add, 64, 3),  REGISTERS(sub, 32, 2),  REGISTERS(sub, 64, 3),
    REGISTERS(and, 32, 2), REGISTERS(and, 64, 3),  COUNTERS(32, 2),        COUNTERS(64, 3),
    MEMORY(8, 0),          MEMORY(32, 2),          MEMORY(64, 3),
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
        break;
    }
    return g->mi[kind][width];
}

static int condition_of(const struct uop *u)
{
    for (unsigned i = 0; i < CONDITIONS; i++)
        if (u->exec == branches[i]->any_width)
            return (int)i;
    return -1;
}

exec_fn *fused_with_branch(const struct uop *first, const struct uop *branch)
{
    int condition = condition_of(branch);
    const struct exec_group *group = cpu_rows[u_row(first)].exec;
    for (unsigned i = 0; condition >= 0 && i < ARRAY_LEN(pairs); i++) {
        const struct pair *p = &pairs[i];
        if (p->first == group && fused_handler_of(group, (enum fused_form)p->form, p->kind, p->width) == first->exec)
            return p->with[condition];
    }
    return NULL;
}
