/* kernelrom.S: the option ROM that starts a kernel which the machine was given (-kernel). It stands in fw_cfg's directory
 * as genroms/linuxboot_dma.bin or genroms/multiboot_dma.bin, and the firmware boots it before any disk. By fw_cfg's DMA
 * the parts come to their places; pc_kernel.c has chosen them.
 *
 * References: Plug and Play BIOS Specification 1.0A, section 3.2 (expansion header); BIOS Boot Specification 1.01, 3.2
 * (BEV); QEMU's docs/specs/fw_cfg.rst; Linux' Documentation/x86/boot.rst; Multiboot
 * Specification 0.6.96 and 2.0; Xen's docs/misc/pvh.pandoc and start_info.h; VBE 3.0; APM 1.2. */

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

/* The plan: what pc_boot_image.c asks for, at the start of the block that goes below 1 MiB (pc_boot_image.h). Offsets in
 * it are from the block's start. */
#define PLAN_EAX 0              /* for the kernel */
#define PLAN_EBX 4
#define PLAN_KIND 8
#define PLAN_MAP 10             /* the memory map's first address; Multiboot 2: where our tags begin */
#define PLAN_MAP_END 12         /* the last place where an entry may begin */
#define PLAN_MEMORY 14          /* memory below and from 1 MiB on, in KiB */
#define PLAN_INFO 16            /* what EBX points at */
#define PLAN_VBE 18             /* for mode, window, control and mode information: VBE_SIZE bytes */
#define PLAN_FRAMEBUFFER 20     /* its description */
#define PLAN_COLORS 22          /* and its colours' places */
#define PLAN_WIDTH 24           /* the mode that is wanted; 0: none */
#define PLAN_HEIGHT 26
#define PLAN_DEPTH 28
#define PLAN_HAS_VBE 30         /* ours from here on */
#define PLAN_HAS_APM 31
#define PLAN_RSDP 32
#define PLAN_APM 36
#define APM_SIZE 20
#define KIND_MULTIBOOT 1
#define KIND_MULTIBOOT2 2
#define KIND_PVH 3
#define MAP_ENTRY 24

/* Multiboot's information */
#define MBI_FLAGS 0
#define MBI_MMAP_LENGTH 44
#define MBI_APM 68
#define MBI_VBE_CONTROL 72
#define MBI_VBE_MODE 76
#define MBI_VBE_CURRENT 80
#define MBI_HAS_APM 0x400
#define MBI_HAS_VIDEO 0x1800
/* Multiboot 2: tags */
#define TAG_END 0
#define TAG_MAP 6
#define TAG_VBE 7
#define TAG_APM 10
#define TAG_RSDP_OLD 14
#define TAG_RSDP_NEW 15
/* PVH: struct hvm_start_info */
#define START_RSDP 32
#define START_MAP_ENTRIES 48

/* VBE 3.0, 4.3 and 4.4 */
#define VBE_CONTROL 8           /* in our buffer: behind mode, interface segment, offset and length */
#define VBE_MODE_INFO (VBE_CONTROL + 512)
#define VBE_SIZE (VBE_MODE_INFO + 256)
#define VBE_LINEAR 0x80
#define VBE_DIRECT_COLOR 6

#define RSDP_NEW_SIZE 36
#define EBDA_SEGMENT 0x40e

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

/* ecx = the bytes of a memory map at di, di = its end. Fills in memory below and from 1 MiB on. */
memory:
    pushw %di
    int $0x12
    movzwl %ax, %eax
    movw PLAN_MEMORY, %si
    movl %eax, (%si)
    xorl %ebx, %ebx
1:  movl $0xe820, %eax
    movl $0x534d4150, %edx
    movl $20, %ecx
    int $0x15
    jc 3f
    cmpl $0x100000, (%di)
    jne 2f
    cmpl $0, 4(%di)
    jne 2f
    movl 8(%di), %eax
    movl 12(%di), %ecx
    shrdl $10, %ecx, %eax
    movw PLAN_MEMORY, %si
    movl %eax, 4(%si)
2:  addw $MAP_ENTRY, %di
    testl %ebx, %ebx
    jz 3f
    cmpw PLAN_MAP_END, %di
    jbe 1b
3:  popw %cx
    negw %cx
    addw %di, %cx
    movzwl %cx, %ecx
    ret

