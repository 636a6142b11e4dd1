/* gate.c: far JMP and CALL (SDM vol. 2, JMP and CALL; vol. 3, 5.8): to code segments, through call gates, to tasks. */
#include "far.h"

struct call_gate {
    u16 sel; /* of the gate itself */
    u16 target;
    u64 offset;
    u32 attr;
    unsigned params, push_bytes;
};

static bool far_paragraph(struct cpu *c, u16 sel, u64 offset)
{
    seg_set_real(c, CS, sel);
    c->rip = offset;
    cpu_update_mode(c);
    return true;
}

/* A direct transfer keeps the privilege: conforming code may be called from outside, other code from its own level
 * only. */
static bool check_direct(struct cpu *c, u16 sel, u32 attr)
{
    unsigned dpl = DESC_GET_DPL(attr);
    bool allowed = desc_is_conforming(attr) ? dpl <= c->cpl : (dpl == c->cpl && sel_rpl(sel) <= c->cpl);
    if (!desc_is_code(attr) || code_is_malformed(c, attr) || !allowed)
        return cpu_fault(c, EXC_GP, sel_error(sel, 0));
    return attr & DESC_P ? true : cpu_fault(c, EXC_NP, sel_error(sel, 0));
}

bool gate_check_target(struct cpu *c, u16 sel, u32 ext, bool jump, u64 *raw)
{
    u64 desc[2];
    if (sel_null(sel))
        return cpu_fault(c, EXC_GP, ext);
    if (!desc_read_ext(c, sel, desc, false, EXC_GP, ext))
        return false;
    u32 attr = desc_attr(desc[0]);
    bool good = desc_is_code(attr) && DESC_GET_DPL(attr) <= c->cpl;
    if (jump && !desc_is_conforming(attr))
        good = good && DESC_GET_DPL(attr) == c->cpl;
    if (in_long(c)) /* gates lead to 64-bit code only */
        good = good && (attr & (DESC_L | DESC_DB)) == DESC_L;
    if (!good)
        return cpu_fault(c, EXC_GP, sel_error(sel, ext));
    if (!(attr & DESC_P))
        return cpu_fault(c, EXC_NP, sel_error(sel, ext));
    *raw = desc[0];
    return true;
}

static bool enter_code(struct cpu *c, u16 sel, u64 raw, u64 offset)
{
    if (!code_check_ip(c, raw, offset, 0) || !desc_mark_accessed(c, sel, &raw))
        return false;
    seg_set_cs(c, sel, raw, c->cpl);
    c->rip = offset;
    return true;
}

/* Pushes the return address on the current stack and goes to code of the same privilege. */
static bool call_same(struct cpu *c, unsigned size, u16 sel, u64 raw, u64 offset, u64 next_ip)
{
    struct seg from = c->seg[CS];
    struct frame f;
    /* As silicon does it, in the mode of the target: on the way to 64-bit code the stack is flat already. */
    seg_set_cs(c, sel, raw, c->cpl);
    frame_on_current(c, &f, size, 0);
    frame_push(&f, from.sel);
    frame_push(&f, next_ip);
    if (!frame_probe(c, &f) || !code_check_ip(c, raw, offset, 0) || !desc_mark_accessed(c, sel, &raw)) {
        c->seg[CS] = from;
        cpu_update_mode(c);
        return false;
    }
    c->seg[CS].attr |= DESC_A;
    frame_write(c, &f);
    c->rip = offset;
    return true;
}

/* ---- call gates ---- */

static bool read_gate(struct cpu *c, u16 sel, const u64 raw[2], struct call_gate *g)
{
    u32 attr = desc_attr(raw[0]);
    bool is_16 = DESC_TYPE(attr) == SYS_CALL16;
    *g = (struct call_gate){ .sel = sel, .target = (u16)(raw[0] >> 16), .attr = attr };
    g->offset = (raw[0] & 0xffff) | (is_16 ? 0 : attr & 0xffff0000);
    g->params = in_long(c) ? 0 : attr & 31;
    g->push_bytes = in_long(c) ? 8 : is_16 ? 2 : 4;
    if (in_long(c)) {
        if ((raw[1] >> 40) & 0x1f) /* the type field of the upper half */
            return cpu_fault(c, EXC_GP, sel_error(sel, 0));
        g->offset |= raw[1] << 32;
    }
    if (DESC_GET_DPL(attr) < c->cpl || DESC_GET_DPL(attr) < sel_rpl(sel))
        return cpu_fault(c, EXC_GP, sel_error(sel, 0));
    return attr & DESC_P ? true : cpu_fault(c, EXC_NP, sel_error(sel, 0));
}

/* The parameters, deepest first as they were pushed, to the inner stack. */
static bool copy_params(struct cpu *c, struct frame *f, unsigned params)
{
    for (unsigned i = params; i-- > 0;) {
        u64 v = 0;
        if (!stack_read(c, (s64)i * f->size, &v, f->size))
            return false;
        frame_push(f, v);
    }
    return true;
}

static bool inner_frame(struct cpu *c, struct frame *f, const struct call_gate *g, unsigned dpl, struct seg *ss)
{
    u16 sel;
    u64 sp, raw;
    memset(ss, 0, sizeof *ss);
    if (in_long(c)) {
        if (!tss_stack64(c, dpl, 0, 0, &sp))
            return false;
        seg_set_null_stack(ss, dpl);
        frame_on_inner(f, ss, sp, true, g->push_bytes, 0);
        return true;
    }
    if (!tss_stack(c, dpl, 0, &sel, &sp) || !seg_check_stack(c, sel, dpl, EXC_TS, 0, &raw))
        return false;
    desc_to_seg(ss, sel, raw);
    frame_on_inner(f, ss, sp, false, g->push_bytes, sel_error(sel, 0));
    return true;
}

