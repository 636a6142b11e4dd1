/* mmu.c: paging (SDM vol. 3, chapter 4): page walks for 32-bit, PAE, 4-level and 5-level tables, protection keys, the
 * TLB, and its flushes. */
#include "mmu.h"

#include "uop.h"
#include "watch.h"

#define PTE_P BIT64(0)
#define PTE_W BIT64(1)
#define PTE_U BIT64(2)
#define PTE_A BIT64(5)
#define PTE_D BIT64(6)
#define PTE_PS BIT64(7)
#define PTE_G BIT64(8)
#define PTE_PAT_LARGE BIT64(12)
#define PTE_NX BIT64(63)
#define PTE_KEY_SHIFT 59 /* bits 62:59: the protection key */
#define PKRU_AD 1u
#define PKRU_WD 2u
#define PTE_ADDR(c) ((c)->phys_max & PAGE_MASK)

/* #PF error code (SDM vol. 3, 4.7). */
enum { PF_P = 1, PF_W = 2, PF_U = 4, PF_RSVD = 8, PF_I = 16, PF_PK = 32 };

struct walk {
    u64 phys;               /* of the 4 KiB page */
    bool user, write, exec; /* what the tables allow, all levels together */
    bool global;
    u64 large;   /* a large page: its offset bits; else 0 */
    u64 leaf_at; /* physical address of the leaf entry, and its size */
    unsigned leaf_bytes;
    u64 leaf;
    u64 path[4]; /* physical addresses of the upper entries, to set A */
    unsigned depth;
    bool dirty;
};

