/* ide_smart.c: the SMART feature set, ATA/ATAPI-6 section 8.55: a healthy disk with the attributes that QEMU's shows,
 * and no errors. Not modelled: self-tests run in no time and find nothing; attribute values are never saved, as they
 * never change. */
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
#define STRUCTURE_REVISION 0x0001
#define POWER_ON_HOURS 9
#define OFFLINE_SECONDS 0x0120
#define LOG_ERRORS 0x01
#define LOG_SELF_TESTS 0x06
#define SELF_TEST_LONG 2
#define NS_PER_HOUR (3600 * NS_PER_SEC)

/* Those of QEMU's disk, with its values. */
static const struct smart_attribute {
    u8 id, flags; /* bit 0 pre-failure, bit 1 collected online */
    u8 value;     /* present and worst */
    u8 raw[6];
    u8 threshold;
} attributes[] = {
    { 1, 3, 100, { 0 }, 6 },                     /* raw read error rate */
    { 3, 3, 100, { 16 }, 0 },                    /* spin-up time */
    { 4, 2, 100, { 100 }, 20 },                  /* starts and stops */
    { 5, 3, 100, { 0 }, 36 },                    /* reallocated sectors */
    { POWER_ON_HOURS, 3, 100, { 1 }, 0 },        /* and what has passed since power-on */
    { 12, 3, 100, { 0 }, 0 },                    /* power cycles */
    { 190, 3, 69, { 31, 0, 31, 31, 0, 0 }, 50 }, /* temperature: 31 degrees, lowest and highest so far */
};

static void put_checksum(u8 *b)
{
    u8 sum = 0;
    for (unsigned i = 0; i < BLOCK_SECTOR - 1; i++)
        sum = (u8)(sum + b[i]);
    b[BLOCK_SECTOR - 1] = (u8)(0u - sum);
}

static u32 hours(const struct ide_drive *d)
{
    return (u32)(clock_now(d->channel->clock) / NS_PER_HOUR);
}

/* One of 12 bytes from byte 2 on. */
static void put_attribute(const struct ide_drive *d, const struct smart_attribute *from, u8 *to)
{
    to[0] = from->id;
    put_le16(to + 1, from->flags);
    to[3] = to[4] = from->value;
    memcpy(to + 5, from->raw, sizeof(from->raw));
    if (from->id == POWER_ON_HOURS)
        put_le32(to + 5, from->raw[0] + hours(d));
}

/* Device SMART data structure. */
static void fill_data(struct ide_drive *d)
{
    u8 *b = d->buffer;
    put_le16(b, STRUCTURE_REVISION);
    for (size_t i = 0; i < ARRAY_LEN(attributes); i++)
        put_attribute(d, &attributes[i], b + 2 + 12 * i);
    b[362] = (u8)(0x02 | (d->smart_autosave ? 0x80 : 0)); /* off-line collection was completed; by itself */
    put_le16(b + 364, OFFLINE_SECONDS);
    b[367] = BIT(4) | BIT(3) | BIT(0); /* self-test, surface scan, EXECUTE OFF-LINE IMMEDIATE */
    put_le16(b + 368, 0x0003);         /* saves before power down, autosave */
    b[370] = 0x01;                     /* error log */
    b[372] = 2;                        /* minutes of a short self-test… */
    b[373] = 54;                       /* …and of a long one */
    b[374] = 1;
}

static void fill_thresholds(struct ide_drive *d)
{
    put_le16(d->buffer, STRUCTURE_REVISION);
    for (size_t i = 0; i < ARRAY_LEN(attributes); i++) {
        d->buffer[2 + 12 * i] = attributes[i].id;
        d->buffer[3 + 12 * i] = attributes[i].threshold;
    }
}

/* 24 bytes an entry: number, outcome (none failed), hours of life. */
static void fill_self_test_log(struct ide_drive *d)
{
    d->buffer[0] = 1;
    for (unsigned i = 0; i < d->self_tests && i < IDE_SELF_TESTS; i++) {
        u8 *entry = d->buffer + 2 + 24 * (size_t)i;
        entry[0] = d->self_test[i];
        put_le16(entry + 2, 1);
    }
    d->buffer[508] = d->self_tests;
}

/* Summary error log, self-test log. */
static bool fill_log(struct ide_drive *d, u8 address)
{
    if (address == LOG_ERRORS)
        d->buffer[0] = 1;
    else if (address == LOG_SELF_TESTS)
        fill_self_test_log(d);
    else
        return false;
    put_checksum(d->buffer);
    return true;
}

/* EXECUTE OFF-LINE IMMEDIATE: data collection, short and long self-test, all done at once. */
static bool self_test(struct ide_drive *d)
{
    u8 number = d->task[0][IDE_LBA_LOW];
    if (number > SELF_TEST_LONG)
        return false;
    if (d->self_tests >= IDE_SELF_TESTS)
        d->self_tests = 0;
    d->self_test[d->self_tests++] = number;
    return true;
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
    case SMART_OFFLINE:
        return self_test(d);
    case SMART_SAVE:
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
