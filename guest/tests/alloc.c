/* alloc.c: the allocator under random load: no two blocks overlap, nothing is lost, all comes together again; then
 * virtual addresses, with page tables and pages from it. */
#include "alloc.h"
#include "paging.h"
#include "tests.h"

#define SLOTS 64u
#define STEPS 3000u
#define POOL_SIZE 0x100000u

static struct {
    u64 block;
    u32 size;
    u8 mark;
} slots[SLOTS];
static u32 seed;

static u32 random_number(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return seed;
}

static void levels(void)
{
    ok(alloc_level(1) == 7 && alloc_level(256) == 7, "level 7: up to 256 bytes");
    ok(alloc_level(257) == 6 && alloc_level(65536) == 6, "level 6: up to 64 KiB");
    ok(alloc_level(65537) == 5 && alloc_level(1 << 24) == 5, "level 5: up to 16 MiB");
    ok(alloc_level((1 << 24) + 1) == 4 && alloc_level(1ull << 32) == 4, "level 4: up to 4 GiB");
    ok(alloc_level((1ull << 32) + 1) == 3 && alloc_level(1ull << 40) == 3, "level 3: up to 1 TiB");
    ok(alloc_level((1ull << 40) + 1) == 2 && alloc_level(1ull << 48) == 2, "level 2: up to 256 TiB");
    ok(alloc_level((1ull << 48) + 1) == 1 && alloc_level((1ull << 56) + 1) == 0, "levels 1 and 0: up to 2^56 and 2^64");
    ok(alloc_round(255) == 255 && alloc_round(257) == 512 && alloc_round(65537) == 0x20000,
       "sizes are multiples of the level's granule");
}

static int intact(u32 i)
{
    const u8 *p = (const u8 *)(uptr)slots[i].block;
    for (u32 j = 0; j<slots[i].size; j += slots[i].size> 4096 ? 509 : 1)
        if (p[j] != slots[i].mark)
            return 0;
    return p[slots[i].size - 1] == slots[i].mark;
}

/* One step: frees a slot or fills it. Whether all was as it should be. */
static int step(struct arena *a, u32 *refused)
{
    u32 i = random_number() % SLOTS;
    if (slots[i].block) {
        int good = intact(i) && arena_free(a, slots[i].block);
        slots[i].block = 0;
        return good;
    }
    u32 kind = random_number() % 16, align = 1u << random_number() % 13;
    slots[i].size = 1 + random_number() % (kind < 10 ? 200 : kind < 15 ? 6000 : 400000);
    slots[i].block = arena_alloc(a, slots[i].size, align);
    slots[i].mark = (u8)random_number();
    if (!slots[i].block) {
        ++*refused;
        return 1;
    }
    mem_set((void *)(uptr)slots[i].block, slots[i].mark, slots[i].size);
    return !(slots[i].block & (align - 1));
}

static u64 lost(const struct arena *a)
{
    u32 pages;
    return a->total - arena_bytes(a->used, &pages) - arena_bytes(a->free, &pages);
}

static void physical(void)
{
    static struct arena pool;
    u32 pages, refused = 0, good = 1;
    u64 room = arena_alloc(&memory, POOL_SIZE, PAGE);
    ok(room && !(room & (PAGE - 1)), "physical memory: 1 MiB, aligned to a page");
    arena_add(&pool, room, POOL_SIZE);
    seed = 20240101;
    for (u32 i = 0; i < STEPS; i++)
        good &= (u32)step(&pool, &refused) & (lost(&pool) == 0);
    ok(good, "random load: 3000 steps, no block touches another's bytes, no byte is lost");
    ok(refused > 0, "... some requests find no room, and are refused");
    for (u32 i = 0; i < SLOTS; i++)
        if (slots[i].block)
            good &= (u32)(intact(i) && arena_free(&pool, slots[i].block));
    ok(good, "... all blocks are intact in the end");
    u64 bytes = arena_bytes(pool.free, &pages);
    ok(bytes == POOL_SIZE && pages == 1, "... and all comes together to one free page");
    ok(!arena_bytes(pool.used, &pages) && !pages, "... no page is used");
    ok(!arena_free(&pool, room + 64), "what is no block can't be freed");
    ok(arena_free(&memory, room), "the pool is given back");
}

