/* runtime.S: runs the cases of the ROM one after the other: tables from the template, patches, registers, IRET into the
 * case; what ends it (any exception, or INT END_VECTOR) prints the state as one line on port E9. */
#include "layout.h"

/* A case: 32-bit words, then patches. */
#define CASE_SIZE 0
#define CASE_CR0 4
#define CASE_CR3 8
#define CASE_CR4 12
#define CASE_DR0 16
#define CASE_DR7 32
#define CASE_FRAME 36 /* EIP CS EFLAGS ESP SS ES DS FS GS: what IRET takes, to virtual-8086 mode, too */
#define CASE_ESP 48
#define CASE_DS 72
#define CASE_ES 76
#define CASE_FS 80
#define CASE_GS 84
#define CASE_GPRS 88 /* in POPA's order */
#define CASE_FRAME_WORDS 120
#define CASE_PATCHES 124

    .code32
    .globl runtime
runtime:
    movl $RAM_STACK_RUN, %esp
    movl $(ROM_BASE + ROM_CASES), %eax
    movl %eax, case
next_case:
    movl case, %ebx
    cmpl $0, CASE_SIZE(%ebx)
    je all_done
    cld
    /* the tables, and zeros */
    movl $(ROM_BASE + ROM_TEMPLATE), %esi
    movl $RAM_TABLES, %edi
    movl $(TEMPLATE_SIZE / 4), %ecx
    rep movsl
    xorl %edi, %edi             /* real mode's vectors lead to the end of the case */
    movl $((RAM_CODE >> 4) << 16 | TARGET_OFFSET), %eax
    movl $0x100, %ecx
    rep stosl
    xorl %eax, %eax
    movl $0x300, %ecx
    rep stosl
    movl $RAM_CODE, %edi
    movl $0x400, %ecx
    rep stosl
    movl $RAM_SCRATCH, %edi
    movl $(SCRATCH_SIZE / 4), %ecx
    rep stosl
    /* patches: address, length, bytes; ended by address 0 */
    leal CASE_PATCHES(%ebx), %esi
1:  lodsl
    testl %eax, %eax
    jz 2f
    movl %eax, %edi
    lodsl
    movl %eax, %ecx
    rep movsb
    jmp 1b
2:  movl %ebx, %esi             /* what paging may hide */
    movl $current, %edi
    movl $(CASE_PATCHES / 4), %ecx
    rep movsl
    movl $current, %ebx
    pushl $2
    popfl
    lgdt gdt_pointer
    lidt idt_pointer
    ljmp $SEL_CODE, $3f
3:  movl $SEL_DATA, %eax
    movl %eax, %ss
    movl %eax, %ds
    movl %eax, %es
    movl $SEL_LDT, %eax
    lldt %ax
    movl $SEL_TSS, %eax
    ltr %ax
    fninit
    movl CASE_CR3(%ebx), %eax
    movl %eax, %cr3
    movl CASE_CR4(%ebx), %eax
    movl %eax, %cr4
    movl CASE_CR0(%ebx), %eax
    movl %eax, %cr0
    movl $0xffff0ff0, %eax
    movl %eax, %dr6
    movl CASE_DR0(%ebx), %eax
    movl %eax, %dr0
    movl CASE_DR0+4(%ebx), %eax
    movl %eax, %dr1
    movl CASE_DR0+8(%ebx), %eax
    movl %eax, %dr2
    movl CASE_DR0+12(%ebx), %eax
    movl %eax, %dr3
    movl CASE_DR7(%ebx), %eax
    movl %eax, %dr7
    xorl %eax, %eax
    movl %eax, %cr2
    movl $0xffffffff, vector
    /* the frame */
    movl $RAM_STACK_RUN, %esp
    movl CASE_FRAME_WORDS(%ebx), %ecx
    cmpl $3, %ecx
    jne 4f
    movl CASE_ESP(%ebx), %esp   /* IRET to the same privilege keeps it */
4:  pushl CASE_FRAME-4(%ebx, %ecx, 4)
    loop 4b
    movl %esp, frame_at
    movl CASE_ES(%ebx), %eax
    movl %eax, %es
    movl CASE_FS(%ebx), %eax
    movl %eax, %fs
    movl CASE_GS(%ebx), %eax
    movl %eax, %gs
    leal CASE_GPRS(%ebx), %esp
    popal                       /* from the ROM */
    movl %ss:frame_at, %esp
    pushl %eax
    movl $current, %eax
    movw CASE_DS(%eax), %ds
    popl %eax
    iretl

/* ---- how a case ends ---- */

    .balign 16
    .globl vectors
vectors:                        /* 16 bytes each: those without an error code push 0 */
    .set v, 0
    .rept 256
    .balign 16
    .if !((v == 8) || (v >= 10 && v <= 14) || (v == 17) || (v == 21))
    pushl $0
    .endif
    pushl $v
    jmp ended
    .set v, v + 1
    .endr

ended:                          /* vector, error code, EIP, CS, EFLAGS, [ESP, SS, [ES, DS, FS, GS]] */
    pushal
    pushl %ds
    movl $SEL_DATA, %eax
    movl %eax, %ds
    popl %eax
    movw %ax, state_ds
    movw %es, state_es
    movw %fs, state_fs
    movw %gs, state_gs
    movw %ss, state_ss
    movl %esp, %esi
    movl %ss, %eax
    larl %eax, %eax
    testl $0x400000, %eax       /* a 16-bit stack has no more than SP */
    jnz 1f
    movzwl %si, %esi
1:
    /* the rest through SS: it may not be flat */
    movl $state_gprs, %edi
    movl $SEL_DATA, %eax
    movl %eax, %es
    cld
    movl $8, %ecx
    rep movsl %ss:(%esi), %es:(%edi)
    movl %ss:(%esi), %eax
    movl %eax, vector
    movl %ss:4(%esi), %eax
    movl %eax, state_error
    movl %ss:8(%esi), %eax
    movl %eax, state_eip
    movzwl %ss:12(%esi), %eax
    movl %eax, state_cs
    movl %ss:16(%esi), %edx
    movl %edx, state_eflags
    leal 20(%esi), %ecx         /* no change of stacks */
    movl %ecx, state_esp
    testl $0x20000, %edx
    jnz 1f
    testb $3, %al
    jz 2f
1:  movl %ss:20(%esi), %ecx
    movl %ecx, state_esp
    movw %ss:24(%esi), %cx
    movw %cx, state_ss
    testl $0x20000, %edx
    jz 2f
    movw %ss:28(%esi), %cx
    movw %cx, state_es
    movw %ss:32(%esi), %cx
    movw %cx, state_ds
    movw %ss:36(%esi), %cx
    movw %cx, state_fs
    movw %ss:40(%esi), %cx
    movw %cx, state_gs
2:
report:
    movl $SEL_DATA, %eax
    movl %eax, %ss
    movl %eax, %es
    movl $RAM_STACK_RUN, %esp
    movl %cr0, %eax
    movl %eax, state_cr0
    movl %cr2, %eax
    movl %eax, state_cr2
    movl %cr3, %eax
    movl %eax, state_cr3
    movl %cr4, %eax
    movl %eax, state_cr4
    movl %dr6, %eax
    movl %eax, state_dr6
    movl %dr7, %eax
    movl %eax, state_dr7
    strw state_tr
    sldtw state_ldtr
    movl $0x400, %eax
    movl %eax, %dr7
    movl $0x11, %eax            /* paging off, TS off */
    movl %eax, %cr0
    xorl %eax, %eax
    movl %eax, %cr4
    xorl %esi, %esi
    movl $((RAM_TABLES + TEMPLATE_SIZE) / 4), %ecx
    call sum
    movl %eax, sum_tables
    movl $RAM_SCRATCH, %esi
    movl $(SCRATCH_SIZE / 4), %ecx
    call sum
    movl %eax, sum_scratch
    movl $vector, %ebx
