/* load.c: the kernel from the disk to KERNEL, by the firmware's INT 13h: by block numbers where it can, else by
 * cylinders, heads and sectors. */
#include "real.h"

#define DISK 0x13
#define DISK_READ 0x0201 /* one sector */
#define DISK_PARAMETERS 0x0800
#define DISK_EXTENSIONS 0x4100
#define DISK_EXTENDED_READ 0x4200
#define CHUNK 64 /* sectors a call: less than a segment */

struct disk_packet {
    u16 size, count;
    u16 offset, segment;
    u64 lba;
} PACKED;

struct geometry {
    u32 heads, sectors;
};

static int has_extensions(void)
{
    struct real_regs r = { .eax = DISK_EXTENSIONS, .ebx = 0x55aa, .edx = info->drive };
    bios_int(DISK, &r);
    return !(r.eflags & FLAG_CF) && (u16)r.ebx == 0xaa55;
}

static int read_blocks(u32 lba, u32 count, u32 address)
{
    struct disk_packet p = { sizeof p, (u16)count, 0, (u16)(address / 16), lba };
    struct real_regs r = { .eax = DISK_EXTENDED_READ, .edx = info->drive, .esi = (u32)(uptr)&p };
    bios_int(DISK, &r);
    return !(r.eflags & FLAG_CF);
}

static struct geometry geometry(void)
{
    struct real_regs r = { .eax = DISK_PARAMETERS, .edx = info->drive };
    bios_int(DISK, &r);
    return (struct geometry){ (r.edx >> 8 & 0xff) + 1, r.ecx & 0x3f };
}

static int read_sector(struct geometry g, u32 lba, u32 address)
{
    u32 track = lba / g.sectors, cylinder = track / g.heads;
    struct real_regs r = { .eax = DISK_READ,
                           .ecx = (lba % g.sectors + 1) | (cylinder & 0xff) << 8 | (cylinder >> 8 & 3) << 6,
                           .edx = info->drive | (track % g.heads) << 8,
                           .es = (u16)(address / 16) };
    bios_int(DISK, &r);
    return !(r.eflags & FLAG_CF);
}

/* Nonzero: it is there. */
u32 load_kernel(void)
{
    int extended = has_extensions();
    struct geometry g = extended ? (struct geometry){ 0, 0 } : geometry();
    if (!extended && !g.sectors)
        return 0;
    u32 step = extended ? CHUNK : 1;
    for (u32 done = 0; done < info->kernel_sectors; done += step) {
        u32 lba = 1 + STAGE2_SECTORS + done, address = KERNEL + done * SECTOR;
        u32 left = info->kernel_sectors - done;
        if (extended ? !read_blocks(lba, left < step ? left : step, address) : !read_sector(g, lba, address))
            return 0;
    }
    return 1;
}
