/* ap.S: where the other processors start: a startup IPI with vector AP_START / 4096 puts them into real mode there. */
#include "selectors.h"

#define CR0_PE 1
#define AP_STACK_SIZE 4096

        .section .rodata
        .code16
        .globl  ap_start, ap_start_end, ap_gdtr
ap_start:
        cli
        xorw    %ax, %ax
        movw    %ax, %ds
        lgdtl   AP_START + (ap_gdtr - ap_start)
        movl    %cr0, %eax
        orl     $CR0_PE, %eax
        andl    $0x9fffffff, %eax       # caches on
        movl    %eax, %cr0
        ljmpl   $CODE32, $ap_protected
ap_gdtr:
        .skip   6
ap_start_end:

        .text
        .code32
ap_protected:
        movl    $DATA32, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %fs
        movl    %eax, %gs
        movl    %eax, %ss
        movl    $1, %eax
        lock xaddl %eax, ap_tickets
        imull   $AP_STACK_SIZE, %eax, %ecx
        addl    $(ap_stacks + AP_STACK_SIZE), %ecx
        movl    %ecx, %esp
        pushl   %eax
        call    ap_main
1:      hlt
        jmp     1b

        .bss
        .balign 4096
ap_stacks:
        .skip   AP_STACK_SIZE * AP_MOST
        .globl  ap_tickets
ap_tickets:
        .skip   4

        .section .note.GNU-stack, "", @progbits
