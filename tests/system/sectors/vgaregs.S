/* Sets the video mode whose number stands in the byte at 509, then does what the list at 256 says, three bytes each:
 *   S, G, C, A   index, value: a register of the sequencer, graphics controller, CRTC, attribute controller
 *   M            0, value: miscellaneous output
 *   D            map mask, seed: 64 KiB of a pattern to A0000 by bytes; map mask 0: the map mask is left as it is
 *   W            map mask, seed: the same by words
 *   T            seed, 0: 32 KiB of characters and attributes to B8000
 *   P            seed, 0: the DAC's 256 colours
 *   0            the end
 * Then a dot on the debug console. */
#include "common.h"
BEGIN
        cld
        movb    mode, %al
        movb    $0, %ah
        int     $0x10
        movw    $list, %si
next:   lodsb
        movb    %al, %bl
        lodsw                           # AL = index, AH = value
        movw    $0x3c4, %dx
        cmpb    $'S', %bl
        je      out
        movw    $0x3ce, %dx
        cmpb    $'G', %bl
        je      out
        movw    $0x3d4, %dx
        cmpb    $'C', %bl
        je      out
        cmpb    $'A', %bl
        je      attr
        cmpb    $'M', %bl
        je      misc
        cmpb    $'D', %bl
        je      draw
        cmpb    $'W', %bl
        je      draw
        cmpb    $'T', %bl
        je      text
        cmpb    $'P', %bl
        je      colors
        movb    $'.', %al
        outb    %al, $0xe9
        sti
1:      hlt
        jmp     1b

out:    outw    %ax, %dx
        jmp     next
misc:   movw    $0x3c2, %dx
        movb    %ah, %al
        outb    %al, %dx
        jmp     next
attr:   movw    %ax, %cx
        movw    $0x3da, %dx
        inb     %dx, %al
        movw    $0x3c0, %dx
        movb    %cl, %al
        outb    %al, %dx
        movb    %ch, %al
        outb    %al, %dx
        movb    $0x20, %al
        outb    %al, %dx
        jmp     next

draw:   movb    %ah, %cl                # seed
        testb   %al, %al
        jz      2f
        movb    %al, %ah
        movb    $2, %al
        movw    $0x3c4, %dx
        outw    %ax, %dx
2:      movw    $0xa000, %ax
        movw    %ax, %es
        xorw    %di, %di
3:      movw    %di, %ax
        shrw    $4, %ax
        xorw    %di, %ax
        addb    %ah, %al
        addb    %cl, %al
        cmpb    $'W', %bl
        je      4f
        stosb
        jmp     5f
4:      movb    %al, %ah
        notb    %ah
        stosw
5:      testw   %di, %di
        jnz     3b
        jmp     next

text:   movb    %al, %cl
        movw    $0xb800, %ax
        movw    %ax, %es
        xorw    %di, %di
6:      movw    %di, %ax
        shrw    $1, %ax
        addb    %cl, %al
        addb    %al, %ah
        andw    $0x7f7f, %ax            # nothing blinks, and no character goes on in the ninth dot
        stosw
        testw   %di, %di
        jns     6b
        jmp     next

colors: movb    %al, %cl
        movw    $0x3c8, %dx
        movb    $0, %al
        outb    %al, %dx
        incw    %dx
        movw    $768, %di
7:      movw    %di, %ax
        mulb    %cl
        xorb    %ah, %al
        shrb    $2, %al
        outb    %al, %dx
        decw    %di
        jnz     7b
        jmp     next
        .org    256
list:   .byte   0
        .org    509
mode:   .byte   3
END
