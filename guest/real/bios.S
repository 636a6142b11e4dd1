/* bios.S: what 16-bit C can't say: software interrupts with all registers, and exceptions that are caught.
 *
 * C of -m16 calls with 32-bit return addresses and arguments on the stack; it keeps EBX, ESI, EDI and EBP. */
#include "../lib/boot_info.h"
#include "real16.h"

#define CR0_PE 1
#define R_EAX 0
#define R_EBX 4
#define R_ECX 8
#define R_EDX 12
#define R_ESI 16
#define R_EDI 20
#define R_EBP 24
#define R_DS 28
#define R_ES 30
#define R_EFLAGS 32

        .code16
        .text
/* void bios_int(u32 vector, struct real_regs *r) */
        .globl  bios_int
bios_int:
        pushal
        movl    %esp, %ebp
        movw    36(%bp), %bx
        shlw    $2, %bx
        movl    (%bx), %eax
        movl    %eax, target
        movl    40(%bp), %ebp
        movl    %ebp, regs
        movl    R_EAX(%bp), %eax
        movl    R_EBX(%bp), %ebx
        movl    R_ECX(%bp), %ecx
        movl    R_EDX(%bp), %edx
        movl    R_ESI(%bp), %esi
        movl    R_EDI(%bp), %edi
        movw    R_ES(%bp), %es
        movl    R_EBP(%bp), %ebp
        pushfw                          # what INT pushes and does
        cli
        lcall   *target
        pushl   %ebp
        pushfl
        movl    regs, %ebp
        movl    %eax, %ds:R_EAX(%bp)
        movl    %ebx, %ds:R_EBX(%bp)
        movl    %ecx, %ds:R_ECX(%bp)
        movl    %edx, %ds:R_EDX(%bp)
        movl    %esi, %ds:R_ESI(%bp)
        movl    %edi, %ds:R_EDI(%bp)
        movw    %es, %ds:R_ES(%bp)
        popl    %ds:R_EFLAGS(%bp)
        popl    %ds:R_EBP(%bp)
        xorw    %ax, %ax
        movw    %ax, %es
        cld
        popal
        retl

/* u32 real_try(void (*f)(void)): vectors 0 to 1F lead to `catch` while f runs. */
        .globl  real_try
real_try:
        pushal
        pushfl
        cli
        movl    40(%esp), %eax
        movl    %esp, saved_esp
        movw    $0, %si                 # keep the firmware's vectors
        movw    $saved_ivt, %di
        movw    $(REAL_VECTORS * 2), %cx
        cld
        rep movsw
        xorw    %di, %di
        movw    $real_stubs, %bx
        movw    $REAL_VECTORS, %cx
1:      movw    %bx, (%di)
        movw    $0, 2(%di)
        addw    $STUB_SIZE, %bx
        addw    $4, %di
        loop    1b
        calll   *%eax
        movl    $NO_VECTOR, real_fault
        jmp     real_done

/* One stub a vector: pushes its number. */
        .balign STUB_SIZE
real_stubs:
        .set    n, 0
        .rept   REAL_VECTORS
        pushw   $n
        jmp     catch
        .balign STUB_SIZE
        .set    n, n + 1
        .endr

/* Stack: vector, IP, CS, FLAGS. */
catch:  cli
        pushfw
        popw    %cs:real_fault + FAULT_FLAGS_INSIDE
        pushw   $0
        popw    %ds
        popw    real_fault
        movw    $0, real_fault + 2
        popw    real_fault + FAULT_IP
        popw    real_fault + FAULT_CS
        popw    real_fault + FAULT_FLAGS
        movw    %sp, real_fault + FAULT_SP
real_done:
        cli
        xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movl    saved_esp, %esp
        movw    $saved_ivt, %si
        xorw    %di, %di
        movw    $(REAL_VECTORS * 2), %cx
        cld
        rep movsw
        popfl
        popal
        movl    real_fault, %eax
        retl

        .bss
        .balign 4
regs:   .skip   8
target: .skip   4
saved_esp:
        .skip   4
saved_ivt:
        .skip   REAL_VECTORS * 4
        .globl  real_fault
real_fault:
        .skip   FAULT_SIZE

        .section .note.GNU-stack, "", @progbits
