/* pmi.S: VBE function 0A: 32-bit code that a protected-mode program copies and calls near, in place of functions 05, 07
 * and 09 (VBE 3.0, "protected mode interface"). It runs anywhere: it holds no address of its own. */
#define PORT_INDEX 0x1ce
#define PORT_DATA 0x1cf
#define DISPI_BPP 3
#define DISPI_BANK 5
#define DISPI_VIRT_WIDTH 6
#define DISPI_X_OFFSET 8
#define DISPI_Y_OFFSET 9
#define PORT_PEL_WRITE_INDEX 0x3c8
#define PORT_STATUS_1 0x3da
#define RETRACE 0x08
#define AT_RETRACE 0x80
#define RETRACE_POLLS 50000
#define AX_OK 0x004f
#define AX_FAILED 0x014f
#define AX_NOT_HERE 0x024f

        .section .text32, "ax"
        .code32
        .globl  protected_mode_interface, protected_mode_interface_end
protected_mode_interface:
        .word   set_window - protected_mode_interface
        .word   set_display_start - protected_mode_interface
        .word   set_palette - protected_mode_interface
        .word   ports - protected_mode_interface
ports:  .word   PORT_INDEX, PORT_DATA, 0x1d0
        .word   0x3c6, 0x3c7, 0x3c8, 0x3c9, PORT_STATUS_1
        .word   0xffff                  # no more ports
        .word   0xffff                  # no memory

/* AX = the register AL; AX is written to it. */
        .macro  dispi_read index
        movw    $PORT_INDEX, %dx
        movw    $\index, %ax
        outw    %ax, %dx
        incl    %edx
        inw     %dx, %ax
        .endm
        .macro  dispi_write index, from
        movw    $PORT_INDEX, %dx
        movw    $\index, %ax
        outw    %ax, %dx
        incl    %edx
        movw    \from, %ax
        outw    %ax, %dx
        .endm

/* BH = 0: bank DX; BH = 1: the bank to DX. BL: the window, 0. */
set_window:
        movw    $AX_FAILED, %ax
        testb   %bl, %bl
        jnz     2f
        cmpb    $1, %bh
        ja      2f
        pushl   %ecx
        je      1f
        movl    %edx, %ecx
        pushl   %edx
        dispi_write DISPI_BANK, %cx
        popl    %edx
        jmp     3f
1:      dispi_read DISPI_BANK
        movzwl  %ax, %edx
3:      popl    %ecx
        movw    $AX_OK, %ax
2:      ret

/* Waits for the next retrace where bit 7 of BL says so; not for ever. */
wait_retrace:
        testb   $AT_RETRACE, %bl
        jz      3f
        movw    $PORT_STATUS_1, %dx
        movl    $RETRACE_POLLS, %ecx
1:      inb     %dx, %al
        testb   $RETRACE, %al
        loopnz  1b
        movl    $RETRACE_POLLS, %ecx
2:      inb     %dx, %al
        testb   $RETRACE, %al
        loopz   2b
3:      ret

/* DX:CX = the address of the first dot, in units of four bytes (with planes: in bytes of a plane). */
set_display_start:
        pushl   %ebx
        pushl   %ecx
        pushl   %edx
        pushl   %esi
        pushl   %edi
        shll    $16, %edx
        movw    %cx, %dx
        movl    %edx, %esi              # the address
        call    wait_retrace
        dispi_read DISPI_BPP
        movzwl  %ax, %ebx
        dispi_read DISPI_VIRT_WIDTH
        movzwl  %ax, %edi
        cmpl    $4, %ebx
        je      1f
        shll    $2, %esi
        addl    $7, %ebx                # bytes of a dot
        shrl    $3, %ebx
        imull   %ebx, %edi              # bytes of a line
        testl   %edi, %edi
        jz      3f
        movl    %esi, %eax
        xorl    %edx, %edx
        divl    %edi
        movl    %eax, %ecx              # line
        movl    %edx, %eax
        xorl    %edx, %edx
        divl    %ebx
        jmp     2f
1:      shrl    $3, %edi
        jz      3f
        movl    %esi, %eax
        xorl    %edx, %edx
        divl    %edi
        movl    %eax, %ecx
        leal    (,%edx,8), %eax
2:      movl    %eax, %esi              # column
        dispi_write DISPI_X_OFFSET, %si
        dispi_write DISPI_Y_OFFSET, %cx
3:      popl    %edi
        popl    %esi
        popl    %edx
        popl    %ecx
        popl    %ebx
        movw    $AX_OK, %ax
        ret

/* CX colours from DX on, out of ES:EDI: blue, green, red, nothing. BL = 0, or 80 at retrace. */
set_palette:
        movw    $AX_NOT_HERE, %ax
        testb   $~AT_RETRACE & 0xff, %bl
        jnz     3f
        pushl   %ecx
        pushl   %edx
        pushl   %edi
        pushl   %edx
        pushl   %ecx
        call    wait_retrace
        popl    %ecx
        popl    %eax
        movzwl  %cx, %ecx
        movw    $PORT_PEL_WRITE_INDEX, %dx
        outb    %al, %dx
        incl    %edx
        jecxz   2f
1:      movb    %es:2(%edi), %al
        outb    %al, %dx
        movb    %es:1(%edi), %al
        outb    %al, %dx
        movb    %es:(%edi), %al
        outb    %al, %dx
        addl    $4, %edi
        loop    1b
2:      popl    %edi
        popl    %edx
        popl    %ecx
        movw    $AX_OK, %ax
3:      ret
protected_mode_interface_end:
        .section .note.GNU-stack, "", @progbits
