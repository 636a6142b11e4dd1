/* flat.S: the first instructions of the flat image: EAX is 0 for POST, or the shutdown code of CMOS 0Fh. */
#include "memmap.h"

        .code32
        .section .entry, "ax"
        .global start
start:
        cld
        testl   %eax, %eax
        jnz     1f
        movl    $vars_start, %edi
        movl    $vars_end, %ecx
        subl    %edi, %ecx
        shrl    $2, %ecx
        rep stosl
        call    post_main
1:      jmp     resume_main
