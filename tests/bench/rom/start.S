/* start.S: from the reset vector to the table of kernels: copies the ROM to RAM, makes the segments, runs the selected
 * kernels and says "BENCH <name> start" and "BENCH <name> end" on COM1, at last "BENCH all end". For bench_cpu it also
 * writes a byte to the debug console right before and right after a kernel.
 *
 * The host may change the ROM before it is used: `selected` and `settle` in the header, the passes in the table. */
#include "bench.h"

        .set    COM1, 0x3f8
        .set    COM_DIVISOR, 0
        .set    COM_LCR, 3
        .set    COM_LSR, 5
        .set    LCR_8N1, 0x03
        .set    LCR_DLAB, 0x80
        .set    LSR_THR_EMPTY, 0x20
        .set    PORT92, 0x92
        .set    PORT92_A20, 0x02
        .set    EXIT_PORT, 0x501        # isa-debug-exit, where there is one
        .set    DEBUGCON, 0xe9          # likewise
        .set    MARK_BEGIN, 'B'
        .set    MARK_END, 'E'
        .set    SETTLE, 1000000

        .section .header, "a"
        .ascii  "PCBENCH1"
selected:
        .long   -1                      # number of the kernel; -1: all
settle: .long   SETTLE                  # turns of a loop: an emulator may deliver serial output after a while
        .long   kernels - IMAGE, kernels_end - IMAGE

        .section .reset, "ax"
        .code16
        ljmp    $ROM_SEGMENT, $(start - IMAGE)

        .text
        .globl  start
start:  cli
        cld
        movw    $ROM_SEGMENT, %ax
        movw    %ax, %ds
        movw    $IMAGE_SEGMENT, %ax
        movw    %ax, %es
        xorw    %si, %si
        xorw    %di, %di
        movw    $0x4000, %cx
        rep movsl
        movw    %ax, %ds
        ljmp    $IMAGE_SEGMENT, $(1f - IMAGE)
1:      inb     $PORT92, %al
        orb     $PORT92_A20, %al
        andb    $0xfe, %al              # bit 0 is a reset
        outb    %al, $PORT92
        lgdtl   gdt_register - IMAGE
        movl    %cr0, %eax
        orb     $CR0_PE, %al
        movl    %eax, %cr0
        ljmpl   $SEL_CODE32, $start32

        .code32
start32:
        movw    $SEL_DATA, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movw    %ax, %fs
        movw    %ax, %gs
        movl    $STACK32, %esp
        call    set_up_serial
        call    set_up_long
        movl    $kernels, %ebp
        xorl    %edi, %edi
1:      movl    selected, %eax
        cmpl    $-1, %eax
        je      2f
        cmpl    %edi, %eax
        jne     3f
2:      call    run_kernel
3:      incl    %edi
        addl    $48, %ebp
        cmpl    $kernels_end, %ebp
        jb      1b
        movl    $text_all, %esi
        call    puts
        call    flush
        movw    $EXIT_PORT, %dx
        xorl    %eax, %eax
        outb    %al, %dx
1:      hlt
        jmp     1b

/* Runs the kernel whose row is at EBP; keeps EBP and EDI. */
run_kernel:
        pushal
        call    say_name
        movl    $text_start, %esi
        call    puts
        movl    settle, %ecx
1:      decl    %ecx
        jnz     1b
        movb    $MARK_BEGIN, %al
        outb    %al, $DEBUGCON
        movl    20(%ebp), %ebx          # passes
        movl    28(%ebp), %ecx          # mode
        movl    16(%ebp), %eax
        call    *call_in_mode(, %ecx, 4)
        cld
        movb    $MARK_END, %al
        outb    %al, $DEBUGCON
        call    say_name
        movl    $text_end, %esi
        call    puts
        popal
        ret

say_name:
        movl    12(%esp), %ebp          # the EBP that run_kernel saved
        movl    $text_bench, %esi
        call    puts
        movl    %ebp, %esi

/* ESI: a string, to COM1. */
puts:   lodsb
        testb   %al, %al
        jz      2f
        movb    %al, %ah
        call    flush
        movb    %ah, %al
        movw    $COM1, %dx
        outb    %al, %dx
        jmp     puts
2:      ret

flush:  movw    $COM1 + COM_LSR, %dx
1:      inb     %dx, %al
        testb   $LSR_THR_EMPTY, %al
        jz      1b
        ret

set_up_serial:
        movw    $COM1 + COM_LCR, %dx
        movb    $LCR_DLAB, %al
        outb    %al, %dx
        movw    $COM1 + COM_DIVISOR, %dx
        movb    $1, %al
        outb    %al, %dx
        incl    %edx
        movb    $0, %al
        outb    %al, %dx
        movw    $COM1 + COM_LCR, %dx
        movb    $LCR_8N1, %al
        outb    %al, %dx
        ret

        .section .rodata, "a"
text_bench:
        .asciz  "BENCH "
text_start:
        .asciz  " start\r\n"
text_end:
        .asciz  " end\r\n"
text_all:
        .asciz  "BENCH all end\r\n"
        .balign 4
call_in_mode:
        .long   call_32, call_64, call_real

        .balign 8
gdt:    .quad   0
        .quad   0x00af9b000000ffff      # 08 code, 64 bit
        .quad   0x00cf93000000ffff      # 10 data
        .quad   0x00cf9b000000ffff      # 18 code, 32 bit
        .quad   0x00cff3000000ffff      # 20 data, DPL 3
        .quad   0x00affb000000ffff      # 28 code, 64 bit, DPL 3
        .quad   0x00009b010000ffff      # 30 code, 16 bit, base 10000
        .quad   0x000093000000ffff      # 38 data, 16 bit
        .quad   0x0000890060000067      # 40 TSS of long mode at 6000
        .quad   0
gdt_end:
        .globl  gdt_register
gdt_register:
        .word   gdt_end - gdt - 1
        .long   gdt, 0
