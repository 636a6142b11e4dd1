/* An interrupt from level 3 with a TSS that holds a stack of level 0 and no more. The processor takes it; -lint speaks
 * of the TSS. */
#include "../broken/broken.h"
#define USER_CODE (0x18 | 3)
#define USER_DATA (0x20 | 3)
#define TSS 0x28
#define TSS_AT 0x7e00
#define ESP0 4
#define SS0 8
#define LAST 0x0b /* of what there is: SS0's doubleword */
#define EXIT 0xf4 /* isa-debug-exit */
#undef MORE_DESCRIPTORS
#define MORE_DESCRIPTORS .quad 0x00cffa000000ffff, 0x00cff2000000ffff, 0x0000890000000000 | (TSS_AT << 16) | LAST;
BEGIN
        PROTECTED
        movl    $0x9000, TSS_AT + ESP0
        movl    $DATA32, TSS_AT + SS0
        lidt    idt_register
        movw    $TSS, %ax
        ltr     %ax
        pushl   $USER_DATA
        pushl   $0xa000
        pushl   $USER_CODE
        pushl   $user
        lret
user:   int     $1
handler:
        movb    $1, %al
        outb    %al, $EXIT
        hlt
        .balign 8
idt:    .quad   0
        .word   handler, CODE32, 0xee00, 0
idt_register:
        .word   8 * 2 - 1
        .long   idt
TABLES
END
