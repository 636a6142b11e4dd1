/* areas.c: the memory areas that live on after POST, and what can be written. */
#include "test.h"

#define IVT_INT19 0x64
#define BDA 0x400u
#define EBDA_SEGMENT (BDA + 0x0e)
#define F_SEGMENT 0xf0000u
#define LOW_MEMORY 0xec000u

static bool write_sticks(u32 at)
{
    u32 old = peek(at, 4);
    poke(at, ~old, 4);
    bool sticks = peek(at, 4) != old;
    poke(at, old, 4);
    return sticks;
}

static u32 find(u32 from, u32 to, u32 step, const char *signature, unsigned n)
{
    for (u32 at = from; at < to; at += step) {
        bool hit = true;
        for (unsigned i = 0; i < n && hit; i++)
            hit = peek(at + i, 1) == (u8)signature[i];
        if (hit)
            return at;
    }
    return 0;
}

static u8 sum(u32 at, u32 n)
{
    u8 s = 0;
    while (n--)
        s = (u8)(s + peek(at++, 1));
    return s;
}

static void check_table(const char *name, const char *signature, u32 step, u32 length)
{
    u32 at = find(0xe0000, 0x100000, step, signature, 4);
    check(name, at && sum(at, length ? length : peek(at + 5, 1)) == 0);
}

static void test_tables(void)
{
    check_table("BIOS32 service directory", "_32_", 16, 16);
    check_table("PnP installation structure", "$PnP", 16, 0x21);
    check_table("MP floating pointer", "_MP_", 16, 16);
    check_table("SMBIOS entry point", "_SM_", 16, 0x1f);
    u32 pir = find(0xf0000, 0x100000, 16, "$PIR", 4);
    check("PCI interrupt routing table", pir && sum(pir, peek(pir + 6, 2)) == 0);
    u32 rsdp = find(0xe0000, 0x100000, 16, "RSD PTR ", 8);
    if (peek(0x413, 2) && rsdp)
        check("ACPI root pointer", sum(rsdp, 20) == 0);
    check("no PMM structure after POST", find(0xe0000, 0x100000, 16, "$PMM", 4) == 0);
}

void test_areas(bool zero)
{
    check("temporary low zone is zero at hand-over", zero);
    check("int 19h has a vector", peek(IVT_INT19, 4) != 0);
    check("interrupt vectors can be written", write_sticks(0x3f0));
    check("BIOS data area can be written", write_sticks(BDA + 0xf0));
    u32 ebda = peek(EBDA_SEGMENT, 2) << 4;
    check("EBDA lies under A0000", ebda >= 0x80000 && ebda < 0xa0000);
    check("EBDA says its size", peek(ebda, 1) >= 1 && ebda + peek(ebda, 1) * 1024 <= 0xa0000);
    check("EBDA can be written", write_sticks(ebda + 0x300));
    check("F segment is read-only", !write_sticks(F_SEGMENT) && !write_sticks(F_SEGMENT + 0x8000) &&
                                        !write_sticks(F_SEGMENT + 0xe05c) && !write_sticks(F_SEGMENT + 0xfff0));
    check("video ROM is read-only", peek(0xc0000, 2) == 0xaa55 && !write_sticks(0xc0010));
    check("low memory can be written", write_sticks(LOW_MEMORY));
    check_equal("reset vector is a far jump", peek(0xffff0, 1), 0xea);
    check_equal("model byte", peek(0xffffe, 1), 0xfc);
    test_tables();
}
