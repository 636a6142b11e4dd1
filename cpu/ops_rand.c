/* ops_rand.c: RDRAND and RDSEED (SDM vol. 2): a seeded generator, so that history repeats. Always ready: CF = 1. */
#include "exec.h"

/* SplitMix64 (Steele, Lea, Flood 2014). */
static u64 next_random(struct cpu *c)
{
    c->rand_state += 0x9e3779b97f4a7c15u;
    u64 z = c->rand_state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static const struct uop *deliver_random(struct cpu *c, const struct uop *u, unsigned size)
{
    put_reg(c, u->dst, size, next_random(c));
    c->fl = HF_CF;
    NEXT;
}

EXEC(rdrand)
{
    return deliver_random(c, u, u_size(u));
}

/* With 66, which rows name a part of the opcode because F2 and F3 are not allowed: the other size of the mode. */
EXEC(rdrand_66)
{
    unsigned other = c->mode & (MODE_32 | MODE_64) ? 1 : 2;
    return deliver_random(c, u, u_size(u) == 3 ? 3 : other);
}
