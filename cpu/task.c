/* task.c: hardware task switches between 16- and 32-bit TSSs (SDM vol. 3, chapter 7). Everything that can fail before
 * the switch is committed is tried first; after that faults belong to the new task (table 7-1), are left in c->exc, and
 * the switch counts as done. */
#include "far.h"
#include "watch.h"

#define TSS16_LIMIT_MIN 0x2b
#define TSS32_LIMIT_MIN 0x67

/* Offsets in the two formats (SDM vol. 3, figures 7-2 and 7-10). */
struct tss_layout {
    u8 ip, flags, gpr, segs, ldt; /* general registers in the order of their numbers, segments ES CS SS DS FS GS */
    u8 width, seg_stride, seg_count, save_end;
    u8 bytes;
};
static const struct tss_layout layout16 = { .ip = 0x0e,
                                            .flags = 0x10,
                                            .gpr = 0x12,
                                            .segs = 0x22,
                                            .ldt = 0x2a,
                                            .width = 2,
                                            .seg_stride = 2,
                                            .seg_count = 4,
                                            .save_end = 0x2a,
                                            .bytes = TSS16_LIMIT_MIN + 1 };
static const struct tss_layout layout32 = { .ip = 0x20,
                                            .flags = 0x24,
                                            .gpr = 0x28,
                                            .segs = 0x48,
                                            .ldt = 0x60,
                                            .width = 4,
                                            .seg_stride = 4,
                                            .seg_count = 6,
                                            .save_end = 0x60,
                                            .bytes = TSS32_LIMIT_MIN + 1 };
#define TSS32_CR3 0x1c
#define TSS32_TRAP 0x64        /* bit 0: T */
#define TASK_FLAGS 0x003f7fd5u /* EFLAGS bits that exist */

struct task { /* a TSS's contents */
    u32 ip, flags, gpr[8], cr3;
    u16 seg[6], ldt;
    bool trap;
};

struct task_switch_job {
    struct seg tss; /* the new one */
    const struct tss_layout *old_layout, *new_layout;
    enum task_source source;
    u32 ext;
};

static const struct tss_layout *layout_of(u32 attr)
{
    return DESC_TYPE(attr) & 8 ? &layout32 : &layout16;
}

static u32 get_field(const u8 *p, unsigned width)
{
    return width == 4 ? get_le32(p) : get_le16(p);
}

static void put_field(u8 *p, unsigned width, u32 v)
{
    if (width == 4)
        put_le32(p, v);
    else
        put_le16(p, (u16)v);
}

bool task_check_available(struct cpu *c, u16 sel, u32 ext, u64 *raw)
{
    u64 desc[2];
    if (sel & SEL_TI)
        return cpu_fault(c, EXC_GP, sel_error(sel, ext));
    if (!desc_read_ext(c, sel, desc, false, EXC_GP, ext))
        return false;
    u32 attr = desc_attr(desc[0]);
    unsigned type = DESC_TYPE(attr);
    if ((attr & DESC_S) || (type != SYS_TSS16 && type != SYS_TSS32))
        return cpu_fault(c, EXC_GP, sel_error(sel, ext));
    if (!(attr & DESC_P))
        return cpu_fault(c, EXC_NP, sel_error(sel, ext));
    *raw = desc[0];
    return true;
}

bool task_return(struct cpu *c, u64 next_ip)
{
    u16 sel = 0;
    u64 raw[2];
    if (!sys_read(c, system_linear(c, c->seg[TR].base, 0), &sel, 2))
        return false;
    if (sel & SEL_TI)
        return cpu_fault(c, EXC_TS, sel_error(sel, 0));
    if (!desc_read(c, sel, raw, false, EXC_TS))
        return false;
    u32 attr = desc_attr(raw[0]);
    unsigned type = DESC_TYPE(attr);
    if ((attr & DESC_S) || (type != SYS_TSS16_BUSY && type != SYS_TSS32_BUSY))
        return cpu_fault(c, EXC_TS, sel_error(sel, 0));
    if (!(attr & DESC_P))
        return cpu_fault(c, EXC_NP, sel_error(sel, 0));
    return task_switch(c, sel, raw[0], TASK_IRET, next_ip, false, 0);
}

/* ---- before the commit point ---- */

static bool probe_switch(struct cpu *c, const struct task_switch_job *j, u16 sel)
{
    const struct seg *tr = &c->seg[TR];
    const struct tss_layout *old = j->old_layout;
    u64 desc;
    bool nests = j->source == TASK_CALL || j->source == TASK_GATE;
    if (j->tss.limit < j->new_layout->bytes - 1u)
        return cpu_fault(c, EXC_TS, sel_error(sel, j->ext));
    if (tr->limit < old->bytes - 1u)
        return cpu_fault(c, EXC_TS, sel_error(tr->sel, j->ext));
    if (!sys_probe(c, system_linear(c, j->tss.base, 0), j->new_layout->bytes, false) ||
        !sys_probe(c, system_linear(c, tr->base, old->ip), old->save_end - old->ip, true))
        return false;
    if (nests && !sys_probe(c, system_linear(c, j->tss.base, 0), 2, true))
        return false;
    if (!nests && desc_locate(c, tr->sel, 8, &desc) && !sys_probe(c, desc, 8, true))
        return false;
    return j->source == TASK_IRET || !desc_locate(c, sel, 8, &desc) || sys_probe(c, desc, 8, true);
}

