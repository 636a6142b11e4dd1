/* kernel.S: a kernel for the example: it says that it is ready on COM1 and on the screen. With "test" on its command line
 * it tests itself and ends by isa-debug-exit, 10h for success; without, the key q powers the machine off. */
#define MAGIC 0x1badb002

.text
.globl start
        .long   MAGIC, 0, -MAGIC

start:  movl    $stack, %esp
        movl    %ebx, %ebp                      # what the boot loader says
        movl    $ready, %esi
        call    print
        movl    16(%ebp), %esi                  # the command line; its last word counts
        xorl    %edx, %edx
1:      lodsb
        testb   %al, %al
        jz      2f
        shll    $8, %edx
        movb    %al, %dl
        jmp     1b
2:      cmpl    $0x74657374, %edx               # "test"
        je      test

keys:   inb     $0x64, %al                      # a byte from the keyboard?
        testb   $1, %al
        jz      keys
        inb     $0x60, %al
        cmpb    $0x10, %al                      # q goes down
        jne     keys
        movl    $bye, %esi
        call    print
        movw    $0x604, %dx                     # ACPI: off
        movw    $0x2000, %ax
        outw    %ax, %dx
        hlt

test:   movl    $6, %eax
        movl    $7, %ecx
        mull    %ecx
        movb    $0x11, %bl                      # failed
        movl    $wrong, %esi
        cmpl    $42, %eax
        jne     1f
        movb    $0x10, %bl
        movl    $right, %esi
1:      call    print
        movb    %bl, %al
        outb    %al, $0xf4
        hlt

print:  movl    cursor, %edi
1:      lodsb
        testb   %al, %al
        jz      3f
        movb    $7, %ah
        cmpb    $'\n', %al
        je      2f
        stosw
2:      movb    %al, %cl
        movw    $0x3fd, %dx
4:      inb     %dx, %al
        testb   $0x20, %al
        jz      4b
        movb    %cl, %al
        movw    $0x3f8, %dx
        outb    %al, %dx
        jmp     1b
3:      addl    $160, cursor
        ret

.data
cursor: .long   0xb8000 + 12 * 160
ready:  .asciz  "kernel: ready\n"
bye:    .asciz  "kernel: good bye\n"
right:  .asciz  "test: 6 times 7: ok\n"
wrong:  .asciz  "test: 6 times 7: FAILED\n"
.bss
        .skip   4096
stack:
