/* frame.c: stack frames of far calls and interrupts. All values are checked and their pages probed before the first is
 * written, so that a fault in the middle leaves the stack as it was. Also the inner stacks that a TSS holds (SDM vol.
 * 3, 7.2.1 and 7.7). */
#include "far.h"

#define TSS16_STACKS 2 /* SP0, SS0, SP1 ... */
#define TSS32_STACKS 4 /* ESP0, SS0, ESP1 ... */
#define TSS64_RSP0 4
#define TSS64_IST1 36

static void frame_clear(struct frame *f, unsigned size, u32 error)
{
    f->size = size;
    f->error = error;
    f->n = 0;
    f->is_whole = false;
}

void frame_on_current(const struct cpu *c, struct frame *f, unsigned size, u32 error)
{
    frame_clear(f, size, error);
    f->ss = c->seg[SS];
    f->sp = c->r[RSP];
    f->mask = c->sp_mask;
    f->is_64 = in_64(c);
    f->is_inner = false;
}

void frame_on_inner(struct frame *f, const struct seg *ss, u64 sp, bool is_64, unsigned size, u32 error)
{
    frame_clear(f, size, error);
    f->ss = *ss;
    f->sp = sp;
    f->mask = is_64 ? UINT64_MAX : (ss->attr & DESC_DB) ? 0xffffffff : 0xffff;
    f->is_64 = is_64;
    f->is_inner = true;
}

void frame_push(struct frame *f, u64 value)
{
    if (f->n < FRAME_MAX) /* always: no frame is larger */
        f->value[f->n++] = value;
}

static bool frame_linear(const struct cpu *c, const struct frame *f, u64 offset, unsigned bytes, u64 *linear)
{
    if (f->is_64) {
        *linear = offset;
        return is_canonical(c, offset) && is_canonical(c, offset + bytes - 1);
    }
    *linear = (u32)(f->ss.base + offset);
    bool all = f->ss.lo == 0 && f->ss.hi == 0xffffffff; /* wraps, as seg_linear() has it */
    return (f->ss.perm & SEG_W) && f->ss.lo <= offset && (all || offset + bytes - 1 <= f->ss.hi);
}

static bool probe(struct cpu *c, const struct frame *f, u64 linear, unsigned bytes)
{
    return f->is_inner ? sys_probe(c, linear, bytes, true) : lin_probe(c, linear, bytes, true);
}

static bool is_in_one_page(u64 linear, unsigned bytes)
{
    return (linear & PAGE_MASK) == ((linear + bytes - 1) & PAGE_MASK);
}

static bool is_aligned(struct cpu *c, const struct frame *f, u64 linear)
{
    return f->is_inner || !(c->mode & MODE_AC) || !(linear & (f->size - 1)) || cpu_fault(c, EXC_AC, 0);
}

bool frame_probe(struct cpu *c, struct frame *f)
{
    unsigned total = f->n * f->size;
    u64 sp = f->sp & f->mask;
    f->is_whole =
        sp >= total && frame_linear(c, f, sp - total, total, &f->linear[0]) && is_in_one_page(f->linear[0], total);
    if (f->is_whole && !is_aligned(c, f, f->linear[0]))
        return false;
    if (f->is_whole) /* the first value pushed is the one that CR2 names */
        return probe(c, f, f->linear[0] + total - f->size, f->size) && probe(c, f, f->linear[0], total);
    /* It wraps, crosses pages, or part of it is outside: value by value, as they are pushed. */
    for (unsigned i = 0; i < f->n; i++) {
        u64 offset = (sp - (u64)(i + 1) * f->size) & f->mask;
        if (!frame_linear(c, f, offset, f->size, &f->linear[i]))
            return cpu_fault(c, EXC_SS, f->error);
        if (!is_aligned(c, f, f->linear[i]) || !probe(c, f, f->linear[i], f->size))
            return false;
    }
    return true;
}

static void write_bytes(struct cpu *c, const struct frame *f, u64 linear, const void *from, unsigned bytes)
{
    if (f->is_inner)
        (void)sys_write(c, linear, from, bytes);
    else
        (void)lin_write(c, linear, from, bytes);
}

void frame_write(struct cpu *c, struct frame *f)
{
    unsigned total = f->n * f->size;
    u8 bytes[FRAME_MAX * 8];
    for (unsigned i = 0; i < f->n; i++) {
        u8 *at = &bytes[total - (i + 1) * f->size];
        memcpy(at, &f->value[i], f->size);
        if (!f->is_whole)
            write_bytes(c, f, f->linear[i], at, f->size);
    }
    if (f->is_whole)
        write_bytes(c, f, f->linear[0], bytes, total);
    u64 sp = f->sp - total;
    c->r[RSP] = f->mask == 0xffffffff ? (u32)sp : (f->sp & ~f->mask) | (sp & f->mask);
}

bool tss_stack(struct cpu *c, unsigned dpl, u32 ext, u16 *ss, u64 *sp)
{
    const struct seg *tr = &c->seg[TR];
    bool is_32 = (DESC_TYPE(tr->attr) & 8) != 0;
    u32 offset = is_32 ? dpl * 8 + TSS32_STACKS : dpl * 4 + TSS16_STACKS, sp_bytes = is_32 ? 4 : 2;
    u8 pair[6] = { 0 };
    if ((u64)offset + sp_bytes + 1 > tr->limit)
        return cpu_fault(c, EXC_TS, sel_error(tr->sel, ext));
    if (!sys_read(c, system_linear(c, tr->base, offset), pair, sp_bytes + 2))
        return false;
    *sp = is_32 ? get_le32(pair) : get_le16(pair);
    *ss = get_le16(pair + sp_bytes);
    return true;
}

bool tss_stack64(struct cpu *c, unsigned dpl, unsigned ist, u32 ext, u64 *sp)
{
    const struct seg *tr = &c->seg[TR];
    u32 offset = ist ? TSS64_IST1 + (ist - 1) * 8 : TSS64_RSP0 + dpl * 8;
    if ((u64)offset + 7 > tr->limit)
        return cpu_fault(c, EXC_TS, sel_error(tr->sel, ext));
    return sys_read(c, system_linear(c, tr->base, offset), sp, 8);
}
