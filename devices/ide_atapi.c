/* ide_atapi.c: a CD-ROM drive as a packet device: the PACKET command, its data in bursts through the data port or by
 * the bus master, sense data, the tray. ATA/ATAPI-6 (T13/1410D) sections 8.23 and 9.9 to 9.11; SFF-8020i. The commands
 * in the packets are in ide_atapi_cmd.c and ide_atapi_info.c. Not modelled: packets that send data to the drive (MODE
 * SELECT); overlap and queueing; rotation and seek times. */
#include "ide.h"

/* Interrupt reason, in the sector count register. */
#define REASON_CD 0x01u /* command, not data */
#define REASON_IO 0x02u /* to the host */

/* PACKET: features. */
#define PACKET_DMA 0x01u
#define PACKET_OVERLAP 0x02u

#define ERROR_SENSE_SHIFT 4
#define LIMIT_MAX 0xfffeu

#define ATA_SECTORS_PER_CD_SECTOR (CD_SECTOR / BLOCK_SECTOR)
#define BCD(n) ((u8)((n) / 10 << 4 | (n) % 10))
#define FRAMES_PER_SECOND 75u
#define LEAD_IN_FRAMES 150u
#define MODE_1 1

/* READ CD, byte 9. */
#define WHAT_SYNC 0x80u
#define WHAT_HEADER 0x20u
#define WHAT_DATA 0x10u
#define WHAT_EDC 0x08u
#define SYNC_BYTES 12u
#define HEADER_BYTES 4u
#define EDC_BYTES (CD_RAW_SECTOR - CD_SECTOR - SYNC_BYTES - HEADER_BYTES)

static const struct block_backend no_disc = { 0 };

/* ---- the disc ---- */

u32 atapi_sectors(const struct ide_drive *d)
{
    u64 n = d->disk->sectors / ATA_SECTORS_PER_CD_SECTOR;
    return n > UINT32_MAX ? UINT32_MAX : (u32)n;
}

bool atapi_ready(const struct ide_drive *d)
{
    return !d->atapi.tray_open && atapi_sectors(d) != 0;
}

void atapi_eject_button(struct ide_drive *d)
{
    d->atapi.eject_requested = true;
}

void atapi_change_disc(struct ide_drive *d, const struct block_backend *disc)
{
    d->disk = disc ? disc : &no_disc;
    d->atapi.tray_open = disc == NULL;
    d->atapi.changed = disc ? ATAPI_CHANGED : ATAPI_SAME;
    d->atapi.new_media = disc != NULL;
    d->atapi.eject_requested = false;
}

/* An open tray stays open. */
void atapi_power_on(struct ide_drive *d)
{
    d->atapi = (struct ide_atapi){ .tray_open = d->atapi.tray_open };
}

/* ---- how a packet ends ---- */

static void put_count(struct ide_drive *d, u32 bytes)
{
    d->task[0][IDE_LBA_MID] = (u8)bytes;
    d->task[0][IDE_LBA_HIGH] = (u8)(bytes >> 8);
}

static void set_sense(struct ide_drive *d, enum atapi_sense key, u8 asc)
{
    d->atapi.sense_key = (u8)key;
    d->atapi.asc = asc;
    d->atapi.ascq = 0;
}

void atapi_good(struct ide_drive *d)
{
    d->task[0][IDE_COUNT] = REASON_IO | REASON_CD;
    set_sense(d, SENSE_NONE, 0);
    ide_disk_done(d);
}

void atapi_check(struct ide_drive *d, enum atapi_sense key, u8 asc)
{
    d->task[0][IDE_COUNT] = REASON_IO | REASON_CD;
    set_sense(d, key, asc);
    ide_disk_fail(d, (unsigned)key << ERROR_SENSE_SHIFT | (key == SENSE_ILLEGAL ? IDE_ABRT : 0));
}

/* ---- sectors ---- */

static u8 *put_header(u8 *to, u32 lba)
{
    u32 frame = lba + LEAD_IN_FRAMES;
    to[0] = BCD(frame / FRAMES_PER_SECOND / 60 % 100);
    to[1] = BCD(frame / FRAMES_PER_SECOND % 60);
    to[2] = BCD(frame % FRAMES_PER_SECOND);
    to[3] = MODE_1;
    return to + HEADER_BYTES;
}

static u8 *put_sync(u8 *to)
{
    memset(to, 0xff, SYNC_BYTES);
    to[0] = to[SYNC_BYTES - 1] = 0;
    return to + SYNC_BYTES;
}

/* The parts of a sector that READ CD selects, in the order in which they stand on the disc; error correction is not in
 * an image, and reads as zeros. */
static void put_parts(u8 *to, const u8 *data, u32 lba, u8 what)
{
    if (what & WHAT_SYNC)
        to = put_sync(to);
    if (what & WHAT_HEADER)
        to = put_header(to, lba);
    if (what & WHAT_DATA) {
        memcpy(to, data, CD_SECTOR);
        to += CD_SECTOR;
    }
    if (what & WHAT_EDC)
        memset(to, 0, EDC_BYTES);
}

static bool read_disc(struct ide_drive *d, u64 lba, u8 *to, u32 sectors)
{
    return d->disk->read(d->disk->self, lba * ATA_SECTORS_PER_CD_SECTOR, to, sectors * ATA_SECTORS_PER_CD_SECTOR);
}

/* Fills the buffer with the sectors that come next. False: the packet has failed. */
static bool fetch(struct ide_drive *d)
{
    struct ide_atapi *a = &d->atapi;
    u32 n = IDE_BUFFER / a->sector_bytes;
    u8 data[CD_SECTOR];
    if (n > d->remaining)
        n = d->remaining;
    if (!atapi_ready(d) || d->lba + n > atapi_sectors(d)) {
        atapi_check(d, SENSE_NOT_READY, ASC_NO_MEDIUM); /* taken out meanwhile */
        return false;
    }
    bool good = a->read_what != WHAT_DATA || read_disc(d, d->lba, d->buffer, n);
    for (u32 i = 0; good && a->read_what != WHAT_DATA && i < n; i++) {
        good = read_disc(d, d->lba + i, data, 1);
        put_parts(d->buffer + (size_t)i * a->sector_bytes, data, (u32)d->lba + i, a->read_what);
    }
    if (!good) {
        atapi_check(d, SENSE_MEDIUM_ERROR, ASC_READ_ERROR);
        return false;
    }
    d->lba += n;
    d->remaining -= n;
    d->pos = 0;
    d->len = n * a->sector_bytes;
    return true;
}

/* ---- bursts ---- */

/* An even number, unless it is the end of the data; nothing at a limit that the host left at zero. */
static u32 burst_bytes(const struct ide_drive *d)
{
    u32 left = d->len - d->pos, limit = d->atapi.limit & ~1u;
    return left <= d->atapi.limit ? left : limit ? limit : 2;
}

static void offer_burst(struct ide_drive *d)
{
    u32 n = burst_bytes(d);
    d->atapi.burst_end = d->pos + n;
    d->task[0][IDE_COUNT] = REASON_IO;
    put_count(d, n);
    d->phase = IDE_PACKET_IN;
    d->status = IDE_READY | IDE_DRQ;
    d->intrq = true;
    ide_update_irq(d->channel);
}

static bool all_sent(const struct ide_drive *d)
{
    return d->pos >= d->len && d->remaining == 0;
}

static void next_burst(struct ide_drive *d)
{
    if (all_sent(d))
        atapi_good(d);
    else if (d->pos < d->len || fetch(d))
        offer_burst(d);
}

/* Up to one buffer's worth by the bus master, then time passes; it waits where the descriptors end or none run. */
static void dma_step(struct ide_drive *d)
{
    if (all_sent(d)) {
        atapi_good(d);
        return;
    }
    if (!ide_bmdma_running(d->channel) || (d->pos >= d->len && !fetch(d)))
        return;
    d->pos += ide_bmdma_move(d->channel, d->buffer + d->pos, d->len - d->pos, true);
    if (d->pos >= d->len)
        ide_disk_busy(d, IDE_DMA_IN, IDE_BLOCK_NS);
}

