/* real_bios.c: what the firmware leaves in memory (IVT, BDA, the boot sector), and its services, as a boot loader uses
 * them. */
#include "real.h"

#define E820_RAM 1
#define MIB 0x100000
#define BUFFER 0x6000 /* a sector's room under the boot sector */
#define ROM_SEGMENT 0xc000

static void vector_table(void)
{
    static const u8 services[] = { 0x10, 0x11, 0x12, 0x13, 0x15, 0x16, 0x1a };
    u32 in_rom = 0;
    for (u32 i = 0; i < sizeof services; i++)
        in_rom += LOW16(4 * services[i] + 2) >= ROM_SEGMENT;
    is(in_rom, sizeof services, "IVT 0-3FF: the services' vectors lead into ROM");
    ok(LOW16(4 * 8 + 2) >= ROM_SEGMENT && LOW16(4 * 9 + 2) >= ROM_SEGMENT,
       "IVT: so do the timer's (8) and the keyboard's (9)");
}

static void data_area(void)
{
    struct real_regs r = { 0 };
    is(LOW16(BDA_COM1), 0x3f8, "BDA 400: COM1 is at 3F8");
    bios_int(0x12, &r);
    is((u16)r.eax, LOW16(BDA_MEMORY), "BDA 413: what INT 12h says, the KiB of low memory");
    ok(LOW16(BDA_MEMORY) > 512 && LOW16(BDA_MEMORY) <= 640, "... more than 512, no more than 640: the EBDA follows");
    bios_int(0x11, &r);
    is((u16)r.eax, LOW16(BDA_EQUIPMENT), "BDA 410: what INT 11h says, the equipment");
    ok(LOW16(BDA_EQUIPMENT) & 2, "... with a mathematical coprocessor");
    is(LOW16(BDA_CRTC), 0x3d4, "BDA 463: the CRT controller is at 3D4");
    ok(LOW8(BDA_DRIVES) >= 1, "BDA 475: there is a hard disk");
    is(LOW16(0x40e) >= 0x8000 && LOW16(0x40e) < 0xa000, 1, "BDA 40E: the EBDA's segment is below A000");
    is((u32)LOW16(0x40e) * 16, (u32)LOW16(BDA_MEMORY) * 1024, "... and the EBDA begins where low memory ends");
}

static void ticks(void)
{
    u32 began = LOW32(BDA_TICKS);
    __asm__ volatile("sti");
    for (u32 i = 0; i < 1000 && LOW32(BDA_TICKS) == began; i++)
        __asm__ volatile("hlt");
    ok(LOW32(BDA_TICKS) != began, "BDA 46C: the timer's interrupt counts ticks");
    struct real_regs r = { 0 };
    bios_int(0x1a, &r);
    ok((r.ecx << 16 | (u16)r.edx) - LOW32(BDA_TICKS) + 1 <= 1, "INT 1Ah AH=0 says the same count");
    r = (struct real_regs){ .eax = 0x0200 };
    bios_int(0x1a, &r);
    ok(!(r.eflags & FLAG_CF) && (r.ecx >> 8 & 0xff) < 0x24 && (r.ecx & 0xff) < 0x60,
       "INT 1Ah AH=2: a time of day in BCD");
    r = (struct real_regs){ .eax = 0x0400 };
    bios_int(0x1a, &r);
    ok(!(r.eflags & FLAG_CF) && (r.ecx >> 8 & 0xff) >= 0x19, "INT 1Ah AH=4: a date in BCD");
}

static u32 type_of(u32 address)
{
    for (u32 i = 0; i < info->e820_count; i++)
        if (info->e820[i].base <= address && address - info->e820[i].base < info->e820[i].size)
            return info->e820[i].type;
    return 0;
}

