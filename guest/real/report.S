/* report.S: says what machine the guest woke up in, on the screen and on COM1, by the firmware's services and a few
 * instructions of its own.
 *
 * Real mode, all segments 0. Every routine keeps the registers that it does not return something in. */
        .code16
        .text
        .globl  report

        .set    BDA_COM1, 0x400
        .set    BDA_DRIVES, 0x475
        .set    IVT_VIDEO_SEGMENT, 0x10 * 4 + 2
        .set    VGA_BIOS_SEGMENT, 0xc000
        .set    COM_LSR, 5
        .set    LSR_THR_EMPTY, 0x20
        .set    EFLAGS_ID, 1 << 21
        .set    SMAP, 0x534d4150
        .set    PCI_SIGNATURE, 0x20494350
        .set    BUFFER, 0x6000

report: pushal
        movw    $text_title, %si
        call    puts
        call    show_cpu
        call    show_memory
        call    show_a20
        call    show_equipment
        call    show_drives
        call    show_pci
        popal
        retl                            # C of -m16 calls with a return address of 32 bits

/* ---- the processor ---- */

show_cpu:
        movw    $text_cpu, %si
        call    puts
        call    has_cpuid
        jc      3f
        xorl    %eax, %eax
        cpuid
        movl    %ebx, BUFFER
        movl    %edx, BUFFER + 4
        movl    %ecx, BUFFER + 8
        movb    $0, BUFFER + 12
        movw    $BUFFER, %si
        call    puts
        movw    $text_signature, %si
        call    puts
        movl    $1, %eax
        cpuid
        call    put_hex32
        movl    $0x80000000, %eax
        cpuid
        cmpl    $0x80000004, %eax
        jb      2f
        movw    $text_comma, %si
        call    puts
        movl    $0x80000002, %ebp       # the name: three leaves of 16 characters
        movw    $BUFFER, %di
1:      movl    %ebp, %eax
        cpuid
        movl    %eax, (%di)
        movl    %ebx, 4(%di)
        movl    %ecx, 8(%di)
        movl    %edx, 12(%di)
        addw    $16, %di
        incl    %ebp
        cmpl    $0x80000005, %ebp
        jb      1b
        movb    $0, (%di)
        movw    $BUFFER, %si
        call    puts
2:      jmp     newline
3:      movw    $text_no_cpuid, %si
        jmp     puts

/* Carry clear: the CPUID instruction is there (EFLAGS.ID can be changed). */
has_cpuid:
        pushfl
        popl    %eax
        movl    %eax, %ecx
        xorl    $EFLAGS_ID, %eax
        pushl   %eax
        popfl
        pushfl
        popl    %eax
        pushl   %ecx
        popfl
        xorl    %ecx, %eax
        testl   $EFLAGS_ID, %eax
        jnz     1f
        stc
        ret
1:      clc
        ret

/* ---- memory ---- */

show_memory:
        movw    $text_base_memory, %si
        call    puts
        int     $0x12
        movzwl  %ax, %eax
        call    put_dec
        movw    $text_map, %si
        call    puts
        xorl    %ebx, %ebx
1:      movl    $0xe820, %eax
        movl    $SMAP, %edx
        movl    $20, %ecx
        movw    $BUFFER, %di
        int     $0x15
        jc      2f
        cmpl    $SMAP, %eax
        jne     2f
        call    put_range
        testl   %ebx, %ebx
        jnz     1b
2:      ret

/* One entry of the firmware's map: first and last address, type. */
put_range:
        movw    $text_indent, %si
        call    puts
        movl    BUFFER + 4, %eax
        call    put_hex32
        movl    BUFFER, %eax
        call    put_hex32
        movb    $'-', %al
        call    putc
        movl    BUFFER, %eax
        movl    BUFFER + 4, %edx
        addl    BUFFER + 8, %eax
        adcl    BUFFER + 12, %edx
        subl    $1, %eax
        sbbl    $0, %edx
        pushl   %eax
        movl    %edx, %eax
        call    put_hex32
        popl    %eax
        call    put_hex32
        movw    $text_ram, %si
        cmpl    $1, BUFFER + 16
        je      1f
        movw    $text_reserved, %si
        cmpl    $2, BUFFER + 16
        je      1f
        movw    $text_other, %si
