/* ret.c: far RET and IRET (SDM vol. 2): to the same level, to an outer one, to virtual-8086 mode, to the previous task.
 */
#include "far.h"

struct far_target { /* a checked return address */
    u16 sel;
    u64 raw, ip;
    bool is_64;
};

static bool pop_value(struct cpu *c, unsigned index, unsigned size, u64 *v)
{
    *v = 0;
    return stack_read(c, (s64)index << size, v, 1u << size);
}

/* Of a selector's stack slot no more is read, on silicon, than the selector. */
static bool pop_selector(struct cpu *c, unsigned index, unsigned size, u64 *sel)
{
    *sel = 0;
    return stack_read(c, (s64)index << size, sel, 2);
}

/* CS is read first. */
static bool pop_far_pointer(struct cpu *c, unsigned size, u64 *ip, u64 *sel)
{
    return pop_selector(c, 1, size, sel) && pop_value(c, 0, size, ip);
}

/* CS of a return: to its RPL's level, never inward. */
static bool check_return_code(struct cpu *c, u16 sel, u64 ip, struct far_target *t)
{
    u64 raw[2];
    if (sel_null(sel))
        return cpu_fault(c, EXC_GP, 0);
    if (!desc_read(c, sel, raw, false, EXC_GP))
        return false;
    u32 attr = desc_attr(raw[0]);
    unsigned dpl = DESC_GET_DPL(attr), rpl = sel_rpl(sel);
    bool matches = desc_is_conforming(attr) ? dpl <= rpl : dpl == rpl;
    if (!desc_is_code(attr) || code_is_malformed(c, attr) || rpl < c->cpl || !matches)
        return cpu_fault(c, EXC_GP, sel_error(sel, 0));
    if (!(attr & DESC_P))
        return cpu_fault(c, EXC_NP, sel_error(sel, 0));
    *t = (struct far_target){ .sel = sel, .raw = raw[0], .ip = ip, .is_64 = in_long(c) && (attr & DESC_L) };
    return true;
}

/* SS of a return with a stack switch. Null is legal on the way to 64-bit code below level 3. */
static bool check_return_stack(struct cpu *c, u16 sel, const struct far_target *t, struct seg *ss)
{
    u64 raw;
    unsigned rpl = sel_rpl(t->sel);
    if (sel_null(sel) && t->is_64 && rpl != 3) {
        seg_set_null_stack(ss, rpl);
        ss->sel = sel;
        return true;
    }
    if (!seg_check_stack(c, sel, rpl, EXC_GP, 0, &raw))
        return false;
    desc_to_seg(ss, sel, raw);
    return true;
}

/* Everything is checked: load CS, SS:rSP and drop what the outer level may not keep. */
static void go_outer(struct cpu *c, const struct far_target *t, const struct seg *ss, u64 sp)
{
    bool was_inner = sel_rpl(t->sel) > c->cpl;
    c->seg[SS] = *ss;
    seg_set_cs(c, t->sel, t->raw, sel_rpl(t->sel));
    /* With a 16-bit stack the upper half of ESP stays what it was at the inner level, as on silicon. */
    if (t->is_64)
        c->r[RSP] = sp;
    else if (ss->attr & DESC_DB)
        c->r[RSP] = (u32)sp;
    else
        c->r[RSP] = (c->r[RSP] & ~(u64)0xffff) | (u16)sp;
    if (was_inner)
        seg_drop_inner(c);
    c->rip = t->ip;
    cpu_update_mode(c);
}

static void go_same(struct cpu *c, const struct far_target *t, s64 released)
{
    seg_set_cs(c, t->sel, t->raw, c->cpl);
    stack_add(c, released); /* as wide as the stack pointer is there: all of RSP on the way to 64-bit code */
    c->rip = t->ip;
}

static bool return_paragraph(struct cpu *c, unsigned size, unsigned release)
{
    u64 ip, sel;
    if (!pop_far_pointer(c, size, &ip, &sel))
        return false;
    if (ip > c->seg[CS].limit)
        return cpu_fault(c, EXC_GP, 0);
    stack_add(c, (s64)((2u << size) + release));
    seg_set_real(c, CS, (u16)sel);
    c->rip = ip;
    cpu_update_mode(c);
    return true;
}

