/* fpu.c: x87 and SSE state: their control bits, exceptions, and saving. */
#include "tests.h"

#define FCW_INIT 0x37f
#define FCW_UNMASK_ZERO_DIVIDE 0x37b
#define FSW_ZE BIT(2)
#define MXCSR_INIT 0x1f80u
#define MXCSR_UNMASK_ZERO_DIVIDE 0x1d80u
#define XCR0_X87_SSE 3

static u8 area[4096] __attribute__((aligned(64)));

static void fnop(void *arg)
{
    (void)arg;
    __asm__ volatile("fnop");
}

static void fwait(void *arg)
{
    (void)arg;
    __asm__ volatile("fwait");
}

static void divide_by_zero(void *arg)
{
    (void)arg;
    __asm__ volatile("fld1; fldz; fdivrp; fwait");
}

static void movaps(void *arg)
{
    (void)arg;
    __asm__ volatile("xorps %xmm0, %xmm0");
}

static void sse_divide(void *arg)
{
    (void)arg;
    static const u32 one = 0x3f800000;
    __asm__ volatile("movss %0, %%xmm0; xorps %%xmm1, %%xmm1; divss %%xmm1, %%xmm0" : : "m"(one));
}

static void misaligned(void *address)
{
    __asm__ volatile("movaps (%0), %%xmm0" : : "r"(address));
}

static void load_mxcsr(void *value)
{
    u32 v = (u32)(uptr)value;
    __asm__ volatile("ldmxcsr %0" : : "m"(v));
}

static void x87(void)
{
    u16 fcw, fsw;
    __asm__ volatile("fninit; fnstcw %0; fnstsw %1" : "=m"(fcw), "=a"(fsw));
    ok(fcw == FCW_INIT && fsw == 0, "FNINIT: FCW 37F, FSW 0");
    u32 v;
    __asm__ volatile("fld1; fld1; faddp; fistpl %0" : "=m"(v));
    is(v, 2, "1 + 1");
    u32 bits[3] = { 0 };
    __asm__ volatile("fldpi; fstpt %0" : "=m"(bits));
    ok(bits[0] == 0x2168c235 && bits[1] == 0xc90fdaa2u && (bits[2] & 0xffff) == 0x4000, "FLDPI in 80 bits");
    __asm__ volatile("fld1; fldz; fdivrp; fnstsw %0; fninit" : "=a"(fsw));
    ok(fsw & FSW_ZE, "1 / 0, masked: FSW.ZE");
    u16 unmasked = FCW_UNMASK_ZERO_DIVIDE;
    write_cr0(read_cr0() | CR0_NE);
    __asm__ volatile("fldcw %0" : : "m"(unmasked));
    ok(try_call(divide_by_zero, NULL) == VECTOR_MF, "CR0.NE: unmasked, #MF at the next x87 instruction");
    __asm__ volatile("fninit");
    __asm__ volatile("fld1; fnsave %0" : "=m"(area));
    ok(*(u16 *)area == FCW_INIT && (*(u16 *)(area + 8) & 0xc000) == 0, "FNSAVE: the control word and a valid tag");
}

static void control_bits(void)
{
    write_cr4(read_cr4() | CR4_OSFXSR);
    write_cr0(read_cr0() | CR0_TS);
    ok(try_call(fnop, NULL) == VECTOR_NM, "CR0.TS: x87 is #NM");
    ok(try_call(movaps, NULL) == VECTOR_NM || !has_edx(EDX_SSE), "CR0.TS: so is SSE");
    write_cr0(read_cr0() & ~(uptr)CR0_MP);
    ok(try_call(fwait, NULL) == NO_FAULT, "CR0.TS without MP: WAIT is not");
    write_cr0(read_cr0() | CR0_MP);
    ok(try_call(fwait, NULL) == VECTOR_NM, "CR0.TS and MP: it is");
    __asm__ volatile("clts");
    ok(try_call(fnop, NULL) == NO_FAULT, "CLTS");
    write_cr0(read_cr0() | CR0_EM);
    ok(try_call(fnop, NULL) == VECTOR_NM, "CR0.EM: x87 is #NM");
    ok(try_call(movaps, NULL) == VECTOR_UD, "CR0.EM: SSE is #UD");
    write_cr0(read_cr0() & ~(uptr)CR0_EM);
}

