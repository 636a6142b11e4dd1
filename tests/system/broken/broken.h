/* broken.h: boot sectors that end in a triple fault, each by one mistake that beginners make: what they share. */
#include "../sectors/common.h"

#define CODE32 0x08
#define DATA32 0x10

/* To 32-bit protected mode, flat, without an interrupt table: the next exception is a triple fault. */
#define PROTECTED                                                                                                      \
    cli;                                                                                                               \
    lgdt gdt_register;                                                                                                 \
    lidt no_idt;                                                                                                       \
    movl %cr0, %eax;                                                                                                   \
    orl $1, %eax;                                                                                                      \
    movl %eax, %cr0;                                                                                                   \
    ljmp $CODE32, $protected;                                                                                          \
    .code32;                                                                                                           \
    protected:                                                                                                         \
    movw $DATA32, %ax;                                                                                                 \
    movw %ax, %ds;                                                                                                     \
    movw %ax, %es;                                                                                                     \
    movw %ax, %ss;                                                                                                     \
    movl $start, %esp;

#define TABLES                                                                                                         \
    .balign 8;                                                                                                         \
    gdt:                                                                                                               \
    .quad 0, 0x00cf9a000000ffff, 0x00cf92000000ffff;                                                                   \
    MORE_DESCRIPTORS gdt_end:                                                                                          \
    gdt_register:                                                                                                      \
    .word GDT_LIMIT;                                                                                                   \
    .long gdt;                                                                                                         \
    no_idt:                                                                                                            \
    .word 0;                                                                                                           \
    .long 0;

#define GDT_LIMIT gdt_end - gdt - 1
#define MORE_DESCRIPTORS

/* To a program of level 3 at `user`, with a TSS for the way back; the first two vectors lead to `handler`. */
#define USER_CODE (0x18 | 3)
#define USER_DATA (0x20 | 3)
#define TSS 0x28
#define TSS_AT 0x7e00
#define ESP0 4
#define SS0 8
#define USER_DESCRIPTORS 0x00cffa000000ffff, 0x00cff2000000ffff
#define TO_USER                                                                                                        \
    movl $0x9000, TSS_AT + ESP0;                                                                                       \
    movl $DATA32, TSS_AT + SS0;                                                                                        \
    lidt idt_register;                                                                                                 \
    movw $TSS, %ax;                                                                                                    \
    ltr %ax;                                                                                                           \
    pushl $USER_DATA;                                                                                                  \
    pushl $0xa000;                                                                                                     \
    pushl $USER_CODE;                                                                                                  \
    pushl $user;                                                                                                       \
    lret;

#define USER_GATES                                                                                                     \
    .balign 8;                                                                                                         \
    idt:                                                                                                               \
    .quad 0;                                                                                                           \
    .word handler, CODE32, 0xee00, 0;                                                                                  \
    idt_register:                                                                                                      \
    .word 8 * 2 - 1;                                                                                                   \
    .long idt;
