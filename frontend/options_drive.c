/* options_drive.c: disks on the command line: a bare file name, -hda … -hdd, -fda, -fdb, -cdrom, -drive; and the drives
 * that a machine has without being asked. */
#include "options.h"

#include "keyval.h"

static bool ask_drive(struct options *o, const char *name, const struct drive_option *drive, bool floppy, int index)
{
    if (o->asked_drives == MACHINE_DRIVES)
        return options_fail(o, "-%s %s: more than %d drives", name, drive->file ? drive->file : "", MACHINE_DRIVES);
    o->asked[o->asked_drives].drive = *drive;
    o->asked[o->asked_drives].drive.present = true;
    o->asked[o->asked_drives].floppy = floppy;
    o->asked[o->asked_drives++].index = index;
    return true;
}

bool option_disk_image(struct options *o, const char *name, const char *arg)
{
    if (!*arg)
        return options_fail(o, "a disk image's name is empty");
    return ask_drive(o, name, &(struct drive_option){ .file = arg }, false, 0);
}

static bool ask_letter(struct options *o, const char *name, const char *arg, bool floppy)
{
    if (!*arg)
        return options_fail(o, "-%s: a disk image's name is empty", name);
    return ask_drive(o, name, &(struct drive_option){ .file = arg }, floppy, name[2] - 'a');
}

bool option_hd(struct options *o, const char *name, const char *arg)
{
    return ask_letter(o, name, arg, false);
}

bool option_fd(struct options *o, const char *name, const char *arg)
{
    return ask_letter(o, name, arg, true);
}

#define CDROM_PLACE 2 /* secondary master */

bool option_cdrom(struct options *o, const char *name, const char *arg)
{
    if (!*arg)
        return options_fail(o, "-%s: an image's name is empty", name);
    return ask_drive(o, name, &(struct drive_option){ .file = arg, .cdrom = true, .read_only = true }, false,
                     CDROM_PLACE);
}

/* One -drive while it is read. */
struct drive_words {
    struct drive_option drive;
    bool floppy, aside;
    u64 index, bus, unit;
    bool index_given, bus_given, unit_given;
};

/* Properties of which some values are true of pcemu's disks: what the guest has flushed is in the file, and how the
 * host goes about it is not the guest's business. */
static bool check_fixed(struct options *o, const struct keyval *item)
{
    static const struct {
        const char *key, *values, *what;
    } fixed[] = {
        { "cache", "writeback none unsafe", "disks are cache=writeback" },
        { "aio", "threads native io_uring", "disks are aio=threads" },
        { "werror", "report", "host errors are reported to the guest" },
        { "rerror", "report", "host errors are reported to the guest" },
        { "discard", "ignore off", "disks ignore discards" },
        { "detect-zeroes", "off", "disks are detect-zeroes=off" },
    };
    for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
        if (strcmp(item->key, fixed[i].key) == 0) {
            const char *at = *item->value ? strstr(fixed[i].values, item->value) : NULL;
            size_t len = strlen(item->value);
            if (at && (at == fixed[i].values || at[-1] == ' ') && (at[len] == ' ' || !at[len]))
                return true;
            return options_fail(o, "-drive %s=%s: pcemu's %s", item->key, item->value, fixed[i].what);
        }
    return options_fail(o, "-drive: pcemu has no property '%s'", item->key);
}

/* file.locking=on|auto|off */
static bool set_locking(struct options *o, const struct keyval *item, struct drive_option *drive)
{
    bool on = true;
    if (strcmp(item->value, "auto") != 0 && !parse_bool(item->value, &on))
        return options_fail(o, "-drive %s=%s: neither on, auto nor off", item->key, item->value);
    drive->no_lock = !on;
    return true;
}

static bool set_flag(struct options *o, const struct keyval *item, bool *flag)
{
    if (parse_bool(item->value, flag))
        return true;
    return options_fail(o, "-drive %s=%s: neither on nor off", item->key, item->value);
}

static bool set_place(struct options *o, const struct keyval *item, u64 max, u64 *value, bool *given)
{
    *given = parse_number(item->value, max, value);
    if (*given)
        return true;
    return options_fail(o, "-drive %s=%s: not a number from 0 to %d", item->key, item->value, (int)max);
}

static bool set_format(struct options *o, const struct keyval *item, struct drive_option *drive)
{
    drive->raw = strcmp(item->value, "raw") == 0;
    if (drive->raw)
        return true;
    return options_fail(o, "-drive format=%s: pcemu reads raw images (qemu-img convert -O raw makes one)", item->value);
}

static bool set_interface(struct options *o, const struct keyval *item, struct drive_words *w)
{
    w->floppy = strcmp(item->value, "floppy") == 0;
    w->aside = strcmp(item->value, "none") == 0;
    if (w->floppy || w->aside || strcmp(item->value, "ide") == 0)
        return true;
    return options_fail(o, "-drive if=%s: pcemu's drives are if=ide, if=floppy or if=none", item->value);
}

