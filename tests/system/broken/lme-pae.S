/* Long mode without PAE. */
#include "broken.h"
#define EFER 0xc0000080
BEGIN
        PROTECTED
        movl    $EFER, %ecx
        rdmsr
        orl     $0x100, %eax
        wrmsr
        movl    $0x10000, %eax
        movl    %eax, %cr3
        movl    %cr0, %eax
        orl     $0x80000000, %eax
        movl    %eax, %cr0
        hlt
TABLES
END
