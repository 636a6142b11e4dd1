/* snapshots.c: snapshots of a session in files: savevm, loadvm, delvm, info snapshots; -loadvm and -save.
 *
 * A tag is the name of a file in the current directory without its ending .pcvm; what holds a slash, or ends so, is a
 * path. Files are written under another name and renamed when they are whole. */
#define _GNU_SOURCE
#include "session.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ENDING ".pcvm"
#define ENDING_LEN (sizeof ENDING - 1)
#define TAG_MAX 256 /* as QEMU has it */

static bool complain(FILE *err, const char *path, const char *why)
{
    fprintf(err, "pcemu: %s: %s\n", path, why);
    return false;
}

static bool ends_so(const char *name)
{
    size_t len = strlen(name);
    return len > ENDING_LEN && strcmp(name + len - ENDING_LEN, ENDING) == 0;
}

/* The path that a tag stands for, on the heap. */
static char *path_of(const char *tag)
{
    char *path = NULL;
    if (strchr(tag, '/') || ends_so(tag))
        return strdup(tag);
    return asprintf(&path, "%s%s", tag, ENDING) < 0 ? NULL : path;
}

/* ---- saving ---- */

/* As in QEMU: a disk that goes on to change in its image can't be taken back. */
bool session_can_save(const struct session *s, FILE *err)
{
    char buf[16];
    for (unsigned i = 0; i < MACHINE_DRIVES; i++)
        if (s->disk_open[i] && !disk_can_be_saved(&s->disk[i])) {
            fprintf(err,
                    "pcemu: Device '%s' is writable but does not support snapshots (-snapshot keeps what is written in "
                    "memory)\n",
                    session_drive_name(s, i, buf));
            return false;
        }
    return true;
}

static bool save_all(struct session *s, struct snapshot_writer *w)
{
    bool ok = machine_save(s->machine, w);
    for (unsigned i = 0; i < MACHINE_DRIVES; i++)
        ok = ok && (!s->disk_open[i] || disk_save(&s->disk[i], w));
    return ok;
}

static bool write_file(struct session *s, FILE *out, bool (*write)(struct session *s, struct snapshot_writer *w))
{
    struct snapshot_info info = { .date = time(NULL),
                                  .now_ns = machine_now_ns(s->machine),
                                  .icount = machine_icount(s->machine) };
    struct snapshot_writer *w = snapshot_begin(out);
    if (!w)
        return false;
    bool ok = write(s, w);
    return snapshot_end(w, &info) && ok && fsync(fileno(out)) == 0;
}

bool session_write_file(struct session *s, const char *path,
                        bool (*write)(struct session *s, struct snapshot_writer *w), FILE *err)
{
    char *beside = NULL;
    if (asprintf(&beside, "%s.XXXXXX", path) < 0)
        return complain(err, path, "no memory");
    errno = 0;
    int fd = mkostemp(beside, O_CLOEXEC);
    FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
    mode_t mask = umask(0);
    umask(mask);
    bool ok = out && write_file(s, out, write) && fchmod(fd, 0666 & ~mask) == 0;
    if (out)
        ok = fclose(out) == 0 && ok;
    ok = ok && rename(beside, path) == 0;
    if (!ok) {
        complain(err, path, errno ? strerror(errno) : "no memory");
        if (fd >= 0)
            unlink(beside);
    }
    free(beside);
    return ok;
}

bool session_save(struct session *s, const char *tag, FILE *err)
{
    char now[32], *path;
    time_t t = time(NULL);
    struct tm tm;
    if (!tag) { /* QEMU's name for one without */
        strftime(now, sizeof now, "vm-%Y%m%d%H%M%S", localtime_r(&t, &tm));
        tag = now;
    }
    if (!*tag || strlen(tag) > TAG_MAX)
        return complain(err, "savevm", "the tag is empty or too long");
    if (!session_can_save(s, err))
        return false;
    if (!(path = path_of(tag)))
        return complain(err, tag, "no memory");
    bool ok = session_write_file(s, path, save_all, err);
    free(path);
    return ok;
}

/* ---- loading ---- */

struct file {
    u8 *data;
    size_t len;
};

static bool read_all(int fd, struct file *f)
{
    size_t done = 0;
    while (done < f->len) {
        ssize_t n = read(fd, f->data + done, f->len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        done += (size_t)n;
    }
    return true;
}

static bool read_into(const char *path, struct file *f, FILE *err)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    const char *why = NULL;
    if (fd < 0 || fstat(fd, &st) != 0)
        why = strerror(errno);
    else if (!S_ISREG(st.st_mode))
        why = "not a file";
    else if (!(f->data = malloc((size_t)st.st_size + 1)))
        why = "no memory to read it";
    else
        f->len = (size_t)st.st_size;
    if (!why && !read_all(fd, f))
        why = "can't be read";
    if (fd >= 0)
        close(fd);
    return !why || complain(err, path, why);
}

