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

/* A program and the system that it calls, as under DOS: a word made upper case and looked up, a number printed in
 * decimal, lines written to the text screen by INT services that are found in a table, and a driver called far. */
        .set    DOS_VECTOR, 0x21
        .set    DOS_DATA, 0x500         # the system's segment 50: cursor, ticks
        .set    WORD_BUFFER, 0x700

KERNEL "real-dos", MODE_REAL, 6000, 1, "command"
        movw    $(dos_service - IMAGE), DOS_VECTOR * 4
        movw    $IMAGE_SEGMENT, DOS_VECTOR * 4 + 2
        cld
1:      pushw   %ds
        movw    $IMAGE_SEGMENT, %ax
        movw    %ax, %ds
        movw    $(command_word - IMAGE), %si
        movw    $WORD_BUFFER, %di
2:      lodsb                           # upper case, to the zero at its end
        cmpb    $'a', %al
        jb      3f
        cmpb    $'z', %al
        ja      3f
        andb    $0xdf, %al
3:      stosb
        testb   %al, %al
        jnz     2b
        movw    $(command_table - IMAGE), %bp
4:      movw    %ds:(%bp), %si          # length and letters, then the next
        lodsb
        xorb    %ah, %ah
        movw    %ax, %cx
        movw    $WORD_BUFFER, %di
        repe cmpsb
        je      5f
        addw    $2, %bp
        cmpw    $(command_table_end - IMAGE), %bp
        jb      4b
5:      movw    $(message - IMAGE), %dx
        movb    $0x09, %ah
        int     $DOS_VECTOR
        movw    %bp, %ax
        call    print_number
        movb    $0x2c, %ah
        int     $DOS_VECTOR
        lcallw  *(driver_entry - IMAGE)
        popw    %ds
        decl    %ebx
        jnz     1b
        retw
print_number:                           # AX
        movw    $10, %di
        xorw    %cx, %cx
1:      xorw    %dx, %dx
        divw    %di
        pushw   %dx
        incw    %cx
        testw   %ax, %ax
        jnz     1b
2:      popw    %dx
        addb    $'0', %dl
        movb    $0x02, %ah
        int     $DOS_VECTOR
        loop    2b
        retw

/* AH: 02 a character in DL, 09 a string at DS:DX up to '$', 2C the time to CX. */
dos_service:
        sti
        pushw   %ds
        pushw   %es
        pushw   %bp
        pushaw
        movw    %sp, %bp
        movw    $DOS_DATA / 16, %cx
        movw    %cx, %es
        incw    %es:2
        movzbw  %ah, %bx
        cmpb    $0x2c, %ah
        ja      1f
        shlw    %bx
        call    *%cs:(dos_table - IMAGE)(%bx)
1:      popaw
        popw    %bp
        popw    %es
        popw    %ds
        iretw
dos_put:
        movb    %dl, %al
put:    movw    %es:0, %di              # at the cursor, which goes round the screen
        pushw   %es
        movw    $TEXT_SEGMENT, %cx
        movw    %cx, %es
        movb    $7, %ah
        stosw
        popw    %es
        cmpw    $4000, %di
        jb      1f
        xorw    %di, %di
1:      movw    %di, %es:0
        retw
dos_print:
        movw    %dx, %si
1:      lodsb
        cmpb    $'$', %al
        je      2f
        call    put
        jmp     1b
dos_time:
        movw    %es:2, %ax
        movw    %ax, 12(%bp)
dos_nothing:
2:      retw
driver: pushw   %bx
        ldsw    %cs:(driver_request - IMAGE), %bx
        movb    2(%bx), %al
        orw     $0x0100, 3(%bx)
        addw    $1, 6(%bx)
        adcw    $0, 8(%bx)
        popw    %bx
        lretw

        .section .rodata, "a"
command_word:
        .asciz  "rename"
dir_word:
        .ascii  "\3DIR"
copy_word:
        .ascii  "\4COPY"
erase_word:
        .ascii  "\5ERASE"
remove_word:
        .ascii  "\6REMOVE"
rename_word:
        .ascii  "\6RENAME"
message:
        .ascii  "File not found - $"
        .balign 2
command_table:
        .word   dir_word - IMAGE, copy_word - IMAGE, erase_word - IMAGE, remove_word - IMAGE, rename_word - IMAGE
command_table_end:
dos_table:
        .rept   2
        .word   dos_nothing - IMAGE
        .endr
        .word   dos_put - IMAGE
        .rept   6
        .word   dos_nothing - IMAGE
        .endr
        .word   dos_print - IMAGE
        .rept   0x2c - 0x0a
        .word   dos_nothing - IMAGE
        .endr
        .word   dos_time - IMAGE
driver_entry:
        .word   driver - IMAGE, IMAGE_SEGMENT
driver_request:
        .word   0x680, 0
        .data
