/* timeline_bench.c: what time travel costs on the boot of a disk: the recording, a step back, who wrote. Every place
 * that is gone to has the hash that it had.
 *
 *     timeline_bench IMAGE CPUS MILLIONS_OF_INSTRUCTIONS */
#include "debug.h"
#include "disk_bench.h"
#include "timeline.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#define PLACES 8

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double run_plain(const char *image, unsigned cpus, u64 icount, u64 *hash)
{
    struct disk_bench b;
    disk_bench_open(&b, image, cpus);
    double start = seconds();
    while (machine_icount(b.machine) < icount && machine_run(b.machine) <= MACHINE_IDLE)
        ;
    double took = seconds() - start;
    *hash = machine_hash(b.machine);
    disk_bench_close(&b);
    return took;
}

struct place {
    u64 icount, hash;
};

static void report(const char *what, double start, enum timeline_result r)
{
    printf("%-44s %8.4f s%s\n", what, seconds() - start, r == TIMELINE_OK ? "" : " (not found)");
}

static bool check_place(struct timeline *t, struct machine *m, const struct place *p)
{
    double start = seconds();
    enum timeline_result r = timeline_goto(t, p->icount);
    double took = seconds() - start;
    bool same = machine_icount(m) == p->icount && machine_hash(m) == p->hash;
    printf("goto %-39" PRIu64 " %8.4f s %s\n", p->icount, took,
           same               ? "same"
           : r == TIMELINE_OK ? "DIFFERENT"
                              : "NOT REACHED");
    return same;
}

static void ask_who_wrote(struct timeline *t, const char *what, u64 physical)
{
    struct timeline_write w;
    double start = seconds();
    enum timeline_result r = timeline_who_wrote(t, physical, 8, &w);
    report(what, start, r);
    if (r == TIMELINE_OK)
        printf("    %" PRIx64 ": at %" PRIu64 " by %" PRIx64 "%s\n", physical, w.icount, w.linear,
               w.by_device ? " (DMA)" : "");
}

static bool is_magic(void *self, struct machine *m)
{
    const struct debug_view *v = self;
    (void)m;
    return v->gpr[0] == 0x70636d752d6e6576u;
}

/* A value that the register never has: the whole past is looked at. */
static void ask_when(struct timeline *t, struct machine *m)
{
    struct debug_view v = debug_view(m, 0);
    u64 present = machine_icount(m);
    double start = seconds();
    enum timeline_result r = timeline_when(t, is_magic, &v);
    report("when rax = 70636d752d6e6576", start, r);
    timeline_goto(t, present);
}

static bool travel(struct timeline *t, struct machine *m, const struct place *place)
{
    struct debug_registers regs;
    u64 stack, last = machine_icount(m), hash = machine_hash(m);
    bool ok = true;
    double start = seconds();
    enum timeline_result r = timeline_step_back(t, 1);
    report("first step back", start, r);
    for (unsigned i = 0; i < 3; i++) {
        start = seconds();
        r = timeline_step_back(t, 1);
        report("another step back", start, r);
    }
    start = seconds();
    r = timeline_step_back(t, 5000000);
    report("5,000,000 back", start, r);
    for (unsigned i = 0; i < PLACES; i++)
        ok = check_place(t, m, &place[i * 5 % PLACES]) && ok;
    start = seconds();
    r = timeline_step_back(t, 1);
    report("a step back in the past", start, r);
    const struct place present = { last, hash };
    ok = check_place(t, m, &present) && ok;
    debug_get_registers(m, 0, &regs);
    if (debug_translate(m, 0, regs.gpr[4], &stack))
        ask_who_wrote(t, "who wrote the top of the stack", stack);
    ask_who_wrote(t, "who wrote 0x400", 0x400);
    ask_who_wrote(t, "who wrote 0x7c00", 0x7c00);
    ask_who_wrote(t, "who wrote 0x1000000", 0x1000000);
    ask_who_wrote(t, "who wrote 0x7e00000", 0x7e00000);
    ok = check_place(t, m, &present) && ok;
    ask_when(t, m);
    return check_place(t, m, &present) && ok;
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    unsigned cpus = (unsigned)atoi(argv[2]);
    u64 icount = strtoull(argv[3], NULL, 0) * 1000000, want;
    struct place place[PLACES];
    struct disk_bench b;
    double plain = run_plain(argv[1], cpus, icount, &want);
    disk_bench_open(&b, argv[1], cpus);
    struct timeline *t = timeline_new(b.machine, &(struct timeline_config){ 0 });
    double spent = 0;
    for (unsigned i = 0; t && i < PLACES; i++) {
        double start = seconds();
        while (machine_icount(b.machine) < icount / PLACES * (i + 1) && timeline_run(t) <= MACHINE_IDLE)
            ;
        spent += seconds() - start;
        place[i] = (struct place){ machine_icount(b.machine), machine_hash(b.machine) };
    }
    if (!t)
        return 1;
    struct timeline_info info = timeline_info(t);
    printf("%" PRIu64 " instructions: %.2f s, with the timeline %.2f s: %+.1f %%; %u snapshots, %" PRIu64 " MiB\n",
           info.now, plain, spent, 100 * (spent / plain - 1), info.snapshots, info.bytes / MIB);
    bool ok = want == place[PLACES - 1].hash;
    printf("the same machine: %s\n", ok ? "yes" : "NO");
    ok = travel(t, b.machine, place) && ok;
    timeline_free(t);
    disk_bench_close(&b);
    return ok ? 0 : 1;
}
