/* walk.h: page walks, as walk.c gives them to mmu.c, and the physical memory below them. */
#ifndef PCEMU_WALK_H
#define PCEMU_WALK_H

#include "mmu.h"

/* #PF error code (SDM vol. 3, 4.7). */
enum { PF_P = 1, PF_W = 2, PF_U = 4, PF_RSVD = 8, PF_I = 16, PF_PK = 32 };

struct walk {
    u64 phys;               /* of the 4 KiB page */
    bool user, write, exec; /* what the tables allow, all levels together */
    bool global, dirty;
    bool accessed; /* the upper entries all have A set */
    u64 large;     /* a large page: its offset bits; else 0 */
    u64 leaf_at;   /* physical address of the leaf entry */
    u64 leaf;
    u64 path[4]; /* physical addresses of the upper entries, to set A */
    unsigned depth;
};

#define WALK_OK UINT32_MAX
/* Reads the tables for `lin`, where paging is on. Returns WALK_OK, or the error bits of a fault: 0 where an entry is
 * not present, PF_P | PF_RSVD for reserved bits. Nothing is written. */
u32 walk_tables(struct cpu *c, u64 lin, struct walk *w);
/* After a good walk: sets the accessed bits on the way and, for a write, the dirty bit (SDM vol. 3, 4.8). */
void walk_set_accessed(struct cpu *c, struct walk *w, bool write);

/* What a physical page is to reads and to writes: space_page(), by what is known of the stretch that it lies in. */
void phys_pages(struct cpu *c, u64 page, struct page *r, struct page *w);

#endif
