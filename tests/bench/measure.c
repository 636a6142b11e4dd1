/* measure.c: see measure.h. The guest marks the beginning and the end of its work on the debug console; the host looks
 * at its clock and its counters in the very call that delivers the byte. */
#define _GNU_SOURCE
#include "measure.h"

#include <inttypes.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "debug.h"
#include "machine.h"

#define GUEST_RAM (128 * MIB)
/* What the guest writes to the debug console around a kernel; see rom/start.S. */
#define MARK_PORT 0xe9
#define MARK_BEGIN 'B'
#define MARK_END 'E'

static u64 thread_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (u64)t.tv_sec * 1000000000u + (u64)t.tv_nsec;
}

/* ---- the host's counters ---- */

struct counters {
    int insns, branches; /* descriptors, -1 where there is no such counter */
};

static int counter_open(u64 config)
{
    struct perf_event_attr attr = {
        .type = PERF_TYPE_HARDWARE, .size = sizeof attr, .config = config, .exclude_kernel = 1, .exclude_hv = 1
    };
    return (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
}

static u64 counter_read(int fd)
{
    u64 n = 0;
    return fd >= 0 && read(fd, &n, sizeof n) == sizeof n ? n : 0;
}

static void counter_close(int fd)
{
    if (fd >= 0)
        close(fd);
}

/* ---- a run ---- */

struct run {
    struct machine *machine;
    struct counters counters;
    bool ended;
    struct cost begin, end;
};

static struct cost look(struct run *r)
{
    return (struct cost){ .guest_insns = machine_icount(r->machine),
                          .host_ns = thread_ns(),
                          .host_insns = counter_read(r->counters.insns),
                          .host_branches = counter_read(r->counters.branches) };
}

static void marked(void *self, u8 mark)
{
    struct run *r = self;
    if (mark == MARK_BEGIN)
        r->begin = look(r);
    if (mark == MARK_END) {
        r->end = look(r);
        r->ended = true;
    }
}

static bool run_machine(struct run *r)
{
    enum machine_status status = MACHINE_RUNNING;
    while (status == MACHINE_RUNNING && !r->ended)
        status = machine_run(r->machine);
    if (r->ended)
        return true;
    fprintf(stderr, "the kernel did not end; the machine's status is %d:\n", (int)status);
    debug_print_registers(r->machine, 0, stderr);
    return false;
}

bool measure_kernel(const struct bench_rom *rom, struct cost *cost)
{
    struct run r = { .counters = { counter_open(PERF_COUNT_HW_INSTRUCTIONS),
                                   counter_open(PERF_COUNT_HW_BRANCH_INSTRUCTIONS) } };
    struct log log;
    log_init(&log, NULL);
    log.quiet[LOG_GUEST] = log.quiet[LOG_UNIMP] = true;
    struct machine_config config = { .ram_size = GUEST_RAM,
                                     .bios = rom->image,
                                     .bios_size = sizeof rom->image,
                                     .debugcon = true,
                                     .debugcon_port = MARK_PORT,
                                     .debugcon_out = { marked, &r },
                                     .clock = MACHINE_CLOCK_INSN,
                                     .no_reboot = true,
                                     .seed = 1,
                                     .log = &log };
    r.machine = machine_new(&config);
    bool ok = r.machine && run_machine(&r);
    machine_free(r.machine);
    counter_close(r.counters.insns);
    counter_close(r.counters.branches);
    *cost = (struct cost){ .guest_insns = r.end.guest_insns - r.begin.guest_insns,
                           .host_ns = r.end.host_ns - r.begin.host_ns,
                           .host_insns = r.end.host_insns - r.begin.host_insns,
                           .host_branches = r.end.host_branches - r.begin.host_branches };
    return ok;
}

/* ---- the price of an indirect branch ---- */

#define PROBE_LINKS 30
#define PROBE_ROUNDS 1000000

struct link {
    u64 (*run)(const struct link *at, u64 x, u64 rounds);
};

static u64 link_add(const struct link *at, u64 x, u64 rounds)
{
    return at[1].run(at + 1, x + 1, rounds);
}
static u64 link_xor(const struct link *at, u64 x, u64 rounds)
{
    return at[1].run(at + 1, x ^ 5, rounds);
}
static u64 link_triple(const struct link *at, u64 x, u64 rounds)
{
    return at[1].run(at + 1, x * 3, rounds);
}
static u64 link_again(const struct link *at, u64 x, u64 rounds)
{
    return rounds ? at[-PROBE_LINKS].run(at - PROBE_LINKS, x, rounds - 1) : x;
}

double measure_indirect_branch(void)
{
    static const struct link kinds[] = { { link_add }, { link_xor }, { link_triple } };
    struct link chain[PROBE_LINKS + 1];
    u32 random = 9;
    for (unsigned i = 0; i < PROBE_LINKS; i++) {
        random = random * 1103515245 + 12345;
        chain[i] = kinds[(random >> 16) % ARRAY_LEN(kinds)];
    }
    chain[PROBE_LINKS].run = link_again;
    u64 began = thread_ns();
    volatile u64 sink = chain[0].run(chain, 1, PROBE_ROUNDS);
    (void)sink;
    return (double)(thread_ns() - began) / ((double)PROBE_ROUNDS * (PROBE_LINKS + 1));
}
