/* dma.h: a device's way to guest memory. Physical addresses as the device's bus master sees them. Only RAM and ROM are
 * reached, never registers; lengths are the device's duty to bound. */
#ifndef PCEMU_DMA_H
#define PCEMU_DMA_H

#include "base.h"

struct dma {
    void (*read)(void *bus, u64 addr, void *buf, size_t len);
    void (*write)(void *bus, u64 addr, const void *buf, size_t len);
    void *bus;
};

static inline void dma_read(const struct dma *d, u64 addr, void *buf, size_t len)
{
    d->read(d->bus, addr, buf, len);
}
static inline void dma_write(const struct dma *d, u64 addr, const void *buf, size_t len)
{
    d->write(d->bus, addr, buf, len);
}

#endif
