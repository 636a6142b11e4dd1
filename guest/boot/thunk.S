/* thunk.S: from protected mode down to real mode and back, for one service of the firmware.
 *
 * Called by the kernel as a 32-bit function at STAGE2_THUNK, with paging off, from flat segments; the registers are in
 * the boot information (struct real_regs), and so are those that come back. The kernel's GDT has a 16-bit code segment
 * and a 16-bit data segment (CODE16, DATA16) with base 0 and limit FFFF: going through them leaves real mode with the
 * segments as real mode wants them. */
#include "../lib/boot_info.h"
#include "../prot/selectors.h"

#define CR0_PE 1
#define REGS (BOOT_INFO + BOOT_INFO_REAL)
#define R_EAX (REGS + 0)
#define R_EBX (REGS + 4)
#define R_ECX (REGS + 8)
#define R_EDX (REGS + 12)
#define R_ESI (REGS + 16)
#define R_EDI (REGS + 20)
#define R_EBP (REGS + 24)
#define R_DS (REGS + 28)
#define R_ES (REGS + 30)
#define R_EFLAGS (REGS + 32)
#define R_VECTOR (REGS + 36)

        .section .thunk, "ax"
        .code32
        .globl  thunk
thunk:  pushal
        pushfl
        cli
        sgdt    saved_gdtr
        sidt    saved_idtr
        movl    %esp, saved_esp
        ljmpl   $CODE16, $1f

        .code16
1:      movw    $DATA16, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %fs
        movw    %ax, %gs
        movw    %ax, %ss
        lidtl   ivt
        movl    %cr0, %eax
        andl    $~CR0_PE, %eax
        movl    %eax, %cr0
        ljmp    $0, $2f
2:      xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %ss
        movw    %ax, %fs
        movw    %ax, %gs
        movl    $0x7c00, %esp

        movw    R_VECTOR, %bx
        shlw    $2, %bx
        movl    (%bx), %eax
        movl    %eax, target
        movl    R_EAX, %eax
        movl    R_EBX, %ebx
        movl    R_ECX, %ecx
        movl    R_EDX, %edx
        movl    R_ESI, %esi
        movl    R_EDI, %edi
        movl    R_EBP, %ebp
        movw    R_ES, %es
        sti
        pushfw                          # what INT pushes and does
        cli
        movw    R_DS, %ds
        lcall   *%cs:target
4:      pushfl
        pushw   %ds
        pushw   $0
        popw    %ds
        movl    %eax, R_EAX
        popw    %ax
        movw    %ax, R_DS
        popl    R_EFLAGS
        movl    %ebx, R_EBX
        movl    %ecx, R_ECX
        movl    %edx, R_EDX
        movl    %esi, R_ESI
        movl    %edi, R_EDI
        movl    %ebp, R_EBP
        movw    %es, R_ES

        cli
        cld
        lgdtl   saved_gdtr
        movl    %cr0, %eax
        orl     $CR0_PE, %eax
        movl    %eax, %cr0
        ljmpl   $CODE32, $5f
        .code32
5:      movw    $DATA32, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %fs
        movw    %ax, %gs
        movw    %ax, %ss
        lidt    saved_idtr
        movl    saved_esp, %esp
        popfl
        popal
        ret

        .balign 4
ivt:    .word   0x3ff
        .long   0
saved_gdtr:
        .skip   6
        .skip   2
saved_idtr:
        .skip   6
        .skip   2
saved_esp:
        .long   0
target: .long   0

        .section .note.GNU-stack, "", @progbits
