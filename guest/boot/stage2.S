/* stage2.S: the second stage's way in, and how it starts the kernel.
 *
 * The rest of the second stage is C for 16-bit code (real/, compiled by -m16: 32-bit registers, 16-bit segments), in the
 * tiny model: CS = DS = ES = SS = 0. */
#include "../lib/boot_info.h"

#define CODE32 8
#define DATA32 16
#define CR0_PE 1

        .code16
        .section .stage2start, "ax"     # at 7E00; the thunk is between the two
        .globl  stage2
stage2: jmp     begin

        .section .stage2, "ax"
begin:  movb    %dl, BOOT_INFO_DRIVE
        movl    $start, %esp
        movl    $__bss_start, %edi      # C's variables that start as 0
        movl    $__bss_end, %ecx
        subl    %edi, %ecx
        xorl    %eax, %eax
        cld
        rep stosb
        calll   real_main               # comes back when the kernel is loaded
        cli
        lgdtl   gdtr
        movl    %cr0, %eax
        orl     $CR0_PE, %eax
        movl    %eax, %cr0
        ljmpl   $CODE32, $protected

        .code32
protected:
        movw    $DATA32, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %fs
        movw    %ax, %gs
        movw    %ax, %ss
        jmp     KERNEL

/* Until the kernel has its own: flat segments of 4 GiB. The bits are explained in prot/desc.h. */
        .balign 8
        .globl  boot_gdt
boot_gdt:
        .quad   0
        .quad   0x00cf9a000000ffff
        .quad   0x00cf92000000ffff
gdtr:   .word   . - boot_gdt - 1
        .long   boot_gdt

        .globl  kernel_sectors
kernel_sectors:
        .ascii  "KSECTORS"              # image.py puts the two counts here: the kernel's, the image's

        .section .note.GNU-stack, "", @progbits