finish_multiboot:
    movw PLAN_INFO, %si
    movl %ecx, MBI_MMAP_LENGTH(%si)
    cmpb $0, PLAN_HAS_APM
    je 1f
    orl $MBI_HAS_APM, MBI_FLAGS(%si)
    movl $PLAN_APM, %eax
    call physical
    movl %eax, MBI_APM(%si)
1:  cmpb $0, PLAN_HAS_VBE
    je 2f
    orl $MBI_HAS_VIDEO, MBI_FLAGS(%si)
    movzwl PLAN_VBE, %edi
    leal VBE_CONTROL(%edi), %eax
    call physical
    movl %eax, MBI_VBE_CONTROL(%si)
    leal VBE_MODE_INFO(%edi), %eax
    call physical
    movl %eax, MBI_VBE_MODE(%si)
    movl (%di), %eax
    movl %eax, MBI_VBE_CURRENT(%si)
    movl 4(%di), %eax
    movl %eax, MBI_VBE_CURRENT + 4(%si)
2:  ret

finish_pvh:
    movw PLAN_INFO, %si
    movl PLAN_RSDP, %eax
    movl %eax, START_RSDP(%si)
    movl %ecx, %eax
    xorl %edx, %edx
    movl $MAP_ENTRY, %ecx
    divl %ecx
    movl %eax, START_MAP_ENTRIES(%si)
    ret

/* Our tags, from di on: the mode, which is there already; ACPI; APM; the memory map; the end. */
finish_multiboot2:
    cmpb $0, PLAN_HAS_VBE
    je 1f
    movl $TAG_VBE, (%di)
    movl $(8 + VBE_SIZE), 4(%di)
    addw $(8 + VBE_SIZE), %di
1:  movl PLAN_RSDP, %eax
    testl %eax, %eax
    jz 3f
    pushw %ds
    shrl $4, %eax
    movw %ax, %ds
    movl $TAG_RSDP_OLD, %edx
    movw $20, %cx
    call acpi_tag
    cmpb $2, 15
    jb 2f
    incw %dx
    movw $RSDP_NEW_SIZE, %cx
    call acpi_tag
2:  popw %ds
3:  cmpb $0, PLAN_HAS_APM
    je 4f
    movl $TAG_APM, %edx
    movw $APM_SIZE, %cx
    movw $PLAN_APM, %si
    call tag
4:  movw %di, %bp
    movl $TAG_MAP, (%di)
    movl $MAP_ENTRY, 8(%di)
    movl $0, 12(%di)
    addw $16, %di
    call memory
    addl $16, %ecx
    movl %ecx, %ds:4(%bp)
    movl $TAG_END, (%di)
    movl $8, 4(%di)
    leaw 8(%di), %cx
    movw PLAN_INFO, %si
    subw %si, %cx
    movzwl %cx, %ecx
    movl %ecx, (%si)
    ret

/* Tag edx with cx bytes from ds:si (acpi_tag: from ds:0) at es:di; the next begins at a multiple of 8. */
acpi_tag:
    xorw %si, %si
tag:
    movl %edx, %es:(%di)
    movzwl %cx, %eax
    addw $8, %ax
    movl %eax, %es:4(%di)
    addw $8, %di
    rep movsb
    movl $0, %es:(%di)
    addw $7, %di
    andw $~7, %di
    ret

/* eax: the physical address of offset eax in the block. */
physical:
    pushl %ecx
    xorl %ecx, %ecx
    movw %ds, %cx
    shll $4, %ecx
    addl %ecx, %eax
    popl %ecx
    ret

/* ACPI 5.2.5.1: in the first KiB of the extended BIOS data area, or from E0000 to FFFFF, at a multiple of 16. */
find_rsdp:
    xorw %ax, %ax
    movw %ax, %fs
    movw %fs:EBDA_SEGMENT, %bx
    leaw 64(%bx), %dx
    call scan_rsdp
    jnc 1f
    movw $0xe000, %bx
    xorw %dx, %dx
    call scan_rsdp
    jc 2f
1:  movzwl %bx, %ebx
    shll $4, %ebx
    movl %ebx, PLAN_RSDP
2:  ret

/* Segments bx up to dx; carry: it is not there. */
scan_rsdp:
    movw %bx, %fs
    cmpl $0x20445352, %fs:0     /* "RSD PTR " */
    jne 2f
    cmpl $0x20525450, %fs:4
    jne 2f
    xorw %si, %si
    xorb %al, %al
1:  addb %fs:(%si), %al
    incw %si
    cmpw $20, %si
    jb 1b
    testb %al, %al
    jz 3f
