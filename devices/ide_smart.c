/* ide_smart.c: the SMART feature set, ATA/ATAPI-6 section 8.55: a healthy disk that reports what it knows: hours of
 * virtual time, one power cycle, no errors.
 * Not modelled: self-tests run in no time and find nothing; attribute values are never saved, as they never change. */
#include "ide.h"

enum smart_feature {
    SMART_READ_DATA = 0xd0,
    SMART_READ_THRESHOLDS = 0xd1,
    SMART_AUTOSAVE = 0xd2,
    SMART_SAVE = 0xd3,
    SMART_OFFLINE = 0xd4,
    SMART_READ_LOG = 0xd5,
    SMART_ENABLE = 0xd8,
    SMART_DISABLE = 0xd9,
    SMART_STATUS = 0xda,
};

#define SMART_LBA_MID 0x4f
#define SMART_LBA_HIGH 0xc2
#define AUTOSAVE_ON 0xf1
#define STRUCTURE_REVISION 0x0010
#define NS_PER_HOUR (3600 * NS_PER_SEC)

static const struct {
    u8 id, threshold;
    u16 flags; /* bit 0 pre-failure, bit 1 collected online */
} attributes[] = {
    { 1, 50, 3 },  /* raw read error rate */
    { 5, 36, 3 },  /* reallocated sectors */
    { 9, 0, 2 },   /* hours in operation */
    { 12, 0, 2 },  /* power cycles */
    { 197, 0, 2 }, /* pending sectors */
    { 198, 0, 2 }, /* sectors that can't be corrected */
};

static void put_checksum(u8 *b)
{
    u8 sum = 0;
    for (unsigned i = 0; i < BLOCK_SECTOR - 1; i++)
        sum = (u8)(sum + b[i]);
    b[BLOCK_SECTOR - 1] = (u8)(0u - sum);
}

static u32 raw_value(const struct ide_drive *d, u8 id)
{
    return id == 9 ? (u32)(clock_now(d->channel->clock) / NS_PER_HOUR) : id == 12 ? 1 : 0;
}

/* Device SMART data structure: 12 bytes an attribute from byte 2, then capabilities. */
static void fill_data(struct ide_drive *d)
{
    u8 *b = d->buffer;
    put_le16(b, STRUCTURE_REVISION);
    for (unsigned i = 0; i < ARRAY_LEN(attributes); i++) {
        u8 *a = b + 2 + 12 * (size_t)i;
        a[0] = attributes[i].id;
        put_le16(a + 1, attributes[i].flags);
        a[3] = a[4] = 100; /* present and worst */
        put_le32(a + 5, raw_value(d, attributes[i].id));
    }
    b[362] = 0x02;             /* off-line collection was completed */
    b[367] = 0x01 | 0x10;      /* EXECUTE OFF-LINE IMMEDIATE, self-test */
    put_le16(b + 368, 0x0003); /* saves before power down, autosave */
    b[370] = 0x01;             /* error log */
    b[372] = b[373] = 1;       /* minutes a self-test takes */
}

static void fill_thresholds(struct ide_drive *d)
{
    put_le16(d->buffer, STRUCTURE_REVISION);
    for (unsigned i = 0; i < ARRAY_LEN(attributes); i++) {
        d->buffer[2 + 12 * i] = attributes[i].id;
        d->buffer[3 + 12 * i] = attributes[i].threshold;
    }
}

/* Log directory, summary error log, self-test log: all empty. */
static bool fill_log(struct ide_drive *d, u8 address)
{
    switch (address) {
    case 0x00:
        d->buffer[0] = 1;
        d->buffer[2 * 0x01] = 1;
        d->buffer[2 * 0x06] = 1;
        return true;
    case 0x01:
        d->buffer[0] = 1;
        put_checksum(d->buffer);
        return true;
    case 0x06:
        d->buffer[0] = 1;
        put_checksum(d->buffer);
        return true;
    default:
        return false;
    }
}

/* True: the buffer is filled. */
static bool fill(struct ide_drive *d, u8 feature)
{
    memset(d->buffer, 0, BLOCK_SECTOR);
    switch (feature) {
    case SMART_READ_DATA:
        fill_data(d);
        put_checksum(d->buffer);
        return true;
    case SMART_READ_THRESHOLDS:
        fill_thresholds(d);
        put_checksum(d->buffer);
        return true;
    case SMART_READ_LOG:
        return d->task[0][IDE_COUNT] == 1 && fill_log(d, d->task[0][IDE_LBA_LOW]);
    default:
        return false;
    }
}

/* True: done, without data. */
static bool control(struct ide_drive *d, u8 feature)
{
    switch (feature) {
    case SMART_ENABLE:
        d->smart = true;
        return true;
    case SMART_DISABLE:
        d->smart = false;
        return true;
    case SMART_AUTOSAVE:
        d->smart_autosave = d->task[0][IDE_COUNT] == AUTOSAVE_ON;
        return true;
    case SMART_SAVE:
    case SMART_OFFLINE:
    case SMART_STATUS:
        return true; /* LBA mid and high stay 4F, C2: no threshold exceeded */
    default:
        return false;
    }
}

static bool allowed(const struct ide_drive *d, u8 feature)
{
    const u8 *t = d->task[0];
    return t[IDE_LBA_MID] == SMART_LBA_MID && t[IDE_LBA_HIGH] == SMART_LBA_HIGH &&
           (d->smart || feature == SMART_ENABLE);
}

void ide_smart_command(struct ide_drive *d)
{
    u8 feature = d->task[0][IDE_FEATURES];
    if (!allowed(d, feature)) {
        ide_disk_fail(d, IDE_ABRT);
    } else if (fill(d, feature)) {
        d->remaining = 0;
        ide_transfer_send(d, BLOCK_SECTOR);
    } else if (control(d, feature)) {
        ide_disk_done(d);
    } else {
        log_unimp(d->channel->log, d->channel->index ? "ide1" : "ide0", "SMART subcommand %02x: aborted", feature);
        ide_disk_fail(d, IDE_ABRT);
    }
}
