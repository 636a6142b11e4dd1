/* mmu.h: translation, as mmu.c gives it to mem_access.c and block.c. */
#ifndef PCEMU_MMU_H
#define PCEMU_MMU_H

#include "sys.h"

/* The TLB entry for the page of `linear` in set `set`, good for reading or (when `write`) writing; fills it by a page
 * walk. NULL: #PF is recorded. The entry stays valid until the next fill or flush. */
struct tlb_entry *mmu_lookup(struct cpu *c, u64 linear, enum tlb_set set, bool write);
/* The fetch entry for the page of `linear`, at the current CPL. NULL: #PF is recorded. */
const struct fetch_entry *mmu_fetch(struct cpu *c, u64 linear);
/* A writable entry's page is about to be written: where nothing but a tracker of writes was in the way, it is told, and
 * stores pass from now on. */
void mmu_touch(struct cpu *c, struct tlb_entry *e);
/* Where the fetch TLB has the page of `linear` for level 3 (`user`) or the others: code that both run takes two. */
static inline unsigned fetch_slot(u64 linear, bool user)
{
    return (unsigned)((linear >> PAGE_SHIFT) ^ (user ? FETCH_ENTRIES / 2 : 0)) & (FETCH_ENTRIES - 1);
}
/* Makes writes to a page of memory slow because code was decoded in it. */
void mmu_protect_code(struct cpu *c, u64 ram_page);
/* The memory as the CPU sees it now: SMM or not. */
static inline struct address_space *cpu_space(const struct cpu *c)
{
    return c->smm ? c->w.smm_mem : c->w.mem;
}
/* Host memory behind a physical page (RAM), or NULL. */
u8 *mmu_phys_host(struct cpu *c, u64 page, u64 *ram_page);

#endif
