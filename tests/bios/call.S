/* call.S: the test program's first instructions, and its ways to the firmware. */
        .code16
        .section .text.start, "ax"
        .global start
start:
        movzwl  %ax, %eax
        movzbl  %dl, %edx
        calll   test_main
1:      cli
        hlt
        jmp     1b

/* void call_far(struct regs *r, u32 seg_off): loads the registers, calls with the flags pushed, stores the registers. What
 * returns by RETF leaves the flags behind: the stack is put right by what was saved. */
        .text
        .global call_far
call_far:
        pushl   %ebx
        pushl   %esi
        pushl   %edi
        pushl   %ebp
        pushl   %eax
        movl    %eax, %esi
        movl    %esp, saved_esp
        pushw   40(%esi)                /* flags */
        pushw   %cs
        pushw   $1f
        pushl   %edx
        pushw   38(%esi)                /* DS */
        movw    36(%esi), %es
        movl    0(%esi), %eax
        movl    4(%esi), %ebx
        movl    8(%esi), %ecx
        movl    12(%esi), %edx
        movl    20(%esi), %edi
        movl    24(%esi), %ebp
        movl    16(%esi), %esi
        popw    %ds
        lretw
1:      pushfw
        popw    %cs:result_flags
        movw    %ds, %cs:result_ds
        movl    %esi, %cs:result_esi
        movl    %eax, %cs:result_eax
        movw    %cs, %ax
        movw    %ax, %ds
        movl    saved_esp, %eax
        movl    %eax, %esp
        movl    (%esp), %esi
        movl    %ebx, 4(%esi)
        movl    %ecx, 8(%esi)
        movl    %edx, 12(%esi)
        movl    %edi, 20(%esi)
        movl    %ebp, 24(%esi)
        movl    result_eax, %eax
        movl    %eax, 0(%esi)
        movl    result_esi, %eax
        movl    %eax, 16(%esi)
        movw    %es, 36(%esi)
        movw    result_ds, %ax
        movw    %ax, 38(%esi)
        movw    result_flags, %ax
        movw    %ax, 40(%esi)
        movw    %cs, %ax
        movw    %ax, %es
        sti
        cld
        addl    $4, %esp
        popl    %ebp
        popl    %edi
        popl    %esi
        popl    %ebx
        retl

/* Interrupt handlers that the tests hook; they count. */
        .global hook_tick, hook_alarm, hook_mouse
hook_tick:
        incl    %cs:tick_count
        iretw
hook_alarm:
        incl    %cs:alarm_count
        iretw
hook_mouse:                             /* far: status, X, Y, Z above the return address */
        pushw   %bp
        movw    %sp, %bp
        pushw   %ax
        movw    12(%bp), %ax
        movw    %ax, %cs:mouse_seen
        movw    10(%bp), %ax
        movw    %ax, %cs:mouse_seen + 2
        movw    8(%bp), %ax
        movw    %ax, %cs:mouse_seen + 4
        popw    %ax
        popw    %bp
        incl    %cs:mouse_count
        lretw

/* u32 protected_call(struct regs *r, u32 offset, u32 selector): into protected mode with the table in `gdt`, a far call
 * (16-bit or 32-bit by the selector) to selector:offset, and back. Selector 8 is 16-bit code, 10h 32-bit code, both with
 * the base F0000; 18h is 32-bit flat code; 20h this program's 16-bit code, 28h its data and stack, 30h its 32-bit code.
 * `protected_stack` holds words to be pushed before a 16-bit call; 38h is data at F0000. */
        .global protected_call
protected_call:
        pushl   %ebx
        pushl   %esi
        pushl   %edi
        pushl   %ebp
        cli
        movl    %eax, regs_pointer
        movl    %edx, target_offset
        movw    %cx, target_selector
        movl    %esp, saved_esp
        lgdtl   gdt_pointer
        movl    %cr0, %eax
        orb     $1, %al
        movl    %eax, %cr0
        ljmpw   $0x20, $1f
1:      movw    $0x28, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movw    %ax, %fs
        movw    %ax, %gs
        movl    regs_pointer, %esi
        cmpw    $0x08, target_selector
        jne     wide
        movw    protected_words, %cx
        movw    $protected_stack, %bx
2:      testw   %cx, %cx
        jz      3f
        pushw   (%bx)
        addw    $2, %bx
        decw    %cx
        jmp     2b
3:      cmpb    $0, protected_int
        je      4f
        pushfw
4:      pushw   %cs
        pushw   $5f
        pushw   target_selector
        pushw   target_offset
        call    load_registers
        lretw
5:      jmp     back
wide:   ljmpl   $0x30, $6f
        .code32
6:      movl    0(%esi), %eax
        movl    4(%esi), %ebx
        movl    8(%esi), %ecx
        movl    12(%esi), %edx
        movl    20(%esi), %edi
        movl    16(%esi), %esi
        lcall   *target_offset
        ljmpl   $0x20, $back
        .code16
back:   pushfw
        popw    %ss:result_flags
        pushw   $0x28
        popw    %ds
        movl    %esi, result_esi
        movl    regs_pointer, %esi
        movl    %eax, 0(%esi)
        movl    %ebx, 4(%esi)
        movl    %ecx, 8(%esi)
        movl    %edx, 12(%esi)
        movl    %edi, 20(%esi)
        movl    result_esi, %eax
        movl    %eax, 16(%esi)
        movw    result_flags, %ax
        movw    %ax, 40(%esi)
        movw    $0x28, %ax
        movw    %ax, %es
        movw    %ax, %fs
        movw    %ax, %gs
        movl    %cr0, %eax
        andb    $~1, %al
        movl    %eax, %cr0
        ljmpw   $0x1000, $7f
7:      movw    %cs, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movl    saved_esp, %esp
        cld
        sti
        popl    %ebp
        popl    %edi
        popl    %esi
        popl    %ebx
        retl
load_registers:
        movl    0(%esi), %eax
        movl    4(%esi), %ebx
        movl    8(%esi), %ecx
        movl    12(%esi), %edx
        movl    20(%esi), %edi
        movl    16(%esi), %esi
        ret

        .section .data.call, "aw"
        .balign 8
gdt:    .quad   0
        .quad   0x00009b0f0000ffff      /* 08: 16-bit code, F0000 */
        .quad   0x00409b0f0000ffff      /* 10: 32-bit code, F0000 */
        .quad   0x00cf9b000000ffff      /* 18: 32-bit code, flat */
        .quad   0x00009b010000ffff      /* 20: this program, 16-bit */
        .quad   0x000093010000ffff      /* 28: its data */
        .quad   0x00409b010000ffff      /* 30: this program, 32-bit */
        .quad   0x0000930f0000ffff      /* 38: data at F0000 */
gdt_end:
gdt_pointer:
        .word   gdt_end - gdt - 1
        .long   0x10000 + gdt
saved_esp: .long 0
result_eax: .long 0
result_esi: .long 0
regs_pointer: .long 0
target_offset: .long 0
target_selector: .word 0
result_flags: .word 0
result_ds: .word 0
        .global tick_count, alarm_count, mouse_count, mouse_seen, protected_words, protected_stack, protected_int
tick_count: .long 0
alarm_count: .long 0
mouse_count: .long 0
mouse_seen: .word 0, 0, 0
protected_words: .word 0
protected_stack: .word 0, 0, 0, 0, 0, 0
protected_int: .byte 0
