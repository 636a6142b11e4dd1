/* real_cpu.c: the processor in real mode: the vector table, exceptions, the 64 KiB of a segment, A20, unreal mode. */
#include "real.h"

enum {
    VECTOR_DE = 0,
    VECTOR_DB = 1,
    VECTOR_BP = 3,
    VECTOR_OF = 4,
    VECTOR_BR = 5,
    VECTOR_UD = 6,
    VECTOR_SS = 12,
    VECTOR_GP = 13
};

#define MASTER_DATA 0x21
#define PORT_92 0x92
#define PORT_92_A20 2
#define WRAP_LOW 0x5f0 /* in free memory; FFFF:0600 with A20 shut */

extern const u8 div_here[], int3_here[], ud_here[];

static void divide_by_zero(void)
{
    __asm__ volatile(".globl div_here\ndiv_here: divb %b0" : : "c"(0) : "eax");
}

static void breakpoint(void)
{
    __asm__ volatile(".globl int3_here\nint3_here: int3");
}

static void overflow(void)
{
    __asm__ volatile("movb $0x7f, %%al; addb $1, %%al; into" : : : "eax");
}

static void undefined(void)
{
    __asm__ volatile(".globl ud_here\nud_here: ud2");
}

static void out_of_bounds(void)
{
    static const u16 bounds[2] = { 1, 5 };
    __asm__ volatile("movw $6, %%ax; bound %%ax, %0" : : "m"(bounds) : "eax");
}

static void software_interrupt(void)
{
    __asm__ volatile("sti; int $0x1e");
}

static void single_step(void)
{
    __asm__ volatile("pushfl; orl $0x100, (%%esp); popfl; nop; nop" : : : "memory");
}

static void word_at_the_end(void)
{
    __asm__ volatile("movw $0xffff, %%bx; movw (%%bx), %%ax" : : : "eax", "ebx");
}

static void byte_at_the_end(void)
{
    __asm__ volatile("movw $0xffff, %%bx; movb (%%bx), %%al" : : : "eax", "ebx");
}

static void beyond_the_end(void)
{
    __asm__ volatile("movl $0x10000, %%ebx; movb (%%ebx), %%al" : : : "eax", "ebx");
}

static void stack_beyond_the_end(void)
{
    __asm__ volatile("movw $0xffff, %%bx; movw %%ss:(%%bx), %%ax" : : : "eax", "ebx");
}

static void exceptions(void)
{
    ok(real_try(divide_by_zero) == VECTOR_DE, "DIV by zero goes through vector 0");
    is(real_fault.ip, (u32)(uptr)div_here, "... with the address of DIV itself on the stack (a fault)");
    ok(real_try(breakpoint) == VECTOR_BP, "INT3 goes through vector 3");
    is(real_fault.ip, (u32)(uptr)int3_here + 1, "... with the address behind it (a trap)");
    ok(real_try(overflow) == VECTOR_OF, "INTO after an overflow goes through vector 4");
    ok(real_try(out_of_bounds) == VECTOR_BR, "BOUND out of range goes through vector 5");
    ok(real_try(undefined) == VECTOR_UD && real_fault.ip == (u32)(uptr)ud_here, "UD2 goes through vector 6, a fault");
    ok(real_try(single_step) == VECTOR_DB, "EFLAGS.TF: a trap through vector 1");
    ok(real_try(software_interrupt) == 0x1e, "INT 1Eh takes CS:IP from the IVT at 4 * 1E");
    ok(real_fault.flags & FLAG_IF && !(real_fault.flags_inside & (FLAG_IF | FLAG_TF)),
       "... pushes FLAGS and clears IF and TF");
}

static void segment_ends(void)
{
    static const char *const why = "the emulator has no segment limits";
    ok(real_try(byte_at_the_end) == NO_FAULT, "a byte at offset FFFF is inside the segment");
    if (host() == HOST_TCG) {
        tap_skip("a word at offset FFFF: #GP", why);
        tap_skip("an offset of 10000: #GP", why);
        tap_skip("a word at SS:FFFF: #SS", why);
        return;
    }
    ok(real_try(word_at_the_end) == VECTOR_GP, "a word at offset FFFF: #GP");
    ok(real_try(beyond_the_end) == VECTOR_GP, "an offset of 10000: #GP");
    ok(real_try(stack_beyond_the_end) == VECTOR_SS, "a word at SS:FFFF: #SS");
}

static u16 far_read(u16 segment, u16 offset)
{
    u16 v;
    __asm__ volatile("movw %1, %%fs; movw %%fs:(%2), %0; movw %3, %%fs"
                     : "=a"(v)
                     : "r"(segment), "b"(offset), "r"((u16)0));
    return v;
}

/* Address 1 MiB + WRAP_LOW against WRAP_LOW. Nonzero: they are one. */
static int wraps(void)
{
    LOW16(WRAP_LOW) = 0x1234;
    u16 first = far_read(0xffff, WRAP_LOW + 0x10);
    LOW16(WRAP_LOW) = 0x4321;
    return first == 0x1234 && far_read(0xffff, WRAP_LOW + 0x10) == 0x4321;
}

static void a20(void)
{
    u8 port = inb(PORT_92);
    outb(PORT_92, (u8)((port & ~(PORT_92_A20 | 1))));
    ok(wraps(), "A20 shut by port 92: FFFF:0600 is 0000:05F0");
    outb(PORT_92, (u8)((port | PORT_92_A20) & ~1));
    ok(!wraps(), "A20 open: FFFF:0600 is at 1 MiB");
    ok(inb(PORT_92) & PORT_92_A20, "port 92 reads back");
    struct real_regs r = { .eax = 0x2400 };
    bios_int(0x15, &r);
    if (r.eflags & FLAG_CF)
        tap_skip("INT 15h AX=2400 shuts A20", "the firmware has no such service");
    else
        ok(wraps(), "INT 15h AX=2400 shuts A20");
    r = (struct real_regs){ .eax = 0x2401 };
    bios_int(0x15, &r);
    outb(PORT_92, (u8)((port | PORT_92_A20) & ~1));
    ok(!wraps(), "INT 15h AX=2401 opens it");
}

/* The descriptor cache outlives protected mode: prot16.S loaded GS there, with a base of 1 MiB. */
static void unreal(void)
{
    extern u32 unreal_read(u32 address);
    u32 first = unreal_read(0x100000);
    u32 again = unreal_read(0x100000);
    ok(first == again, "a 4 GiB segment from protected mode reads above 1 MiB in real mode");
    is((u16)unreal_read(0x7dfe), 0xaa55, "... and finds the boot sector's signature at 7DFE");
    is(unreal_read(0xfffffff0) & 0xff, 0xea, "the reset vector FFFFFFF0 holds a far JMP");
    is(unreal_read(0xfffffff0), unreal_read(0xffff0), "... which is also seen at FFFF0");
}

static void flags_and_registers(void)
{
    u32 f;
    __asm__ volatile("pushfl; popl %0" : "=r"(f));
    ok((f & BIT(1)) && !(f & BIT(3)) && !(f & BIT(17)), "EFLAGS: bit 1 is set, bit 3 and VM are clear");
    u32 cr0;
    __asm__ volatile("movl %%cr0, %0" : "=r"(cr0));
    ok(!(cr0 & 1), "CR0.PE is clear: real mode");
    u16 cs;
    __asm__ volatile("movw %%cs, %0" : "=r"(cs));
    is(cs, 0, "CS is 0");
}

static void moved_ivt(void)
{
    static u32 table[256];
    struct {
        u16 limit;
        u32 base;
    } PACKED moved = { sizeof table - 1, (u32)(uptr)table }, old = { 0x3ff, 0 };
    u32 target;
    __asm__ volatile("movl $1f, %0; jmp 2f\n1: incw %%ax; iretw\n2:" : "=r"(target));
    table[0x60] = target;
    u32 ax = 41;
    __asm__ volatile("cli; lidtl %1; int $0x60; lidtl %2; sti" : "+a"(ax) : "m"(moved), "m"(old));
    is((u16)ax, 42, "LIDT moves the vector table in real mode, too");
}

void cpu_real_tests(void)
{
    flags_and_registers();
    exceptions();
    segment_ends();
    moved_ivt();
    a20();
    unreal();
}
