/* AVX, AVX2, FMA and F16C: when an encoding is #UD and when #NM, what happens to the upper halves of registers,
 * alignment, faults of masked moves and gathers (SDM vol. 1, chapter 14; vol. 2, 2.3 and 2.4). Arithmetic is compared
 * with the host's by tests/silicon; here stand values of what a host may lack. */
#include "fpu.h"
#include "harness.h"

#define AREA (BENCH_DATA + 0x1000)

static struct bench *bench_avx(enum bench_mode mode)
{
    struct bench *b = bench_new(mode);
    bench_enable_avx(b);
    for (unsigned i = 0; i < 16; i++)
        for (unsigned k = 0; k < 4; k++)
            b->cpu->xmm[i].q[k] = 0x1111111111111111u * k + i;
    return b;
}

static void expect(struct bench *b, int vector, const u8 *code, size_t len)
{
    bench_run(b, code, len);
    assert_int_equal(b->vector, vector);
}

/* ---- #UD, #NM ---- */

#define VPADDD CODE("\xc5\xed\xfe\xcb\xf4") /* vpaddd ymm1, ymm2, ymm3 */

static void test_switched_on(void **state)
{
    (void)state;
    struct bench *b = bench_avx(BENCH_64);
    expect(b, -1, VPADDD);
    static const u64 without[] = { XSTATE_X87, XSTATE_X87 | XSTATE_SSE };
    for (unsigned i = 0; i < 2; i++) {
        bench_reset(b);
        b->cpu->xcr0 = without[i];
        cpu_update_mode(b->cpu);
        expect(b, EXC_UD, VPADDD);
    }
    bench_reset(b);
    b->cpu->cr4 &= ~CR4_OSXSAVE;
    cpu_update_mode(b->cpu);
    expect(b, EXC_UD, VPADDD);
    bench_reset(b);
    b->cpu->cr0 |= CR0_TS;
    cpu_update_mode(b->cpu);
    expect(b, EXC_NM, VPADDD);
    bench_reset(b);
    b->cpu->cr4 &= ~CR4_OSFXSR; /* EM and OSFXSR are SSE's */
    b->cpu->cr0 |= CR0_EM;
    cpu_update_mode(b->cpu);
    expect(b, -1, VPADDD);
    bench_free(b);
}

/* XSETBV takes effect on the next instruction, decoded before or not. */
static void test_xsetbv(void **state)
{
    (void)state;
    struct bench *b = bench_avx(BENCH_64);
    expect(b, EXC_UD,
           /* again: vpaddd; mov eax,3; xor ecx,ecx; xor edx,edx; xsetbv; jmp again */
           CODE("\xc5\xed\xfe\xcb\xb8\x03\x00\x00\x00\x31\xc9\x31\xd2\x0f\x01\xd1\xeb\xee"));
    assert_int_equal(b->frame_ip, BENCH_CODE);
    bench_free(b);
}

static void test_modes(void **state)
{
    (void)state;
    struct bench *b = bench_avx(BENCH_REAL);
    expect(b, EXC_UD, VPADDD);
    bench_free(b);
    b = bench_avx(BENCH_P16);
    expect(b, -1, VPADDD);
    bench_free(b);
    b = bench_avx(BENCH_COMPAT);
    expect(b, EXC_GP, VPADDD); /* of HLT */
    bench_free(b);
}

