/* Ends pcemu by isa-debug-exit at port F4; the store behind it must not happen. */
#include "common.h"
BEGIN
        movb    $0x21, %al
        outb    %al, $0xf4
        movb    $0x33, %al
        outb    %al, $0xf4
END
