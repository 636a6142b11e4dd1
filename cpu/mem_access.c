/* mem_access.c: every access that is not a TLB hit in a hot handler: segment checks, page crossing, registers behind
 * the bus, pages that hold decoded code, data breakpoints.
 *
 * Exactness: an access that must happen at an exact instruction (a device register, a store into decoded code, a
 * watched page) is refused before any side effect when the present block holds more than this instruction; the run loop
 * then runs the one instruction as a block of its own, with c->exact set. */
#include "block.h"
#include "fast.h"
#include "mmu.h"
#include "watch.h"

static enum tlb_set current_set(const struct cpu *c)
{
    return (enum tlb_set)c->tlb_set;
}

static u64 lin_mask(const struct cpu *c)
{
    return in_64(c) ? UINT64_MAX : 0xffffffffu;
}

static bool want_exact(struct cpu *c)
{
    if (c->exact)
        return true;
    c->retry_exact = true;
    return false;
}

/* Lines tell quickly; in a line that holds code and data, the bytes count. */
static bool writes_code(const struct cpu *c, u64 ram_page, unsigned offset, unsigned bytes)
{
    return (c->w.pool->code_lines[ram_page] & code_line_mask(offset, bytes)) &&
           block_holds(c->blocks, ram_page, offset, bytes);
}

static u64 entry_phys(const struct cpu *c, const struct tlb_entry *e, u64 lin, enum tlb_set set)
{
    return c->tlb_phys[set][e - c->tlb_sets[set]] | (lin & ~PAGE_MASK);
}

/* Somebody wants to know of this access, not just of another one to the page. */
static COLD bool watched(const struct cpu *c, const struct tlb_entry *e, u64 lin, unsigned bytes, enum tlb_set set,
                         bool write)
{
    return debug_page_watched(c, lin) || (c->probe && watch_wants(c, lin, entry_phys(c, e, lin, set), bytes, write));
}

static bool writes_plain_code(struct cpu *c, const struct tlb_entry *e, u64 lin, unsigned bytes)
{
    return writes_code(c, e->where >> PAGE_SHIFT, (unsigned)(lin & (PAGE_SIZE - 1)), bytes);
}

/* Somebody's registers, or a page that somebody watches. */
static COLD bool probe_special(struct cpu *c, const struct tlb_entry *e, u64 lin, unsigned bytes, enum tlb_set set,
                               bool write)
{
    u64 tag = write ? e->tag_w : e->tag_r;
    if ((tag & TLB_MMIO) || watched(c, e, lin, bytes, set, write))
        return want_exact(c);
    return !(tag & TLB_CODE) || !writes_plain_code(c, e, lin, bytes) || want_exact(c);
}

/* One page's part of an access, entry known good. */
static bool probe_part(struct cpu *c, u64 lin, unsigned bytes, enum tlb_set set, bool write)
{
    struct tlb_entry *e = mmu_lookup(c, lin, set, write);
    if (!e)
        return false;
    u64 tag = write ? e->tag_w : e->tag_r;
    if (LIKELY(!(tag & (TLB_MMIO | TLB_CODE | TLB_WATCH))))
        return true;
    if (tag & (TLB_MMIO | TLB_WATCH))
        return probe_special(c, e, lin, bytes, set, write);
    return !writes_plain_code(c, e, lin, bytes) || want_exact(c);
}

void *mem_beside_code(struct cpu *c, u64 linear, unsigned bytes)
{
    struct tlb_entry *e = &c->tlb[(linear >> PAGE_SHIFT) & (TLB_ENTRIES - 1)];
    u64 ram_page = e->where >> PAGE_SHIFT;
    if (e->tag_w != (((linear + bytes - 1) & PAGE_MASK) | TLB_CODE) || ram_page_tracked(c->w.pool, ram_page))
        return NULL;
    if (writes_plain_code(c, e, linear, bytes))
        return NULL;
    if (!c->w.pool->code_lines[ram_page]) /* no more */
        e->tag_w &= ~TLB_CODE;
    return host_ptr(linear + e->addend);
}

