/* prot16.S: 16-bit protected mode, the 80286's: segments of up to 64 KiB by descriptors, gates with 16-bit offsets.
 *
 * prot16_try() goes in, runs a function of C (-m16 code is at home in any 16-bit code segment) and comes back, by the
 * function's end or by an exception. */
#include "real16.h"
#include "prot16.h"

#define CR0_PE 1
#define GATE286_INTERRUPT 0x86 /* present, DPL 0, 16-bit interrupt gate */

        .code16
        .text
        .globl  prot16_try
prot16_try:
        pushal
        pushfl
        cli
        movl    40(%esp), %eax
        movl    %esp, saved_esp
        movl    $NO_VECTOR, real_fault
        call    build_idt
        lgdtl   gdtr
        lidtl   idtr
        movl    %cr0, %ebx
        orl     $CR0_PE, %ebx
        movl    %ebx, %cr0
        ljmp    $P16_CODE, $1f
1:      movw    $P16_DATA, %bx
        movw    %bx, %ds
        movw    %bx, %es
        movw    %bx, %ss
        calll   *%eax
back:   cli
        movw    $P16_DATA, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %fs
        movw    %ax, %gs
        movw    %ax, %ss
        movl    %cr0, %eax
        andl    $~CR0_PE, %eax
        movl    %eax, %cr0
        ljmp    $0, $2f
2:      xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movw    %ax, %fs
        movw    %ax, %gs
        lidtl   real_idtr
        movl    saved_esp, %esp
        popfl
        popal
        movl    real_fault, %eax
        retl

build_idt:
        movw    $idt, %di
        movw    $stubs, %bx
        movw    $REAL_VECTORS, %cx
1:      movw    %bx, (%di)
        movw    $P16_CODE, 2(%di)
        movw    $(GATE286_INTERRUPT << 8), 4(%di)
        movw    $0, 6(%di)
        addw    $STUB_SIZE, %bx
        addw    $8, %di
        loop    1b
        ret

        .balign STUB_SIZE
stubs:  .set    n, 0
        .rept   REAL_VECTORS
        .if     (1 << n) & ((1 << 8) | (1 << 10) | (1 << 11) | (1 << 12) | (1 << 13) | (1 << 14) | (1 << 17))
        pushw   $n
        jmp     catch_error
        .else
        pushw   $n
        jmp     catch
        .endif
        .balign STUB_SIZE
        .set    n, n + 1
        .endr

/* Stack: vector, error code, IP, CS, FLAGS; without error code from `catch`. The data segment may be anything. */
catch_error:
        pushw   $P16_DATA
        popw    %ds
        popw    real_fault
        popw    real_fault + FAULT_ERROR
        jmp     1f
catch:  pushw   $P16_DATA
        popw    %ds
        popw    real_fault
        movw    $0, real_fault + FAULT_ERROR
1:      movw    $0, real_fault + 2
        movw    $0, real_fault + FAULT_ERROR + 2
        popw    real_fault + FAULT_IP
        popw    real_fault + FAULT_CS
        popw    real_fault + FAULT_FLAGS
        movw    %sp, real_fault + FAULT_SP
        jmp     back

        .balign 8
        .globl  prot16_gdt
prot16_gdt:
        .quad   0
        .quad   0x00009a000000ffff      # P16_CODE: base 0, limit FFFF
        .quad   0x000092000000ffff      # P16_DATA
        .quad   0x000092007c0001ff      # P16_SECTOR: the boot sector and no byte more
        .quad   0x000090007c0001ff      # P16_READ_ONLY
        .quad   0x000098007c0001ff      # P16_EXECUTE_ONLY
        .quad   0x000012007c0001ff      # P16_ABSENT
        .quad   0x000096000000efff      # P16_DOWN: grows down, F000 to FFFF
        .quad   0x000092100000ffff      # P16_HIGH: base 100000
prot16_gdt_end:
gdtr:   .word   prot16_gdt_end - prot16_gdt - 1
        .long   prot16_gdt
idtr:   .word   REAL_VECTORS * 8 - 1
        .long   idt
real_idtr:
        .word   0x3ff
        .long   0

        .bss
        .balign 8
idt:    .skip   REAL_VECTORS * 8
saved_esp:
        .skip   4

        .section .note.GNU-stack, "", @progbits
