/* disks.c: int 13h: fixed disk by cylinder and by EDD, diskette, CD. */
#include "test.h"

#define SIGNATURE 0xaa55
#define SCRATCH_BLOCK 100u /* of the boot disk: behind the program */
#define CD 0xe0
#define CD_DESCRIPTOR 16

struct packet {
    u8 size, reserved;
    u16 count, off, seg;
    u32 low, high;
};

static bool edd(u8 function, u8 drive, u32 block, u16 count, void *to)
{
    static struct packet p;
    p = (struct packet){ 16, 0, count, (u16)(u32)to, PROGRAM_SEGMENT, block, 0 };
    struct regs r = { .eax = (u32)function << 8, .edx = drive, .esi = (u16)(u32)&p };
    return !interrupt(0x13, &r) && r.ah == 0 && p.count == count;
}

static bool chs(u8 function, u8 drive, u8 count, u16 cylinder, u8 head, u8 sector, void *to)
{
    struct regs r = { .eax = (u32)function << 8 | count,
                      .ebx = (u16)(u32)to,
                      .ecx = (u32)(cylinder & 0xff) << 8 | (u32)(cylinder >> 2 & 0xc0) | sector,
                      .edx = (u32)head << 8 | drive };
    return !interrupt(0x13, &r) && r.ah == 0;
}

static void clear(void)
{
    for (unsigned i = 0; i < sizeof buffer; i++)
        buffer[i] = 0;
}

static void fill(u8 seed)
{
    for (unsigned i = 0; i < 1024; i++)
        buffer[i] = (u8)(i * 3 + seed);
}

static bool filled(u8 seed)
{
    for (unsigned i = 0; i < 1024; i++)
        if (buffer[i] != (u8)(i * 3 + seed))
            return false;
    return true;
}

static void test_classic(void)
{
    struct regs r = { .eax = 0x0800, .edx = 0x80 };
    bool ok = !interrupt(0x13, &r) && r.dl >= 1;
    check("int 13h/08h", ok);
    u16 sectors = r.cl & 63, heads = (u16)(r.dh + 1);
    check("int 13h/02h reads the boot sector", chs(2, 0x80, 1, 0, 0, 1, buffer) && buffer[510] == 0x55);
    u16 at = (u16)SCRATCH_BLOCK, sector = (u16)(at % sectors + 1), head = (u16)(at / sectors % heads);
    u16 cylinder = (u16)(at / sectors / heads);
    fill(1);
    ok = chs(3, 0x80, 1, cylinder, (u8)head, (u8)sector, buffer);
    clear();
    ok = ok && edd(0x42, 0x80, SCRATCH_BLOCK, 1, buffer) && buffer[1] == 4 && buffer[511] == (u8)(511 * 3 + 1);
    check("int 13h/03h writes what 42h reads", ok);
    check("int 13h/04h verifies", chs(4, 0x80, 1, 0, 0, 1, buffer));
    check("int 13h/02h fails beyond the disk", !chs(2, 0x80, 1, 1023, 0xfe, 63, buffer));
    check("int 13h/01h says why", (r = (struct regs){ .eax = 0x0100, .edx = 0x80 }, interrupt(0x13, &r)) && r.ah == 1);
    check("int 13h/00h resets", (r = (struct regs){ .edx = 0x80 }, !interrupt(0x13, &r)));
    check("int 13h/10h: ready", (r = (struct regs){ .eax = 0x1000, .edx = 0x80 }, !interrupt(0x13, &r)));
    r = (struct regs){ .eax = 0x1500, .edx = 0x80 };
    check("int 13h/15h: a fixed disk", !interrupt(0x13, &r) && r.ah == 3 && (r.cx || r.dx));
    check("int 13h/08h fails for no disk", (r = (struct regs){ .eax = 0x0800, .edx = 0x8f }, interrupt(0x13, &r)));
    check("vector 41h has the disk's parameters", peek((peek(0x106, 2) << 4) + peek(0x104, 2) + 14, 1) == sectors);
}