static void memory_map(void)
{
    ok(info->e820_count >= 3, "E820: a map of three lines or more");
    is(type_of(0), E820_RAM, "E820: RAM at 0");
    is(type_of(0x500), E820_RAM, "E820: 500-7BFF is free conventional memory");
    is(type_of(0x7c00), E820_RAM, "E820: 7C00-7DFF, the boot sector, is RAM");
    is(type_of(0x7e00), E820_RAM, "E820: 7E00-7FFFF is RAM");
    is(type_of(0x80000), E820_RAM, "E820: so is 80000");
    ok(type_of(0x9fc00) != E820_RAM, "E820: the EBDA is not for us");
    ok(type_of(0xa0000) != E820_RAM && type_of(0xb8000) != E820_RAM, "E820: A0000-BFFFF is no RAM");
    ok(type_of(0xf0000) != E820_RAM, "E820: F0000-FFFFF is no RAM");
    is(type_of(MIB), E820_RAM, "E820: RAM from 1 MiB on");
    ok(type_of(0xfec00000) != E820_RAM && type_of(0xfee00000) != E820_RAM, "E820: no RAM at the APICs");
    struct real_regs r = { .eax = 0x8800 };
    bios_int(0x15, &r);
    ok(!(r.eflags & FLAG_CF) && (u16)r.eax >= 1024, "INT 15h AH=88: KiB above 1 MiB");
    r = (struct real_regs){ .eax = 0xe801 };
    bios_int(0x15, &r);
    ok(!(r.eflags & FLAG_CF) && (u16)(r.eax | r.ecx) >= 1024, "INT 15h AX=E801 knows them, too");
}

static void disk(void)
{
    struct real_regs r = { .eax = 0x0201, .ebx = BUFFER, .ecx = 1, .edx = info->drive };
    bios_int(0x13, &r);
    ok(!(r.eflags & FLAG_CF), "INT 13h AH=2 reads sector 1 of cylinder 0, head 0");
    u32 same = 0;
    for (u32 i = 0; i < 64; i++)
        same += LOW8(BUFFER + i) == LOW8(0x7c00 + i);
    is(same, 64, "... which is what the firmware loaded to 7C00");
    is(LOW16(BUFFER + 510), 0xaa55, "... with 55 AA at its end");
    r = (struct real_regs){ .eax = 0x0800, .edx = info->drive };
    bios_int(0x13, &r);
    ok(!(r.eflags & FLAG_CF) && (r.ecx & 0x3f) >= 17 && (r.edx >> 8 & 0xff) >= 1, "INT 13h AH=8: a geometry");
    r = (struct real_regs){ .eax = 0x02ff, .ebx = BUFFER, .ecx = 1, .edx = info->drive ^ 0x5f };
    bios_int(0x13, &r);
    ok(r.eflags & FLAG_CF, "INT 13h: a drive that is not there is an error");
}

static void screen_and_keys(void)
{
    struct real_regs r = { .eax = 0x0f00 };
    bios_int(0x10, &r);
    ok((u8)r.eax == 3 && (r.eax >> 8 & 0xff) == 80, "INT 10h AH=F: mode 3, 80 columns");
    r = (struct real_regs){ .eax = 0x0300 };
    bios_int(0x10, &r);
    u32 before = r.edx;
    r = (struct real_regs){ .eax = 0x0200, .edx = 0x0a14 };
    bios_int(0x10, &r);
    r = (struct real_regs){ .eax = 0x0300 };
    bios_int(0x10, &r);
    is((u16)r.edx, 0x0a14, "INT 10h AH=2 and 3: the cursor goes where it is sent");
    r = (struct real_regs){ .eax = 0x0200, .edx = before };
    bios_int(0x10, &r);
    r = (struct real_regs){ .eax = 0x0100 };
    bios_int(0x16, &r);
    ok(r.eflags & FLAG_ZF, "INT 16h AH=1: no key waits");
}

void bios_tests(void)
{
    vector_table();
    data_area();
    ticks();
    memory_map();
    disk();
    if (info->quiet_screen)
        tap_skip("INT 10h and INT 16h", "the firmware keeps the screen on the serial port");
    else
        screen_and_keys();
}
