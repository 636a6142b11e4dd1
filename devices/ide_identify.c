/* ide_identify.c: the 512 bytes of IDENTIFY DEVICE, ATA/ATAPI-6 section 8.15, for a disk that does what ide_disk.c
 * does, and of IDENTIFY PACKET DEVICE, section 8.16, for a CD-ROM drive that does what ide_atapi.c does. Name, revision
 * and the numbers of modes are those that QEMU's `pc` shows, so that a system that was installed there finds its disks
 * by the same names. */
#include "ide.h"

#include <stdio.h>

#define CYLINDERS_MAX 16383u /* what a disk beyond 8 GB says */
#define DEFAULT_HEADS 16u
#define DEFAULT_SECTORS 63u
#define LBA28_SECTORS_MAX 0x0fffffffu
#define LBA48_SECTORS_MAX ((u64)1 << 48)

static const char model[] = "QEMU HARDDISK";
static const char packet_model[] = "QEMU DVD-ROM";
static const char revision[] = "2.5+";

u32 ide_cylinders(const struct ide_drive *d, unsigned heads, unsigned sectors)
{
    u64 n = d->disk->sectors / ((u64)heads * sectors);
    return n < 1 ? 1 : n > UINT16_MAX ? UINT16_MAX : (u32)n;
}

static void put_word(struct ide_drive *d, unsigned n, u32 value)
{
    put_le16(d->buffer + 2 * n, (u16)value);
}

static void put_long(struct ide_drive *d, unsigned n, u32 value)
{
    put_word(d, n, value & 0xffff);
    put_word(d, n + 1, value >> 16);
}

/* Two characters a word, the first in the high byte, padded with spaces. */
static void put_text(struct ide_drive *d, unsigned n, unsigned words, const char *text)
{
    size_t len = strlen(text);
    for (unsigned i = 0; i < 2 * words; i++)
        d->buffer[2 * n + (i ^ 1)] = (u8)(i < len ? text[i] : ' ');
}

static void put_geometry(struct ide_drive *d)
{
    u32 cylinders = ide_cylinders(d, DEFAULT_HEADS, DEFAULT_SECTORS);
    put_word(d, 1, cylinders > CYLINDERS_MAX ? CYLINDERS_MAX : cylinders);
    put_word(d, 3, DEFAULT_HEADS);
    put_word(d, 4, DEFAULT_SECTORS * BLOCK_SECTOR); /* 4, 5: bytes a track and a sector, obsolete since ATA-2 */
    put_word(d, 5, BLOCK_SECTOR);
    put_word(d, 6, DEFAULT_SECTORS);
    unsigned heads = d->heads ? d->heads : DEFAULT_HEADS, sectors = d->sectors ? d->sectors : DEFAULT_SECTORS;
    u32 current = ide_cylinders(d, heads, sectors);
    if (heads == DEFAULT_HEADS && sectors == DEFAULT_SECTORS && current > CYLINDERS_MAX)
        current = CYLINDERS_MAX;
    put_word(d, 54, current);
    put_word(d, 55, heads);
    put_word(d, 56, sectors);
    put_long(d, 57, current * heads * sectors);
}

static void put_capacity(struct ide_drive *d)
{
    u64 n = d->disk->sectors;
    put_long(d, 60, n < LBA28_SECTORS_MAX ? (u32)n : LBA28_SECTORS_MAX);
    if (n > LBA48_SECTORS_MAX)
        n = LBA48_SECTORS_MAX;
    put_long(d, 100, (u32)n);
    put_long(d, 102, (u32)(n >> 32));
}

/* Bits 15:8 of a word of modes: which of them is selected. `kind` is bits 7:3 of the transfer mode. */
static u32 selected_mode(const struct ide_drive *d, unsigned kind)
{
    return d->transfer_mode >> 3 == kind ? BIT(8 + (d->transfer_mode & 7)) : 0;
}

