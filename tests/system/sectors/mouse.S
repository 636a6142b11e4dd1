/* Makes the mouse an Explorer and has it report; then shows each of its packets on COM1 as a line of hexadecimal digits,
 * after a line with "ready". */
#include "common.h"
BEGIN
        cli                             # the firmware's own interrupt handler shall not take the bytes
        cld
        movb    $0xa8, %al
        call    command
        movw    $knock, %si
1:      lodsb
        testb   %al, %al
        jz      2f
        call    tell
        jmp     1b
2:      movw    $text, %si
3:      lodsb
        testb   %al, %al
        jz      packet
        call    send
        jmp     3b
packet: movw    $4, %cx
4:      call    receive
        call    byte
        loop    4b
        movb    $'\n', %al
        call    send
        jmp     packet

tell:   movb    %al, %ah                # a byte to the mouse, and its acknowledgement
        movb    $0xd4, %al
        call    command
        call    empty
        movb    %ah, %al
        outb    %al, $0x60
receive:inb     $0x64, %al              # a byte of the mouse's
        andb    $0x21, %al
        cmpb    $0x21, %al
        je      5f
        testb   $1, %al
        jz      receive
        inb     $0x60, %al              # the keyboard's
        jmp     receive
5:      inb     $0x60, %al
        ret
command:movb    %al, %bl
        call    empty
        movb    %bl, %al
        outb    %al, $0x64
        ret
empty:  inb     $0x64, %al
        testb   $2, %al
        jnz     empty
        ret
#include "com1.h"
knock:  .byte   0xf3, 200, 0xf3, 200, 0xf3, 80, 0xf4, 0
text:   .asciz  "ready\n"
END
