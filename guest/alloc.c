/* alloc.c: see alloc.h. */
#include "alloc.h"
#include "kernel.h"

#define HEADER 32u /* in front of a block: a struct page, rounded up */
#define KERNEL_END 0x300000u
#define E820_RAM 1
#define END_32 0xc0000000ull /* what a kernel of 32 bits uses of it */
#define PAGE_TABLE_PAGE 4096u

struct arena memory;

u32 alloc_level(u64 size)
{
    u32 level = LEVELS - 1;
    for (u64 rest = size ? (size - 1) >> 8 : 0; rest && level; rest >>= 8)
        level--;
    return level;
}

u64 alloc_round(u64 size)
{
    u32 shift = 8 * (LEVELS - 1 - alloc_level(size));
    u64 granule = 1ull << shift;
    return (size + granule - 1) & ~(granule - 1);
}

static u64 in_front(const struct arena *a)
{
    return a->headers ? 0 : HEADER;
}

/* A header for the range; NULL: no memory for it. */
static struct page *header_for(struct arena *a, u64 start, u64 size)
{
    struct page *p;
    if (a->headers)
        p = (struct page *)(uptr)arena_alloc(a->headers, sizeof *p, 1);
    else
        p = (struct page *)(uptr)start;
    if (p)
        *p = (struct page){ size, NULL, start + in_front(a) };
    return p;
}

static void drop_header(struct arena *a, struct page *p)
{
    if (a->headers)
        arena_free(a->headers, (u64)(uptr)p);
}

static void push(struct page **list, struct page *p)
{
    p->next = *list;
    *list = p;
}

static u64 start_of(const struct arena *a, const struct page *p)
{
    return p->block - in_front(a);
}

/* Takes the free page that begins (or ends) at that address off its list. */
static struct page *take_neighbour(struct arena *a, u64 address, int ends)
{
    for (u32 level = 0; level < LEVELS; level++)
        for (struct page **p = &a->free[level]; *p; p = &(*p)->next) {
            u64 edge = start_of(a, *p) + (ends ? (*p)->size : 0);
            if (edge == address) {
                struct page *found = *p;
                *p = found->next;
                return found;
            }
        }
    return NULL;
}

/* A free page for the range, joined with those that it touches. `p`: its header, or NULL. */
static void put_free(struct arena *a, struct page *p, u64 start, u64 size)
{
    struct page *before = take_neighbour(a, start, 1), *after = take_neighbour(a, start + size, 0);
    if (before) {
        start = start_of(a, before);
        size += before->size;
        drop_header(a, before);
    }
    if (after) {
        size += after->size;
        drop_header(a, after);
    }
    if (p)
        *p = (struct page){ size, NULL, start + in_front(a) };
    if (!p || !a->headers)
        p = header_for(a, start, size);
    if (p)
        push(&a->free[alloc_level(size)], p);
}

void arena_add(struct arena *a, u64 base, u64 size)
{
    a->total += size;
    put_free(a, NULL, base, size);
}

/* Where in a free page a block of that size and alignment would begin (its header included); 0: it does not fit. */
static u64 place_in(const struct arena *a, const struct page *p, u64 size, u64 align)
{
    const u64 start = start_of(a, p), end = start + p->size, front = in_front(a);
    u64 block = (p->block + align - 1) & ~(align - 1);
    while (block - front != start && block - front - start < HEADER) /* room for a header of what is in front */
        block += align;
    return block >= p->block && block - front + size <= end ? block - front : 0;
}

/* The rest behind the block must have room for a header, or go with it. */
static u64 taken(const struct arena *a, u64 at, u64 size, u64 end)
{
    return !a->headers && end - at - size < HEADER ? end - at : size;
}

static u64 take(struct arena *a, struct page **list, u64 at, u64 size)
{
    struct page *p = *list;
    const u64 start = start_of(a, p), end = start + p->size;
    *list = p->next;
    drop_header(a, p);
    size = taken(a, at, size, end);
    if (at > start)
        put_free(a, NULL, start, at - start);
    if (end > at + size)
        put_free(a, NULL, at + size, end - at - size);
    p = header_for(a, at, size);
    if (!p)
        return 0;
    push(&a->used[alloc_level(size)], p);
    return p->block;
}

u64 arena_alloc(struct arena *a, u64 size, u64 align)
{
    if (!size || !align || align & (align - 1))
        return 0;
    const u64 whole = alloc_round(size + in_front(a));
    if (whole < size)
        return 0;
    for (int level = (int)alloc_level(whole); level >= 0; level--)
        for (struct page **p = &a->free[level]; *p; p = &(*p)->next) {
            u64 at = place_in(a, *p, whole, align);
            if (at)
                return take(a, p, at, whole);
        }
    return 0;
}

int arena_free(struct arena *a, u64 block)
{
    for (u32 level = 0; level < LEVELS; level++)
        for (struct page **p = &a->used[level]; *p; p = &(*p)->next)
            if ((*p)->block == block) {
                struct page *found = *p;
                *p = found->next;
                put_free(a, found, start_of(a, found), found->size);
                return 1;
            }
    return 0;
}

void arena_drop(struct arena *a)
{
    for (u32 level = 0; level < LEVELS; level++)
        while (a->free[level]) {
            struct page *p = a->free[level];
            a->free[level] = p->next;
            a->total -= p->size;
            drop_header(a, p);
        }
}

u64 arena_bytes(struct page *const lists[LEVELS], u32 *pages)
{
    u64 bytes = 0;
    *pages = 0;
    for (u32 level = 0; level < LEVELS; level++)
        for (const struct page *p = lists[level]; p; p = p->next) {
            bytes += p->size;
            ++*pages;
        }
    return bytes;
}

void alloc_init(void)
{
    for (u32 i = 0; i < info->e820_count; i++) {
        const struct e820 *e = &info->e820[i];
        u64 start = e->base < KERNEL_END ? KERNEL_END : e->base;
        u64 end = e->base + e->size > END_32 ? END_32 : e->base + e->size;
        if (e->type == E820_RAM && start + PAGE_TABLE_PAGE < end)
            arena_add(&memory, start, end - start);
    }
}
