/* boot.S: the boot sector of the test image, and what C needs: the image is read to 7C00 and runs with all segments 0. */
#define SECTORS_AT 0x7e00
#define STACK 0x7000                    /* in a page without code: writes to it are quick everywhere */
#define PORT_EXIT 0x501                 /* isa-debug-exit */

/* struct registers */
#define R_EAX 0
#define R_EBX 4
#define R_ECX 8
#define R_EDX 12
#define R_ESI 16
#define R_EDI 20
#define R_EBP 24
#define R_ES 28

        .code16
        .section .boot, "ax"
        .globl  _start
_start: ljmp    $0, $1f
1:      xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movl    $STACK, %esp
        cld
        movw    $packet, %si
        movb    $0x42, %ah              # extended read, from the drive in DL
        int     $0x13
        jc      2f
        calll   image_main
2:      movw    $PORT_EXIT, %dx
        movb    $0, %al
        outb    %al, %dx
        cli
3:      hlt
        jmp     3b

packet: .byte   16, 0
        .word   image_sectors
        .word   SECTORS_AT, 0
        .quad   1
        .org    508
        .globl  image_options
image_options:
        .word   0                       # OPTION_ in image.h
        .word   0xaa55

/* void video(struct registers *r): int 10h with these registers, and what they are after it. */
        .text
        .globl  video
video:  pushal
        pushl   %eax                    # r
        movl    %eax, %esi
        pushl   R_ESI(%esi)
        movl    R_EAX(%esi), %eax
        movl    R_EBX(%esi), %ebx
        movl    R_ECX(%esi), %ecx
        movl    R_EDX(%esi), %edx
        movl    R_EDI(%esi), %edi
        movl    R_EBP(%esi), %ebp
        movw    R_ES(%esi), %es
        popl    %esi
        int     $0x10
        pushl   %esi
        movl    4(%esp), %esi           # r
        movl    %eax, R_EAX(%esi)
        movl    %ebx, R_EBX(%esi)
        movl    %ecx, R_ECX(%esi)
        movl    %edx, R_EDX(%esi)
        movl    %edi, R_EDI(%esi)
        movl    %ebp, R_EBP(%esi)
        movw    %es, R_ES(%esi)
        popl    R_ESI(%esi)
        xorw    %ax, %ax
        movw    %ax, %es
        popl    %eax
        popal
        retl
/* void far_call(u32 to, u16 bx, u16 dx): a function of VBE's, called far. */
        .globl  far_call
far_call:
        pushal
        movl    %edx, %ebx
        movl    %ecx, %edx
        pushl   %eax
        lcallw  *(%esp)
        addl    $4, %esp
        popal
        retl

/* void protected_call(struct protected_registers *r): interrupts are off meanwhile. */
#define P_ADDRESS 0
#define P_EAX 4
#define P_EBX 8
#define P_ECX 12
#define P_EDX 16
#define P_EDI 20
#define CODE_32 8
#define DATA_32 16
#define CODE_16 24
#define DATA_16 32
        .globl  protected_call
protected_call:
        pushfl
        pushal
        cli
        movl    %eax, %ebp
        lgdtl   gdt_pointer
        movl    %cr0, %eax
        orb     $1, %al
        movl    %eax, %cr0
        ljmpl   $CODE_32, $1f
        .code32
1:      movw    $DATA_32, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        pushl   %ebp
        movl    P_EAX(%ebp), %eax
        movl    P_EBX(%ebp), %ebx
        movl    P_ECX(%ebp), %ecx
        movl    P_EDX(%ebp), %edx
        movl    P_EDI(%ebp), %edi
        call    *P_ADDRESS(%ebp)
        popl    %ebp
        movl    %eax, P_EAX(%ebp)
        movl    %ebx, P_EBX(%ebp)
        movl    %ecx, P_ECX(%ebp)
        movl    %edx, P_EDX(%ebp)
        ljmpl   $CODE_16, $2f
        .code16
2:      movw    $DATA_16, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movl    %cr0, %eax
        andb    $0xfe, %al
        movl    %eax, %cr0
        ljmp    $0, $3f
3:      xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        popal
        popfl
        retl

        .section .rodata, "a"
        .balign 8
gdt:    .quad   0
        .quad   0x00cf9b000000ffff      # CODE_32
        .quad   0x00cf93000000ffff      # DATA_32
        .quad   0x00009b000000ffff      # CODE_16
        .quad   0x000093000000ffff      # DATA_16
gdt_pointer:
        .word   . - gdt - 1
        .long   gdt
        .section .note.GNU-stack, "", @progbits
