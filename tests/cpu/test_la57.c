/* 5-level paging beside its walks, which are in test_paging.c: CR4.LA57, and which addresses are canonical: those that
 * are used by CR4.LA57, those that are loaded into registers by what the model can have (Intel's white paper on 5-level
 * paging). */
#include "harness.h"

#define PML5 0x200000u
#define BEYOND_48 0x0000800000000000u /* canonical with 57 bits only */
#define HIGHEST_57 0x00ffffffffffffffu
#define BEYOND_57 0x0100000000000000u
#define NEGATIVE_57 0xff00000000000000u

static const char read_it[] = "\x8b\x03\xf4";              /* mov eax, [rbx] */
static const char jump[] = "\xff\xe3\xf4";                 /* jmp rbx */
static const char push[] = "\x48\x89\xdc\x50\xf4";         /* mov rsp, rbx; push rax */
static const char wrfsbase[] = "\xf3\x48\x0f\xae\xd3\xf4"; /* wrfsbase rbx */
static const char wrmsr[] = "\x0f\x30\xf4";

/* A bench whose PML5's first entry holds the bench's own tables. */
static struct bench *five_levels(void)
{
    struct bench *b = bench_new(BENCH_64);
    memset(b->m + PML5, 0, 4096);
    bench_put(b, PML5, BENCH_PML4 | 7, 8);
    b->cpu->cr3 = PML5;
    b->cpu->cr4 |= CR4_LA57 | CR4_FSGSBASE;
    cpu_update_mode(b->cpu);
    return b;
}

static struct bench *four_levels(const char *cpu)
{
    struct bench *b = bench_new_cpu(BENCH_64, cpu);
    b->cpu->cr4 |= CR4_FSGSBASE;
    return b;
}

static int with_rbx(struct bench *b, const char *code, size_t len, u64 rbx)
{
    u64 rsp = b->cpu->r[RSP];
    b->cpu->r[RBX] = rbx;
    bench_run(b, (const u8 *)code, len);
    b->cpu->r[RSP] = rsp;
    return b->vector;
}
#define WITH_RBX(b, code, rbx) with_rbx(b, code, sizeof(code) - 1, rbx)

static void test_used_addresses(void **state)
{
    (void)state;
    static const struct {
        u64 address;
        bool in_48, in_57;
    } expect[] = { { 0x00007fffffffff00, true, true },  { BEYOND_48, false, true },
                   { HIGHEST_57 - 0xff, false, true },  { BEYOND_57, false, false },
                   { NEGATIVE_57, false, true },        { NEGATIVE_57 - 8, false, false },
                   { 0xffff7fffffffff00, false, true }, { 0xffff800000000000, true, true } };
    for (unsigned i = 0; i < 2 * ARRAY_LEN(expect); i++) {
        struct bench *b = i & 1 ? five_levels() : four_levels("max");
        bool canonical = i & 1 ? expect[i / 2].in_57 : expect[i / 2].in_48;
        u64 at = expect[i / 2].address;
        assert_int_equal(WITH_RBX(b, read_it, at), canonical ? EXC_PF : EXC_GP);
        if (canonical)
            assert_int_equal(b->cpu->cr2, at);
        assert_int_equal(WITH_RBX(b, jump, at), canonical ? EXC_PF : EXC_GP);
        assert_int_equal(b->frame_ip, canonical ? at : BENCH_CODE);
        bench_free(b);
    }
}

/* A stack access at an address that is not canonical is #SS; delivering it needs another stack. */
static void test_stack(void **state)
{
    (void)state;
    struct bench *b = five_levels();
    bench_gate(b, EXC_SS, SEL_CODE64, BENCH_HANDLERS + 16 * EXC_SS, SYS_INT32, 0, 1);
    bench_gate(b, EXC_PF, SEL_CODE64, BENCH_HANDLERS + 16 * EXC_PF, SYS_INT32, 0, 1);
    assert_int_equal(WITH_RBX(b, push, BEYOND_48 + 0x1000), EXC_PF);
    assert_int_equal(WITH_RBX(b, push, BEYOND_57 + 0x1000), EXC_SS);
    bench_free(b);
}

/* A 4-byte read that ends in the hole begins in canonical space. */
static void test_edges(void **state)
{
    (void)state;
    struct bench *b = five_levels();
    assert_int_equal(WITH_RBX(b, read_it, HIGHEST_57 - 3), EXC_PF);
    assert_int_equal(WITH_RBX(b, read_it, HIGHEST_57 - 2), EXC_GP);
    bench_free(b);
}

static void test_loaded_addresses(void **state)
{
    (void)state;
    struct bench *b = four_levels("max"); /* 4-level paging, but a processor with 57 bits */
    b->cpu->r[RCX] = 0xc0000082;          /* LSTAR */
    b->cpu->r[RAX] = 0;
    b->cpu->r[RDX] = BEYOND_48 >> 32;
    assert_int_equal(WITH_RBX(b, wrmsr, 0), -1);
    b->cpu->r[RDX] = BEYOND_57 >> 32;
    assert_int_equal(WITH_RBX(b, wrmsr, 0), EXC_GP);
    bench_free(b);
    b = four_levels("max,-la57");
    b->cpu->r[RCX] = 0xc0000082;
    b->cpu->r[RDX] = BEYOND_48 >> 32;
    assert_int_equal(WITH_RBX(b, wrmsr, 0), EXC_GP);
    bench_free(b);
}

/* So says silicon: these two go by the paging in use. */
static void test_wrfsbase(void **state)
{
    (void)state;
    struct bench *b = four_levels("max");
    assert_int_equal(WITH_RBX(b, wrfsbase, BEYOND_48), EXC_GP);
    bench_free(b);
    b = five_levels();
    assert_int_equal(WITH_RBX(b, wrfsbase, BEYOND_48), -1);
    assert_int_equal(b->cpu->seg[FS].base, BEYOND_48);
    assert_int_equal(WITH_RBX(b, wrfsbase, BEYOND_57), EXC_GP);
    bench_free(b);
}

/* LA57 cannot be changed in IA-32e mode, and is reserved where the model has none (SDM vol. 2, MOV CR). */
static void test_cr4(void **state)
{
    (void)state;
    static const char set[] = "\x0f\x22\xe3\xf4"; /* mov cr4, rbx */
    struct bench *b = four_levels("max");
    assert_int_equal(WITH_RBX(b, set, b->cpu->cr4 | CR4_LA57), EXC_GP);
    assert_int_equal(b->cpu->cr4 & CR4_LA57, 0);
    bench_free(b);
    b = five_levels();
    assert_int_equal(WITH_RBX(b, set, b->cpu->cr4 & ~CR4_LA57), EXC_GP);
    assert_int_equal(WITH_RBX(b, set, b->cpu->cr4 | CR4_PGE), -1);
    bench_free(b);
    b = bench_new(BENCH_32);
    assert_int_equal(WITH_RBX(b, set, CR4_LA57 | CR4_PAE), -1);
    bench_free(b);
    b = bench_new_cpu(BENCH_32, "max,-la57");
    assert_int_equal(WITH_RBX(b, set, CR4_LA57 | CR4_PAE), EXC_GP);
    bench_free(b);
}

/* Outside IA-32e mode the bit does nothing: PAE paging walks its own tables. */
static void test_legacy(void **state)
{
    (void)state;
    struct bench *b = bench_new(BENCH_32);
    for (u32 i = 0; i < 512; i++)
        bench_put(b, PML5 + 0x1000 + 8 * i, ((u64)i << 21) | 0x83, 8);
    bench_put(b, PML5, (PML5 + 0x1000) | 1, 8);
    b->cpu->cr3 = PML5;
    b->cpu->cr4 |= CR4_LA57 | CR4_PAE;
    b->cpu->cr0 |= CR0_PG;
    assert_true(mmu_load_pdptes(b->cpu, PML5));
    bench_put(b, BENCH_DATA, 0x1234, 4);
    assert_int_equal(WITH_RBX(b, read_it, BENCH_DATA), -1);
    assert_int_equal(b->cpu->r[RAX], 0x1234);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_used_addresses),   cmocka_unit_test(test_stack),    cmocka_unit_test(test_edges),
        cmocka_unit_test(test_loaded_addresses), cmocka_unit_test(test_wrfsbase), cmocka_unit_test(test_cr4),
        cmocka_unit_test(test_legacy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
