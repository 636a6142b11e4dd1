/* Mistakes of 32-bit code, each survived by a handler that goes on behind it: -lint names each with its rule. */
#include "common.h"
#define CODE32 0x08
#define DATA32 0x10
#define SHORT32 0x18
#define PAGES 0x10000
#define EFER 0xc0000080
BEGIN
        cli
        lgdt    gdt_register
        movl    %cr0, %eax
        orb     $1, %al
        movl    %eax, %cr0
        ljmp    $CODE32, $wide
        .code32
wide:   movw    $DATA32, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movl    $start, %esp
        movl    $0x800, %edi            # an IDT of 32 gates, all alike
        movl    $32, %ecx
        cld
1:      movl    $CODE32 << 16, (%edi)
        movw    $with_error, (%edi)
        movl    $0x8e00, 4(%edi)
        addl    $8, %edi
        loop    1b
        lidt    idt_register
        sti                             # there is no gate for an interrupt
        jmp     1f
1:      cli
        movl    $1f, %esi
        movl    $0x1000000, %eax
        movl    %eax, %cr4              # reserved bit 24
1:      movl    $1f, %esi
        movl    $EFER, %ecx
        movl    $0x20000, %eax
        xorl    %edx, %edx
        wrmsr                           # reserved bit 17
1:      movw    $SHORT32, %ax
        movl    $1f, %esi
        movl    $0x2000, %edi           # above the stack segment's limit
        movl    $0x1000, %esp
        movw    %ax, %ss
        movl    %ss:(%edi), %eax
1:      movl    $PAGES, %edi            # page tables with a large page whose reserved bit 21 is set
        xorl    %eax, %eax
        movl    $1024, %ecx
        rep stosl
        movl    $0x83, PAGES
        movl    $0x4000a3, PAGES + 4
        orl     $0x200000, PAGES + 4
        movl    $PAGES, %eax
        movl    %eax, %cr3
        movl    $0x10, %eax
        movl    %eax, %cr4              # PSE
        movl    %cr0, %eax
        orl     $0x80000000, %eax
        movl    %eax, %cr0
        movl    $1f, %esi
        movl    0x400000, %eax
1:      movw    $0x8900, %dx
        movl    $word, %esi
        movl    $8, %ecx
        rep outsb
        movw    $0x604, %dx             # off, by the ACPI controller; else for ever
        movw    $0x2000, %ax
        outw    %ax, %dx
1:      hlt
        jmp     1b
with_error:                             # on at ESI, with a flat stack
        movl    $DATA32, %edx
        movw    %dx, %ss
        movl    $start, %esp
        jmp     *%esi
word:   .ascii  "Shutdown"
        .balign 8
gdt:    .quad   0, 0x00cf9a000000ffff, 0x00cf92000000ffff, 0x0040920000001fff
gdt_register:
        .word   gdt_register - gdt - 1
        .long   gdt
idt_register:
        .word   32 * 8 - 1
        .long   0x800
END
