/* BMI1, BMI2, LZCNT: values and flags from the manual's pages, legality of their VEX encodings, and what a processor
 * without the features does (SDM vol. 2, ANDN to TZCNT, and 2.3, 2.8). */
#include "flags.h"
#include "harness.h"

/* Destination eAX, sources eCX (ModRM.rm) and eBX (vvvv); flags all set before. */
static void check(struct bench *b, const u8 *code, size_t len, u64 rcx, u64 rbx, u64 want, u32 flags, u32 defined)
{
    b->cpu->r[RCX] = rcx;
    b->cpu->r[RBX] = rbx;
    cpu_set_eflags(b->cpu, FL_ARITH, FL_ARITH);
    bench_run(b, code, len);
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->r[RAX], want);
    assert_int_equal(flags_get(b->cpu) & defined, flags);
}

#define NOT_AF_PF (FL_CF | FL_ZF | FL_SF | FL_OF)

static void test_values(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    /* andn eax, ebx, ecx */
    check(b, CODE("\xc4\xe2\x60\xf2\xc1\xf4"), 0xff, 0x0f, 0xf0, 0, NOT_AF_PF);
    check(b, CODE("\xc4\xe2\x60\xf2\xc1\xf4"), 0x80000000, 0, 0x80000000, FL_SF, NOT_AF_PF);
    check(b, CODE("\xc4\xe2\xe0\xf2\xc1\xf4"), UINT64_MAX, UINT64_MAX, 0, FL_ZF, NOT_AF_PF);
    /* bextr eax, ecx, ebx: start 4, length 8 */
    check(b, CODE("\xc4\xe2\x60\xf7\xc1\xf4"), 0x12345678, 0x804, 0x67, 0, FL_CF | FL_ZF | FL_OF);
    check(b, CODE("\xc4\xe2\x60\xf7\xc1\xf4"), 0x12345678, 0x820, 0, FL_ZF, FL_CF | FL_ZF | FL_OF);
    check(b, CODE("\xc4\xe2\xe0\xf7\xc1\xf4"), 0x8000000000000001, 0xff3f, 1, 0, FL_CF | FL_ZF | FL_OF);
    /* bzhi eax, ecx, ebx */
    check(b, CODE("\xc4\xe2\x60\xf5\xc1\xf4"), 0xffffffff, 8, 0xff, 0, NOT_AF_PF);
    check(b, CODE("\xc4\xe2\x60\xf5\xc1\xf4"), 0xffffffff, 32, 0xffffffff, FL_CF | FL_SF, NOT_AF_PF);
    check(b, CODE("\xc4\xe2\x60\xf5\xc1\xf4"), 0xffffffff, 0xf00, 0, FL_ZF, NOT_AF_PF); /* bits 7:0 count */
    /* pdep, pext eax, ebx, ecx */
    check(b, CODE("\xc4\xe2\x63\xf5\xc1\xf4"), 0xf0f0, 0xa5, 0xa050, FL_ARITH, FL_ARITH);
    check(b, CODE("\xc4\xe2\x62\xf5\xc1\xf4"), 0xf0f0, 0xa050, 0xa5, FL_ARITH, FL_ARITH);
    /* shlx, sarx, shrx eax, ecx, ebx: counts are taken modulo the size */
    check(b, CODE("\xc4\xe2\x61\xf7\xc1\xf4"), 0x80000001, 33, 2, FL_ARITH, FL_ARITH);
    check(b, CODE("\xc4\xe2\x62\xf7\xc1\xf4"), 0x80000001, 1, 0xc0000000, FL_ARITH, FL_ARITH);
    check(b, CODE("\xc4\xe2\xe2\xf7\xc1\xf4"), 1ull << 63, 63, UINT64_MAX, FL_ARITH, FL_ARITH);
    check(b, CODE("\xc4\xe2\x63\xf7\xc1\xf4"), 0x80000001, 1, 0x40000000, FL_ARITH, FL_ARITH);
    /* rorx eax, ecx, 36 */
    check(b, CODE("\xc4\xe3\x7b\xf0\xc1\x24\xf4"), 0x12345678, 0, 0x81234567, FL_ARITH, FL_ARITH);
    bench_free(b);
}

/* BLSR, BLSMSK, BLSI write the register that vvvv names. */
static void test_lowest_bit(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    check(b, CODE("\xc4\xe2\x78\xf3\xc9\xf4"), 0x58, 0, 0x50, 0, NOT_AF_PF);
    check(b, CODE("\xc4\xe2\x78\xf3\xc9\xf4"), 0, 0, 0, FL_CF | FL_ZF, NOT_AF_PF);
    check(b, CODE("\xc4\xe2\x78\xf3\xd1\xf4"), 0x58, 0, 0xf, 0, NOT_AF_PF);
    check(b, CODE("\xc4\xe2\x78\xf3\xd1\xf4"), 0, 0, 0xffffffff, FL_CF | FL_SF, NOT_AF_PF);
    check(b, CODE("\xc4\xe2\x78\xf3\xd9\xf4"), 0x58, 0, 0x8, FL_CF, NOT_AF_PF);
    check(b, CODE("\xc4\xe2\xf8\xf3\xd9\xf4"), 1ull << 63, 0, 1ull << 63, FL_CF | FL_SF, NOT_AF_PF);
    bench_free(b);
}

