/* random.h: random numbers and states that lean to the edges. */
#ifndef PCEMU_TESTS_SILICON_RANDOM_H
#define PCEMU_TESTS_SILICON_RANDOM_H

#include "state.h"

struct rng {
    u64 s;
};
u64 rnd(struct rng *r);
static inline unsigned below(struct rng *r, unsigned n)
{
    return (unsigned)((rnd(r) >> 32) * n >> 32);
}
/* One in n. */
static inline bool one_in(struct rng *r, unsigned n)
{
    return below(r, n) == 0;
}
u64 edge(struct rng *r);
/* A linear address that is mostly well inside the data, sometimes across a page or across the end of what is mapped. */
u64 target(struct rng *r);
/* Registers, flags, x87, MXCSR, XMM; the data of one of a few fixed images. Not: rip, selectors. */
void random_state(struct rng *r, struct state *s, u8 *data);
/* New data around a linear address. */
void refresh_data(struct rng *r, u8 *data, u64 at);

#endif