/* ---- the switch ---- */

static void save_task(struct cpu *c, const struct tss_layout *l, u64 next_ip, u32 flags)
{
    u8 image[0x60];
    u64 at = system_linear(c, c->seg[TR].base, l->ip);
    unsigned bytes = l->save_end - l->ip;
    (void)sys_read(c, at, image, bytes); /* the upper halves of 32-bit selector slots stay */
    put_field(image, l->width, (u32)next_ip);
    put_field(image + l->flags - l->ip, l->width, flags);
    for (unsigned i = 0; i < 8; i++)
        put_field(image + l->gpr - l->ip + i * l->width, l->width, (u32)c->r[i]);
    for (unsigned i = 0; i < l->seg_count; i++)
        put_le16(image + l->segs - l->ip + i * l->seg_stride, c->seg[i].sel);
    (void)sys_write(c, at, image, bytes);
}

static struct task read_task(struct cpu *c, const struct seg *tss, const struct tss_layout *l)
{
    u8 image[TSS32_LIMIT_MIN + 1] = { 0 };
    bool is_32 = l == &layout32;
    struct task t = { 0 };
    (void)sys_read(c, system_linear(c, tss->base, 0), image, l->bytes);
    t.ip = get_field(image + l->ip, l->width);
    t.flags = get_field(image + l->flags, l->width);
    for (unsigned i = 0; i < 8; i++) /* a 16-bit TSS leaves ones above */
        t.gpr[i] = get_field(image + l->gpr + i * l->width, l->width) | (is_32 ? 0 : 0xffff0000);
    for (unsigned i = 0; i < l->seg_count; i++)
        t.seg[i] = get_le16(image + l->segs + i * l->seg_stride);
    t.ldt = get_le16(image + l->ldt);
    t.cr3 = is_32 ? get_le32(image + TSS32_CR3) : 0;
    t.trap = is_32 && (image[TSS32_TRAP] & 1);
    return t;
}

/* Busy bits, back link, and the old task's registers to memory. */
static void leave_task(struct cpu *c, const struct task_switch_job *j, u16 sel, u64 next_ip)
{
    u16 old_sel = c->seg[TR].sel;
    u32 flags = flags_get(c);
    bool nests = j->source == TASK_CALL || j->source == TASK_GATE;
    if (!nests)
        (void)desc_mark_busy(c, old_sel, false);
    if (j->source == TASK_IRET)
        flags &= ~FL_NT;
    save_task(c, j->old_layout, next_ip, flags);
    if (nests)
        (void)sys_write(c, system_linear(c, j->tss.base, 0), &old_sel, 2);
    if (j->source != TASK_IRET)
        (void)desc_mark_busy(c, sel, true);
}

static void load_registers(struct cpu *c, const struct task_switch_job *j, const struct task *t)
{
    bool nests = j->source == TASK_CALL || j->source == TASK_GATE;
    u32 mask = TASK_FLAGS;
    for (unsigned i = 0; i < 8; i++)
        c->r[i] = t->gpr[i];
    for (unsigned i = 0; i < 6; i++)
        seg_set_null(&c->seg[i], t->seg[i]); /* not usable until checked */
    seg_set_null(&c->seg[LDTR], t->ldt);
    c->cpl = (u8)(t->flags & FL_VM && j->new_layout == &layout32 ? 3 : sel_rpl(t->seg[CS]));
    cpu_set_eflags(c, t->flags | (nests ? FL_NT : 0), mask);
    c->rip = t->ip;
    c->cr0 |= CR0_TS;
    if (c->dr7 & DR7_LOCAL) {
        c->dr7 &= ~(u64)DR7_LOCAL;
        debug_dr7_changed(c);
    }
    if (t->trap) {
        c->dr6_pending |= DR6_BT;
        c->events |= EV_DEBUG;
    }
    cpu_update_mode(c);
}

static bool load_cr3(struct cpu *c, const struct task_switch_job *j, u32 cr3)
{
    if (j->new_layout != &layout32 || !(c->cr0 & CR0_PG))
        return true;
    c->cr3 = cr3;
    tlb_flush_nonglobal(c);
    return !(c->cr4 & CR4_PAE) || mmu_load_pdptes(c, cr3);
}

/* ---- in the new task: checks of table 7-1 ---- */