static void bus_access(struct cpu *c, u64 phys, u8 *buf, unsigned bytes, bool write)
{
    fpu_release(c); /* a device may compute */
    while (bytes) {
        unsigned n = bytes >= 8 ? 8 : bytes >= 4 ? 4 : bytes >= 2 ? 2 : 1;
        u64 v = 0;
        if (write) {
            memcpy(&v, buf, n);
            if (UNLIKELY(c->probe))
                watch_bus(c, PROBE_MMIO, phys, v, n, true);
            space_write(cpu_space(c), phys, v, n);
        } else {
            v = space_read(cpu_space(c), phys, n);
            memcpy(buf, &v, n);
            if (UNLIKELY(c->probe))
                watch_bus(c, PROBE_MMIO, phys, v, n, false);
        }
        phys += n;
        buf += n;
        bytes -= n;
    }
}

/* Breakpoints and probes, before a write and, of memory, a read. `host`: NULL: a chip's registers. */
static void tell_watchers(struct cpu *c, const struct tlb_entry *e, u64 lin, const u8 *host, const u8 *buf,
                          unsigned bytes, enum tlb_set set, bool write)
{
    debug_check_data(c, lin, bytes, write);
    if (c->probe && (write || host))
        watch_data(c, lin, entry_phys(c, e, lin, set), host, write ? buf : host, bytes, write);
}

/* Of a page that is watched, or not memory. Returns whether memory is still to be accessed. */
static COLD bool do_special(struct cpu *c, const struct tlb_entry *e, u64 lin, u8 *buf, unsigned bytes,
                            enum tlb_set set, bool write)
{
    u64 tag = write ? e->tag_w : e->tag_r;
    const u8 *host = (tag & TLB_MMIO) ? NULL : (const u8 *)(uintptr_t)(lin + e->addend);
    if (tag & TLB_WATCH)
        tell_watchers(c, e, lin, host, buf, bytes, set, write);
    if (host)
        return true;
    bus_access(c, (e->where & PAGE_MASK) | (lin & ~PAGE_MASK), buf, bytes, write);
    if ((tag & TLB_WATCH) && c->probe && !write)
        watch_data(c, lin, entry_phys(c, e, lin, set), NULL, buf, bytes, false);
    return false;
}

/* After probe_part() said yes. */
static void do_part(struct cpu *c, u64 lin, u8 *buf, unsigned bytes, enum tlb_set set, bool write)
{
    struct tlb_entry *e = mmu_lookup(c, lin, set, write);
    if (!e)
        return; /* cannot be: probed in this instruction */
    u64 tag = write ? e->tag_w : e->tag_r;
    unsigned offset = (unsigned)(lin & (PAGE_SIZE - 1));
    if (UNLIKELY(tag & (TLB_WATCH | TLB_MMIO)) && !do_special(c, e, lin, buf, bytes, set, write))
        return;
    u8 *host = (u8 *)(uintptr_t)(lin + e->addend);
    if (!write) {
        memcpy(buf, host, bytes);
        return;
    }
    u64 ram_page = e->where >> PAGE_SHIFT;
    if (LIKELY(!(tag & TLB_CODE))) {
        memcpy(host, buf, bytes);
        return;
    }
    ram_will_write(c->w.pool, ram_page << PAGE_SHIFT | offset, bytes);
    bool differs = memcmp(host, buf, bytes) != 0; /* what writes itself often writes what is there */
    memcpy(host, buf, bytes);
    if (!c->w.pool->code_lines[ram_page] && !ram_page_tracked(c->w.pool, ram_page))
        e->tag_w &= ~TLB_CODE;
    else if (differs && writes_code(c, ram_page, offset, bytes))
        block_bytes_written(c->blocks, ram_page, offset, bytes);
}

static unsigned first_part(u64 lin, unsigned bytes)
{
    unsigned room = (unsigned)(PAGE_SIZE - (lin & (PAGE_SIZE - 1)));
    return bytes < room ? bytes : room;
}

/* Numbers without a call of the library's. */
static void copy(void *to, const void *from, unsigned bytes)
{
    switch (bytes) {
    case 2:
        memcpy(to, from, 2);
        break;
    case 4:
        memcpy(to, from, 4);
        break;
    case 8:
        memcpy(to, from, 8);
        break;
    case 16:
        memcpy(to, from, 16);
        break;
    default:
        memcpy(to, from, bytes);
    }
}

