/* walk.c: the page tables (SDM vol. 3, 4.3 to 4.5 and 4.8), read as they stand in memory at each walk: nothing of the
 * upper levels is kept, so that nothing has to be dropped, and a run that is relived finds what the first one found. */
#include "walk.h"

#include "uop.h"

#define PTE_P BIT64(0)
#define PTE_W BIT64(1)
#define PTE_U BIT64(2)
#define PTE_A BIT64(5)
#define PTE_D BIT64(6)
#define PTE_PS BIT64(7)
#define PTE_G BIT64(8)
#define PTE_PAT_LARGE BIT64(12)
#define PTE_NX BIT64(63)
#define PTE_ADDR(c) ((c)->phys_max & PAGE_MASK)

/* ---- physical memory ---- */

/* The stretch of plain memory that `page` lies in; NULL: in none. */
static ALWAYS_INLINE const struct ram_stretch *stretch_of(struct cpu *c, u64 page)
{
    struct ram_stretch *s = &c->stretch[page >= BIT64(32) ? 2 : page >= MIB];
    if (LIKELY(page - s->first <= s->last - s->first))
        return s;
    struct ram_stretch found;
    if (!space_stretch(cpu_space(c), page, &found))
        return NULL;
    *s = found;
    return s;
}

void phys_forget(struct cpu *c)
{
    for (unsigned i = 0; i < ARRAY_LEN(c->stretch); i++)
        c->stretch[i] = (struct ram_stretch){ UINT64_MAX, UINT64_MAX, NULL, 0 }; /* no page lies there */
}

u8 *mmu_phys_host(struct cpu *c, u64 page, u64 *ram_page)
{
    const struct ram_stretch *s = stretch_of(c, page);
    if (!s)
        return NULL;
    *ram_page = (s->ram_addr + (page - s->first)) >> PAGE_SHIFT;
    return s->host + (page - s->first);
}

void phys_pages(struct cpu *c, u64 page, struct page *r, struct page *w)
{
    r->host = mmu_phys_host(c, page, &r->ram_page);
    *w = *r;
    if (r->host)
        return;
    *r = space_page(cpu_space(c), page, false);
    *w = space_page(cpu_space(c), page, true);
}

u64 phys_read(struct cpu *c, u64 phys, unsigned bytes)
{
    u64 ram_page, value = 0;
    phys &= c->phys_mask;
    u8 *host = (phys & (PAGE_SIZE - 1)) + bytes <= PAGE_SIZE ? mmu_phys_host(c, phys & PAGE_MASK, &ram_page) : NULL;
    if (!host)
        return space_read(cpu_space(c), phys, bytes);
    memcpy(&value, host + (phys & (PAGE_SIZE - 1)), bytes);
    return value;
}

void phys_write(struct cpu *c, u64 phys, u64 value, unsigned bytes)
{
    u64 ram_page;
    unsigned offset = (unsigned)(phys & (PAGE_SIZE - 1));
    phys &= c->phys_mask;
    u8 *host = offset + bytes <= PAGE_SIZE ? mmu_phys_host(c, phys & PAGE_MASK, &ram_page) : NULL;
    if (!host) {
        space_write(cpu_space(c), phys, value, bytes);
        return;
    }
    ram_will_write(c->w.pool, ram_page << PAGE_SHIFT | offset, bytes);
    memcpy(host + offset, &value, bytes);
    if (UNLIKELY(c->w.pool->code_lines[ram_page] & code_line_mask(offset, bytes)))
        ram_code_written(c->w.pool, ram_page, code_line_mask(offset, bytes));
}

/* An entry of 8 or 4 bytes, which lies in one page; mostly in the stretch `s` where the one before lay. */
static ALWAYS_INLINE u64 read_entry(struct cpu *c, const struct ram_stretch **s, u64 at, unsigned bytes)
{
    u64 phys = at & c->phys_mask;
    if (UNLIKELY(phys - (*s)->first > (*s)->last - (*s)->first)) {
        const struct ram_stretch *other = stretch_of(c, phys & PAGE_MASK);
        if (!other)
            return phys_read(c, at, bytes);
        *s = other;
    }
    const u8 *p = (*s)->host + (phys - (*s)->first);
    return bytes == 8 ? get_le64(p) : get_le32(p);
}

/* ---- walks ---- */

/* Reserved in every entry of 8 bytes. */
static u64 always_reserved(const struct cpu *c)
{
    u64 r = (BIT64(52) - 1) & ~c->phys_max;
    if (!(c->efer & EFER_NXE))
        r |= PTE_NX;
    if (!in_long(c))
        r |= (BIT64(63) - BIT64(52)); /* PAE: 62:52 are reserved */
    return r;
}

/* With PS, above level 1: where no large page can be it is PS itself, else address bits below a large page's. */
static u64 reserved_large(const struct cpu *c, unsigned level)
{
    if (level >= 4 || (level == 3 && !cpu_has(c, F_PDPE1GB)))
        return PTE_PS;
    return ((level == 3 ? BIT64(30) : BIT64(21)) - 1) & ~(u64)0x1fff;
}

/* The entries so far, and'ed and or'ed. */
struct entries {
    u64 all, any;
};

static ALWAYS_INLINE void fold(struct entries *f, u64 entry)
{
    f->all &= entry;
    f->any |= entry;
}

/* The last entry, at `at`, leads to another table. */
static ALWAYS_INLINE void walk_down(struct walk *w, const struct entries *f, u64 at)
{
    w->path[w->depth++] = at;
    w->accessed = (f->all & PTE_A) != 0;
}