u8 *mmu_phys_host(struct cpu *c, u64 page, u64 *ram_page)
{
    struct phys_entry *e = &c->phys[(page >> PAGE_SHIFT) % PHYS_ENTRIES];
    if (e->page != page) {
        struct page p = space_page(cpu_space(c), page, false), w = space_page(cpu_space(c), page, true);
        if (!p.host || p.host != w.host)
            return NULL;
        *e = (struct phys_entry){ page, p.host, p.ram_page };
    }
    *ram_page = e->ram_page;
    return e->host;
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

/* Reads one table entry and folds it into the walk. Returns the error bits of a fault: 0 none, PF_P is not set where
 * the entry is not present, PF_P | PF_RSVD for reserved bits; UINT32_MAX: all well. */
#define WALK_OK UINT32_MAX

static u64 reserved_bits(const struct cpu *c, unsigned level, bool leaf)
{
    u64 r = (BIT64(52) - 1) & ~c->phys_max;
    if (!(c->efer & EFER_NXE))
        r |= PTE_NX;
    if (!in_long(c))
        r |= (BIT64(63) - BIT64(52)); /* PAE: 62:52 are reserved */
    if (level >= 4 || (level == 3 && !cpu_has(c, F_PDPE1GB)))
        r |= PTE_PS;
    else if (leaf && level == 3)
        r |= (BIT64(30) - 1) & ~(u64)0x1fff;
    else if (leaf && level == 2)
        r |= (BIT64(21) - 1) & ~(u64)0x1fff;
    return r;
}

static void walk_fold(struct walk *w, u64 entry)
{
    w->user = w->user && (entry & PTE_U);
    w->write = w->write && (entry & PTE_W);
    w->exec = w->exec && !(entry & PTE_NX);
}

static void walk_leaf(struct walk *w, u64 at, unsigned bytes, u64 entry, u64 phys, u64 large)
{
    w->leaf_at = at;
    w->leaf_bytes = bytes;
    w->leaf = entry;
    w->phys = phys & PAGE_MASK;
    w->global = (entry & PTE_G) != 0;
    w->dirty = (entry & PTE_D) != 0;
    w->large = large;
}

/* PAE, 4-level and 5-level: 8-byte entries, 9 index bits a level. `level` is where the walk starts. */
static u32 walk_64(struct cpu *c, u64 lin, struct walk *w, unsigned level, u64 table)
{
    for (;; level--) {
        unsigned shift = 12 + 9 * (level - 1);
        u64 at = table + ((lin >> shift) & 511) * 8;
        u64 e = phys_read(c, at, 8);
        if (!(e & PTE_P))
            return 0;
        bool leaf = level == 1 || ((level == 2 || (level == 3 && in_long(c))) && (e & PTE_PS));
        if (e & reserved_bits(c, level, leaf))
            return PF_P | PF_RSVD;
        walk_fold(w, e);
        if (leaf) {
            u64 span = BIT64(shift) - 1;
            walk_leaf(w, at, 8, e, (e & PTE_ADDR(c) & ~span) | (lin & span), level > 1 ? span : 0);
            return WALK_OK;
        }
        w->path[w->depth++] = at;
        table = e & PTE_ADDR(c);
    }
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
    u64 at = (c->cr3 & 0xfffff000u) + ((lin >> 22) & 1023) * 4;
    u64 e = phys_read(c, at, 4);
    if (!(e & PTE_P))
        return 0;
    walk_fold(w, e);
    if ((e & PTE_PS) && (c->cr4 & CR4_PSE)) {
        if (e & pse36_reserved(c))
            return PF_P | PF_RSVD;
        u64 phys = (e & 0xffc00000u) | ((e & 0x1fe000u) << 19) | (lin & 0x3fffffu);
        walk_leaf(w, at, 4, e, phys, 0x3fffff);
        return WALK_OK;
    }
    w->path[w->depth++] = at;
    at = (e & 0xfffff000u) + ((lin >> 12) & 1023) * 4;
    e = phys_read(c, at, 4);
    if (!(e & PTE_P))
        return 0;
    walk_fold(w, e);
    walk_leaf(w, at, 4, e, e & 0xfffff000u, 0);
    return WALK_OK;
}

static u32 walk_tables(struct cpu *c, u64 lin, struct walk *w)
{
    *w = (struct walk){ .user = true, .write = true, .exec = true };
    if (!(c->cr0 & CR0_PG)) {
        w->phys = lin & PAGE_MASK;
        w->dirty = true;
        return WALK_OK;
    }
    if (in_long(c))
        return walk_64(c, lin, w, c->cr4 & CR4_LA57 ? 5 : 4, c->cr3 & PTE_ADDR(c));
    return (c->cr4 & CR4_PAE) ? walk_pae(c, lin, w) : walk_32(c, lin, w);
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

/* Does PKRU forbid this access? Keys are those of user pages in long mode; a supervisor may write against WD where
 * CR0.WP lets it write read-only pages (SDM vol. 3, 4.6.2). */
static bool key_forbids(const struct cpu *c, const struct walk *w, enum tlb_set set, bool write)
{
    if (!(c->cr4 & CR4_PKE) || !in_long(c) || !w->user)
        return false;
    unsigned rights = c->pkru >> (2 * ((w->leaf >> PTE_KEY_SHIFT) & 15)) & 3;
    return (rights & PKRU_AD) || (write && (rights & PKRU_WD) && (set == TLB_USER || (c->cr0 & CR0_WP)));
}

/* May this access be made? `w` is a good walk. */
static bool allowed(const struct cpu *c, const struct walk *w, enum tlb_set set, bool write, bool exec)
{
    bool user = set == TLB_USER;
    if (!(c->cr0 & CR0_PG))
        return true;
    if (user && !w->user)
        return false;
    if (exec)
        return w->exec && (user || !w->user || !(c->cr4 & CR4_SMEP));
    if (!user && w->user && (c->cr4 & CR4_SMAP) && set == TLB_SUPER)
        return false;
    if (key_forbids(c, w, set, write))
        return false;
    return !write || w->write || (!user && !(c->cr0 & CR0_WP));
}

/* Sets the accessed bits on the way and, for a write, the dirty bit (SDM vol. 3, 4.8). */
static void set_accessed(struct cpu *c, struct walk *w, bool write)
{
    if (!(c->cr0 & CR0_PG))
        return;
    for (unsigned i = 0; i < w->depth; i++) {
        u64 e = phys_read(c, w->path[i], 4);
        if (!(e & PTE_A))
            phys_write(c, w->path[i], e | PTE_A, 4);
    }
    u64 want = w->leaf | PTE_A | (write ? PTE_D : 0);
    if (want != w->leaf)
        phys_write(c, w->leaf_at, want & 0xffffffffu, 4);
    w->dirty = w->dirty || write;
}

static void drop_fetch(struct cpu *c, struct fetch_entry *f)
{
    cpu_new_epoch_of(c, f->tag & FETCH_USER);
    f->tag = TLB_INVALID;
}

/* What the TLBs hold for a page. */
static void drop_page(struct cpu *c, u64 lin)
{
    for (unsigned set = 0; set < TLB_SETS; set++) {
        struct tlb_entry *e = &c->tlb_sets[set][(lin >> PAGE_SHIFT) & (TLB_ENTRIES - 1)];
        if ((e->tag_r & PAGE_MASK) == (lin & PAGE_MASK))
            e->tag_r = e->tag_w = TLB_INVALID;
    }
    for (unsigned user = 0; user < 2; user++) {
        struct fetch_entry *f = &c->fetch[fetch_slot(lin, user)];
        if ((f->tag & (PAGE_MASK | TLB_INVALID)) == (lin & PAGE_MASK))
            drop_fetch(c, f);
    }
}

static bool page_fault(struct cpu *c, u64 lin, u32 code, enum tlb_set set, bool write, bool exec)
{
    code |= (write ? PF_W : 0) | (set == TLB_USER ? PF_U : 0);
    if (exec && ((c->cr4 & CR4_SMEP) || ((c->efer & EFER_NXE) && (c->cr4 & CR4_PAE))))
        code |= PF_I;
    drop_page(c, lin); /* SDM vol. 3, 4.10.4.1 */
    cpu_fault(c, EXC_PF, code);
    c->exc.cr2 = lin;
    return false;
}

static bool try_walk(struct cpu *c, u64 lin, enum tlb_set set, bool write, bool exec, struct walk *w)
{
    u32 code = walk_tables(c, lin, w);
    if (code != WALK_OK)
        return page_fault(c, lin, code, set, write, exec);
    if (!allowed(c, w, set, write, exec))
        return page_fault(c, lin, PF_P | (!exec && key_forbids(c, w, set, write) ? PF_PK : 0), set, write, exec);
    set_accessed(c, w, write);
    if (w->large && (c->cr0 & CR0_PG)) {
        u64 first = lin & ~w->large, last = lin | w->large;
        c->large_lo = first < c->large_lo ? first : c->large_lo;
        c->large_hi = last > c->large_hi ? last : c->large_hi;
    }
    w->phys &= c->phys_mask;
    return true;
}

static COLD void report_walk(struct cpu *c, u64 lin, bool write, bool exec, const struct walk *w, bool ok)
{
    const struct page_walk_seen seen = { lin, w->phys | (lin & ~PAGE_MASK), w->leaf, write, exec, !ok };
    if (exec)
        watch_at_rip(c, false);
    watch_walk(c, &seen);
}

static bool walk(struct cpu *c, u64 lin, enum tlb_set set, bool write, bool exec, struct walk *w)
{
    bool ok = try_walk(c, lin, set, write, exec, w);
    if (UNLIKELY(c->probe))
        report_walk(c, lin, write, exec, w, ok);
    return ok;
}

static u64 write_tag(struct cpu *c, u64 page, const struct page *r, const struct page *w)
{
    if (!w->host || w->host != r->host)
        return page | TLB_MMIO;
    bool told = c->w.pool->code_lines[w->ram_page] || ram_page_tracked(c->w.pool, w->ram_page);
    return told ? page | TLB_CODE : page;
}

static void tlb_fill(struct cpu *c, struct tlb_entry *e, u64 lin, enum tlb_set set, const struct walk *w)
{
    u64 page = lin & PAGE_MASK;
    u64 watch = UNLIKELY((c->dr7 & 0xff) && debug_page_watched(c, page)) ? TLB_WATCH : 0;
    struct page r = space_page(cpu_space(c), w->phys, false), wr = space_page(cpu_space(c), w->phys, true);
    e->tag_r = (r.host ? page : page | TLB_MMIO) | watch;
    bool may_write = allowed(c, w, set, true, false) && (w->dirty || !(c->cr0 & CR0_PG));
    e->tag_w = may_write ? write_tag(c, page, &r, &wr) | watch : TLB_INVALID;
    e->addend = (u64)(uintptr_t)r.host - page;
    bool plain = wr.host && wr.host == r.host;
    e->where = (plain ? wr.ram_page << PAGE_SHIFT : w->phys) | (w->global && (c->cr4 & CR4_PGE) ? TLB_GLOBAL : 0);
    c->tlb_phys[set][e - c->tlb_sets[set]] = w->phys;
    unsigned index = (unsigned)(e - c->tlb_sets[set]) / 8;
    c->tlb_used[set][index / 64] |= BIT64(index % 64);
}

/* look_up_anew() for a processor with probes: they are asked, and told. */
static COLD struct tlb_entry *look_up_told(struct cpu *c, struct tlb_entry *e, u64 linear, enum tlb_set set, bool write)
{
    struct walk w;
    if (!watch_may_walk(c) || !walk(c, linear, set, write, false, &w))
        return NULL;
    tlb_fill(c, e, linear, set, &w);
    e->tag_r |= watch_page(c, linear & PAGE_MASK, w.phys, false);
    if (!(e->tag_w & TLB_INVALID))
        e->tag_w |= watch_page(c, linear & PAGE_MASK, w.phys, true);
    return e;
}

static __attribute__((noinline)) struct tlb_entry *look_up_anew(struct cpu *c, struct tlb_entry *e, u64 linear,
                                                                enum tlb_set set, bool write)
{
    struct walk w;
    if (UNLIKELY(c->probe))
        return look_up_told(c, e, linear, set, write);
    if (!try_walk(c, linear, set, write, false, &w))
        return NULL;
    tlb_fill(c, e, linear, set, &w);
    return e;
}

struct tlb_entry *mmu_lookup(struct cpu *c, u64 linear, enum tlb_set set, bool write)
{
    struct tlb_entry *e = &c->tlb_sets[set][(linear >> PAGE_SHIFT) & (TLB_ENTRIES - 1)];
    u64 tag = write ? e->tag_w : e->tag_r;
    if ((tag & (PAGE_MASK | TLB_INVALID)) == (linear & PAGE_MASK))
        return e;
    return look_up_anew(c, e, linear, set, write);
}

const struct fetch_entry *mmu_fetch(struct cpu *c, u64 linear)
{
    u64 tag = (linear & PAGE_MASK) | (c->cpl == 3 ? FETCH_USER : 0);
    struct fetch_entry *f = &c->fetch[fetch_slot(linear, c->cpl == 3)];
    if (f->tag == tag)
        return f;
    struct walk w;
    if (!walk(c, linear, c->cpl == 3 ? TLB_USER : TLB_SUPER, false, true, &w))
        return NULL;
    struct page p = space_page(cpu_space(c), w.phys, false);
    if (!(f->tag & TLB_INVALID))
        drop_fetch(c, f);
    unsigned group = (unsigned)(f - c->fetch) / 8;
    c->fetch_used[group / 64] |= BIT64(group % 64);
    *f = (struct fetch_entry){ tag, p.host ? p.ram_page : NO_PAGE, p.host, w.phys };
    if (w.global && (c->cr4 & CR4_PGE))
        f->phys |= TLB_GLOBAL;
    return f;
}

/* Eight entries: what a bit of tlb_used stands for. */
static void protect_group(struct tlb_entry *e, u64 ram_page)
{
    for (unsigned i = 0; i < 8; i++)
        if (!(e[i].tag_w & (TLB_INVALID | TLB_MMIO)) && e[i].where >> PAGE_SHIFT == ram_page)
            e[i].tag_w |= TLB_CODE;
}

void mmu_protect_code(struct cpu *c, u64 ram_page)
{
    for (unsigned set = 0; set < TLB_SETS; set++)
        for (unsigned word = 0; word < ARRAY_LEN(c->tlb_used[set]); word++)
            for (u64 used = c->tlb_used[set][word]; used; used &= used - 1)
                protect_group(&c->tlb_sets[set][(word * 64 + (unsigned)__builtin_ctzll(used)) * 8], ram_page);
}

void mmu_touch(struct cpu *c, struct tlb_entry *e)
{
    u64 ram_page = e->where >> PAGE_SHIFT;
    if ((e->tag_w & (TLB_CODE | TLB_MMIO)) != TLB_CODE || c->w.pool->code_lines[ram_page])
        return;
    ram_touch(c->w.pool, ram_page);
    if (!ram_page_tracked(c->w.pool, ram_page))
        e->tag_w &= ~TLB_CODE;
}

/* Plain memory's entries let no store pass until it has been looked at. */
void cpu_track_writes(struct cpu *c)
{
    for (unsigned set = 0; set < TLB_SETS; set++)
        for (unsigned i = 0; i < TLB_ENTRIES; i++)
            if (!(c->tlb_sets[set][i].tag_w & (TLB_INVALID | TLB_MMIO)))
                c->tlb_sets[set][i].tag_w |= TLB_CODE;
}

static bool flush_fetch_group(struct fetch_entry *f, bool global_too, bool lost[2])
{
    bool kept = false;
    for (unsigned i = 0; i < 8; i++) {
        bool here = !(f[i].tag & TLB_INVALID), stays = here && !global_too && (f[i].phys & TLB_GLOBAL);
        kept |= stays;
        if (!here || stays)
            continue;
        lost[(f[i].tag & FETCH_USER) != 0] = true;
        f[i].tag = TLB_INVALID;
    }
    return kept;
}

static void flush_fetch(struct cpu *c, bool global_too)
{
    bool lost[2] = { false, false };
    for (unsigned word = 0; word < ARRAY_LEN(c->fetch_used); word++)
        for (u64 used = c->fetch_used[word]; used; used &= used - 1) {
            unsigned bit = (unsigned)__builtin_ctzll(used);
            if (!flush_fetch_group(&c->fetch[(word * 64 + bit) * 8], global_too, lost))
                c->fetch_used[word] &= ~BIT64(bit);
        }
    for (unsigned user = 0; user < 2; user++)
        if (lost[user])
            cpu_new_epoch_of(c, user);
}

static void flush(struct cpu *c, bool global_too)
{
    for (unsigned set = 0; set < TLB_SETS; set++)
        for (unsigned word = 0; word < ARRAY_LEN(c->tlb_used[set]); word++) {
            u64 kept = 0;
            for (u64 used = c->tlb_used[set][word]; used; used &= used - 1) {
                unsigned bit = (unsigned)__builtin_ctzll(used);
                struct tlb_entry *e = &c->tlb_sets[set][(word * 64 + bit) * 8];
                for (unsigned i = 0; i < 8; i++)
                    if (global_too || !(e[i].where & TLB_GLOBAL))
                        e[i].tag_r = e[i].tag_w = TLB_INVALID;
                    else
                        kept |= BIT64(bit);
            }
            c->tlb_used[set][word] = kept;
        }
    flush_fetch(c, global_too);
    if (global_too) {
        c->large_lo = UINT64_MAX;
        c->large_hi = 0;
    }
}

void tlb_flush_all(struct cpu *c)
{
    flush(c, true);
}
void tlb_forget_map(struct cpu *c)
{
    for (unsigned i = 0; i < PHYS_ENTRIES; i++)
        c->phys[i].page = 1;
    tlb_flush_all(c);
}
void tlb_flush_nonglobal(struct cpu *c)
{
    flush(c, false);
}

void tlb_flush_page(struct cpu *c, u64 linear)
{
    if (linear >= c->large_lo &&
        (linear & PAGE_MASK) <= c->large_hi) { /* perhaps a piece of a large page: all of it goes */
        flush(c, true);
        return;
    }
    drop_page(c, linear);
}
