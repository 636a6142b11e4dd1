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
/* The handler that does `u` without its flags; NULL: there is none. For where the next instruction sets all flags
 * before anybody can see those. */
exec_fn *flagless(const struct uop *u);
/* The instruction sets all six flags, reads none and can't be left before it has. */
bool hides_flags(const struct uop *u);

#endif
