/* load.S: fw_cfg's items, by its DMA (QEMU's docs/specs/fw_cfg.rst). */

#define FW_CFG_DMA 0x514
#define DMA_ERROR 0x01
#define DMA_SELECT_READ 0x0a

.code16
.globl load, read_u32

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
