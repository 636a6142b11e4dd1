/* The IDT has eight gates, and the program asks for vector 30h. */
#include "broken.h"
BEGIN
        PROTECTED
        lidt    idt_register
        int     $0x30
        hlt
idt_register:
        .word   8 * 8 - 1
        .long   idt
        .balign 8
idt:    .fill   8, 8, 0
TABLES
END
