/* smp.S: firmware for test_smp.c: several processors in real mode, their local APICs in x2APIC mode. 64 KiB at
 * F000:0000; the test writes the number of a program and that of processors into its last bytes. A program ends by a
 * write of 1 to isa-debug-exit at port F4: well; another number names what was wrong. */
        .code16

        .set EXIT, 0xf4
        .set MSR_APIC_BASE, 0x1b
        .set MSR_ID, 0x802
        .set MSR_EOI, 0x80b
        .set MSR_SVR, 0x80f
        .set MSR_ICR, 0x830
        .set MSR_LVT_TIMER, 0x832
        .set MSR_INITIAL, 0x838
        .set MSR_DIVIDE, 0x83e
        .set MSR_SELF_IPI, 0x83f

        .set VECTOR_IPI, 0x40
        .set VECTOR_TICK, 0x41
        .set ALL_BUT_SELF, 0xc4000
        .set ALL, 0x84000
        .set FIXED, 0x4000
        .set LOWEST_LOGICAL, 0x4900
        .set SMI, 0x4200
        .set NMI, 0x4400
        .set INIT, 0x4500
        .set SIPI, 0x4600

        /* in segment 0 */
        .set started, 0x600     /* processors that came up */
        .set done, 0x602
        .set wrong, 0x604       /* the first that went wrong */
        .set spin, 0x606        /* a lock */
        .set shared, 0x608      /* dword: a count that all add to */
        .set ipis, 0x60c        /* dwords: interrupts taken */
        .set ticks, 0x610
        .set nmis, 0x614
        .set smis, 0x618
        .set last_tsc, 0x620    /* qword */
        .set resets, 0x628
        .set TRAMPOLINE, 0x8000
        .set ANSWER, 0x9000     /* mov ax,imm; retf: patched by all */
        .set SMM_ENTRY, 0x38000
        .set BUFFERS, 0x4000    /* segment; 64 KiB for each processor */

        .set ROUNDS, 200

        .macro write_msr number, low, high=0
        movl $\number, %ecx
        movl $\low, %eax
        movl $\high, %edx
        wrmsr
        .endm

        /* Waits until dword or word `at` is `value`; time-outs are the test's. */
        .macro await instruction, value, at
9:      pause
        \instruction \value, \at
        jne 9b
        .endm

        /* x2APIC mode, enabled. Without a stack: one that starts does not know its own yet. */
        .macro apic_on
        movl $MSR_APIC_BASE, %ecx
        rdmsr
        orl $0xc00, %eax
        wrmsr
        write_msr MSR_SVR, 0x1ff
        .endm

        /* The register page, still in xAPIC mode, is that of the processor which looks: its ID is CPUID's. */
        .macro check_page
        movl $MSR_APIC_BASE, %ecx
        rdmsr
        testw $0x400, %ax                       /* after INIT, which keeps the mode, there is no page */
        jnz 9f
        cs lgdtl flat_gdt
        movl %cr0, %eax
        orb $1, %al
        movl %eax, %cr0
        movw $8, %dx
        movw %dx, %fs                           /* 4 GiB, which stay when protected mode is left */
        andb $0xfe, %al
        movl %eax, %cr0
        movl $0xfee00020, %ebx
        movl %fs:(%ebx), %esi
        shrl $24, %esi
        movl $1, %eax
        cpuid
        shrl $24, %ebx
        cmpl %esi, %ebx
        je 9f
        movw $10, wrong
9:
        .endm

        .macro fail number
        movw $\number, wrong
        jmp end
        .endm

        .globl start
start:
        xorw %ax, %ax
        movw %ax, %ds
        movw %ax, %es
        movw %ax, %ss
        movw $0x7000, %sp
        movw $on_nmi, 2 * 4
        movw $0xf000, 2 * 4 + 2
        movw $on_ipi, VECTOR_IPI * 4
        movw $0xf000, VECTOR_IPI * 4 + 2
        movw $on_tick, VECTOR_TICK * 4
        movw $0xf000, VECTOR_TICK * 4 + 2
        movb $0xea, TRAMPOLINE                  /* jmp f000:ap_start */
        movw $ap_start, TRAMPOLINE + 1
        movw $0xf000, TRAMPOLINE + 3
        movl $0xcb0000b8, ANSWER
        movw $SMM_ENTRY >> 4, %ax
        movw %ax, %es
        movw $smm_handler, %si
        xorw %di, %di
        movw $smm_handler_end - smm_handler, %cx
        cs rep movsb
        apic_on
        movzbw %cs:program, %bx
        addw %bx, %bx
        jmp *%cs:programs(%bx)

programs:
        .word storm, delivery, alone, ap_wakes, all_stop, ap_fault, ap_resets, system_management, init_again