static bool set_media(struct options *o, const struct keyval *item, struct drive_option *drive)
{
    drive->cdrom = strcmp(item->value, "cdrom") == 0;
    if (drive->cdrom || strcmp(item->value, "disk") == 0)
        return true;
    return options_fail(o, "-drive media=%s: pcemu's drives are media=disk or media=cdrom", item->value);
}

static bool keep_text(struct options *o, const struct keyval *item, const char **text)
{
    *text = options_keep(o, item->value);
    return *text;
}

static bool set_drive_word(struct options *o, const struct keyval *item, struct drive_words *w)
{
    if (strcmp(item->key, "file") == 0)
        return keep_text(o, item, &w->drive.file);
    if (strcmp(item->key, "id") == 0)
        return keep_text(o, item, &w->drive.id);
    if (strcmp(item->key, "if") == 0)
        return set_interface(o, item, w);
    if (strcmp(item->key, "media") == 0)
        return set_media(o, item, &w->drive);
    if (strcmp(item->key, "format") == 0)
        return set_format(o, item, &w->drive);
    if (strcmp(item->key, "index") == 0)
        return set_place(o, item, MACHINE_DISKS - 1, &w->index, &w->index_given);
    if (strcmp(item->key, "bus") == 0)
        return set_place(o, item, 1, &w->bus, &w->bus_given);
    if (strcmp(item->key, "unit") == 0)
        return set_place(o, item, 1, &w->unit, &w->unit_given);
    if (strcmp(item->key, "readonly") == 0 || strcmp(item->key, "read-only") == 0)
        return set_flag(o, item, &w->drive.read_only);
    if (strcmp(item->key, "snapshot") == 0) {
        w->drive.snapshot_given = true;
        return set_flag(o, item, &w->drive.snapshot);
    }
    if (strcmp(item->key, "file.locking") == 0)
        return set_locking(o, item, &w->drive);
    return check_fixed(o, item);
}

/* The place that a -drive names, -1 for none; -2: the error was said. */
static int words_place(struct options *o, const struct drive_words *w)
{
    if (w->index_given && (w->bus_given || w->unit_given))
        return options_fail(o, "-drive: index= can't stand with bus= or unit=") ? 0 : -2;
    if (w->bus_given && !w->unit_given)
        return options_fail(o, "-drive: bus= needs unit=") ? 0 : -2;
    int index = w->index_given ? (int)w->index : w->unit_given ? (int)(w->bus * 2 + w->unit) : -1;
    if (w->floppy && index >= MACHINE_FLOPPIES)
        return options_fail(o, "-drive if=floppy: there are floppy drives 0 and 1") ? 0 : -2;
    return index;
}

static bool ask_words(struct options *o, struct drive_words *w)
{
    if (w->drive.file && !*w->drive.file)
        w->drive.file = NULL;
    if (w->floppy && w->drive.cdrom)
        return options_fail(o, "-drive if=floppy: can't be media=cdrom");
    if (w->drive.cdrom)
        w->drive.read_only = true;
    if (!w->drive.file && !w->floppy && !w->drive.cdrom)
        return options_fail(o, "-drive: file= is missing");
    if (w->aside && !w->drive.id)
        return options_fail(o, "-drive if=none: needs id=, by which -device names it");
    int index = words_place(o, w);
    if (index == -2 || !ask_drive(o, "drive", &w->drive, w->floppy, index))
        return false;
    o->asked[o->asked_drives - 1].aside = w->aside;
    return true;
}

bool option_drive(struct options *o, const char *name, const char *arg)
{
    struct keyvals kv;
    struct drive_words w = { 0 };
    bool ok = keyvals_split(&kv, arg, NULL) || options_fail(o, "-%s: too many properties", name);
    for (unsigned i = 0; ok && i < kv.count; i++)
        ok = set_drive_word(o, &kv.item[i], &w);
    ok = ok && ask_words(o, &w);
    keyvals_free(&kv);
    return ok;
}

/* ---- -device ide-hd, ide-cd, floppy: drives that -drive if=none describes ---- */

/* "ide.0" or "ide.1"; -1: neither. */
static int ide_bus(const char *text)
{
    return strncmp(text, "ide.", 4) == 0 && (text[4] == '0' || text[4] == '1') && !text[5] ? text[4] - '0' : -1;
}

