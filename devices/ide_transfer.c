/* ide_transfer.c: READ, WRITE and VERIFY of a hard disk: addresses (CHS, LBA28, LBA48), blocks through the data port
 * (PIO protocols, ATA/ATAPI-6 sections 9.5 to 9.7) and through the bus master (section 9.8).
 * A transfer that leaves the disk moves the sectors that exist and then fails with IDNF at the first that doesn't. */
#include "ide.h"

#define LBA28_MAX 0x0fffffffu
#define COUNT28_MAX 256u
#define COUNT48_MAX 65536u
#define LBA48_MASK (((u64)1 << 48) - 1)

/* ---- addresses ---- */

static u64 lba48(const struct ide_drive *d)
{
    u64 v = 0;
    for (int hob = 1; hob >= 0; hob--)
        for (unsigned r = IDE_LBA_HIGH; r >= IDE_LBA_LOW; r--)
            v = v << 8 | d->task[hob][r];
    return v;
}

static u32 lba28(const struct ide_drive *d)
{
    const u8 *t = d->task[0];
    return (u32)(d->device & IDE_DEVICE_HEAD) << 24 | (u32)t[IDE_LBA_HIGH] << 16 | (u32)t[IDE_LBA_MID] << 8 |
           t[IDE_LBA_LOW];
}

static bool chs(const struct ide_drive *d, u64 *lba)
{
    const u8 *t = d->task[0];
    u32 cylinder = (u32)t[IDE_LBA_HIGH] << 8 | t[IDE_LBA_MID], head = d->device & IDE_DEVICE_HEAD;
    u32 sector = t[IDE_LBA_LOW];
    if (sector == 0 || sector > d->sectors || head >= d->heads)
        return false;
    *lba = ((u64)cylinder * d->heads + head) * d->sectors + (sector - 1);
    return true;
}

static u32 sector_count(const struct ide_drive *d, bool ext)
{
    u32 n = d->task[0][IDE_COUNT];
    if (!ext)
        return n ? n : COUNT28_MAX;
    n |= (u32)d->task[1][IDE_COUNT] << 8;
    return n ? n : COUNT48_MAX;
}

static bool on_disk(const struct ide_drive *d, u64 lba, u32 count)
{
    return count != 0 && lba < d->disk->sectors && count <= d->disk->sectors - lba;
}

bool ide_transfer_address(struct ide_drive *d, bool ext, u64 *lba, u32 *count)
{
    bool is_lba = d->device & IDE_DEVICE_LBA, good = true;
    *count = sector_count(d, ext);
    if (ext && !is_lba) {
        ide_disk_fail(d, IDE_ABRT);
        return false;
    }
    if (is_lba)
        *lba = ext ? lba48(d) : lba28(d);
    else
        good = chs(d, lba);
    if (!good || !on_disk(d, *lba, 1)) {
        ide_disk_fail(d, IDE_IDNF);
        return false;
    }
    return true;
}

static void put_low24(u8 *task, u64 v)
{
    task[IDE_LBA_LOW] = (u8)v;
    task[IDE_LBA_MID] = (u8)(v >> 8);
    task[IDE_LBA_HIGH] = (u8)(v >> 16);
}

static void put_chs(struct ide_drive *d, u64 lba)
{
    if (d->heads == 0 || d->sectors == 0)
        return;
    u32 per_cylinder = (u32)d->heads * d->sectors, in_cylinder = (u32)(lba % per_cylinder);
    u64 cylinder = lba / per_cylinder;
    put_low24(d->task[0], (cylinder & 0xffff) << 8 | (in_cylinder % d->sectors + 1));
    d->device = (u8)((d->device & ~IDE_DEVICE_HEAD) | ((in_cylinder / d->sectors) & IDE_DEVICE_HEAD));
}

void ide_transfer_put_address(struct ide_drive *d, u64 lba, bool ext)
{
    if (!(d->device & IDE_DEVICE_LBA)) {
        put_chs(d, lba);
        return;
    }
    put_low24(d->task[0], lba);
    if (ext)
        put_low24(d->task[1], lba >> 24);
    else
        d->device = (u8)((d->device & ~IDE_DEVICE_HEAD) | (lba >> 24 & IDE_DEVICE_HEAD));
}

/* ---- blocks ---- */

static u32 block_sectors(const struct ide_drive *d)
{
    if (d->transfer & (IDE_T_DMA | IDE_T_VERIFY))
        return IDE_MULTIPLE_MAX;
    return (d->transfer & IDE_T_MULTIPLE) && d->multiple ? d->multiple : 1;
}

/* Takes the next block out of what remains. Returns its sectors, of which all exist; 0: the next one doesn't. */
static u32 next_block(struct ide_drive *d)
{
    u64 exist = d->lba < d->disk->sectors ? d->disk->sectors - d->lba : 0;
    if ((d->transfer & IDE_T_TRIM) && d->phase == IDE_DMA_OUT)
        exist = UINT64_MAX; /* of a list */
    u32 n = block_sectors(d);
    if (n > d->remaining)
        n = d->remaining;
    if (n > exist)
        n = (u32)exist;
    d->remaining -= n;
    d->pos = 0;
    d->len = n * BLOCK_SECTOR;
    return n;
}

/* The task file names the last sector transferred and how many are left. */
static void advance(struct ide_drive *d, u32 sectors)
{
    d->lba += sectors;
    ide_transfer_put_address(d, d->lba - 1, d->transfer & IDE_T_EXT);
    d->task[0][IDE_COUNT] = (u8)d->remaining;
    if (d->transfer & IDE_T_EXT)
        d->task[1][IDE_COUNT] = (u8)(d->remaining >> 8);
}

static void fail_at(struct ide_drive *d, unsigned error)
{
    ide_transfer_put_address(d, d->lba, d->transfer & IDE_T_EXT);
    ide_disk_fail(d, error);
}

/* Disk to buffer. False: the command has failed. */
static bool fetch_block(struct ide_drive *d)
{
    u32 n = next_block(d);
    if (n == 0) {
        fail_at(d, IDE_IDNF);
        return false;
    }
    if (!d->disk->read(d->disk->self, d->lba, d->buffer, n)) {
        fail_at(d, IDE_UNC);
        return false;
    }
    advance(d, n);
    return true;
}

/* Ranges that need not be kept: 48 bits of address, 16 of length. They are kept all the same, and only checked. False:
 * the command has failed. */
static bool check_ranges(struct ide_drive *d)
{
    for (u32 at = 0; at + 8 <= d->len; at += 8) {
        u64 range = get_le64(d->buffer + at), first = range & LBA48_MASK;
        u32 count = (u32)(range >> 48);
        if (count && !on_disk(d, first, count)) {
            ide_disk_fail(d, IDE_ABRT);
            return false;
        }
    }
    d->pos = d->len = 0;
    return true;
}

/* Buffer to disk. False: the command has failed. */
static bool store_block(struct ide_drive *d)
{
    u32 n = d->len / BLOCK_SECTOR;
    if (d->transfer & IDE_T_TRIM)
        return check_ranges(d);
    if (d->disk->read_only) {
        fail_at(d, IDE_ABRT);
        return false;
    }
    if (!on_disk(d, d->lba, n)) {
        fail_at(d, IDE_IDNF);
        return false;
    }
    if (!d->disk->write(d->disk->self, d->lba, d->buffer, n)) {
        fail_at(d, IDE_ABRT);
        d->status |= IDE_DF;
        return false;
    }
    advance(d, n);
    d->pos = d->len = 0;
    return true;
}

/* ---- data port ---- */

void ide_transfer_send(struct ide_drive *d, u32 len)
{
    d->pos = 0;
    d->len = len;
    d->phase = IDE_PIO_IN;
    d->status = IDE_READY | IDE_DRQ;
    d->intrq = true;
    ide_update_irq(d->channel);
}

/* False: the command has failed. */
static bool receive_block(struct ide_drive *d)
{
    if (next_block(d) == 0) {
        fail_at(d, IDE_IDNF);
        return false;
    }
    d->phase = IDE_PIO_OUT;
    d->status = IDE_READY | IDE_DRQ;
    return true;
}

/* The host has taken a whole block. The last one ends the command, without an interrupt (section 9.5). */
static void block_taken(struct ide_drive *d)
{
    if (d->remaining) {
        ide_disk_busy(d, IDE_NEXT_IN, IDE_BLOCK_NS);
        return;
    }
    d->phase = IDE_IDLE;
    d->status = IDE_READY;
}

u16 ide_data_read(struct ide_drive *d)
{
    if (d->phase == IDE_PACKET_IN)
        return atapi_data_read(d);
    if (d->phase != IDE_PIO_IN || d->pos + 2 > d->len)
        return 0;
    u16 word = get_le16(d->buffer + d->pos);
    d->pos += 2;
    if (d->pos + 2 > d->len)
        block_taken(d);
    return word;
}

void ide_data_write(struct ide_drive *d, u16 word)
{
    if (d->phase == IDE_PACKET)
        atapi_data_write(d, word);
    if (d->phase != IDE_PIO_OUT || d->pos + 2 > d->len)
        return;
    put_le16(d->buffer + d->pos, word);
    d->pos += 2;
    if (d->pos + 2 > d->len)
        ide_disk_busy(d, IDE_WRITE_BACK, IDE_BLOCK_NS);
}

static void next_in_step(struct ide_drive *d)
{
    if (fetch_block(d))
        ide_transfer_send(d, d->len);
}

static void write_back_step(struct ide_drive *d)
{
    if (!store_block(d))
        return;
    if (d->remaining == 0) {
        ide_disk_done(d);
        return;
    }
    if (!receive_block(d))
        return;
    d->intrq = true;
    ide_update_irq(d->channel);
}

/* ---- bus master ---- */

static bool finished(const struct ide_drive *d)
{
    return d->remaining == 0 && d->pos >= d->len;
}

/* One piece of a transfer; false: nothing more to do in this step (done, failed, or the bus master is not running). */
static bool dma_in_block(struct ide_drive *d)
{
    if (finished(d)) {
        ide_disk_done(d);
        return false;
    }
    if (!ide_bmdma_running(d->channel) || (d->pos >= d->len && !fetch_block(d)))
        return false;
    d->pos += ide_bmdma_move(d->channel, d->buffer + d->pos, d->len - d->pos, true);
    return d->pos >= d->len;
}

static bool dma_out_block(struct ide_drive *d)
{
    if (d->pos >= d->len && d->len && !store_block(d))
        return false;
    if (finished(d)) {
        ide_disk_done(d);
        return false;
    }
    if (!ide_bmdma_running(d->channel))
        return false;
    if (d->pos >= d->len && next_block(d) == 0) {
        fail_at(d, IDE_IDNF);
        return false;
    }
    d->pos += ide_bmdma_move(d->channel, d->buffer + d->pos, d->len - d->pos, false);
    return d->pos >= d->len;
}

/* A verified block is a read whose data nobody takes. */
static bool verify_block(struct ide_drive *d)
{
    d->pos = d->len;
    if (finished(d)) {
        ide_disk_done(d);
        return false;
    }
    return fetch_block(d);
}

static void run_blocks(struct ide_drive *d, bool (*block)(struct ide_drive *d))
{
    for (unsigned n = 0; n < IDE_STEP_SECTORS; n += IDE_MULTIPLE_MAX)
        if (!block(d))
            return;
    ide_disk_busy(d, (enum ide_phase)d->phase, IDE_BLOCK_NS);
}

void ide_transfer_step(struct ide_drive *d)
{
    switch (d->phase) {
    case IDE_NEXT_IN:
        next_in_step(d);
        break;
    case IDE_WRITE_BACK:
        write_back_step(d);
        break;
    case IDE_DMA_IN:
        run_blocks(d, dma_in_block);
        break;
    case IDE_DMA_OUT:
        run_blocks(d, dma_out_block);
        break;
    case IDE_VERIFY:
        run_blocks(d, verify_block);
        break;
    default:
        break;
    }
}

/* ---- start ---- */

static enum ide_phase first_phase(unsigned flags)
{
    if (flags & IDE_T_VERIFY)
        return IDE_VERIFY;
    if (flags & IDE_T_DMA)
        return flags & IDE_T_WRITE ? IDE_DMA_OUT : IDE_DMA_IN;
    return flags & IDE_T_WRITE ? IDE_PIO_OUT : IDE_NEXT_IN;
}

void ide_transfer_trim(struct ide_drive *d)
{
    if (d->disk->read_only) {
        ide_disk_fail(d, IDE_ABRT);
        return;
    }
    d->transfer = IDE_T_EXT | IDE_T_DMA | IDE_T_WRITE | IDE_T_TRIM;
    d->lba = 0;
    d->remaining = sector_count(d, true);
    d->pos = d->len = 0;
    d->phase = IDE_DMA_OUT;
    ide_transfer_step(d);
}

void ide_transfer_start(struct ide_drive *d, unsigned flags)
{
    u64 lba;
    u32 count;
    if (((flags & IDE_T_MULTIPLE) && d->multiple == 0) || ((flags & IDE_T_WRITE) && d->disk->read_only)) {
        ide_disk_fail(d, IDE_ABRT);
        return;
    }
    if (!ide_transfer_address(d, flags & IDE_T_EXT, &lba, &count))
        return;
    d->transfer = (u8)flags;
    d->lba = lba;
    d->remaining = count;
    d->pos = d->len = 0;
    d->phase = (u8)first_phase(flags);
    if (d->phase == IDE_PIO_OUT)
        receive_block(d);
    else
        ide_transfer_step(d);
}
