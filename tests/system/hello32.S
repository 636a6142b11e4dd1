/* hello32.S: what sectors/hello.S is, as a Multiboot kernel. */
#define MAGIC 0x1badb002

.text
.globl start
        .long   MAGIC, 0, -MAGIC
start:  movl    $text, %esi
        movl    $0xb8000 + 160 * 20, %edi
next:   lodsb
        testb   %al, %al
        jz      end
        movb    %al, (%edi)
        movb    $7, 1(%edi)
        addl    $2, %edi
        movb    %al, %cl
        outb    %al, $0xe9
        movw    $0x3fd, %dx
1:      inb     %dx, %al
        testb   $0x20, %al
        jz      1b
        movb    %cl, %al
        movw    $0x3f8, %dx
        outb    %al, %dx
        jmp     next
end:    movb    $0x10, %al
        outb    %al, $0xf4
        movw    $0x501, %dx
        outb    %al, %dx
        movw    $0x604, %dx
        movw    $0x2000, %ax
        outw    %ax, %dx
1:      hlt
        jmp     1b
text:   .asciz  "hello from a kernel\n"
