/* Prints a line on LPT1 by the firmware's int 17h; the exit status says whether there is a printer: 1, or 3 for none. */
#include "common.h"
BEGIN
        movw    $text, %si
        cmpw    $0, 0x408               # LPT1's port, as the firmware has found it
        je      none
        movb    $1, %ah                 # initialise
        xorw    %dx, %dx
        int     $0x17
next:   lodsb
        testb   %al, %al
        jz      done
        movb    $0, %ah
        xorw    %dx, %dx
        int     $0x17
        testb   $0x29, %ah              # time-out, error, out of paper
        jz      next
none:   movb    $1, %al
        outb    %al, $0xf4
done:   outb    %al, $0xf4
text:   .asciz  "On paper.\n"
END
