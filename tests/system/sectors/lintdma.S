/* Zeros that a device's DMA has brought are read: nothing that -lint has to say. fw_cfg gives its signature, and zeros
 * behind it. */
#include "common.h"
#define FW_CFG_DMA_LOW 0x518
BEGIN
        movl    $wanted, %eax
        bswapl  %eax
        movw    $FW_CFG_DMA_LOW, %dx
        outl    %eax, %dx
        movw    $0xffff, %ax
        movw    %ax, %es
        movw    %es:0x4010, %ax
        cmpw    $0x4551, %ax            # "QE"
        movb    $2, %al
        jne     1f
        movw    %es:0x4100, %bx
        movb    $1, %al
1:      outb    %al, $0xf4
        hlt
        .balign 8
wanted: .byte   0, 0, 0, 0x0a           # select key 0, read
        .byte   0, 0, 2, 0              # 512 bytes
        .byte   0, 0, 0, 0, 0, 0x10, 0x40, 0 # 104000
END
