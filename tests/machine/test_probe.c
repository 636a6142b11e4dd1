/* test_probe.c: probes on a whole machine: the firmware's history is the same with and without them, in slices of any
 * length, with one processor and with four; and a run stops where it is told to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "firmware.h"
#include "machine.h"
#include "probe.h"

#define RUN_NS 20000000u
#define RESET_LINEAR 0xfffffff0u
#define PROBES_MAX 4

static u8 bios[FIRMWARE_MAX], vga_bios[FIRMWARE_MAX];

struct bench {
    struct log log;
    struct machine *machine;
    u64 events, told, kinds, last_icount;
    struct probe_event last;
    enum probe_answer answer;
};

static struct bench *new_bench(u64 slice, u8 cpus)
{
    struct bench *b = calloc(1, sizeof *b);
    log_init(&b->log, NULL);
    b->log.quiet[LOG_UNIMP] = b->log.quiet[LOG_GUEST] = true;
    struct machine_config c = { .smp = { .cpus = cpus, .cores = cpus },
                                .ram_size = 4 * MIB,
                                .icount_shift = 3,
                                .slice_insns = slice,
                                .timeout_ns = RUN_NS,
                                .log = &b->log };
    if (!add_firmware(&c, bios, vga_bios))
        skip();
    b->machine = machine_new(&c);
    assert_non_null(b->machine);
    return b;
}

static void free_bench(struct bench *b)
{
    machine_free(b->machine);
    free(b);
}

#define NOTE(field) b->told = (b->told ^ (u64)(field)) * 0x100000001b3u

static enum probe_answer note(void *self, const struct probe_event *e)
{
    struct bench *b = self;
    if (e->kind == PROBE_TLB && e->fetch)
        return PROBE_GO;
    assert_true(e->icount >= b->last_icount || e->kind == PROBE_BRANCH); /* they come in order */
    b->last_icount = e->icount;
    b->last = *e;
    b->kinds |= BIT(e->kind);
    b->events++;
    NOTE(e->kind);
    NOTE(e->cpu);
    NOTE(e->icount);
    NOTE(e->linear);
    NOTE(e->addr);
    NOTE(e->old);
    NOTE(e->value);
    return b->answer;
}

static int watch(struct bench *b, u32 kinds, u64 first, u64 last)
{
    const struct probe p = { kinds, DEBUG_LINEAR, first, last, -1, note, b };
    int number = machine_probe_add(b->machine, &p);
    assert_true(number >= 0);
    return number;
}

static enum machine_status run(struct bench *b)
{
    enum machine_status status;
    do
        status = machine_run(b->machine);
    while (status == MACHINE_RUNNING);
    return status;
}

static u64 plain_history(u8 cpus)
{
    struct bench *b = new_bench(0, cpus);
    assert_int_equal(run(b), MACHINE_TIMED_OUT);
    u64 hash = machine_hash(b->machine);
    free_bench(b);
    return hash;
}

static void history_is_the_same(u32 kinds, u8 cpus, u64 first, u64 last)
{
    const u64 slices[] = { 0, 1, 3, 1000 };
    u64 hash = plain_history(cpus), told = 0;
    for (unsigned i = 0; i < ARRAY_LEN(slices); i++) {
        struct bench *b = new_bench(slices[i], cpus);
        watch(b, kinds, first, last);
        assert_int_equal(run(b), MACHINE_TIMED_OUT);
        assert_true(machine_hash(b->machine) == hash);
        assert_true(b->events > 100);
        told = i ? told : b->told;
        assert_true(b->told == told); /* and so is what was told */
        free_bench(b);
    }
}

static void everything_is_watched(void **state)
{
    (void)state;
    history_is_the_same(PROBE_ALL_KINDS, 1, 0, UINT64_MAX);
    history_is_the_same(PROBE_ALL_KINDS, 4, 0, UINT64_MAX);
}

static void one_thing_is_watched(void **state)
{
    (void)state;
    history_is_the_same(BIT(PROBE_EXEC), 1, 0, UINT64_MAX);
    history_is_the_same(BIT(PROBE_EXEC), 4, 0xe0000, 0xeffff);
    history_is_the_same(BIT(PROBE_READ) | BIT(PROBE_WRITE), 1, 0, 0xfff);
    history_is_the_same(BIT(PROBE_PORT), 1, 0, 0xffff);
    history_is_the_same(BIT(PROBE_BLOCK), 1, 0, UINT64_MAX);
}

