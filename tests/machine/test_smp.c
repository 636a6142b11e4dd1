/* test_smp.c: machines with several processors: they share one time and one memory, hear each other, and their history
 * is the same in slices of any length. The programs are smp.S's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "debug.h"
#include "machine.h"

#define ROM_SIZE 65536
#define ROM_PROGRAM 0xfffe
#define ROM_CPUS 0xffff
#define WELL 3 /* what isa-debug-exit makes of 1 */
#define TIMEOUT_NS (5 * (u64)1000000000)

/* As smp.S numbers them. */
enum program { STORM, DELIVERY, ALONE, AP_WAKES, ALL_STOP, AP_FAULT, AP_RESETS, SMM, INIT_AGAIN };

#define SHARED 0x608 /* where smp.S counts */
#define TICKS 0x610

struct bench {
    u8 rom[ROM_SIZE];
    struct log log;
    struct machine_config config;
    struct machine *machine;
    u64 host_ns;
};

static int set_up(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    FILE *f = fopen(SMP_ROM, "r");
    assert_non_null(f);
    assert_int_equal(fread(b->rom, 1, ROM_SIZE, f), ROM_SIZE);
    fclose(f);
    log_init(&b->log, NULL);
    b->log.quiet[LOG_UNIMP] = b->log.quiet[LOG_GUEST] = true;
    b->config = (struct machine_config){ .smp = { .cpus = 4, .cores = 4 },
                                         .ram_size = 2 * MIB,
                                         .bios = b->rom,
                                         .bios_size = ROM_SIZE,
                                         .exit_device = true,
                                         .exit_port = 0xf4,
                                         .exit_size = 4,
                                         .icount_shift = 3,
                                         .timeout_ns = TIMEOUT_NS,
                                         .log = &b->log };
    *state = b;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *b = *state;
    machine_free(b->machine);
    free(b);
    return 0;
}

static enum machine_status run(struct bench *b, enum program program)
{
    enum machine_status status;
    b->rom[ROM_PROGRAM] = (u8)program;
    b->rom[ROM_CPUS] = b->config.smp.cpus ? b->config.smp.cpus : 1;
    machine_free(b->machine);
    b->machine = machine_new(&b->config);
    assert_non_null(b->machine);
    do
        status = machine_run(b->machine);
    while (status == MACHINE_RUNNING || (b->config.clock == MACHINE_CLOCK_HOST && status == MACHINE_IDLE));
    return status;
}

static void runs_well(struct bench *b, enum program program)
{
    assert_int_equal(run(b, program), MACHINE_DEBUG_EXIT);
    assert_int_equal(machine_exit_status(b->machine), WELL);
}

static u32 count_at(struct bench *b, u64 addr)
{
    u32 v = 0;
    assert_int_equal(debug_read(b->machine, 0, DEBUG_PHYSICAL, addr, &v, sizeof v), sizeof v);
    return v;
}

/* Locks, IPIs in a ring, timers on each, code that all patch, and the time-stamp counter under a lock. */
static void a_storm(void **state)
{
    struct bench *b = *state;
    for (u8 cpus = 1; cpus <= MACHINE_CPUS_MAX; cpus++) {
        b->config.smp = (struct machine_smp){ .cpus = cpus, .cores = cpus };
        runs_well(b, STORM);
        assert_int_equal(debug_cpus(b->machine), cpus);
        assert_int_equal(count_at(b, SHARED), 200 * cpus);
    }
}

static void a_storm_in_slices(void **state)
{
    struct bench *b = *state;
    const u64 slices[] = { 1, 3, 17, 1000, 16384, UINT64_MAX / 2 };
    runs_well(b, STORM);
    u64 icount = machine_icount(b->machine), now = machine_now_ns(b->machine), hash = machine_hash(b->machine);
    for (unsigned i = 0; i < ARRAY_LEN(slices); i++) {
        b->config.slice_insns = slices[i];
        runs_well(b, STORM);
        assert_int_equal(machine_icount(b->machine), icount);
        assert_int_equal(machine_now_ns(b->machine), now);
        assert_true(machine_hash(b->machine) == hash);
    }
    b->config.slice_insns = 0;
    b->config.icount_shift = 4;
    runs_well(b, STORM);
    assert_true(machine_hash(b->machine) != hash);
}

