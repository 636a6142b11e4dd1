/* transcript.S: the tour's last page. Builds, part by part as a kernel's loader would, the state that the transcripts of
 * tests/system/transcript show: long mode by page tables at 1000 … 3000, descriptors at 7f80 with a limit of one page,
 * the registers, and HLT at 824e. real/state.S puts it at 7C00 and starts it, in real mode, soon after a reset.
 *
 * One thing is not a loader's doing. In the transcript the code segment in force has not been accessed (type A: QEMU's
 * translator sets the bit neither in memory nor in the register when it jumps), while a processor sets it on every load.
 * What comes by RSM is loaded as it was saved; so an SMI handler of our own clears the bit in the state save area (AMD
 * APM vol. 2, table 10-1). The firmware has moved SMBASE to A0000 and left SMRAM unlocked. */
#define PML4 0x1000
#define PDPT 0x2000
#define PD 0x3000
#define PRESENT 1
#define WRITABLE 2
#define PAGE_SIZE_BIT 0x80
#define PAGE (PRESENT | PAGE_SIZE_BIT)

#define CODE64 8
#define DATA64 16
#define MSR_EFER 0xc0000080
#define EFER_LME 0x100
#define CR4_PAE 0x20
#define CR0_PG_PE 0x80000001

#define CONFADD 0xcf8
#define CONFDATA 0xcfc
#define SMRAM_REGISTER 0x80000070 /* of 00.0; byte 2 of the doubleword */
#define SMRAM_OPEN 0x4a           /* D_OPEN, G_SMRAME, C_BASE_SEG */
#define SMRAM_CLOSED 0x0a
#define SMBASE_SEGMENT 0xa000
#define SMI_ENTRY 0x8000
#define SAVED_CS_ATTRIBUTES 0xafe12 /* SMBASE + 8000 + 7e10 + 2 */
#define APM_CONTROL 0xb2            /* a write is an SMI */

        .code16
        .text
        .globl  transcript
transcript:
        jmp     main

/* The state save area's copy of CS.attr; the handler's segments have base 0 and no limit. */
handler:
        movl    $SAVED_CS_ATTRIBUTES, %ebx
        andw    $0xfffe, (%ebx)
        rsm
handler_end:

main:
        cli
        cld
        xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %ss
        movw    $0x7c00, %sp
        /* the handler goes where SMIs enter */
        movl    $SMRAM_REGISTER, %eax
        movw    $CONFADD, %dx
        outl    %eax, %dx
        movb    $SMRAM_OPEN, %al
        movw    $(CONFDATA + 2), %dx
        outb    %al, %dx
        movw    $SMBASE_SEGMENT, %ax
        movw    %ax, %es
        movw    $handler, %si
        movw    $SMI_ENTRY, %di
        movw    $(handler_end - handler), %cx
        cld
        rep movsb
        movb    $SMRAM_CLOSED, %al
        outb    %al, %dx
        jmp     tables

        .org    0x7f80 - 0x7c00
descriptors:
        .quad   0
        .quad   0x00a09a0000000000 /* code: limit 0 pages, that is FFF; 64 bits */
        .quad   0x00a0920000000000 /* data, the same bits */

tables:
        xorw    %ax, %ax
        movw    %ax, %es
        xorl    %eax, %eax
        movw    $PML4, %di
        movw    $(3 * 4096 / 4), %cx
        rep stosl
        movw    $(PDPT | PRESENT | WRITABLE), PML4
        movw    $(PD | PRESENT | WRITABLE), PDPT
        movw    $(PAGE | WRITABLE), PD
        /* six pages of 1 GiB below 2^39, one of them missing */
        movb    $PAGE, PDPT + 504 * 8
        movb    $(PAGE | WRITABLE), PDPT + 505 * 8
        movb    $PAGE, PDPT + 506 * 8
        movb    $PAGE, PDPT + 508 * 8
        movb    $(PAGE | WRITABLE), PDPT + 509 * 8

        fninit
        lgdtl   gdtr
        lidtl   idtr
        movl    $CR4_PAE, %eax
        movl    %eax, %cr4
        movl    $PML4, %eax
        movl    %eax, %cr3
        movl    $MSR_EFER, %ecx
        movl    $EFER_LME, %eax
        xorl    %edx, %edx
        wrmsr
        movl    %cr0, %eax
        orl     $CR0_PG_PE, %eax
        movl    %eax, %cr0
        ljmp    $CODE64, $long_mode
gdtr:   .word   3 * 8 - 1
        .long   descriptors
idtr:   .word   0xfff
        .long   0x7d19

        .code64
long_mode:
        movw    $DATA64, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %fs
        movw    %ax, %gs
        movw    %ax, %ss
        movl    $0x1f95, %ebx
        movl    $0x90aa, %esi
        movl    $0xb89fc, %edi
        movl    $0x3000, %ebp
        movl    $0x3000, %esp
        movabsq $0x00008e0000080000, %r9
        movl    $0xae00, %r10d
        movabsq $0x00008e0000080050, %r11
        xorl    %r8d, %r8d
        xorl    %r12d, %r12d
        xorl    %r13d, %r13d
        xorl    %r14d, %r14d
        xorl    %r15d, %r15d
        movl    $0xfc, %eax
        jmp     last

        .org    0x824e - 6 - 0x7c00
last:   xorl    %ecx, %ecx
        xorl    %edx, %edx /* ZF and PF */
        outb    %al, $APM_CONTROL
        hlt
        jmp     .

        .section .note.GNU-stack, "", @progbits
