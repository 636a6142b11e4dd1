/* mmu.c: paging (SDM vol. 3, chapter 4): who may access what the tables (walk.c) lead to, protection keys, the TLB, and
 * its flushes. */
#include "mmu.h"
#include "walk.h"

#include "uop.h"
#include "watch.h"

#define PTE_KEY_SHIFT 59 /* bits 62:59: the protection key */
#define PKRU_AD 1u
#define PKRU_WD 2u
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
    if (!(c->cr0 & CR0_PG)) {
        *w = (struct walk){ .phys = lin & PAGE_MASK & c->phys_mask, .dirty = true };
        return true;
    }
    u32 code = walk_tables(c, lin, w);
    if (code != WALK_OK)
        return page_fault(c, lin, code, set, write, exec);
    if (!allowed(c, w, set, write, exec))
        return page_fault(c, lin, PF_P | (!exec && key_forbids(c, w, set, write) ? PF_PK : 0), set, write, exec);
    walk_set_accessed(c, w, write);
    if (w->large) {
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
    struct page r, wr;
    phys_pages(c, w->phys, &r, &wr);
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
    struct page p, writable;
    phys_pages(c, w.phys, &p, &writable);
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
    phys_forget(c);
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
