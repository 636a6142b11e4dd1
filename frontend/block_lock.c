/* block_lock.c: who else uses an image. QEMU takes byte-range locks (open file description locks) far into the image:
 * byte 100 + p says "I do p", byte 200 + p "others must not do p", where p is 0 for reading, 1 for writing, 3 for
 * changing the size. All locks are shared ones; whether another has one is asked by testing for an exclusive one. */
#define _GNU_SOURCE
#include "disk.h"

#include <fcntl.h>

#define DOES 100
#define FORBIDS 200

enum { PERM_READ = 0, PERM_WRITE = 1, PERM_RESIZE = 3 };

static struct flock one_byte(short type, int byte)
{
    return (struct flock){ .l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1 };
}

/* File systems without locks refuse, and then there is nothing to be had. */
static void take(int fd, int byte)
{
    struct flock l = one_byte(F_RDLCK, byte);
    (void)fcntl(fd, F_OFD_SETLK, &l);
}

static bool others_hold(int fd, int byte)
{
    struct flock l = one_byte(F_WRLCK, byte);
    return fcntl(fd, F_OFD_GETLK, &l) == 0 && l.l_type != F_UNLCK;
}

bool disk_lock(int fd, bool writable)
{
    take(fd, DOES + PERM_READ);
    take(fd, FORBIDS + PERM_WRITE);
    take(fd, FORBIDS + PERM_RESIZE);
    if (writable)
        take(fd, DOES + PERM_WRITE);
    return !others_hold(fd, FORBIDS + PERM_READ) && !others_hold(fd, DOES + PERM_WRITE) &&
           !others_hold(fd, DOES + PERM_RESIZE) && !(writable && others_hold(fd, FORBIDS + PERM_WRITE));
}