static void test_mulx(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    b->cpu->r[RDX] = UINT64_MAX;
    check(b, /* mulx rax, rbx, rcx */ CODE("\xc4\xe2\xe3\xf6\xc1\xf4"), UINT64_MAX, 0, UINT64_MAX - 1, FL_ARITH,
          FL_ARITH);
    assert_int_equal(b->cpu->r[RBX], 1);
    check(b, /* mulx eax, eax, ecx: the high half stays */ CODE("\xc4\xe2\x7b\xf6\xc1\xf4"), 0x10, 0, 0xf, FL_ARITH,
          FL_ARITH);
    bench_free(b);
}

static void test_counts(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    b->cpu->r[RAX] = 0;
    check(b, /* tzcnt eax, ecx */ CODE("\xf3\x0f\xbc\xc1\xf4"), 0x100, 0, 8, 0, FL_CF | FL_ZF);
    check(b, CODE("\xf3\x0f\xbc\xc1\xf4"), 0, 0, 32, FL_CF, FL_CF | FL_ZF);
    check(b, CODE("\xf3\x0f\xbc\xc1\xf4"), 1, 0, 0, FL_ZF, FL_CF | FL_ZF);
    check(b, /* lzcnt rax, rcx */ CODE("\xf3\x48\x0f\xbd\xc1\xf4"), 0x100, 0, 55, 0, FL_CF | FL_ZF);
    b->cpu->r[RAX] = 0xabcd0000;
    check(b, /* lzcnt ax, cx */ CODE("\x66\xf3\x0f\xbd\xc1\xf4"), 0, 0, 0xabcd0010, FL_CF, FL_CF | FL_ZF);
    bench_free(b);
    b = bench_new_cpu(BENCH_64, "qemu64"); /* is without: it executes BSF and BSR */
    b->cpu->r[RAX] = 77;
    check(b, CODE("\xf3\x0f\xbc\xc1\xf4\xf4"), 0, 0, 77, FL_ZF, FL_ZF);
    check(b, CODE("\xf3\x0f\xbd\xc1\xf4\xf4"), 0x100, 0, 8, 0, FL_ZF);
    bench_free(b);
}

static void expect_ud(struct bench *b, const u8 *code, size_t len)
{
    bench_run(b, code, len);
    assert_int_equal(b->vector, EXC_UD);
}

static void test_illegal(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    expect_ud(b, CODE("\xc4\xe2\x64\xf2\xc1\xf4"));     /* andn, VEX.L */
    expect_ud(b, CODE("\xc4\xe3\x73\xf0\xc1\x24\xf4")); /* rorx, vvvv */
    expect_ud(b, CODE("\xc4\xe2\x78\xf3\xc1\xf4"));     /* group 17, /0 */
    expect_ud(b, CODE("\xc4\xe4\x60\xf2\xc1\xf4"));     /* map 4 */
    static const u8 before[] = { 0x66, 0xf2, 0xf3, 0xf0, 0x48 };
    for (unsigned i = 0; i < ARRAY_LEN(before); i++) {
        u8 code[] = { before[i], 0xc4, 0xe2, 0x60, 0xf2, 0xc1, 0xf4 };
        expect_ud(b, code, sizeof code);
    }
    bench_run(b, /* fs, 67 */ CODE("\x64\x67\xc4\xe2\x60\xf2\xc1\xf4"));
    assert_int_equal(b->vector, -1);
    bench_free(b);
    b = bench_new_cpu(BENCH_64, "qemu64");
    expect_ud(b, CODE("\xc4\xe2\x60\xf2\xc1\xf4"));
    bench_free(b);
}

/* Real mode knows no VEX; C4 with a memory operand stays LES. VEX needs no OSXSAVE for general registers. */
static void test_modes(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_REAL);
    expect_ud(b, CODE("\xc4\xe2\x60\xf2\xc1\xf4"));
    b->cpu->r[RBX] = BENCH_DATA & 0xffff;
    bench_put(b, BENCH_DATA & 0xffff, 0x12345678, 4);
    bench_run(b, /* les ax, [bx] */ CODE("\xc4\x07\xf4"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->r[RAX] & 0xffff, 0x5678);
    bench_free(b);
    b = bench_new(BENCH_32);
    check(b, CODE("\xc4\xe2\x60\xf2\xc1\xf4"), 0xff, 0x0f, 0xf0, 0, NOT_AF_PF);
    check(b, /* W and B don't count, nor vvvv's top bit */ CODE("\xc4\xc2\xa0\xf2\xc1\xf4"), 0xff, 0x0f, 0xf0, 0,
          NOT_AF_PF);
    expect_ud(b, /* vvvv 8 where none is used */ CODE("\xc4\xe3\x3b\xf0\xc1\x24\xf4"));
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values), cmocka_unit_test(test_lowest_bit), cmocka_unit_test(test_mulx),
        cmocka_unit_test(test_counts), cmocka_unit_test(test_illegal),    cmocka_unit_test(test_modes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
