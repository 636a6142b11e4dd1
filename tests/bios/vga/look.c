/* look.c: what the adapter holds: registers, colours, four planes, as the hardware shows them. Looking leaves no trace.
 */
#include "image.h"

#define SEQ 0x3c4
#define GFX 0x3ce
#define MISC_READ 0x3cc
#define FNV_PRIME 16777619u

u32 hash(u32 sum, u32 value)
{
    return (sum ^ value) * FNV_PRIME;
}

static u16 crtc(void)
{
    return inb(MISC_READ) & 1 ? 0x3d4 : 0x3b4;
}

static u8 get(u16 port, u8 index)
{
    outb(port, index);
    return inb((u16)(port + 1));
}

static void set(u16 port, u8 index, u8 value)
{
    outb(port, index);
    outb((u16)(port + 1), value);
}

static u8 get_attr(u8 index)
{
    inb((u16)(crtc() + 6));
    outb(0x3c0, index);
    u8 value = inb(0x3c1);
    inb((u16)(crtc() + 6));
    outb(0x3c0, 0x20);
    return value;
}

static void indexed(const char *name, u16 port, u8 n)
{
    u8 values[32];
    for (u8 i = 0; i < n; i++)
        values[i] = get(port, i);
    line_bytes(name, values, n);
}

void look_registers(void)
{
    u8 values[0x15] = { inb(MISC_READ) };
    line_bytes("misc", values, 1);
    indexed("seq", SEQ, 5);
    indexed("crtc", crtc(), 0x19);
    indexed("gfx", GFX, 9);
    for (u8 i = 0; i < sizeof values; i++)
        values[i] = get_attr(i);
    line_bytes("attr", values, sizeof values);
}

void look_palette(const char *name)
{
    u8 first[32 * 3];
    u32 sum = HASH_START;
    outb(0x3c7, 0);
    for (u16 i = 0; i < 256 * 3; i++) {
        u8 component = inb(0x3c9);
        sum = hash(sum, component);
        if (i < sizeof first)
            first[i] = component;
    }
    line_bytes("first colors", first, sizeof first);
    line_value(name, sum);
}

static u8 bda_at(u16 at)
{
    return get_far8(0, at);
}

void look_bda(void)
{
    u8 bytes[32];
    for (u8 i = 0; i < 0x1e; i++)
        bytes[i] = bda_at((u16)(0x449 + i));
    line_bytes("bda 449", bytes, 0x1e);
    for (u8 i = 0; i < 7; i++)
        bytes[i] = bda_at((u16)(0x484 + i));
    line_bytes("bda 484", bytes, 7);
}

static u32 memory_sum(u16 segment, u32 bytes)
{
    u32 sum = HASH_START;
    for (u32 at = 0; at < bytes; at += 4)
        sum = hash(sum, get_far32(segment, (u16)at));
    return sum;
}

/* As the processor sees it: planes with odd and even addresses are laid out differently in different adapters. */
static void look_window(u16 segment, u16 bytes)
{
    print_hex(memory_sum(segment, bytes), 8);
}

static void look_planes(u16 bytes)
{
    u8 map = get(GFX, 4);
    for (u8 plane = 0; plane < 4; plane++) {
        set(GFX, 4, plane);
        look_window(0xa000, bytes);
        print(" ");
    }
    set(GFX, 4, map);
}

void look_memory(const char *name)
{
    u8 mode = bda_at(0x449);
    u16 bytes = (u16)(bda_at(0x44a) * (bda_at(0x484) + 1) * bda_at(0x485));
    line_begin(name);
    print(" ");
    if (mode == 7)
        look_window(0xb000, 0x8000);
    else if (mode < 7)
        look_window(0xb800, 0x8000);
    else if (mode == 0x13)
        look_window(0xa000, 64000);
    else
        look_planes(bytes);
    line_end();
}

/* Plane 2, where text modes have their fonts. */
void look_fonts(const char *name)
{
    u8 memory_mode = get(SEQ, 4), map = get(GFX, 4), mode = get(GFX, 5), misc = get(GFX, 6);
    set(SEQ, 4, 0x06);
    set(GFX, 4, 2);
    set(GFX, 5, 0);
    set(GFX, 6, 0x05);
    line_value(name, memory_sum(0xa000, 0x10000));
    set(GFX, 6, misc);
    set(GFX, 5, mode);
    set(GFX, 4, map);
    set(SEQ, 4, memory_mode);
}