static bool probe(struct cpu *c, u64 lin, unsigned bytes, enum tlb_set set, bool write)
{
    if (LIKELY(tlb_set_host(c, set, lin, bytes, write) != NULL))
        return true;
    while (bytes) {
        unsigned n = first_part(lin, bytes);
        if (!probe_part(c, lin, n, set, write))
            return false;
        lin = (lin + n) & lin_mask(c);
        bytes -= n;
    }
    return true;
}

static bool access_lin(struct cpu *c, u64 lin, void *buf, unsigned bytes, enum tlb_set set, bool write)
{
    u8 *host = tlb_set_host(c, set, lin, bytes, write);
    if (LIKELY(host != NULL)) {
        copy(write ? host : buf, write ? buf : host, bytes);
        return true;
    }
    if (!probe(c, lin, bytes, set, write))
        return false;
    u8 *p = buf;
    while (bytes) {
        unsigned n = first_part(lin, bytes);
        do_part(c, lin, p, n, set, write);
        lin = (lin + n) & lin_mask(c);
        p += n;
        bytes -= n;
    }
    return true;
}

/* Writing does not change the buffer. */
static bool write_lin(struct cpu *c, u64 lin, const void *from, unsigned bytes, enum tlb_set set)
{
    return access_lin(c, lin, (void *)(uintptr_t)from, bytes, set, true);
}

bool lin_read(struct cpu *c, u64 linear, void *to, unsigned bytes)
{
    return access_lin(c, linear, to, bytes, current_set(c), false);
}

bool lin_write(struct cpu *c, u64 linear, const void *from, unsigned bytes)
{
    return write_lin(c, linear, from, bytes, current_set(c));
}

bool lin_probe(struct cpu *c, u64 linear, unsigned bytes, bool write)
{
    return probe(c, linear, bytes, current_set(c), write);
}

/* System structures: never refused for exactness (their pages are memory; a device there is read as it stands). */
static bool system_access(struct cpu *c, u64 lin, void *buf, unsigned bytes, enum tlb_set set, bool write)
{
    bool was_exact = c->exact;
    c->exact = true;
    bool ok = access_lin(c, lin & lin_mask(c), buf, bytes, set, write);
    c->exact = was_exact;
    return ok;
}

bool sys_read(struct cpu *c, u64 linear, void *to, unsigned bytes)
{
    return system_access(c, linear, to, bytes, TLB_SUPER, false);
}

bool sys_write(struct cpu *c, u64 linear, const void *from, unsigned bytes)
{
    return system_access(c, linear, (void *)(uintptr_t)from, bytes, TLB_SUPER, true);
}

bool sys_probe(struct cpu *c, u64 linear, unsigned bytes, bool write)
{
    bool was_exact = c->exact;
    c->exact = true;
    bool ok = probe(c, linear & lin_mask(c), bytes, TLB_SUPER, write);
    c->exact = was_exact;
    return ok;
}

bool priv_read(struct cpu *c, u64 linear, void *to, unsigned bytes, unsigned cpl)
{
    return system_access(c, linear, to, bytes, cpl == 3 ? TLB_USER : TLB_SUPER, false);
}

bool priv_write(struct cpu *c, u64 linear, const void *from, unsigned bytes, unsigned cpl)
{
    return system_access(c, linear, (void *)(uintptr_t)from, bytes, cpl == 3 ? TLB_USER : TLB_SUPER, true);
}

/* ---- segments ---- */

static bool seg_fault(struct cpu *c, unsigned seg)
{
    return cpu_fault(c, seg == SS ? EXC_SS : EXC_GP, 0);
}

/* SDM vol. 3, table 6-7, by the size of the operand: numbers, the 80-bit formats among them. */
static unsigned natural_alignment(unsigned bytes)
{
    if (bytes == 10)
        return 8;
    return bytes == 2 || bytes == 4 || bytes == 8 ? bytes : 1;
}

static bool alignment_ok(struct cpu *c, u64 lin, unsigned bytes)
{
    return LIKELY(!(c->mode & MODE_AC)) || !(lin & (natural_alignment(bytes) - 1)) || cpu_fault(c, EXC_AC, 0);
}

