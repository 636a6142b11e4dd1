/* Prints every CPUID leaf on COM1 as "leaf subleaf EAX EBX ECX EDX", without those that are all zero, and ends pcemu:
 * leaves 0 to the highest of each range (basic, hypervisor's, extended), subleaves 0 to 15 of those that have any. */
#include "common.h"
BEGIN
        cld
        xorl    %edi, %edi
        call    range
        movl    $0x40000000, %edi
        call    range
        movl    $0x80000000, %edi
        call    range
        xorb    %al, %al
        outb    %al, $0xf4
        cli
        hlt

range:  movl    %edi, %eax              # a range answers its first leaf with its highest, or is not there
        cpuid
        movl    %eax, last
        xorl    %edi, %eax
        shrl    $16, %eax
        jnz     4f
1:      xorl    %esi, %esi
2:      call    leaf
        incw    %si
        cmpl    $4, %edi
        je      3f
        cmpl    $7, %edi
        je      3f
        cmpl    $0xb, %edi
        je      3f
        cmpl    $0xd, %edi
        jne     5f
3:      cmpw    $16, %si
        jb      2b
5:      incl    %edi
        cmpl    last, %edi
        jbe     1b
4:      ret

leaf:   movl    %edi, %eax
        movl    %esi, %ecx
        cpuid
        movl    %edi, line
        movl    %esi, line + 4
        movl    %eax, line + 8
        movl    %ebx, line + 12
        movl    %ecx, line + 16
        movl    %edx, line + 20
        orl     %ebx, %eax
        orl     %ecx, %eax
        orl     %edx, %eax
        jz      2f
        pushw   %si
        movw    $line, %si
1:      lodsl
        call    hex
        movb    $' ', %al
        call    send
        cmpw    $line + 24, %si
        jb      1b
        movb    $'\n', %al
        call    send
        popw    %si
2:      ret

hex:    movl    %eax, %ebx
        movw    $8, %cx
1:      roll    $4, %ebx
        movb    %bl, %al
        andb    $15, %al
        addb    $'0', %al
        cmpb    $'9', %al
        jbe     2f
        addb    $'a' - '0' - 10, %al
2:      call    send
        loop    1b
        ret

send:   movb    %al, %ah
        movw    $0x3fd, %dx
1:      inb     %dx, %al
        testb   $0x20, %al
        jz      1b
        movb    %ah, %al
        movw    $0x3f8, %dx
        outb    %al, %dx
        ret

last:   .long   0
line:   .fill   6, 4, 0
END
