/* space.h: an address space: a region tree flattened for look-up, and the accesses that go through it. The CPU's TLB is
 * filled from space_page(); everything else (MMIO, port I/O, DMA) comes through space_read/space_write. Physical
 * addresses (port numbers in the I/O space).
 *
 * RAM pool. Every RAM and ROM region of a machine takes a page-aligned stretch of one number space ("ram address"), so
 * that a page of RAM has one name wherever it is mapped. Decoded code is tracked by it: each 4 KiB page has a 32-bit
 * mask, one bit per 128-byte line that holds decoded instructions. A write to such a line by anyone must reach
 * ram_code_written(), which tells the listeners to drop what they decoded; but for a processor's own store, which goes
 * to the cache of decoded blocks by the byte (cpu/block.h). */
#ifndef PCEMU_SPACE_H
#define PCEMU_SPACE_H

#include "dma.h"
#include "region.h"
#include "log.h"

#define CODE_LINE_SHIFT 7 /* 128-byte lines */

struct ram_listener {
    /* Code decoded from lines `mask` of page `ram_page` (ram address >> 12) is about to change or has just changed. */
    void (*code_written)(void *self, u64 ram_page, u32 mask);
    void *self;
    struct ram_listener *next;
};

struct ram_block {
    u8 *host;
    u64 base, size; /* ram address, bytes */
};

#define RAM_BLOCKS_MAX 32

/* Somebody who wants to know of writes, whoever makes them, page by page. */
struct ram_tracker {
    /* `len` bytes at a ram address, within one page whose byte in `bits` is not 0, are about to be written. */
    void (*before_write)(void *self, u64 ram_addr, unsigned len);
    void *self;
    u8 *bits; /* [pages] */
};

struct ram_pool {
    struct ram_block block[RAM_BLOCKS_MAX];
    unsigned blocks;
    u64 pages;       /* pages handed out: ram pages are 0 … pages - 1 */
    u32 *code_lines; /* [pages] mask of 128-byte lines with decoded code */
    struct ram_listener *listeners;
    u8 *track; /* the tracker's bits; NULL: nobody tracks */
    struct ram_tracker tracker;
    bool by_device; /* DMA is writing, not a processor */
};

void ram_pool_init(struct ram_pool *pool);
void ram_pool_free(struct ram_pool *pool);
void ram_pool_listen(struct ram_pool *pool, struct ram_listener *l);
/* Host address of a ram page (ram address >> 12), NULL if out of range. */
u8 *ram_page_host(const struct ram_pool *pool, u64 ram_page);
/* The 4096 bytes at `host`, aligned, are all zero. */
bool page_is_zero(const u8 *host);
/* Lines of a page touched by `len` bytes (1…4096 within the page) at `offset` in it. */
static inline u32 code_line_mask(unsigned offset, unsigned len)
{
    unsigned first = offset >> CODE_LINE_SHIFT, last = (offset + len - 1) >> CODE_LINE_SHIFT;
    return (u32)(((u64)2 << last) - ((u64)1 << first));
}
/* Begins to track; NULL: ends. One tracker at a time. Processors learn of bytes that were set by cpu_track_writes(). */
void ram_track(struct ram_pool *pool, const struct ram_tracker *tracker);
/* Everyone who writes memory says so before; `len` bytes of one block. */
void ram_tell_tracker(struct ram_pool *pool, u64 ram_addr, u64 len);
static inline void ram_will_write(struct ram_pool *pool, u64 ram_addr, u64 len)
{
    if (UNLIKELY(pool->track != NULL))
        ram_tell_tracker(pool, ram_addr, len);
}
/* Some byte of the page will perhaps be written: told with a length of 0. */
void ram_touch(struct ram_pool *pool, u64 ram_page);
static inline bool ram_page_tracked(const struct ram_pool *pool, u64 ram_page)
{
    return pool->track && pool->track[ram_page];
}
/* Tells every listener, if any of the lines holds code, and clears those bits. */
void ram_code_written(struct ram_pool *pool, u64 ram_page, u32 mask);

struct section { /* one stretch of a flattened map */
    u64 first, last;
    const struct region *region; /* RAM, ROM or I/O; NULL where nothing is mapped */
    u64 offset;                  /* of `first` within region */
};

struct flat_map {
    struct section *section; /* sorted, without gaps over the whole space */
    size_t n, room;
    size_t hint; /* index of the section found last */
    u16 *port;   /* the port space: [65536] index of each port's section; NULL: search */
};

