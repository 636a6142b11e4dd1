/* Model-specific registers (SDM vol. 4; AMD BKDG for family 0Fh): values, checks, MTRRs. */
#include "harness.h"

#define STAR 0xc0000081u
#define LSTAR 0xc0000082u
#define EFER 0xc0000080u

/* RDMSR and WRMSR as the guest does them; false: #GP(0), nothing changed. */
static bool rd(struct bench *b, u32 msr, u64 *v)
{
    *v = 0;
    bench_reset(b);
    b->cpu->r[RCX] = msr | (u64)0xdead << 32; /* ECX only */
    bench_run(b, /* rdmsr; hlt */ CODE("\x0f\x32\xf4"));
    if (b->vector == -1) {
        *v = b->cpu->r[RDX] << 32 | b->cpu->r[RAX];
        return true;
    }
    assert_int_equal(b->vector, EXC_GP);
    assert_int_equal(b->error, 0);
    return false;
}

/* Writes, and reads back in the same run. */
static bool wr(struct bench *b, u32 msr, u64 v, u64 *back)
{
    bench_reset(b);
    b->cpu->r[RCX] = msr;
    b->cpu->r[RAX] = (u32)v;
    b->cpu->r[RDX] = v >> 32;
    bench_run(b, /* wrmsr; rdmsr; hlt */ CODE("\x0f\x30\x0f\x32\xf4"));
    if (b->vector == -1) {
        *back = b->cpu->r[RDX] << 32 | b->cpu->r[RAX];
        return true;
    }
    assert_int_equal(b->vector, EXC_GP);
    assert_int_equal(b->error, 0);
    assert_int_equal(b->frame_ip, BENCH_CODE);
    return false;
}

static void check_kept(struct bench *b, u32 msr, u64 v)
{
    u64 back = ~v;
    assert_true(wr(b, msr, v, &back));
    assert_true(back == v);
}

static void check_refused(struct bench *b, u32 msr, u64 v)
{
    u64 back;
    assert_false(wr(b, msr, v, &back));
}

static void test_plain(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    check_kept(b, STAR, 0x123456789abcdef0);
    check_kept(b, LSTAR, 0xffff800000000000);
    check_kept(b, 0xc0000102, 0x00007fffffffffff);
    check_kept(b, 0x175, 0xffff800000001000);
    check_kept(b, 0xc0000103, 0x12345678);
    check_kept(b, 0xc0000100, 0xffff800000000000);
    static const u32 canonical[] = { LSTAR, 0xc0000083, 0xc0000100, 0xc0000101, 0xc0000102, 0x175, 0x176 };
    for (unsigned i = 0; i < ARRAY_LEN(canonical); i++)
        check_refused(b, canonical[i], 0x0100000000000000);
    bench_free(b);
}

static void test_efer(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    u64 v = 0;
    assert_true(rd(b, EFER, &v));
    assert_int_equal(v, EFER_LME | EFER_LMA | EFER_NXE | EFER_SCE);
    check_refused(b, EFER, EFER_LMA);    /* LME while paging */
    check_refused(b, EFER, v | BIT(12)); /* SVME */
    check_refused(b, EFER, v | BIT(14)); /* FFXSR */
    check_kept(b, EFER, EFER_LME | EFER_LMA);
    bench_free(b);
    b = bench_new(BENCH_32);
    b->cpu->r[RCX] = EFER;
    b->cpu->r[RAX] = EFER_LME | EFER_LMA;
    b->cpu->r[RDX] = 0;
    bench_run(b, /* wrmsr; rdmsr; hlt */ CODE("\x0f\x30\x0f\x32\xf4"));
    assert_int_equal(b->cpu->r[RAX], EFER_LME); /* LMA is the processor's */
    bench_free(b);
}

static void test_unknown(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    static const u32 unknown[] = { 0x17, 0x3a, 0x4000, 0x10000, 0xc0010114, 0xc0000104, 0x1db };
    u64 v = 0;
    for (unsigned i = 0; i < ARRAY_LEN(unknown); i++) {
        assert_false(rd(b, unknown[i], &v));
        check_refused(b, unknown[i], 0);
    }
    assert_false(rd(b, 0x9e, &v)); /* SMBASE: in SMM only */
    bench_free(b);
}

static void test_tsc(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    u64 back;
    assert_true(wr(b, 0x10, 0x123456789abc0000, &back));
    assert_true(back - 0x123456789abc0000 < 10);
    assert_true(back > 0x123456789abc0000);
    bench_free(b);
}

static void test_apic(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    u64 v = 0;
    assert_true(rd(b, 0x1b, &v));
    assert_int_equal(v, 0xfee00900);
    assert_false(rd(b, 0x808, &v)); /* the bench's APIC has no x2APIC mode */
    bench_free(b);
}

