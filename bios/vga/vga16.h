/* vga16.h: C in 16-bit real mode: types, segments, ports. The compiler makes 32-bit code with prefixes (-m16) and knows
 * one address space; here is where the others come from:
 *
 *   SS = DS = ES   the caller's stack: locals, and pointers to them
 *   FS             the ROM: constants, declared with ROM (named address space __seg_fs)
 *   GS             whatever far_segment() chose last: memory through FAR pointers and the get_/set_ functions below
 *
 * There are no variables: the ROM is read-only once POST is over; what must last is in the BIOS data area (bda.h) or in
 * the adapter's registers. Offsets are 16 bits wide: a larger one faults. */
#ifndef VGA16_H
#define VGA16_H

#include "io.h"

/* A constant of the ROM, and what a pointer to one points to. */
#define ROM const __seg_fs
#define ROM_DATA __attribute__((section(".romdata")))
#define FAR __seg_gs

struct far {
    u16 offset, segment;
};

static inline void far_segment(u16 segment)
{
    __asm__ volatile("movw %0, %%gs" : : "r"(segment) : "memory");
}

/* The segment this ROM runs in. */
static inline u16 rom_segment(void)
{
    u16 segment;
    __asm__("movw %%cs, %0" : "=r"(segment));
    return segment;
}

/* Volatile: most of it is the adapter's memory, where order among port accesses matters. */
static inline u8 get_far8(u16 segment, u16 offset)
{
    far_segment(segment);
    return *(volatile u8 FAR *)(u32)offset;
}

static inline u16 get_far16(u16 segment, u16 offset)
{
    far_segment(segment);
    return *(volatile u16 FAR *)(u32)offset;
}

static inline u32 get_far32(u16 segment, u16 offset)
{
    far_segment(segment);
    return *(volatile u32 FAR *)(u32)offset;
}

static inline void set_far8(u16 segment, u16 offset, u8 value)
{
    far_segment(segment);
    *(volatile u8 FAR *)(u32)offset = value;
}

static inline void set_far16(u16 segment, u16 offset, u16 value)
{
    far_segment(segment);
    *(volatile u16 FAR *)(u32)offset = value;
}

static inline void set_far32(u16 segment, u16 offset, u32 value)
{
    far_segment(segment);
    *(volatile u32 FAR *)(u32)offset = value;
}

/* Bytes from one far place to another, upwards; neither wraps at 64 KiB. Byte by byte, so that the adapter's latches
 * take part (write mode 1). */
static inline void far_copy(u16 to_segment, u16 to, u16 from_segment, u16 from, u16 n)
{
    u32 di = to, si = from, cx = n;
    __asm__ volatile("pushw %%ds\n\tpushw %%es\n\tmovw %w3, %%ds\n\tmovw %w4, %%es\n\t"
                     "rep movsb\n\tpopw %%es\n\tpopw %%ds"
                     : "+D"(di), "+S"(si), "+c"(cx)
                     : "r"((u32)from_segment), "r"((u32)to_segment)
                     : "memory");
}

/* n words of one value. */
static inline void far_fill16(u16 segment, u16 offset, u16 value, u16 n)
{
    u32 di = offset, cx = n;
    __asm__ volatile("pushw %%es\n\tmovw %w3, %%es\n\trep stosw\n\tpopw %%es"
                     : "+D"(di), "+c"(cx)
                     : "a"((u32)value), "r"((u32)segment)
                     : "memory");
}

static inline void far_fill8(u16 segment, u16 offset, u8 value, u16 n)
{
    u32 di = offset, cx = n;
    __asm__ volatile("pushw %%es\n\tmovw %w3, %%es\n\trep stosb\n\tpopw %%es"
                     : "+D"(di), "+c"(cx)
                     : "a"((u32)value), "r"((u32)segment)
                     : "memory");
}

static inline u16 stack_segment(void)
{
    u16 segment;
    __asm__("movw %%ss, %0" : "=r"(segment));
    return segment;
}

/* The offset of a local in the stack's segment, of a constant in the ROM's. */
#define NEAR(p) ((u16)(u32)(p))

#endif
