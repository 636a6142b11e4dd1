/* The 32-bit part was assembled for 16 bits. */
#include "broken.h"
BEGIN
        cli
        lgdt    gdt_register
        lidt    no_idt
        movl    %cr0, %eax
        orl     $1, %eax
        movl    %eax, %cr0
        ljmp    $CODE32, $wide
wide:   movw    $DATA32, %ax
        movw    %ax, %ds
        movw    %ax, %ss
        movw    $start, %sp
        movw    $text, %si
        movw    $0x8000, %di
        call    copy
        hlt
copy:   lodsb
        stosb
        testb   %al, %al
        jnz     copy
        ret
text:   .asciz  "hello"
TABLES
END