static void test_edd(void)
{
    struct regs r = { .eax = 0x4100, .ebx = 0x55aa, .edx = 0x80 };
    check("int 13h/41h", !interrupt(0x13, &r) && r.bx == 0xaa55 && (r.cx & 1) && r.ah >= 0x21);
    fill(9);
    bool ok = edd(0x43, 0x80, SCRATCH_BLOCK + 2, 2, buffer);
    clear();
    check("int 13h/43h writes, 42h reads", ok && edd(0x42, 0x80, SCRATCH_BLOCK + 2, 2, buffer) && filled(9));
    clear();
    for (unsigned i = 0; i < sizeof buffer; i++)
        buffer[i] = (u8)(i * 5 + (i >> 9));
    ok = edd(0x43, 0x80, SCRATCH_BLOCK + 8, 8, buffer);
    clear();
    ok = ok && edd(0x42, 0x80, SCRATCH_BLOCK + 8, 8, buffer);
    for (unsigned i = 0; i < sizeof buffer; i++)
        ok = ok && buffer[i] == (u8)(i * 5 + (i >> 9));
    check("int 13h/43h and 42h of eight sectors", ok);
    clear();
    u8 *odd = buffer + 1; /* no DMA */
    check("int 13h/42h to an odd address",
          edd(0x42, 0x80, SCRATCH_BLOCK + 2, 2, odd) && odd[0] == 9 && odd[1023] == buffer[1024]);
    check("int 13h/44h", edd(0x44, 0x80, 0, 4, buffer));
    check("int 13h/47h", edd(0x47, 0x80, 0, 1, buffer));
    check("int 13h/42h fails beyond the disk", !edd(0x42, 0x80, 0x0ffffff0, 1, buffer));
    clear();
    *(u16 *)buffer = 0x42;
    r = (struct regs){ .eax = 0x4800, .edx = 0x80, .esi = (u16)(u32)buffer };
    ok = !interrupt(0x13, &r) && *(u16 *)(buffer + 0x18) == 512 && *(u32 *)(buffer + 0x10) >= SCRATCH_BLOCK;
    check("int 13h/48h: size", ok);
    check("int 13h/48h: path", *(u16 *)(buffer + 0x1e) == 0xbedd && same(buffer + 0x24, "PCI ", 4));
    check("int 13h/4Eh", (r = (struct regs){ .eax = 0x4e04, .edx = 0x80 }, !interrupt(0x13, &r)));
    check("int 13h/45h: nothing to lock", (r = (struct regs){ .eax = 0x4500, .edx = 0x80 }, interrupt(0x13, &r)));
}

static bool disk_flag(void)
{
    return peek(0x48e, 1) == 0xff;
}

/* IDENTIFY, with the disk's interrupt on. */
static void test_irq14(void)
{
    poke(0x48e, 0, 1);
    outb(0xa1, (u8)(inb(0xa1) & ~0x40));
    outb(0x3f6, 8);
    outb(0x1f6, 0xa0);
    outb(0x1f7, 0xec);
    check("int 76h: the disk's interrupt", wait_until(disk_flag, 9));
    for (unsigned i = 0; i < 256; i++)
        inw(0x1f0);
    inb(0x1f7);
}

void test_disk(void)
{
    if (boot_drive != 0x80)
        return;
    test_classic();
    test_edd();
    test_irq14();
}

/* Sector headers of a track: cylinder, head, number, size. */
static void test_format(void)
{
    static u8 headers[18][4];
    for (u8 i = 0; i < 18; i++) {
        u8 header[4] = { 50, 0, (u8)(i + 1), 2 };
        for (u8 k = 0; k < 4; k++)
            headers[i][k] = header[k];
    }
    struct regs r = { .eax = 0x1704, .edx = 0 };
    check("int 13h/17h: 1.44 MB in a drive for that", !interrupt(0x13, &r) && r.ah == 0);
    r = (struct regs){ .eax = 0x1800, .ecx = 79 << 8 | 18, .edx = 0 };
    check("int 13h/18h gives a table of parameters", !interrupt(0x13, &r) && (r.es || r.di));
    r = (struct regs){ .eax = 0x0512, .ebx = (u16)(u32)headers, .ecx = 50 << 8 | 1, .edx = 0 };
    check("int 13h/05h of a diskette", !interrupt(0x13, &r) && r.ah == 0);
    check("int 13h/02h of a fresh track", chs(2, 0, 8, 50, 0, 11, buffer));
    r = (struct regs){ .eax = 0x1600, .edx = 0 };
    bool changed = interrupt(0x13, &r);
    check("int 13h/16h of a diskette", changed ? r.ah == 6 : r.ah == 0);
}

