/* hello32.S: what sectors/hello.S is, as a Multiboot kernel. */
#define MAGIC 0x1badb002

.text
.globl start
        .long   MAGIC, 0, -MAGIC
start:  movl    $0x90000, %esp
        movl    $text, %esi
        movl    $0xb8000 + 160 * 20, %edi
next:   lodsb
        testb   %al, %al
        jz      end
        movb    %al, (%edi)
        movb    $7, 1(%edi)
        addl    $2, %edi
        outb    %al, $0xe9
        call    put
        jmp     next
end:
#include "sectors/end.h"
#include "print32.h"
text:   .asciz  "hello from a kernel\n"
