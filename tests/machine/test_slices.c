/* test_slices.c: history is a function of the machine and its input: the firmware's run ends in the same state, memory
 * included, in slices of any length, whether one processor runs or four take turns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "firmware.h"
#include "machine.h"

/* Long enough for the firmware to find its devices and to wait for interrupts. */
#define RUN_NS 80000000u

static u8 bios[FIRMWARE_MAX], vga_bios[FIRMWARE_MAX];

struct history {
    u64 icount, hash;
};

static struct history run_in_slices(u64 slice, unsigned shift, u8 cpus)
{
    struct log log;
    log_init(&log, NULL);
    log.quiet[LOG_UNIMP] = log.quiet[LOG_GUEST] = true;
    struct machine_config c = { .smp = { .cpus = cpus, .cores = cpus },
                                .ram_size = 4 * MIB,
                                .icount_shift = shift,
                                .slice_insns = slice,
                                .timeout_ns = (u64)RUN_NS << shift >> 3,
                                .log = &log };
    if (!add_firmware(&c, bios, vga_bios))
        skip();
    struct machine *m = machine_new(&c);
    enum machine_status status;
    do
        status = machine_run(m);
    while (status == MACHINE_RUNNING);
    assert_int_equal(status, MACHINE_TIMED_OUT);
    struct history h = { machine_icount(m), machine_hash(m) };
    machine_free(m);
    return h;
}

static void same_in_any_slices(u8 cpus)
{
    const u64 slices[] = { 1, 3, 1000, UINT64_MAX / 2 };
    struct history first = run_in_slices(0, 3, cpus);
    assert_true(first.icount > 1000000);
    for (unsigned i = 0; i < ARRAY_LEN(slices); i++) {
        struct history h = run_in_slices(slices[i], 3, cpus);
        assert_int_equal(h.icount, first.icount);
        assert_true(h.hash == first.hash);
    }
}

static void slices_leave_no_trace(void **state)
{
    (void)state;
    same_in_any_slices(1);
}

static void nor_with_four_processors(void **state)
{
    (void)state;
    same_in_any_slices(4);
}

static void another_pace_is_another_history(void **state)
{
    (void)state;
    assert_true(run_in_slices(0, 3, 1).hash != run_in_slices(0, 4, 1).hash);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slices_leave_no_trace),
        cmocka_unit_test(nor_with_four_processors),
        cmocka_unit_test(another_pace_is_another_history),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
