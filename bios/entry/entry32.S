/* entry32.S: the entry points of 32-bit segmented mode: far calls with any code and stack segment, at any linear address.
 * Each makes the struct bregs that the 16-bit stubs make, on the caller's stack, with DS = ES = SS. */
#include "memmap.h"

        .code32
        .text
        .macro  ENTRY32 name handler
        .global entry_\name
entry_\name:
        pushfw
        pushw   %ax             /* CS, IP and the handler: not used here */
        pushw   %ax
        pushl   %eax
        pushal
        pushw   %ds
        pushw   %es
        pushw   %fs
        pushw   %gs
        cli
        cld
        movw    %ss, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movl    %esp, %eax
        call    \handler
        popw    %gs
        popw    %fs
        popw    %es
        popw    %ds
        popal
        addl    $8, %esp
        popfw
        lretl
        .endm
        ENTRY32 pcibios32 handle_pcibios32
        ENTRY32 apm32 handle_apm32

#define SERVICE_PCI 0x49435024  /* "$PCI" */
#define NO_SERVICE 0x80
#define NO_FUNCTION 0x81

/* BIOS32 service directory (Standard BIOS 32-bit Service Directory proposal 0.4): EAX service, EBX 0. */
        .global entry_bios32
entry_bios32:
        pushfl
        testl   %ebx, %ebx
        jnz     2f
        cmpl    $SERVICE_PCI, %eax
        movb    $NO_SERVICE, %al
        jne     1f
        movl    $BIOS_BASE, %ebx
        movl    $0x10000, %ecx
        movl    $entry_pcibios32, %edx
        movb    $0, %al
1:      popfl
        lretl
2:      movb    $NO_FUNCTION, %al
        jmp     1b