static void put_modes(struct ide_drive *d)
{
    put_word(d, 47, 0x8000 | IDE_MULTIPLE_MAX);
    put_word(d, 48, 1);                         /* 32-bit data port access */
    put_word(d, 49, BIT(11) | BIT(9) | BIT(8)); /* IORDY, LBA, DMA */
    put_word(d, 51, 0x0200);                    /* PIO mode 2 without words 64-70 */
    put_word(d, 52, 0x0200);
    put_word(d, 53, BIT(2) | BIT(1) | BIT(0)); /* words 88, 64-70, 54-58 are valid */
    put_word(d, 59, d->multiple ? 0x0100u | d->multiple : 0);
    put_word(d, 62, 0x07 | selected_mode(d, 2));
    put_word(d, 63, 0x07 | selected_mode(d, 4));
    put_word(d, 64, 0x03); /* PIO modes 3, 4 */
    for (unsigned n = 65; n <= 68; n++)
        put_word(d, n, 120); /* ns a cycle */
    u32 ultra = selected_mode(d, 8);
    put_word(d, 88, 0x3f | (d->transfer_mode ? ultra : BIT(13)));
    put_word(d, 93, BIT(14) | BIT(13) | BIT(0)); /* 80-conductor cable */
}

/* Words 82-84 what is there, 85-87 what is on. */
static void put_features(struct ide_drive *d)
{
    put_word(d, 80, 0x00f0); /* ATA-4 … ATA/ATAPI-7 */
    put_word(d, 81, 0x0016);
    put_word(d, 82, BIT(14) | BIT(5) | BIT(0));             /* NOP, write cache, SMART; QEMU's disk says no more */
    put_word(d, 83, BIT(14) | BIT(13) | BIT(12) | BIT(10)); /* FLUSH CACHE EXT, FLUSH CACHE, 48-bit */
    put_word(d, 84, BIT(14));
    put_word(d, 85, BIT(14) | (d->write_cache ? BIT(5) : 0) | (d->smart ? BIT(0) : 0));
    put_word(d, 86, BIT(13) | BIT(12) | BIT(10));
    put_word(d, 87, BIT(14));
}

void ide_identify(struct ide_drive *d)
{
    memset(d->buffer, 0, BLOCK_SECTOR);
    put_word(d, 0, 0x0040); /* not removable */
    put_geometry(d);
    put_text(d, 10, 10, d->disk->serial);
    put_word(d, 20, 3);
    put_word(d, 21, 512); /* cache, in sectors */
    put_word(d, 22, 4);
    put_text(d, 23, 4, revision);
    put_text(d, 27, 20, model);
    put_modes(d);
    put_capacity(d);
    put_features(d);
    put_word(d, 69, BIT(14)); /* sectors read the same each time after a TRIM */
    put_word(d, 169, BIT(0)); /* TRIM */
    put_word(d, 106, 0x6000); /* logical and physical sectors of 512 bytes */
}

/* A CD-ROM drive: packets of 12 bytes, taken within 50 us of the command and without an interrupt. */
void ide_identify_packet(struct ide_drive *d)
{
    char serial[16];
    memset(d->buffer, 0, BLOCK_SECTOR);
    put_word(d, 0, 2u << 14 | 5u << 8 | BIT(7) | 2u << 5);
    snprintf(serial, sizeof(serial), "QM%05u", d->channel->index * 2 + d->unit + 1);
    put_text(d, 10, 10, serial);
    put_word(d, 20, 3);
    put_word(d, 21, 512);
    put_word(d, 22, 4);
    put_text(d, 23, 4, revision);
    put_text(d, 27, 20, packet_model);
    put_word(d, 48, 1);
    put_word(d, 49, BIT(9) | BIT(8)); /* LBA, DMA */
    put_word(d, 53, BIT(2) | BIT(1) | BIT(0));
    put_word(d, 62, 0x07 | selected_mode(d, 2));
    put_word(d, 63, 0x07 | selected_mode(d, 4));
    put_word(d, 64, 0x03); /* PIO modes 3, 4 */
    put_word(d, 65, 180);  /* ns a cycle: DMA at least, DMA advised, PIO without and with IORDY */
    put_word(d, 66, 180);
    put_word(d, 67, 300);
    put_word(d, 68, 180);
    put_word(d, 71, 30); /* ns to release the bus, to clear BSY */
    put_word(d, 72, 30);
    put_word(d, 80, 0x001e); /* ATA-1 … ATA/ATAPI-4 */
    put_word(d, 88, 0x3f | (d->transfer_mode ? selected_mode(d, 8) : BIT(13)));
}