bool session_read_file(const char *path, u8 **data, size_t *len, FILE *err)
{
    struct file f = { 0 };
    bool ok = read_into(path, &f, err);
    if (!ok)
        free(f.data);
    *data = ok ? f.data : NULL;
    *len = f.len;
    return ok;
}

/* Everything is read once before anything is changed. */
static bool check_all(struct session *s, struct snapshot_reader *r, struct overlay **changes, char *why)
{
    if (!machine_check(s->machine, r, why))
        return false;
    for (unsigned i = 0; i < MACHINE_DRIVES; i++)
        if (s->disk_open[i] && !(changes[i] = disk_read_changes(&s->disk[i], r, why)))
            return false;
    if (snapshot_at_end(r))
        return true;
    snprintf(why, SNAPSHOT_WHY_MAX, "the snapshot is damaged at its end");
    return false;
}

static bool load_file(struct session *s, const struct file *f, char *why)
{
    struct overlay *changes[MACHINE_DRIVES] = { 0 };
    struct snapshot_info info;
    if (!snapshot_look(f->data, f->len, &info, why))
        return false;
    snprintf(why, SNAPSHOT_WHY_MAX, "no memory");
    struct snapshot_reader *r = snapshot_open(f->data, f->len);
    bool ok = r && check_all(s, r, changes, why) && snapshot_rewind(r) && machine_load(s->machine, r, why);
    for (unsigned i = 0; i < MACHINE_DRIVES; i++)
        if (ok && s->disk_open[i])
            disk_take_changes(&s->disk[i], changes[i]);
        else
            overlay_free(changes[i]);
    snapshot_close(r);
    return ok;
}

bool session_load(struct session *s, const char *tag, FILE *err)
{
    char why[SNAPSHOT_WHY_MAX];
    struct file f = { 0 };
    if (s->records || s->replays)
        return complain(err, "loadvm", "a recording knows of one run only (give -loadvm at its start)");
    char *path = path_of(tag);
    if (!path)
        return complain(err, tag, "no memory");
    bool ok = session_read_file(path, &f.data, &f.len, err) && (load_file(s, &f, why) || complain(err, path, why));
    free(f.data);
    free(path);
    return ok;
}

/* ---- what there is ---- */

static bool look(const char *path, struct snapshot_info *info, char *why)
{
    u8 head[SNAPSHOT_HEAD];
    FILE *f = fopen(path, "re");
    bool ok = f && fread(head, sizeof head, 1, f) == 1;
    if (!ok)
        snprintf(why, SNAPSHOT_WHY_MAX, "%s", f ? "not a snapshot of pcemu's" : strerror(errno));
    if (f)
        fclose(f);
    return ok && snapshot_look_head(head, info, why);
}

/* Only what is a snapshot is deleted. */
bool session_delete(struct session *s, const char *tag, FILE *err)
{
    char why[SNAPSHOT_WHY_MAX];
    struct snapshot_info info;
    char *path = path_of(tag);
    (void)s;
    if (!path)
        return complain(err, tag, "no memory");
    bool ok = look(path, &info, why) || complain(err, path, why);
    ok = ok && (unlink(path) == 0 || complain(err, path, strerror(errno)));
    free(path);
    return ok;
}

static void print_snapshot(const char *name, const struct snapshot_info *info, bool first, FILE *out)
{
    char date[32], size[32];
    struct tm tm;
    time_t t = (time_t)info->date;
    u64 ms = info->now_ns / 1000000u, seconds = ms / 1000;
    if (first)
        fprintf(out, "List of snapshots present in the current directory:\n%-10s%-17s%8s%20s%13s%11s\n", "ID", "TAG",
                "VM SIZE", "DATE", "VM CLOCK", "ICOUNT");
    if (!localtime_r(&t, &tm) || !strftime(date, sizeof date, "%Y-%m-%d %H:%M:%S", &tm))
        snprintf(date, sizeof date, "?");
    snprintf(size, sizeof size, "%.3g MiB", (double)info->payload / (double)MIB);
    fprintf(out, "%-10s%-16.*s %8s%20s%3.2" PRIu64 ":%02" PRIu64 ":%02" PRIu64 ".%03" PRIu64 "%11" PRIu64 "\n", "--",
            (int)(strlen(name) - ENDING_LEN), name, size, date, seconds / 3600, seconds / 60 % 60, seconds % 60,
            ms % 1000, info->icount);
}

static int is_snapshot_name(const struct dirent *d)
{
    return ends_so(d->d_name);
}

void session_list_snapshots(struct session *s, FILE *out)
{
    struct dirent **name;
    char why[SNAPSHOT_WHY_MAX];
    bool first = true;
    (void)s;
    int count = scandir(".", &name, is_snapshot_name, alphasort);
    for (int i = 0; i < count; i++) {
        struct snapshot_info info;
        if (look(name[i]->d_name, &info, why)) {
            print_snapshot(name[i]->d_name, &info, first, out);
            first = false;
        }
        free(name[i]);
    }
    if (count >= 0)
        free(name);
    if (first)
        fputs("There is no snapshot available.\n", out);
}
