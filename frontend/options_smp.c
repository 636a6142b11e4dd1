/* options_smp.c: -smp [cpus=]N[,maxcpus=N][,sockets=N][,cores=N][,threads=N]. What is not given is computed as QEMU 7.2
 * does it for its `pc`: cores rather than sockets, threads only where both of the others are there. */
#include "options.h"

#include "keyval.h"

/* What was given; 0: it was not. */
struct smp {
    u64 cpus, maxcpus, sockets, dies, cores, threads;
};

static bool set_smp(struct options *o, struct smp *s, const char *name, const struct keyval *item)
{
    const struct {
        const char *key;
        u64 *value;
    } keys[] = { { "cpus", &s->cpus },   { "maxcpus", &s->maxcpus }, { "sockets", &s->sockets }, { "dies", &s->dies },
                 { "cores", &s->cores }, { "threads", &s->threads }, { "clusters", &s->dies } };
    for (unsigned i = 0; i < ARRAY_LEN(keys); i++) {
        if (strcmp(item->key, keys[i].key) != 0)
            continue;
        if (!parse_number(item->value, 1000000, keys[i].value) || *keys[i].value == 0)
            return options_fail(o, "-%s %s=%s: not a number above 0", name, item->key, item->value);
        if (keys[i].value == &s->dies && s->dies > 1)
            return options_fail(o, "-%s %s=%s: pcemu's processors have one die and no clusters", name, item->key,
                                item->value);
        return true;
    }
    return options_fail(o, "-%s: no property '%s' (cpus, maxcpus, sockets, cores, threads)", name, item->key);
}

static u64 or_1(u64 n)
{
    return n ? n : 1;
}

static void compute_missing(struct smp *s)
{
    if (!s->cpus && !s->maxcpus) {
        s->maxcpus = s->cpus = or_1(s->sockets) * or_1(s->cores) * or_1(s->threads);
    } else {
        s->maxcpus = s->maxcpus ? s->maxcpus : s->cpus;
        if (!s->cores)
            s->cores = s->maxcpus / (or_1(s->sockets) * or_1(s->threads));
        else if (!s->sockets)
            s->sockets = s->maxcpus / (s->cores * or_1(s->threads));
        else if (!s->threads)
            s->threads = s->maxcpus / (s->sockets * s->cores);
    }
    s->sockets = or_1(s->sockets);
    s->cores = or_1(s->cores);
    s->threads = or_1(s->threads);
    s->cpus = s->cpus ? s->cpus : s->maxcpus;
}

static bool check(struct options *o, const char *name, const struct smp *s)
{
    if (s->maxcpus < s->cpus)
        return options_fail(o, "-%s: maxcpus (%u) must be at least cpus (%u)", name, (unsigned)s->maxcpus,
                            (unsigned)s->cpus);
    if (s->maxcpus > MACHINE_CPUS_MAX)
        return options_fail(o, "-%s: %u processors; pcemu's pc has 1 to %d", name, (unsigned)s->maxcpus,
                            MACHINE_CPUS_MAX);
    if (s->sockets * s->cores * s->threads != s->maxcpus)
        return options_fail(o, "-%s: sockets (%u) * cores (%u) * threads (%u) must be maxcpus (%u)", name,
                            (unsigned)s->sockets, (unsigned)s->cores, (unsigned)s->threads, (unsigned)s->maxcpus);
    return true;
}

bool option_smp(struct options *o, const char *name, const char *arg)
{
    struct smp s = { 0 };
    struct keyvals kv;
    bool ok = keyvals_split(&kv, arg, "cpus") || options_fail(o, "-%s: too many properties", name);
    for (unsigned i = 0; ok && i < kv.count; i++)
        ok = set_smp(o, &s, name, &kv.item[i]);
    keyvals_free(&kv);
    if (!ok)
        return false;
    compute_missing(&s);
    if (!check(o, name, &s))
        return false;
    o->smp = (struct machine_smp){ (u8)s.cpus, (u8)s.maxcpus, (u8)s.sockets, (u8)s.cores, (u8)s.threads };
    return true;
}
