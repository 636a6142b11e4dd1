/* Reads sector 5 of the second disk by the BIOS, adds one to each byte, writes it to sector 6, and ends pcemu with the
 * BIOS's status. */
#include "common.h"
BEGIN
        movw    %ax, %es
        movb    $0x42, %ah
        call    transfer
        movw    $0x9000, %si
        movw    $512, %cx
1:      incb    (%si)
        incw    %si
        loop    1b
        incl    packet + 8
        movw    $0x4300, %ax
        call    transfer
        xorb    %al, %al
        outb    %al, $0xf4
transfer:
        movb    $0x81, %dl
        movw    $packet, %si
        int     $0x13
        jc      failed
        ret
failed: movb    %ah, %al
        outb    %al, $0xf4
packet: .byte   16, 0
        .word   1
        .word   0x9000, 0
        .quad   5
END
