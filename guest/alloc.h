/* alloc.h: the kernel's memory allocator, after the notes' last chapter: an address space of 2^64 bytes in eight levels
 * of 256.
 *
 *   level   granule    a page has at most           A page:  +--------------+
 *     0     2^56       2^64 bytes                            | Size         |
 *     1     2^48       2^56                                  +--------------+
 *     2     2^40       2^48  (281 T)                         | Next         |
 *     3     2^32       2^40  (1 T)                           +--------------+
 *     4     2^24       2^32  (4 G)                           | Block        |
 *     5     2^16       2^24  (16 M)                          |              |
 *     6     2^8        2^16  (64 K)                          +--------------+
 *     7     1          2^8   (256 bytes)
 *
 * A page of a level is 1 to 256 granules long. Each level has a list of used and one of free pages. A request takes the
 * first free page that is large enough, from its own level or, when there is none, from those above; what is left over
 * becomes a free page of the level that its size belongs to. Free pages that touch are joined.
 *
 * The same code serves physical memory, where a page's header lies in front of its block, and virtual addresses, where
 * there is nothing yet: there the headers come from a physical arena. */
#ifndef GUEST_ALLOC_H
#define GUEST_ALLOC_H

#include "types.h"

#define LEVELS 8

struct page {
    u64 size; /* of the block, with the header where that is in front of it */
    struct page *next;
    u64 block;
};

struct arena {
    struct page *used[LEVELS], *free[LEVELS];
    u64 total;
    struct arena *headers; /* where headers come from; NULL: they lie in front of their blocks */
};

/* The level that a page of that size belongs to; the size rounded up to its granules. */
u32 alloc_level(u64 size);
u64 alloc_round(u64 size);

/* Gives [base, base + size) to the arena. */
void arena_add(struct arena *a, u64 base, u64 size);
/* The address of a block of that size, a multiple of `align` (a power of two); 0: there is none. */
u64 arena_alloc(struct arena *a, u64 size, u64 align);
/* Frees a block; whether there was such a block. */
int arena_free(struct arena *a, u64 block);
/* Takes all free ranges away from the arena again. */
void arena_drop(struct arena *a);
/* The bytes on the lists of used or of free pages, and how many pages those are. */
u64 arena_bytes(struct page *const lists[LEVELS], u32 *pages);

/* The kernel's memory: RAM from alloc_init()'s map, above what the kernel itself occupies. */
extern struct arena memory;
void alloc_init(void);

#endif
