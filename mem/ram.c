/* ram.c: the machine's RAM and ROM: host memory by the page, and which of its lines hold decoded code. */
#define _GNU_SOURCE
#include "space.h"
#include <stdlib.h>
#include <sys/mman.h>

void ram_pool_init(struct ram_pool *pool)
{
    *pool = (struct ram_pool){ 0 };
}

void ram_pool_free(struct ram_pool *pool)
{
    for (unsigned i = 0; i < pool->blocks; i++)
        munmap(pool->block[i].host, pool->block[i].size);
    if (pool->code_lines)
        munmap(pool->code_lines, pool->pages * sizeof(u32));
    *pool = (struct ram_pool){ 0 };
}

void ram_pool_listen(struct ram_pool *pool, struct ram_listener *l)
{
    l->next = pool->listeners;
    pool->listeners = l;
}

/* Makes room in code_lines for `pages` more pages: zeros that the host, too, gives memory for as they are touched. */
static bool grow_code_lines(struct ram_pool *pool, u64 pages)
{
    if (pages > SIZE_MAX / sizeof(u32) - pool->pages)
        return false;
    u64 old = pool->pages * sizeof(u32), size = (pool->pages + pages) * sizeof(u32);
    void *lines = old ? mremap(pool->code_lines, old, size, MREMAP_MAYMOVE)
                      : mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (lines == MAP_FAILED)
        return false;
    pool->code_lines = lines;
    return true;
}

/* A new block of whole pages, zero-filled; the host gives it memory as it is touched. */
static struct ram_block *add_block(struct ram_pool *pool, u64 size)
{
    u64 bytes = (size + PAGE_SIZE - 1) & PAGE_MASK;
    if (bytes == 0 || bytes < size || bytes > SIZE_MAX || pool->blocks == RAM_BLOCKS_MAX)
        return NULL;
    void *host = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (host == MAP_FAILED)
        return NULL;
    madvise(host, bytes,
            MADV_DONTFORK); /* no child has a use for it; and by that, it stands apart in /proc/PID/smaps */
    if (!grow_code_lines(pool, bytes >> PAGE_SHIFT)) {
        munmap(host, bytes);
        return NULL;
    }
    struct ram_block *b = &pool->block[pool->blocks++];
    *b = (struct ram_block){ host, pool->pages << PAGE_SHIFT, bytes };
    pool->pages += bytes >> PAGE_SHIFT;
    return b;
}

static bool init_memory(struct region *r, const char *name, enum region_kind kind, u64 size, struct ram_pool *pool)
{
    const struct ram_block *b = add_block(pool, size);
    if (!b)
        return false;
    *r = (struct region){ .name = name,
                          .kind = kind,
                          .access = REGION_RW,
                          .enabled = true,
                          .last = size - 1,
                          .host = b->host,
                          .ram_base = b->base };
    return true;
}

bool region_init_ram(struct region *r, const char *name, u64 size, struct ram_pool *pool)
{
    return init_memory(r, name, REGION_RAM, size, pool);
}

bool region_init_rom(struct region *r, const char *name, u64 size, struct ram_pool *pool)
{
    return init_memory(r, name, REGION_ROM, size, pool);
}

u8 *ram_page_host(const struct ram_pool *pool, u64 ram_page)
{
    if (ram_page >= pool->pages)
        return NULL;
    u64 addr = ram_page << PAGE_SHIFT;
    unsigned i = 0;
    while (addr - pool->block[i].base >= pool->block[i].size)
        i++;
    return pool->block[i].host + (addr - pool->block[i].base);
}

void ram_track(struct ram_pool *pool, const struct ram_tracker *tracker)
{
    pool->tracker = tracker ? *tracker : (struct ram_tracker){ 0 };
    pool->track = pool->tracker.bits;
}

COLD void ram_tell_tracker(struct ram_pool *pool, u64 ram_addr, u64 len)
{
    while (len) {
        u64 room = PAGE_SIZE - (ram_addr & ~PAGE_MASK), part = len < room ? len : room;
        if (ram_addr >> PAGE_SHIFT < pool->pages && pool->track[ram_addr >> PAGE_SHIFT])
            pool->tracker.before_write(pool->tracker.self, ram_addr, (unsigned)part);
        ram_addr += part;
        len -= part;
    }
}

void ram_touch(struct ram_pool *pool, u64 ram_page)
{
    if (ram_page_tracked(pool, ram_page))
        pool->tracker.before_write(pool->tracker.self, ram_page << PAGE_SHIFT, 0);
}

bool page_is_zero(const u8 *host)
{
    return get_le64(host) == 0 && memcmp(host, host + 8, PAGE_SIZE - 8) == 0;
}

void ram_code_written(struct ram_pool *pool, u64 ram_page, u32 mask)
{
    if (ram_page >= pool->pages)
        return;
    mask &= pool->code_lines[ram_page];
    if (LIKELY(!mask))
        return;
    pool->code_lines[ram_page] &= ~mask;
    struct ram_listener *next;
    for (struct ram_listener *l = pool->listeners; l; l = next) {
        next = l->next;
        l->code_written(l->self, ram_page, mask);
    }
}
