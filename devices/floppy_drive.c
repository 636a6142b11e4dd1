/* floppy_drive.c: a floppy disk drive: where its head is, what disk is in it, and how that was formatted.
 * The formats are those that QEMU's pc knows, so that an image has the same geometry in both.
 * Not modelled: the motor's start, head load, precompensation; tracks of other formats than the disk's. */
#include "floppy_drive.h"

#define FEW_CYLINDERS 42 /* disks of up to so many are wider than the drive's steps */

static const struct block_backend no_disk = { 0 };

/* In order of preference among equal sizes. */
static const struct floppy_format formats[] = {
    /* 3 1/2 inches, high density */
    { FLOPPY_144, 18, 80, 2, FLOPPY_500K },
    { FLOPPY_144, 20, 80, 2, FLOPPY_500K },
    { FLOPPY_144, 21, 80, 2, FLOPPY_500K },
    { FLOPPY_144, 21, 82, 2, FLOPPY_500K },
    { FLOPPY_144, 21, 83, 2, FLOPPY_500K },
    { FLOPPY_144, 22, 80, 2, FLOPPY_500K },
    { FLOPPY_144, 23, 80, 2, FLOPPY_500K },
    { FLOPPY_144, 24, 80, 2, FLOPPY_500K },
    /* extra density */
    { FLOPPY_288, 36, 80, 2, FLOPPY_1M },
    { FLOPPY_288, 39, 80, 2, FLOPPY_1M },
    { FLOPPY_288, 40, 80, 2, FLOPPY_1M },
    { FLOPPY_288, 44, 80, 2, FLOPPY_1M },
    { FLOPPY_288, 48, 80, 2, FLOPPY_1M },
    /* double density */
    { FLOPPY_144, 9, 80, 2, FLOPPY_250K },
    { FLOPPY_144, 10, 80, 2, FLOPPY_250K },
    { FLOPPY_144, 10, 82, 2, FLOPPY_250K },
    { FLOPPY_144, 10, 83, 2, FLOPPY_250K },
    { FLOPPY_144, 13, 80, 2, FLOPPY_250K },
    { FLOPPY_144, 14, 80, 2, FLOPPY_250K },
    /* 5 1/4 inches, high density */
    { FLOPPY_120, 15, 80, 2, FLOPPY_500K },
    { FLOPPY_120, 18, 80, 2, FLOPPY_500K },
    { FLOPPY_120, 18, 82, 2, FLOPPY_500K },
    { FLOPPY_120, 18, 83, 2, FLOPPY_500K },
    { FLOPPY_120, 20, 80, 2, FLOPPY_500K },
    /* quadruple density */
    { FLOPPY_120, 9, 80, 2, FLOPPY_250K },
    { FLOPPY_120, 11, 80, 2, FLOPPY_250K },
    /* double density, two sides and one */
    { FLOPPY_120, 9, 40, 2, FLOPPY_300K },
    { FLOPPY_120, 9, 40, 1, FLOPPY_300K },
    { FLOPPY_120, 10, 41, 2, FLOPPY_300K },
    { FLOPPY_120, 10, 42, 2, FLOPPY_300K },
    { FLOPPY_120, 8, 40, 2, FLOPPY_250K },
    { FLOPPY_120, 8, 40, 1, FLOPPY_250K },
    /* 3 1/2 inches, one side */
    { FLOPPY_144, 9, 80, 1, FLOPPY_250K },
};

static u64 format_sectors(const struct floppy_format *f)
{
    return (u64)f->sectors * f->cylinders * f->heads;
}

/* 3 for a format of the very drive, 2 for one of a drive of the same width, 1 for any other. */
static unsigned fit(const struct floppy_format *f, enum floppy_type type)
{
    if (type == FLOPPY_NONE || f->type == type)
        return 3;
    return (f->type == FLOPPY_120) == (type == FLOPPY_120) ? 2 : 1;
}

static const struct floppy_format *find_format(u64 sectors, enum floppy_type type)
{
    const struct floppy_format *best = NULL;
    for (size_t i = 0; i < ARRAY_LEN(formats); i++)
        if (format_sectors(&formats[i]) == sectors && (!best || fit(&formats[i], type) > fit(best, type)))
            best = &formats[i];
    return best;
}

struct floppy_format floppy_format(u64 sectors, enum floppy_type type)
{
    const struct floppy_format *f = find_format(sectors, type);
    if (type == FLOPPY_NONE)
        type = FLOPPY_288;
    for (size_t i = 0; !f && i < ARRAY_LEN(formats); i++)
        if (formats[i].type == type)
            f = &formats[i];
    return *f;
}

enum floppy_type floppy_type_for(const struct block_backend *disk)
{
    if (!disk)
        return FLOPPY_NONE;
    const struct floppy_format *f = find_format(disk->sectors, FLOPPY_NONE);
    return f ? (enum floppy_type)f->type : FLOPPY_288;
}

static u8 larger(u8 a, u8 b)
{
    return a > b ? a : b;
}

struct floppy_format floppy_limits(enum floppy_type type)
{
    struct floppy_format max = { .type = (u8)type };
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        const struct floppy_format *f = &formats[i];
        if (f->type != type)
            continue;
        max.sectors = larger(max.sectors, f->sectors);
        max.cylinders = larger(max.cylinders, f->cylinders);
        max.heads = larger(max.heads, f->heads);
    }
    return max;
}

static void put_disk(struct floppy_drive *d, const struct block_backend *disk)
{
    d->disk = disk ? disk : &no_disk;
    d->format = floppy_format(d->disk->sectors, (enum floppy_type)d->type);
}

void floppy_drive_init(struct floppy_drive *d, const struct block_backend *disk)
{
    *d = (struct floppy_drive){ .type = (u8)floppy_type_for(disk) };
    put_disk(d, disk);
    floppy_drive_reset(d);
}

void floppy_drive_reset(struct floppy_drive *d)
{
    d->cylinder = 0;
    d->changed = d->type != FLOPPY_NONE;
}

void floppy_drive_change(struct floppy_drive *d, const struct block_backend *disk)
{
    put_disk(d, disk);
    d->changed = true;
    d->open = disk == NULL;
}

void floppy_drive_step(struct floppy_drive *d, int steps)
{
    int to = d->cylinder + steps;
    d->cylinder = (u8)(to < 0 ? 0 : to > FLOPPY_CYLINDER_MAX ? FLOPPY_CYLINDER_MAX : to);
    if (steps != 0 && floppy_drive_loaded(d))
        d->changed = false;
}

bool floppy_drive_over(const struct floppy_drive *d, unsigned c)
{
    return d->cylinder == c || (d->format.cylinders <= FEW_CYLINDERS && d->cylinder == 2 * c);
}

unsigned floppy_drive_track(const struct floppy_drive *d)
{
    bool beyond = d->cylinder >= d->format.cylinders && d->format.cylinders <= FEW_CYLINDERS;
    return beyond ? d->cylinder / 2 : d->cylinder;
}

const struct state_field floppy_drive_fields[] = {
    STATE_MAX(struct floppy_drive, cylinder, FLOPPY_CYLINDER_MAX),
    STATE(struct floppy_drive, changed),
    STATE(struct floppy_drive, open),
    STATE_END,
};
