/* kernelrom.S: the option ROM that starts a kernel which the machine was given (-kernel). It stands in fw_cfg's directory
 * as genroms/linuxboot_dma.bin or genroms/multiboot_dma.bin, and the firmware boots it before any disk. By fw_cfg's DMA
 * the parts come to their places; pc_kernel.c has chosen them.
 *
 * References: Plug and Play BIOS Specification 1.0A, section 3.2 (expansion header); BIOS Boot Specification 1.01, 3.2
 * (BEV); Linux' Documentation/x86/boot.rst. The other files name theirs. */

#include "kernelrom.h"

.code16
.globl start
start:
    .word 0xaa55
    .byte 0                     /* size in units of 512 bytes: embed.py */
    lret                        /* initialisation: nothing to do */
    .org 0x18
    .word 0                     /* no PCI data structure */
    .word pnp
    .org 0x20
pnp:
    .ascii "$PnP"
    .byte 1, 2                  /* revision; length in units of 16 bytes */
    .word 0                     /* no other header */
    .byte 0, 0                  /* checksum: embed.py */
    .long 0
    .word 0, product
    .byte 2, 0x80, 0            /* mass storage: anything else */
    .byte 0x14                  /* can be initialised, loads a system */
    .word 0, 0, boot, 0, 0      /* BCV, disconnect, BEV */
product:
    .asciz "kernel"

/* Far call from the firmware. */
boot:
    cli
    cld
    movl $SETUP_SIZE, %eax
    call read_u32
    testl %eax, %eax
    jz multiboot

/* Setup code and command line below 1 MiB, the kernel and its initramfs above. */
    movw $(SETUP_ADDR << 8 | SETUP_DATA), %si
    call load
    movw $(CMDLINE_ADDR << 8 | CMDLINE_DATA), %si
    call load
    movw $(KERNEL_ADDR << 8 | KERNEL_DATA), %si
    call load
    movw $(INITRD_ADDR << 8 | INITRD_DATA), %si
    call load
    movl $CMDLINE_ADDR, %eax
    call read_u32
    movl %eax, %esi
    movl $SETUP_ADDR, %eax
    call read_u32
    subl %eax, %esi
    subl $16, %esi              /* the stack ends below the command line */
    shrl $4, %eax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %fs
    movw %ax, %gs
    movw %ax, %ss
    movl %esi, %esp
    addw $0x20, %ax
    pushw %ax
    pushw $0
    lret

multiboot:                      /* and all that is started in protected mode */
    movw $(KERNEL_ADDR << 8 | KERNEL_DATA), %si
    call load
    movw $(INITRD_ADDR << 8 | INITRD_DATA), %si
    call load
    movl $INITRD_ADDR, %eax
    call read_u32
    shrl $4, %eax
    movw %ax, %ds
    movw %ax, %es
    sti
    call find_rsdp
    call connect_apm
    movw PLAN_MAP, %di
    cmpw $0, PLAN_WIDTH
    je 1f
    call set_mode
1:  cmpw $KIND_MULTIBOOT2, PLAN_KIND
    je 2f
    call memory
    cmpw $KIND_PVH, PLAN_KIND
    je 3f
    call finish_multiboot
    jmp 4f
2:  call finish_multiboot2
    jmp 4f
3:  call finish_pvh
4:  cli
    movl $KERNEL_ENTRY, %eax
    call read_u32
    movl %eax, %esi
    movl PLAN_EBX, %ebx
    movl PLAN_EAX, %ebp

/* A GDT of ROM, whose physical address goes through the stack. */
    xorl %edi, %edi
    movw %cs, %di
    shll $4, %edi
    leal gdt(%edi), %eax
    pushl %eax
    pushw $(gdt_end - gdt - 1)
    movw %sp, %di
    lgdtl %ss:(%di)
    xorl %edi, %edi
    movw %cs, %di
    shll $4, %edi
    movl %cr0, %eax
    orb $1, %al
    movl %eax, %cr0
    pushl $0x08
    leal protected(%edi), %eax
    pushl %eax
    lretl
.code32
protected:
    movl $0x10, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %fs
    movl %eax, %gs
    movl %eax, %ss
    movw $0x18, %ax
    ltr %ax
    movl %ebp, %eax
    jmp *%esi
.code16

    .balign 8
gdt:
    .quad 0
    .quad 0x00cf9b000000ffff
    .quad 0x00cf93000000ffff
    .quad 0x0000890000000067    /* a task's state, which the ABI of PVH wants */
gdt_end:
