/* fused.h: what block.c makes of a block when its instructions are known: neighbours that one handler can do together.
 */
#ifndef PCEMU_FUSED_H
#define PCEMU_FUSED_H

#include "uop.h"

/* The handler that does `first`, which sets the flags, and the conditional branch behind it in one go; NULL: there is
 * none. It stands in the place of `first`'s handler; the branch stays where it is, for those who come by another way.
 */
exec_fn *fused_with_branch(const struct uop *first, const struct uop *branch);
/* The handler that does `u` and those behind it of the same kind in one go, where they are PUSHes or POPs, with the RET
 * behind POPs; NULL: there is none. `left`: instructions from `u` to the end of the block. */
exec_fn *fused_run(const struct uop *u, unsigned left);
/* For a register instruction whose flags nobody sees, or that has none: the handler that does it without them, or
 * together with the next one of that kind; NULL: it is no such, or there is nothing to gain. */
exec_fn *fused_quiet(const struct uop *u, unsigned left);

/* The handler of a group by operand form, kind of address (memory forms) and width. */
enum fused_form { FORM_RR, FORM_RI, FORM_RM, FORM_MR, FORM_MI };
exec_fn *fused_handler_of(const struct exec_group *g, enum fused_form form, unsigned kind, unsigned width);

#endif
