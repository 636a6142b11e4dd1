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

#define FLAT_4G 8
#define FLAT_64K 16
#define FLAT_GDT_SIZE 24
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
/* The window function of VBE's mode descriptions, called far: BH, BL, DX as for 4F05. */
        .globl  window_entry
window_entry:
        pushfw
        enter_c
        movl    %esp, %eax
        calll   window_function
        leave_c
        popfw
        lretw

/* u8 high_read8(u32 address): a byte anywhere in memory, by way of protected mode; FF where we are in it already, as a
 * task of virtual 8086 mode. The segment's limit is put back, too. */
        .globl  high_read8
high_read8:
        pushfl
        cli
        movl    %eax, %edx
        movl    $0xff, %eax
        smsww   %cx
        testb   $1, %cl
        jnz     1f
        subl    $8, %esp
        sgdtl   (%esp)
        movl    %cs, %ecx
        shll    $4, %ecx
        addl    $flat_gdt, %ecx
        pushl   %ecx
        pushw   $FLAT_GDT_SIZE - 1
        lgdtl   (%esp)
        addl    $6, %esp
        movl    %cr0, %ecx
        orb     $1, %cl
        movl    %ecx, %cr0
        jmp     2f
2:      movw    $FLAT_4G, %cx
        movw    %cx, %gs
        movzbl  %gs:(%edx), %eax
        movw    $FLAT_64K, %cx
        movw    %cx, %gs
        movl    %cr0, %ecx
        andb    $0xfe, %cl
        movl    %ecx, %cr0
        jmp     3f
3:      xorw    %cx, %cx
        movw    %cx, %gs
        lgdtl   (%esp)
        addl    $8, %esp
1:      popfl
        retl

        .section .romdata, "a"
        .balign 8
flat_gdt:
        .quad   0
        .quad   0x00cf93000000ffff      # FLAT_4G
        .quad   0x000093000000ffff      # FLAT_64K
        .globl  edid_blocks
edid_blocks:
        .fill   256, 1, 0

        .section .note.GNU-stack, "", @progbits
