/* far.h: memory that is not on the stack.
 *
 * Code for 16-bit modes and for 32-bit segmented mode (BIOS_SEGMENTED) runs with DS = ES = SS, so plain C pointers mean
 * the stack and nothing else. Everything else goes through these macros; they use FS and leave it changed (the stubs
 * keep the caller's). The same source compiled for 32-bit flat mode gets plain memory accesses from them.
 *
 *   GET_FAR(seg, lvalue)   SET_FAR(seg, lvalue, v)    any segment; the lvalue's address is the offset
 *   GET_BDA(field) …  GET_EBDA(field) …  GET_LOW(field) …  GET_IVT(n) …     real mode's areas
 *   GET_FSEG(field)        struct fseg: what POST left in the F segment. In every mode.
 *   GET_CONST(variable)    a constant marked VAR16: read through CS. In every mode.
 *
 * GET_FAR and what stands on it load a segment register with a real-mode value: not for code that is called in
 * protected mode (PCI BIOS, APM, PnP), which has GET_FSEG, GET_CONST and ports. */
#ifndef BIOS_FAR_H
#define BIOS_FAR_H

#include "areas.h"

#define VAR16 __attribute__((section(".const16")))

#ifdef BIOS_SEGMENTED

static ALWAYS_INLINE void set_fs(u16 seg)
{
    __asm__ volatile("movw %w0, %%fs" : : "r"(seg) : "memory");
}

static ALWAYS_INLINE u32 far_get(u16 seg, u32 off, size_t size)
{
    u32 v = 0;
    u16 w;
    u8 b;
    set_fs(seg);
    if (size == 1) {
        __asm__ volatile("movb %%fs:(%1), %b0" : "=q"(b) : "r"(off) : "memory");
        v = b;
    } else if (size == 2) {
        __asm__ volatile("movw %%fs:(%1), %w0" : "=r"(w) : "r"(off) : "memory");
        v = w;
    } else {
        __asm__ volatile("movl %%fs:(%1), %0" : "=r"(v) : "r"(off) : "memory");
    }
    return v;
}

static ALWAYS_INLINE void far_set(u16 seg, u32 off, u32 v, size_t size)
{
    set_fs(seg);
    if (size == 1)
        __asm__ volatile("movb %b0, %%fs:(%1)" : : "q"(v), "r"(off) : "memory");
    else if (size == 2)
        __asm__ volatile("movw %w0, %%fs:(%1)" : : "r"(v), "r"(off) : "memory");
    else
        __asm__ volatile("movl %0, %%fs:(%1)" : : "r"(v), "r"(off) : "memory");
}

/* How far from its link address the code runs: a caller in 32-bit mode may see it anywhere. */
static ALWAYS_INLINE u32 code_moved(void)
{
    u32 v = 0;
#ifndef BIOS_MODE16
    __asm__("call 1f\n1:\tpopl %0\n\tsubl $1b, %0" : "=r"(v));
#endif
    return v;
}

static ALWAYS_INLINE u32 cs_get(u32 off, size_t size)
{
    u32 v = 0;
    u16 w;
    u8 b;
    off += code_moved();
    if (size == 1) {
        __asm__ volatile("movb %%cs:(%1), %b0" : "=q"(b) : "r"(off) : "memory");
        v = b;
    } else if (size == 2) {
        __asm__ volatile("movw %%cs:(%1), %w0" : "=r"(w) : "r"(off) : "memory");
        v = w;
    } else {
        __asm__ volatile("movl %%cs:(%1), %0" : "=r"(v) : "r"(off) : "memory");
    }
    return v;
}

/* rep insw, outsw, movsb with a far end; counts and offsets within 64 KiB. */
static ALWAYS_INLINE void far_insw(u16 port, u16 seg, u16 off, u16 words)
{
    u32 di = off, n = words;
    __asm__ volatile("pushw %%es\n\tmovw %w3, %%es\n\trep insw\n\tpopw %%es"
                     : "+D"(di), "+c"(n)
                     : "d"(port), "a"(seg)
                     : "memory");
}
static ALWAYS_INLINE void far_outsw(u16 port, u16 seg, u16 off, u16 words)
{
    u32 si = off, n = words;
    __asm__ volatile("pushw %%ds\n\tmovw %w3, %%ds\n\trep outsw\n\tpopw %%ds"
                     : "+S"(si), "+c"(n)
                     : "d"(port), "a"(seg)
                     : "memory");
}
static ALWAYS_INLINE void far_copy(u16 to_seg, u16 to, u16 from_seg, u16 from, u16 bytes)
{
    u32 di = to, si = from, n = bytes;
    __asm__ volatile("pushw %%es\n\tpushw %%ds\n\tmovw %w3, %%es\n\tmovw %w4, %%ds\n\t"
                     "rep movsb\n\tpopw %%ds\n\tpopw %%es"
                     : "+D"(di), "+S"(si), "+c"(n)
                     : "a"(to_seg), "d"(from_seg)
                     : "memory");
}
static ALWAYS_INLINE u16 stack_segment(void)
{
    u16 ss;
    __asm__ volatile("movw %%ss, %w0" : "=r"(ss));
    return ss;
}

#define BIOS_CS_OFFSET 0u

#else /* 32-bit flat */

static ALWAYS_INLINE u32 far_get(u16 seg, u32 off, size_t size)
{
    u32 at = seg * 16u + off;
    return size == 1 ? *(volatile u8 *)at : size == 2 ? *(volatile u16 *)at : *(volatile u32 *)at;
}
static ALWAYS_INLINE void far_set(u16 seg, u32 off, u32 v, size_t size)
{
    u32 at = seg * 16u + off;
    if (size == 1)
        *(volatile u8 *)at = (u8)v;
    else if (size == 2)
        *(volatile u16 *)at = (u16)v;
    else
        *(volatile u32 *)at = v;
}
static ALWAYS_INLINE u32 cs_get(u32 off, size_t size)
{
    return far_get(0, off, size);
}

#define BIOS_CS_OFFSET BIOS_BASE

#endif

#define GET_FAR(seg, lvalue) ((__typeof__(lvalue))far_get((seg), (u32) & (lvalue), sizeof(lvalue)))
#define SET_FAR(seg, lvalue, v) far_set((seg), (u32) & (lvalue), (u32)(v), sizeof(lvalue))

#define GET_BDA(field) GET_FAR(SEG_BDA, ((struct bda *)0)->field)
#define SET_BDA(field, v) SET_FAR(SEG_BDA, ((struct bda *)0)->field, v)
#define GET_EBDA(field) GET_FAR(GET_BDA(ebda_seg), ((struct ebda *)0)->field)
#define SET_EBDA(field, v) SET_FAR(GET_BDA(ebda_seg), ((struct ebda *)0)->field, v)
#define GET_LOW(field) GET_FAR(SEG_LOW, ((struct low *)LOW_VARS)->field)
#define SET_LOW(field, v) SET_FAR(SEG_LOW, ((struct low *)LOW_VARS)->field, v)
#define GET_IVT(n) ((u32)GET_FAR(0, ((u32 *)0)[n]))
#define SET_IVT(n, v) SET_FAR(0, ((u32 *)0)[n], v)
#define GET_FSEG(field)                                                                                                \
    ((__typeof__(((struct fseg *)0)->field))cs_get(BIOS_CS_OFFSET + FSEG_VARS + (u32) & ((struct fseg *)0)->field,     \
                                                   sizeof(((struct fseg *)0)->field)))
#define GET_CONST(v) ((__typeof__(v))cs_get((u32) & (v), sizeof(v)))

#define BUILD_ASSERT(name, cond) _Static_assert(cond, name)

#endif
