/* Sets the video mode whose number stands in the word at 508, by int 10h (from 100h on, by VBE), and draws: text and dots
 * by the firmware, or a pattern through the window at A0000, bank by bank. Then a dot on the debug console. */
#include "common.h"
#define BANKS 40
BEGIN
        cld
        movw    mode, %bx
        cmpw    $0x100, %bx
        jae     vbe
        movw    %bx, %ax
        int     $0x10
        movw    $text, %si
1:      lodsb
        testb   %al, %al
        jz      2f
        movb    $0x0e, %ah              # teletype
        movw    $0x0004, %bx
        int     $0x10
        jmp     1b
2:      movw    $0x2000, %cx            # no cursor: it would blink
        movb    $1, %ah
        int     $0x10
        movb    mode, %al
        cmpb    $4, %al
        jb      done
        cmpb    $7, %al
        je      done
        movw    $40, %dx
3:      xorw    %cx, %cx
4:      movw    %cx, %ax
        shrw    $2, %ax
        xorb    %dl, %al
        movb    $0x0c, %ah              # write dot
        movb    $0, %bh
        int     $0x10
        addw    $3, %cx
        cmpw    $320, %cx
        jb      4b
        addw    $7, %dx
        cmpw    $190, %dx
        jb      3b
        jmp     done
vbe:    movw    $0x4f02, %ax
        int     $0x10
        movw    $0xa000, %ax
        movw    %ax, %es
        xorw    %dx, %dx
5:      movw    $0x4f05, %ax            # the window's bank
        xorw    %bx, %bx
        pushw   %dx
        int     $0x10
        popw    %dx
        xorw    %di, %di
6:      movw    %di, %ax
        shrw    $3, %ax
        xorw    %di, %ax
        addw    %dx, %ax
        stosw
        testw   %di, %di
        jnz     6b
        incw    %dx
        cmpw    $BANKS, %dx
        jb      5b
done:   movb    $'.', %al
        outb    %al, $0xe9
        sti
7:      hlt
        jmp     7b
text:   .ascii  "Hello, World! 0123456789 abcdefg\r\n"
        .asciz  "\xc0\xc9\xdb\xc4\xcd second line \x01\x02"
        .org    508
mode:   .word   3
END
