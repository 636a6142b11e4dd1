/* floppy_drive.h: a floppy disk drive on the controller's cable, and the disk in it: a raw image whose size tells its
 * geometry. */
#ifndef PCEMU_FLOPPY_DRIVE_H
#define PCEMU_FLOPPY_DRIVE_H

#include "backend.h"
#include "state.h"

/* Kinds of drives, numbered as in the PC's CMOS memory. */
enum floppy_type { FLOPPY_NONE = 0, FLOPPY_120 = 2, FLOPPY_144 = 4, FLOPPY_288 = 5 };

/* Data rates, as the controller's DSR and CCR code them. */
enum floppy_rate { FLOPPY_500K, FLOPPY_300K, FLOPPY_250K, FLOPPY_1M };

struct floppy_format {
    u8 type; /* enum floppy_type: the drive that it was made for */
    u8 sectors, cylinders, heads;
    u8 rate; /* enum floppy_rate */
};

#define FLOPPY_SECTOR_N 2      /* sectors are of 128 << 2 bytes in every format */
#define FLOPPY_CYLINDER_MAX 85 /* where the head's carriage stops */

struct floppy_drive {
    /* wiring */
    u8 type;                          /* enum floppy_type; FLOPPY_NONE: there is no drive */
    const struct block_backend *disk; /* never NULL; sectors == 0: no disk in it */
    struct floppy_format format;      /* of the disk */
    /* state */
    u8 cylinder;  /* where the head is */
    bool changed; /* DSKCHG: the door was opened, and no step made since then with a disk inside */
    bool open;    /* the door is */
};

/* The format of a disk of so many sectors in a drive of `type` (FLOPPY_NONE: in any). A size that is no format's is
 * taken for the beginning of a disk of the drive's own format. */
struct floppy_format floppy_format(u64 sectors, enum floppy_type type);
/* The drive that a PC gets for the disk that is in it at power-on, 2.88 MB when that tells nothing. */
enum floppy_type floppy_type_for(const struct block_backend *disk);

/* `disk` NULL: no drive; without sectors: an empty one. */
void floppy_drive_init(struct floppy_drive *d, const struct block_backend *disk);
/* Power-on. */
void floppy_drive_reset(struct floppy_drive *d);
/* The highest numbers of cylinders, sectors and heads that disks for this kind of drive have. */
struct floppy_format floppy_limits(enum floppy_type type);
/* Opens the door and takes the disk out; or (not NULL) puts another in and closes the door. */
void floppy_drive_change(struct floppy_drive *d, const struct block_backend *disk);
/* Moves the head by `steps` cylinders, outwards when negative; it stops at the ends. */
void floppy_drive_step(struct floppy_drive *d, int steps);
static inline bool floppy_drive_loaded(const struct floppy_drive *d)
{
    return d->disk->sectors != 0;
}
/* Is the head over cylinder `c` of the disk? A disk of 40 cylinders is found in an 80-cylinder drive at every second
 * step as well as at every one. */
bool floppy_drive_over(const struct floppy_drive *d, unsigned c);
/* The cylinder of the disk under the head. */
unsigned floppy_drive_track(const struct floppy_drive *d);

extern const struct state_field floppy_drive_fields[];

#endif
