/* firmware.S: ACPI's root pointer, and APM (1.2). */
#include "kernelrom.h"

#define EBDA_SEGMENT 0x40e

.code16
.globl find_rsdp, connect_apm

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