2:  incw %bx
    cmpw %dx, %bx
    jne scan_rsdp
    stc
3:  ret

/* APM 1.2: installation check, disconnect, connect for protected mode of 32 bits. */
connect_apm:
    movw $0x5300, %ax
    xorw %bx, %bx
    int $0x15
    jc 1f
    cmpw $0x504d, %bx
    jne 1f
    testb $2, %cl               /* not for 32 bits */
    jz 1f
    movw %ax, PLAN_APM
    movw %cx, PLAN_APM + 12     /* flags */
    movw $0x5304, %ax
    xorw %bx, %bx
    int $0x15
    movw $0x5303, %ax
    xorw %bx, %bx
    int $0x15
    jc 1f
    movw %ax, PLAN_APM + 2      /* code, entry, 16-bit code, data */
    movl %ebx, PLAN_APM + 4
    movw %cx, PLAN_APM + 8
    movw %dx, PLAN_APM + 10
    movl %esi, PLAN_APM + 14    /* lengths: of code, 16-bit code, data */
    movw %di, PLAN_APM + 18
    movb $1, PLAN_HAS_APM
1:  ret

/* The wanted mode; else its size with 32 bits a dot; else 1024 by 768; else text stays. */
set_mode:
    pushaw
    movw PLAN_VBE, %di
    addw $VBE_CONTROL, %di
    movl $0x32454256, (%di)     /* "VBE2": what 2.0 has, too */
    movw $0x4f00, %ax
    int $0x10
    cmpw $0x004f, %ax
    jne 4f
    call find_mode
    jnc 1f
    movw $32, PLAN_DEPTH
    call find_mode
    jnc 1f
    movw $1024, PLAN_WIDTH
    movw $768, PLAN_HEIGHT
    call find_mode
    jc 4f
1:  movw PLAN_VBE, %si
    movw %bx, (%si)
    orw $0x4000, %bx            /* with a linear frame buffer */
    orw $0x4000, (%si)
    movw $0x4f02, %ax
    int $0x10
    cmpw $0x004f, %ax
    jne 4f
    movw $0x4f0a, %ax           /* the protected mode interface */
    xorw %bx, %bx
    pushw %es
    pushw %di
    int $0x10
    movw %es, %dx
    movw %di, %bx
    popw %di
    popw %es
    cmpw $0x004f, %ax
    jne 2f
    movw %dx, 2(%si)
    movw %bx, 4(%si)
    movw %cx, 6(%si)
2:  addw $VBE_MODE_INFO, %si
    movw PLAN_FRAMEBUFFER, %di
    movl 40(%si), %eax          /* address, pitch, width, height, depth */
    movl %eax, (%di)
    movl $0, 4(%di)
    movzwl 16(%si), %eax
    movl %eax, 8(%di)
    movzwl 18(%si), %eax
    movl %eax, 12(%di)
    movzwl 20(%si), %eax
    movl %eax, 16(%di)
    movb 25(%si), %al
    movb $1, %ah                /* direct colours */
    movw %ax, 20(%di)
    movw PLAN_COLORS, %di
    addw $31, %si
    movw $3, %cx
3:  lodsw                       /* size and place; the information has the place first */
    xchgb %al, %ah
    stosw
    loop 3b
    movb $1, PLAN_HAS_VBE
4:  popaw
    ret

/* bx: the mode of the wanted size and depth, described in the buffer; carry: there is none. */
find_mode:
    movw PLAN_VBE, %si
    lfsw VBE_CONTROL + 14(%si), %bp
    leaw VBE_MODE_INFO(%si), %di
1:  movw %fs:(%bp), %cx
    addw $2, %bp
    cmpw $0xffff, %cx
    je 2f
    movw %cx, %bx
    movw $0x4f01, %ax
    int $0x10
    cmpw $0x004f, %ax
    jne 1b
    testb $VBE_LINEAR, (%di)
    jz 1b
    cmpb $VBE_DIRECT_COLOR, 27(%di)
    jne 1b
    movw 18(%di), %ax
    cmpw PLAN_WIDTH, %ax
    jne 1b
    movw 20(%di), %ax
    cmpw PLAN_HEIGHT, %ax
    jne 1b
    movb 25(%di), %al
    cmpb PLAN_DEPTH, %al
    jne 1b
    clc
    ret
2:  stc
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
    .quad 0x0000890000000067    /* a task's state, which the ABI of PVH wants */
gdt_end:
