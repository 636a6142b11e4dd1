/* memory.c: int 12h, and int 15h's ways to say how much memory there is and to move it. */
#include "test.h"

#define SMAP 0x534d4150
#define MIB 0x100000u

struct entry {
    u32 base, base_high, length, length_high, type;
};

static struct entry map[32];
static unsigned entries;

static void read_map(void)
{
    struct regs r = { .ebx = 0 };
    do {
        r.eax = 0xe820;
        r.ecx = sizeof *map;
        r.edx = SMAP;
        r.edi = (u16)(u32)&map[entries];
        if (interrupt(0x15, &r) || r.eax != SMAP || r.ecx != sizeof *map)
            return;
        entries++;
    } while (r.ebx && entries < ARRAY_LEN(map));
}

static bool is_type(u32 at, u32 type)
{
    for (unsigned i = 0; i < entries; i++)
        if (!map[i].base_high && map[i].base <= at && at - map[i].base < map[i].length && !map[i].length_high)
            return map[i].type == type;
    return false;
}

/* The RAM that begins at 1 MiB ends here; 0: there is none. */
static u32 ram_end(void)
{
    for (unsigned i = 0; i < entries; i++)
        if (map[i].base == MIB && !map[i].base_high && map[i].type == 1)
            return map[i].base + map[i].length;
    return 0;
}

static bool sorted(void)
{
    for (unsigned i = 1; i < entries; i++)
        if (map[i].base_high == map[i - 1].base_high && map[i].base < map[i - 1].base + map[i - 1].length)
            return false;
    return entries > 0;
}

static void test_map(void)
{
    read_map();
    check("int 15h/E820h gives a map", entries >= 3);
    check("its ranges are in order and apart", sorted());
    check("RAM begins at 0", map[0].base == 0 && map[0].type == 1);
    check("EBDA is reserved", is_type(0x9fc00, 2));
    check("F segment is reserved", is_type(0xf0000, 2) && is_type(0xfffff, 2));
    check("the ROM under 4 GiB is reserved", is_type(0xfffffff0, 2));
    if (ram_end()) /* a machine of 1 MiB has no high zone */
        check("the permanent high zone is reserved", is_type(ram_end(), 2));
    struct regs r = { .eax = 0xe820, .ecx = 20, .edx = 0, .edi = (u16)(u32)buffer };
    check("int 15h/E820h wants its signature", interrupt(0x15, &r));
}

static void test_sizes(void)
{
    struct regs r = { .eax = 0 };
    interrupt(0x12, &r);
    check("int 12h", r.ax == peek(0x413, 2) && r.ax <= 640 && r.ax >= 512);
    r = (struct regs){ .eax = 0xe801 };
    u32 end = ram_end() ? ram_end() : MIB, kib = (end - MIB) / 1024;
    check("int 15h/E801h", !interrupt(0x15, &r) && r.ax == r.cx && r.bx == r.dx);
    u32 low = kib < 15 * 1024 ? kib : 15 * 1024;
    check_equal("int 15h/E801h agrees with the map", r.ax + r.bx * 64u, low + (kib - low) / 64 * 64);
    r = (struct regs){ .eax = 0x8800 };
    bool failed = interrupt(0x15, &r);
    check("int 15h/88h", !failed && r.ax == (kib < 0xfc00 ? kib : 0xfc00));
}

static void descriptor(u8 *d, u32 base)
{
    d[0] = d[1] = 0xff;
    d[2] = (u8)base;
    d[3] = (u8)(base >> 8);
    d[4] = (u8)(base >> 16);
    d[5] = 0x93;
    d[6] = 0;
    d[7] = (u8)(base >> 24);
}

static bool move(u32 to, u32 from, u16 words)
{
    static u8 table[6 * 8];
    descriptor(table + 0x10, from);
    descriptor(table + 0x18, to);
    struct regs r = { .eax = 0x8700, .ecx = words, .esi = (u16)(u32)table };
    return !interrupt(0x15, &r) && r.ah == 0;
}

static void test_move(void)
{
    u32 here = PROGRAM_SEGMENT * 16u + (u32)buffer, high = 2 * MIB + 0x1235;
    if (ram_end() < 4 * MIB)
        return;
    for (unsigned i = 0; i < 512; i++)
        buffer[i] = (u8)(i * 7);
    bool ok = move(high, here, 256);
    for (unsigned i = 0; i < 512; i++)
        buffer[i] = 0;
    ok = ok && move(here, high, 256);
    for (unsigned i = 0; i < 512; i++)
        ok = ok && buffer[i] == (u8)(i * 7);
    check("int 15h/87h moves to 2 MiB and back", ok);
}

/* With A20 closed 1 MiB is address 0. */
static u32 at_ffff(u16 off)
{
    u8 b;
    __asm__ volatile("movw %w1, %%fs\n\tmovb %%fs:(%2), %0" : "=q"(b) : "r"((u16)0xffff), "r"((u32)off) : "memory");
    return b;
}

static void test_a20(void)
{
    struct regs r = { .eax = 0x2403 };
    check("int 15h/2403h", !interrupt(0x15, &r) && (r.bx & 2));
    r = (struct regs){ .eax = 0x2400 };
    bool closed = !interrupt(0x15, &r);
    u8 old = (u8)peek(0x4f0, 1);
    poke(0x4f0, 0x5a, 1);
    bool wraps = at_ffff(0x500) == 0x5a;
    poke(0x4f0, 0xa5, 1);
    wraps = wraps && at_ffff(0x500) == 0xa5;
    r = (struct regs){ .eax = 0x2402 };
    closed = closed && !interrupt(0x15, &r) && r.al == 0;
    poke(0x4f0, old, 1);
    check("int 15h/2400h closes A20", closed && wraps);
    r = (struct regs){ .eax = 0x2401 };
    bool open = !interrupt(0x15, &r);
    r = (struct regs){ .eax = 0x2402 };
    check("int 15h/2401h opens A20", open && !interrupt(0x15, &r) && r.al == 1);
}

void test_memory(void)
{
    test_map();
    test_sizes();
    test_move();
    test_a20();
}
