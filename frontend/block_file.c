/* block_file.c: raw disk images. The guest's sectors are the file's bytes; what a snapshot changes is in an overlay. */
#define _GNU_SOURCE
#include "disk.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define WHO "disk"

bool disk_read_image(struct disk *d, u64 at, void *buf, size_t len)
{
    size_t have = at >= d->bytes ? 0 : d->bytes - at < len ? (size_t)(d->bytes - at) : len;
    memset((u8 *)buf + have, 0, len - have);
    if (d->fd < 0) {
        memcpy(buf, d->memory + (have ? at : 0), have);
        return true;
    }
    for (size_t done = 0; done < have;) {
        ssize_t n = pread(d->fd, (u8 *)buf + done, have - done, (off_t)(at + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            log_host(d->log, WHO, "%s: reading at byte %" PRIu64 ": %s", d->path, at + done,
                     n ? strerror(errno) : "the file became shorter");
            return false;
        }
        done += (size_t)n;
    }
    return true;
}

static bool file_write(struct disk *d, u64 at, const void *buf, size_t len)
{
    for (size_t done = 0; done < len;) {
        ssize_t n = pwrite(d->fd, (const u8 *)buf + done, len - done, (off_t)(at + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            log_host(d->log, WHO, "%s: writing at byte %" PRIu64 ": %s", d->path, at + done, strerror(errno));
            return false;
        }
        done += (size_t)n;
    }
    if (at + len > d->bytes)
        d->bytes = at + len;
    return true;
}

/* The part of [at, at + len) that lies in the cluster of `at`. */
static size_t in_cluster(u64 at, size_t len)
{
    u64 left = OVERLAY_CLUSTER - at % OVERLAY_CLUSTER;
    return left < len ? (size_t)left : len;
}

static bool overlay_read(struct disk *d, u64 at, u8 *buf, size_t len)
{
    while (len) {
        size_t part = in_cluster(at, len);
        const u8 *data = overlay_find(d->overlay, at / OVERLAY_CLUSTER);
        if (data)
            memcpy(buf, data + at % OVERLAY_CLUSTER, part);
        else if (!disk_read_image(d, at, buf, part))
            return false;
        at += part;
        buf += part;
        len -= part;
    }
    return true;
}

/* The cluster's bytes in memory, read from the image when it is written for the first time. */
static u8 *own_cluster(struct disk *d, u64 n)
{
    u8 *data = overlay_find(d->overlay, n);
    if (data)
        return data;
    u8 *before = malloc(OVERLAY_CLUSTER);
    if (before && disk_read_image(d, n * OVERLAY_CLUSTER, before, OVERLAY_CLUSTER)) {
        data = overlay_add(d->overlay, n);
        if (data)
            memcpy(data, before, OVERLAY_CLUSTER);
    }
    if (!data)
        log_host(d->log, WHO, "%s: no memory for what the guest writes", d->path);
    free(before);
    return data;
}

static bool overlay_write(struct disk *d, u64 at, const u8 *buf, size_t len)
{
    while (len) {
        size_t part = in_cluster(at, len);
        u8 *data = own_cluster(d, at / OVERLAY_CLUSTER);
        if (!data)
            return false;
        memcpy(data + at % OVERLAY_CLUSTER, buf, part);
        at += part;
        buf += part;
        len -= part;
    }
    return true;
}

/* The backend's methods. */

static bool disk_read(void *self, u64 sector, void *buf, u32 count)
{
    struct disk *d = self;
    size_t len = (size_t)count * BLOCK_SECTOR;
    assert(sector <= d->backend.sectors && count <= d->backend.sectors - sector);
    return d->overlay ? overlay_read(d, sector * BLOCK_SECTOR, buf, len)
                      : disk_read_image(d, sector * BLOCK_SECTOR, buf, len);
}

static bool disk_write(void *self, u64 sector, const void *buf, u32 count)
{
    struct disk *d = self;
    size_t len = (size_t)count * BLOCK_SECTOR;
    assert(sector <= d->backend.sectors && count <= d->backend.sectors - sector && !d->backend.read_only);
    return d->overlay ? overlay_write(d, sector * BLOCK_SECTOR, buf, len)
                      : file_write(d, sector * BLOCK_SECTOR, buf, len);
}

static bool disk_flush(void *self)
{
    struct disk *d = self;
    if (d->overlay || d->fd < 0 || d->backend.read_only || fdatasync(d->fd) == 0)
        return true;
    log_host(d->log, WHO, "%s: flushing: %s", d->path, strerror(errno));
    return false;
}

/* Opening. */

static void make_backend(struct disk *d, bool read_only, unsigned number)
{
    d->backend = (struct block_backend){ .sectors = d->bytes / BLOCK_SECTOR + (d->bytes % BLOCK_SECTOR != 0),
                                         .read_only = read_only,
                                         .read = disk_read,
                                         .write = disk_write,
                                         .flush = disk_flush,
                                         .self = d,
                                         .name = d->path };
    snprintf(d->backend.serial, sizeof d->backend.serial, "QM%05u", number + 1);
}

static bool refuse(struct disk *d, FILE *err, const char *why)
{
    fprintf(err, "pcemu: %s: %s\n", d->path, why);
    disk_close(d);
    return false;
}

/* The name of the image format that the file begins like, or NULL: contents are taken as they are. */
static const char *foreign_format(const u8 *head, size_t len)
{
    static const struct {
        const char *magic;
        size_t len;
        const char *name;
    } formats[] = {
        { "QFI\xfb", 4, "qcow2" },
        { "KDMV", 4, "VMDK" },
        { "COWD", 4, "VMDK" },
        { "# Disk Desc", 11, "VMDK" },
        { "conectix", 8, "VHD" },
        { "vhdxfile", 8, "VHDX" },
        { "QED\0", 4, "QED" },
        { "WithoutFreeSpace", 16, "Parallels" },
        { "WithouFreSpacExt", 16, "Parallels" },
        { "<<< ", 4, "VDI" },
        { "LUKS\xba\xbe", 6, "LUKS" },
    };
    for (size_t i = 0; i < ARRAY_LEN(formats); i++)
        if (len >= formats[i].len && memcmp(head, formats[i].magic, formats[i].len) == 0)
            return formats[i].name;
    return NULL;
}

static bool check_format(struct disk *d, FILE *err)
{
    u8 head[BLOCK_SECTOR];
    char why[160];
    if (!disk_read_image(d, 0, head, sizeof head))
        return refuse(d, err, "can't be read");
    const char *format = foreign_format(head, sizeof head);
    if (!format)
        return true;
    snprintf(why, sizeof why,
             "a %s image; pcemu reads raw ones (qemu-img convert -O raw makes one; format=raw takes it as it is)",
             format);
    return refuse(d, err, why);
}

/* Learns the size; only files and block devices have one. */
static bool measure(struct disk *d, FILE *err)
{
    struct stat st;
    if (fstat(d->fd, &st) != 0)
        return refuse(d, err, strerror(errno));
    if (S_ISDIR(st.st_mode))
        return refuse(d, err, "is a directory, not a disk image");
    if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
        return refuse(d, err, "neither a file nor a block device");
    off_t end = lseek(d->fd, 0, SEEK_END);
    if (end < 0)
        return refuse(d, err, strerror(errno));
    if (end == 0)
        return refuse(d, err, "is empty");
    d->bytes = (u64)end;
    return true;
}

bool disk_open(struct disk *d, const struct disk_options *options, struct log *log, FILE *err)
{
    bool writable = !options->read_only && !options->snapshot;
    *d = (struct disk){ .path = options->path, .fd = -1, .log = log };
    d->fd = open(options->path, (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK);
    if (d->fd < 0 && errno == EISDIR)
        return refuse(d, err, "is a directory, not a disk image");
    if (d->fd < 0 && writable && (errno == EACCES || errno == EROFS))
        return refuse(d, err, "can't be written (-snapshot would leave it as it is)");
    if (d->fd < 0)
        return refuse(d, err, strerror(errno));
    if (!measure(d, err) || (!options->raw && !check_format(d, err)))
        return false;
    if (!options->no_lock && !disk_lock(d->fd, writable))
        return refuse(d, err, "is in use by another program");
    if (options->snapshot && !options->read_only && !(d->overlay = overlay_new()))
        return refuse(d, err, "no memory for a snapshot");
    make_backend(d, options->read_only, options->number);
    return true;
}

bool disk_open_memory(struct disk *d, const u8 *data, size_t size, unsigned number, struct log *log)
{
    *d = (struct disk){ .path = "(bundled guest)", .fd = -1, .memory = data, .bytes = size, .log = log };
    d->overlay = overlay_new();
    make_backend(d, false, number);
    return d->overlay;
}

void disk_close(struct disk *d)
{
    if (d->fd >= 0)
        close(d->fd);
    overlay_free(d->overlay);
    *d = (struct disk){ .fd = -1 };
}
