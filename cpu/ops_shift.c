/* ops_shift.c: SHL SHR SAR ROL ROR RCL RCR SHLD SHRD (SDM vol. 2). */
#include "forms.h"
#include "joined.h"
#include "rows.h"

#define BITS 8
#include "ops_shift.tmpl.h"
#define BITS 16
#include "ops_shift.tmpl.h"
#define BITS 32
#include "ops_shift.tmpl.h"
#define BITS 64
#include "ops_shift.tmpl.h"

#define SAME_KINDS(name)                                                                                               \
    {                                                                                                                  \
        [0 ... EA_KINDS - 1] = FORM_WIDTHS(name)                                                                       \
    }
#define FORMS(name)                                                                                                    \
    .ri = FORM_WIDTHS(name##_ri), .rr = FORM_WIDTHS(name##_rr), .mi = SAME_KINDS(name##_mi), .mr = SAME_KINDS(name##_mr)
#define GROUP(name)                                                                                                    \
    JOINED(name##_ri_32)                                                                                               \
    JOINED(name##_ri_64)                                                                                               \
    static const struct joined joined_##name[] = { JOINED_ROW(name##_ri_32),                                           \
                                                   JOINED_ROW(name##_ri_64),                                           \
                                                   { NULL, { NULL } } };                                               \
    const struct exec_group exec_##name = { .joined = joined_##name, FORMS(name) };
#define GROUP_BY_AGE(name)                                                                                             \
    static const struct exec_group exec_old_##name = { FORMS(old_##name) };                                            \
    const struct exec_group exec_##name = { .before_p6 = &exec_old_##name, FORMS(name) };
GROUP(shl)
GROUP(shr)
GROUP(sar)
GROUP_BY_AGE(rol)
GROUP_BY_AGE(ror)
GROUP_BY_AGE(rcl)
GROUP_BY_AGE(rcr)

const struct exec_group exec_shld = { .any = FORM_WIDTHS_V(shld) };
const struct exec_group exec_shrd = { .any = FORM_WIDTHS_V(shrd) };
const struct exec_group exec_shld_cl = { .any = FORM_WIDTHS_V(shld_cl) };
const struct exec_group exec_shrd_cl = { .any = FORM_WIDTHS_V(shrd_cl) };