1:      call    puts
        jmp     newline

/* With the A20 gate shut, FFFF:0510 is 0000:0500. */
show_a20:
        pushw   %es
        movw    $0xffff, %ax
        movw    %ax, %es
        movw    0x500, %cx
        movw    %es:0x510, %dx
        movw    $0x1234, 0x500
        movw    $0x4321, %es:0x510
        cmpw    $0x1234, 0x500
        movw    %dx, %es:0x510
        movw    %cx, 0x500
        popw    %es
        movw    $text_a20_on, %si
        je      1f
        movw    $text_a20_off, %si
1:      jmp     puts

/* ---- the firmware's equipment word (INT 11h) ---- */

show_equipment:
        movw    $text_equipment, %si
        call    puts
        int     $0x11
        movw    %ax, %bp
        call    put_hex16
        movw    $text_serial, %si
        movw    %bp, %ax
        shrw    $9, %ax
        andl    $7, %eax
        call    put_count
        movw    $text_parallel, %si
        movw    %bp, %ax
        shrw    $14, %ax
        andl    $3, %eax
        call    put_count
        movw    $text_fpu, %si
        movw    %bp, %ax
        shrw    $1, %ax
        andl    $1, %eax
        call    put_count
        jmp     newline

/* ", EAX text" */
put_count:
        pushw   %si
        movw    $text_comma, %si
        call    puts
        call    put_dec
        popw    %si
        jmp     puts

/* ---- drives ---- */

show_drives:
        movw    $text_drives, %si
        call    puts
        movzbl  BDA_DRIVES, %eax
        call    put_dec
        call    newline
        movb    $0x80, %dl
        movb    BDA_DRIVES, %cl
        testb   %cl, %cl
        jz      2f
1:      pushw   %cx
        call    show_drive
        popw    %cx
        incb    %dl
        decb    %cl
        jnz     1b
2:      ret

show_drive:
        movw    $text_indent, %si
        call    puts
        movb    %dl, %al
        call    put_hex8
        movw    $BUFFER, %si
        movw    $26, (%si)              # the extended parameters' oldest size
        movb    $0x48, %ah
        pushw   %dx
        int     $0x13
        popw    %dx
        jc      1f
        movl    BUFFER + 16, %eax       # sectors
        movl    BUFFER + 20, %ecx
        shrdl   $1, %ecx, %eax          # KiB
        movw    $text_kib, %si
        call    put_count
1:      cmpb    %dl, boot_drive
        jne     2f
        movw    $text_booted, %si
        call    puts
2:      jmp     newline

/* ---- PCI functions, by the firmware's services ---- */

show_pci:
        movw    $text_pci, %si
        call    puts
        movw    $0xb101, %ax
        xorl    %edi, %edi
        int     $0x1a
        jc      3f
        cmpl    $PCI_SIGNATURE, %edx
        jne     3f
        pushw   %cx
        movb    %bh, %al
        call    put_hex8
        movb    $'.', %al
        call    putc
        movb    %bl, %al
        call    put_hex8
        call    newline
        popw    %cx
        movzbw  %cl, %bp
        incw    %bp
        shlw    $8, %bp                 # one behind the last bus, as in BX below
        xorw    %bx, %bx                # bus << 8 | device << 3 | function
1:      testb   $7, %bl
        jnz     2f
        movb    $0, multi_function      # function 0 says whether there are others
        call    vendor_of
        jc      4f
        movw    $0x0e, %di
        movw    $0xb108, %ax
        int     $0x1a
        movb    %cl, multi_function
        jmp     5f
2:      testb   $0x80, multi_function
        jz      4f
5:      call    show_function
4:      incw    %bx
        cmpw    %bp, %bx
        jb      1b
        ret
3:      movw    $text_none, %si
        jmp     puts

/* ECX: the first dword of function BX. Carry: nobody is there. */
vendor_of:
        xorw    %di, %di
        movw    $0xb10a, %ax
        int     $0x1a
        jc      1f
        cmpw    $0xffff, %cx
        je      2f
        clc
1:      ret
2:      stc
        ret