/* Starts all others; waits for them. */
start_others:
        write_msr MSR_ICR, ALL_BUT_SELF | INIT
        write_msr MSR_ICR, ALL_BUT_SELF | SIPI | TRAMPOLINE >> 12
        write_msr MSR_ICR, ALL_BUT_SELF | SIPI | TRAMPOLINE >> 12
        movzbw %cs:cpus, %ax
        decw %ax
        await cmpw, %ax, started
        ret

ap_start:
        xorw %ax, %ax
        movw %ax, %ds
        movw %ax, %ss
        check_page
        apic_on
        movl $MSR_ID, %ecx
        rdmsr
        movw %ax, %bp                           /* bp: the processor's number */
        shlw $9, %ax
        movw $0x7000, %sp
        subw %ax, %sp
        lock incw started
        movzbw %cs:program, %bx
        addw %bx, %bx
        jmp *%cs:ap_programs(%bx)

ap_programs:
        .word ap_storm, ap_listen, ap_stop, ap_tick, ap_stop, ap_triple, ap_reset, ap_listen, ap_listen

flat_gdt:
        .word 15
        .long 0xf0000 + gdt
        .balign 8
gdt:
        .quad 0, 0x00cf93000000ffff

on_ipi:
        lock incl ipis
        jmp end_of_interrupt
on_tick:
        lock incl ticks
end_of_interrupt:
        pushl %eax
        pushl %ecx
        pushl %edx
        write_msr MSR_EOI, 0
        popl %edx
        popl %ecx
        popl %eax
        iret
on_nmi:
        lock incl nmis
        iret

smm_handler:
        xorw %ax, %ax
        movw %ax, %ds
        lock incl smis
        rsm
smm_handler_end:

end:
        movw wrong, %ax
        testw %ax, %ax
        jnz 1f
        movb $1, %al
1:      outb %al, $EXIT
        cli
        hlt

/* The timer of this processor: every 20 us and a bit that tells processors apart. */
timer_on:
        write_msr MSR_DIVIDE, 0xb
        write_msr MSR_LVT_TIMER, 0x20000 | VECTOR_TICK
        movzwl %bp, %eax
        imull $777, %eax, %eax
        addl $20000, %eax
        xorl %edx, %edx
        movl $MSR_INITIAL, %ecx
        wrmsr
        ret

/* ---- 0: everybody does everything at once ---- */

storm:
        call start_others
        xorw %bp, %bp
        call rounds
        movzbw %cs:cpus, %ax
1:      hlt
        cmpw %ax, done
        jne 1b
        cli
        cmpw $0, wrong
        jne end
        movzbl %cs:cpus, %eax
        imull $ROUNDS, %eax, %eax
        cmpl %eax, shared
        je 2f
        fail 2
2:      cmpl $0, ipis
        jne 3f
        fail 3
3:      cmpl $0, ticks
        jne end
        fail 4

ap_storm:
        call rounds
1:      hlt
        jmp 1b

rounds:
        call timer_on
        sti
        movw %bp, %ax
        shlw $12, %ax
        addw $BUFFERS, %ax
        movw %ax, %es
        movw $ROUNDS, %si
1:      lock incl shared
        /* an interrupt to the next processor */
        movw %bp, %ax
        incw %ax
        cmpb %al, %cs:cpus
        jne 2f
        xorw %ax, %ax
2:      movzwl %ax, %edx
        movl $FIXED | VECTOR_IPI, %eax
        movl $MSR_ICR, %ecx
        wrmsr
        call locked_part
        /* passes of a repeated instruction */
        xorw %di, %di
        movw $9000, %cx
        movb $0x5a, %al
        rep stosb
        decw %si
        jnz 1b
        lock incw done
        ret

/* Under a lock: time has not gone back, and code patched here is what runs. Odd processors spin without PAUSE. */
locked_part:
        lock btsw $0, spin
        jnc 2f
        testw $1, %bp
        jnz locked_part
        pause
        jmp locked_part
2:      rdtsc
        cmpl last_tsc + 4, %edx
        ja 4f
        jb 3f
        cmpl last_tsc, %eax
        jae 4f
3:      movw $5, wrong
4:      movl %eax, last_tsc
        movl %edx, last_tsc + 4
        movw %si, %ax
        addw %bp, %ax
        movw %ax, %bx
        movw %ax, ANSWER + 1
        lcall $0, $ANSWER
        cmpw %ax, %bx
        je 5f
        movw $6, wrong
5:      movw $0, spin
        ret

/* ---- 1: ways of sending ---- */

ap_listen:
        sti
1:      hlt
        jmp 1b

