/* start.S: the 64-bit part's way in and out, its interrupt stubs, its tries. */
#include "../prot/selectors.h"

#define NO_FAULT 0x100
#define TSS64_RSP0 4

        .code64
        .section .start, "ax"
/* From long/enter.S; EDI is the 32-bit address to go back to. */
        .globl  long_entry
long_entry:
        movl    $DATA64, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %fs
        movl    %eax, %gs
        movl    %eax, %ss
        movl    $long_stack_end, %esp
        movl    %edi, %edi
        pushq   %rdi
        subq    $8, %rsp
        call    long_main
        addq    $8, %rsp
        popq    %rdi
        pushq   $CODE32
        pushq   %rdi
        lretq

        .text
        .globl  long_stubs
        .balign 16
long_stubs:
        .set    n, 0
        .rept   256
        .if     n == 8 || n == 10 || n == 11 || n == 12 || n == 13 || n == 14 || n == 17
        .else
        pushq   $0
        .endif
        pushq   $n
        jmp     common
        .balign 16
        .set    n, n + 1
        .endr

common: pushq   %rax
        pushq   %rcx
        pushq   %rdx
        pushq   %rbx
        pushq   %rbp
        pushq   %rsi
        pushq   %rdi
        pushq   %r8
        pushq   %r9
        pushq   %r10
        pushq   %r11
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        cld
        movq    %rsp, %rdi
        movq    %rsp, %rbp
        andq    $-16, %rsp
        call    long_trap
        movq    %rbp, %rsp
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %r11
        popq    %r10
        popq    %r9
        popq    %r8
        popq    %rdi
        popq    %rsi
        popq    %rbp
        popq    %rbx
        popq    %rdx
        popq    %rcx
        popq    %rax
        addq    $16, %rsp
        iretq

/* u32 try_call(void (*f)(void *), void *arg) */
        .globl  try_call, try_user, try_end, try_compat
try_call:
        call    enter_try
        movq    %rdi, %rax
        movq    %rsi, %rdi
        call    *%rax
        movl    $NO_FAULT, %edi
/* void try_end(u32 vector) */
try_end:
        movq    try_rsp, %rsp
        movl    $DATA64, %eax
        movl    %eax, %ss
        movl    %eax, %ds
        movl    %eax, %es
        pushq   $CODE64
        pushq   $1f
        lretq
1:      popq    try_rsp
        movl    %edi, %eax
        popfq
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %rbp
        popq    %rbx
        ret

/* Saves what the ABI asks for; the stack is then try_end()'s, and 16-byte aligned. */
enter_try:
        popq    %rax
        pushq   %rbx
        pushq   %rbp
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        pushfq
        pushq   try_rsp
        movq    %rsp, try_rsp
        subq    $8, %rsp
        jmp     *%rax

/* u32 try_user(void (*f)(void *), void *arg): in ring 3, 64-bit code. */
try_user:
        call    enter_try
        movq    %rsp, long_tss + TSS64_RSP0
        movl    $long_user_stack_end - 8, %edx
        movq    $user_return, (%rdx)
        pushq   $USER_DATA64
        pushq   %rdx
        pushq   $2
        pushq   $USER_CODE64
        pushq   %rdi
        movq    %rsi, %rdi
        iretq
user_return:
        int     $0x80

/* u32 try_compat(void (*f)(void *), void *arg): in ring 3, compatibility mode; EBX is arg. */
try_compat:
        call    enter_try
        movq    %rsp, long_tss + TSS64_RSP0
        movl    $USER_DATA32, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    $long_user_stack_end - 16, %edx
        pushq   $USER_DATA32
        pushq   %rdx
        pushq   $2
        pushq   $USER_CODE32
        pushq   %rdi
        movq    %rsi, %rbx
        iretq

        .bss
        .balign 4096
        .skip   32768
long_stack_end:
        .skip   8192
        .globl  long_user_stack_end
long_user_stack_end:
        .globl  try_rsp
try_rsp:
        .skip   8

        .section .note.GNU-stack, "", @progbits
