/* isa_debug_exit.c: QEMU's isa-debug-exit (no data sheet): a write of `value`, at any of its ports, ends the machine
 * with status (value << 1) | 1. A read gives 0. */
#include "isa_debug_exit.h"

#include <assert.h>

static u64 exit_read(void *dev, u64 offset, unsigned size)
{
    (void)dev;
    (void)offset;
    (void)size;
    return 0;
}

static void exit_write(void *dev, u64 offset, u64 value, unsigned size)
{
    const struct isa_debug_exit *s = dev;
    (void)offset;
    (void)size;
    s->exit(s->owner, (u32)(value << 1) | 1);
}

static const struct region_ops exit_ops = { exit_read, exit_write, 1, 4 };

void isa_debug_exit_init(struct isa_debug_exit *s, u32 iosize, void (*exit)(void *owner, u32 status), void *owner)
{
    assert(iosize > 0);
    *s = (struct isa_debug_exit){ .exit = exit, .owner = owner };
    region_init_io(&s->io, "isa-debug-exit", iosize, &exit_ops, s);
}
