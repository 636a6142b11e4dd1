/* finish.S: what only the firmware knows, in the structures that kernels in protected mode are told by: Multiboot
 * Specification 0.6.96, 3.3, and 2.0, 3.6; Xen's start_info.h. */
#include "kernelrom.h"

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

#define RSDP_NEW_SIZE 36

.code16
.globl finish_multiboot, finish_multiboot2, finish_pvh, memory

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
