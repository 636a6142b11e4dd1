/* ops_alu_widths.tmpl.h: one two-operand instruction OP: four widths of ops_alu.tmpl.h and its exec_group. */
#define BITS 8
#include "ops_alu.tmpl.h"
#define BITS 16
#include "ops_alu.tmpl.h"
#define BITS 32
#include "ops_alu.tmpl.h"
#define BITS 64
#include "ops_alu.tmpl.h"
#define N(form, w) WCAT(WCAT(OP, form), WCAT(_, w))
#define FOUR(form)                                                                                                     \
    {                                                                                                                  \
        N(form, 8), N(form, 16), N(form, 32), N(form, 64)                                                              \
    }
#define LEGACY(form)                                                                                                   \
    {                                                                                                                  \
        N(form, 8), N(form, 16), N(form, 32), NULL                                                                     \
    }
#define KINDS(form)                                                                                                    \
    {                                                                                                                  \
        FOUR(form##_bd64), FOUR(form##_bis64), FOUR(form##_bd32), FOUR(form##_bis32), LEGACY(form##_seg16),            \
            LEGACY(form##_seg32), FOUR(form##_seg64), FOUR(form##_gen)                                                 \
    }
static const struct joined WCAT(joined_, OP)[] = { JOINED_ROW(N(_rr, 32)),      JOINED_ROW(N(_ri, 32)),
                                                   JOINED_ROW(N(_rm_bd64, 32)), JOINED_ROW(N(_rr, 64)),
                                                   JOINED_ROW(N(_ri, 64)),      JOINED_ROW(N(_rm_bd64, 64)),
                                                   { NULL, { NULL } } };
const struct exec_group WCAT(exec_, OP) = {
    .joined = WCAT(joined_, OP), .rr = FOUR(_rr), .ri = FOUR(_ri), .rm = KINDS(_rm), .mr = KINDS(_mr), .mi = KINDS(_mi)
};
#undef N
#undef FOUR
#undef LEGACY
#undef KINDS
#undef OP
#undef OP_WRITES
