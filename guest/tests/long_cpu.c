/* long_cpu.c: 64-bit mode: registers, addresses, what is not there any more, the MSRs of FS and GS. */
#include "long.h"

#define MSR_FS_BASE 0xc0000100u
#define MSR_GS_BASE 0xc0000101u
#define MSR_KERNEL_GS_BASE 0xc0000102u
#define NOT_CANONICAL 0x0000800000000000ull
#define NOT_CANONICAL_57 0x0100000000000000ull /* where there are five levels, too */
#define APIC_TPR 0xfee00080u

static u64 words[4] __attribute__((aligned(16))) = { 1, 2, 3, 4 };

static void registers(void)
{
    u64 a, b;
    __asm__ volatile("movabsq $0x123456789abcdef0, %%r8\n"
                     "movq %%r8, %%r15\n"
                     "movq %%r15, %0\n"
                     "movl $-1, %%r15d\n"
                     "movq %%r15, %1"
                     : "=r"(a), "=r"(b)
                     :
                     : "r8", "r15");
    is(a, 0x123456789abcdef0ull, "R8 and R15 have 64 bits");
    is(b, 0xffffffffull, "a 32-bit result clears the upper half");
    u64 c = 0x1111111111111111ull;
    __asm__ volatile("movw $0, %w0" : "+r"(c));
    is(c, 0x1111111111110000ull, "a 16-bit one leaves it");
    __asm__ volatile("leaq words(%%rip), %0; movabsq $words, %1" : "=r"(a), "=r"(b));
    is(a, b, "RIP-relative addresses");
    __asm__ volatile("movq $-1, %0; movslq %k0, %0; movabsq $0x100000000, %1; lea (%k1), %1" : "=&r"(a), "=&r"(b));
    ok(a == ~0ull && b == 0, "MOVSXD; the address size of 32 bits cuts an address");
}

static void read(void *address)
{
    (void)*(volatile u64 *)address;
}

static void push_at(void *address)
{
    u64 old;
    __asm__ volatile("movq %%rsp, %0; movq %1, %%rsp; pushq %%rax; movq %0, %%rsp"
                     : "=&r"(old)
                     : "r"(address)
                     : "memory");
}

static void jump(void *address)
{
    __asm__ volatile("jmp *%0" : : "r"(address));
}

static void iret_there(void *address)
{
    __asm__ volatile("pushq %0; pushq %%rsp; pushq $2; pushq %1; pushq %2; iretq"
                     :
                     : "i"(DATA64), "i"(CODE64), "r"(address));
}

static void canonical(void)
{
    void *const bad = (void *)NOT_CANONICAL;
    ok(long_faulted(try_call(read, bad), VECTOR_GP, 0), "a read of a non-canonical address: #GP(0)");
    long_idt(VECTOR_SS)->low.count = 1; /* the handler can't use that stack, either */
    u32 got = LENIENT ? 0 : try_call(push_at, (u8 *)bad + PAGE);
    check_unless(LENIENT, long_faulted(got, VECTOR_SS, 0), "a push to one: #SS(0)", "the emulator does not check it");
    long_idt(VECTOR_SS)->low.count = 0;
    ok(long_faulted(try_call(jump, bad), VECTOR_GP, 0), "a jump to one: #GP(0)");
    got = LENIENT ? 0 : try_call(iret_there, bad);
    check_unless(LENIENT, long_faulted(got, VECTOR_GP, 0), "IRETQ to one: #GP(0)", "the emulator does not check it");
}

#define OPCODE(name, bytes)                                                                                            \
    static void name(void *arg)                                                                                        \
    {                                                                                                                  \
        (void)arg;                                                                                                     \
        __asm__ volatile(".byte " bytes);                                                                              \
    }
OPCODE(push_es, "0x06")
OPCODE(daa, "0x27")
OPCODE(pushad, "0x60")
OPCODE(into, "0xce")
OPCODE(far_jump, "0xea, 0, 0, 0, 0, 8, 0")
OPCODE(lds, "0xc5, 0x00")
#undef OPCODE

static void gone(void)
{
    static const struct {
        void (*f)(void *);
        const char *name;
    } all[] = { { push_es, "PUSH ES is #UD" },
                { daa, "DAA is #UD" },
                { pushad, "PUSHAD is #UD" },
                { into, "INTO is #UD" },
                { far_jump, "JMP ptr16:32 is #UD" } };
    for (u32 i = 0; i < ARRAY_LEN(all); i++)
        ok(try_call(all[i].f, NULL) == VECTOR_UD, all[i].name);
    (void)lds;
}

static void write_fs_base(void *v)
{
    wrmsr(MSR_FS_BASE, (u64)v);
}

static void load_fs(void *selector)
{
    __asm__ volatile("movl %k0, %%fs" : : "r"(selector));
}

