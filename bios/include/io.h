/* io.h: ports and processor instructions. */
#ifndef BIOS_IO_H
#define BIOS_IO_H

#include "types.h"

static ALWAYS_INLINE void outb(u16 port, u8 v)
{
    __asm__ volatile("outb %b0, %w1" : : "a"(v), "Nd"(port));
}
static ALWAYS_INLINE void outw(u16 port, u16 v)
{
    __asm__ volatile("outw %w0, %w1" : : "a"(v), "Nd"(port));
}
static ALWAYS_INLINE void outl(u16 port, u32 v)
{
    __asm__ volatile("outl %0, %w1" : : "a"(v), "Nd"(port));
}
static ALWAYS_INLINE u8 inb(u16 port)
{
    u8 v;
    __asm__ volatile("inb %w1, %b0" : "=a"(v) : "Nd"(port));
    return v;
}
static ALWAYS_INLINE u16 inw(u16 port)
{
    u16 v;
    __asm__ volatile("inw %w1, %w0" : "=a"(v) : "Nd"(port));
    return v;
}
static ALWAYS_INLINE u32 inl(u16 port)
{
    u32 v;
    __asm__ volatile("inl %w1, %0" : "=a"(v) : "Nd"(port));
    return v;
}
static ALWAYS_INLINE void cpu_relax(void)
{
    __asm__ volatile("rep; nop" : : : "memory");
}

#define PORT_CMOS_INDEX 0x70
#define PORT_CMOS_DATA 0x71

/* NMI stays off while the index is above 7Fh, as the AT's firmware has it. */
static inline u8 cmos_read(u8 index)
{
    outb(PORT_CMOS_INDEX, (u8)(index | 0x80));
    return inb(PORT_CMOS_DATA);
}
static inline void cmos_write(u8 index, u8 v)
{
    outb(PORT_CMOS_INDEX, (u8)(index | 0x80));
    outb(PORT_CMOS_DATA, v);
}

#endif
