/* media.c: the images in the machine's drives: at the start, and when somebody changes them. */
#define _GNU_SOURCE
#include "session.h"

#include "guest_image.h"

#include <stdlib.h>

static bool any_image(const struct options *o)
{
    for (unsigned i = 0; i < MACHINE_DRIVES; i++)
        if (o->drive[i].file)
            return true;
    return false;
}

static struct disk_options disk_options(const struct options *o, unsigned drive)
{
    const struct drive_option *d = &o->drive[drive];
    return (struct disk_options){ .path = d->file,
                                  .raw = d->raw,
                                  .read_only = d->read_only,
                                  .no_lock = d->no_lock,
                                  .snapshot = d->snapshot,
                                  .number = drive };
}

/* Where no image, kernel or other firmware says what shall run, the bundled guest is disk 0. */
bool session_open_media(struct session *s)
{
    const struct options *o = s->options;
    if (!any_image(o) && !o->kernel && !o->bios) {
        s->disk_open[0] = disk_open_memory(&s->disk[0], guest_image, guest_image_size, 0, &s->log);
        return s->disk_open[0];
    }
    for (unsigned i = 0; i < MACHINE_DRIVES; i++) {
        struct disk_options disk = disk_options(o, i);
        if (disk.path && !(s->disk_open[i] = disk_open(&s->disk[i], &disk, &s->log, stderr)))
            return false;
    }
    return true;
}

/* An empty drive's backend has no sectors; no drive has no backend. */
void session_put_media(struct session *s, struct machine_config *c)
{
    for (unsigned i = 0; i < MACHINE_DRIVES; i++) {
        bool there = s->disk_open[i] || s->options->drive[i].present;
        const struct block_backend *b = there ? &s->disk[i].backend : NULL;
        if (i >= MACHINE_DISKS) {
            c->floppy[i - MACHINE_DISKS] = b;
            continue;
        }
        c->disk[i] = b;
        c->cdrom[i] = s->options->drive[i].cdrom;
    }
}

/* ---- names ---- */

const char *session_drive_name(const struct session *s, unsigned drive, char buf[16])
{
    const char *id = s->options->drive[drive].id;
    if (id)
        return id;
    if (drive < MACHINE_DISKS)
        snprintf(buf, 16, "ide%u-%s%u", drive / 2 & 1, s->options->drive[drive].cdrom ? "cd" : "hd", drive % 2);
    else
        snprintf(buf, 16, "floppy%u", (drive - MACHINE_DISKS) & 1);
    return buf;
}

int session_find_drive(const struct session *s, const char *name)
{
    char buf[16];
    for (unsigned i = 0; i < MACHINE_DRIVES; i++)
        if (machine_drive(s->machine, i).present && strcmp(session_drive_name(s, i, buf), name) == 0)
            return (int)i;
    return -1;
}

/* ---- changing ---- */

static bool explain(enum machine_media result, const char *name, FILE *err)
{
    if (result == MACHINE_MEDIA_NO_DRIVE)
        fprintf(err, "Device '%s' not found\n", name);
    else if (result == MACHINE_MEDIA_FIXED)
        fprintf(err, "Device '%s' is not removable\n", name);
    else if (result == MACHINE_MEDIA_LOCKED)
        fprintf(err, "Device '%s' is locked and force was not specified, wait for tray to open and try again\n", name);
    return result == MACHINE_MEDIA_OK;
}

static void forget(struct session *s, unsigned drive)
{
    if (s->disk_open[drive])
        disk_close(&s->disk[drive]);
    s->disk_open[drive] = false;
    free(s->disk_path[drive]);
    s->disk_path[drive] = NULL;
}

void session_close_media(struct session *s)
{
    for (unsigned i = 0; i < MACHINE_DRIVES; i++)
        forget(s, i);
}

static enum machine_media eject(struct session *s, int drive, bool force)
{
    enum machine_media result = drive < 0 ? MACHINE_MEDIA_NO_DRIVE : machine_eject(s->machine, (unsigned)drive, force);
    if (result == MACHINE_MEDIA_OK)
        forget(s, (unsigned)drive);
    return result;
}

bool session_eject(struct session *s, const char *name, bool force, FILE *err)
{
    return explain(eject(s, session_find_drive(s, name), force), name, err);
}

static bool open_next(struct session *s, unsigned drive, char *file, enum media_mode mode, struct disk *next, FILE *err)
{
    struct disk_options options = disk_options(s->options, drive);
    if (!file)
        fprintf(err, "no memory for the image's name\n");
    options.path = file;
    if (mode != MEDIA_RETAIN && !s->options->drive[drive].cdrom)
        options.read_only = mode == MEDIA_READ_ONLY;
    return file && disk_open(next, &options, &s->log, err);
}

static void put_in(struct session *s, unsigned drive, struct disk *next, char *file)
{
    struct disk *disk = &s->disk[drive];
    *disk = *next;
    disk->backend.self = disk;
    s->disk_open[drive] = true;
    s->disk_path[drive] = file;
    machine_change(s->machine, drive, &disk->backend, true);
}

bool session_replay_change(struct session *s, unsigned drive, const char *file, FILE *err)
{
    struct disk next;
    char *path = strdup(file);
    if (drive >= MACHINE_DRIVES || !open_next(s, drive, path, MEDIA_RETAIN, &next, err)) {
        free(path);
        return false;
    }
    forget(s, drive);
    put_in(s, drive, &next, path);
    return true;
}

/* The new image must be good before the old one leaves. */
bool session_change(struct session *s, const char *name, const char *file, enum media_mode mode, bool force, FILE *err)
{
    int drive = session_find_drive(s, name);
    struct disk next;
    if (drive < 0)
        return explain(MACHINE_MEDIA_NO_DRIVE, name, err);
    if (!machine_drive(s->machine, (unsigned)drive).removable)
        return explain(MACHINE_MEDIA_FIXED, name, err);
    char *path = strdup(file);
    if (!open_next(s, (unsigned)drive, path, mode, &next, err)) {
        free(path);
        return false;
    }
    enum machine_media result = eject(s, drive, force);
    if (result == MACHINE_MEDIA_OK) {
        put_in(s, (unsigned)drive, &next, path);
    } else {
        disk_close(&next);
        free(path);
    }
    return explain(result, name, err);
}
