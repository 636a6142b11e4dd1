/* A guest for command lines that were written for others: says hello on the screen, COM1 and the debug console, and ends
 * the run. */
#include "common.h"
BEGIN
        movw    $0xb800, %ax
        movw    %ax, %es
        movw    $160 * 20, %di
        movw    $text, %si
next:   lodsb
        testb   %al, %al
        jz      end
        movb    $7, %ah
        stosw                           # past the firmware, which may write to COM1, too
        outb    %al, $0xe9
        call    send
        jmp     next
end:
#include "end.h"
#include "com1.h"
text:   .asciz  "hello from a sector\r\n"
END
