/* reset.S: from the reset vector to 32-bit flat POST, and the ways back from an 80286-style reset (CMOS 0Fh). */
#include "memmap.h"

#define CMOS_SHUTDOWN 0x0f
#define GO_ON_EOI 0x05 /* jump through 40:67 after an EOI */
#define GO_ON_IRET 0x09
#define GO_ON_JUMP 0x0a
#define GO_ON_IRET2 0x0b
#define GO_ON_RETF 0x0c
#define WAKE 0xfe /* from suspend to RAM */

        .code16
        .section .fixed.e05b, "ax"
        .global entry_post
entry_post:
        cli
        cld
        movb    $(CMOS_SHUTDOWN | 0x80), %al
        outb    %al, $0x70
        outb    %al, $0x80
        inb     $0x71, %al
        testb   %al, %al
        jnz     shutdown_code
        jmp     enter_post

        .section .fixed.fff0, "ax"
        .global entry_reset
entry_reset:
        ljmpw   $SEG_BIOS, $entry_post
        .ascii  "06/23/99"
        .byte   0
        .byte   0xfc, 0

        .section .text.reset, "ax"
enter_post:
        xorl    %eax, %eax
        jmp     enter_flat
/* Code in AL: CMOS is cleared first, so that the next reset is one. */
shutdown_code:
        movb    %al, %bl
        movb    $(CMOS_SHUTDOWN | 0x80), %al
        outb    %al, $0x70
        movb    $0, %al
        outb    %al, $0x71
        movzbl  %bl, %eax
        cmpb    $GO_ON_EOI, %al
        je      enter_flat
        cmpb    $GO_ON_IRET, %al
        jb      enter_post
        cmpb    $WAKE, %al
        je      enter_flat
        cmpb    $GO_ON_RETF, %al
        ja      enter_post
/* Flat code starts at FLAT_BASE; EAX: 0 for POST, or the shutdown code. */
enter_flat:
        movl    %eax, %ebp
        movb    $2, %al         /* A20 on, by the fast gate */
        outb    %al, $0x92
        movl    %cr0, %eax
        andl    $0x9fffffff, %eax /* caches on */
        lgdtl   %cs:gdt_pointer
        orb     $1, %al
        movl    %eax, %cr0
        ljmpl   $SEL_CODE32, $(BIOS_BASE + 1f)
        .code32
1:      movw    $SEL_DATA32, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movw    %ax, %fs
        movw    %ax, %gs
        movl    $POST_STACK, %esp
        movl    %ebp, %eax
        movl    $FLAT_BASE, %ecx
        jmp     *%ecx
        .code16

/* Flat code has restored the shadow RAM; goes on where 40:67 says. AX: the code. Real mode. */
        .global entry_resume16
entry_resume16:
        movw    $SEG_BDA, %bx
        movw    %bx, %ds
        cmpb    $GO_ON_EOI, %al
        je      1f
        cmpb    $GO_ON_JUMP, %al
        je      2f
        lssw    0x67, %sp
        cmpb    $GO_ON_RETF, %al
        je      3f
        cmpb    $GO_ON_IRET, %al
        jne     4f
        popw    %ds             /* as int 15h/87h pushed them */
        popw    %es
        popaw
4:      iretw
3:      lretw
1:      movb    $0x20, %al
        outb    %al, $0xa0
        outb    %al, $0x20
2:      ljmpw   *0x67

        .section .text.gdt, "ax"
        .balign 8
        .global gdt, gdt_pointer, entry_gdt_pointer
gdt:    .quad   0
        .quad   0x00cf9b000000ffff      /* 32-bit code, flat */
        .quad   0x00cf93000000ffff      /* 32-bit data, flat */
        .quad   0x00009b0f0000ffff      /* 16-bit code, the F segment */
        .quad   0x000093000000ffff      /* 16-bit data, 64 KiB */
        .quad   0x008f93000000ffff      /* 16-bit data, 4 GiB */
gdt_end:
        .balign 4
entry_gdt_pointer:
gdt_pointer:
        .word   gdt_end - gdt - 1
        .long   BIOS_BASE + gdt
        .global entry_real_idt, real_idt
entry_real_idt:
real_idt:
        .word   0x3ff
        .long   0
