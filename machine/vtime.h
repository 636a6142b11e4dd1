/* vtime.h: virtual time as a straight line over the count of instructions. It bends only between runs of the processor:
 * where idle time is skipped, and, under the host's clock, where the speed is measured anew. */
#ifndef PCEMU_VTIME_H
#define PCEMU_VTIME_H

#include "base.h"

#define VTIME_ONE_NS ((u64)1 << 32) /* a rate of 1 ns an instruction */

struct vtime {
    u64 base_ns, base_icount; /* a point on the line */
    u64 rate;                 /* ns an instruction, 32.32 fixed point; not 0 */
};

/* The time when `icount` instructions have run; icount >= base_icount. */
static inline u64 vtime_at(const struct vtime *t, u64 icount)
{
    return t->base_ns + (u64)(((u128)(icount - t->base_icount) * t->rate) >> 32);
}
/* The first count at which the time is `ns` or later; UINT64_MAX: never. */
u64 vtime_icount_at(const struct vtime *t, u64 ns);
/* Goes on from here (`icount` now) with another rate. */
void vtime_set_rate(struct vtime *t, u64 icount, u64 rate);
/* Moves time on to `ns` (not before the present) without an instruction. */
void vtime_skip(struct vtime *t, u64 icount, u64 ns);

#endif
