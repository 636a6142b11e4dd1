/* com1.h: for sectors that speak on COM1, behind their code: AL by `send`, as two hexadecimal digits by `byte`. BL and DX
 * are lost, by `byte` AX, too. */
byte:   movb    %al, %ah
        shrb    $4, %al
        call    digit
        movb    %ah, %al
        andb    $15, %al
digit:  addb    $'0', %al
        cmpb    $'9', %al
        jbe     send
        addb    $'a' - '0' - 10, %al
send:   movb    %al, %bl
        movw    $0x3fd, %dx
1:      inb     %dx, %al
        testb   $0x20, %al              # THRE
        jz      1b
        movb    %bl, %al
        movw    $0x3f8, %dx
        outb    %al, %dx
        ret
