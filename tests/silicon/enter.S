/* enter.S: into a user program and out of it without the kernel: what a signal frame would carry is loaded and stored by
 * hand. Far jumps, and not IRET, change the code segment: IRET to a 16-bit stack segment would leave the upper bits of
 * ESP as ours. No instruction after the flags are loaded, and before they are stored, changes any. */
#include "frame.h"

#define F(offset) host_frame + (offset)(%rip)

        .text
        .globl  host_enter, host_leave, host_return
        .hidden host_enter, host_leave, host_return

host_enter:
        push    %rbx
        push    %rbp
        push    %r12
        push    %r13
        push    %r14
        push    %r15
        mov     %rsp, F(FRAME_OWN_RSP)
        cmpq    $0, F(FRAME_AVX)
        je      5f
        mov     $FRAME_COMPONENTS, %eax
        xor     %edx, %edx
        xrstor64 F(FRAME_FX)
        jmp     6f
5:      fxrstor64 F(FRAME_FX)
6:
        movzwl  F(FRAME_SEL + 2 * 0), %eax
        mov     %eax, %es
        movzwl  F(FRAME_SEL + 2 * 3), %eax
        mov     %eax, %ds
        movzwl  F(FRAME_SEL + 2 * 5), %eax
        mov     %eax, %gs
        cmpq    $0, F(FRAME_FSGSBASE)
        je      2f
        testl   $~3, %eax
        jnz     1f
        mov     F(FRAME_GS_BASE), %rcx
        wrgsbase %rcx
1:      movzwl  F(FRAME_SEL + 2 * 4), %eax
        mov     %eax, %fs
        testl   $~3, %eax
        jnz     2f
        mov     F(FRAME_FS_BASE), %rcx
        wrfsbase %rcx
2:      movzwl  F(FRAME_SEL + 2 * 2), %eax
        mov     %eax, %ss
        pushq   F(FRAME_FLAGS)
        popfq
        mov     F(FRAME_R + 8 * 0), %rax
        mov     F(FRAME_R + 8 * 1), %rcx
        mov     F(FRAME_R + 8 * 2), %rdx
        mov     F(FRAME_R + 8 * 3), %rbx
        mov     F(FRAME_R + 8 * 5), %rbp
        mov     F(FRAME_R + 8 * 6), %rsi
        mov     F(FRAME_R + 8 * 7), %rdi
        mov     F(FRAME_R + 8 * 8), %r8
        mov     F(FRAME_R + 8 * 9), %r9
        mov     F(FRAME_R + 8 * 10), %r10
        mov     F(FRAME_R + 8 * 11), %r11
        mov     F(FRAME_R + 8 * 12), %r12
        mov     F(FRAME_R + 8 * 13), %r13
        mov     F(FRAME_R + 8 * 14), %r14
        mov     F(FRAME_R + 8 * 15), %r15
        mov     F(FRAME_R + 8 * 4), %rsp
        ljmp    *F(FRAME_FAR)

host_leave:
        mov     %rax, F(FRAME_R + 8 * 0)
        mov     %rcx, F(FRAME_R + 8 * 1)
        mov     %rdx, F(FRAME_R + 8 * 2)
        mov     %rbx, F(FRAME_R + 8 * 3)
        mov     %rsp, F(FRAME_R + 8 * 4)
        mov     %rbp, F(FRAME_R + 8 * 5)
        mov     %rsi, F(FRAME_R + 8 * 6)
        mov     %rdi, F(FRAME_R + 8 * 7)
        mov     %r8, F(FRAME_R + 8 * 8)
        mov     %r9, F(FRAME_R + 8 * 9)
        mov     %r10, F(FRAME_R + 8 * 10)
        mov     %r11, F(FRAME_R + 8 * 11)
        mov     %r12, F(FRAME_R + 8 * 12)
        mov     %r13, F(FRAME_R + 8 * 13)
        mov     %r14, F(FRAME_R + 8 * 14)
        mov     %r15, F(FRAME_R + 8 * 15)
        mov     F(FRAME_OWN_RSP), %rsp
        pushfq
        popq    F(FRAME_FLAGS)
        pushq   $0x202
        popfq
        mov     %ss, %eax
        mov     %ax, F(FRAME_SEL + 2 * 2)
        mov     $0x2b, %eax
        mov     %eax, %ss
        mov     %es, %eax
        mov     %ax, F(FRAME_SEL + 2 * 0)
        mov     %ds, %eax
        mov     %ax, F(FRAME_SEL + 2 * 3)
        mov     %fs, %eax
        mov     %ax, F(FRAME_SEL + 2 * 4)
        mov     %gs, %eax
        mov     %ax, F(FRAME_SEL + 2 * 5)
        cmpq    $0, F(FRAME_FSGSBASE)
        je      3f
        rdfsbase %rax
        mov     %rax, F(FRAME_FS_BASE)
        rdgsbase %rax
        mov     %rax, F(FRAME_GS_BASE)
        xor     %eax, %eax
        mov     %eax, %fs
        mov     F(FRAME_OWN_FS_BASE), %rax
        wrfsbase %rax
3:      cmpq    $0, F(FRAME_AVX)
        je      7f
        mov     $FRAME_COMPONENTS, %eax
        xor     %edx, %edx
        xsave64 F(FRAME_FX)
        vzeroupper
        jmp     8f
7:      fxsave64 F(FRAME_FX)
8:      fninit
        ldmxcsr own_mxcsr(%rip)
        xor     %eax, %eax
        jmp     4f

/* From a signal handler, without going back to what it interrupted. */
host_return:
        mov     F(FRAME_OWN_RSP), %rsp
        mov     %edi, %eax
4:      pop     %r15
        pop     %r14
        pop     %r13
        pop     %r12
        pop     %rbp
        pop     %rbx
        ret

        .section .rodata
        .balign 4
own_mxcsr:
        .long   0x1f80

        .section .note.GNU-stack,"",@progbits
