/* An interrupt from level 3, while the base in the TSS's descriptor is two bytes beside the TSS. */
#include "broken.h"
#define USER_CODE (0x18 | 3)
#define USER_DATA (0x20 | 3)
#define TSS 0x28
#define GATE(offset) .word (offset), CODE32, 0xee00, 0
#undef MORE_DESCRIPTORS
#define MORE_DESCRIPTORS .quad 0x00cffa000000ffff, 0x00cff2000000ffff, 0x0000890000000067 | (0x7e02 << 16);
#define TSS_AT 0x7e00
BEGIN
        PROTECTED
        movl    $0x9000, TSS_AT + 4     # ESP0
        movl    $DATA32, TSS_AT + 8     # SS0
        lidt    idt_register
        movw    $TSS, %ax
        ltr     %ax
        pushl   $USER_DATA
        pushl   $0xa000
        pushl   $USER_CODE
        pushl   $user
        lret
user:   int     $0x01
handler:
        hlt
        .balign 8
idt:    .quad   0
        .word   handler, CODE32, 0xee00, 0
idt_register:
        .word   8 * 2 - 1
        .long   idt
TABLES
END
