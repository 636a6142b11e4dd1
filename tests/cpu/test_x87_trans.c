/* test_x87_trans.c: the transcendental instructions against the host's own FPU, which computes them for the guest too;
 * what can go wrong is ours: operand order, stack, condition codes, exceptions, ranges. */
#include "host_x87.h"

#define ROUNDS 3000

static void try_insn(u8 modrm)
{
    struct x87_bench *t = x87_bench_new();
    if (!t)
        skip();
    u8 bytes[2] = { 0xd9, modrm };
    u64 seed = modrm;
    unsigned bad = 0;
    x87_set_code(t, bytes, 2);
    for (unsigned n = x87_rounds(ROUNDS); n && bad < 3; n--) {
        struct x87_state s;
        x87_random_state(&seed, &s);
        bad += !x87_same(t, &s, PTR_INSN);
    }
    x87_bench_free(t);
    assert_int_equal(bad, 0);
}

static void f2xm1(void **state)
{
    (void)state;
    try_insn(0xf0);
}
static void fyl2x(void **state)
{
    (void)state;
    try_insn(0xf1);
}
static void fptan(void **state)
{
    (void)state;
    try_insn(0xf2);
}
static void fpatan(void **state)
{
    (void)state;
    try_insn(0xf3);
}
static void fyl2xp1(void **state)
{
    (void)state;
    try_insn(0xf9);
}
static void fsincos(void **state)
{
    (void)state;
    try_insn(0xfb);
}
static void fsin(void **state)
{
    (void)state;
    try_insn(0xfe);
}
static void fcos(void **state)
{
    (void)state;
    try_insn(0xff);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(f2xm1),   cmocka_unit_test(fyl2x),   cmocka_unit_test(fptan), cmocka_unit_test(fpatan),
        cmocka_unit_test(fyl2xp1), cmocka_unit_test(fsincos), cmocka_unit_test(fsin),  cmocka_unit_test(fcos),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
