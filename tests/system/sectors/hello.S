/* A guest for command lines that were written for others: says hello on the screen, COM1 and the debug console, and ends
 * the run: by isa-debug-exit at F4 or 501 where there is one (10h), else by ACPI's power-off. */
#include "common.h"
BEGIN
        movw    $0xb800, %ax
        movw    %ax, %es
        movw    $160 * 20, %di
        movw    $text, %si
next:   lodsb
        testb   %al, %al
        jz      end
        movb    %al, %cl
        movb    $7, %ah
        stosw                           # past the firmware, which may write to COM1, too
        outb    %al, $0xe9
        movw    $0x3fd, %dx
1:      inb     %dx, %al
        testb   $0x20, %al              # THRE
        jz      1b
        movb    %cl, %al
        movw    $0x3f8, %dx
        outb    %al, %dx
        jmp     next
end:    movb    $0x10, %al
        outb    %al, $0xf4
        movw    $0x501, %dx
        outb    %al, %dx
        movw    $0x604, %dx             # PMCNTRL: SLP_EN
        movw    $0x2000, %ax
        outw    %ax, %dx
1:      hlt
        jmp     1b
text:   .asciz  "hello from a sector\r\n"
END
