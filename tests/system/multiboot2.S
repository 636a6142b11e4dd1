/* multiboot2.S: a Multiboot 2 kernel that prints on COM1 every tag it was given, its type, its size and its bytes in
 * hexadecimal, and the first bytes of its modules; and ends by isa-debug-exit at F4. With -DADDRESSES its header says where
 * it goes, with -DRELOCATABLE it may go anywhere and asks for a graphics mode, with -DREQUIRES=n it can't do without
 * information n. */
#define MAGIC 0xe85250d6
#define BYTES_MAX 0x140

.text
.globl start
start_of_file:
    .balign 8
header:
    .long MAGIC, 0, header_end - header, -(MAGIC + (header_end - header))
#ifdef REQUIRES
    .short 1, 0
    .long 12, REQUIRES
    .balign 8
#else
    .short 1, 0
#ifdef ADDRESSES                /* no ELF file has no sections */
    .long 8 + 4 * 6, 1, 2, 3, 4, 6, 8
#else
    .long 8 + 4 * 7, 1, 2, 3, 4, 6, 8, 9
#endif
    .balign 8
    .short 1, 1                 /* what it would like to know */
    .long 12, 17
    .balign 8
#endif
    .short 0x1234, 1            /* nobody knows it, and it is optional */
    .long 8
#ifdef ADDRESSES
    .short 2, 0
    .long 24, header, start_of_file, data_end, bss_end
    .short 3, 0
    .long 12, start
    .balign 8
#endif
#ifdef RELOCATABLE
    .short 10, 0
    .long 24, 0x400000, 0x2ffffff, 0x200000, 2
    .short 5, 1
    .long 20, 800, 600, 32
    .balign 8
#endif
    .short 6, 0
    .long 8
    .short 0, 0
    .long 8
header_end:

start:
    cli
    movl %eax, %edx
    leal 8(%ebx), %esp          /* no stack yet: the information's reserved word does */
    call 1f
1:  popl %ebp
    subl $(1b - start_of_file), %ebp /* where the kernel begins */
    movl $0, 4(%ebx)
    leal stack_top - start_of_file(%ebp), %esp
    pushl %ebp
    leal magic_text - start_of_file(%ebp), %esi
    call line
    movl (%esp), %edx
    movl (%esp), %ebp
    leal place_text - start_of_file(%ebp), %esi
    call line
    movl bss - start_of_file(%ebp), %edx
    leal bss_text - start_of_file(%ebp), %esi
    call line
    leal 8(%ebx), %edi
next_tag:
    movl (%edi), %edx
    call hex
    movl 4(%edi), %edx
    call hex
    movl 4(%edi), %ebp
    cmpl $BYTES_MAX, %ebp
    jbe 1f
    movl $BYTES_MAX, %ebp
1:  movl $8, %ebx
2:  cmpl %ebp, %ebx
    jae 3f
    movb (%edi, %ebx), %al
    shll $24, %eax
    movl %eax, %edx
    call hex_byte
    incl %ebx
    jmp 2b
3:  call newline
    cmpl $3, (%edi)
    jne 4f
    movl 8(%edi), %esi          /* a module: what is in it */
    movl 12(%edi), %ecx
    subl %esi, %ecx
    cmpl $32, %ecx
    jbe 5f
    movl $32, %ecx
5:  call print_bytes
    call newline
4:  cmpl $0, (%edi)
    je 6f
    movl 4(%edi), %eax
    addl $7, %eax
    andl $~7, %eax
    addl %eax, %edi
    jmp next_tag
6:  movb $0x21, %al
    outb %al, $0xf4
7:  hlt
    jmp 7b

#include "print32.h"

/* The byte in the upper eight bits of %edx. */
hex_byte:
    movl $2, %ecx
    jmp digits

.data
magic_text: .asciz "magic"
place_text: .asciz "place"
bss_text: .asciz "bss"
data_end:
.bss
bss:
    .skip 4096
stack_top:
bss_end:
