/* test_recorder.c: the flight recorder: where code was entered for the first time or by an exception, in order, and
 * what it says of a processor that was put back in time. */
#include "harness.h"

#include "cpu.h"

#include <stdlib.h>

static size_t entries(struct bench *b, struct debug_entry *e)
{
    return cpu_entries(b->cpu, e, DEBUG_ENTRIES);
}

/* jmp over a byte; jmp on; int3 -> handler */
static const u8 ways[] = "\xeb\x01\x90\xeb\x02\x90\x90\xcc";

static void new_code_is_noted(void **state)
{
    (void)state;
    struct debug_entry *e = calloc(DEBUG_ENTRIES, sizeof *e);
    struct bench *b = bench_new(BENCH_32);
    bench_run(b, ways, sizeof ways - 1);
    assert_int_equal(b->vector, 3);
    size_t n = entries(b, e);
    assert_int_equal(n, 4);
    assert_int_equal(e[0].linear, BENCH_CODE);
    assert_int_equal(e[1].linear, BENCH_CODE + 3);
    assert_int_equal(e[2].linear, BENCH_CODE + 7);
    assert_int_equal(e[3].linear, BENCH_HANDLERS + 16 * 3);
    assert_int_equal(e[1].icount, e[0].icount + 1);
    assert_int_equal(e[2].icount, e[0].icount + 2);
    assert_int_equal(cpu_entries(b->cpu, e, 2), 2); /* the newest */
    assert_int_equal(e[1].linear, BENCH_HANDLERS + 16 * 3);
    bench_free(b);
    free(e);
}

static void a_bad_place_is_noted(void **state)
{
    (void)state;
    struct debug_entry *e = calloc(DEBUG_ENTRIES, sizeof *e);
    struct bench *b = bench_new(BENCH_64);
    bench_run(b, CODE("\xb8\x00\x00\x00\x70\xff\xe0")); /* mov eax, 70000000h; jmp rax: not mapped */
    assert_int_equal(b->vector, 14);
    size_t n = entries(b, e);
    assert_int_equal(n, 3);
    assert_int_equal(e[1].linear, 0x70000000);
    bench_free(b);
    free(e);
}

/* Of a loop only the ways that were new, but never more than there is room for. */
static void a_long_run_keeps_the_last(void **state)
{
    (void)state;
    struct debug_entry *e = calloc(DEBUG_ENTRIES, sizeof *e);
    struct bench *b = bench_new(BENCH_32);
    bench_run(b, CODE("\xb9\x00\x10\x00\x00\xe2\xfe\xf4")); /* mov ecx, 1000h; loop $; hlt */
    assert_true(entries(b, e) >= 2 && entries(b, e) < 10);
    u8 code[5 * 3000 + 1]; /* jmp to the next instruction, 3000 times, hlt */
    for (unsigned i = 0; i < 3000; i++)
        memcpy(code + 5 * i, "\xe9\x00\x00\x00\x00", 5);
    code[sizeof code - 1] = 0xf4;
    bench_run(b, code, sizeof code);
    assert_int_equal(entries(b, e), DEBUG_ENTRIES);
    assert_int_equal(e[DEBUG_ENTRIES - 1].linear, BENCH_CODE + sizeof code - 1);
    for (unsigned i = 1; i < DEBUG_ENTRIES; i++)
        assert_true(e[i].icount > e[i - 1].icount);
    bench_free(b);
    free(e);
}

static void what_is_not_past_is_not_told(void **state)
{
    (void)state;
    struct debug_entry *e = calloc(DEBUG_ENTRIES, sizeof *e);
    struct bench *b = bench_new(BENCH_32);
    u64 start = cpu_icount(b->cpu);
    bench_run(b, ways, sizeof ways - 1);
    cpu_set_icount(b->cpu, start + 1);
    assert_int_equal(entries(b, e), 2);
    assert_int_equal(e[1].linear, BENCH_CODE + 3);
    bench_run(b, CODE("\xeb\x01\x90\xf4")); /* another future; what it overwrites is forgotten, the older stays */
    size_t n = entries(b, e);
    assert_true(n >= 2);
    for (size_t i = 1; i < n; i++)
        assert_true(e[i].icount > e[i - 1].icount);
    assert_int_equal(e[0].icount, start);
    bench_free(b);
    free(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(new_code_is_noted),
        cmocka_unit_test(a_bad_place_is_noted),
        cmocka_unit_test(a_long_run_keeps_the_last),
        cmocka_unit_test(what_is_not_past_is_not_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
