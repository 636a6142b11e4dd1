/* kernelrom.S: the option ROM that starts a kernel which the machine was given (-kernel). It stands in fw_cfg's directory
 * as genroms/linuxboot_dma.bin or genroms/multiboot_dma.bin, and the firmware boots it before any disk. By fw_cfg's DMA
 * the parts come to their places; pc_kernel.c has chosen them.
 *
 * References: Plug and Play BIOS Specification 1.0A, section 3.2 (expansion header); BIOS Boot Specification 1.01, 3.2
 * (BEV); QEMU's docs/specs/fw_cfg.rst; Linux' Documentation/x86/boot.rst; Multiboot Specification 0.6.96. */

#define FW_CFG_DMA 0x514
#define DMA_ERROR 0x01
#define DMA_SELECT_READ 0x0a

/* fw_cfg's items */
#define KERNEL_ADDR 0x07
#define KERNEL_SIZE 0x08
#define INITRD_ADDR 0x0a
#define INITRD_SIZE 0x0b
#define KERNEL_ENTRY 0x10
#define KERNEL_DATA 0x11
#define INITRD_DATA 0x12
#define CMDLINE_ADDR 0x13
#define CMDLINE_SIZE 0x14
#define CMDLINE_DATA 0x15
#define SETUP_ADDR 0x16
#define SETUP_SIZE 0x17
#define SETUP_DATA 0x18

/* Multiboot's information, and in it what only the firmware knows */
#define MBI_MEM_LOWER 4
#define MBI_MEM_UPPER 8
#define MBI_MMAP_LENGTH 44
#define MMAP 0x100
#define MMAP_END 0x800
#define MMAP_ENTRY 24
#define MULTIBOOT_MAGIC 0x2badb002

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

multiboot:
    movw $(KERNEL_ADDR << 8 | KERNEL_DATA), %si
    call load
    movw $(INITRD_ADDR << 8 | INITRD_DATA), %si
    call load
    movl $INITRD_ADDR, %eax
    call read_u32
    movl %eax, %ebp             /* the information's physical address, below 1 MiB */
    shrl $4, %eax
    movw %ax, %es
    sti
    call memory
    cli
    movl $KERNEL_ENTRY, %eax
    call read_u32
    movl %eax, %esi
    movl %ebp, %ebx

/* A GDT of ROM, whose physical address goes through the stack. */
    xorl %edi, %edi
    movw %cs, %di
    shll $4, %edi
    leal gdt(%edi), %eax
    pushl %eax
    pushw $(gdt_end - gdt - 1)
    movw %sp, %bp
    lgdtl (%bp)
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
    movl $MULTIBOOT_MAGIC, %eax
    jmp *%esi
.code16

/* es: the information. Fills in the memory map, and memory below and from 1 MiB on in KiB. */
memory:
    int $0x12
    movzwl %ax, %eax
    movl %eax, %es:MBI_MEM_LOWER
    xorl %ebx, %ebx
    movw $(MMAP + 4), %di
1:  movl $0xe820, %eax
    movl $0x534d4150, %edx
    movl $20, %ecx
    int $0x15
    jc 3f
    movl $20, %es:-4(%di)
    cmpl $0x100000, %es:(%di)
    jne 2f
    cmpl $0, %es:4(%di)
    jne 2f
    movl %es:8(%di), %eax
    shrl $10, %eax
    movl %eax, %es:MBI_MEM_UPPER
2:  addw $MMAP_ENTRY, %di
    testl %ebx, %ebx
    jz 3f
    cmpw $(MMAP_END - MMAP_ENTRY), %di
    jb 1b
3:  subw $(MMAP + 4), %di
    movzwl %di, %edi
    movl %edi, %es:MBI_MMAP_LENGTH
    ret

/* A part: si has the number of its address's item, its size's is one more, and in its low byte its data's. */
load:
    movw %si, %ax
    shrw $8, %ax
    movzwl %ax, %eax
    incw %ax
    call read_u32
    testl %eax, %eax
    jz 1f
    movl %eax, %ecx
    movw %si, %ax
    shrw $8, %ax
    movzwl %ax, %eax
    pushl %ecx
    call read_u32
    popl %ecx
    movl %eax, %edi
    movw %si, %ax
    movzbl %al, %eax
    call dma
1:  ret

/* eax: the value of item eax. */
read_u32:
    pushl $0
    movw %sp, %di
    movzwl %di, %edi
    xorl %ecx, %ecx
    movw %ss, %cx
    shll $4, %ecx
    addl %ecx, %edi
    movl $4, %ecx
    call dma
    popl %eax
    ret

/* ecx bytes of item eax to physical address edi: a descriptor on the stack, big-endian: control, length, address. */
dma:
    pushw %bp
    bswap %edi
    pushl %edi
    pushl $0
    bswap %ecx
    pushl %ecx
    shll $16, %eax
    orb $DMA_SELECT_READ, %al
    bswap %eax
    pushl %eax
    movw %sp, %bp
    movzwl %bp, %ecx
    xorl %eax, %eax
    movw $FW_CFG_DMA, %dx
    outl %eax, %dx
    movw %ss, %ax
    shll $4, %eax
    addl %ecx, %eax
    bswap %eax
    movw $(FW_CFG_DMA + 4), %dx
    outl %eax, %dx
1:  movl (%bp), %eax
    testl %eax, %eax
    jz 2f
    testl $(DMA_ERROR << 24), %eax
    jz 1b
3:  hlt                         /* the machine offers less than it says */
    jmp 3b
2:  addw $16, %sp
    popw %bp
    ret

    .balign 8
gdt:
    .quad 0
    .quad 0x00cf9b000000ffff
    .quad 0x00cf93000000ffff
gdt_end:
