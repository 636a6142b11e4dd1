/* modes.S: calls a kernel (EAX) with its passes (EBX) in each of the modes, from 32-bit protected mode and back. */
#include "bench.h"

        .text
        .code32
        .globl  call_32, call_64, call_real, set_up_long

call_32:
        jmp     *%eax

/* ---- long mode ---- */

call_64:
        movl    %cr4, %edx
        orl     $CR4_PAE | CR4_PGE | CR4_OSFXSR, %edx
        movl    %edx, %cr4
        movl    $PML4, %edx
        movl    %edx, %cr3
        movl    %eax, %esi
        movl    $MSR_EFER, %ecx
        rdmsr
        orl     $EFER_LME | EFER_SCE, %eax
        wrmsr
        movl    %cr0, %eax
        orl     $CR0_PG | CR0_WP | CR0_NE | CR0_MP, %eax
        movl    %eax, %cr0
        ljmpl   $SEL_CODE64, $1f
        .code64
1:      movl    %esp, %esp
        lidt    idt_register
        call    *%rsi
        lidt    no_idt_register
        ljmpl   *back_to_32
        .code32
2:      movl    %cr0, %eax
        andl    $~(CR0_PG | CR0_WP), %eax
        movl    %eax, %cr0
        movl    $MSR_EFER, %ecx
        rdmsr
        andl    $~EFER_LME, %eax
        wrmsr
        ret

        .section .rodata, "a"
back_to_32:
        .long   2b
        .word   SEL_CODE32
idt_register:
        .word   0xfff
        .quad   IDT
no_idt_register:
        .word   0x3ff                   # real mode's
        .quad   0
        .text

/* The page tables, the TSS, an empty IDT. */
set_up_long:
        movl    $IDT, %edi
        movl    $0x1000 / 4 * 2, %ecx   # IDT and TSS
        xorl    %eax, %eax
        rep stosl
        movl    $SYSCALL_STACK, TSS + 4
        movl    $PML4, %edi
        movl    $0x6000 / 4, %ecx
        rep stosl
        movl    $PDPT + (PTE_P | PTE_W | PTE_U), PML4
        movl    $PDPT_OTHER + (PTE_P | PTE_W | PTE_U), PML4_OTHER
        movl    $PD_LOW + (PTE_P | PTE_W | PTE_U), PDPT
        movl    $PD_LOW + (PTE_P | PTE_W | PTE_U), PDPT_OTHER
        movl    $PD_HIGH + (PTE_P | PTE_W | PTE_U), PDPT + 8
        movl    $PD_HIGH + (PTE_P | PTE_W | PTE_U), PDPT_OTHER + 8
        movl    $PD_LOW, %edi           # the first GiB
        movl    $PTE_P | PTE_W | PTE_U | PTE_PS | PTE_G, %eax
1:      movl    %eax, (%edi)
        addl    $8, %edi
        addl    $0x200000, %eax
        cmpl    $PD_LOW + 0x1000, %edi
        jb      1b
        movl    $PD_HIGH, %edi
        movl    $PT_HIGH + (PTE_P | PTE_W | PTE_U), %eax
1:      movl    %eax, (%edi)
        addl    $8, %edi
        addl    $0x1000, %eax
        cmpl    $PD_HIGH + HIGH_SIZE / 0x200000 * 8, %edi
        jb      1b
        movl    $PT_HIGH, %edi
        movl    $HIGH_TARGET + (PTE_P | PTE_W | PTE_U), %eax
1:      movl    %eax, (%edi)
        movl    $0, 4(%edi)
        addl    $8, %edi
        addl    $0x1000, %eax
        cmpl    $PT_HIGH + HIGH_SIZE / 0x1000 * 8, %edi
        jb      1b
        ret

/* ---- real mode ---- */

call_real:
        movl    %esp, saved_esp
        subl    $IMAGE, %eax
        movl    %eax, real_entry
        ljmpl   $SEL_CODE16, $(1f - IMAGE)
        .code16
1:      movw    $SEL_DATA16, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movw    %ax, %fs
        movw    %ax, %gs
        movl    %cr0, %eax
        andb    $~CR0_PE, %al
        movl    %eax, %cr0
        ljmp    $IMAGE_SEGMENT, $(1f - IMAGE)
1:      xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movw    %ax, %fs
        movw    %ax, %gs
        movl    $STACK_REAL, %esp
        .byte   0x2e, 0xff, 0x16        # callw *%cs:real_entry
        .word   real_entry - IMAGE
        cli
        lgdtl   %cs:(gdt_register - IMAGE)
        movl    %cr0, %eax
        orb     $CR0_PE, %al
        movl    %eax, %cr0
        ljmpl   $SEL_CODE32, $1f
        .code32
1:      movw    $SEL_DATA, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movw    %ax, %fs
        movw    %ax, %gs
        movl    saved_esp, %esp
        ret

        .data
        .balign 4
saved_esp:
        .long   0
real_entry:
        .long   0
