/* flat.S: the first instructions of the flat image: EAX is 0 for POST, or the shutdown code of CMOS 0Fh. */
#include "memmap.h"

#define PORT_PCI_INDEX 0xcf8
#define PORT_PCI_DATA 0xcfc
#define HOST_BRIDGE 0x80000000
#define ID_I440FX 0x12378086
#define PAM_E8000 0x5c          /* the dword that ends in 5Fh, the register for E8000-EFFFF */
#define READ_WRITE 0x33

        .code32
        .section .entry, "ax"
        .global start
start:
        cld
        testl   %eax, %eax
        jnz     resume
        movl    $vars_start, %edi
        movl    $vars_end, %ecx
        subl    %edi, %ecx
        shrl    $2, %ecx
        rep stosl
        call    post_main

/* All memory is somebody else's but low memory: the services' stack, which nobody is on, is the stack. */
resume:
        movl    %eax, %ebp
        movl    $HOST_BRIDGE, %eax
        movw    $PORT_PCI_INDEX, %dx
        outl    %eax, %dx
        movw    $PORT_PCI_DATA, %dx
        inl     %dx, %eax
        cmpl    $ID_I440FX, %eax
        jne     1f
        movl    $(HOST_BRIDGE | PAM_E8000), %eax
        movw    $PORT_PCI_INDEX, %dx
        outl    %eax, %dx
        movw    $(PORT_PCI_DATA + 3), %dx
        movb    $READ_WRITE, %al
        outb    %al, %dx
1:      movl    $(LOW_BASE + LOW_STACK_TOP), %esp
        movl    %ebp, %eax
        jmp     resume_main