static void test_mtrr(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    u64 v = 0;
    assert_true(rd(b, 0xfe, &v));
    assert_int_equal(v, 0x508); /* 8 variable, fixed ranges, WC */
    check_refused(b, 0xfe, 0x508);
    for (u32 i = 0; i < 8; i++) {
        check_kept(b, 0x200 + 2 * i, 0xc0000000 | 6);
        check_kept(b, 0x201 + 2 * i, 0xff80000800);
    }
    check_refused(b, 0x210, 0);
    check_refused(b, 0x200, 2);             /* a reserved type */
    check_refused(b, 0x200, 6 | 0x100);     /* reserved bits */
    check_refused(b, 0x200, 6 | BIT64(40)); /* beyond the physical address */
    check_refused(b, 0x201, 0x400);
    check_kept(b, 0x250, 0x0606060606060606);
    check_refused(b, 0x250, 0x0606060606060602);
    check_kept(b, 0x259, 0);
    check_kept(b, 0x26f, 0x0505050505050505);
    check_refused(b, 0x25a, 0);
    check_kept(b, 0x2ff, 0xc06);
    check_refused(b, 0x2ff, 0x1c06);
    check_refused(b, 0x2ff, 7);
    bench_free(b);
}

/* RdMem/WrMem of the fixed ranges exist while SYSCFG.MtrrFixDramModEn is set. */
static void test_fixed_dram_bits(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    check_refused(b, 0x268, 0x1e1e1e1e1e1e1e1e);
    check_kept(b, 0xc0010010, BIT(19));
    bench_reset(b);
    b->cpu->msr.syscfg = BIT(19);
    b->cpu->r[RCX] = 0x268;
    b->cpu->r[RAX] = b->cpu->r[RDX] = 0x1e1e1e1e;
    bench_run(
        b,
        /* wrmsr; rdmsr; mov ebx,eax; mov ecx,0xc0010010; xor eax,eax; xor edx,edx; wrmsr; mov ecx,0x268; rdmsr; hlt */
        CODE("\x0f\x30\x0f\x32\x89\xc3\xb9\x10\x00\x01\xc0\x31\xc0\x31\xd2\x0f\x30\xb9\x68\x02\x00\x00\x0f\x32\xf4"));
    assert_int_equal(b->vector, -1);
    assert_int_equal(b->cpu->r[RBX], 0x1e1e1e1e);
    assert_int_equal(b->cpu->r[RAX], 0x06060606); /* hidden, kept */
    bench_free(b);
}

static void test_pat(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    u64 v = 0;
    assert_true(rd(b, 0x277, &v));
    assert_true(v == 0x0007040600070406);
    check_kept(b, 0x277, 0x0007010600070106);
    check_refused(b, 0x277, 0x0007010600070102);
    check_refused(b, 0x277, 0x0807010600070106);
    bench_free(b);
}

static void test_machine_check(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    u64 v = 0;
    assert_true(rd(b, 0x179, &v));
    unsigned banks = v & 0xff;
    assert_int_equal(banks, 5);
    check_kept(b, 0x17b, UINT64_MAX);
    for (u32 i = 0; i < banks; i++) {
        check_kept(b, 0x400 + 4 * i, UINT64_MAX);
        check_kept(b, 0x401 + 4 * i, 0);
        check_refused(b, 0x401 + 4 * i, 1); /* a status can only be cleared */
    }
    assert_false(rd(b, 0x400 + 4 * banks, &v));
    bench_free(b);
}

static void test_amd(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    u64 v = 0;
    check_kept(b, 0xc0010015, BIT(6));
    assert_true(rd(b, 0xc0010055, &v));
    assert_int_equal(v, 0); /* no C1E */
    assert_true(rd(b, 0x8b, &v));
    check_refused(b, 0xc0010010, BIT(21));
    static const u32 inert[] = { 0xc0010000, 0xc0010007, 0xc001001a, 0xc001001f, 0xc0011022 };
    for (unsigned i = 0; i < ARRAY_LEN(inert); i++) {
        assert_true(wr(b, inert[i], 0xabcd, &v));
        assert_int_equal(v, 0);
    }
    check_kept(b, 0xc0010111, 0xa0000);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_efer),
        cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_tsc),
        cmocka_unit_test(test_apic),
        cmocka_unit_test(test_mtrr),
        cmocka_unit_test(test_fixed_dram_bits),
        cmocka_unit_test(test_pat),
        cmocka_unit_test(test_machine_check),
        cmocka_unit_test(test_amd),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