static void bases(void)
{
    u64 v;
    wrmsr(MSR_FS_BASE, (u64)words);
    __asm__ volatile("movq %%fs:8, %0" : "=r"(v));
    is(v, 2, "FS_BASE is added");
    wrmsr(MSR_GS_BASE, (u64)&words[1]);
    wrmsr(MSR_KERNEL_GS_BASE, (u64)&words[2]);
    __asm__ volatile("swapgs; movq %%gs:0, %0; swapgs" : "=r"(v));
    is(v, 3, "SWAPGS brings KERNEL_GS_BASE");
    __asm__ volatile("movq %%gs:0, %0" : "=r"(v));
    is(v, 2, "... and takes it back");
    if (host() == HOST_TCG)
        tap_skip("a non-canonical FS_BASE: #GP(0)", "the emulator takes any");
    else
        ok(long_faulted(try_call(write_fs_base, (void *)NOT_CANONICAL_57), VECTOR_GP, 0),
           "a non-canonical FS_BASE: #GP(0)");
    struct segment_desc *d = long_gdt(TEST_SLOT);
    *d = segment_desc(0x1000, 0, SEG_DATA_RW, SEG_D);
    __asm__ volatile("movl %1, %%ds; movq words, %0; movl %2, %%ds" : "=&r"(v) : "r"(TEST_SLOT), "r"(DATA64));
    is(v, 1, "base and limit of DS are ignored");
    __asm__ volatile("movl %0, %%fs; movl %0, %%gs" : : "r"(DATA64));
    ok(long_faulted(try_call(load_fs, (void *)(8 * GDT_SLOTS)), VECTOR_GP, 8 * GDT_SLOTS),
       "tables have limits in long mode, too: #GP(selector)");
    *d = segment_desc(0x12345000, 0, SEG_CODE_RX, SEG_L);
    __asm__ volatile("pushq %1; pushq $1f; lretq\n"
                     "1: movl %%cs, %k0; pushq %2; pushq $2f; lretq\n"
                     "2:"
                     : "=&r"(v)
                     : "i"(TEST_SLOT), "i"(CODE64)
                     : "memory");
    is(v & 0xffff, TEST_SLOT, "so are those of CS; L makes it 64-bit code");
}

static void clear_pg(void *arg)
{
    (void)arg;
    write_cr0(read_cr0() & ~(u64)CR0_PG);
}

static void clear_pae(void *arg)
{
    (void)arg;
    write_cr4(read_cr4() & ~(u64)CR4_PAE);
}

static void clear_lme(void *arg)
{
    (void)arg;
    wrmsr(MSR_EFER, rdmsr(MSR_EFER) & ~(u64)EFER_LME);
}

static void high_cr0(void *arg)
{
    (void)arg;
    write_cr0(read_cr0() | 1ull << 32);
}

static void compare16(void *address)
{
    __asm__ volatile("cmpxchg16b (%0)" : : "D"(address), "a"(0), "b"(0), "c"(0), "d"(0) : "memory");
}

static void control_registers(void)
{
    ok(rdmsr(MSR_EFER) & EFER_LMA, "EFER.LMA: long mode is active");
    if (host() == HOST_TCG) {
        tap_skip("clearing CR4.PAE: #GP(0)", "the emulator does it");
        tap_skip("clearing CR0.PG in 64-bit code: #GP(0)", "the emulator does it");
        tap_skip("clearing EFER.LME: #GP(0)", "the emulator does it");
        tap_skip("a bit in CR0's upper half: #GP(0)", "the emulator ignores it");
    } else {
        ok(long_faulted(try_call(clear_pae, NULL), VECTOR_GP, 0), "clearing CR4.PAE: #GP(0)");
        ok(long_faulted(try_call(clear_pg, NULL), VECTOR_GP, 0), "clearing CR0.PG in 64-bit code: #GP(0)");
        ok(long_faulted(try_call(clear_lme, NULL), VECTOR_GP, 0), "clearing EFER.LME: #GP(0)");
        ok(long_faulted(try_call(high_cr0, NULL), VECTOR_GP, 0), "a bit in CR0's upper half: #GP(0)");
    }
    __asm__ volatile("movq %0, %%cr8" : : "r"(5ull));
    is(MMIO32(APIC_TPR), 0x50, "CR8 is the local APIC's task priority, bits 4 to 7");
    __asm__ volatile("movq %0, %%cr8" : : "r"(0ull));
    if (!has_ecx(ECX_CX16)) {
        tap_skip("CMPXCHG16B", "CPUID has no CX16");
        return;
    }
    ok(try_call(compare16, words) == NO_FAULT, "CMPXCHG16B");
    ok(long_faulted(try_call(compare16, &words[1]), VECTOR_GP, 0), "CMPXCHG16B of an odd address: #GP(0)");
}

void long_cpu_tests(void)
{
    registers();
    canonical();
    gone();
    bases();
    control_registers();
}
