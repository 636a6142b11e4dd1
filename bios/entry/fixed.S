/* fixed.S: the places of the IBM PC/AT's BIOS that programs jump to or read without asking a vector (IBM PC/AT Technical
 * Reference, and every compatible since), and the entries that are no interrupt service. rom16.ld puts each
 * .fixed.ADDRESS there. */
#include "memmap.h"

        .code16
        .macro  FIXED address, target
        .section .fixed.\address, "ax"
        jmp     \target
        .endm

        FIXED   e2c3, entry_02
        FIXED   e3fe, entry_13
        FIXED   e6f2, entry_19
        FIXED   e739, entry_14
        FIXED   e82e, entry_16
        FIXED   e987, entry_09
        FIXED   ec59, entry_40
        FIXED   ef57, entry_0e
        FIXED   efd2, entry_17
        FIXED   f065, entry_10
        FIXED   f841, entry_12
        FIXED   f84d, entry_11
        FIXED   f859, entry_15
        FIXED   fe6e, entry_1a_any
        FIXED   fea5, entry_08
        FIXED   ff54, entry_05

        .section .text.fixed, "ax"
        .global entry_02, entry_05, entry_18, entry_19, entry_1a_any
entry_02:                               /* NMI, print screen: nothing to do */
entry_05:
        iretw

/* The bootstrap and its failure: boot_main(0) and boot_main(1) in flat code, on POST's stack. */
entry_18:
        movl    $1, %eax
        jmp     1f
entry_19:
        xorl    %eax, %eax
1:      cli
        cld
        xorw    %dx, %dx
        movw    %dx, %ss
        movl    $POST_STACK, %esp
        movl    %cs:(FSEG_VARS + 8), %edx
        jmp     call_flat

/* int 1Ah may be called in 16-bit protected mode if it is for the PCI BIOS (PCI BIOS specification 2.1, 3.2): then on
 * the caller's stack, without a segment register loaded by value. */
entry_1a_any:
        pushw   %ax
        smsww   %ax
        testb   $1, %al
        popw    %ax
        jz      entry_1a
        pushl   $handle_pcibios16
        jmp     1f
        .global entry_1a_protected
entry_1a_protected:
1:      cli
        cld
        pushal
        pushw   %ds
        pushw   %es
        pushw   %fs
        pushw   %gs
        movw    %ss, %ax
        movw    %ax, %ds
        movw    %ax, %es
        smsww   %cx
        testb   $1, %cl
        jz      2f
        larl    %eax, %ecx      /* a stack of 32 bits has a whole ESP */
        testl   $0x400000, %ecx
        jnz     3f
2:      movzwl  %sp, %esp
3:
        movl    %esp, %eax
        calll   *40(%esp)
        popw    %gs
        popw    %fs
        popw    %es
        popw    %ds
        popal
        addw    $4, %sp
        iretw

/* A 16-bit far call in whatever mode, turned into an interrupt whose IRET goes to a far return. The caller's arguments
 * lie behind struct bregs and that return address. */
        .macro  FAR_ENTRY name
        .global entry_\name
entry_\name:
        pushfw
        pushw   %cs
        pushw   $far_return
        pushl   $handle_\name
        jmp     1b
        .endm
        FAR_ENTRY apm16
        FAR_ENTRY pnp_real
        FAR_ENTRY pnp_prot
far_return:
        lretw

/* Post Memory Manager: a far call from an option ROM in big real mode, arguments as C pushes them; the answer in DX:AX. */
        .global entry_pmm
entry_pmm:
        pushl   %ecx
        movl    %eax, %ecx      /* AX and DX are the answer's; the high halves are the caller's */
        movw    %ss, %ax
        movzwl  %ax, %eax
        shll    $4, %eax
        movzwl  %sp, %esp
        addl    %esp, %eax
        addl    $8, %eax        /* behind ECX and the return address */
        pushl   %edx
        movl    %cs:(FSEG_VARS + 4), %edx
        call    call_flat
        popl    %edx
        movw    %ax, %cx
        shrl    $16, %eax
        movw    %ax, %dx
        movl    %ecx, %eax
        popl    %ecx
        lretw

        .section .fixed.efc7, "a"       /* diskette parameter table, for vector 1Eh */
        .global entry_diskette_params
entry_diskette_params:
        .byte   0xaf, 0x02, 0x25, 0x02, 18, 0x1b, 0xff, 0x6c, 0xf6, 0x0f, 0x08

        .section .fixed.e6f5, "a"       /* int 15h/C0h: system configuration */
        .global config_table
config_table:
        .word   8
        .byte   0xfc, 0, 1      /* AT, submodel, BIOS revision */
        .byte   0x74            /* second 8259, RTC, int 15h/4Fh, EBDA */
        .byte   0x40            /* int 16h/09h */
        .byte   0, 0, 0

        .section .fixed.e729, "a"       /* int 14h: baud rate divisors */
        .word   0x417, 0x300, 0x180, 0xc0, 0x60, 0x30, 0x18, 0x0c
