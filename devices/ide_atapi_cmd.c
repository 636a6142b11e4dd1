/* ide_atapi_cmd.c: the packet commands of a CD-ROM drive: MMC-3 and SFF-8020i for reading, the tray, status; those that
 * only tell what the drive and its disc are stand in ide_atapi_info.c. The disc is one session of one data track.
 * Not modelled, and answered with "invalid command": audio, subchannels, MODE SELECT, everything that writes. */
#include "ide.h"

#define WHO "atapi"

/* Which conditions come before a command. */
#define READY BIT(0)        /* needs a disc */
#define ANY_TIME BIT(1)     /* runs while the drive has something else to report */
#define WITHOUT_DATA BIT(2) /* a byte count limit of 0 is all right; or the data may be none */

#define OFFSET_LBA 2
#define READ_CD_TYPE 0x1cu
#define READ_CD_TYPE_SHIFT 2
#define READ_CD_MODE_1 2u
#define READ_CD_SUBCHANNEL 0x07u
#define READ_CD_PARTS 0xf8u
#define READ_CD_C2 0x06u
#define START_STOP_START BIT(0)
#define START_STOP_LOEJ BIT(1)
#define START_STOP_POWER 0xf0u
#define PREVENT BIT(0)
#define SENSE_FORMAT 0xf0u /* current errors, fixed format, information valid */
#define SENSE_BYTES 18u

/* ---- small ones ---- */

static void nothing(struct ide_drive *d)
{
    atapi_good(d);
}

static void invalid_field(struct ide_drive *d)
{
    atapi_check(d, SENSE_ILLEGAL, ASC_INVALID_FIELD);
}

/* Reports what was wrong, once. */
static void request_sense(struct ide_drive *d)
{
    struct ide_atapi *a = &d->atapi;
    memset(d->buffer, 0, SENSE_BYTES);
    d->buffer[0] = SENSE_FORMAT;
    d->buffer[2] = a->sense_key;
    d->buffer[7] = SENSE_BYTES - 8;
    d->buffer[12] = a->asc;
    d->buffer[13] = a->ascq;
    a->sense_key = a->asc = a->ascq = 0;
    atapi_send(d, SENSE_BYTES, a->packet[4]);
}

static void prevent_allow(struct ide_drive *d)
{
    d->atapi.locked = d->atapi.packet[4] & PREVENT;
    atapi_good(d);
}

/* A disc that comes in again is reported as any new one. */
static void move_tray(struct ide_drive *d, bool open)
{
    struct ide_atapi *a = &d->atapi;
    if (a->tray_open && !open && atapi_sectors(d)) {
        a->changed = ATAPI_CHANGED_TOLD;
        a->new_media = true;
    }
    a->tray_open = open;
}

static void start_stop(struct ide_drive *d)
{
    struct ide_atapi *a = &d->atapi;
    u8 v = a->packet[4];
    if ((v & START_STOP_POWER) == 0 && (v & START_STOP_LOEJ)) {
        if (a->locked && !(v & START_STOP_START)) {
            atapi_check(d, atapi_sectors(d) ? SENSE_NOT_READY : SENSE_ILLEGAL, ASC_REMOVAL_PREVENTED);
            return;
        }
        move_tray(d, !(v & START_STOP_START));
    }
    atapi_good(d);
}

static void read_capacity(struct ide_drive *d)
{
    put_be32(d->buffer, atapi_sectors(d) - 1);
    put_be32(d->buffer + 4, CD_SECTOR);
    atapi_send(d, 8, 8);
}

static void seek(struct ide_drive *d)
{
    if (get_be32(d->atapi.packet + OFFSET_LBA) >= atapi_sectors(d))
        atapi_check(d, SENSE_ILLEGAL, ASC_BLOCK_OUT_OF_RANGE);
    else
        atapi_good(d);
}

/* ---- reading ---- */

static void read_sectors(struct ide_drive *d, u32 lba, u32 count, u32 sector_bytes, u8 what)
{
    u32 size = atapi_sectors(d);
    if (count == 0)
        atapi_good(d);
    else if (lba >= size || count > size - lba)
        atapi_check(d, SENSE_ILLEGAL, ASC_BLOCK_OUT_OF_RANGE);
    else
        atapi_send_sectors(d, lba, count, sector_bytes, what);
}

#define USER_DATA 0x10u

static void read_10(struct ide_drive *d)
{
    const u8 *p = d->atapi.packet;
    read_sectors(d, get_be32(p + OFFSET_LBA), get_be16(p + 7), CD_SECTOR, USER_DATA);
}

static void read_12(struct ide_drive *d)
{
    const u8 *p = d->atapi.packet;
    read_sectors(d, get_be32(p + OFFSET_LBA), get_be32(p + 6), CD_SECTOR, USER_DATA);
}

