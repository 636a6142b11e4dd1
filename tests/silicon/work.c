#include "work.h"
#include "emulator.h"
#include "gen.h"
#include "pair.h"

#include <stdlib.h>
#include <time.h>

#define OUTPUT_BUFFER 65536
#define PRINTED_MAX 20 /* differences of a worker that are made small and printed */

/* What can be tested, in an order without pattern. */
struct plan {
    unsigned n;
    struct target {
        u16 row;
        u8 mode;
    } target[ROWS_MAX * 3];
};

double work_clock(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void make_plan(struct plan *plan, const struct options *o)
{
    struct rng r = { o->seed };
    plan->n = 0;
    for (unsigned i = 0; i < cpu_row_count; i++)
        for (unsigned mode = CODE16; mode <= CODE64; mode *= 2)
            if ((!o->row || row_named(&cpu_rows[i], o->row)) && (!o->bits || o->bits == mode) &&
                row_usable(i, (enum code_mode)mode))
                plan->target[plan->n++] = (struct target){ (u16)i, (u8)mode };
    for (unsigned i = plan->n; i > 1; i--) {
        unsigned k = below(&r, i);
        struct target t = plan->target[k];
        plan->target[k] = plan->target[i - 1];
        plan->target[i - 1] = t;
    }
}

static const char *last_mnemonic(const struct program *p)
{
    u16 row = p->row[p->n - 1] == NO_ROW ? p->row[0] : p->row[p->n - 1];
    return row == NO_ROW ? "?" : cpu_rows[row].mnemonic;
}

static void print_found(struct pair *p, struct trial *t, u64 seed, u64 number)
{
    printf("seed %llu trial %llu, %s: ", (unsigned long long)seed, (unsigned long long)number, last_mnemonic(&t->p));
    shrink(p, t);
    emulator_name_rows(p->b, &t->p);
    if (p->what)
        print_difference(t, p->what, &p->host, &p->emulator);
    printf("    silicon --replay ");
    replay_print(t);
    printf("\n");
    fflush(stdout);
}

static void run_trial(struct pair *p, const struct options *o, const struct plan *plan, const struct host_caps *caps,
                      struct tally *tally, u64 number)
{
    static struct trial t;
    struct rng r = { o->seed * 0x9e3779b97f4a7c15u ^ number * 0xd1342543de82ef95u };
    struct target target = plan->target[number % plan->n];
    gen_trial(&r, caps, (enum code_mode)target.mode, &cpu_rows[target.row], o->insns, &t);
    switch (pair_judge(p, &t)) {
    case SAME:
        tally_trial(tally, &t, &p->host.s);
        break;
    case ASIDE:
        tally->aside++;
        break;
    case UNSTEADY:
        tally->unsteady++;
        break;
    case DIFFERENT:
        tally->differences++;
        if (tally->differences_of[target.row]++ < o->show && tally->differences <= PRINTED_MAX)
            print_found(p, &t, o->seed, number);
        break;
    }
}

static bool start(struct host_caps *caps, struct pair *p)
{
    static char buffer[OUTPUT_BUFFER];
    setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
    if (!host_init(caps))
        return false;
    emulator_features(caps);
    rows_init(caps);
    p->caps = caps;
    p->b = emulator_new(caps);
    return true;
}

int work(const struct options *o, struct tally *t, u64 first, double until)
{
    static struct plan plan;
    struct host_caps caps;
    struct pair p = { 0 };
    if (!start(&caps, &p))
        return EXIT_CANNOT;
    make_plan(&plan, o);
    if (!plan.n) {
        fprintf(stderr, "silicon: no row that can be compared is called %s, or not in this code size\n", o->row);
        return 2;
    }
    u64 last = o->only != UINT64_MAX ? o->only + 1 : o->seconds > 0 ? UINT64_MAX : o->count;
    for (u64 i = first; i < last && (o->seconds <= 0 || i / o->jobs % 64 || work_clock() < until); i += o->jobs) {
        t->under_way = i;
        run_trial(&p, o, &plan, &caps, t, i);
    }
    emulator_free(p.b);
    return 0;
}

int work_encodings(const struct options *o)
{
    struct host_caps caps;
    struct pair p = { 0 };
    if (!start(&caps, &p))
        return EXIT_CANNOT;
    int status = encodings_walk(&p, o);
    emulator_free(p.b);
    return status;
}

int work_replay(const struct options *o)
{
    static struct trial t;
    struct host_caps caps;
    struct pair p = { 0 };
    if (!replay_parse(o->replay, &t)) {
        fprintf(stderr, "silicon: %s can't be replayed: see tests/silicon/replay.c for the form\n", o->replay);
        return 2;
    }
    if (!start(&caps, &p))
        return EXIT_CANNOT;
    emulator_name_rows(p.b, &t.p);
    enum verdict v = pair_run(&p, &t);
    if (v == DIFFERENT)
        print_difference(&t, p.what, &p.host, &p.emulator);
    else
        printf("silicon: %s\n", v == SAME ? "no difference" : "neither side comes to an end");
    emulator_free(p.b);
    return v == DIFFERENT;
}
