/* 64-bit code that returns to an address that is not canonical. */
#include "broken.h"
#define EFER 0xc0000080
#define CODE64 0x18
#define PML4 0x10000
#undef MORE_DESCRIPTORS
#define MORE_DESCRIPTORS .quad 0x00af9a000000ffff;
BEGIN
        PROTECTED
        movl    $PML4, %edi
        xorl    %eax, %eax
        movl    $0xc00, %ecx
        cld
        rep stosl
        movl    $PML4 + 0x1003, PML4
        movl    $PML4 + 0x2003, PML4 + 0x1000
        movl    $0x83, PML4 + 0x2000
        movl    $PML4, %eax
        movl    %eax, %cr3
        movl    $0x20, %eax
        movl    %eax, %cr4
        movl    $EFER, %ecx
        rdmsr
        orl     $0x100, %eax
        wrmsr
        movl    %cr0, %eax
        orl     $0x80000000, %eax
        movl    %eax, %cr0
        ljmp    $CODE64, $wide
        .code64
wide:   movq    $1, %rax
        shlq    $47, %rax
#ifdef WITH_IRET
        movl    $0x7c00, %edx
        movl    %ss, %ecx
        pushq   %rcx
        pushq   %rdx
        pushfq
        pushq   $CODE64
        pushq   %rax
        iretq
#endif
        pushq   %rax
        ret
        .code32
TABLES
END
