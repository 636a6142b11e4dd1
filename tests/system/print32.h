/* print32.h: for kernels of 32 bits: printing on COM1. Registers that carry arguments are lost, %ebx and %ebp stay. */
#define COM1 0x3f8
#define LINE_STATUS 5
#define EMPTY 0x20

/* %edx in hexadecimal and the text at %esi. */
line:
    call hex
    call print
newline:
    movb $'\n', %al
put:
    pushl %edx
    pushl %eax
    movw $(COM1 + LINE_STATUS), %dx
1:  inb %dx, %al
    testb $EMPTY, %al
    jz 1b
    popl %eax
    movw $COM1, %dx
    outb %al, %dx
    popl %edx
    ret
print:
    lodsb
    testb %al, %al
    jz 1f
    call put
    jmp print
1:  ret
print_bytes:
    jecxz 1f
    lodsb
    call put
    decl %ecx
    jmp print_bytes
1:  ret
hex:
    movl $8, %ecx
digits:
1:  roll $4, %edx
    movb %dl, %al
    andb $0xf, %al
    cmpb $10, %al
    sbbb $0x69, %al
    das
    call put
    loop 1b
    movb $' ', %al
    jmp put
