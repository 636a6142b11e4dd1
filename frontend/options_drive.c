/* options_drive.c: disks on the command line: a bare file name, -hda … -hdd, -drive. */
#include "options.h"

#include "keyval.h"

static bool ask_drive(struct options *o, const char *name, const struct drive_option *drive, int index)
{
    if (o->asked_drives == MACHINE_DISKS)
        return options_fail(o, "-%s %s: more than %d disks", name, drive->file, MACHINE_DISKS);
    o->asked[o->asked_drives].drive = *drive;
    o->asked[o->asked_drives++].index = index;
    return true;
}

bool option_disk_image(struct options *o, const char *name, const char *arg)
{
    if (!*arg)
        return options_fail(o, "a disk image's name is empty");
    return ask_drive(o, name, &(struct drive_option){ .file = arg }, 0);
}

bool option_hd(struct options *o, const char *name, const char *arg)
{
    if (!*arg)
        return options_fail(o, "-%s: a disk image's name is empty", name);
    return ask_drive(o, name, &(struct drive_option){ .file = arg }, name[2] - 'a');
}

/* One -drive while it is read. */
struct drive_words {
    struct drive_option drive;
    u64 index, bus, unit;
    bool index_given, bus_given, unit_given;
};

/* Properties with one value that is true of pcemu's disks. */
static bool check_fixed(struct options *o, const struct keyval *item)
{
    static const struct {
        const char *key, *value, *what;
    } fixed[] = {
        { "if", "ide", "disks are if=ide" },
        { "media", "disk", "drives are media=disk" },
        { "cache", "writeback", "disks are cache=writeback" },
        { "aio", "threads", "disks are aio=threads" },
        { "werror", "report", "host errors are reported to the guest" },
        { "rerror", "report", "host errors are reported to the guest" },
        { "discard", "ignore", "disks ignore discards" },
    };
    for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
        if (strcmp(item->key, fixed[i].key) == 0) {
            if (strcmp(item->value, fixed[i].value) == 0)
                return true;
            return options_fail(o, "-drive %s=%s: pcemu's %s", item->key, item->value, fixed[i].what);
        }
    return options_fail(o, "-drive: pcemu has no property '%s'", item->key);
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

static bool set_drive_word(struct options *o, const struct keyval *item, struct drive_words *w)
{
    if (strcmp(item->key, "file") == 0) {
        w->drive.file = options_keep(o, item->value);
        return w->drive.file;
    }
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
    if (strcmp(item->key, "id") == 0)
        return true;
    return check_fixed(o, item);
}

static bool ask_words(struct options *o, const struct drive_words *w)
{
    if (!w->drive.file || !*w->drive.file)
        return options_fail(o, "-drive: file= is missing");
    if (w->index_given && (w->bus_given || w->unit_given))
        return options_fail(o, "-drive: index= can't stand with bus= or unit=");
    int index = -1;
    if (w->index_given)
        index = (int)w->index;
    else if (w->unit_given)
        index = (int)(w->bus * 2 + w->unit);
    else if (w->bus_given)
        return options_fail(o, "-drive: bus= needs unit=");
    return ask_drive(o, "drive", &w->drive, index);
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

static bool place(struct options *o, int index, const struct drive_option *drive)
{
    if (o->drive[index].file)
        return options_fail(o, "%s and %s: both are disk %d (-hd%c)", o->drive[index].file, drive->file, index,
                            'a' + index);
    o->drive[index] = *drive;
    if (o->snapshot && !drive->snapshot_given)
        o->drive[index].snapshot = true;
    return true;
}

static int free_place(const struct options *o)
{
    int index = 0;
    while (o->drive[index].file)
        index++;
    return index;
}

/* In the order of the command line, as QEMU does: a drive without a place takes the first that is free then. */
bool options_place_drives(struct options *o)
{
    for (unsigned i = 0; i < o->asked_drives; i++) {
        int index = o->asked[i].index;
        if (!place(o, index < 0 ? free_place(o) : index, &o->asked[i].drive))
            return false;
    }
    return true;
}
