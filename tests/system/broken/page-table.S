/* Paging is turned on with a directory whose first entry, where the code is, was forgotten. */
#include "broken.h"
#define DIRECTORY 0x10000
BEGIN
        PROTECTED
        movl    $DIRECTORY, %edi
        xorl    %eax, %eax
        movl    $1024, %ecx
        cld
        rep stosl
        movl    $0x11003, DIRECTORY + 4
        movl    $DIRECTORY, %eax
        movl    %eax, %cr3
        movl    %cr0, %eax
        orl     $0x80000000, %eax
        movl    %eax, %cr0
        hlt
TABLES
END
