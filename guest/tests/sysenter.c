/* sysenter.c: SYSENTER and SYSEXIT, the quick way into ring 0, without a gate or a memory access. */
#include "tests.h"

extern u8 sysenter_entry[];
extern u32 user_stack_end;
static volatile u32 entered_cs, entered_ss, entered_flags;
static u8 stack[1024];

/* In ring 0: look, and back to ring 3 at EDX with the stack of ECX. */
__asm__(".globl sysenter_entry\n"
        "sysenter_entry: movl %cs, %eax\n"
        "movl %eax, entered_cs\n"
        "movl %ss, %eax\n"
        "movl %eax, entered_ss\n"
        "pushfl\n"
        "popl entered_flags\n"
        "sysexit\n");

static void enter(void *arg)
{
    u32 *cs = arg;
    __asm__ volatile("movl %%esp, %%ecx\n"
                     "movl $1f, %%edx\n"
                     "sysenter\n"
                     "1: movl %%cs, %0"
                     : "=a"(*cs)
                     :
                     : "ecx", "edx", "memory");
}

static void exit_from_user(void *arg)
{
    (void)arg;
    __asm__ volatile("sysexit");
}

void sysenter_tests(void)
{
    u32 cs = 0;
    if (!has_edx(EDX_SEP)) {
        tap_skip("SYSENTER", "CPUID has no SEP");
        return;
    }
    wrmsr(MSR_SYSENTER_CS, 0);
    ok(faulted(try_user(enter, &cs), VECTOR_GP, 0), "SYSENTER with SYSENTER_CS 0: #GP(0)");
    wrmsr(MSR_SYSENTER_CS, CODE32);
    wrmsr(MSR_SYSENTER_ESP, (u32)(uptr)(stack + sizeof stack));
    wrmsr(MSR_SYSENTER_EIP, (u32)(uptr)sysenter_entry);
    is(rdmsr(MSR_SYSENTER_EIP), (u32)(uptr)sysenter_entry, "SYSENTER_EIP reads back");
    ok(try_user(enter, &cs) == VECTOR_RETURN, "SYSENTER and SYSEXIT");
    ok(entered_cs == CODE32 && entered_ss == DATA32, "... CS and SS follow from SYSENTER_CS");
    ok(!(entered_flags & FLAG_IF), "... IF is clear");
    is(cs, USER_CODE32, "... SYSEXIT leads to ring 3, two descriptors on");
    ok(faulted(try_user(exit_from_user, NULL), VECTOR_GP, 0), "SYSEXIT in ring 3: #GP(0)");
}
