/* rom.S: an option ROM for the e1000 that tests what option ROMs are given: big real mode, the Post Memory Manager, the
 * PnP structure, the PCI function's number; it moves the EBDA down by 1 KiB. Its boot entry vector says so and gives the
 * boot back by int 18h. Lines go to COM1. */
#define HANDLE 0x54534554
#define BDA_EBDA 0x40e
#define BDA_KIB 0x413

        .code16
        .text
        .global start
start:  .word   0xaa55
        .byte   4               /* 2 KiB */
        jmp     init
        .org    0x18
        .word   pcir, pnp
        .balign 4
pcir:   .ascii  "PCIR"
        .word   0x8086, 0x100e, 0, 0x18
        .byte   0, 0, 0, 2
        .word   4, 0
        .byte   0, 0x80
        .word   0
        .balign 16
pnp:    .ascii  "$PnP"
        .byte   1, 2
        .word   0
        .byte   0, 0            /* checksum: filled in by rom.py */
        .long   0
        .word   maker, product
        .byte   2, 0, 0, 0xe4
        .word   0, 0, bev, 0, 0
maker:  .asciz  "pcemu"
product: .asciz "test ROM"

init:   pushal
        pushw   %ds
        pushw   %es
        movw    %ax, %bp
        pushw   %cs
        popw    %ds
        cmpl    $0x506e5024, %es:(%di)
        movw    $name_pnp, %si
        call    say_equal
        cmpw    $0x0018, %bp
        movw    $name_bdf, %si
        call    say_equal
        xorw    %ax, %ax
        movw    %ax, %fs
        smsww   %ax
        testb   $1, %al
        movw    $name_real, %si
        call    say_equal
        call    test_big
        call    find_pmm
        call    test_pmm
        call    move_ebda
        popw    %es
        popw    %ds
        popal
        xorw    %ax, %ax
        lretw

/* RAM above 1 MiB, if there is some, by a 32-bit offset. */
test_big:
        movl    $0x00200000, %ebx
        movl    %fs:(%ebx), %ecx
        movl    $0x5ca1ab1e, %fs:(%ebx)
        cmpl    $0x5ca1ab1e, %fs:(%ebx)
        movl    %ecx, %fs:(%ebx)
        movw    $name_big, %si
        jmp     say_equal

find_pmm:
        movw    $0xe000, %ax
1:      movw    %ax, %es
        cmpl    $0x4d4d5024, %es:0
        je      2f
        incw    %ax
        jnz     1b
        movw    $name_pmm, %si
        incw    %ax
        jmp     say_equal
2:      movl    %es:7, %eax
        movl    %eax, %cs:pmm
        xorw    %bx, %bx
        movb    $0, %al
3:      addb    %es:(%bx), %al
        incw    %bx
        cmpb    %es:5, %bl
        jb      3b
        testb   %al, %al
        movw    $name_pmm, %si
        jmp     say_equal

/* EAX paragraphs, ECX handle, DX flags; the address in EAX. */
allocate:
        pushw   %dx
        pushl   %ecx
        pushl   %eax
        pushw   $0
        lcallw  *%cs:pmm
        addw    $12, %sp
join:   shll    $16, %edx
        movw    %ax, %dx
        movl    %edx, %eax
        ret
find:   pushl   %ecx
        pushw   $1
        lcallw  *%cs:pmm
        addw    $6, %sp
        jmp     join
free:   pushl   %eax
        pushw   $2
        lcallw  *%cs:pmm
        addw    $6, %sp
        jmp     join

test_pmm:
        movl    $64, %eax
        orl     $-1, %ecx
        movw    $1, %dx
        call    allocate
        movw    $name_low, %si
        call    say_low
        movl    $256, %eax
        movl    $HANDLE, %ecx
        movw    $5, %dx
        call    allocate
        movl    %eax, %ebx
        testw   $0xfff, %ax
        movw    $name_aligned, %si
        call    say_equal
        call    find
        cmpl    %ebx, %eax
        movw    $name_find, %si
        call    say_equal
        movl    %ebx, %eax
        call    free
        testl   %eax, %eax
        movw    $name_free, %si
        call    say_equal
        call    find
        testl   %eax, %eax
        movw    $name_gone, %si
        call    say_equal
        xorl    %eax, %eax
        movw    $3, %dx
        call    allocate
        cmpl    $0x400, %eax
        setb    %al
        testb   %al, %al
        movw    $name_largest, %si
        call    say_equal
        movl    $16, %eax
        orl     $-1, %ecx
        movw    $2, %dx
        call    allocate
        movw    $name_high, %si
        call    say_high
        movl    $16, %eax
        movw    $10, %dx
        call    allocate
        movw    $name_permanent, %si
        jmp     say_high
say_low:
        cmpl    $0x7000, %eax
        jb      say_fail
        cmpl    $0x90000, %eax
        jae     say_fail
        jmp     say_pass
say_high:
        cmpl    $0x100000, %eax
        jb      say_fail
        jmp     say_pass

move_ebda:
        pushw   %ds
        movw    %fs:BDA_EBDA, %ax
        movw    %ax, %ds
        subw    $0x40, %ax
        movw    %ax, %es
        movw    %ax, %fs:BDA_EBDA
        decw    %fs:BDA_KIB
        xorw    %si, %si
        xorw    %di, %di
        movw    $512, %cx
        rep movsw
        popw    %ds
        ret

bev:    pushw   %cs
        popw    %ds
        movw    $name_bev, %si
        call    say_pass
        int     $0x18

say_equal:
        je      say_pass
say_fail:
        pushw   %si
        movw    $fail, %si
        jmp     1f
say_pass:
        pushw   %si
        movw    $pass, %si
1:      call    say
        popw    %si
        call    say
        movw    $line, %si
say:    pushal
        movw    $0x3f8, %dx
2:      lodsb
        testb   %al, %al
        jz      3f
        outb    %al, %dx
        jmp     2b
3:      popal
        ret

pass:   .asciz  "PASS "
fail:   .asciz  "FAIL "
line:   .asciz  "\r\n"
name_pnp: .asciz "an option ROM gets the PnP structure"
name_bdf: .asciz "an option ROM gets its function's number"
name_real: .asciz "an option ROM runs in real mode"
name_big: .asciz "an option ROM's segments are big"
name_pmm: .asciz "PMM structure"
name_low: .asciz "PMM: low memory"
name_aligned: .asciz "PMM: aligned"
name_find: .asciz "PMM: found by its handle"
name_free: .asciz "PMM: freed"
name_gone: .asciz "PMM: found no more"
name_largest: .asciz "PMM: the largest block"
name_high: .asciz "PMM: high memory"
name_permanent: .asciz "PMM: permanent memory"
name_bev: .asciz "a boot entry vector is called"
        .balign 4
pmm:    .long   0
        .org    2048