static void start_data(struct ide_drive *d)
{
    if (d->atapi.dma)
        ide_disk_busy(d, IDE_DMA_IN, IDE_BLOCK_NS);
    else
        next_burst(d);
}

void atapi_send(struct ide_drive *d, u32 len, u32 allocation)
{
    d->atapi.sector_bytes = 0;
    d->remaining = 0;
    d->pos = 0;
    d->len = len < allocation ? len : allocation;
    start_data(d);
}

void atapi_send_sectors(struct ide_drive *d, u32 lba, u32 count, u32 sector_bytes, u8 what)
{
    d->atapi.sector_bytes = sector_bytes;
    d->atapi.read_what = what;
    d->lba = lba;
    d->remaining = count;
    d->pos = d->len = 0;
    start_data(d);
}

/* ---- the data port ---- */

u16 atapi_data_read(struct ide_drive *d)
{
    u16 word = 0;
    if (d->pos >= d->atapi.burst_end)
        return 0;
    word = d->buffer[d->pos++ % IDE_BUFFER];
    if (d->pos < d->atapi.burst_end)
        word |= (u16)(d->buffer[d->pos++ % IDE_BUFFER] << 8);
    if (d->pos >= d->atapi.burst_end)
        ide_disk_busy(d, IDE_PACKET_NEXT, IDE_BLOCK_NS);
    return word;
}

void atapi_data_write(struct ide_drive *d, u16 word)
{
    struct ide_atapi *a = &d->atapi;
    if (d->pos + 2 > ATAPI_PACKET)
        return;
    put_le16(a->packet + d->pos, word);
    d->pos += 2;
    if (d->pos == ATAPI_PACKET)
        ide_disk_busy(d, IDE_PACKET_RUN, IDE_COMMAND_NS);
}

/* ---- steps ---- */

/* No interrupt asks for the packet (IDENTIFY PACKET DEVICE, word 0). */
void atapi_packet_command(struct ide_drive *d)
{
    struct ide_atapi *a = &d->atapi;
    u8 features = d->task[0][IDE_FEATURES];
    if (features & PACKET_OVERLAP) {
        ide_disk_fail(d, IDE_ABRT);
        return;
    }
    a->dma = features & PACKET_DMA;
    a->limit = (u32)d->task[0][IDE_LBA_HIGH] << 8 | d->task[0][IDE_LBA_MID];
    if (a->limit > LIMIT_MAX)
        a->limit = LIMIT_MAX;
    memset(a->packet, 0, sizeof(a->packet));
    d->task[0][IDE_COUNT] = REASON_CD;
    d->pos = d->len = d->remaining = 0;
    d->phase = IDE_PACKET;
    d->status = IDE_READY | IDE_DRQ;
}

void atapi_step(struct ide_drive *d)
{
    switch (d->phase) {
    case IDE_PACKET_RUN:
        atapi_execute(d);
        break;
    case IDE_PACKET_NEXT:
        next_burst(d);
        break;
    case IDE_DMA_IN:
        dma_step(d);
        break;
    default:
        break;
    }
}

const struct state_field ide_atapi_fields[] = {
    STATE_BYTES(struct ide_atapi, packet),
    STATE(struct ide_atapi, sense_key),
    STATE(struct ide_atapi, asc),
    STATE(struct ide_atapi, ascq),
    STATE(struct ide_atapi, dma),
    STATE_MAX(struct ide_atapi, limit, LIMIT_MAX),
    STATE_MAX(struct ide_atapi, burst_end, IDE_BUFFER),
    STATE_MAX(struct ide_atapi, sector_bytes, CD_RAW_SECTOR),
    STATE(struct ide_atapi, read_what),
    STATE(struct ide_atapi, tray_open),
    STATE(struct ide_atapi, locked),
    STATE_MAX(struct ide_atapi, changed, ATAPI_CHANGED_MAX),
    STATE(struct ide_atapi, new_media),
    STATE(struct ide_atapi, eject_requested),
    STATE_END,
};
