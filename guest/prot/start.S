/* start.S: the kernel's first instructions, at KERNEL, in flat 32-bit segments: variables that start as 0, the 64-bit
 * part to where it is linked, a stack, C. */
#include "../lib/boot_info.h"

        .code32
        .section .start, "ax"
        .globl  start
start:  cli
        cld
        movl    $__bss_start, %edi
        movl    $__bss_end, %ecx
        subl    %edi, %ecx
        xorl    %eax, %eax
        rep stosb
        movl    $long_image, %esi
        movl    $__long_start, %edi
        movl    $long_image_end, %ecx
        subl    %esi, %ecx
        rep movsb
        movl    $kernel_stack_end, %esp
        xorl    %ebp, %ebp
        call    kernel_main
1:      hlt
        jmp     1b

        .section .rodata.long, "a"
        .balign 16
long_image:
        .incbin LONG_IMAGE
long_image_end:

        .bss
        .balign 4096
        .skip   65536
        .globl  kernel_stack_end
kernel_stack_end:

        .section .note.GNU-stack, "", @progbits