static bool load_ldt(struct cpu *c, u16 sel, u32 ext)
{
    u64 raw[2];
    if (sel_null(sel))
        return true;
    if (sel & SEL_TI)
        return cpu_fault(c, EXC_TS, sel_error(sel, ext));
    if (!desc_read_ext(c, sel, raw, false, EXC_TS, ext))
        return false;
    u32 attr = desc_attr(raw[0]);
    if ((attr & DESC_S) || DESC_TYPE(attr) != SYS_LDT || !(attr & DESC_P))
        return cpu_fault(c, EXC_TS, sel_error(sel, ext));
    desc_to_seg(&c->seg[LDTR], sel, raw[0]);
    return true;
}

static bool load_code(struct cpu *c, u16 sel, u32 ext)
{
    u64 raw[2];
    if (sel_null(sel))
        return cpu_fault(c, EXC_TS, ext);
    if (!desc_read_ext(c, sel, raw, false, EXC_TS, ext))
        return false;
    u32 attr = desc_attr(raw[0]);
    unsigned dpl = DESC_GET_DPL(attr), rpl = sel_rpl(sel);
    bool matches = desc_is_conforming(attr) ? dpl <= rpl : dpl == rpl;
    if (!desc_is_code(attr) || !matches)
        return cpu_fault(c, EXC_TS, sel_error(sel, ext));
    if (!(attr & DESC_P))
        return cpu_fault(c, EXC_NP, sel_error(sel, ext));
    if (!desc_mark_accessed(c, sel, &raw[0]))
        return false;
    seg_set_cs(c, sel, raw[0], rpl);
    return true;
}

static bool load_protected_segments(struct cpu *c, const struct task *t, u32 ext)
{
    static const u8 data[] = { DS, ES, FS, GS };
    u64 raw;
    if (!load_code(c, t->seg[CS], ext) || !seg_check_stack(c, t->seg[SS], c->cpl, EXC_TS, ext, &raw))
        return false;
    desc_to_seg(&c->seg[SS], t->seg[SS], raw);
    for (unsigned i = 0; i < ARRAY_LEN(data); i++) {
        u16 sel = t->seg[data[i]];
        if (sel_null(sel))
            continue;
        if (!seg_check_data(c, sel, EXC_TS, ext, &raw))
            return false;
        desc_to_seg(&c->seg[data[i]], sel, raw);
    }
    return true;
}

static bool load_segments(struct cpu *c, const struct task *t, u32 ext)
{
    if (!load_ldt(c, t->ldt, ext))
        return false;
    if (!in_vm86(c))
        return load_protected_segments(c, t, ext);
    for (unsigned i = 0; i < 6; i++)
        seg_set_real(c, i, t->seg[i]);
    return true;
}

static bool push_error(struct cpu *c, unsigned width, u32 error, u32 ext)
{
    struct frame f;
    frame_on_current(c, &f, width, ext);
    frame_push(&f, error);
    if (!frame_probe(c, &f))
        return false;
    frame_write(c, &f);
    return true;
}

/* What is left to do in the new task; false: it starts with a fault. */
static bool enter_task(struct cpu *c, const struct task_switch_job *j, const struct task *t, bool has_error, u32 error)
{
    if (!load_cr3(c, j, t->cr3))
        return false;
    bool ok = load_segments(c, t, j->ext);
    cpu_update_mode(c);
    if (!ok)
        return false;
    if (has_error && !push_error(c, j->new_layout->width, error, j->ext))
        return false;
    return c->rip <= c->seg[CS].limit ? true : cpu_fault(c, EXC_GP, j->ext);
}

bool task_switch_ext(struct cpu *c, u16 sel, u64 raw, enum task_source source, u64 next_ip, bool has_error, u32 error,
                     u32 ext)
{
    struct task_switch_job j = { .source = source, .ext = ext };
    if (!c->exact) { /* nothing may be refused after the commit point */
        c->retry_exact = true;
        return false;
    }
    desc_to_seg(&j.tss, sel, raw);
    j.old_layout = layout_of(c->seg[TR].attr);
    j.new_layout = layout_of(j.tss.attr);
    if (!probe_switch(c, &j, sel))
        return false;
    u64 old_cr0 = c->cr0, old_cr3 = c->cr3;
    u16 old_tr = c->seg[TR].sel;
    leave_task(c, &j, sel, next_ip);
    struct task t = read_task(c, &j.tss, j.new_layout);
    c->seg[TR] = j.tss;
    c->seg[TR].attr |= BIT(9); /* busy */
    load_registers(c, &j, &t);
    record_task(c, old_tr, sel, next_ip);
    (void)enter_task(c, &j, &t, has_error, error);
    if (UNLIKELY(c->probe)) {
        watch_change(c, PROBE_TASK, j.tss.base, old_tr, sel, false);
        if (old_cr0 != c->cr0)
            watch_change(c, PROBE_CR, 0, old_cr0, c->cr0, true);
        if (old_cr3 != c->cr3)
            watch_change(c, PROBE_CR, 3, old_cr3, c->cr3, true);
    }
    return true;
}

bool task_switch(struct cpu *c, u16 sel, u64 raw, enum task_source source, u64 next_ip, bool has_error, u32 error)
{
    return task_switch_ext(c, sel, raw, source, next_ip, has_error, error, 0);
}