/* It leads to a page. */
static ALWAYS_INLINE u32 walk_end(struct walk *w, const struct entries *f, u64 at, u64 entry, u64 phys, u64 large)
{
    w->user = (f->all & PTE_U) != 0;
    w->write = (f->all & PTE_W) != 0;
    w->exec = !(f->any & PTE_NX);
    w->leaf_at = at;
    w->leaf = entry;
    w->phys = phys & PAGE_MASK;
    w->global = (entry & PTE_G) != 0;
    w->dirty = (entry & PTE_D) != 0;
    w->large = large;
    return WALK_OK;
}

/* PAE, 4-level and 5-level: 8-byte entries, 9 index bits a level. `level` is where the walk starts. */
static u32 walk_64(struct cpu *c, u64 lin, struct walk *w, unsigned level, u64 table)
{
    const struct ram_stretch *s = &c->stretch[1];
    struct entries f = { UINT64_MAX, 0 };
    u64 reserved = always_reserved(c), at, e, span;
    for (;; level--) {
        unsigned shift = 12 + 9 * (level - 1);
        at = table + ((lin >> shift) & 511) * 8;
        e = read_entry(c, &s, at, 8);
        span = BIT64(shift) - 1;
        bool large = level > 1 && (e & PTE_PS);
        if (!(e & PTE_P))
            return 0;
        if (e & (UNLIKELY(large) ? reserved | reserved_large(c, level) : reserved))
            return PF_P | PF_RSVD;
        fold(&f, e);
        if (large || level == 1)
            break;
        walk_down(w, &f, at);
        table = e & PTE_ADDR(c);
    }
    return walk_end(w, &f, at, e, (e & PTE_ADDR(c) & ~span) | (lin & span), level > 1 ? span : 0);
}

static u32 walk_pae(struct cpu *c, u64 lin, struct walk *w)
{
    u64 pdpte = c->pdpte[(lin >> 30) & 3];
    if (!(pdpte & PTE_P))
        return 0;
    return walk_64(c, lin, w, 2, pdpte & PTE_ADDR(c));
}

/* Bits 20:13 of a 4 MiB entry are address bits 39:32, as far as the model has them; bit 21 is none. */
static u64 pse36_reserved(const struct cpu *c)
{
    u64 address = cpu_has(c, F_PSE36) ? (c->phys_max >> 32 & 0xff) << 13 : 0;
    return 0x3fe000 & ~address;
}

/* 32-bit paging with PSE and PSE-36 (SDM vol. 3, 4.3). */
static u32 walk_32(struct cpu *c, u64 lin, struct walk *w)
{
    const struct ram_stretch *s = &c->stretch[1];
    struct entries f = { UINT64_MAX, 0 };
    u64 at = (c->cr3 & 0xfffff000u) + ((lin >> 22) & 1023) * 4;
    u64 e = read_entry(c, &s, at, 4);
    if (!(e & PTE_P))
        return 0;
    fold(&f, e);
    if ((e & PTE_PS) && (c->cr4 & CR4_PSE)) {
        if (e & pse36_reserved(c))
            return PF_P | PF_RSVD;
        u64 phys = (e & 0xffc00000u) | ((e & 0x1fe000u) << 19) | (lin & 0x3fffffu);
        return walk_end(w, &f, at, e, phys, 0x3fffff);
    }
    walk_down(w, &f, at);
    at = (e & 0xfffff000u) + ((lin >> 12) & 1023) * 4;
    e = read_entry(c, &s, at, 4);
    if (!(e & PTE_P))
        return 0;
    fold(&f, e);
    return walk_end(w, &f, at, e, e & 0xfffff000u, 0);
}

u32 walk_tables(struct cpu *c, u64 lin, struct walk *w)
{
    w->leaf = w->phys = 0; /* what is told of a walk that ends early */
    w->depth = 0;
    w->accessed = true;
    if (in_long(c))
        return walk_64(c, lin, w, c->cr4 & CR4_LA57 ? 5 : 4, c->cr3 & PTE_ADDR(c));
    return (c->cr4 & CR4_PAE) ? walk_pae(c, lin, w) : walk_32(c, lin, w);
}

void walk_set_accessed(struct cpu *c, struct walk *w, bool write)
{
    for (unsigned i = 0; !w->accessed && i < w->depth; i++) {
        u64 e = phys_read(c, w->path[i], 4); /* as it is now: a table may be one of its own entries */
        if (!(e & PTE_A))
            phys_write(c, w->path[i], e | PTE_A, 4);
    }
    u64 want = w->leaf | PTE_A | (write ? PTE_D : 0);
    if (want != w->leaf)
        phys_write(c, w->leaf_at, want & 0xffffffffu, 4);
    w->dirty = w->dirty || write;
}

bool mmu_load_pdptes(struct cpu *c, u64 cr3)
{
    u64 entry[4];
    for (unsigned i = 0; i < 4; i++) {
        entry[i] = phys_read(c, (cr3 & 0xffffffe0u) + i * 8, 8);
        /* SDM 4.4.1: bits 2:1, 8:5 and those above the physical width are reserved */
        if ((entry[i] & PTE_P) && (entry[i] & (~c->phys_max | 0x1e6)))
            return cpu_fault(c, EXC_GP, 0);
    }
    memcpy(c->pdpte, entry, sizeof entry);
    return true;
}
