/* region.h: the machine's map as data. Memory space and port space are each a tree of regions, which `info mtree`
 * prints; space.h flattens a tree for look-up. All addresses here are physical (or port numbers, in the I/O tree).
 *
 * A region is a container, a window of device registers (I/O), RAM, ROM, or an alias of a part of another region.
 * Among overlapping siblings the higher priority wins; between equals the one added last. A disabled region, and all
 * below it, is not in the map. `access` says for which direction a region is mapped: PAM maps a shadow for reads only,
 * writes only, both or neither, and the map is flattened once for reads and once for writes. Changing anything in a
 * tree that is in use (enable, move, access) must be followed by nothing: the setters mark the owning address spaces
 * stale, and those flatten again on the next look-up. */
#ifndef PCEMU_REGION_H
#define PCEMU_REGION_H

#include "base.h"

enum region_kind { REGION_CONTAINER, REGION_IO, REGION_RAM, REGION_ROM, REGION_ALIAS };

enum region_access { REGION_NONE = 0, REGION_R = 1, REGION_W = 2, REGION_RW = 3 };

/* Register access. `offset` counts from the start of the region; `size` is 1, 2, 4 or 8 and offset + size never passes
 * the region's end. An access wider than max_size, or narrower than min_size, is split or widened by the bus before it
 * reaches the device, little-endian (0 means 1 and 8). `fixed_size` devices that must see an unsupported width leave
 * the limits open and look at `size` themselves. */
struct region_ops {
    u64 (*read)(void *dev, u64 offset, unsigned size);
    void (*write)(void *dev, u64 offset, u64 value, unsigned size);
    u8 min_size, max_size;
};

struct address_space;

struct region {
    const char *name; /* as `info mtree` prints it; not owned */
    enum region_kind kind;
    u8 access; /* enum region_access; RW unless set otherwise */
    bool enabled;
    s32 priority;
    u64 addr;                /* offset in the parent */
    u64 last;                /* size - 1, so that a whole 2^64 space has a value */
    struct region *parent;   /* the container it stands in, or NULL */
    struct region *children; /* first child, in order of look-up: priority falling, then newest first */
    struct region *next;     /* next sibling */

    const struct region_ops *ops; /* REGION_IO */
    bool wide; /* REGION_IO: the chip decodes where an access begins; it is made whole, even beyond the region's end */
    void *dev;

    u8 *host;     /* REGION_RAM, REGION_ROM: the bytes; owned by the ram_pool */
    u64 ram_base; /* REGION_RAM, REGION_ROM: page-aligned place in the machine's pool of RAM, see space.h */

    struct region *target; /* REGION_ALIAS */
    u64 target_offset;

    struct region *aliases;    /* the aliases that show a part of this region */
    struct region *next_alias; /* REGION_ALIAS: next alias of the same target */

    struct address_space *space; /* root regions: the space to mark stale (a chain by space->next_of_root) */
};

struct ram_pool;

void region_init_container(struct region *r, const char *name, u64 size_or_0_for_2_64);
void region_init_io(struct region *r, const char *name, u64 size, const struct region_ops *ops, void *dev);
/* RAM or ROM of `size` bytes, zero-filled, allocated from `pool`, which owns it. False when the host has no memory. */
bool region_init_ram(struct region *r, const char *name, u64 size, struct ram_pool *pool);
bool region_init_rom(struct region *r, const char *name, u64 size, struct ram_pool *pool);
void region_init_alias(struct region *r, const char *name, struct region *target, u64 target_offset, u64 size);

/* Places `child` (not yet placed) at `addr` within container `parent`. */
void region_add(struct region *parent, u64 addr, struct region *child, int priority);
void region_remove(struct region *child);
void region_set_enabled(struct region *r, bool enabled);
void region_set_addr(struct region *r, u64 addr);
void region_set_size(struct region *r, u64 size);
void region_set_access(struct region *r, enum region_access access);
/* Points an alias at another part of its target. */
void region_set_target_offset(struct region *r, u64 target_offset);

static inline u64 region_size(const struct region *r)
{
    return r->last + 1; /* 0 means 2^64 */
}

#endif