/* Byte 9 of READ CD selects parts of a sector (MMC-3, table "READ CD, main channel selection"). Returns their bytes. */
static u32 part_bytes(u8 what)
{
    static const struct {
        u8 bit;
        u16 bytes;
    } part[] = { { 0x80, 12 }, { 0x20, 4 }, { 0x10, CD_SECTOR }, { 0x08, 288 } };
    u32 n = 0;
    for (size_t i = 0; i < ARRAY_LEN(part); i++)
        n += what & part[i].bit ? part[i].bytes : 0;
    return n;
}

static void read_cd_range(struct ide_drive *d, u32 lba, u32 count)
{
    const u8 *p = d->atapi.packet;
    unsigned type = (p[1] & READ_CD_TYPE) >> READ_CD_TYPE_SHIFT;
    u8 what = p[9] & READ_CD_PARTS & ~0x40u; /* sectors of mode 1 have no subheader */
    if ((type && type != READ_CD_MODE_1) || (p[9] & READ_CD_C2) || (p[10] & READ_CD_SUBCHANNEL)) {
        invalid_field(d);
        return;
    }
    u32 bytes = part_bytes(what);
    if (bytes == 0)
        count = 0;
    read_sectors(d, lba, count, bytes, what);
}

static void read_cd(struct ide_drive *d)
{
    const u8 *p = d->atapi.packet;
    read_cd_range(d, get_be32(p + OFFSET_LBA), (u32)p[6] << 16 | get_be16(p + 7));
}

static s64 from_msf(const u8 *p)
{
    return ((s64)p[0] * 60 + p[1]) * 75 + p[2] - 150;
}

static void read_cd_msf(struct ide_drive *d)
{
    const u8 *p = d->atapi.packet;
    s64 first = from_msf(p + 3), end = from_msf(p + 6);
    if (first < 0 || end < first)
        invalid_field(d);
    else
        read_cd_range(d, (u32)first, (u32)(end - first));
}

/* ---- the table ---- */

struct atapi_command {
    void (*run)(struct ide_drive *d);
    u8 flags;
};

static const struct atapi_command commands[256] = {
    [0x00] = { nothing, READY | WITHOUT_DATA }, /* TEST UNIT READY */
    [0x03] = { request_sense, ANY_TIME },
    [0x12] = { atapi_inquiry, ANY_TIME },
    [0x1b] = { start_stop, WITHOUT_DATA },
    [0x1e] = { prevent_allow, WITHOUT_DATA },
    [0x25] = { read_capacity, READY },
    [0x28] = { read_10, READY },
    [0x2b] = { seek, READY | WITHOUT_DATA },
    [0x43] = { atapi_read_toc, READY },
    [0x46] = { atapi_get_configuration, ANY_TIME },
    [0x4a] = { atapi_get_event_status, ANY_TIME },
    [0x51] = { atapi_read_disc_information, READY },
    [0x52] = { atapi_read_track_information, READY },
    [0x5a] = { atapi_mode_sense, 0 },
    [0xa8] = { read_12, READY },
    [0xad] = { atapi_read_dvd_structure, READY },
    [0xb9] = { read_cd_msf, READY | WITHOUT_DATA },
    [0xbb] = { nothing, WITHOUT_DATA }, /* SET CD SPEED */
    [0xbd] = { atapi_mechanism_status, 0 },
    [0xbe] = { read_cd, READY | WITHOUT_DATA },
};

/* A disc that was changed is told in two steps, so that drivers that only poll see it go and come. True: the command
 * has failed by that. */
static bool report_change(struct ide_drive *d)
{
    struct ide_atapi *a = &d->atapi;
    if (a->changed == ATAPI_SAME || !atapi_ready(d))
        return false;
    if (a->changed == ATAPI_CHANGED) {
        a->changed = ATAPI_CHANGED_TOLD;
        atapi_check(d, SENSE_NOT_READY, ASC_NO_MEDIUM);
    } else {
        a->changed = ATAPI_SAME;
        atapi_check(d, SENSE_ATTENTION, ASC_MEDIUM_CHANGED);
    }
    return true;
}

static void refuse(struct ide_drive *d)
{
    u8 code = d->atapi.packet[0];
    log_unimp(d->channel->log, WHO, "packet command %02x: invalid command", code);
    atapi_check(d, SENSE_ILLEGAL, ASC_INVALID_COMMAND);
}

void atapi_execute(struct ide_drive *d)
{
    struct ide_atapi *a = &d->atapi;
    const struct atapi_command *c = &commands[a->packet[0]];
    d->power = IDE_ACTIVE;
    if (!c->run)
        refuse(d);
    else if (!(c->flags & ANY_TIME) && report_change(d))
        return;
    else if ((c->flags & READY) && !atapi_ready(d))
        atapi_check(d, SENSE_NOT_READY, ASC_NO_MEDIUM);
    else if (!(c->flags & WITHOUT_DATA) && !a->dma && a->limit == 0)
        ide_disk_fail(d, IDE_ABRT); /* ATA/ATAPI-6, 8.23.5: an error of the ATA command, not of the packet */
    else
        c->run(d);
}
