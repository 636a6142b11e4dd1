/* protected.S: kernels of 32-bit protected mode: flat compiled-like code, and code that shares a page with its data. */
#include "bench.h"
        .code32

/* A chained hash table: arguments on the stack, pointers followed, fields updated. */
KERNEL "flat32-hash", MODE_32, 400000, 1, "look-up"
        movl    $BUFFER, %edi           # 256 chains of 4 nodes: next, key, count
        xorl    %ecx, %ecx
1:      movl    %ecx, %eax
        shll    $4, %eax
        leal    BUFFER2(%eax), %edx
        movl    %ecx, 4(%edx)
        movl    $0, 8(%edx)
        leal    256 * 16(%edx), %eax
        cmpl    $768, %ecx
        jb      2f
        xorl    %eax, %eax
2:      movl    %eax, (%edx)
        cmpl    $256, %ecx
        jae     3f
        movl    %edx, (%edi, %ecx, 4)
3:      incl    %ecx
        cmpl    $1024, %ecx
        jne     1b
        movl    $1, %esi
4:      imull   $1103515245, %esi, %esi
        addl    $12345, %esi
        movl    %esi, %eax
        shrl    $20, %eax
        andl    $1023, %eax
        pushl   %eax
        pushl   $BUFFER
        call    look_up
        addl    $8, %esp
        incl    8(%eax)
        decl    %ebx
        jnz     4b
        ret
look_up:
        pushl   %ebp
        movl    %esp, %ebp
        pushl   %esi
        movl    8(%ebp), %edx
        movl    12(%ebp), %esi
        movl    %esi, %ecx
        andl    $255, %ecx
        movl    (%edx, %ecx, 4), %eax
1:      testl   %eax, %eax
        jz      2f
        cmpl    %esi, 4(%eax)
        je      2f
        movl    (%eax), %eax
        jmp     1b
2:      popl    %esi
        leave
        ret

/* ---- code and data in one 4 KiB page ---- */

/* The variables lie 1 KiB after the code: same page, another 128-byte line. */
KERNEL "mixed-page", MODE_32, 1000000, 2, "store"
        jmp     mixed_page
        .balign 4096
mixed_page:
1:      movl    %ebx, mixed_page + 1024
        addl    $3, mixed_page + 1028
        movl    mixed_page + 1028, %eax
        decl    %ebx
        jnz     1b
        ret

/* The variables lie in the 128-byte line of the code itself. */
KERNEL "mixed-line", MODE_32, 1000000, 2, "store"
        jmp     mixed_line
        .org    mixed_page + 2048
mixed_line:
1:      movl    %ebx, mixed_line + 100
        addl    $3, mixed_line + 104
        movl    mixed_line + 104, %eax
        decl    %ebx
        jnz     1b
        ret
        .org    mixed_line + 128, 0

/* An instruction's immediate is rewritten, then the instruction runs. */
KERNEL "mixed-patch", MODE_32, 50000, 1, "store"
1:      movl    %ebx, patched + 1
        jmp     2f
2:
patched:
        movl    $0, %eax
        addl    %eax, %edx
        decl    %ebx
        jnz     1b
        ret
        .balign 128
