/* blockmove.c: int 15h/87h: a copy anywhere in memory, by way of protected mode with the caller's descriptor table (IBM
 * PC/AT BIOS: ES:SI points to eight descriptors: null, the table itself, source, destination, the BIOS's code and
 * stack). A20 is on during the copy and then as it was. */
#include "service.h"

#define PORT_A20 0x92
#define A20_BIT 2
#define DESCRIPTOR 8
#define CODE 0x20
#define STACK 0x28
#define RIGHTS_CODE 0x9b
#define RIGHTS_DATA 0x93
#define MAX_WORDS 0x8000

static void descriptor(u16 seg, u16 at, u32 base, u8 rights)
{
    far_set(seg, at, 0xffff | base << 16, 4);
    far_set(seg, at + 4u, (base >> 16 & 0xff) | (u32)rights << 8 | (base & 0xff000000), 4);
}

/* In real mode; comes back in real mode with all segment registers as they were. Limits are 64 KiB again. */
static void NOINLINE copy(u16 table_seg, u16 table, u16 words)
{
    struct {
        u16 limit;
        u32 base;
    } PACKED gdt = { 6 * DESCRIPTOR - 1, table_seg * 16u + table };
    u32 n = words, scratch;
    __asm__ volatile("lgdtl %2\n\t"
                     "movw %%ss, %w1\n\t"
                     "pushl %%ebx\n\t"
                     "movl %1, %%ebx\n\t"
                     "pushw %%gs\n\t"
                     "movl %%cr0, %1\n\t"
                     "orb $1, %b1\n\t"
                     "movl %1, %%cr0\n\t"
                     "ljmpw $0x20, $1f\n"
                     "1:\n\t"
                     "movw $0x10, %w1\n\t"
                     "movw %w1, %%ds\n\t"
                     "movw $0x18, %w1\n\t"
                     "movw %w1, %%es\n\t"
                     "movw $0x28, %w1\n\t"
                     "movw %w1, %%ss\n\t"
                     "movw %w1, %%fs\n\t"
                     "movw %w1, %%gs\n\t"
                     "xorl %%esi, %%esi\n\t"
                     "xorl %%edi, %%edi\n\t"
                     "rep movsw\n\t"
                     "movw $0x28, %w1\n\t"
                     "movw %w1, %%ds\n\t"
                     "movw %w1, %%es\n\t"
                     "movl %%cr0, %1\n\t"
                     "andb $0xfe, %b1\n\t"
                     "movl %1, %%cr0\n\t"
                     "ljmpw $0xf000, $2f\n"
                     "2:\n\t"
                     "movw %%bx, %%ss\n\t"
                     "movw %%bx, %%ds\n\t"
                     "movw %%bx, %%es\n\t"
                     "popw %%gs\n\t"
                     "popl %%ebx"
                     : "+c"(n), "=&a"(scratch)
                     : "m"(gdt)
                     : "esi", "edi", "memory", "cc");
}

void block_move(struct bregs *regs)
{
    u8 port = inb(PORT_A20);
    u16 seg = regs->es, table = regs->si;
    if (regs->cx > MAX_WORDS) {
        regs->ah = 2;
        set_cf(regs, true);
        return;
    }
    outb(PORT_A20, (u8)((port & ~1) | A20_BIT));
    descriptor(seg, (u16)(table + DESCRIPTOR), seg * 16u + table, RIGHTS_DATA);
    descriptor(seg, (u16)(table + CODE), BIOS_BASE, RIGHTS_CODE);
    descriptor(seg, (u16)(table + STACK), stack_segment() * 16u, RIGHTS_DATA);
    copy(seg, table, regs->cx);
    outb(PORT_A20, (u8)(port & ~1));
    regs->ah = 0;
    set_cf(regs, false);
}
