/* pc_cmos.c: the CMOS bytes that a PC's setup program would have stored, as QEMU's pc stores them and SeaBIOS reads
 * them (its src/hw/rtc.h names them). The first sixty-four are the AT's; those from 5Bh on are QEMU's own. */
#include "pc_cmos.h"

#define CMOS_FLOPPIES 0x10
#define CMOS_DISKS 0x12
#define CMOS_EQUIPMENT 0x14
#define CMOS_BASE_KIB 0x15
#define CMOS_EXT_KIB 0x17
#define CMOS_DISK1_TYPE 0x19
#define CMOS_DISK1_GEOMETRY 0x1b
#define CMOS_EXT_KIB_AGAIN 0x30
#define CMOS_ABOVE_16M 0x34 /* units of 64 KiB */
#define CMOS_BOOT_FLAG1 0x38
#define CMOS_TRANSLATION 0x39
#define CMOS_BOOT_FLAG2 0x3d
#define CMOS_ABOVE_4G 0x5b /* three bytes, units of 64 KiB */
#define CMOS_CPUS 0x5f     /* less one */

#define GEOMETRY_BYTES 9
#define BASE_KIB 640
#define EQUIPMENT_FLOPPY BIT(0)
#define EQUIPMENT_FPU BIT(1)
#define EQUIPMENT_MOUSE_PORT BIT(2)
#define EQUIPMENT_FLOPPIES_SHIFT 6 /* their number less one */
#define DISK_TYPE_EXTENDED 0x0f    /* the type is in a byte of its own… */
#define DISK_TYPE_USER 47          /* …and the geometry follows */
#define TRANSLATE_NONE 0u
#define TRANSLATE_LBA 1u

#define CHS_HEADS 16
#define CHS_SECTORS 63
#define CHS_CYLINDERS_MAX 16383
#define BIOS_CYLINDERS_MAX 1024

static void set_le(struct mc146818 *rtc, u8 index, u64 value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        rtc_set_cmos(rtc, (u8)(index + i), (u8)(value >> (8 * i)));
}

static u64 at_most(u64 v, u64 max)
{
    return v < max ? v : max;
}

static void fill_memory(struct mc146818 *rtc, const struct pc_cmos_setup *s)
{
    u64 ext = s->ram_below_4g > MIB ? at_most((s->ram_below_4g - MIB) / KIB, 0xffff) : 0;
    u64 above_16m = s->ram_below_4g > 16 * MIB ? at_most((s->ram_below_4g - 16 * MIB) / (64 * KIB), 0xffff) : 0;
    set_le(rtc, CMOS_BASE_KIB, BASE_KIB, 2);
    set_le(rtc, CMOS_EXT_KIB, ext, 2);
    set_le(rtc, CMOS_EXT_KIB_AGAIN, ext, 2);
    set_le(rtc, CMOS_ABOVE_16M, above_16m, 2);
    set_le(rtc, CMOS_ABOVE_4G, s->ram_above_4g / (64 * KIB), 3);
}

/* 1 floppy, 2 hard disk, 3 CD, 4 network. */
static unsigned boot_code(char letter)
{
    return letter == 'a' ? 1 : letter == 'c' ? 2 : letter == 'd' ? 3 : letter == 'n' ? 4 : 0;
}

void pc_cmos_set_boot_order(struct mc146818 *rtc, const char *order)
{
    unsigned code[3] = { 0 };
    if (!*order)
        order = "cad";
    for (unsigned i = 0; i < 3 && order[i]; i++)
        code[i] = boot_code(order[i]);
    rtc_set_cmos(rtc, CMOS_BOOT_FLAG2, (u8)(code[1] << 4 | code[0]));
    rtc_set_cmos(rtc, CMOS_BOOT_FLAG1, (u8)(code[2] << 4));
}

static u64 cylinders(const struct block_backend *disk)
{
    u64 n = disk->sectors / (CHS_HEADS * CHS_SECTORS);
    return n < 2 ? 2 : at_most(n, CHS_CYLINDERS_MAX);
}

/* The primary channel's disks have a type and a geometry. */
static void fill_disk_type(struct mc146818 *rtc, unsigned n, const struct block_backend *disk)
{
    u8 at = (u8)(CMOS_DISK1_GEOMETRY + n * GEOMETRY_BYTES);
    u64 cyls = cylinders(disk);
    rtc_set_cmos(rtc, (u8)(CMOS_DISK1_TYPE + n), DISK_TYPE_USER);
    set_le(rtc, at, cyls, 2);
    rtc_set_cmos(rtc, (u8)(at + 2), CHS_HEADS);
    set_le(rtc, (u8)(at + 3), 0xffff, 2); /* no write precompensation */
    rtc_set_cmos(rtc, (u8)(at + 5), 0xc0 | (CHS_HEADS > 8 ? 8 : 0));
    set_le(rtc, (u8)(at + 6), cyls, 2); /* landing zone */
    rtc_set_cmos(rtc, (u8)(at + 8), CHS_SECTORS);
}

static void fill_disks(struct mc146818 *rtc, const struct block_backend *const *disk)
{
    unsigned types = 0, translation = 0;
    for (unsigned i = 0; i < 4; i++) {
        if (!disk[i] || !disk[i]->sectors)
            continue;
        if (i < 2) {
            types |= (unsigned)DISK_TYPE_EXTENDED << (i ? 0 : 4);
            fill_disk_type(rtc, i, disk[i]);
        }
        translation |= (cylinders(disk[i]) > BIOS_CYLINDERS_MAX ? TRANSLATE_LBA : TRANSLATE_NONE) << (2 * i);
    }
    rtc_set_cmos(rtc, CMOS_DISKS, (u8)types);
    rtc_set_cmos(rtc, CMOS_TRANSLATION, (u8)translation);
}

/* The first drive's type is in the high half. Returns the equipment byte's part. */
static unsigned fill_floppies(struct mc146818 *rtc, const struct block_backend *const *floppy)
{
    unsigned a = floppy_type_for(floppy[0]), b = floppy_type_for(floppy[1]);
    unsigned n = (a != FLOPPY_NONE ? 1u : 0) + (b != FLOPPY_NONE ? 1u : 0);
    rtc_set_cmos(rtc, CMOS_FLOPPIES, (u8)(a << 4 | b));
    return n ? EQUIPMENT_FLOPPY | (n - 1) << EQUIPMENT_FLOPPIES_SHIFT : 0;
}

void pc_cmos_fill(struct mc146818 *rtc, const struct pc_cmos_setup *setup)
{
    fill_memory(rtc, setup);
    pc_cmos_set_boot_order(rtc, setup->boot_order);
    fill_disks(rtc, setup->disk);
    unsigned floppies = fill_floppies(rtc, setup->floppy);
    rtc_set_cmos(rtc, CMOS_EQUIPMENT, (u8)(floppies | EQUIPMENT_FPU | EQUIPMENT_MOUSE_PORT));
    rtc_set_cmos(rtc, CMOS_CPUS, (u8)(setup->cpus - 1));
}
