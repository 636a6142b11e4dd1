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
        call    byte
        movb    $'\n', %al
        call    send
        jmp     next
#include "com1.h"
text:   .asciz  "ready\n"
END
