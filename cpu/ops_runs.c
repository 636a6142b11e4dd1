/* ops_runs.c: PUSHes one behind the other, POPs, and POPs with a RET behind them, in 64-bit mode: how functions begin
 * and end. A handler makes one look at the TLB for the whole run; where that misses, or anything else is not plain, the
 * first instruction is done alone by its own handler, as if there were no runs, and so are those behind it. */
#include "joined.h"
#include "rows.h"

/* Where `n` slots are that lie in one page. */
static ALWAYS_INLINE const struct uop *push_run(struct cpu *c, const struct uop *u, unsigned n)
{
    u64 sp = c->r[RSP] - 8 * n;
    u8 *p = tlb_host_w(c, sp, 8 * n);
    if (UNLIKELY(!p))
        PASS_TO(exec_push.rr[3]);
    for (unsigned i = 0; i < n; i++)
        put_le64(p + 8 * (n - 1 - i), get64(c, u[i].dst));
    c->r[RSP] = sp;
    SKIP_FAST(n);
}

static ALWAYS_INLINE const struct uop *pop_run(struct cpu *c, const struct uop *u, unsigned n)
{
    u64 sp = c->r[RSP];
    const u8 *p = tlb_host_r(c, sp, 8 * n);
    if (UNLIKELY(!p))
        PASS_TO(exec_pop.rr[3]);
    for (unsigned i = 0; i < n; i++)
        put64(c, u[i].dst, get_le64(p + 8 * i));
    c->r[RSP] = sp + 8 * n;
    SKIP_FAST(n);
}

static ALWAYS_INLINE const struct uop *pops_and_ret(struct cpu *c, const struct uop *u, unsigned n)
{
    u64 sp = c->r[RSP];
    const u8 *p = tlb_host_r(c, sp, 8 * (n + 1));
    if (UNLIKELY(!p))
        PASS_TO(exec_pop.rr[3]);
    for (unsigned i = 0; i < n; i++)
        put64(c, u[i].dst, get_le64(p + 8 * i));
    const struct uop *t = jump_64(c, get_le64(p + 8 * n));
    if (UNLIKELY(!t)) {
        c->r[RSP] = sp + 8 * n;
        u += n;
        PASS_TO(exec_ret.any[3]);
    }
    c->r[RSP] = sp + 8 * (n + 1);
    PASS_ON(t);
}

#define RUN_MAX 6
#define RUN(name, n)                                                                                                   \
    static const struct uop *name##_##n(struct cpu *c, const struct uop *u)                                            \
    {                                                                                                                  \
        return name(c, u, n);                                                                                          \
    }                                                                                                                  \
    JOINED(name##_##n)
#define RUNS(name) RUN(name, 2) RUN(name, 3) RUN(name, 4) RUN(name, 5) RUN(name, 6)
RUNS(push_run)
RUNS(pop_run)
RUN(pops_and_ret, 1)
RUNS(pops_and_ret)
#define ROW(name, n) [n] = JOINED_ROW(name##_##n)
#define ROWS(name)                                                                                                     \
    ROW(name, 2)                                                                                                       \
    , ROW(name, 3)                                                                                                     \
    , ROW(name, 4)                                                                                                     \
    , ROW(name, 5)                                                                                                     \
    , ROW(name, 6)
static const struct joined pushes[RUN_MAX + 1] = { ROWS(push_run) };
static const struct joined pops[RUN_MAX + 1] = { ROWS(pop_run) };
static const struct joined pops_to_ret[RUN_MAX + 1] = { ROW(pops_and_ret, 1), ROWS(pops_and_ret) };

/* How many of the `left` instructions from `u` on are of that handler, up to RUN_MAX; rSP itself is not for runs. */
static unsigned run_length(const struct uop *u, unsigned left, exec_fn *single)
{
    unsigned n = 0;
    while (n < RUN_MAX && n < left && u[n].exec == single && u[n].dst != REG_OFFSET(RSP))
        n++;
    return n;
}

exec_fn *fused_run(const struct uop *u, unsigned left, enum front front)
{
    const struct joined *runs = pushes;
    unsigned n = run_length(u, left, exec_push.rr[3]);
    if (!n) {
        n = run_length(u, left, exec_pop.rr[3]);
        runs = n < left && u[n].exec == exec_ret.any[3] ? pops_to_ret : pops;
    }
    return front ? runs[n].behind[front] : runs[n].second;
}