/* The same loop paced by a host that does half a million instructions a call. */
static u64 host_now(void *self)
{
    struct bench *b = self;
    return b->host_ns += 400000;
}

static void a_storm_by_the_host_clock(void **state)
{
    struct bench *b = *state;
    b->config.clock = MACHINE_CLOCK_HOST;
    b->config.host_now = host_now;
    b->config.host = b;
    runs_well(b, STORM);
}

static void ipis_arrive(void **state)
{
    struct bench *b = *state;
    runs_well(b, DELIVERY);
    b->config.smp = (struct machine_smp){ .cpus = 8, .cores = 2, .threads = 4 };
    runs_well(b, DELIVERY);
}

/* Others that wait take no time from the one that runs, not even where it says PAUSE. */
static void waiting_costs_nothing(void **state)
{
    struct bench *b = *state;
    runs_well(b, ALONE);
    u32 four = count_at(b, SHARED);
    b->config.smp = (struct machine_smp){ 0 };
    runs_well(b, ALONE);
    assert_int_equal(debug_cpus(b->machine), 1);
    assert_int_equal(four, count_at(b, SHARED));
}

static void a_timer_of_another_keeps_it_alive(void **state)
{
    struct bench *b = *state;
    runs_well(b, AP_WAKES);
    assert_int_equal(count_at(b, TICKS), 120000);
}

static void nobody_can_be_woken(void **state)
{
    struct bench *b = *state;
    assert_int_equal(run(b, ALL_STOP), MACHINE_STUCK);
}

static void a_triple_fault_of_another(void **state)
{
    struct bench *b = *state;
    struct debug_registers r;
    b->config.no_reboot = true;
    assert_int_equal(run(b, AP_FAULT), MACHINE_TRIPLE_FAULT);
    assert_int_equal(machine_running_cpu(b->machine), 2);
    debug_get_registers(b->machine, 2, &r);
    assert_int_equal(r.idt.limit, 0);
}

static void another_resets_all(void **state)
{
    struct bench *b = *state;
    runs_well(b, AP_RESETS);
    for (unsigned i = 1; i < 4; i++) {
        struct debug_registers r;
        debug_get_registers(b->machine, i, &r);
        assert_true(r.halted);
        assert_int_equal(r.rip, 0xfff0);
    }
}

static void smis(void **state)
{
    runs_well(*state, SMM);
}

static void init_and_sipi(void **state)
{
    runs_well(*state, INIT_AGAIN);
}

static void places_that_cannot_be(void **state)
{
    struct bench *b = *state;
    static const struct machine_smp bad[] = {
        { .cpus = 2 },
        { .cpus = 1, .max_cpus = 2 },
        { .cpus = 4, .max_cpus = 4, .sockets = 3 },
        { .cpus = 9, .max_cpus = 9, .cores = 9 },
        { .cpus = 5, .max_cpus = 4, .cores = 4 },
    };
    for (unsigned i = 0; i < ARRAY_LEN(bad); i++) {
        b->config.smp = bad[i];
        assert_null(machine_new(&b->config));
    }
    b->config.smp = (struct machine_smp){ .cpus = 2, .max_cpus = 4, .sockets = 2, .cores = 2 };
    runs_well(b, DELIVERY);
}

#define SMP_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SMP_TEST(a_storm),
        SMP_TEST(a_storm_in_slices),
        SMP_TEST(a_storm_by_the_host_clock),
        SMP_TEST(ipis_arrive),
        SMP_TEST(waiting_costs_nothing),
        SMP_TEST(a_timer_of_another_keeps_it_alive),
        SMP_TEST(nobody_can_be_woken),
        SMP_TEST(a_triple_fault_of_another),
        SMP_TEST(another_resets_all),
        SMP_TEST(smis),
        SMP_TEST(init_and_sipi),
        SMP_TEST(places_that_cannot_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
