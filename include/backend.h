/* backend.h: what a device sees of the host: a disk's blocks, a stream of characters, a network. The front end makes
 * them. */
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
    const char *name; /* what the front end calls it; outlives its stay; NULL: nothing */
    char serial[21];  /* "QM00001" as QEMU numbers them */
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

/* The network that a card's cable leads to. Frames are Ethernet frames without their CRC, of at least 14 bytes. `now`
 * is the machine's time in ns. Nothing comes in but by receive(), which is called at points of the machine's time
 * alone: whoever records what it gave, and gives the same again, repeats the run. */
struct net_backend {
    /* A frame from the guest, not kept after the call. NULL: there is no network, the card has no link. */
    void (*send)(void *self, u64 now, const u8 *frame, size_t len);
    /* The next frame for the guest, at most `room` bytes; returns its length. 0: there is none now, and *again says
     * when to ask again (UINT64_MAX: after the next send). After a send() one always asks. */
    size_t (*receive)(void *self, u64 now, u8 *frame, size_t room, u64 *again);
    /* True while what comes next is up to the host's world: time should not run ahead of it. */
    bool (*waits_for_host)(void *self);
    void *self;
};

#endif