/* The outer stack pointer pair, `index` values up the stack plus `release` bytes. */
static bool pop_stack(struct cpu *c, unsigned index, unsigned release, unsigned size, u64 *sp, u16 *sel)
{
    s64 at = ((s64)index << size) + release;
    u64 ss = 0;
    *sp = 0;
    if (!stack_read(c, at + (1 << size), &ss, 2) || !stack_read(c, at, sp, 1u << size))
        return false;
    *sel = (u16)ss;
    return true;
}

bool far_return(struct cpu *c, unsigned size, unsigned release)
{
    u64 ip, sel, sp;
    u16 ss_sel;
    struct far_target t;
    struct seg ss;
    memset(&ss, 0, sizeof ss);
    if (is_paragraph_mode(c))
        return return_paragraph(c, size, release);
    if (!pop_far_pointer(c, size, &ip, &sel) || !check_return_code(c, (u16)sel, ip, &t))
        return false;
    if (!t.is_64)
        t.ip = ip = (u32)ip;
    if (sel_rpl(t.sel) == c->cpl) {
        if (!code_check_ip(c, t.raw, ip, 0) || !desc_mark_accessed(c, t.sel, &t.raw))
            return false;
        go_same(c, &t, (s64)((2u << size) + release));
        return true;
    }
    if (!pop_stack(c, 2, release, size, &sp, &ss_sel) || !check_return_stack(c, ss_sel, &t, &ss))
        return false;
    if (!code_check_ip(c, t.raw, ip, 0) || !desc_mark_accessed(c, t.sel, &t.raw))
        return false;
    go_outer(c, &t, &ss, sp + release);
    return true;
}

/* ---- IRET ---- */

#define FLAGS_ALWAYS (FL_ARITH | FL_TF | FL_DF | FL_NT)

/* SDM vol. 2, IRET. */
u32 iret_flags(const struct cpu *c, unsigned size)
{
    u32 mask = FLAGS_ALWAYS;
    if (size >= 2)
        mask |= FL_RF | FL_AC | FL_ID;
    if (c->cpl <= cpu_iopl(c))
        mask |= FL_IF;
    if (c->cpl == 0)
        mask |= FL_IOPL | (size >= 2 ? FL_VIF | FL_VIP : 0);
    return mask;
}

static bool pop_three(struct cpu *c, unsigned size, u64 *ip, u16 *sel, u32 *flags)
{
    u64 cs, fl;
    if (!pop_value(c, 2, size, &fl) || !pop_far_pointer(c, size, ip, &cs))
        return false;
    *sel = (u16)cs;
    *flags = (u32)fl;
    return true;
}

static void iret_load_paragraph(struct cpu *c, unsigned size, u16 sel, u64 ip, u32 flags, u32 mask)
{
    stack_add(c, 3 << size);
    seg_set_real(c, CS, sel);
    c->rip = ip;
    cpu_set_eflags(c, flags, mask);
    cpu_update_mode(c);
}

static bool iret_real(struct cpu *c, unsigned size)
{
    u64 ip;
    u16 sel;
    u32 flags;
    if (!pop_three(c, size, &ip, &sel, &flags))
        return false;
    if (ip > c->seg[CS].limit)
        return cpu_fault(c, EXC_GP, 0);
    u32 mask = FLAGS_ALWAYS | FL_IF | FL_IOPL | (size >= 2 ? FL_RF | FL_AC | FL_ID : 0);
    iret_load_paragraph(c, size, sel, ip, flags, mask);
    return true;
}

