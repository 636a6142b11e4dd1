/* CPUID: identity, features, and that features, CR4 and instructions agree. */
#include "harness.h"

struct regs {
    u32 a, b, c, d;
};

static struct regs cpuid(struct bench *b, u32 leaf, u32 sub)
{
    b->cpu->r[RAX] = leaf | (u64)0xdead << 32;
    b->cpu->r[RCX] = sub;
    bench_run(b, /* cpuid; hlt */ CODE("\x0f\xa2\xf4"));
    assert_int_equal(b->vector, -1);
    struct cpu *c = b->cpu;
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(c->r[i] >> 32, 0);
    return (struct regs){ (u32)c->r[RAX], (u32)c->r[RBX], (u32)c->r[RCX], (u32)c->r[RDX] };
}

static void test_vendor(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    static const u32 leaves[] = { 0, 0x80000000 };
    for (unsigned i = 0; i < 2; i++) {
        struct regs r = cpuid(b, leaves[i], 0);
        char text[13] = { 0 };
        memcpy(text, &r.b, 4);
        memcpy(text + 4, &r.d, 4);
        memcpy(text + 8, &r.c, 4);
        assert_string_equal(text, "AuthenticAMD");
        assert_int_equal(r.a, i ? 0x8000000a : 0xd);
    }
    struct regs r = cpuid(b, 0x40000000, 0);
    assert_memory_equal(&r.b, "PCEMUPCEMUPC", 12);
    bench_free(b);
}

static void test_brand(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    char text[49] = { 0 };
    for (u32 i = 0; i < 3; i++) {
        struct regs r = cpuid(b, 0x80000002 + i, 0);
        memcpy(text + 16 * i, &r, 16);
    }
    assert_string_equal(text, "QEMU TCG CPU version 2.5+");
    bench_free(b);
}

static void test_signature(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    struct regs r = cpuid(b, 1, 0);
    u32 family = (r.a >> 8 & 15) + (r.a >> 20 & 255), model = (r.a >> 4 & 15) | (r.a >> 12 & 0xf0);
    assert_int_equal(family, 15);
    assert_int_equal(model, 107);
    assert_int_equal(r.a & 15, 1);
    assert_int_equal(cpuid(b, 0x80000001, 0).a, r.a);
    assert_int_equal(cpuid(b, 0x80000008, 0).a, 57 << 8 | 40);
    bench_free(b);
}

static void test_features(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    struct regs r = cpuid(b, 1, 0);
    assert_int_equal(r.d, 0x078bfbff);
    assert_int_equal(r.c, 0xf7fa3203);
    struct regs e = cpuid(b, 0x80000001, 0);
    assert_int_equal(e.d & 0x0183f3ff, r.d & 0x0183f3ff);
    assert_int_equal(e.d & ~0x0183f3ffu, BIT(11) | BIT(20) | BIT(26) | BIT(27) | BIT(29));
    assert_int_equal(e.c, BIT(0) | BIT(5) | BIT(8));
    assert_int_equal(cpuid(b, 7, 0).b, BIT(0) | BIT(3) | BIT(5) | BIT(7) | BIT(8) | BIT(10) | BIT(18) | BIT(19) |
                                           BIT(20) | BIT(23) | BIT(24) | BIT(29));
    assert_int_equal(cpuid(b, 7, 0).c, BIT(2) | BIT(3) | BIT(9) | BIT(10) | BIT(16) | BIT(22));
    assert_int_equal(cpuid(b, 7, 1).b, 0);
    assert_int_equal(cpuid(b, 0x80000007, 0).d, BIT(8));
    bench_free(b);
}

static void test_osxsave(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    assert_int_equal(cpuid(b, 1, 0).c & BIT(27), 0);
    b->cpu->cr4 |= CR4_OSXSAVE;
    assert_int_equal(cpuid(b, 1, 0).c & BIT(27), BIT(27));
    struct regs r = cpuid(b, 0xd, 0);
    assert_int_equal(r.a, 0x207);
    assert_int_equal(r.b, 576); /* what XCR0 has: x87 only */
    assert_int_equal(r.c, 2696);
    assert_int_equal(r.d, 0);
    b->cpu->xcr0 = XSTATE_X87 | XSTATE_SSE | XSTATE_AVX;
    assert_int_equal(cpuid(b, 0xd, 0).b, 832);
    r = cpuid(b, 0xd, 2);
    assert_int_equal(r.a, 256);
    assert_int_equal(r.b, 576);
    assert_int_equal(r.c | r.d, 0);
    bench_free(b);
}

static void test_beyond(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    static const u32 leaves[] = { 0xe, 0x100, 0x40000002, 0x8000000b, 0xffffffff };
    for (unsigned i = 0; i < ARRAY_LEN(leaves); i++) {
        struct regs r = cpuid(b, leaves[i], 0);
        assert_int_equal(r.a | r.b | r.c | r.d, 0);
    }
    bench_free(b);
}

/* cpu_has(), which the decoder asks, says the same. */
static void test_one_source(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_64);
    static const struct {
        u32 leaf;
        char reg;
        u8 bit, feature;
    } map[] = { { 1, 'd', 8, F_CX8 },     { 1, 'd', 15, F_CMOV },    { 1, 'd', 23, F_MMX },
                { 1, 'd', 26, F_SSE2 },   { 1, 'c', 0, F_SSE3 },     { 1, 'c', 3, F_MONITOR },
                { 1, 'c', 13, F_CX16 },   { 1, 'c', 20, F_SSE42 },   { 1, 'c', 23, F_POPCNT },
                { 1, 'c', 30, F_RDRAND }, { 7, 'b', 0, F_FSGSBASE }, { 7, 'b', 19, F_ADX },
                { 7, 'b', 20, F_SMAP },   { 7, 'c', 22, F_RDPID },   { 0x80000001, 'd', 27, F_RDTSCP } };
    for (unsigned i = 0; i < ARRAY_LEN(map); i++) {
        struct regs r = cpuid(b, map[i].leaf, 0);
        u32 word = map[i].reg == 'b' ? r.b : map[i].reg == 'c' ? r.c : r.d;
        assert_int_equal(word >> map[i].bit & 1, cpu_has(b->cpu, map[i].feature));
    }
    bench_run(b, /* monitor */ CODE("\x0f\x01\xc8")); /* not built */
    assert_int_equal(b->vector, EXC_UD);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vendor),     cmocka_unit_test(test_brand),   cmocka_unit_test(test_signature),
        cmocka_unit_test(test_features),   cmocka_unit_test(test_osxsave), cmocka_unit_test(test_beyond),
        cmocka_unit_test(test_one_source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
