/* eltorito.c: boots a CD: the boot catalog's default entry (El Torito 1.0, section 2) as it is, or as the diskette or
 * disk that it emulates. Part of BOOT: no variables of POST. */
#include "post.h"

#define BLOCK 2048u
#define BOOT_RECORD 17
#define CATALOG_AT 0x47
#define BUFFER BOOT_SECTOR
#define BOOTABLE 0x88
#define DEFAULT_SEGMENT 0x07c0
#define EDD_READ 0x42

enum media { MEDIA_NONE, MEDIA_120, MEDIA_144, MEDIA_288, MEDIA_DISK };

struct entry {
    u8 bootable, media;
    u16 segment;
    u8 system, unused;
    u16 sectors;
    u32 block;
} PACKED;

static bool read_blocks(u8 number, u32 block, u16 count, u32 linear)
{
    struct {
        u8 size, reserved;
        u16 count, off, seg;
        u32 low, high;
    } PACKED packet = { 16, 0, count, linear & 15, (u16)(linear >> 4), block, 0 };
    struct bregs r = { .ax = EDD_READ << 8, .dx = number, .si = (u16)(u32)&packet, .flags = F_IF };
    call16_int(&r, 0x13);
    return !(r.flags & F_CF);
}

/* From 1 MiB down there is room for 0x9F blocks at 7C00; a loader that says it is longer gets no more. */
static bool load(u8 number, const struct entry *e, u32 linear)
{
    u32 blocks = (e->sectors * 512u + BLOCK - 1) / BLOCK, block = e->block, end = TMP_LOW_END;
    if (!blocks)
        blocks = 1;
    for (; blocks && linear < end; blocks--, block++, linear += BLOCK)
        if (!read_blocks(number, block, 1, linear))
            return false;
    return true;
}

static bool find_entry(u8 number, struct entry *e)
{
    const u8 *b = (const u8 *)BUFFER;
    if (!read_blocks(number, BOOT_RECORD, 1, BUFFER) || b[0] || memcmp(b + 1, "CD001\1EL TORITO SPECIFICATION", 29)) {
        print("Boot failed: the CD has no boot record\n\n");
        return false;
    }
    u32 catalog;
    memcpy(&catalog, b + CATALOG_AT, 4);
    if (!read_blocks(number, catalog, 1, BUFFER) || b[0] != 1 || b[0x1e] != 0x55 || b[0x1f] != 0xaa ||
        b[0x20] != BOOTABLE) {
        print("Boot failed: the CD's boot catalog has nothing to boot\n\n");
        return false;
    }
    memcpy(e, b + 0x20, sizeof *e);
    return true;
}

/* A disk's geometry is what its partition table's first entry ends with. */
static bool emulate(u8 drive, u8 media, const struct entry *e, u32 linear)
{
    static const struct chs floppy[4] = { { 0, 0, 0 }, { 80, 2, 15 }, { 80, 2, 18 }, { 80, 2, 36 } };
    struct cd_emulation *c = &LOW->cdemu;
    const u8 *partition = (const u8 *)(linear + 0x1be);
    struct chs g;
    if (media > MEDIA_DISK)
        return false;
    if (media == MEDIA_DISK)
        g = (struct chs){ (u16)((partition[7] | (partition[6] & 0xc0) << 2) + 1), (u16)(partition[5] + 1),
                          partition[6] & 0x3f };
    else
        g = floppy[media];
    *c = (struct cd_emulation){ .media = media,
                                .int13_drive = media == MEDIA_DISK ? 0x80 : 0x00,
                                .drive = drive,
                                .load_segment = (u16)(linear >> 4),
                                .sector_count = e->sectors,
                                .first_block = e->block,
                                .sectors = (u32)g.cylinders * g.heads * g.sectors,
                                .geometry = g,
                                .active = true };
    if (media != MEDIA_DISK)
        BDA->equipment |= 1;
    return true;
}

void boot_cd(u8 drive, u8 number)
{
    struct entry e;
    LOW->cdemu.active = false;
    if (!find_entry(number, &e))
        return;
    u16 seg = e.segment ? e.segment : DEFAULT_SEGMENT;
    u8 media = e.media & 15;
    if (!load(number, &e, seg * 16u) || (media && !emulate(drive, media, &e, seg * 16u))) {
        print("Boot failed: could not read the CD's boot image\n\n");
        return;
    }
    u16 off = 0;
    if (seg == DEFAULT_SEGMENT) {
        seg = 0;
        off = BOOT_SECTOR;
    }
    struct bregs r = { .dx = media == MEDIA_NONE ? number : LOW->cdemu.int13_drive, .ax = 0xaa55, .flags = F_IF };
    call16_far(&r, seg, off, false);
}
