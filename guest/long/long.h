/* long.h: what the files of the 64-bit part know of each other. */
#ifndef GUEST_LONG_H
#define GUEST_LONG_H

#include "kernel.h"
#include "tests.h"
#include "paging.h"

/* What is on the stack when long_trap() is called. In 64-bit mode SS:RSP is always there. */
struct long_frame {
    u64 r15, r14, r13, r12, r11, r10, r9, r8;
    u64 rdi, rsi, rbp, rbx, rdx, rcx, rax;
    u64 vector, error;
    u64 rip, cs, rflags, rsp, ss;
};

extern struct long_frame long_fault; /* what ended the last try */
extern u64 long_fault_cr2;
extern u64 long_frame_at; /* where its frame was */
extern struct tss64 long_tss;
extern u64 long_user_stack_end[];

u32 try_compat(void (*f)(void), void *arg);
struct gate_desc64 *long_idt(u32 vector);
/* A descriptor in the kernel's GDT. */
void *long_gdt(u32 selector);

static inline int long_faulted(u32 got, u32 vector, u64 error)
{
    return got == vector && long_fault.error == error;
}

void long_cpu_tests(void);
void long_gate_tests(void);
void long_paging_tests(void);
void long_compat_tests(void);
void long_vector_tests(void);

#endif
