/* Mistakes that emulators forgive, one after the other: -lint names each. With CLEAN, none. */
#include "common.h"
BEGIN
        cli
        movb    $0x20, %al
        outb    %al, $0x20              # EOI: nothing is in service
        movb    $0x11, %al
        outb    %al, $0x20              # ICW1: ICW2, ICW3 and ICW4 follow…
        movb    $0x20, %al
        outb    %al, $0x21              # ICW2
        movb    $0x0b, %al
        outb    %al, $0x20              # …but they don't
        movw    $0xf000, %ax
        movw    %ax, %es
        movb    %al, %es:0x1234         # ROM
        movw    $0xffff, %ax
        movw    %ax, %es
        movw    %es:0x4242, %ax         # never written
        lgdt    gdt_register
        sti
        movl    %cr0, %eax
        orb     $1, %al
        movl    %eax, %cr0              # protected mode, interrupts on, no LIDT
        cli
        andb    $0xfe, %al
        movl    %eax, %cr0
        xchgw   %bx, %bx                # Bochs's magic break
        movb    $'!', %al
        outb    %al, $0xe9
        movw    $word, %si
        movw    $0x8900, %dx
        movw    $8, %cx
        cld
        rep outsb
1:      hlt
        jmp     1b
word:   .ascii  "Shutdown"
        .balign 8
gdt:    .quad   0, 0x00009a000000ffff, 0x000092000000ffff
gdt_register:
        .word   gdt_register - gdt - 1
        .long   gdt
END
