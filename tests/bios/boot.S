/* boot.S: the boot sector of the firmware's test image. First of all, since nothing else may have touched it: is the
 * temporary low zone, 07000-90000, zero but for this sector? Then loads the rest by int 13h, function 02h, a sector at a
 * time, and starts it with CS = DS = ES = SS = PROGRAM. AX: 1 if the zone was zero; DL: the boot drive. */
#define PROGRAM 0x1000
#define GEOMETRY_AT 0x600

        .code16
        .text
        .global start
start:
        jmp     2f
        .org    3
        .ascii  "TESTDISK"
2:      ljmpw   $0, $1f
1:      cld
        movw    %dx, %bp
        movl    $0x7000, %ebx
        call    check_zero              /* to 07C00 */
        movl    $0x7e00, %ebx
        call    check_zero              /* from 07E00 */
        movw    $1, %cx                 /* zero */
        jmp     2f
not_zero:
        xorw    %cx, %cx
2:      xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %ss
        movw    $0x7000, %sp
        pushw   %cx
        sti
        movw    %bp, %dx
        movb    $8, %ah
        xorw    %di, %di
        movw    %di, %es
        int     $0x13
        jc      failed
        andw    $0x3f, %cx
        movw    %cx, GEOMETRY_AT        /* sectors a track */
        movzbw  %dh, %ax
        incw    %ax
        movw    %ax, GEOMETRY_AT + 2
        movw    $PROGRAM, %ax
        movw    %ax, %es
        movw    $1, %si                 /* block */
3:      movw    %si, %ax
        xorw    %dx, %dx
        divw    GEOMETRY_AT
        movw    %dx, %cx
        incw    %cx                     /* sector */
        xorw    %dx, %dx
        divw    GEOMETRY_AT + 2
        movb    %al, %ch
        movb    %dl, %dh
        movw    %bp, %bx
        movb    %bl, %dl
        xorw    %bx, %bx
        movw    $0x0201, %ax
        int     $0x13
        jc      failed
        movw    %es, %ax
        addw    $32, %ax
        movw    %ax, %es
        incw    %si
        cmpw    $SECTORS, %si
        jbe     3b
        popw    %cx
        movw    $PROGRAM, %ax
        movw    %ax, %ds
        movw    %ax, %es
        cli
        movw    %ax, %ss
        movl    $0xfffc, %esp
        sti
        movw    %cx, %ax
        movw    %bp, %dx
        ljmpw   $PROGRAM, $0

/* From EBX to the next of 07C00 and 90000, by segments of 16 bytes. */
check_zero:
        movl    %ebx, %eax
        shrl    $4, %eax
        movw    %ax, %es
        xorw    %di, %di
        movw    $4, %cx
        xorl    %eax, %eax
        repe scasl
        jne     not_zero
        addl    $16, %ebx
        cmpl    $0x7c00, %ebx
        je      4f
        cmpl    $0x90000, %ebx
        jb      check_zero
4:      ret

failed:
        movw    $0x3f8, %dx
        movb    $'!', %al
        outb    %al, %dx
        cli
        hlt

        .org    510
        .word   0xaa55
