/* call16.c: real mode from flat mode (entry/call16.S). */
#include "post.h"

extern char entry_call16[], entry_jump16[]; /* offsets in the F segment */

static void call16(struct bregs *r, u16 seg, u16 off, u32 how)
{
    u32 a = (u32)r, c = how, target = BIOS_BASE + (u32)entry_call16, d;
    r->cs = seg;
    r->ip = off;
    __asm__ volatile("call *%%edx" : "+a"(a), "+c"(c), "=d"(d) : "2"(target) : "memory", "cc");
}

void call16_far(struct bregs *r, u16 seg, u16 off, bool big)
{
    call16(r, seg, off, big ? CALL16_BIG : 0);
}

void call16_int(struct bregs *r, u8 vector)
{
    u32 to = IVT[vector];
    call16(r, (u16)(to >> 16), (u16)to, CALL16_INT);
}

void jump16(u32 eax, u16 seg, u16 off)
{
    u32 target = BIOS_BASE + (u32)entry_jump16;
    __asm__ volatile("jmp *%2" : : "a"(eax), "c"((u32)seg << 16 | off), "d"(target) : "memory");
    __builtin_unreachable();
}
