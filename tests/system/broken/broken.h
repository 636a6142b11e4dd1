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