/* Stopping again and again, by every means, is seen by nobody, either. */
static void stops_leave_no_trace(void **state)
{
    (void)state;
    u64 hash = plain_history(4);
    struct bench *b = new_bench(0, 4);
    unsigned stops = 0;
    int ports = watch(b, BIT(PROBE_PORT) | BIT(PROBE_INTERRUPT) | BIT(PROBE_MODE), 0, UINT64_MAX);
    b->answer = PROBE_STOP;
    enum machine_status status;
    while ((status = run(b)) == MACHINE_STOPPED) {
        if (++stops % 50 == 0)
            machine_stop_at(b->machine, machine_icount(b->machine) + stops % 7);
        else
            machine_stop_at(b->machine, UINT64_MAX);
        if (stops % 3 == 0) {
            machine_probe_remove(b->machine, ports);
            ports = watch(b, BIT(PROBE_PORT) | BIT(PROBE_INTERRUPT) | BIT(PROBE_MODE), 0, UINT64_MAX);
        }
    }
    assert_int_equal(status, MACHINE_TIMED_OUT);
    assert_true(stops > 1000);
    assert_true(machine_hash(b->machine) == hash);
    free_bench(b);
}

static void single_steps(void **state)
{
    (void)state;
    struct bench *b = new_bench(0, 1);
    watch(b, BIT(PROBE_EXEC), 0, UINT64_MAX);
    for (u64 i = 1; i <= 1000; i++) {
        machine_stop_at(b->machine, i);
        assert_int_equal(run(b), MACHINE_STOPPED);
        assert_int_equal(machine_icount(b->machine), i);
        assert_int_equal(b->events, i);
        assert_int_equal(b->last.icount, i - 1);
    }
    assert_int_equal(run(b), MACHINE_STOPPED); /* it stands there still */
    machine_stop_at(b->machine, UINT64_MAX);
    assert_int_equal(run(b), MACHINE_TIMED_OUT);
    free_bench(b);
}

/* The first instruction after power-on; after a reset it is met again. */
static void a_breakpoint(void **state)
{
    (void)state;
    struct bench *b = new_bench(0, 1);
    watch(b, BIT(PROBE_EXEC), RESET_LINEAR, RESET_LINEAR);
    int reset = watch(b, BIT(PROBE_RESET), 0, 0);
    b->answer = PROBE_STOP;
    assert_int_equal(run(b), MACHINE_STOPPED);
    assert_int_equal(machine_icount(b->machine), 0);
    assert_int_equal(b->last.rip, 0xfff0);
    b->answer = PROBE_GO;
    machine_stop_at(b->machine, 100);
    assert_int_equal(run(b), MACHINE_STOPPED);
    assert_int_equal(b->events, 1);
    b->answer = PROBE_STOP;
    machine_reset(b->machine);
    assert_int_equal(b->last.kind, PROBE_RESET);
    assert_int_equal(b->last.value, 0);
    machine_stop_at(b->machine, UINT64_MAX);
    assert_int_equal(run(b), MACHINE_STOPPED); /* for the reset */
    machine_probe_remove(b->machine, reset);
    assert_int_equal(run(b), MACHINE_STOPPED); /* for the instruction */
    assert_int_equal(b->last.kind, PROBE_EXEC);
    assert_int_equal(machine_icount(b->machine), 100);
    free_bench(b);
}

/* Several probes: each is asked, one may stop for all; those removed are not. */
static void several(void **state)
{
    (void)state;
    struct bench *b = new_bench(0, 1);
    int number[PROBES_MAX];
    for (unsigned i = 0; i < PROBES_MAX; i++)
        number[i] = watch(b, BIT(PROBE_EXEC), RESET_LINEAR, RESET_LINEAR);
    machine_probe_remove(b->machine, number[1]);
    machine_probe_remove(b->machine, number[1]); /* there is none */
    machine_stop_at(b->machine, 10);
    assert_int_equal(run(b), MACHINE_STOPPED);
    assert_int_equal(b->events, PROBES_MAX - 1);
    const struct probe other_cpu = { BIT(PROBE_EXEC), DEBUG_LINEAR, 0, UINT64_MAX, 1, note, b };
    assert_true(machine_probe_add(b->machine, &other_cpu) > number[3]);
    machine_stop_at(b->machine, 20);
    assert_int_equal(run(b), MACHINE_STOPPED);
    assert_int_equal(b->events, PROBES_MAX - 1);
    free_bench(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_watched), cmocka_unit_test(one_thing_is_watched),
        cmocka_unit_test(stops_leave_no_trace),  cmocka_unit_test(single_steps),
        cmocka_unit_test(a_breakpoint),          cmocka_unit_test(several),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
