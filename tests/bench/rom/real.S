/* real.S: kernels of real mode: code as in a BIOS. CS = 1000, DS = ES = SS = 0. */
#include "bench.h"
        .code16

        .set    TEXT_SEGMENT, 0x4000    # a text screen
        .set    VARIABLES, 0x40         # the segment of the BIOS data area
        .set    CURSOR, 0x50
        .set    VECTOR, 0x10

/* A service by INT: registers saved, segments loaded, dispatch by AH, variables of another segment changed. */
KERNEL "real-int", MODE_REAL, 100000, 2, "interrupt"
        movw    $(int_service - IMAGE), VECTOR * 4
        movw    $IMAGE_SEGMENT, VECTOR * 4 + 2
1:      movb    $2, %ah
        movw    $0x0405, %dx
        int     $VECTOR
        movb    $3, %ah
        int     $VECTOR
        decl    %ebx
        jnz     1b
        retw
int_service:
        pushw   %ds
        pushw   %es
        pushaw
        movw    $VARIABLES, %ax
        movw    %ax, %ds
        movw    %sp, %bp
        movb    15(%bp), %al            # AH of the caller
        cmpb    $2, %al
        je      set_cursor
        cmpb    $3, %al
        je      get_cursor
        jmp     2f
set_cursor:
        movw    %dx, CURSOR
        movb    %dh, %al
        movb    $80, %cl
        mulb    %cl
        xorb    %dh, %dh
        addw    %dx, %ax
        movw    %ax, CURSOR + 2
        jmp     2f
get_cursor:
        movw    CURSOR, %dx
        movw    %dx, 10(%bp)
2:      popaw
        popw    %es
        popw    %ds
        iretw

/* A line of text into video memory: LODSB, attributes, segment overrides, LOOP. */
KERNEL "real-text", MODE_REAL, 12000, 80, "character"
1:      movw    $TEXT_SEGMENT, %ax
        movw    %ax, %es
        movw    $(text - IMAGE), %si
        xorw    %di, %di
        movw    $80, %cx
        pushw   %ds
        movw    $IMAGE_SEGMENT, %ax
        movw    %ax, %ds
2:      lodsb
        cmpb    $'a', %al
        jb      3f
        cmpb    $'z', %al
        ja      3f
        subb    $0x20, %al
3:      movb    $7, %ah
        stosw
        incw    %cs:(counter - IMAGE)
        loop    2b
        popw    %ds
        decl    %ebx
        jnz     1b
        retw
        .section .rodata, "a"
text:   .ascii  "The quick brown fox jumps over the lazy dog, and 80 "
        .ascii  "characters make a line here."
        .data
counter:
        .word   0

/* Sixteen-bit arithmetic, far pointers, calls near and far. */
KERNEL "real-calls", MODE_REAL, 150000, 2, "call"
        movw    $0x1234, 0x600          # a far pointer
        movw    $TEXT_SEGMENT, 0x602
1:      movw    %bx, %ax
        callw   checksum_near
        lcallw  $IMAGE_SEGMENT, $(far_routine - IMAGE)
        decl    %ebx
        jnz     1b
        retw
checksum_near:
        pushw   %cx
        pushw   %ax
        rolw    $3, %ax
        xorb    %ah, %al
        addw    %ax, 0x604
        adcw    $0, 0x606
        popw    %ax
        popw    %cx
        retw
far_routine:
        pushw   %ds
        ldsw    0x600, %si
        movw    (%si), %cx
        incw    (%si)
        popw    %ds
        lretw
