/* The keyboard controller pulls the reset line. */
#include "common.h"
BEGIN
        movb    $0xfe, %al
        outb    %al, $0x64
        jmp     .
END
