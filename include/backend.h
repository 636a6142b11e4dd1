/* backend.h: what a device sees of the host: a disk's blocks, a stream of characters. The front end makes them. */
#ifndef PCEMU_BACKEND_H
#define PCEMU_BACKEND_H

#include "base.h"

#define BLOCK_SECTOR 512

/* A disk. "No medium" is a backend with sectors == 0, never NULL. Calls are synchronous; the device bounds them to the
 * disk's size. Return: true, or false for a host I/O error (the backend has said why in the log). */
struct block_backend {
    u64 sectors;
    bool read_only;
    bool (*read)(void *self, u64 sector, void *buf, u32 count);
    bool (*write)(void *self, u64 sector, const void *buf, u32 count);
    bool (*flush)(void *self);
    void *self;
    char serial[21]; /* "QM00001" as QEMU numbers them */
};

/* A byte stream out of a device (serial port, debug console). Input is pushed into the device by the front end, paced
 * by the device's own "can receive". */
struct char_backend {
    void (*write)(void *self, u8 byte);
    void *self;
};

static inline void char_write(const struct char_backend *c, u8 byte)
{
    if (c->write)
        c->write(c->self, byte);
}

#endif
