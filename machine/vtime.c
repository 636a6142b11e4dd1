/* vtime.c: see vtime.h. */
#include "vtime.h"

#include <assert.h>

u64 vtime_icount_at(const struct vtime *t, u64 ns)
{
    if (ns <= t->base_ns)
        return t->base_icount;
    u128 insns = (((u128)(ns - t->base_ns) << 32) + t->rate - 1) / t->rate;
    return insns > UINT64_MAX - t->base_icount ? UINT64_MAX : t->base_icount + (u64)insns;
}

void vtime_set_rate(struct vtime *t, u64 icount, u64 rate)
{
    assert(rate != 0);
    *t = (struct vtime){ vtime_at(t, icount), icount, rate };
}

void vtime_skip(struct vtime *t, u64 icount, u64 ns)
{
    assert(ns >= vtime_at(t, icount));
    t->base_ns = ns;
    t->base_icount = icount;
}
