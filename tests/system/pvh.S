/* pvh.S: a kernel that is entered by its PVH note; it prints on COM1 what it was given, its task register's limit and its
 * module's first bytes, and ends by isa-debug-exit at F4. */
#define PHYS32_ENTRY 18

    .section .note.Xen, "a", @note
    .long 4, 4, PHYS32_ENTRY
    .asciz "Xen"
    .long pvh_start

.text
.globl start
start:
    hlt                         /* not by the file's entry point */
    jmp start
pvh_start:
    cli
    leal stack_top, %esp
    movl (%ebx), %edx
    movl $magic_text, %esi
    call line
    movl 4(%ebx), %edx
    movl $version_text, %esi
    call line
    movl 12(%ebx), %edx
    movl $modules_text, %esi
    call line
    movl 24(%ebx), %esi
    call print
    call newline
    movl 32(%ebx), %edi         /* ACPI's RSDP */
    movl %edi, %esi
    movl $8, %ecx
    call print_bytes
    call newline
    cmpl $0, 12(%ebx)
    je 1f
    movl 16(%ebx), %edi
    movl (%edi), %esi
    movl 8(%edi), %ecx
    call print_bytes
    call newline
1:  movl 48(%ebx), %ebp         /* memory map */
    movl 40(%ebx), %edi
2:  movl 16(%edi), %edx
    call hex
    movl 4(%edi), %edx
    call hex
    movl (%edi), %edx
    call hex
    movl 12(%edi), %edx
    call hex
    movl 8(%edi), %edx
    movl $map_text, %esi
    call line
    addl $24, %edi
    decl %ebp
    jnz 2b
    movb $0x21, %al
    outb %al, $0xf4
3:  hlt
    jmp 3b

#include "print32.h"

.data
magic_text: .asciz "magic"
version_text: .asciz "version"
modules_text: .asciz "modules"
map_text: .asciz "map"
.bss
    .skip 4096
stack_top:
