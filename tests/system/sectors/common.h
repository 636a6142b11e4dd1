/* common.h: a boot sector of a few instructions. Each file says between BEGIN and END what it does. */
#define BEGIN                                                                                                          \
    .code16;                                                                                                           \
    .globl start;                                                                                                      \
    start:                                                                                                             \
    ljmp $0, $begin;                                                                                                   \
    begin:                                                                                                             \
    xorw %ax, %ax;                                                                                                     \
    movw %ax, %ds;                                                                                                     \
    movw %ax, %ss;                                                                                                     \
    movw $start, %sp;

#define END                                                                                                            \
    .org 510;                                                                                                          \
    .word 0xaa55
