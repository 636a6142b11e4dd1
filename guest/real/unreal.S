/* unreal.S: u32 unreal_read(u32 address): "unreal mode". A segment register keeps base and limit until it is loaded
 * again, so one that protected mode gave 4 GiB has them still after PE is cleared. */
#define CR0_PE 1
#define FLAT 8

        .code16
        .text
        .globl  unreal_read
unreal_read:
        pushfl
        cli
        lgdtl   gdtr
        movl    %cr0, %eax
        orl     $CR0_PE, %eax
        movl    %eax, %cr0
        jmp     1f
1:      movw    $FLAT, %cx
        movw    %cx, %gs
        andl    $~CR0_PE, %eax
        movl    %eax, %cr0
        jmp     2f
2:      movl    8(%esp), %ecx
        movl    %gs:(%ecx), %eax
        pushw   $0
        popw    %gs                     # the selector; in real mode that sets the base alone
        popfl
        retl

        .balign 8
gdt:    .quad   0
        .quad   0x00cf92000000ffff
gdtr:   .word   . - gdt - 1
        .long   gdt

        .section .note.GNU-stack, "", @progbits
