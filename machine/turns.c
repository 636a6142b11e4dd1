/* turns.c: several processors in one thread of the host. They run in turns, one after the other; only instructions of
 * the processor whose turn it is make time go on, so that all processors share one time and see each other's stores in
 * one order. What another processor does happens between two instructions of this one.
 *
 * A turn ends when its processor has nothing to do (HLT, waiting for SIPI), when it says that it spins (PAUSE), or
 * after TURN_INSNS instructions. All three depend on the guest's history alone: a slice of the front end may end within
 * a turn, which then goes on in the next slice. While only one processor has work its turn has no end, so that the
 * others cost nothing; the first that wakes gives it one. */
#include "pc.h"

/* 131 us of virtual time unless -icount says otherwise. Shorter turns let processors answer each other sooner, longer
 * ones spare the host's caches: below some ten thousand instructions changing over begins to show. */
#define TURN_INSNS 16384u

u64 machine_icount(const struct machine *m)
{
    const struct cpu *c = turn_cpu(m);
    return c ? m->icount_others + cpu_icount(c) : 0;
}

unsigned machine_running_cpu(const struct machine *m)
{
    return m->turn;
}

static bool has_work(const struct machine *m, unsigned n)
{
    return cpu_has_work(m->cpu[n].cpu);
}

static bool others_have_work(const struct machine *m)
{
    for (unsigned i = 0; i < m->cpus; i++)
        if (i != m->turn && has_work(m, i))
            return true;
    return false;
}

static void begin_turn(struct machine *m, unsigned n)
{
    u64 now = machine_icount(m);
    m->turn = (u8)n;
    m->icount_others = now - cpu_icount(m->cpu[n].cpu);
    m->turn_end = others_have_work(m) ? now + TURN_INSNS : TURN_FOR_EVER;
    m->apic_bus.running = n;
}

void turn_reset(struct machine *m)
{
    begin_turn(m, 0);
}

bool turn_choose(struct machine *m)
{
    if (m->suspended)
        return false;
    if (has_work(m, m->turn) && machine_icount(m) < m->turn_end)
        return true;
    for (unsigned i = 1; i <= m->cpus; i++) {
        unsigned n = (m->turn + i) % m->cpus;
        if (has_work(m, n)) {
            begin_turn(m, n);
            return true;
        }
    }
    return false;
}

void turn_run_until(struct machine *m, u64 icount)
{
    struct cpu *c = turn_cpu(m);
    if (m->in_cpu && icount != UINT64_MAX)
        cpu_run_until(c, icount > m->icount_others ? icount - m->icount_others : 0);
}

static void end_turn_at(struct machine *m, u64 icount)
{
    m->turn_end = icount;
    turn_run_until(m, icount);
}

void turn_woke(struct pc_cpu *cpu)
{
    struct machine *m = cpu->machine;
    if (cpu->index != m->turn && m->turn_end == TURN_FOR_EVER && has_work(m, cpu->index))
        end_turn_at(m, machine_icount(m) + TURN_INSNS);
}

void turn_paused(void *cpu)
{
    struct machine *m = ((struct pc_cpu *)cpu)->machine;
    if (m->turn_end != TURN_FOR_EVER && others_have_work(m))
        end_turn_at(m, machine_icount(m));
}
