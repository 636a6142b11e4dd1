/* Sends every byte that COM1 receives back, plus one; a "q" ends pcemu. */
#include "common.h"
BEGIN
        sti
        movw    $0x3fd, %dx
next:   hlt                             # the timer wakes us
more:   inb     %dx, %al
        testb   $1, %al
        jz      next
        movw    $0x3f8, %dx
        inb     %dx, %al
        cmpb    $'q', %al
        je      quit
        incb    %al
        outb    %al, %dx
        movw    $0x3fd, %dx
        jmp     more
quit:   outb    %al, $0xf4
END
