/* integer.S: kernels of long mode: arithmetic, copying, calls, branches. */
#include "bench.h"
        .code64

/* Register arithmetic: eleven instructions round. */
KERNEL "int-loop", MODE_64, 6000, 1000, "round"
1:      movl    $1000, %ecx
2:      leaq    3(%rax, %rax, 4), %rdx
        xorq    %rdx, %rax
        movq    %rax, %rsi
        shrq    $7, %rsi
        addq    %rsi, %rdi
        imulq   $1103515245, %rdi, %rdi
        subq    %rdx, %rdi
        andl    $0xffff, %edx
        addq    %rdx, %r8
        decl    %ecx
        jnz     2b
        decl    %ebx
        jnz     1b
        ret

/* A compression round of a hash, as compilers write it: rotations, 32-bit logic, an array of constants. */
KERNEL "int-hash", MODE_64, 40000, 64, "round"
1:      xorl    %ecx, %ecx
2:      movl    %eax, %edx
        movl    %eax, %esi
        rorl    $6, %edx
        rorl    $11, %esi
        xorl    %esi, %edx
        movl    %eax, %esi
        rorl    $25, %esi
        xorl    %esi, %edx
        movl    %r8d, %esi
        xorl    %r9d, %esi
        andl    %eax, %esi
        xorl    %r9d, %esi
        addl    %esi, %edx
        addl    BUFFER(, %rcx, 4), %edx
        addl    %edx, %r10d
        movl    %r9d, %r11d
        movl    %r8d, %r9d
        movl    %eax, %r8d
        leal    (%r10, %rdx), %eax
        movl    %eax, BUFFER2(, %rcx, 4)
        addl    $1, %ecx
        cmpl    $64, %ecx
        jne     2b
        decl    %ebx
        jnz     1b
        ret

/* ---- copying ---- */

KERNEL "copy-rep", MODE_64, 10000, 16384, "byte"
1:      movl    $BUFFER, %esi
        movl    $BUFFER2, %edi
        movl    $2048, %ecx
        rep movsq
        decl    %ebx
        jnz     1b
        ret

/* Short runs at odd addresses. */
KERNEL "copy-rep-short", MODE_64, 500000, 39, "byte"
1:      movl    $BUFFER + 3, %esi
        movl    $BUFFER2 + 1, %edi
        movl    $27, %ecx
        rep movsb
        movl    $3, %ecx
        xorl    %eax, %eax
        rep stosl
        decl    %ebx
        jnz     1b
        ret

KERNEL "copy-loop", MODE_64, 5000, 16384, "byte"
1:      movl    $BUFFER, %esi
        movl    $BUFFER2, %edi
        xorl    %ecx, %ecx
2:      movq    (%rsi, %rcx), %rax
        movq    %rax, (%rdi, %rcx)
        addq    $8, %rcx
        cmpq    $16384, %rcx
        jne     2b
        decl    %ebx
        jnz     1b
        ret

KERNEL "copy-loop-bytes", MODE_64, 2000, 4096, "byte"
1:      movl    $BUFFER, %esi
        movl    $BUFFER2, %edi
        movl    $4096, %ecx
2:      movzbl  (%rsi), %eax
        incq    %rsi
        movb    %al, (%rdi)
        incq    %rdi
        decl    %ecx
        jnz     2b
        decl    %ebx
        jnz     1b
        ret

/* ---- calls ---- */

KERNEL "call-direct", MODE_64, 1000000, 4, "call"
1:      movl    %ebx, %edi
        call    leaf
        movl    %eax, %edi
        call    leaf
        call    framed
        decl    %ebx
        jnz     1b
        ret
leaf:   leal    7(%rdi, %rdi, 2), %eax
        ret
framed: pushq   %rbp
        movq    %rsp, %rbp
        pushq   %rbx
        subq    $16, %rsp
        movq    %rax, -16(%rbp)
        movl    %eax, %edi
        call    leaf
        addq    -16(%rbp), %rax
        addq    $16, %rsp
        popq    %rbx
        popq    %rbp
        ret

/* Through a table, as a driver's or an interpreter's calls go: eight targets, in an order without a short period. */
KERNEL "call-indirect", MODE_64, 1500000, 1, "call"
        movl    $1, %eax
1:      imull   $1103515245, %eax, %eax
        addl    $12345, %eax
        movl    %eax, %ecx
        shrl    $29, %ecx
        call    *targets(, %rcx, 8)
        decl    %ebx
        jnz     1b
        ret
        .irp    n, 0, 1, 2, 3, 4, 5, 6, 7
target\n: addl  $\n, %edx
        ret
        .balign 16
        .endr
        .section .rodata, "a"
        .balign 8
targets:
        .quad   target0, target1, target2, target3, target4, target5, target6, target7

/* Fibonacci numbers the slow way: 21,891 calls a pass. */
KERNEL "call-recursive", MODE_64, 150, 21891, "call"
1:      movl    $20, %edi
        call    fib
        decl    %ebx
        jnz     1b
        ret
fib:    cmpl    $1, %edi
        ja      1f
        movl    %edi, %eax
        ret
1:      pushq   %rbx
        pushq   %rbp
        movl    %edi, %ebx
        leal    -1(%rdi), %edi
        call    fib
        movl    %eax, %ebp
        leal    -2(%rbx), %edi
        call    fib
        addl    %ebp, %eax
        popq    %rbp
        popq    %rbx
        ret

/* ---- branches ---- */

/* Conditions that the bits of a random number decide. */
KERNEL "branch-random", MODE_64, 2000000, 5, "branch"
        movl    $1, %eax
1:      imull   $1103515245, %eax, %eax
        addl    $12345, %eax
        testl   $0x10000, %eax
        jz      2f
        addl    $3, %edx
2:      testl   $0x200000, %eax
        jnz     3f
        subl    $5, %edx
        jmp     4f
3:      xorl    %eax, %edx
4:      cmpl    $0x40000000, %eax
        jg      5f
        incl    %esi
5:      testb   %dl, %dl
        js      6f
        incl    %edi
6:      decl    %ebx
        jnz     1b
        ret

/* Insertion sort of 256 random numbers. */
KERNEL "branch-sort", MODE_64, 400, 256, "number"
1:      movl    $1, %eax                # the numbers
        xorl    %ecx, %ecx
2:      imull   $1103515245, %eax, %eax
        addl    $12345, %eax
        movl    %eax, BUFFER(, %rcx, 4)
        incl    %ecx
        cmpl    $256, %ecx
        jne     2b
        movl    $1, %ecx                # the sort
3:      movl    BUFFER(, %rcx, 4), %eax
        movl    %ecx, %edx
4:      movl    BUFFER - 4(, %rdx, 4), %esi
        cmpl    %eax, %esi
        jle     5f
        movl    %esi, BUFFER(, %rdx, 4)
        decl    %edx
        jnz     4b
5:      movl    %eax, BUFFER(, %rdx, 4)
        incl    %ecx
        cmpl    $256, %ecx
        jne     3b
        decl    %ebx
        jnz     1b
        ret
