/* long_gates.c: long mode's interrupts (gates of 16 bytes, IST), call gates, SYSCALL and SYSRET. */
#include "long.h"

#define MSR_STAR 0xc0000081u
#define MSR_LSTAR 0xc0000082u
#define MSR_SFMASK 0xc0000084u
#define STAR (((u64)(USER_CODE32) << 48) | (u64)CODE64 << 32) /* SYSRET: +16 is 64-bit code, +8 the stack */

extern u8 long_syscall[], long_call_gate[];
volatile u64 long_seen_cs, long_seen_ss, long_seen_rcx, long_seen_r11, long_seen_flags, long_seen_rsp, long_user_rsp;

__asm__(".globl long_syscall, long_call_gate\n"
        "long_syscall: movq %cs, %rax\n"
        "movq %rax, long_seen_cs\n"
        "movq %ss, %rax\n"
        "movq %rax, long_seen_ss\n"
        "movq %rcx, long_seen_rcx\n"
        "movq %r11, long_seen_r11\n"
        "movq %rsp, long_user_rsp\n"
        "movq $long_syscall_stack_end, %rsp\n"
        "pushfq\n"
        "popq long_seen_flags\n"
        "movq long_user_rsp, %rsp\n"
        "sysretq\n"
        "long_call_gate: movq %cs, %rax\n"
        "movq %rax, long_seen_cs\n"
        "movq %ss, %rax\n"
        "movq %rax, long_seen_ss\n"
        "movq 24(%rsp), %rax\n"
        "movq %rax, long_seen_rsp\n"
        "lretq\n"
        ".bss\n"
        ".balign 16\n"
        ".skip 1024\n"
        "long_syscall_stack_end:\n"
        ".text\n");

static void breakpoint(void *arg)
{
    (void)arg;
    __asm__ volatile("int3");
}

static void breakpoint_odd(void *arg)
{
    (void)arg;
    __asm__ volatile("subq $7, %rsp; int3");
}

static void int_free(void *arg)
{
    (void)arg;
    __asm__ volatile("int $0x50");
}

static void int_private(void *arg)
{
    (void)arg;
    __asm__ volatile("int $0x81");
}

static void interrupts(void)
{
    ok(try_call(breakpoint, NULL) == VECTOR_BP && long_fault.ss == DATA64,
       "INT3 through a gate of 16 bytes; SS:RSP is in the frame");
    ok(try_call(breakpoint_odd, NULL) == VECTOR_BP && (long_frame_at + sizeof(struct long_frame)) % 16 == 0,
       "the frame is aligned to 16 bytes");
    long_idt(VECTOR_FREE)->low.count = 1;
    ok(try_call(int_free, NULL) == VECTOR_FREE && long_frame_at + sizeof(struct long_frame) == long_tss.ist[0],
       "IST: the handler's stack is IST1");
    long_idt(VECTOR_FREE)->low.count = 0;
    ok(try_user(breakpoint, NULL) == VECTOR_BP && long_fault.cs == USER_CODE64 &&
           long_frame_at + sizeof(struct long_frame) == (long_tss.rsp[0] & ~15ull),
       "from ring 3: the stack is RSP0");
    u32 got = try_user(int_private, NULL);
    if (host() == HOST_TCG)
        tap_skip("a gate of DPL 0 from ring 3: #GP(vector * 8 + 2)", "the emulator has vector * 16 + 2");
    else
        ok(long_faulted(got, VECTOR_GP, 0x81 * 8 + 2), "a gate of DPL 0 from ring 3: #GP(vector * 8 + 2)");
    long_idt(VECTOR_GP)->low.access &= (u8)~SEG_P;
    got = try_user(int_private, NULL);
    long_idt(VECTOR_GP)->low.access |= SEG_P;
    ok(long_faulted(got, VECTOR_DF, 0), "a double fault, error code 0");
    ok(long_frame_at + sizeof(struct long_frame) == long_tss.ist[0], "... on IST1");
    long_idt(VECTOR_FREE)->low.selector = CODE32;
    ok(long_faulted(try_call(int_free, NULL), VECTOR_GP, CODE32), "a gate to 32-bit code: #GP(its selector)");
    long_idt(VECTOR_FREE)->low.selector = CODE64;
    long_idt(VECTOR_FREE)->offset_32_63 = 0x8000;
    got = try_call(int_free, NULL);
    check_unless(LENIENT, long_faulted(got, VECTOR_GP, 0), "Offset 32..63: a gate to a non-canonical address: #GP(0)",
                 "the emulator does not check it");
    long_idt(VECTOR_FREE)->offset_32_63 = 0;
}

static void call_gate(void *arg)
{
    (void)arg;
    const struct {
        u32 offset;
        u16 selector;
    } PACKED target = { 0, CALL_GATE | RPL3 };
    __asm__ volatile("movq %%rsp, long_user_rsp; lcall *(%0)" : : "c"(&target), "m"(target) : "rax", "memory");
}

static void call_gates(void)
{
    const u64 entry = (u64)long_call_gate;
    struct gate_desc64 g = { gate_desc(CODE64, (u32)entry, SEG_P | SEG_DPL3 | SYS_CALL_GATE, 0), (u32)(entry >> 32),
                             0 };
    mem_copy(long_gdt(CALL_GATE), &g, sizeof g);
    ok(try_user(call_gate, NULL) == VECTOR_RETURN && long_seen_cs == CODE64,
       "a call gate of 16 bytes, ring 3 to ring 0");
    check_unless(LENIENT, long_seen_ss == 0, "... SS is null in ring 0", "the emulator does not check it");
    is(long_seen_rsp, USER_DATA64, "... the caller's SS is on the new stack");
}

static void do_syscall(void *arg)
{
    u64 *cs = arg;
    __asm__ volatile("syscall; movq %%cs, %0; movq %%ss, %%rcx; movq %%rcx, %1"
                     : "=a"(cs[0]), "=m"(cs[1])
                     :
                     : "rcx", "r11", "memory");
}

static void system_calls(void)
{
    u64 user[2] = { 0 };
    if (!has_extended_edx(EXT_SYSCALL)) {
        tap_skip("SYSCALL", "CPUID has no SYSCALL");
        return;
    }
    wrmsr(MSR_EFER, rdmsr(MSR_EFER) & ~(u64)EFER_SCE);
    ok(try_user(do_syscall, user) == VECTOR_UD, "SYSCALL with EFER.SCE clear is #UD");
    wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE);
    wrmsr(MSR_STAR, STAR);
    wrmsr(MSR_LSTAR, (u64)long_syscall);
    wrmsr(MSR_SFMASK, FLAG_CF | FLAG_IF);
    ok(try_user(do_syscall, user) == VECTOR_RETURN, "SYSCALL and SYSRET");
    ok(long_seen_cs == CODE64 && long_seen_ss == DATA64, "... CS and SS follow from STAR[47:32]");
    ok(user[0] == USER_CODE64 && user[1] == USER_DATA32, "... SYSRET's from STAR[63:48]");
    ok(*(u16 *)(long_seen_rcx - 2) == 0x050f, "... RCX is the address behind SYSCALL");
    ok(long_seen_r11 & 2 && !(long_seen_flags & (FLAG_CF | FLAG_IF)), "... R11 is RFLAGS; SFMASK clears what it names");
}

void long_gate_tests(void)
{
    interrupts();
    call_gates();
    system_calls();
}
