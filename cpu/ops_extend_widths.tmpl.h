/* ops_extend_widths.tmpl.h: ops_extend.tmpl.h for the three destination widths, and the exec_group. */
#define BITS 16
#include "ops_extend.tmpl.h"
#define BITS 32
#include "ops_extend.tmpl.h"
#define BITS 64
#include "ops_extend.tmpl.h"
#define N(form, w) WCAT(WCAT(NAME, form), WCAT(_, w))
#define THREE(form)                                                                                                    \
    {                                                                                                                  \
        NULL, N(form, 16), N(form, 32), N(form, 64)                                                                    \
    }
#define LEGACY(form)                                                                                                   \
    {                                                                                                                  \
        NULL, N(form, 16), N(form, 32), NULL                                                                           \
    }
static const struct joined WCAT(joined_, NAME)[] = { JOINED_ROW(N(_rm_bd64, 32)),
                                                     JOINED_ROW(N(_rm_bis64, 32)),
                                                     JOINED_ROW(N(_rm_bd64, 64)),
                                                     JOINED_ROW(N(_rm_bis64, 64)),
                                                     { NULL, { NULL } } };
const struct exec_group WCAT(exec_, NAME) = { .joined = WCAT(joined_, NAME),
                                              .rr = THREE(_rr),
                                              .rm = { THREE(_rm_bd64), THREE(_rm_bis64), THREE(_rm_bd32),
                                                      THREE(_rm_bis32), LEGACY(_rm_seg16), LEGACY(_rm_seg32),
                                                      THREE(_rm_seg64), THREE(_rm_gen) } };
#undef N
#undef THREE
#undef LEGACY
#undef NAME
#undef FROM
#undef FROM_BYTES
