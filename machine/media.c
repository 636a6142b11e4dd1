/* media.c: drives as somebody in front of the machine sees them: what is in them, the eject button, another medium. */
#include "pc.h"

#include <assert.h>

static const struct block_backend no_medium = { 0 };

static const struct block_backend *or_none(const struct block_backend *b)
{
    return b ? b : &no_medium;
}

struct machine_drive machine_drive(const struct machine *m, unsigned drive)
{
    struct machine_drive d = { .medium = &no_medium };
    if (drive >= MACHINE_DISKS)
        return d;
    d.medium = or_none(m->config.disk[drive]);
    d.present = d.medium->sectors != 0;
    return d;
}

/* Whether the medium of a drive can be taken out now. */
static enum machine_media may_open(const struct machine *m, unsigned drive, bool force)
{
    struct machine_drive d = machine_drive(m, drive);
    if (!d.present)
        return MACHINE_MEDIA_NO_DRIVE;
    if (!d.removable)
        return MACHINE_MEDIA_FIXED;
    return d.locked && !force ? MACHINE_MEDIA_LOCKED : MACHINE_MEDIA_OK;
}

enum machine_media machine_eject(struct machine *m, unsigned drive, bool force)
{
    return may_open(m, drive, force);
}

enum machine_media machine_change(struct machine *m, unsigned drive, const struct block_backend *medium, bool force)
{
    assert(medium->sectors != 0);
    return may_open(m, drive, force);
}