/* In virtual-8086 mode; with VME and IOPL < 3 the program's IF is VIF (SDM vol. 3, 20.3). */
static bool iret_vm86(struct cpu *c, unsigned size)
{
    u64 ip;
    u16 sel;
    u32 flags;
    bool full = cpu_iopl(c) == 3, virtual_if = !full && (c->cr4 & CR4_VME) && size == 1;
    if (!full && !virtual_if)
        return cpu_fault(c, EXC_GP, 0);
    if (!pop_three(c, size, &ip, &sel, &flags))
        return false;
    if (ip > c->seg[CS].limit)
        return cpu_fault(c, EXC_GP, 0);
    if (full) {
        iret_load_paragraph(c, size, sel, ip, flags, FLAGS_ALWAYS | FL_IF | (size >= 2 ? FL_RF | FL_AC | FL_ID : 0));
        return true;
    }
    if ((flags & FL_TF) || ((flags & FL_IF) && (c->eflags & FL_VIP)))
        return cpu_fault(c, EXC_GP, 0);
    flags = (flags & ~FL_VIF) | (flags & FL_IF ? FL_VIF : 0);
    iret_load_paragraph(c, size, sel, ip, flags, FLAGS_ALWAYS | FL_VIF);
    return true;
}

/* From level 0 to virtual-8086 mode: nine doublewords. */
static bool iret_to_vm86(struct cpu *c, u64 ip, u16 cs, u32 flags)
{
    static const u8 order[] = { SS, ES, DS, FS, GS };
    u64 sp, sel[ARRAY_LEN(order)];
    if (!pop_value(c, 3, 2, &sp))
        return false;
    for (unsigned i = 0; i < ARRAY_LEN(order); i++)
        if (!pop_value(c, 4 + i, 2, &sel[i]))
            return false;
    if (ip > 0xffff)
        return cpu_fault(c, EXC_GP, 0);
    cpu_set_eflags(c, flags, FLAGS_ALWAYS | FL_RF | FL_AC | FL_ID | FL_IF | FL_IOPL | FL_VIF | FL_VIP | FL_VM);
    c->cpl = 3;
    seg_set_real(c, CS, cs);
    for (unsigned i = 0; i < ARRAY_LEN(order); i++)
        seg_set_real(c, order[i], (u16)sel[i]);
    c->r[RSP] = sp;
    c->rip = ip;
    cpu_update_mode(c);
    return true;
}

static bool iret_protected(struct cpu *c, unsigned size)
{
    u64 ip, sp = 0;
    u16 sel, ss_sel = 0;
    u32 flags;
    struct far_target t;
    struct seg ss = c->seg[SS];
    if (!pop_three(c, size, &ip, &sel, &flags))
        return false;
    if ((flags & FL_VM) && size == 2 && c->cpl == 0 && !in_long(c))
        return iret_to_vm86(c, ip, sel, flags);
    if (!check_return_code(c, sel, ip, &t))
        return false;
    bool pops_stack = in_64(c) || sel_rpl(sel) > c->cpl;
    if (pops_stack && (!pop_stack(c, 3, 0, size, &sp, &ss_sel) || !check_return_stack(c, ss_sel, &t, &ss)))
        return false;
    if (!t.is_64)
        t.ip = ip = (u32)ip;
    if (!code_check_ip(c, t.raw, ip, 0) || !desc_mark_accessed(c, t.sel, &t.raw))
        return false;
    u32 mask = iret_flags(c, size);
    if (pops_stack)
        go_outer(c, &t, &ss, sp);
    else
        go_same(c, &t, 3 << size);
    cpu_set_eflags(c, flags, mask);
    return true;
}

static bool iret_any(struct cpu *c, unsigned size, u64 next_ip)
{
    if (in_real(c))
        return iret_real(c, size);
    if (in_vm86(c))
        return iret_vm86(c, size);
    if (c->eflags & FL_NT)
        return in_long(c) ? cpu_fault(c, EXC_GP, 0) : task_return(c, next_ip);
    return iret_protected(c, size);
}

bool far_iret(struct cpu *c, unsigned size, u64 next_ip)
{
    if (!(size == 3 && gate64_iretq(c)) && !iret_any(c, size, next_ip))
        return false;
    c->nmi_blocked = false; /* in SMM as well (SDM vol. 3, 31.8) */
    return true;
}
