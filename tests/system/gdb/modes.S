# modes.S: a boot sector with symbols that goes from 16-bit through 32-bit to 64-bit code, for GDB: calls that leave a
# backtrace, a counter that is written from each mode, and at the end a loop.
    .code16
    .globl start, real_call, protected, protected_call, long_mode, outer, middle, inner, counter, finished
    .section .text
start:
    ljmp $0, $real
real:
    xorw %ax, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movw $0x7c00, %sp
    movw $0x1234, %bx
    call real_call
    movw $(code_900 - start), %si           # the same in a segment that does not begin at 0
    movw $0x900, %ax
    movw %ax, %es
    xorw %di, %di
    movw $code_900, %si
    movw $(code_900_end - code_900), %cx
    rep movsb
    lcall $0x900, $0
    cli
    lgdt gdtr
    movl %cr0, %eax
    orl $1, %eax
    movl %eax, %cr0
    ljmp $0x08, $protected
real_call:
    incl counter
    ret
code_900:
    incl %ebx
    lret
code_900_end:

    .code32
protected:
    movw $0x10, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movl $0x7c00, %esp
    xorl %ebp, %ebp
    call protected_call
    movl $0x1000, %edi                       # page tables: 2 MiB, one to one
    xorl %eax, %eax
    movl $0x3000 / 4, %ecx
    cld
    rep stosl
    movl $0x2003, 0x1000
    movl $0x3003, 0x2000
    movl $0x83, 0x3000
    movl $0x1000, %eax
    movl %eax, %cr3
    movl %cr4, %eax
    orl $0x20, %eax
    movl %eax, %cr4
    movl $0xc0000080, %ecx
    rdmsr
    orl $0x100, %eax
    wrmsr
    movl %cr0, %eax
    orl $0x80000000, %eax
    movl %eax, %cr0
    ljmp $0x18, $long_mode
    .type protected_call, @function
protected_call:
    pushl %ebp
    movl %esp, %ebp
    incl counter
    popl %ebp
    ret
    .size protected_call, . - protected_call

    .code64
long_mode:
    movq $0x7c00, %rsp
    xorl %ebp, %ebp
    movl $5, %edi
    call outer
finished:
    pause
    jmp finished

    .macro function name
    .type \name, @function
\name:
    .cfi_startproc
    pushq %rbp
    .cfi_def_cfa_offset 16
    .cfi_offset %rbp, -16
    movq %rsp, %rbp
    .cfi_def_cfa_register %rbp
    .endm
    .macro end name
    popq %rbp
    .cfi_def_cfa %rsp, 8
    ret
    .cfi_endproc
    .size \name, . - \name
    .endm

    function outer
    call middle
    end outer
    function middle
    call inner
    call inner
    end middle
    function inner
    incl counter(%rip)
    end inner

    .balign 8
gdt:
    .quad 0
    .quad 0x00cf9b000000ffff
    .quad 0x00cf93000000ffff
    .quad 0x00af9b000000ffff
gdtr:
    .word . - gdt - 1
    .long gdt
    .balign 4
    .type counter, @object
counter:
    .long 0
    .size counter, 4
    .org 510
    .word 0xaa55
