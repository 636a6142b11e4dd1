/* entry.S: the option ROM's header (PCI Firmware Specification 3.0, chapter 5; PC "expansion ROM"), what POST calls, and
 * the way from int 10h into C and back. */
#define VENDOR_ID 0x1234
#define DEVICE_ID 0x1111
#define CLASS_VGA 0x03
#define CODE_X86 0
#define LAST_IMAGE 0x80

        .code16
        .section .header, "ax"
        .globl  rom_header
rom_header:
        .byte   0x55, 0xaa
        .byte   0                       # size in 512 bytes: finish.py
        jmp     init_entry
        .org    0x18
        .word   pcir
        .word   0                       # no Plug and Play header
        .org    0x1e
        .asciz  "IBM VGA compatible: pcemu VGA BIOS"
        .balign 4
pcir:   .ascii  "PCIR"
        .word   VENDOR_ID, DEVICE_ID
        .word   0                       # no vital product data
        .word   24                      # of this structure
        .byte   0                       # revision
        .byte   0, 0, CLASS_VGA
        .word   0                       # size in 512 bytes: finish.py
        .word   1                       # revision of the code
        .byte   CODE_X86, LAST_IMAGE
        .word   0

/* To C: all registers on the stack, ESP without its upper half, DS = ES = SS, FS = the ROM. EBP keeps the stack as it
 * was; C hands it back. */
        .macro  enter_c
        pushal
        pushw   %ds
        pushw   %es
        pushw   %fs
        pushw   %gs
        cld
        movl    %esp, %ebp
        movzwl  %sp, %esp
        movw    %ss, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %cs, %ax
        movw    %ax, %fs
        .endm

        .macro  leave_c
        movl    %ebp, %esp
        popw    %gs
        popw    %fs
        popw    %es
        popw    %ds
        popal
        .endm

#define REGS_FLAGS 44                   /* struct regs, flags */
#define EFLAGS_IF_HIGH 0x02             /* IF in the second byte */

        .text
        .globl  int10_entry
int10_entry:
        enter_c
        testb   $EFLAGS_IF_HIGH, REGS_FLAGS+1(%esp)
        jz      1f
        sti                             # as the caller had it: drawing may take long
1:      movl    %esp, %eax
        calll   int10
        leave_c
        iretw

/* From POST, far: AH bus, AL device and function of the adapter. */
init_entry:
        pushfw
        enter_c
        calll   init
        leave_c
        popfw
        lretw
        .section .note.GNU-stack, "", @progbits