delivery:
        call start_others
        xorw %bp, %bp
        sti
        movzbl %cs:cpus, %ebx
        decl %ebx                               /* ebx: the others */
        movl %ebx, %esi                         /* esi: interrupts expected */
        write_msr MSR_ICR, ALL_BUT_SELF | VECTOR_IPI
        await cmpl, %esi, ipis
        leal 1(%esi, %ebx), %esi
        write_msr MSR_ICR, ALL | VECTOR_IPI
        await cmpl, %esi, ipis
        incl %esi
        write_msr MSR_SELF_IPI, VECTOR_IPI
        await cmpl, %esi, ipis
        incl %esi
        write_msr MSR_ICR, FIXED | VECTOR_IPI, 1 /* to processor 1 */
        await cmpl, %esi, ipis
        incl %esi
        write_msr MSR_ICR, FIXED | 0x800 | VECTOR_IPI, 2 /* the same by its logical ID */
        await cmpl, %esi, ipis
        addl %ebx, %esi
        incl %esi
        write_msr MSR_ICR, FIXED | VECTOR_IPI, 0xffffffff
        await cmpl, %esi, ipis
        incl %esi
        write_msr MSR_ICR, LOWEST_LOGICAL | VECTOR_IPI, 0xffff /* to one of all */
        await cmpl, %esi, ipis
        write_msr MSR_ICR, ALL_BUT_SELF | NMI
        await cmpl, %ebx, nmis
        movl $100000, %ecx                      /* nothing comes late */
1:      pause
        .byte 0x67                              /* by ECX */
        loop 1b
        cmpl %esi, ipis
        je 2f
        fail 7
2:      cmpl %ebx, nmis
        je end
        fail 8

/* ---- 2: one runs, the others wait ---- */

alone:
        cmpb $1, %cs:cpus
        je 1f
        call start_others
1:      rdtsc
        movl %eax, %ebx
        movl $1000000, %ecx
2:      pause
        .byte 0x67
        loop 2b
        rdtsc
        subl %ebx, %eax
        movl %eax, shared                       /* for the test to compare */
        jmp end

ap_stop:
        cli
        hlt
        jmp ap_stop

/* ---- 3: the first waits for ever, another one's timer goes on ---- */

ap_wakes:
        call start_others
        cli
        hlt

ap_tick:
        cmpw $1, %bp
        jne ap_stop
        call timer_on
        sti
1:      hlt
        cmpl $120000, ticks
        jb 1b
        jmp end

/* ---- 4: nobody can be woken ---- */

all_stop:
        call start_others
        cli
        hlt

/* ---- 5: a triple fault elsewhere ---- */

ap_fault:
        call start_others
1:      pause
        jmp 1b

ap_triple:
        cmpw $2, %bp
        jne ap_stop
        cs lidt no_idt
        int3
no_idt: .word 0, 0, 0

/* ---- 6: another processor resets the machine ---- */

ap_resets:
        cmpl $3, resets
        je end
        movw $0, started
        call start_others
1:      jmp 1b

ap_reset:
        cmpw $1, %bp
        jne ap_stop
        incl resets
        movb $1, %al
        outb %al, $0x92
1:      jmp 1b

/* ---- 7: SMI to each in turn ---- */

system_management:
        call start_others
        movzbl %cs:cpus, %ebx
        xorl %esi, %esi
1:      movl %esi, %edx
        movl $SMI, %eax
        movl $MSR_ICR, %ecx
        wrmsr
        incl %esi
        await cmpl, %esi, smis
        cmpl %ebx, %esi
        jb 1b
        write_msr MSR_ICR, ALL_BUT_SELF | VECTOR_IPI /* and all are back where they were */
        decl %ebx
        await cmpl, %ebx, ipis
        jmp end

/* ---- 8: INIT stops a processor, SIPI starts it again ---- */

init_again:
        call start_others
        write_msr MSR_ICR, INIT, 1
        write_msr MSR_ICR, FIXED | VECTOR_IPI, 1 /* its APIC is reset, or will be: nobody hears this */
        movl $50000, %ecx
1:      pause
        .byte 0x67                              /* by ECX */
        loop 1b
        cmpl $0, ipis
        je 2f
        fail 9
2:      movw $0, started
        write_msr MSR_ICR, SIPI | TRAMPOLINE >> 12, 1
        await cmpw, $1, started
        await cmpw, $1, started
        movl $50000, %ecx
3:      pause
        .byte 0x67
        loop 3b
        write_msr MSR_ICR, FIXED | VECTOR_IPI, 1
        await cmpl, $1, ipis
        jmp end

        .org 0xfff0
        ljmp $0xf000, $start
        .org 0xfffe
program:
        .byte 0
cpus:   .byte 4
