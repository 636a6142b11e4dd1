/* An interrupt from level 3 with a TSS that holds a stack of level 0 and no more. The processor takes it; -lint speaks
 * of the TSS. */
#include "../broken/broken.h"
#define LAST 0x0b /* of what there is: SS0's doubleword */
#define EXIT 0xf4 /* isa-debug-exit */
#undef MORE_DESCRIPTORS
#define MORE_DESCRIPTORS .quad USER_DESCRIPTORS, 0x0000890000000000 | (TSS_AT << 16) | LAST;
BEGIN
        PROTECTED
        TO_USER
user:   int     $1
handler:
        movb    $1, %al
        outb    %al, $EXIT
        hlt
USER_GATES
TABLES
END