show_function:
        call    vendor_of
        jc      1f
        movw    $text_indent, %si
        call    puts
        movb    %bh, %al
        call    put_hex8
        movb    $':', %al
        call    putc
        movb    %bl, %al
        shrb    $3, %al
        call    put_hex8
        movb    $'.', %al
        call    putc
        movb    %bl, %al
        andb    $7, %al
        addb    $'0', %al
        call    putc
        movb    $' ', %al
        call    putc
        movw    %cx, %ax
        call    put_hex16
        movb    $':', %al
        call    putc
        movl    %ecx, %eax
        shrl    $16, %eax
        call    put_hex16
        movw    $text_class, %si
        call    puts
        movw    $8, %di
        movw    $0xb10a, %ax
        int     $0x1a
        movl    %ecx, %eax
        shrl    $16, %eax
        call    put_hex16
        call    newline
        clc
1:      ret

/* ---- output ---- */

newline:
        pushw   %si
        movw    $text_newline, %si
        call    puts
        popw    %si
        ret

puts:   pushaw
1:      lodsb
        testb   %al, %al
        jz      2f
        call    putc
        jmp     1b
2:      popaw
        ret

put_hex32:
        pushl   %eax
        shrl    $16, %eax
        call    put_hex16
        popl    %eax
put_hex16:
        pushw   %ax
        movb    %ah, %al
        call    put_hex8
        popw    %ax
put_hex8:
        pushw   %ax
        shrb    $4, %al
        call    put_digit
        popw    %ax
put_digit:
        pushw   %ax
        andb    $15, %al
        addb    $'0', %al
        cmpb    $'9', %al
        jbe     1f
        addb    $'a' - '0' - 10, %al
1:      call    putc
        popw    %ax
        ret

/* EAX in decimal. */
put_dec:
        pushal
        movl    $10, %ebx
        xorw    %cx, %cx
1:      xorl    %edx, %edx
        divl    %ebx
        pushw   %dx
        incw    %cx
        testl   %eax, %eax
        jnz     1b
2:      popw    %ax
        addb    $'0', %al
        call    putc
        decw    %cx
        jnz     2b
        popal
        ret

/* AL to the screen and to COM1, unless the firmware itself sends the screen there (then INT 10h is not the VGA BIOS's).
 */
putc:   pushal
        movb    $0x0e, %ah
        movw    $7, %bx
        pushw   %ax
        int     $0x10
        popw    %ax
        cmpw    $VGA_BIOS_SEGMENT, IVT_VIDEO_SEGMENT
        jne     2f
        movw    BDA_COM1, %dx
        testw   %dx, %dx
        jz      2f
        movb    %al, %cl
        addw    $COM_LSR, %dx
1:      inb     %dx, %al
        testb   $LSR_THR_EMPTY, %al
        jz      1b
        subw    $COM_LSR, %dx
        movb    %cl, %al
        outb    %al, %dx
2:      popal
        ret

multi_function: .byte   0
text_title:     .ascii  "\r\npcemu's bundled guest: what the boot sector finds\r\n\r\n\0"
text_cpu:       .asciz  "Processor   "
text_signature: .asciz  ", signature "
text_no_cpuid:  .asciz  "without CPUID\r\n"
text_base_memory: .asciz "Memory      "
text_map:       .asciz  " KiB below the firmware's data; its map:\r\n"
text_ram:       .asciz  " RAM"
text_reserved:  .asciz  " reserved"
text_other:     .asciz  " other"
text_a20_on:    .asciz  "A20         open\r\n"
text_a20_off:   .asciz  "A20         shut\r\n"
text_equipment: .asciz  "Equipment   word "
text_serial:    .asciz  " serial"
text_parallel:  .asciz  " parallel"
text_fpu:       .asciz  " FPU"
text_drives:    .asciz  "Hard disks  "
text_kib:       .asciz  " KiB"
text_booted:    .asciz  " (we come from here)"
text_pci:       .asciz  "PCI         BIOS "
text_class:     .asciz  " class "
text_none:      .asciz  "not there\r\n"
text_indent:    .asciz  "            "
text_comma:     .asciz  ", "
text_newline:   .asciz  "\r\n"

        .section .note.GNU-stack, "", @progbits
