/* XSAVE, XSAVEOPT, XSAVEC, XSAVES, XRSTOR, XRSTORS, XGETBV with ECX = 1, IA32_XSS and CPUID leaf 0D (SDM vol. 1,
 * chapter 13). Images are compared with the host's by tests/silicon; here stand PKRU and what only a supervisor has. */
#include "fpu.h"
#include "harness.h"

#define AREA (BENCH_DATA + 0x1000)
#define PAGE_B (AREA + PAGE_SIZE)
#define BV (AREA + 512)
#define COMP_BV (AREA + 520)
#define AVX_AT 576u
#define PKRU_AT 2688u
#define COMPACTED BIT64(63)
#define ALL (XSTATE_X87 | XSTATE_SSE | XSTATE_AVX)

#define XSAVE CODE("\x0f\xae\x23\xf4") /* xsave [rbx] */
#define XSAVEOPT CODE("\x0f\xae\x33\xf4")
#define XRSTOR CODE("\x0f\xae\x2b\xf4")
#define XSAVEC CODE("\x0f\xc7\x23\xf4")
#define XSAVES CODE("\x0f\xc7\x2b\xf4")
#define XRSTORS CODE("\x0f\xc7\x1b\xf4")
#define XGETBV CODE("\x0f\x01\xd0\xf4")

/* All components on, `asked` in EDX:EAX, the area full of CC but for its header. */
static void prepare(struct bench *b, u64 asked)
{
    struct cpu *c = b->cpu;
    bench_enable_avx(b);
    c->xcr0 |= XSTATE_PKRU;
    c->cr4 |= CR4_PKE;
    cpu_update_mode(c);
    c->r[RBX] = AREA;
    c->r[RAX] = asked;
    c->r[RDX] = c->r[RCX] = 0;
    memset(b->m + AREA, 0xcc, PAGE_SIZE);
    memset(b->m + BV, 0, 64);
}

static struct bench *bench_xsave(enum bench_mode mode, u64 asked)
{
    struct bench *b = bench_new(mode);
    for (unsigned i = 0; i < 16; i++)
        for (unsigned k = 0; k < 4; k++)
            b->cpu->xmm[i].q[k] = 0x1111111111111111u * (k + 1) + i;
    prepare(b, asked);
    return b;
}

static void expect(struct bench *b, int vector, const u8 *code, size_t len)
{
    bench_run(b, code, len);
    assert_int_equal(b->vector, vector);
}

static void unmap(struct bench *b, u32 at)
{
    bench_put(b, BENCH_PTE(at >> PAGE_SHIFT), 0, 8);
    tlb_flush_all(b->cpu);
}

static void test_xsave(void **state)
{
    (void)state;
    struct bench *b = bench_xsave(BENCH_64, XSTATE_AVX);
    struct cpu *c = b->cpu;
    const union vec before = c->xmm[15];
    expect(b, -1, XSAVE);
    assert_int_equal(bench_get(b, AREA + 512, 8), XSTATE_AVX);
    assert_memory_equal(b->m + AREA + 576 + 15 * 16, before.b + 16, 16);
    assert_int_equal(bench_get(b, AREA + 160, 8), 0xcccccccccccccccc); /* not asked for */
    c->xmm[15].q[2] = c->xmm[15].q[0] = 5;
    expect(b, -1, XRSTOR);
    assert_memory_equal(c->xmm[15].b + 16, before.b + 16, 16);
    assert_int_equal(c->xmm[15].q[0], 5);
    bench_put(b, AREA + 512, 0, 8); /* in its initial configuration */
    expect(b, -1, XRSTOR);
    assert_int_equal(c->xmm[15].q[2] | c->xmm[15].q[3], 0);
    expect(b, -1, /* vzeroupper; xsave [rbx] */ CODE("\xc5\xf8\x77\x0f\xae\x23\xf4"));
    assert_int_equal(bench_get(b, AREA + 512, 8), 0); /* not in use */
    bench_free(b);
}

/* The area of the AVX component is looked at only where it is asked for. */
static void test_xsave_faults(void **state)
{
    (void)state;
    struct bench *b = bench_xsave(BENCH_64, ALL);
    unmap(b, PAGE_B);
    b->cpu->r[RBX] = PAGE_B - 576;
    memset(b->m + PAGE_B - 576, 0, 576);
    b->cpu->r[RAX] = XSTATE_X87 | XSTATE_SSE;
    b->cpu->r[RDX] = 0;
    expect(b, -1, XSAVE);
    b->cpu->r[RAX] = XSTATE_X87 | XSTATE_SSE | XSTATE_AVX;
    bench_put(b, PAGE_B - 64, 0x123, 8);
    expect(b, EXC_PF, XSAVE);
    assert_int_equal(bench_get(b, PAGE_B - 64, 8), 0x123);
    bench_put(b, PAGE_B - 64, XSTATE_AVX, 8);
    expect(b, EXC_PF, XRSTOR);
    bench_put(b, PAGE_B - 64, 0, 8);
    expect(b, -1, XRSTOR);
    bench_free(b);
}

/* The compacted format packs what was asked for; what is not in use is not written. */
static void test_compacted(void **state)
{
    (void)state;
    struct bench *b = bench_xsave(BENCH_64, XSTATE_SSE | XSTATE_PKRU);
    struct cpu *c = b->cpu;
    c->pkru = 0x55555550;
    expect(b, -1, XSAVEC);
    assert_int_equal(bench_get(b, BV, 8), XSTATE_SSE | XSTATE_PKRU);
    assert_int_equal(bench_get(b, COMP_BV, 8), COMPACTED | XSTATE_SSE | XSTATE_PKRU);
    assert_int_equal(bench_get(b, AREA + AVX_AT, 8), 0x55555550); /* there is no AVX before it */
    assert_int_equal(bench_get(b, AREA, 4), 0xcccccccc);
    assert_int_equal(bench_get(b, AREA + FX_MXCSR, 4), MXCSR_RESET);
    c->r[RAX] = ALL | XSTATE_PKRU;
    expect(b, -1, XSAVEC);
    assert_int_equal(bench_get(b, AREA + AVX_AT + 256, 8), 0x55555550);
    assert_int_equal(bench_get(b, AREA + AVX_AT, 8), c->xmm[0].q[2]);
    c->pkru = 0;
    c->xmm[5].q[3] = 7;
    const union vec before = c->xmm[5];
    c->xmm[5] = (union vec){ .q = { 0 } };
    expect(b, -1, XRSTOR);
    assert_int_equal(c->pkru, 0x55555550);
    assert_int_equal(c->xmm[5].q[0], before.q[0]);
    assert_int_equal(c->xmm[5].q[3], 0x4444444444444444u + 5); /* as it was saved */
    bench_free(b);
}

static void test_standard_pkru(void **state)
{
    (void)state;
    struct bench *b = bench_xsave(BENCH_64, XSTATE_PKRU);
    b->cpu->pkru = 0x1230;
    expect(b, -1, XSAVE);
    assert_int_equal(bench_get(b, AREA + PKRU_AT, 8), 0x1230);
    assert_int_equal(bench_get(b, BV, 8), XSTATE_PKRU);
    b->cpu->pkru = 0;
    expect(b, -1, XRSTOR);
    assert_int_equal(b->cpu->pkru, 0x1230);
    bench_put(b, BV, 0, 8);
    expect(b, -1, XRSTOR);
    assert_int_equal(b->cpu->pkru, 0);
    bench_free(b);
}

/* MXCSR counts as a part of SSE in the compacted format; in the standard one it is SSE's and AVX's, in use or not. */
static void test_mxcsr(void **state)
{
    (void)state;
    struct bench *b = bench_xsave(BENCH_64, ALL);
    struct cpu *c = b->cpu;
    memset(c->xmm, 0, sizeof c->xmm);
    sse_set_mxcsr(c, 0x1f81);
    expect(b, -1, XSAVEOPT);
    assert_int_equal(bench_get(b, BV, 8) & (XSTATE_SSE | XSTATE_AVX), 0);
    assert_int_equal(bench_get(b, AREA + FX_MXCSR, 4), 0x1f81);
    assert_int_equal(bench_get(b, AREA + FX_XMM, 8), 0xcccccccccccccccc);
    expect(b, -1, XSAVEC);
    assert_int_equal(bench_get(b, BV, 8) & (XSTATE_SSE | XSTATE_AVX), XSTATE_SSE);
    bench_put(b, BV, 0, 8);
    expect(b, -1, XRSTOR); /* compacted: the initial value */
    assert_int_equal(sse_get_mxcsr(c), MXCSR_RESET);
    bench_put(b, COMP_BV, 0, 8);
    c->r[RAX] = XSTATE_AVX;
    expect(b, -1, XRSTOR); /* standard: that of memory */
    assert_int_equal(sse_get_mxcsr(c), 0x1f81);
    bench_put(b, AREA + FX_MXCSR, 0x11f80, 4);
    expect(b, EXC_GP, XRSTOR);
    bench_free(b);
}

static void test_headers(void **state)
{
    (void)state;
    static const struct {
        u64 bv, comp_bv, at16, at24;
        bool ok, ok_supervisor;
    } cases[] = {
        { 7, 0, 0, 0, true, false },
        { 7, 0, 0, 1, true, false }, /* bytes 63:24 of a standard header do not count */
        { 7, 0, 1, 0, false, false },
        { 8, 0, 0, 0, false, false }, /* not in XCR0 */
        { 7, 7, 0, 0, false, false },
        { 7, COMPACTED | 7, 0, 0, true, true },
        { 3, COMPACTED | 7, 0, 0, true, true },
        { 7, COMPACTED | 3, 0, 0, false, false },
        { 7, COMPACTED | 15, 0, 0, false, false },
        { COMPACTED | 7, COMPACTED | 7, 0, 0, false, false },
        { 7, COMPACTED | 7, 1, 0, false, false },
        { 7, COMPACTED | 7, 0, 1, false, false },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct bench *b = bench_xsave(BENCH_64, ALL);
        memset(b->m + AREA, 0, 512);
        bench_put(b, BV, cases[i].bv, 8);
        bench_put(b, COMP_BV, cases[i].comp_bv, 8);
        bench_put(b, AREA + 528, cases[i].at16, 8);
        bench_put(b, AREA + 536, cases[i].at24, 8);
        expect(b, cases[i].ok ? -1 : EXC_GP, XRSTOR);
        prepare(b, ALL);
        memset(b->m + AREA, 0, 512);
        bench_put(b, BV, cases[i].bv, 8);
        bench_put(b, COMP_BV, cases[i].comp_bv, 8);
        bench_put(b, AREA + 528, cases[i].at16, 8);
        bench_put(b, AREA + 536, cases[i].at24, 8);
        expect(b, cases[i].ok_supervisor ? -1 : EXC_GP, XRSTORS);
        bench_free(b);
    }
}

static void test_supervisor(void **state)
{
    (void)state;
    struct bench *b = bench_xsave(BENCH_64, ALL);
    expect(b, -1, XSAVES);
    assert_int_equal(bench_get(b, COMP_BV, 8), COMPACTED | ALL);
    bench_put(b, AREA + FX_XMM, 0x1234, 8);
    expect(b, -1, XRSTORS);
    assert_int_equal(b->cpu->xmm[0].q[0], 0x1234);
    b->cpu->r[RCX] = 0xda0;
    expect(b, -1, /* xor eax,eax; wrmsr; rdmsr */ CODE("\x31\xc0\x0f\x30\x0f\x32\xf4"));
    assert_int_equal(b->cpu->r[RAX] | b->cpu->r[RDX], 0);
    b->cpu->r[RAX] = 0x100;
    expect(b, EXC_GP, /* wrmsr */ CODE("\x0f\x30\xf4"));
    bench_free(b);
    b = bench_xsave(BENCH_64U, ALL);
    expect(b, EXC_GP, XSAVES);
    prepare(b, ALL);
    expect(b, EXC_GP, XRSTORS);
    bench_free(b);
}