static void test_encodings(void **state)
{
    (void)state;
    struct bench *b = bench_avx(BENCH_64);
    expect(b, EXC_UD, /* vmovaps xmm1, xmm2 with vvvv */ CODE("\xc5\xe8\x28\xca\xf4"));
    expect(b, EXC_UD, /* vmovd xmm1, eax, 256 bits */ CODE("\xc5\xfd\x6e\xc8\xf4"));
    expect(b, EXC_UD, /* vpermq ymm, W0 */ CODE("\xc4\xe3\x7d\x00\xca\x1b\xf4"));
    expect(b, EXC_UD, /* vperm2f128, 128 bits */ CODE("\xc4\xe3\x69\x06\xcb\x01\xf4"));
    expect(b, EXC_UD, /* 66 before VEX */ CODE("\x66\xc5\xed\xfe\xcb\xf4"));
    expect(b, EXC_UD, /* lock */ CODE("\xf0\xc5\xed\xfe\xcb\xf4"));
    expect(b, EXC_UD, /* vgatherdps with ModRM naming no SIB */ CODE("\xc4\xe2\x6d\x92\x0b\xf4"));
    expect(b, EXC_UD, /* vgatherdps ymm1, [rbx+ymm3], ymm1 */ CODE("\xc4\xe2\x75\x92\x0c\x1b\xf4"));
    expect(b, EXC_UD, /* vgatherdps ymm1, [rbx+ymm1], ymm2 */ CODE("\xc4\xe2\x6d\x92\x0c\x0b\xf4"));
    bench_free(b);
    b = bench_new_cpu(BENCH_64, "max,-avx2");
    bench_enable_avx(b);
    expect(b, EXC_UD, VPADDD); /* AVX has the 128-bit form only */
    expect(b, -1, /* vpaddd xmm1, xmm2, xmm3 */ CODE("\xc5\xe9\xfe\xcb\xf4"));
    expect(b, EXC_UD, /* vbroadcastss xmm1, xmm2 */ CODE("\xc4\xe2\x79\x18\xca\xf4"));
    bench_free(b);
}

/* ---- upper halves ---- */

static void test_upper_halves(void **state)
{
    (void)state;
    struct bench *b = bench_avx(BENCH_64);
    union vec *x = b->cpu->xmm;
    expect(b, -1, /* paddd xmm1, xmm2 */ CODE("\x66\x0f\xfe\xca\xf4"));
    assert_int_equal(x[1].q[2], 0x2222222222222222u + 1);
    expect(b, -1, /* vpaddd xmm1, xmm2, xmm3 */ CODE("\xc5\xe9\xfe\xcb\xf4"));
    assert_int_equal(x[1].q[2] | x[1].q[3], 0);
    expect(b, -1, /* vmovd xmm4, eax */ CODE("\xc5\xf9\x6e\xe0\xf4"));
    assert_int_equal(x[4].q[1] | x[4].q[2] | x[4].q[3], 0);
    expect(b, -1, /* vzeroupper */ CODE("\xc5\xf8\x77\xf4"));
    assert_int_equal(x[15].q[0], 15);
    assert_int_equal(x[15].q[2] | x[15].q[3], 0);
    expect(b, -1, /* vzeroall */ CODE("\xc5\xfc\x77\xf4"));
    assert_int_equal(x[15].q[0] | x[15].q[1], 0);
    bench_free(b);
    b = bench_avx(BENCH_32); /* the registers that the mode does not have stay */
    expect(b, -1, CODE("\xc5\xfc\x77\xf4"));
    assert_int_equal(b->cpu->xmm[7].q[3], 0);
    assert_int_equal(b->cpu->xmm[8].q[3], 0x3333333333333333u + 8);
    bench_free(b);
}

/* ---- memory ---- */

static void test_alignment(void **state)
{
    (void)state;
    struct bench *b = bench_avx(BENCH_64);
    b->cpu->r[RBX] = AREA + 16;
    expect(b, EXC_GP, /* vmovaps ymm1, [rbx] */ CODE("\xc5\xfc\x28\x0b\xf4"));
    expect(b, EXC_GP, /* vmovntdq [rbx], ymm1 */ CODE("\xc5\xfd\xe7\x0b\xf4"));
    expect(b, -1, /* vmovaps xmm1, [rbx] */ CODE("\xc5\xf8\x28\x0b\xf4"));
    b->cpu->r[RBX] = AREA + 1;
    expect(b, -1, /* vaddps ymm1, ymm2, [rbx] */ CODE("\xc5\xec\x58\x0b\xf4"));
    expect(b, -1, /* vmovups [rbx], ymm1 */ CODE("\xc5\xfc\x11\x0b\xf4"));
    bench_free(b);
}

#define PAGE_A (BENCH_DATA + 0x2000u) /* the page after it is taken away */
#define PAGE_B (PAGE_A + 0x1000u)

static void unmap_b(struct bench *b)
{
    bench_put(b, BENCH_PTE(PAGE_B >> 12), 0, 8);
    tlb_flush_all(b->cpu);
}

/* An element that the mask leaves out is not touched, even where it can't be. */
static void test_masked(void **state)
{
    (void)state;
    struct bench *b = bench_avx(BENCH_64);
    unmap_b(b);
    b->cpu->r[RBX] = PAGE_B - 8;
    bench_put(b, PAGE_B - 8, 0x2222222211111111, 8);
    b->cpu->xmm[2] = (union vec){ .d = { 0x80000000, 0x80000000, 0x7fffffff } };
    expect(b, -1, /* vmaskmovps ymm1, ymm2, [rbx] */ CODE("\xc4\xe2\x6d\x2c\x0b\xf4"));
    assert_int_equal(b->cpu->xmm[1].q[0], 0x2222222211111111);
    assert_int_equal(b->cpu->xmm[1].q[1] | b->cpu->xmm[1].q[2] | b->cpu->xmm[1].q[3], 0);
    b->cpu->xmm[2].d[2] = UINT32_MAX;
    b->cpu->xmm[1].q[0] = 77;
    expect(b, EXC_PF, /* vmaskmovps [rbx], ymm2, ymm1 */ CODE("\xc4\xe2\x6d\x2e\x0b\xf4"));
    assert_int_equal(b->cpu->cr2, PAGE_B);
    assert_int_equal(bench_get(b, PAGE_B - 8, 8), 0x2222222211111111); /* nothing is stored */
    bench_free(b);
}

/* What a gather has before a fault it keeps, and the mask tells; the instruction is resumed with the rest. */
static void test_gather_fault(void **state)
{
    (void)state;
    struct bench *b = bench_avx(BENCH_64);
    union vec *x = b->cpu->xmm;
    unmap_b(b);
    b->cpu->r[RBX] = PAGE_B - 16;
    bench_put(b, PAGE_B - 16, 0x5555555544444444, 8);
    x[1] = (union vec){ .d = { 9, 9, 9, 9, 9, 9, 9, 9 } };
    x[2] = (union vec){ .d = { 1u << 31, 1, 1u << 31, 1u << 31 } };
    x[3] = (union vec){ .d = { 1, 0, 4, 0 } };
    const u8 code[] = /* vpgatherdd xmm1, [rbx + 4 * xmm3], xmm2 */ "\xc4\xe2\x69\x90\x0c\x9b\xf4";
    expect(b, EXC_PF, code, sizeof code - 1);
    assert_int_equal(b->cpu->cr2, PAGE_B);
    assert_int_equal(b->frame_ip, BENCH_CODE);
    const union vec dst = { .d = { 0x55555555, 9, 9, 9 } }, mask = { .d = { 0, 0, UINT32_MAX, UINT32_MAX } };
    assert_memory_equal(&x[1], &dst, sizeof dst);
    assert_memory_equal(&x[2], &mask, sizeof mask);
    bench_put(b, BENCH_PTE(PAGE_B >> 12), PAGE_B | 7, 8);
    bench_put(b, PAGE_B, 0x66666666, 4);
    bench_put(b, PAGE_B - 12, 0xdead, 4); /* not read again */
    tlb_flush_all(b->cpu);
    expect(b, -1, code, sizeof code - 1);
    const union vec done = { .d = { 0x55555555, 9, 0x66666666, 0x44444444 } }, zero = { .q = { 0 } };
    assert_memory_equal(&x[1], &done, sizeof done);
    assert_memory_equal(&x[2], &zero, sizeof zero);
    bench_free(b);
}

/* ---- arithmetic with an exception unmasked: in integers, judged over all elements ---- */

static void test_exceptions(void **state)
{
    (void)state;
    struct bench *b = bench_avx(BENCH_64);
    union vec *x = b->cpu->xmm;
    x[2] = (union vec){ .f = { 1, 1, 1, 1, 1, 1, 1, 1 } };
    x[3] = (union vec){ .f = { 3, 1, 1, 1, 1, 1, 1, 0 } };
    const union vec before = x[1];
    sse_set_mxcsr(b->cpu, MXCSR_RESET & ~(MXCSR_ZE << MXCSR_MASK_SHIFT));
    expect(b, EXC_XM, /* vdivps ymm1, ymm2, ymm3 */ CODE("\xc5\xec\x5e\xcb\xf4"));
    assert_memory_equal(&x[1], &before, sizeof before);
    assert_int_equal(sse_get_mxcsr(b->cpu) & MXCSR_FLAGS, MXCSR_ZE); /* the inexact one is not reached */
    bench_free(b);
}

/* 1 + 2^-30 squared minus 1 is not representable in two steps. */
static void test_fma(void **state)
{
    (void)state;
    struct bench *b = bench_avx(BENCH_64);
    union vec *x = b->cpu->xmm;
    const double near_one = 1 + 0x1p-30;
    for (unsigned unmasked = 0; unmasked < 2; unmasked++) { /* by the host, in integers */
        sse_set_mxcsr(b->cpu, MXCSR_RESET & ~(unmasked ? MXCSR_IE << MXCSR_MASK_SHIFT : 0));
        x[1] = x[2] = (union vec){ .lf = { near_one, near_one, near_one, near_one } };
        x[3] = (union vec){ .lf = { -1, -1, -1, -1 } };
        expect(b, -1, /* vfmadd213pd ymm1, ymm2, ymm3 */ CODE("\xc4\xe2\xed\xa8\xcb\xf4"));
        for (unsigned i = 0; i < 4; i++)
            assert_true(x[1].lf[i] == 0x1p-29 + 0x1p-60);
        x[1].lf[1] = 5;
        expect(b, -1, /* vfnmsub231sd xmm1, xmm2, xmm3 */ CODE("\xc4\xe2\xe9\xbf\xcb\xf4"));
        assert_true(x[1].lf[0] == near_one - (0x1p-29 + 0x1p-60));
        assert_true(x[1].lf[1] == 5);
        assert_int_equal(x[1].q[2] | x[1].q[3], 0);
    }
    bench_free(b);
}

static void test_halves(void **state)
{
    (void)state;
    struct bench *b = bench_avx(BENCH_64);
    union vec *x = b->cpu->xmm;
    x[2] = (union vec){ .w = { 0x3c00, 0x0001, 0xfc00, 0x7bff } };
    expect(b, -1, /* vcvtph2ps xmm1, xmm2 */ CODE("\xc4\xe2\x79\x13\xca\xf4"));
    assert_true(x[1].f[0] == 1 && x[1].f[1] == 0x1p-24f && x[1].f[3] == 65504);
    assert_int_equal(x[1].d[2], 0xff800000);
    assert_int_equal(sse_get_mxcsr(b->cpu), MXCSR_RESET);
    x[1] = (union vec){ .f = { 1, 65520, 0x1p-25f, -0.5f } };
    expect(b, -1, /* vcvtps2ph xmm2, xmm1, nearest */ CODE("\xc4\xe3\x79\x1d\xca\x00\xf4"));
    assert_int_equal(x[2].q[0], 0xb80000007c003c00);
    assert_int_equal(sse_get_mxcsr(b->cpu) & MXCSR_FLAGS, MXCSR_OE | MXCSR_UE | MXCSR_PE);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_switched_on), cmocka_unit_test(test_xsetbv),       cmocka_unit_test(test_modes),
        cmocka_unit_test(test_encodings),   cmocka_unit_test(test_upper_halves), cmocka_unit_test(test_alignment),
        cmocka_unit_test(test_masked),      cmocka_unit_test(test_gather_fault), cmocka_unit_test(test_exceptions),
        cmocka_unit_test(test_fma),         cmocka_unit_test(test_halves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