static bool call_inner(struct cpu *c, const struct call_gate *g, u64 raw, u64 next_ip)
{
    struct frame f;
    struct seg ss;
    unsigned dpl = DESC_GET_DPL(desc_attr(raw));
    if (!inner_frame(c, &f, g, dpl, &ss))
        return false;
    frame_push(&f, c->seg[SS].sel);
    frame_push(&f, c->r[RSP]);
    if (!copy_params(c, &f, g->params))
        return false;
    frame_push(&f, c->seg[CS].sel);
    frame_push(&f, next_ip);
    if (!code_check_ip(c, raw, g->offset, 0) || !frame_probe(c, &f) || !desc_mark_accessed(c, g->target, &raw))
        return false;
    frame_write(c, &f);
    c->seg[SS] = ss;
    seg_set_cs(c, g->target, raw, dpl);
    c->rip = g->offset;
    return true;
}

static bool call_gate(struct cpu *c, const struct call_gate *g, u64 raw, u64 next_ip)
{
    u32 attr = desc_attr(raw);
    if (!desc_is_conforming(attr) && DESC_GET_DPL(attr) < c->cpl)
        return call_inner(c, g, raw, next_ip);
    return call_same(c, g->push_bytes, g->target, raw, g->offset, next_ip);
}

static bool through_gate(struct cpu *c, u16 sel, const u64 raw[2], bool is_call, u64 next_ip)
{
    struct call_gate g;
    u64 target;
    if (!read_gate(c, sel, raw, &g) || !gate_check_target(c, g.target, 0, !is_call, &target))
        return false;
    if (is_call)
        return call_gate(c, &g, target, next_ip);
    return enter_code(c, g.target, target, g.offset);
}

/* ---- tasks and the rest ---- */

static bool to_task(struct cpu *c, u16 sel, u64 raw, bool is_call, u64 next_ip)
{
    u32 attr = desc_attr(raw);
    u16 tss = sel;
    u64 tss_raw = raw;
    if (DESC_GET_DPL(attr) < c->cpl || DESC_GET_DPL(attr) < sel_rpl(sel))
        return cpu_fault(c, EXC_GP, sel_error(sel, 0));
    if (DESC_TYPE(attr) == SYS_TASK_GATE) {
        if (!(attr & DESC_P))
            return cpu_fault(c, EXC_NP, sel_error(sel, 0));
        tss = (u16)(raw >> 16);
    }
    if (!task_check_available(c, tss, 0, &tss_raw))
        return false;
    return task_switch(c, tss, tss_raw, is_call ? TASK_CALL : TASK_JMP, next_ip, false, 0);
}

static bool to_system(struct cpu *c, u16 sel, u64 raw[2], bool is_call, u64 next_ip)
{
    unsigned type = DESC_TYPE(desc_attr(raw[0]));
    if (in_long(c)) {
        if (type != SYS_CALL32)
            return cpu_fault(c, EXC_GP, sel_error(sel, 0));
        return desc_read(c, sel, raw, true, EXC_GP) && through_gate(c, sel, raw, is_call, next_ip);
    }
    switch (type) {
    case SYS_CALL16:
    case SYS_CALL32:
        return through_gate(c, sel, raw, is_call, next_ip);
    case SYS_TASK_GATE:
    case SYS_TSS16:
    case SYS_TSS32:
        return to_task(c, sel, raw[0], is_call, next_ip);
    default:
        return cpu_fault(c, EXC_GP, sel_error(sel, 0));
    }
}

static bool read_target(struct cpu *c, u16 sel, u64 raw[2])
{
    if (sel_null(sel))
        return cpu_fault(c, EXC_GP, 0);
    return desc_read(c, sel, raw, false, EXC_GP);
}

/* A 64-bit offset counts to 64-bit code only. */
static u64 target_offset(const struct cpu *c, u32 attr, u64 offset)
{
    return in_long(c) && (attr & DESC_L) ? offset : (u32)offset;
}

bool far_jump(struct cpu *c, u16 sel, u64 offset, unsigned size, u64 next_ip)
{
    u64 raw[2];
    offset = low_bytes(offset, 1u << size);
    if (is_paragraph_mode(c)) {
        if (offset > c->seg[CS].limit)
            return cpu_fault(c, EXC_GP, 0);
        return far_paragraph(c, sel, offset);
    }
    if (!read_target(c, sel, raw))
        return false;
    u32 attr = desc_attr(raw[0]);
    if (!(attr & DESC_S))
        return to_system(c, sel, raw, false, next_ip);
    return check_direct(c, sel, attr) && enter_code(c, sel, raw[0], target_offset(c, attr, offset));
}

bool far_call(struct cpu *c, u16 sel, u64 offset, unsigned size, u64 next_ip)
{
    u64 raw[2];
    struct frame f;
    offset = low_bytes(offset, 1u << size);
    if (is_paragraph_mode(c)) {
        frame_on_current(c, &f, 1u << size, 0);
        if (offset > c->seg[CS].limit)
            return cpu_fault(c, EXC_GP, 0);
        frame_push(&f, c->seg[CS].sel);
        frame_push(&f, next_ip);
        if (!frame_probe(c, &f))
            return false;
        frame_write(c, &f);
        return far_paragraph(c, sel, offset);
    }
    if (!read_target(c, sel, raw))
        return false;
    u32 attr = desc_attr(raw[0]);
    if (!(attr & DESC_S))
        return to_system(c, sel, raw, true, next_ip);
    return check_direct(c, sel, attr) && call_same(c, 1u << size, sel, raw[0], target_offset(c, attr, offset), next_ip);
}