bool options_add_drive(struct options *o, const struct keyvals *kv)
{
    const char *driver = keyvals_get(kv, "driver"), *drive = keyvals_get(kv, "drive"), *bus = keyvals_get(kv, "bus");
    const char *text = keyvals_get(kv, "unit");
    bool floppy = strcmp(driver, "floppy") == 0;
    u64 unit = 0;
    for (unsigned i = 0; i < kv->count; i++) {
        static const char *const known[] = { "driver", "drive", "id", "unit", "bus" };
        bool ok = false;
        for (unsigned n = 0; n < ARRAY_LEN(known); n++)
            ok = ok || strcmp(kv->item[i].key, known[n]) == 0;
        if (!ok)
            return options_fail(o, "-device %s: pcemu's has no property '%s'", driver, kv->item[i].key);
    }
    if (!drive)
        return options_fail(o, "-device %s: drive= is missing", driver);
    if (text && !parse_number(text, 1, &unit))
        return options_fail(o, "-device %s: unit=%s is neither 0 nor 1", driver, text);
    if (bus && !floppy && ide_bus(bus) < 0)
        return options_fail(o, "-device %s: there is no bus %s; the IDE buses are ide.0 and ide.1", driver, bus);
    if (o->drive_devices == MACHINE_DRIVES)
        return options_fail(o, "-device %s: more than %d drives", driver, MACHINE_DRIVES);
    int index = bus && !floppy ? ide_bus(bus) * 2 + (int)unit : text ? (int)unit : -1;
    o->drive_device[o->drive_devices].driver = floppy ? "floppy" : driver[4] == 'c' ? "ide-cd" : "ide-hd";
    o->drive_device[o->drive_devices].index = index;
    return (o->drive_device[o->drive_devices++].drive = options_keep(o, drive));
}

/* Gives a device the drive that it names. */
static bool take_drive(struct options *o, unsigned device)
{
    const char *id = o->drive_device[device].drive, *driver = o->drive_device[device].driver;
    for (unsigned i = 0; i < o->asked_drives; i++) {
        if (!o->asked[i].drive.id || strcmp(o->asked[i].drive.id, id) != 0)
            continue;
        if (!o->asked[i].aside)
            return options_fail(o, "-device %s: drive '%s' is in use: it is not if=none", driver, id);
        o->asked[i].aside = false;
        o->asked[i].floppy = *driver == 'f';
        o->asked[i].drive.cdrom = driver[4] == 'c';
        o->asked[i].drive.read_only = o->asked[i].drive.read_only || o->asked[i].drive.cdrom;
        o->asked[i].index = o->drive_device[device].index;
        return true;
    }
    return options_fail(o, "-device %s: can't find the drive '%s'", driver, id);
}

/* ---- places ---- */

static const char *file_name(const struct drive_option *drive)
{
    return drive->file ? drive->file : "an empty drive";
}

static bool place(struct options *o, unsigned n, const struct drive_option *drive)
{
    bool floppy = n >= MACHINE_DISKS;
    int index = (int)(floppy ? n - MACHINE_DISKS : n);
    if (o->drive[n].present)
        return options_fail(o, "%s and %s: both are %s %d (-%cd%c)", file_name(&o->drive[n]), file_name(drive),
                            floppy ? "floppy" : "disk", index, floppy ? 'f' : 'h', 'a' + index);
    o->drive[n] = *drive;
    if (o->snapshot && !drive->snapshot_given)
        o->drive[n].snapshot = true;
    return true;
}

/* The first free of `count` places from `first` on; first + count: there is none. */
static unsigned free_place(const struct options *o, unsigned first, unsigned count)
{
    unsigned n = first;
    while (n < first + count && o->drive[n].present)
        n++;
    return n;
}

static bool place_asked(struct options *o, unsigned i)
{
    bool floppy = o->asked[i].floppy;
    unsigned first = floppy ? MACHINE_DISKS : 0, count = floppy ? MACHINE_FLOPPIES : MACHINE_DISKS;
    int index = o->asked[i].index;
    unsigned n = index < 0 ? free_place(o, first, count) : first + (unsigned)index;
    if (n == first + count)
        return options_fail(o, "%s: more than %u %s", file_name(&o->asked[i].drive), count,
                            floppy ? "floppy drives" : "disks");
    return place(o, n, &o->asked[i].drive);
}

/* What a PC has without being asked: a floppy drive and a CD-ROM drive, empty, unless something else is there. */
static void place_defaults(struct options *o)
{
    static const struct drive_option cdrom = { .present = true, .cdrom = true, .read_only = true };
    o->drive[MACHINE_DISKS].present = true;
    if (!o->drive[CDROM_PLACE].present)
        o->drive[CDROM_PLACE] = cdrom;
}

/* In the order of the command line, as QEMU does: a drive without a place takes the first that is free then. */
bool options_place_drives(struct options *o)
{
    for (unsigned i = 0; i < o->drive_devices; i++)
        if (!take_drive(o, i))
            return false;
    for (unsigned i = 0; i < o->asked_drives; i++)
        if (!o->asked[i].aside && !place_asked(o, i))
            return false;
    if (!o->no_defaults)
        place_defaults(o);
    return true;
}