/* Ranges of addresses beyond all memory: their headers are elsewhere. */
static void addresses(void)
{
    static struct arena space;
    u32 pages;
    space.headers = &memory;
    arena_add(&space, 0x8000000000000000ull, 1ull << 62);
    u64 a = arena_alloc(&space, 1ull << 40, 1 << 30), b = arena_alloc(&space, (1ull << 48) + 5, PAGE),
        c = arena_alloc(&space, 3, 1);
    ok(a && b && c, "an address space of 2^62 bytes: 1 TiB, more than 256 TiB, three bytes");
    ok(space.used[3] && space.used[1] && space.used[7], "... on the lists of levels 3, 1 and 7");
    ok(arena_free(&space, b) && arena_free(&space, a) && arena_free(&space, c), "... freed");
    ok(arena_bytes(space.free, &pages) == 1ull << 62 && pages == 1, "... one free page again");
    arena_drop(&space);
}

static u64 alloc_table(void)
{
    u64 table = arena_alloc(&memory, PAGE, PAGE);
    mem_set((void *)(uptr)table, 0, PAGE);
    return table;
}

/* Virtual addresses from one arena, pages from the other, tables from there, too. */
static void virtual(void)
{
    static struct arena space;
    u32 free_pages, before, *directory = (u32 *)(uptr)alloc_table(), *table = (u32 *)(uptr)alloc_table();
    u64 pages[4], bytes = arena_bytes(memory.free, &before);
    space.headers = &memory;
    arena_add(&space, WINDOW, PAGE_4M);
    for (u32 i = 0; i < 1024; i++)
        directory[i] = i * PAGE_4M | PTE_PS | PTE_P | PTE_W;
    directory[WINDOW / PAGE_4M] = (u32)(uptr)table | PTE_P | PTE_W;
    u32 at = (u32)arena_alloc(&space, sizeof pages / sizeof *pages * PAGE, PAGE);
    for (u32 i = 0; i < ARRAY_LEN(pages); i++) {
        pages[i] = arena_alloc(&memory, PAGE, PAGE);
        table[at / PAGE % 1024 + i] = (u32)pages[i] | PTE_P | PTE_W;
    }
    write_cr3((u32)(uptr)directory);
    write_cr4(read_cr4() | CR4_PSE);
    write_cr0(read_cr0() | CR0_PG);
    for (u32 i = 0; i < ARRAY_LEN(pages) * PAGE / 4; i++)
        ((volatile u32 *)(uptr)at)[i] = i;
    write_cr0(read_cr0() & ~CR0_PG);
    write_cr4(read_cr4() & ~(uptr)CR4_PSE);
    u32 right = 1;
    for (u32 i = 0; i < ARRAY_LEN(pages); i++)
        right &=
            *(u32 *)(uptr)pages[i] == i * PAGE / 4 && *(u32 *)(uptr)(pages[i] + PAGE - 4) == (i + 1) * PAGE / 4 - 1;
    ok(right, "virtual memory: four pages in a row, wherever they are");
    for (u32 i = 0; i < ARRAY_LEN(pages); i++)
        arena_free(&memory, pages[i]);
    arena_free(&space, at);
    arena_drop(&space);
    ok(arena_bytes(memory.free, &free_pages) == bytes && free_pages == before, "... given back without a trace");
    arena_free(&memory, (u64)(uptr)directory);
    arena_free(&memory, (u64)(uptr)table);
}

void alloc_tests(void)
{
    u32 pages;
    alloc_init();
    ok(memory.total >= 1 << 20 && arena_bytes(memory.free, &pages) == memory.total,
       "all memory above the kernel is free");
    levels();
    physical();
    addresses();
    virtual();
}
