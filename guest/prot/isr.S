/* isr.S: the way in for all 256 vectors: one stub each, which sees to it that there is an error code and the vector's
 * number on the stack; then all registers, then trap(). */
#include "selectors.h"

        .code32
        .text
        .globl  isr_stubs
        .balign 16
isr_stubs:
        .set    n, 0
        .rept   256
        .if     n == 8 || n == 10 || n == 11 || n == 12 || n == 13 || n == 14 || n == 17
        .else
        pushl   $0
        .endif
        pushl   $n
        jmp     common
        .balign 16
        .set    n, n + 1
        .endr

common: pushal
        pushl   %ds
        pushl   %es
        pushl   %fs
        pushl   %gs
        movl    $DATA32, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %fs
        movl    %eax, %gs
        cld
        pushl   %esp
        call    trap
        addl    $4, %esp
        popl    %gs
        popl    %fs
        popl    %es
        popl    %ds
        popal
        addl    $8, %esp
        iretl

        .section .note.GNU-stack, "", @progbits