static void sse(void)
{
    write_cr4(read_cr4() & ~(uptr)CR4_OSFXSR);
    ok(try_call(movaps, NULL) == VECTOR_UD, "CR4.OSFXSR clear: SSE is #UD");
    write_cr4(read_cr4() | CR4_OSFXSR | CR4_OSXMMEXCPT);
    ok(try_call(movaps, NULL) == NO_FAULT, "CR4.OSFXSR set: SSE runs");
    u32 mxcsr = MXCSR_INIT, v[4] = { 0x3f800000, 0x40000000, 0x40400000, 0x40800000 }, sum[4];
    __asm__ volatile("ldmxcsr %2; movups %1, %%xmm0; addps %%xmm0, %%xmm0; movups %%xmm0, %0"
                     : "=m"(sum)
                     : "m"(v), "m"(mxcsr));
    ok(sum[0] == 0x40000000 && sum[3] == 0x41000000, "ADDPS");
    ok(faulted(try_call(misaligned, area + 4), VECTOR_GP, 0), "MOVAPS of an odd address: #GP(0)");
    if (host() == HOST_TCG) {
        tap_skip("LDMXCSR with a reserved bit: #GP(0)", "the emulator takes any value");
        tap_skip("an unmasked SIMD exception: #XM", "the emulator has no SIMD exceptions");
        return;
    }
    ok(faulted(try_call(load_mxcsr, (void *)0x80000000u), VECTOR_GP, 0), "LDMXCSR with a reserved bit: #GP(0)");
    mxcsr = MXCSR_UNMASK_ZERO_DIVIDE;
    __asm__ volatile("ldmxcsr %0" : : "m"(mxcsr));
    ok(try_call(sse_divide, NULL) == VECTOR_XM, "an unmasked SIMD exception: #XM");
    mxcsr = MXCSR_INIT;
    __asm__ volatile("ldmxcsr %0" : : "m"(mxcsr));
}

static void save_and_restore(void)
{
    static const u32 pattern[4] = { 0x01234567, 0x89abcdef, 0xdeadbeef, 0x600df00d };
    u32 got[4];
    __asm__ volatile("movups %1, %%xmm3; fninit; fld1; fxsave %0; fninit; xorps %%xmm3, %%xmm3"
                     : "=m"(area)
                     : "m"(pattern));
    ok(mem_same(area + 160 + 48, pattern, 16), "FXSAVE: XMM3 is at byte 208");
    is(*(u16 *)(area + 32 + 8), 0x3fff, "FXSAVE: ST0's exponent is at byte 40");
    u32 v;
    __asm__ volatile("fxrstor %2; movups %%xmm3, %0; fistpl %1" : "=m"(got), "=m"(v) : "m"(area));
    ok(mem_same(got, pattern, 16) && v == 1, "FXRSTOR brings them back");
    u64 mm = 0x1122334455667788ull;
    u16 exponent;
    __asm__ volatile("movq %2, %%mm0; fxsave %0; emms; movw 40+%0, %1" : "=m"(area), "=r"(exponent) : "m"(mm));
    check_unless(ON_QEMU, exponent == 0xffff, "an MMX register's exponent is FFFF", "the emulator leaves it");
    ok(mem_same(area + 32, &mm, 8), "... its bits are ST0's mantissa");
}

void fpu_tests(void)
{
    if (!has_edx(EDX_FPU)) {
        tap_skip("the FPU", "CPUID has no FPU");
        return;
    }
    write_cr0((read_cr0() | CR0_MP | CR0_NE) & ~(uptr)(CR0_EM | CR0_TS));
    x87();
    if (!has_edx(EDX_SSE) || !has_edx(EDX_FXSR)) {
        tap_skip("SSE", "CPUID has no SSE");
        return;
    }
    control_bits();
    sse();
    save_and_restore();
    __asm__ volatile("fninit");
}