void test_floppy(void)
{
    struct regs r = { .eax = 0x0800, .edx = 0, .edi = 1 };
    bool ok = !interrupt(0x13, &r) && r.dl >= 1;
    check("int 13h/08h of a diskette", ok && r.ch == 79 && r.dh == 1 && r.bl >= 4);
    r = (struct regs){ .eax = 0x1500, .edx = 0 };
    check("int 13h/15h of a diskette", !interrupt(0x13, &r) && (r.ah == 1 || r.ah == 2));
    ok = chs(2, 0, 1, 0, 0, 1, buffer) || chs(2, 0, 1, 0, 0, 1, buffer);
    if (!ok)
        return; /* an empty drive */
    check("int 13h/02h of a diskette", same(buffer + 3, "TESTDISK", 8));
    check("int 13h/02h of a far track",
          chs(2, 0, 2, 70, 1, 17, buffer) && same(buffer, "FAR TRACK", 9) && same(buffer + 512, "NEXT", 4));
    struct regs far = { .eax = 0x0202, .ebx = 0xff00, .ecx = 70 << 8 | 17, .edx = 1 << 8, .es = 0x2000 };
    check("int 13h/02h of a diskette across 64 KiB",
          !interrupt(0x13, &far) && peek(0x2ff00, 4) == 0x20524146 && peek(0x30100, 4) == 0x5458454e);
    fill(5);
    ok = chs(3, 0, 2, 40, 0, 5, buffer);
    clear();
    check("int 13h/03h of a diskette", ok && chs(2, 0, 2, 40, 0, 5, buffer) && filled(5));
    check("int 13h/04h of a diskette", chs(4, 0, 1, 0, 0, 1, buffer));
    check("int 13h/02h fails beyond the diskette", !chs(2, 0, 1, 90, 0, 1, buffer));
    check("int 13h/00h of a diskette", (r = (struct regs){ .eax = 0 }, !interrupt(0x13, &r)));
    test_format();
    check("int 0Eh turned the motor's count on", peek(0x440, 1) != 0);
}

void test_cd(void)
{
    struct regs r = { .eax = 0x4100, .ebx = 0x55aa, .edx = CD };
    bool there = !interrupt(0x13, &r) && r.bx == SIGNATURE;
    if (!there || !edd(0x42, CD, CD_DESCRIPTOR, 1, buffer))
        return; /* no CD, or an empty drive */
    check("int 13h/42h of a CD", same(buffer + 1, "CD001", 5));
    check("int 13h/43h of a CD fails", !edd(0x43, CD, CD_DESCRIPTOR, 1, buffer));
    *(u16 *)buffer = 0x1e;
    r = (struct regs){ .eax = 0x4800, .edx = CD, .esi = (u16)(u32)buffer };
    check("int 13h/48h of a CD", !interrupt(0x13, &r) && *(u16 *)(buffer + 0x18) == 2048);
    bool ok = (r = (struct regs){ .eax = 0x4500, .edx = CD }, !interrupt(0x13, &r)) &&
              (r = (struct regs){ .eax = 0x4600, .edx = CD }, interrupt(0x13, &r)) && r.ah == 0xb1;
    check("int 13h/45h locks against 46h", ok);
    ok = (r = (struct regs){ .eax = 0x4501, .edx = CD }, !interrupt(0x13, &r)) && r.al == 0 &&
         (r = (struct regs){ .eax = 0x4502, .edx = CD }, !interrupt(0x13, &r)) && r.al == 0;
    check("int 13h/45h unlocks", ok);
    buffer[0] = 0x13;
    r = (struct regs){ .eax = 0x4b01, .edx = CD, .esi = (u16)(u32)buffer };
    check("int 13h/4B01h: nothing is emulated", interrupt(0x13, &r) ? r.ah != 0 : (buffer[1] & 15) == 0);
}