struct address_space {
    const char *name;
    struct region *root;
    struct ram_pool *pool;
    struct log *log;
    bool stale;              /* the tree changed since it was flattened */
    u64 generation;          /* counts flattenings; users of cached look-ups compare it */
    struct flat_map view[2]; /* [0] for reads, [1] for writes */
    /* Called whenever the map was marked stale, so that a CPU can drop its TLB. */
    void (*changed)(void *self);
    void *changed_self;
    /* Called after DMA has written to RAM; NULL: nobody wants to know. */
    void (*device_wrote)(void *self, u64 addr, u64 len);
    void *device_wrote_self;
    u64 unmapped_read; /* what an access to nothing reads: all ones */
    bool is_io;        /* the port space: unmapped accesses are not logged as guest errors, but by port */
    struct address_space *next_of_root;

    /* What was said once in the log and is not said again. */
    u8 *port_said; /* the port space: one bit a port */
    bool said_rom_write, said_dma_miss;
};

/* `root` may serve several spaces. `pool` is that of the tree's RAM; NULL: writes are not looked at for code. */
void space_init(struct address_space *as, const char *name, struct region *root, struct ram_pool *pool, struct log *log,
                bool is_io);
void space_free(struct address_space *as);
/* The port space: an access to one of these `count` ports (from `first`) is not news while nothing is there: a place
 * where every guest looks whether this machine has what some have. The log does not name it. */
void space_expect_nothing(struct address_space *as, u64 first, unsigned count);
/* Marks the map stale (called by the region setters). */
void space_mark_stale(struct address_space *as);
/* The section that holds `addr`; never NULL (its region is, where nothing is mapped). Flattens first where stale. */
const struct section *space_find(struct address_space *as, u64 addr, bool write);

struct page { /* what one 4 KiB page is to one kind of access */
    u8 *host; /* the page's bytes when the whole page is plain RAM (for reads: or ROM); NULL: use space_read/_write */
    u64 ram_page; /* ram address >> 12, valid where host is */
};
struct page space_page(struct address_space *as, u64 page_addr, bool write);

struct ram_stretch { /* addresses, whole pages, that are plain RAM, the same to reads and to writes */
    u64 first, last;
    u8 *host;     /* the byte at `first`, */
    u64 ram_addr; /* and its RAM address */
};
/* The longest that holds a page. False: the page is in none. It holds until the map is changed. */
bool space_stretch(struct address_space *as, u64 page_addr, struct ram_stretch *stretch);

/* One access of 1, 2, 4 or 8 bytes. RAM writes keep the code tracking exact. An access that leaves its section is made
 * byte by byte, except one that starts and ends in the same I/O region around a smaller one (a dword at port CF8, in
 * whose middle CF9 is another chip's): that is made whole. */
u64 space_read(struct address_space *as, u64 addr, unsigned size);
void space_write(struct address_space *as, u64 addr, u64 value, unsigned size);
/* Byte strings to and from RAM and ROM only (device DMA never reaches registers: that is how devices re-enter
 * themselves); bytes that are not memory read as FF and are dropped on write, said once in the log. */
void space_read_bytes(struct address_space *as, u64 addr, void *buf, size_t len);
void space_write_bytes(struct address_space *as, u64 addr, const void *buf, size_t len);
/* Reads what is RAM or ROM from `addr` on, up to `len` bytes, and says nothing about the rest. Returns how many. */
size_t space_peek(struct address_space *as, u64 addr, void *buf, size_t len);
/* The space as a bus master sees it: space_read_bytes and space_write_bytes. */
struct dma space_dma(struct address_space *as);

/* Prints a tree as QEMU's `info mtree` prints it (address-space header not included). Disabled regions are left out;
 * as there, what stands in a disabled container is printed all the same. */
void region_print(const struct region *r, FILE *out);
/* The same with disabled regions, marked " [disabled]" (`info mtree -D`). */
void region_print_all(const struct region *r, FILE *out);
/* The whole of `info mtree`: each root with the names of its spaces, then once each region that an alias points to.
 * False when the host has no memory. */
bool mtree_print(struct address_space *const *spaces, size_t count, bool show_disabled, FILE *out);
/* `info mtree -f`: what accesses find. Memory that is seen for reads alone prints as "rom". */
void mtree_print_flat(struct address_space *const *spaces, size_t count, FILE *out);

#endif
