/* stubs.S: how real-mode interrupts come into C.
 *
 * INT_STUB pushes its handler; entry_common saves the registers as struct bregs, switches to the services' stack in low
 * memory and calls the handler with the frame's address. Services never run on the caller's stack, which may be small;
 * what the firmware calls itself (call_out: other vectors' handlers, and the places where it waits with interrupts on)
 * does run there, since whoever is called may change stacks and come back to the firmware. low.stack_pos is from where
 * the services' stack is free for such an entry from outside. */
#include "memmap.h"
#include "bregs.h"
#include "macros.inc"

#define STACK_POS (LOW_VARS + 4)
#define CALLER_ESP (LOW_VARS + 8)
#define CALLER_SS (LOW_VARS + 12)

/* Behind a copied frame: the caller's SS:ESP, and what the three variables were. */
#define OLD_SS 52
#define OLD_ESP 56
#define PREV_POS 60
#define PREV_ESP 64
#define PREV_SS 68
#define FRAME 72

        .code16
        .section .text.stubs, "ax"

        .macro  INT_STUB name
        .global entry_\name
entry_\name:
        pushl   $handle_\name
        jmp     entry_common
        .endm

        .irp    name, 08, 09, 0e, 11, 12, 14, 15, 16, 17, 1a, 40, 70, 74, 75, 76, irq1, irq2
        INT_STUB \name
        .endr
        .irp    name, 10, 13
        INT_STUB \name
        .endr

        .global entry_common
entry_common:
        cli
        cld
        pushal
        pushw   %ds
        pushw   %es
        pushw   %fs
        pushw   %gs
        movw    %ss, %ax
        cmpw    $SEG_LOW, %ax
        je      on_our_stack
        movw    %ax, %ds
        movl    %esp, %ebp
        movw    %sp, %si
        movw    $SEG_LOW, %dx
        movw    %dx, %es
        movl    %es:STACK_POS, %ebx
        movl    %ebx, %ecx
        subl    $FRAME, %ebx
        movl    %ebx, %edi
        movl    %ecx, %es:PREV_POS(%edi)
        movl    %es:CALLER_ESP, %ecx
        movl    %ecx, %es:PREV_ESP(%edi)
        movw    %es:CALLER_SS, %cx
        movw    %cx, %es:PREV_SS(%edi)
        movw    %ax, %es:OLD_SS(%edi)
        movl    %ebp, %es:OLD_ESP(%edi)
        movw    $(BREGS_SIZE / 2), %cx
        rep movsw
        movw    %dx, %ss
        movl    %ebx, %esp
        movw    %dx, %ds
        movw    %ax, CALLER_SS
        movl    %ebp, CALLER_ESP
        movl    %esp, %eax
        calll   *BREGS_HANDLER(%esp)
        movl    PREV_POS(%esp), %eax
        movl    %eax, STACK_POS
        movl    PREV_ESP(%esp), %eax
        movl    %eax, CALLER_ESP
        movw    PREV_SS(%esp), %ax
        movw    %ax, CALLER_SS
        movw    %sp, %si
        movw    OLD_SS(%esp), %ax
        movl    OLD_ESP(%esp), %ebp
        movw    %ax, %es
        movw    %bp, %di
        movw    $(BREGS_SIZE / 2), %cx
        rep movsw
        movw    %ax, %ss
        movl    %ebp, %esp
leave_stub:
        popw    %gs
        popw    %fs
        popw    %es
        popw    %ds
        popal
        addw    $4, %sp
        iretw
on_our_stack:
        movw    %ax, %ds
        movw    %ax, %es
        movzwl  %sp, %esp
        movl    %esp, %eax
        calll   *BREGS_HANDLER(%esp)
        jmp     leave_stub

/* void call_out(struct bregs *regs, u32 far_address): calls it as an interrupt, on the caller's stack. */
        .global call_out
call_out:
        pushl   %ebp
        pushl   %ebx
        pushl   %esi
        pushl   %edi
        pushl   CALLER_ESP
        pushw   CALLER_SS
        pushl   STACK_POS
        pushl   %edx
        pushl   %eax
        movl    %esp, STACK_POS
        movl    %eax, %ebp
        movw    CALLER_SS, %ax
        movl    CALLER_ESP, %ecx
        movw    $SEG_LOW, %bx
        movw    %bx, %ds
        movw    %ax, %ss
        movl    %ecx, %esp
        pushw   BREGS_FLAGS(%ebp)
        pushw   %cs
        pushw   $1f
        pushl   %edx
        movl    %ebp, %esi
        LOAD_BREGS
        lretw
1:      cli
        cld
        pushfw
        pushw   %ds
        pushl   %eax
        movw    $SEG_LOW, %ax
        movw    %ax, %ds
        movl    STACK_POS, %eax
        movl    (%eax), %eax
        popl    36(%eax)
        popw    6(%eax)
        popw    BREGS_FLAGS(%eax)
        movw    %gs, 0(%eax)
        movw    %fs, 2(%eax)
        movw    %es, 4(%eax)
        movl    %edi, 8(%eax)
        movl    %esi, 12(%eax)
        movl    %ebp, 16(%eax)
        movl    %ebx, 24(%eax)
        movl    %edx, 28(%eax)
        movl    %ecx, 32(%eax)
        movl    STACK_POS, %edx
        movw    $SEG_LOW, %ax
        movw    %ax, %es
        movw    %ax, %ss
        movl    %edx, %esp
        addw    $8, %sp
        popl    STACK_POS
        popw    CALLER_SS
        popl    CALLER_ESP
        popl    %edi
        popl    %esi
        popl    %ebx
        popl    %ebp
        retl

/* Where call_out() goes to let interrupts in. */
        .global wait_moment, wait_interrupt
wait_moment:
        sti
        nop
        rep; nop
        cli
        iretw
wait_interrupt:
        sti
        hlt
        cli
        iretw

/* The mouse's handler at DI:SI, with AX, BX, CX, DX as its arguments. */
        .global call_mouse_handler
call_mouse_handler:
        sti
        pushw   %ax
        pushw   %bx
        pushw   %cx
        pushw   %dx
        pushw   %cs
        pushw   $1f
        pushw   %di
        pushw   %si
        lretw
1:      addw    $8, %sp
        cli
        iretw

/* Vectors without a service. */
        .section .fixed.ff53, "ax"
        .global entry_iret
entry_iret:
        iretw
