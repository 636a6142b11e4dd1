/* Shows every byte that comes from the keyboard controller on COM1, as hexadecimal digits; a line with "ready" first. */
#include "common.h"
BEGIN
        cli                             # the firmware's own interrupt handler shall not take them
        movw    $text, %si
1:      lodsb
        testb   %al, %al
        jz      next
        call    send
        jmp     1b
next:   inb     $0x64, %al
        testb   $1, %al
        jz      next
        inb     $0x60, %al
        movb    %al, %ah
        shrb    $4, %al
        call    digit
        movb    %ah, %al
        andb    $15, %al
        call    digit
        movb    $'\n', %al
        call    send
        jmp     next
digit:  addb    $'0', %al
        cmpb    $'9', %al
        jbe     send
        addb    $'a' - '0' - 10, %al
send:   movb    %al, %bl
        movw    $0x3fd, %dx
1:      inb     %dx, %al
        testb   $0x20, %al
        jz      1b
        movb    %bl, %al
        movw    $0x3f8, %dx
        outb    %al, %dx
        ret
text:   .asciz  "ready\n"
END
