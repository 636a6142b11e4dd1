/* vbe.S: the graphics mode that a Multiboot kernel wants (VBE 3.0, 4.3 and 4.4). */
#include "kernelrom.h"

#define VBE_LINEAR 0x80
#define VBE_DIRECT_COLOR 6

.code16
.globl set_mode

/* The wanted mode; else its size with 32 bits a dot; else 1024 by 768; else text stays. */
set_mode:
    pushaw
    movw PLAN_VBE, %di
    addw $VBE_CONTROL, %di
    movl $0x32454256, (%di)     /* "VBE2": what 2.0 has, too */
    movw $0x4f00, %ax
    int $0x10
    cmpw $0x004f, %ax
    jne 4f
    call find_mode
    jnc 1f
    movw $32, PLAN_DEPTH
    call find_mode
    jnc 1f
    movw $1024, PLAN_WIDTH
    movw $768, PLAN_HEIGHT
    call find_mode
    jc 4f
1:  movw PLAN_VBE, %si
    movw %bx, (%si)
    orw $0x4000, %bx            /* with a linear frame buffer */
    orw $0x4000, (%si)
    movw $0x4f02, %ax
    int $0x10
    cmpw $0x004f, %ax
    jne 4f
    movw $0x4f0a, %ax           /* the protected mode interface */
    xorw %bx, %bx
    pushw %es
    pushw %di
    int $0x10
    movw %es, %dx
    movw %di, %bx
    popw %di
    popw %es
    cmpw $0x004f, %ax
    jne 2f
    movw %dx, 2(%si)
    movw %bx, 4(%si)
    movw %cx, 6(%si)
2:  addw $VBE_MODE_INFO, %si
    movw PLAN_FRAMEBUFFER, %di
    movl 40(%si), %eax          /* address, pitch, width, height, depth */
    movl %eax, (%di)
    movl $0, 4(%di)
    movzwl 16(%si), %eax
    movl %eax, 8(%di)
    movzwl 18(%si), %eax
    movl %eax, 12(%di)
    movzwl 20(%si), %eax
    movl %eax, 16(%di)
    movb 25(%si), %al
    movb $1, %ah                /* direct colours */
    movw %ax, 20(%di)
    movw PLAN_COLORS, %di
    addw $31, %si
    movw $3, %cx
3:  lodsw                       /* size and place; the information has the place first */
    xchgb %al, %ah
    stosw
    loop 3b
    movb $1, PLAN_HAS_VBE
4:  popaw
    ret

/* bx: the mode of the wanted size and depth, described in the buffer; carry: there is none. */
find_mode:
    movw PLAN_VBE, %si
    lfsw VBE_CONTROL + 14(%si), %bp
    leaw VBE_MODE_INFO(%si), %di
1:  movw %fs:(%bp), %cx
    addw $2, %bp
    cmpw $0xffff, %cx
    je 2f
    movw %cx, %bx
    movw $0x4f01, %ax
    int $0x10
    cmpw $0x004f, %ax
    jne 1b
    testb $VBE_LINEAR, (%di)
    jz 1b
    cmpb $VBE_DIRECT_COLOR, 27(%di)
    jne 1b
    movw 18(%di), %ax
    cmpw PLAN_WIDTH, %ax
    jne 1b
    movw 20(%di), %ax
    cmpw PLAN_HEIGHT, %ax
    jne 1b
    movb 25(%di), %al
    cmpb PLAN_DEPTH, %al
    jne 1b
    clc
    ret
2:  stc
    ret