/* #UD without CR4.OSXSAVE, #NM with CR0.TS, #GP where the area is not aligned to 64; in this order. */
static void test_order(void **state)
{
    (void)state;
    static const char *const codes[] = { "\x0f\xae\x23\xf4", "\x0f\xae\x33\xf4", "\x0f\xae\x2b\xf4",
                                         "\x0f\xc7\x23\xf4", "\x0f\xc7\x2b\xf4", "\x0f\xc7\x1b\xf4" };
    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        struct bench *b = bench_xsave(BENCH_64, ALL);
        b->cpu->r[RBX] = AREA + 16;
        expect(b, EXC_GP, (const u8 *)codes[i], 4);
        b->cpu->cr0 |= CR0_TS;
        cpu_update_mode(b->cpu);
        expect(b, EXC_NM, (const u8 *)codes[i], 4);
        b->cpu->cr4 &= ~CR4_OSXSAVE;
        cpu_update_mode(b->cpu);
        expect(b, EXC_UD, (const u8 *)codes[i], 4);
        bench_free(b);
    }
}

static void test_xgetbv(void **state)
{
    (void)state;
    struct bench *b = bench_xsave(BENCH_64, 0);
    struct cpu *c = b->cpu;
    fpu_init(c);
    memset(c->fpu.reg, 0, sizeof c->fpu.reg);
    c->r[RCX] = 1;
    expect(b, -1, XGETBV);
    assert_int_equal(c->r[RAX], XSTATE_SSE | XSTATE_AVX);
    memset(c->xmm, 0, sizeof c->xmm);
    c->fpu.reg[3].se = 1;
    c->pkru = 4;
    expect(b, -1, XGETBV);
    assert_int_equal(c->r[RAX], XSTATE_X87 | XSTATE_PKRU);
    c->pkru = 0;
    sse_set_mxcsr(c, 0x1f00);
    expect(b, -1, XGETBV);
    assert_int_equal(c->r[RAX], XSTATE_X87 | XSTATE_SSE);
    c->r[RCX] = 0;
    expect(b, -1, XGETBV);
    assert_int_equal(c->r[RAX], ALL | XSTATE_PKRU);
    c->r[RCX] = 2;
    expect(b, EXC_GP, XGETBV);
    bench_free(b);
    b = bench_new_cpu(BENCH_64, "max,-xgetbv1");
    prepare(b, 0);
    b->cpu->r[RCX] = 1;
    expect(b, EXC_GP, XGETBV);
    bench_free(b);
}

/* Leaf 0D: each feature has its bit, its instruction and its sizes. */
static void test_cpuid(void **state)
{
    (void)state;
    struct bench *b = bench_xsave(BENCH_64, ALL);
    u32 r[4];
    cpu_cpuid(b->cpu, 0xd, 0, r);
    assert_int_equal(r[0], ALL | XSTATE_PKRU);
    assert_int_equal(r[1], PKRU_AT + 8);
    cpu_cpuid(b->cpu, 0xd, 1, r);
    assert_int_equal(r[0], 0xf);
    assert_int_equal(r[1], AVX_AT + 256 + 8);
    b->cpu->xcr0 = XSTATE_X87 | XSTATE_PKRU;
    cpu_cpuid(b->cpu, 0xd, 1, r);
    assert_int_equal(r[1], AVX_AT + 8);
    bench_free(b);
    b = bench_new_cpu(BENCH_64, "max,-xsavec,-xsaves");
    prepare(b, ALL);
    cpu_cpuid(b->cpu, 0xd, 1, r);
    assert_int_equal(r[0], 5);
    assert_int_equal(r[1], 0);
    expect(b, EXC_UD, XSAVEC);
    prepare(b, ALL);
    expect(b, EXC_UD, XSAVES);
    prepare(b, ALL);
    bench_put(b, COMP_BV, COMPACTED | ALL, 8);
    expect(b, EXC_GP, XRSTOR); /* the compacted format is XSAVEC's */
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_xsave),         cmocka_unit_test(test_xsave_faults), cmocka_unit_test(test_compacted),
        cmocka_unit_test(test_standard_pkru), cmocka_unit_test(test_mxcsr),        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_supervisor),    cmocka_unit_test(test_order),        cmocka_unit_test(test_xgetbv),
        cmocka_unit_test(test_cpuid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
