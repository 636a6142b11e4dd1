/* boot.S: the last 256 bytes of the ROM: from the reset vector into flat 32-bit code, which is copied from the ROM's
 * start to RAM_RUNTIME and entered there. */
#include "layout.h"

    .code16
    .globl start
start:
    cli
    movw $0x92, %dx
    inb %dx, %al
    orb $2, %al                 /* A20 */
    andb $0xfe, %al
    outb %al, %dx
    lgdtl %cs:(gdt_pointer - start + 0xff00)
    movl %cr0, %eax
    orb $1, %al
    movl %eax, %cr0
    ljmpl $0x08, $(ROM_BASE + ROM_SIZE - 0x100 + (flat - start))
    .code32
flat:
    movl $0x10, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    movl $(ROM_BASE + ROM_RUNTIME), %esi
    movl $RAM_RUNTIME, %edi
    movl $(RUNTIME_SIZE / 4), %ecx
    cld
    rep movsl
    movl $RAM_RUNTIME, %eax
    jmp *%eax
    .balign 8
gdt:
    .quad 0, 0x00cf9b000000ffff, 0x00cf93000000ffff
gdt_pointer:
    .word . - gdt - 1
    .long ROM_BASE + ROM_SIZE - 0x100 + (gdt - start)
    .org 0xf0
    .byte 0xe9                  /* jmp start, from F000:FFF0 */
    .word (0xff00 - 0xfff3) & 0xffff
    .org 0x100
