/* rom.c: see rom.h. */
#define _GNU_SOURCE
#include "rom.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROM_MAX (16 * MIB)

static const char *const standard_dirs[] = { "/usr/share/seabios", "/usr/share/qemu", "/usr/lib/ipxe/qemu",
                                             "/usr/local/share/qemu" };

/* The path of the firmware in `path`; false: it is nowhere. */
static bool find(const struct options *o, const char *name, char path[PATH_MAX])
{
    if (strchr(name, '/') || access(name, R_OK) == 0)
        return snprintf(path, PATH_MAX, "%s", name) < PATH_MAX && access(path, R_OK) == 0;
    for (unsigned i = 0; i < o->lib_dirs + ARRAY_LEN(standard_dirs); i++) {
        const char *dir = i < o->lib_dirs ? o->lib_dir[i] : standard_dirs[i - o->lib_dirs];
        if (snprintf(path, PATH_MAX, "%s/%s", dir, name) < PATH_MAX && access(path, R_OK) == 0)
            return true;
    }
    return false;
}

static bool read_all(int fd, u8 *data, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t n = read(fd, data + done, size - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        done += (size_t)n;
    }
    return true;
}

bool file_load(struct rom *rom, const char *path, u64 max, FILE *err)
{
    struct stat st = { 0 };
    *rom = (struct rom){ 0 };
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 && (u64)st.st_size <= max;
    if (ok) {
        rom->size = (size_t)st.st_size;
        rom->data = malloc(rom->size);
        ok = rom->data && read_all(fd, rom->data, rom->size);
    }
    if (!ok && (fd < 0 || !st.st_size))
        fprintf(err, "pcemu: %s: %s\n", path, fd < 0 ? strerror(errno) : "the file is empty");
    else if (!ok)
        fprintf(err, "pcemu: %s: not a file of at most %llu bytes that can be read\n", path, (unsigned long long)max);
    if (fd >= 0)
        close(fd);
    return ok;
}

bool rom_load(struct rom *rom, const struct options *o, const char *name, const char *package, FILE *err)
{
    char path[PATH_MAX];
    *rom = (struct rom){ 0 };
    if (find(o, name, path))
        return file_load(rom, path, ROM_MAX, err);
    if (package)
        fprintf(
            err,
            "pcemu: %s: firmware not found; it is in Debian's package %s (apt-get install %s), or say where with -L\n",
            name, package, package);
    else
        fprintf(err, "pcemu: %s: firmware not found\n", name);
    return false;
}

bool rom_copy(struct rom *rom, const u8 *data, size_t size, FILE *err)
{
    *rom = (struct rom){ malloc(size), size };
    if (!rom->data) {
        fprintf(err, "pcemu: no memory for firmware\n");
        return false;
    }
    memcpy(rom->data, data, size);
    return true;
}

bool rom_pad(struct rom *rom, size_t size)
{
    u8 *data = realloc(rom->data, size);
    if (!data)
        return false;
    memset(data + rom->size, 0, size - rom->size);
    *rom = (struct rom){ data, size };
    return true;
}

void rom_free(struct rom *rom)
{
    free(rom->data);
    *rom = (struct rom){ 0 };
}
