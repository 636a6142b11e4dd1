/* system.S: kernels of long mode that work the processor's system parts: TLB, CR3, SYSCALL, gates, page faults, ports. */
#include "bench.h"
        .code64

        .set    VECTOR_PF, 14
        .set    VECTOR_SYSTEM, 0x80
        .set    GATE_INTERRUPT, 0x8e00
        .set    SYSTEM_CALLS, 4

/* Random words of 64 MiB in 4 KiB pages. */
KERNEL "tlb-random", MODE_64, 200000, 1, "access"
        movl    $1, %eax
1:      imull   $1103515245, %eax, %eax
        addl    $12345, %eax
        movl    %eax, %ecx
        shrl    $6, %ecx
        andl    $HIGH_SIZE - 8, %ecx
        addq    %rax, HIGH(%rcx)
        decl    %ebx
        jnz     1b
        ret

/* Two address spaces in turn, 16 pages touched in each, as between two processes. */
KERNEL "tlb-cr3", MODE_64, 8000, 2, "switch"
        movl    $PML4, %esi
        movl    $PML4_OTHER, %edi
1:      movq    %rdi, %cr3
        call    touch
        movq    %rsi, %cr3
        call    touch
        decl    %ebx
        jnz     1b
        ret
touch:  movl    $HIGH, %edx
        movl    $16, %ecx
1:      movq    (%rdx), %rax
        incq    8(%rdx)
        addq    $0x1000 + 64, %rdx
        decl    %ecx
        jnz     1b
        ret

/* System calls from CPL 3, entered and left as a kernel does: SWAPGS, a stack of its own, a table. */
KERNEL "syscall", MODE_64, 300000, 1, "round trip"
        movl    $MSR_STAR, %ecx
        xorl    %eax, %eax
        movl    $SEL_CODE64 | (SEL_CODE32 | 3) << 16, %edx
        wrmsr
        movl    $MSR_LSTAR, %ecx
        movl    $system_entry, %eax
        xorl    %edx, %edx
        wrmsr
        movl    $MSR_FMASK, %ecx
        movl    $0x700, %eax
        wrmsr
        movl    $MSR_GS_BASE, %ecx
        movl    $BUFFER2, %eax
        wrmsr
        movl    $MSR_KERNEL_GS_BASE, %ecx
        movl    $BUFFER, %eax
        wrmsr
        movq    $SYSCALL_STACK, BUFFER
        movq    %rsp, BUFFER + 16
        movl    $USER_STACK, %esp
        movl    $user, %ecx
        movl    $0x2, %r11d
        sysretq
user:   movl    $1, %eax
        movl    %ebx, %edi
        syscall
        decl    %ebx
        jnz     user
        xorl    %eax, %eax
        syscall
system_entry:
        swapgs
        movq    %rsp, %gs:8
        movq    %gs:0, %rsp
        pushq   %rcx
        pushq   %r11
        pushq   %rbx
        cmpl    $SYSTEM_CALLS, %eax
        jae     1f
        call    *system_table(, %rax, 8)
1:      popq    %rbx
        popq    %r11
        popq    %rcx
        movq    %gs:8, %rsp
        swapgs
        sysretq
system_leave:
        movq    BUFFER + 16, %rsp       # back to the kernel's caller
        movw    $SEL_DATA, %ax
        movw    %ax, %ss
        ret
system_work:
        leal    (%rdi, %rdi), %eax
        ret
        .section .rodata, "a"
        .balign 8
system_table:
        .quad   system_leave, system_work, system_work, system_work

/* An interrupt gate at the same privilege, and back by IRETQ. */
KERNEL "int-gate", MODE_64, 60000, 1, "round trip"
        movl    $gate_handler, %eax
        movl    $IDT + VECTOR_SYSTEM * 16, %edx
        call    set_gate
1:      int     $VECTOR_SYSTEM
        decl    %ebx
        jnz     1b
        ret
gate_handler:
        incl    %esi
        iretq

/* A page that is not there, met, skipped. */
KERNEL "page-fault", MODE_64, 60000, 1, "fault"
        movl    $fault_handler, %eax
        movl    $IDT + VECTOR_PF * 16, %edx
        call    set_gate
1:      movl    UNMAPPED, %eax          # seven bytes
        decl    %ebx
        jnz     1b
        ret
fault_handler:
        pushq   %rax
        movq    %cr2, %rax
        addq    $7, 16(%rsp)
        popq    %rax
        addq    $8, %rsp
        iretq
/* RAX: the handler, RDX: its gate. */
set_gate:
        movw    %ax, (%rdx)
        movw    $SEL_CODE64, 2(%rdx)
        movw    $GATE_INTERRUPT, 4(%rdx)
        shrl    $16, %eax
        movw    %ax, 6(%rdx)
        movq    $0, 8(%rdx)
        ret

/* Ports: POST codes out, the system control port in. */
KERNEL "port-io", MODE_64, 600000, 2, "access"
1:      movl    %ebx, %eax
        outb    %al, $0x80
        inb     $0x61, %al
        decl    %ebx
        jnz     1b
        ret
