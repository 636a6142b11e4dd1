/* paging_bench.h: page tables of every mode, built for one tested range. */
#ifndef PCEMU_TESTS_PAGING_BENCH_H
#define PCEMU_TESTS_PAGING_BENCH_H

#include "harness.h"
#include <stdlib.h>

enum { P = 1, W_ = 2, U = 4, A = 0x20, D = 0x40, PS = 0x80, G = 0x100 };

#define ALL_RIGHTS (P | W_ | U)
#define TABLES 0x200000u /* page directory, PDPT or, in long mode, the PDPT of the tested half */
#define TARGET 0x800000u /* physical; also the offset from the tested range's start */
#define MARK 0x5a5a1234u
#define FIFTH 0x0055008000000000u /* needs 57 bits */

struct paging {
    const char *name;
    enum bench_mode super, user;
    unsigned levels;    /* entries on the way */
    unsigned entry;     /* bytes of one */
    bool large;         /* the last has PS */
    u64 linear;         /* the tested address */
    u64 reserved;       /* a reserved bit of the leaf; 0: none */
    u64 reserved_upper; /* and of the entries above it */
    u32 cr4;
};

static const struct paging modes[] = {
    { "32-bit", BENCH_32, BENCH_32U, 2, 4, false, 0x40000000 + TARGET, 0, 0, 0 },
    { "32-bit, 4 MiB", BENCH_32, BENCH_32U, 1, 4, true, 0x40000000 + TARGET, BIT64(21), 0, CR4_PSE },
    { "PAE", BENCH_32, BENCH_32U, 2, 8, false, 0x40000000 + TARGET, BIT64(45), BIT64(62), CR4_PAE },
    { "PAE, 2 MiB", BENCH_32, BENCH_32U, 1, 8, true, 0x40000000 + TARGET, BIT64(13), 0, CR4_PAE },
    { "4-level", BENCH_64, BENCH_64U, 4, 8, false, 0x8000000000 + TARGET, BIT64(40), BIT64(51), CR4_PAE },
    { "4-level, 2 MiB", BENCH_64, BENCH_64U, 3, 8, true, 0x8000000000 + TARGET, BIT64(20), BIT64(47), CR4_PAE },
    { "4-level, 1 GiB", BENCH_64, BENCH_64U, 2, 8, true, 0x8000000000 + TARGET, BIT64(29), BIT64(40), CR4_PAE },
    { "5-level", BENCH_64, BENCH_64U, 5, 8, false, FIFTH + TARGET, BIT64(40), BIT64(51), CR4_PAE | CR4_LA57 },
    { "5-level, 2 MiB", BENCH_64, BENCH_64U, 4, 8, true, FIFTH + TARGET, BIT64(20), BIT64(47), CR4_PAE | CR4_LA57 },
    { "5-level, 1 GiB", BENCH_64, BENCH_64U, 3, 8, true, FIFTH + TARGET, BIT64(29), BIT64(40), CR4_PAE | CR4_LA57 },
};

/* All the levels of the mode, of which a large page leaves the last out. */
static inline unsigned depth_of(const struct paging *m)
{
    return m->super != BENCH_64 ? 2 : m->cr4 & CR4_LA57 ? 5 : 4;
}

struct bed {
    struct bench *b;
    const struct paging *mode;
    bool user;
    u32 at[5]; /* physical addresses of the entries on the way, leaf last */
    u64 plain[5];
};

static inline void put_entry(struct bed *t, u32 at, u64 value)
{
    bench_put(t->b, at, value, t->mode->entry);
}

static inline u64 get_entry(struct bed *t, unsigned k)
{
    return bench_get(t->b, t->at[k], t->mode->entry);
}

/* Pages of the system are the supervisor's; the code, data and stack belong to the privilege under test. */
static inline u64 low_rights(const struct bed *t, u32 page)
{
    bool system = page < 0x10 || (page >= 0x37 && page < 0x40);
    return P | W_ | (t->user && !system ? U : 0);
}

static inline void map_low_legacy(struct bed *t)
{
    unsigned entry = t->mode->entry, per_table = 0x1000 / entry;
    u32 directory = entry == 8 ? TABLES + 0x1000 : TABLES;
    if (entry == 8)
        for (u32 i = 0; i < 4; i++)
            put_entry(t, TABLES + 8 * i, (TABLES + 0x1000 + (i == 1 ? 0x3000 : 0)) | P);
    put_entry(t, directory, (TABLES + 0x2000) | ALL_RIGHTS);
    for (u32 page = 0; page < per_table && page < 512; page++)
        put_entry(t, TABLES + 0x2000 + page * entry, (u64)page << 12 | low_rights(t, page));
}

/* The entries from the top: each points to the next table, the last to the target. */
static inline void map_target(struct bed *t)
{
    const struct paging *m = t->mode;
    bool from_tables = m->entry == 4 || (m->cr4 & CR4_LA57);
    u32 table = from_tables ? TABLES : m->super == BENCH_64 ? BENCH_PML4 : TABLES + 0x4000;
    unsigned bits = m->entry == 8 ? 9 : 10;
    unsigned depth = depth_of(m);
    for (unsigned k = 0; k < m->levels; k++) {
        unsigned shift = 12 + bits * (depth - 1 - k);
        bool leaf = k == m->levels - 1;
        u32 next = TABLES + 0x8000 + 0x1000 * k;
        t->at[k] = table + (u32)(m->linear >> shift & ((1u << bits) - 1)) * m->entry;
        t->plain[k] = leaf ? ((u64)TARGET & ~(BIT64(shift) - 1)) | (m->large ? PS : 0) : next;
        put_entry(t, t->at[k], t->plain[k] | ALL_RIGHTS);
        table = next;
    }
}

static inline struct bed new_bed(const struct paging *mode, bool user)
{
    struct bed t = { .b = bench_new(user ? mode->user : mode->super), .mode = mode, .user = user };
    memset(t.b->m + TABLES, 0, 0x10000);
    if (mode->super == BENCH_64) {
        for (u32 page = 0; page < 0x100; page++)
            bench_put(t.b, BENCH_PTE(page), (u64)page << 12 | low_rights(&t, page), 8);
        if (mode->cr4 & CR4_LA57) { /* the bench's tables are the first of the PML5's */
            put_entry(&t, TABLES, BENCH_PML4 | ALL_RIGHTS);
            t.b->cpu->cr3 = TABLES;
        }
    } else {
        map_low_legacy(&t);
        t.b->cpu->cr3 = TABLES;
        t.b->cpu->cr0 |= CR0_PG;
    }
    map_target(&t);
    t.b->cpu->cr4 |= mode->cr4;
    if (mode->cr4 == CR4_PAE && mode->super == BENCH_32)
        assert_true(mmu_load_pdptes(t.b->cpu, TABLES));
    bench_put(t.b, TARGET, MARK, 4);
    bench_put(t.b, TARGET + 0x100, 0xf4, 1);
    return t;
}

#endif
