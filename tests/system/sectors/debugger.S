/* What the debugger's test walks through: a function, an interrupt handler, REP, a loop, port I/O, and timer interrupts
 * in between. Ends with interrupts off and HLT. */
#include "common.h"
#define COUNTER 0x500
BEGIN
        movw    $handler, 4 * 0x60
        movw    %cs, 4 * 0x60 + 2
        movw    %ax, %es
        movw    $0, COUNTER
main:   call    function
after_call:
        int     $0x60
after_int:
        movw    $0x600, %di
        movw    $100, %cx
        cld
fill:   rep stosb
after_rep:
        sti
        movw    $10, %cx
loop:   incw    COUNTER
        hlt                             # the timer wakes it
after_hlt:
        loop    loop
        cli
        movb    $'.', %al
        outb    %al, $0xe9
end:    hlt
        jmp     end

function:
        pushw   %bp
        movw    %sp, %bp
        call    inner
        popw    %bp
        ret
inner:  pushw   %bp
        movw    %sp, %bp
        nop
        popw    %bp
        ret
handler:
        movb    $1, COUNTER + 4
        iret
END