bool seg_linear(struct cpu *c, unsigned seg, u64 offset, unsigned bytes, bool write, u64 *linear)
{
    const struct seg *s = &c->seg[seg];
    if (in_64(c)) {
        u64 lin = offset + (seg >= FS ? s->base : 0);
        if (!is_canonical(c, lin) || !is_canonical(c, lin + bytes - 1))
            return seg_fault(c, seg);
        *linear = lin;
        return true;
    }
    u64 last = offset + bytes - 1;
    bool beyond = last > s->hi && !(s->hi == 0xffffffff && s->lo == 0); /* what spans all 4 GiB wraps, as on silicon */
    if (offset < s->lo || beyond || !(s->perm & (write ? SEG_W : SEG_R)))
        return seg_fault(c, seg);
    *linear = (u32)(s->base + offset);
    return true;
}

bool ea_linear(struct cpu *c, const struct uop *u, unsigned bytes, bool write, u64 *linear)
{
    return seg_linear(c, u_seg(u), ea_offset(c, u), bytes, write, linear) && alignment_ok(c, *linear, bytes);
}

bool seg_aligned(struct cpu *c, unsigned seg, u64 offset, unsigned bytes, bool write, u64 *linear)
{
    return seg_linear(c, seg, offset, bytes, write, linear) && alignment_ok(c, *linear, bytes);
}

bool load(struct cpu *c, const struct uop *u, void *to, unsigned bytes)
{
    u64 lin;
    if (!ea_linear(c, u, bytes, false, &lin))
        return false;
    const void *p = tlb_host_r(c, lin, bytes);
    if (UNLIKELY(!p))
        return lin_read(c, lin, to, bytes);
    memcpy(to, p, bytes);
    return true;
}

bool store(struct cpu *c, const struct uop *u, const void *from, unsigned bytes)
{
    u64 lin;
    if (!ea_linear(c, u, bytes, true, &lin))
        return false;
    void *p = tlb_host_w(c, lin, bytes);
    if (UNLIKELY(!p))
        return lin_write(c, lin, from, bytes);
    memcpy(p, from, bytes);
    return true;
}

bool load_rmw(struct cpu *c, const struct uop *u, void *to, unsigned bytes, u64 *linear)
{
    return ea_linear(c, u, bytes, true, linear) && lin_probe(c, *linear, bytes, true) &&
           lin_read(c, *linear, to, bytes);
}

void store_back(struct cpu *c, u64 linear, const void *from, unsigned bytes)
{
    (void)lin_write(c, linear, from, bytes);
}

/* The #GP of a misaligned operand wins over the segment's own fault, which for SS is another. */
bool ea_linear_16(struct cpu *c, const struct uop *u, bool write, u64 *lin)
{
    u64 offset = ea_offset(c, u), base = !in_64(c) || u_seg(u) >= FS ? c->seg[u_seg(u)].base : 0;
    if ((base + offset) & 15)
        return cpu_fault(c, EXC_GP, 0);
    return seg_linear(c, u_seg(u), offset, 16, write, lin);
}

bool load_aligned16(struct cpu *c, const struct uop *u, void *to)
{
    u64 lin;
    if (!ea_linear_16(c, u, false, &lin))
        return false;
    const void *p = tlb_host_r(c, lin, 16);
    if (UNLIKELY(!p))
        return lin_read(c, lin, to, 16);
    memcpy(to, p, 16);
    return true;
}

bool store_aligned16(struct cpu *c, const struct uop *u, const void *from)
{
    u64 lin;
    return ea_linear_16(c, u, true, &lin) && lin_write(c, lin, from, 16);
}

static bool stack_linear(struct cpu *c, s64 delta, unsigned bytes, bool write, u64 *lin)
{
    return seg_linear(c, SS, (c->r[RSP] + (u64)delta) & c->sp_mask, bytes, write, lin) && alignment_ok(c, *lin, bytes);
}

bool stack_read(struct cpu *c, s64 delta, void *to, unsigned bytes)
{
    u64 lin;
    if (!stack_linear(c, delta, bytes, false, &lin))
        return false;
    const void *p = tlb_host_r(c, lin, bytes);
    if (UNLIKELY(!p))
        return lin_read(c, lin, to, bytes);
    memcpy(to, p, bytes);
    return true;
}

bool stack_write(struct cpu *c, s64 delta, const void *from, unsigned bytes)
{
    u64 lin;
    if (!stack_linear(c, delta, bytes, true, &lin))
        return false;
    void *p = tlb_host_w(c, lin, bytes);
    if (UNLIKELY(!p))
        return lin_write(c, lin, from, bytes);
    memcpy(p, from, bytes);
    return true;
}
