/* media.c: drives as somebody in front of the machine sees them: what is in them, the eject button, another medium. */
#include "pc.h"

#include <assert.h>

static const struct block_backend no_medium = { 0 };

static struct machine_drive floppy(const struct machine *m, unsigned n)
{
    const struct floppy_drive *d = &m->fdc.drive[n];
    return (struct machine_drive){
        .present = d->type != FLOPPY_NONE, .removable = true, .tray_open = d->open, .medium = d->disk
    };
}

struct machine_drive machine_drive(const struct machine *m, unsigned drive)
{
    struct machine_drive d = { .medium = &no_medium };
    if (drive >= MACHINE_DRIVES)
        return d;
    if (drive >= MACHINE_DISKS)
        return floppy(m, drive - MACHINE_DISKS);
    const struct ide_drive *ide = &m->ide.channel[drive / 2].drive[drive % 2];
    d.medium = ide->disk;
    d.present = ide_present(ide);
    d.removable = ide->cdrom;
    d.locked = ide->cdrom && ide->atapi.locked;
    d.tray_open = ide->cdrom && ide->atapi.tray_open;
    return d;
}

/* Whether the medium of a drive can be taken out now. */
static enum machine_media may_open(struct machine *m, unsigned drive, bool force)
{
    struct machine_drive d = machine_drive(m, drive);
    if (!d.present)
        return MACHINE_MEDIA_NO_DRIVE;
    if (!d.removable)
        return MACHINE_MEDIA_FIXED;
    if (!d.locked || d.tray_open || force)
        return MACHINE_MEDIA_OK;
    atapi_eject_button(piix3_ide_drive(&m->ide, drive));
    return MACHINE_MEDIA_LOCKED;
}

static void put(struct machine *m, unsigned drive, const struct block_backend *medium)
{
    if (drive >= MACHINE_DISKS)
        fdc_change_disk(&m->fdc, drive - MACHINE_DISKS, medium);
    else
        atapi_change_disc(piix3_ide_drive(&m->ide, drive), medium);
}

/* Somebody's hand at a drive. What was in it is gone then: nobody can go back to before that. False: not now, the
 * machine relives its past. */
static bool note_hand(struct machine *m, enum journal_kind kind, unsigned drive, bool force, const char *name)
{
    if (!journal_input_data(m, kind, drive, force, name, strlen(name)))
        return false;
    if (m->journal)
        m->journal->cut = true;
    return true;
}

enum machine_media machine_eject(struct machine *m, unsigned drive, bool force)
{
    if (!note_hand(m, JOURNAL_EJECT, drive, force, ""))
        return MACHINE_MEDIA_LOCKED;
    enum machine_media can = may_open(m, drive, force);
    if (can == MACHINE_MEDIA_OK)
        put(m, drive, NULL);
    return can;
}

enum machine_media machine_change(struct machine *m, unsigned drive, const struct block_backend *medium, bool force)
{
    assert(medium->sectors != 0);
    if (!note_hand(m, JOURNAL_CHANGE, drive, force, medium->name ? medium->name : ""))
        return MACHINE_MEDIA_LOCKED;
    enum machine_media can = may_open(m, drive, force);
    if (can == MACHINE_MEDIA_OK)
        put(m, drive, medium);
    return can;
}