5:  movl (%ebx), %eax
    call print_hex
    movb $' ', %al
    outb %al, $0xe9
    addl $4, %ebx
    cmpl $state_end, %ebx
    jb 5b
    movb $'\n', %al
    outb %al, $0xe9
    movl case, %ebx
    addl CASE_SIZE(%ebx), %ebx
    movl %ebx, case
    jmp next_case

/* The double fault's task: the state of the case is in its TSS. */
    .globl double_fault
double_fault:
    cld
    movl $SEL_DATA, %eax
    movl %eax, %ds
    movl %eax, %es
    movl $8, vector
    popl state_error
    movl $RAM_TSS, %ebx
    movl 32(%ebx), %eax
    movl %eax, state_eip
    movl 36(%ebx), %eax
    movl %eax, state_eflags
    andl $~0x10000, 36(%ebx)    /* RF differs, and shows in state_eflags: not in the sum of the tables, too */
    andl $~0x10000, RAM_TSS2 + 36
    leal 40(%ebx), %esi         /* EAX ECX EDX EBX ESP EBP ESI EDI */
    movl $(state_gprs + 28), %edi
    movl $8, %ecx
6:  lodsl
    movl %eax, (%edi)
    subl $4, %edi
    loop 6b
    movl 56(%ebx), %eax
    movl %eax, state_esp
    movw 72(%ebx), %ax
    movw %ax, state_es
    movzwl 76(%ebx), %eax
    movl %eax, state_cs
    movw 80(%ebx), %ax
    movw %ax, state_ss
    movw 84(%ebx), %ax
    movw %ax, state_ds
    movw 88(%ebx), %ax
    movw %ax, state_fs
    movw 92(%ebx), %ax
    movw %ax, state_gs
    jmp report

sum:                            /* FNV-1a over ECX words at ESI */
    movl $0x811c9dc5, %eax
7:  xorl (%esi), %eax
    imull $0x01000193, %eax
    addl $4, %esi
    loop 7b
    ret

print_hex:
    movl %eax, %edx
    movl $8, %ecx
8:  roll $4, %edx
    movl %edx, %eax
    andl $15, %eax
    movb digits(%eax), %al
    outb %al, $0xe9
    loop 8b
    ret

all_done:
    movl $done_text, %esi
9:  lodsb
    testb %al, %al
    jz 10f
    outb %al, $0xe9
    jmp 9b
10: movw $0x501, %dx            /* isa-debug-exit */
    movb $0, %al
    outb %al, %dx
    movw $0x8900, %dx           /* Bochs */
    movl $shutdown_text, %esi
11: lodsb
    outb %al, %dx
    testb %al, %al
    jnz 11b
    cli
12: hlt
    jmp 12b

digits:
    .ascii "0123456789abcdef"
done_text:
    .asciz "all cases done\n"
shutdown_text:
    .asciz "Shutdown"
    .balign 4
case:
    .long 0
frame_at:
    .long 0
current:
    .fill CASE_PATCHES / 4, 4, 0
vector:                         /* printed from here… */
    .long 0
state_error:
    .long 0
state_eip:
    .long 0
state_cs:
    .long 0
state_eflags:
    .long 0
state_esp:
    .long 0
state_ss:
    .word 0
state_ds:
    .word 0
state_es:
    .word 0
state_fs:
    .word 0
state_gs:
    .word 0
state_tr:
    .word 0
state_ldtr:
    .word 0, 0
state_gprs:                     /* EDI ESI EBP ESP EBX EDX ECX EAX */
    .fill 8, 4, 0
state_cr0:
    .long 0
state_cr2:
    .long 0
state_cr3:
    .long 0
state_cr4:
    .long 0
state_dr6:
    .long 0
state_dr7:
    .long 0
sum_tables:
    .long 0
sum_scratch:
    .long 0
state_end:                      /* …to here */
    .balign 8
gdt_pointer:
    .word 0x1ff
    .long RAM_GDT
idt_pointer:
    .word 0x7ff
    .long RAM_IDT
