/* tlb_save.c: the TLBs as they stand, for a run that is to be relived: which pages are in them decides when accessed
 * and dirty bits are set, so a processor that begins with empty ones may write what the first run did not.
 *
 *     4 bytes count; for each entry of a TLB 4 bytes index, 8 bytes physical page, the entry; 4 bytes count; the same
 * for instruction fetch; the bounds of large pages
 *
 * Entries hold host addresses: this is for the same process alone. What hinders accesses (decoded code, trackers,
 * breakpoints, probes) may have changed meanwhile: that is looked at anew. */
#include "mmu.h"
#include "sys.h"
#include "watch.h"

static bool in_use(const struct tlb_entry *e)
{
    return !(e->tag_r & TLB_INVALID) || !(e->tag_w & TLB_INVALID);
}

static bool put_tlb(const struct cpu *c, struct state_buf *out)
{
    const struct tlb_entry *all = &c->tlb_sets[0][0];
    u32 count = 0;
    size_t at = out->len;
    bool ok = state_buf_put(out, &count, sizeof count);
    for (u32 i = 0; ok && i < TLB_SETS * TLB_ENTRIES; i++) {
        if (!in_use(&all[i]))
            continue;
        ok = state_buf_put(out, &i, sizeof i) && state_buf_put(out, &c->tlb_phys[0][0] + i, sizeof(u64)) &&
             state_buf_put(out, &all[i], sizeof all[i]);
        count++;
    }
    if (ok)
        memcpy(out->data + at, &count, sizeof count);
    return ok;
}

static bool put_fetch(const struct cpu *c, struct state_buf *out)
{
    u32 count = 0;
    size_t at = out->len;
    bool ok = state_buf_put(out, &count, sizeof count);
    for (u32 i = 0; ok && i < FETCH_ENTRIES; i++) {
        if (c->fetch[i].tag & TLB_INVALID)
            continue;
        ok = state_buf_put(out, &i, sizeof i) && state_buf_put(out, &c->fetch[i], sizeof c->fetch[i]);
        count++;
    }
    if (ok)
        memcpy(out->data + at, &count, sizeof count);
    return ok;
}

bool cpu_save_tlb(const struct cpu *c, struct state_buf *out)
{
    return put_tlb(c, out) && put_fetch(c, out) && state_buf_put(out, &c->large_lo, sizeof c->large_lo) &&
           state_buf_put(out, &c->large_hi, sizeof c->large_hi);
}

static const u8 *take(const u8 *p, void *to, size_t len)
{
    memcpy(to, p, len);
    return p + len;
}

static void watch_again(struct cpu *c, struct tlb_entry *e, u64 physical)
{
    u64 page = ((e->tag_r & TLB_INVALID) ? e->tag_w : e->tag_r) & PAGE_MASK;
    u64 watch = (c->dr7 & 0xff) && debug_page_watched(c, page) ? TLB_WATCH : 0;
    e->tag_r = (e->tag_r & ~TLB_WATCH) | watch | (c->probe ? watch_page(c, page, physical, false) : 0);
    e->tag_w = (e->tag_w & ~TLB_WATCH) | watch | (c->probe ? watch_page(c, page, physical, true) : 0);
}

static const u8 *load_entries(struct cpu *c, const u8 *p)
{
    struct tlb_entry *all = &c->tlb_sets[0][0];
    u32 count, i;
    for (p = take(p, &count, sizeof count); count; count--) {
        p = take(p, &i, sizeof i);
        p = take(p, &c->tlb_phys[0][0] + i, sizeof(u64));
        p = take(p, &all[i], sizeof all[i]);
        watch_again(c, &all[i], (&c->tlb_phys[0][0])[i]);
        unsigned set = i / TLB_ENTRIES, group = i % TLB_ENTRIES / 8;
        c->tlb_used[set][group / 64] |= BIT64(group % 64);
    }
    return p;
}

void cpu_load_tlb(struct cpu *c, const u8 *saved)
{
    u32 count, i;
    const u8 *p = load_entries(c, saved);
    for (p = take(p, &count, sizeof count); count; count--) {
        p = take(p, &i, sizeof i);
        p = take(p, &c->fetch[i], sizeof c->fetch[i]);
        c->fetch_used[i / 8 / 64] |= BIT64(i / 8 % 64);
    }
    p = take(p, &c->large_lo, sizeof c->large_lo);
    take(p, &c->large_hi, sizeof c->large_hi);
    cpu_track_writes(c);
}
