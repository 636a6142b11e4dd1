/* call16.S: between 32-bit flat mode and real mode.
 *
 * entry_call16: called in 32-bit flat mode (CS base 0, at BIOS_BASE + its offset). EAX: linear address of a struct
 * bregs on the stack; ECX: CALL16_BIG asks for big real mode, CALL16_INT for a callee that ends in IRET, not RETF. Loads
 * the registers, calls CS:IP and stores the registers. The stack must lie below 64 KiB: SS becomes 0. */
#include "memmap.h"
#include "bregs.h"
#include "macros.inc"

        .section .text.call16, "ax"
        .code32
        .global entry_call16
entry_call16:
        pushl   %ebx
        pushl   %esi
        pushl   %edi
        pushl   %ebp
        pushl   %eax
        movl    $SEL_DATA16, %edx
        testb   $CALL16_BIG, %cl
        jz      1f
        movl    $SEL_DATA16_BIG, %edx
1:      ljmpl   $SEL_CODE16, $2f
        .code16
2:      LEAVE_PROTECTED
        movw    %dx, %ds
        movw    %dx, %es
        movw    %dx, %ss
        movl    %eax, %esi
        /* the frame that the callee's IRET or RETF takes, then its address and flags for ours */
        testb   $CALL16_INT, %cl
        jz      1f
        pushw   BREGS_FLAGS(%esi)
1:      pushw   %cs
        pushw   $4f
        pushw   BREGS_FLAGS(%esi)
        pushw   BREGS_CS(%esi)
        pushw   BREGS_IP(%esi)
        LOAD_BREGS
        iretw
4:      cli
        cld
        pushfw
        pushw   %ds
        pushl   %eax
        xorw    %ax, %ax
        movw    %ax, %ds
        movzwl  %sp, %esp
        movl    8(%esp), %eax   /* bregs, behind EAX, DS and the flags */
        popl    36(%eax)
        popw    6(%eax)
        popw    BREGS_FLAGS(%eax)
        movw    %fs, 2(%eax)
        movw    %gs, 0(%eax)
        movw    %es, 4(%eax)
        movl    %edi, 8(%eax)
        movl    %esi, 12(%eax)
        movl    %ebp, 16(%eax)
        movl    %ebx, 24(%eax)
        movl    %edx, 28(%eax)
        movl    %ecx, 32(%eax)
        lgdtl   %cs:gdt_pointer
        movl    %cr0, %eax
        orb     $1, %al
        movl    %eax, %cr0
        ljmpl   $SEL_CODE32, $(BIOS_BASE + 5f)
        .code32
5:      movl    $SEL_DATA32, %eax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movw    %ax, %fs
        movw    %ax, %gs
        popl    %eax
        popl    %ebp
        popl    %edi
        popl    %esi
        popl    %ebx
        ret

/* entry_jump16: 32-bit flat mode, never comes back. EAX: passed on; ECX: seg:off to jump to in real mode, with
 * SS:SP at the services' stack. */
        .global entry_jump16
entry_jump16:
        movl    $SEL_DATA16, %edx
        ljmpl   $SEL_CODE16, $2f
        .code16
2:      LEAVE_PROTECTED
        movw    %dx, %ds
        movw    %dx, %es
        movw    %dx, %fs
        movw    %dx, %gs
        movw    $SEG_LOW, %dx
        movw    %dx, %ss
        movl    $LOW_STACK_TOP, %esp
        pushl   %ecx
        lretw

/* call_flat: from real or big real mode. EDX: flat address of a function, EAX: its argument; its answer in EAX. SS:SP
 * stays the stack, so SS must be a real-mode segment. Interrupts are off meanwhile. All else is kept, the segment
 * registers' limits excepted: those become big, as option ROMs have them. */
        .global call_flat
call_flat:
        pushfw
        cli
        pushw   %ds
        pushw   %es
        pushw   %fs
        pushw   %gs
        pushl   %ecx
        pushl   %ebx
        movw    %ss, %cx
        movzwl  %cx, %ebx
        pushl   %ebx
        shll    $4, %ebx
        movzwl  %sp, %esp
        lgdtl   %cs:gdt_pointer
        movl    %cr0, %ecx
        orb     $1, %cl
        movl    %ecx, %cr0
        ljmpl   $SEL_CODE32, $(BIOS_BASE + 1f)
        .code32
1:      movl    $SEL_DATA32, %ecx
        movw    %cx, %ds
        movw    %cx, %es
        movw    %cx, %ss
        movw    %cx, %fs
        movw    %cx, %gs
        addl    %ebx, %esp
        pushl   %ebx
        call    *%edx
        popl    %ebx
        subl    %ebx, %esp
        movl    $SEL_DATA16_BIG, %ecx
        ljmpl   $SEL_CODE16, $2f
        .code16
2:      movw    %cx, %ds
        movw    %cx, %es
        movw    %cx, %ss
        movw    %cx, %fs
        movw    %cx, %gs
        movl    %cr0, %ecx
        andb    $~1, %cl
        movl    %ecx, %cr0
        ljmpw   $SEG_BIOS, $3f
3:      shrl    $4, %ebx
        movw    %bx, %ss
        popl    %ebx
        popl    %ebx
        popl    %ecx
        popw    %gs
        popw    %fs
        popw    %es
        popw    %ds
        popfw
        retw
