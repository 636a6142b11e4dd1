/* enter.S: from 32-bit protected mode up to long mode and back. Part of the 32-bit kernel.
 *
 * The way up (Intel SDM vol. 3, 9.8.5): paging off, CR4.PAE, CR3 = the four-level table, EFER.LME, CR0.PG (which sets
 * EFER.LMA: compatibility mode), a far jump to a code segment with L set. The way down is the same in reverse. */
#include "../prot/selectors.h"

#define CR0_PG 0x80000000
#define CR4_PAE 0x20
#define MSR_EFER 0xc0000080
#define EFER_LME 0x100

        .code32
        .text
/* void long_run(u32 cr3): runs the 64-bit part. */
        .globl  long_run
long_run:
        pushal
        pushfl
        cli
        movl    40(%esp), %ebx
        sidt    saved_idtr
        movl    %esp, saved_esp
        movl    %cr4, %eax
        movl    %eax, saved_cr4
        orl     $CR4_PAE, %eax
        movl    %eax, %cr4
        movl    %ebx, %cr3
        movl    $MSR_EFER, %ecx
        rdmsr
        movl    %eax, saved_efer
        movl    %edx, saved_efer + 4
        orl     $EFER_LME, %eax
        wrmsr
        movl    %cr0, %eax
        orl     $CR0_PG, %eax
        movl    %eax, %cr0              # compatibility mode
        movl    $long_back, %edi
        ljmp    $CODE64, $LONG_START

/* The 64-bit part comes here, in compatibility mode. */
long_back:
        movl    $DATA32, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %fs
        movl    %eax, %gs
        movl    %eax, %ss
        movl    saved_esp, %esp
        movl    %cr0, %eax
        andl    $~CR0_PG, %eax
        movl    %eax, %cr0              # EFER.LMA is clear again
        movl    $MSR_EFER, %ecx
        movl    saved_efer, %eax
        movl    saved_efer + 4, %edx
        wrmsr
        movl    saved_cr4, %eax
        movl    %eax, %cr4
        lidt    saved_idtr
        popfl
        popal
        ret

        .bss
        .balign 4
saved_idtr:
        .skip   8
saved_esp:
        .skip   4
saved_cr4:
        .skip   4
saved_efer:
        .skip   8

        .section .note.GNU-stack, "", @progbits
