/* probe.c: see probe.h. All processors share one list of probes; a list that is not empty is given to each of them. */
#include "pc.h"

#include <stdlib.h>

static bool give_to_processors(struct machine *m)
{
    bool ok = true;
    for (unsigned i = 0; i < m->cpus; i++)
        ok = cpu_set_probes(m->cpu[i].cpu, m->probes.count ? &m->probes : NULL, i) && ok;
    return ok;
}

static void count_kinds(struct machine *m)
{
    m->probes.icount_others = &m->icount_others;
    m->probes.kinds = 0;
    m->probes.exec = NULL;
    unsigned execs = 0;
    for (unsigned i = 0; i < m->probes.count; i++) {
        const struct probe *p = &m->probes.probe[i];
        m->probes.kinds |= p->kinds;
        execs += (p->kinds & BIT(PROBE_EXEC)) != 0;
        if ((p->kinds & BIT(PROBE_EXEC)) && p->cpu < 0 && p->first == 0 && p->last == UINT64_MAX)
            m->probes.exec = p;
    }
    if (execs != 1)
        m->probes.exec = NULL;
}

static bool grow(struct machine *m)
{
    size_t n = m->probes.count + 1u;
    struct probe *probe = realloc(m->probes.probe, n * sizeof *probe);
    if (!probe)
        return false;
    m->probes.probe = probe;
    int *number = realloc(m->probe_number, n * sizeof *number);
    if (!number)
        return false;
    m->probe_number = number;
    return true;
}

int machine_probe_add(struct machine *m, const struct probe *p)
{
    if (!grow(m))
        return -1;
    int number = m->probes_made++;
    m->probes.probe[m->probes.count] = *p;
    m->probe_number[m->probes.count++] = number;
    count_kinds(m);
    if (give_to_processors(m))
        return number;
    machine_probe_remove(m, number);
    return -1;
}

void machine_probe_remove(struct machine *m, int number)
{
    unsigned i = 0;
    while (i < m->probes.count && m->probe_number[i] != number)
        i++;
    if (i == m->probes.count)
        return;
    m->probes.count--;
    for (; i < m->probes.count; i++) {
        m->probes.probe[i] = m->probes.probe[i + 1];
        m->probe_number[i] = m->probe_number[i + 1];
    }
    count_kinds(m);
    (void)give_to_processors(m); /* with fewer probes nothing is allocated that is not there */
}

void probe_silence(struct machine *m, bool silent)
{
    for (unsigned i = 0; m->probes.count && i < m->cpus; i++)
        (void)cpu_set_probes(m->cpu[i].cpu, silent ? NULL : &m->probes, i);
}

bool probe_swap(struct machine *m, struct probe_set *with)
{
    struct probe_set was = m->probes;
    m->probes = *with;
    *with = was;
    count_kinds(m);
    return give_to_processors(m);
}

void machine_stop_at(struct machine *m, u64 icount)
{
    m->stop_at = icount;
}

u64 probe_next_stop(const struct machine *m)
{
    u64 next = m->stop_at;
    for (unsigned i = 0; (m->probes.kinds & BIT(PROBE_COUNT)) && i < m->probes.count; i++) {
        const struct probe *p = &m->probes.probe[i];
        if ((p->kinds & BIT(PROBE_COUNT)) && p->first < next)
            next = p->first;
    }
    return next;
}

/* Each is told once: it does not ask any more. */
static bool tell_count(struct machine *m, u64 now)
{
    const struct probe_event e = { .kind = PROBE_COUNT, .cpu = m->turn, .icount = now, .physical = UINT64_MAX };
    bool stop = false;
    for (unsigned i = 0; i < m->probes.count; i++) {
        struct probe *p = &m->probes.probe[i];
        if (!(p->kinds & BIT(PROBE_COUNT)) || now < p->first)
            continue;
        p->kinds &= ~BIT(PROBE_COUNT);
        stop |= p->event(p->self, &e) == PROBE_STOP;
    }
    count_kinds(m);
    return stop;
}

bool probe_stops(struct machine *m)
{
    u64 now = machine_icount(m);
    bool stop = now >= m->stop_at || m->stop_asked;
    m->stop_asked = false;
    if (m->probes.kinds & BIT(PROBE_COUNT))
        stop |= tell_count(m, now);
    for (unsigned i = 0; m->probes.count && i < m->cpus; i++)
        stop |= cpu_take_probe_stop(m->cpu[i].cpu);
    return stop;
}

void probe_free(struct machine *m)
{
    free(m->probes.probe);
    free(m->probe_number);
}
