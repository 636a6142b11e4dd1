/* multiboot.S: a Multiboot kernel that prints on COM1 what it was given, in hexadecimal, and ends by isa-debug-exit at F4.
 * With -DADDRESSES it is no ELF file: its header says where it goes. With -DMODE it wants a graphics mode. */
#define MAGIC 0x1badb002
#ifdef ADDRESSES
#define FLAGS 0x10003
#elif defined(MODE)
#define FLAGS 7
#else
#define FLAGS 3
#endif

.text
.globl start
header:
    .long MAGIC, FLAGS, -(MAGIC + FLAGS)
#ifdef ADDRESSES
    .long header, header, end, bss_end, start
#elif defined(MODE)
    .long 0, 0, 0, 0, 0, 0, 640, 480, 32
#endif

start:
    cli
    leal stack_top, %esp
    movl %eax, %edx
    movl $magic_text, %esi
    call line
    movl (%ebx), %edx
    andl $0x4f, %edx            /* memory, device, command line, modules, map */
    movl $flags_text, %esi
    call line
    movl 4(%ebx), %edx
    movl $lower_text, %esi
    call line
    movl 8(%ebx), %edx
    movl $upper_text, %esi
    call line
    movl bss, %edx              /* it is zero */
    movl $bss_text, %esi
    call line
    movl 16(%ebx), %esi
    call print
    call newline

    movl 20(%ebx), %ebp         /* modules */
    movl 24(%ebx), %edi
1:  testl %ebp, %ebp
    jz 2f
    movl 8(%edi), %esi
    call print
    movb $':', %al
    call put
    movl (%edi), %esi
    movl 4(%edi), %ecx
    subl %esi, %ecx
    call print_bytes
    movl (%edi), %edx
    andl $0xfff, %edx           /* at a page */
    movl $module_text, %esi
    call line
    addl $16, %edi
    decl %ebp
    jmp 1b

2:  movl 44(%ebx), %ebp         /* memory map: type, address, length */
    movl 48(%ebx), %edi
    addl %edi, %ebp
3:  cmpl %ebp, %edi
    jae 4f
    movl 20(%edi), %edx
    call hex
    movl 8(%edi), %edx
    call hex
    movl 4(%edi), %edx
    call hex
    movl 16(%edi), %edx
    call hex
    movl 12(%edi), %edx
    movl $map_text, %esi
    call line
    addl (%edi), %edi
    addl $4, %edi
    jmp 3b
4:
#ifdef MODE                     /* the mode: flags, address, pitch, width, height, depth and kind, colours */
    movl (%ebx), %edx
    call hex
    movl $88, %ebp
5:  movl (%ebx, %ebp), %edx
    call hex
    addl $4, %ebp
    cmpl $116, %ebp
    jb 5b
    movl 76(%ebx), %edi         /* width and height in VBE's words */
    movl 18(%edi), %edx
    movl $mode_text, %esi
    call line
    movl 32(%ebx), %ebp         /* sections: their size, and where they are */
    movl 28(%ebx), %edi
    imull %edi, %ebp
    movl %ebp, %edx
    movl $section_text, %esi
    call line
#endif
    movb $0x21, %al
    outb %al, $0xf4
5:  hlt
    jmp 5b

#include "print32.h"

.data
magic_text: .asciz "magic"
flags_text: .asciz "flags"
lower_text: .asciz "lower"
upper_text: .asciz "upper"
bss_text: .asciz "bss"
module_text: .asciz " module"
map_text: .asciz "map"
#ifdef MODE
mode_text: .asciz "mode"
section_text: .asciz "sections"
#endif
end:
.bss
bss:
    .skip 4096
stack_top:
bss_end:
