/* long_vectors.c: XMM8 to XMM15, XSAVE and AVX where they are. */
#include "long.h"

#define CR4_OSXSAVE (1u << 18)
#define ECX_AVX 28
#define XCR0_X87 1
#define XCR0_SSE 2
#define XCR0_AVX 4
#define XSAVE_HEADER 512
#define XSAVE_YMM 576

static u8 area[4096] __attribute__((aligned(64)));

static void xsetbv(u64 v)
{
    __asm__ volatile("xsetbv" : : "c"(0), "a"((u32)v), "d"((u32)(v >> 32)));
}

static void set_none(void *arg)
{
    (void)arg;
    xsetbv(0);
}

static void vaddps(void *arg)
{
    (void)arg;
    __asm__ volatile("vaddps %ymm1, %ymm1, %ymm2");
}

static void extended_registers(void)
{
    static const u64 pattern[2] = { 0x1111222233334444ull, 0x5555666677778888ull };
    u64 got[2];
    write_cr4(read_cr4() | CR4_OSFXSR | CR4_OSXMMEXCPT);
    __asm__ volatile("movups %1, %%xmm15; xorps %%xmm7, %%xmm7; movups %%xmm15, %0" : "=m"(got) : "m"(pattern));
    ok(mem_same(got, pattern, 16), "XMM15");
    __asm__ volatile("fxsave64 %0" : "=m"(area));
    ok(mem_same(area + 160 + 15 * 16, pattern, 16), "FXSAVE: XMM15 is at byte 400");
}

static void avx(void)
{
    static const u32 ones[8] = { 1, 2, 3, 4, 5, 6, 7, 0x3f800000 };
    u32 sum[8];
    xsetbv(XCR0_X87 | XCR0_SSE);
    ok(try_call(vaddps, NULL) == VECTOR_UD, "XCR0.AVX clear: VADDPS is #UD");
    xsetbv(XCR0_X87 | XCR0_SSE | XCR0_AVX);
    __asm__ volatile("vmovups %1, %%ymm1; vaddps %%ymm1, %%ymm1, %%ymm2; vmovups %%ymm2, %0" : "=m"(sum) : "m"(ones));
    is(sum[7], 0x40000000, "VADDPS of 256 bits");
    __asm__ volatile("xsave64 %0" : "=m"(area) : "a"(XCR0_X87 | XCR0_SSE | XCR0_AVX), "d"(0));
    ok(*(u64 *)(area + XSAVE_HEADER) & XCR0_AVX, "XSAVE: the header says that AVX is in use");
    ok(mem_same(area + XSAVE_YMM + 16, &ones[4], 16), "XSAVE: YMM1's upper half is at byte 592");
    __asm__ volatile("vzeroall; xrstor64 %1; vmovups %%ymm1, %0"
                     : "=m"(sum)
                     : "m"(area), "a"(XCR0_AVX | XCR0_SSE), "d"(0));
    ok(mem_same(sum, ones, sizeof sum), "XRSTOR brings it back");
}

void long_vector_tests(void)
{
    extended_registers();
    if (!has_ecx(ECX_XSAVE)) {
        tap_skip("XSAVE", "CPUID has no XSAVE");
        return;
    }
    write_cr4(read_cr4() | CR4_OSXSAVE);
    ok(has_ecx(27), "CR4.OSXSAVE shows in CPUID");
    ok(long_faulted(try_call(set_none, NULL), VECTOR_GP, 0), "XCR0 without x87: #GP(0)");
    if (has_ecx(ECX_AVX))
        avx();
    else
        tap_skip("AVX", "CPUID has no AVX");
    xsetbv(XCR0_X87);
    write_cr4(read_cr4() & ~(u64)CR4_OSXSAVE);
}
