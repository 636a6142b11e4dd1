/* fault.c: interrupt and exception delivery (SDM vol. 3, chapter 6; vol. 2, INT n): interrupt vector table, IDT gates
 * of 16, 32 and 64 bits, task gates, virtual-8086 mode with its redirection bitmap (20.3), double and triple faults. */
#include "far.h"
#include "watch.h"

struct int_gate {
    u16 target;
    u64 offset;
    u32 attr;
    unsigned type, ist;
};

/* Faults: the instruction will be run again, RF keeps its breakpoint from firing twice (SDM vol. 3, 17.3.1.1). */
static bool is_fault(const struct cpu *c, unsigned vector)
{
    switch (vector) {
    case EXC_DB:
        return (c->dr6_pending & DR6_BD) != 0;
    case EXC_DE:
    case EXC_BR:
    case EXC_UD:
    case EXC_NM:
    case EXC_TS:
    case EXC_NP:
    case EXC_SS:
    case EXC_GP:
    case EXC_PF:
    case EXC_MF:
    case EXC_AC:
    case EXC_XM:
        return true;
    default:
        return false;
    }
}

static u32 gate_error(const struct event *e)
{
    return (u32)e->vector * 8 | ERR_IDT | e->ext;
}

/* ---- real mode ---- */

/* CS:IP from the vector table at `base`; `flags` are pushed, `cleared` are taken off. */
static bool deliver_paragraph(struct cpu *c, const struct event *e, u64 base, u32 cleared)
{
    struct frame f;
    u32 vector = 0;
    if (!sys_read(c, system_linear(c, base, (u32)e->vector * 4), &vector, 4))
        return false;
    frame_on_current(c, &f, 2, e->ext);
    frame_push(&f, e->flags);
    frame_push(&f, c->seg[CS].sel);
    frame_push(&f, c->rip);
    if ((vector & 0xffff) > c->seg[CS].limit)
        return cpu_fault(c, EXC_GP, e->ext);
    if (!frame_probe(c, &f))
        return false;
    frame_write(c, &f);
    seg_set_real(c, CS, (u16)(vector >> 16));
    c->rip = (u16)vector;
    cpu_set_eflags(c, 0, cleared);
    cpu_update_mode(c);
    return true;
}

static bool deliver_real(struct cpu *c, const struct event *e)
{
    if ((u32)e->vector * 4 + 3 > c->idt.limit)
        return cpu_fault(c, EXC_GP, gate_error(e));
    return deliver_paragraph(c, e, c->idt.base, FL_IF | FL_TF | FL_AC | FL_RF);
}

/* ---- virtual-8086 mode: INT n ---- */

/* The bit of the software interrupt redirection bitmap, 32 bytes below the I/O permission bitmap. */
static bool redirection_bit(struct cpu *c, unsigned vector, bool *bit)
{
    const struct seg *tr = &c->seg[TR];
    u16 map = 0;
    u8 byte = 0;
    if (!(DESC_TYPE(tr->attr) & 8) || tr->limit < 0x67)
        return cpu_fault(c, EXC_GP, 0);
    if (!sys_read(c, system_linear(c, tr->base, 0x66), &map, 2))
        return false;
    u32 at = map + vector / 8 - 32;
    if (map < 32 || at > tr->limit)
        return cpu_fault(c, EXC_GP, 0);
    if (!sys_read(c, system_linear(c, tr->base, at), &byte, 1))
        return false;
    *bit = (byte >> (vector & 7)) & 1;
    return true;
}

static bool deliver_protected(struct cpu *c, const struct event *e);

static bool deliver_vm86_soft(struct cpu *c, struct event *e)
{
    bool to_monitor = true, full = cpu_iopl(c) == 3;
    if ((c->cr4 & CR4_VME) && !redirection_bit(c, e->vector, &to_monitor))
        return false;
    if (to_monitor)
        return full ? deliver_protected(c, e) : cpu_fault(c, EXC_GP, 0);
    if (full)
        return deliver_paragraph(c, e, 0, FL_IF | FL_TF | FL_RF);
    e->flags = (e->flags & ~FL_IF) | FL_IOPL | (e->flags & FL_VIF ? FL_IF : 0);
    return deliver_paragraph(c, e, 0, FL_VIF | FL_TF | FL_RF);
}

/* ---- protected and long mode ---- */

static bool gate_type_ok(const struct cpu *c, u32 attr)
{
    unsigned type = DESC_TYPE(attr);
    if (attr & DESC_S)
        return false;
    if (type == SYS_INT32 || type == SYS_TRAP32)
        return true;
    return !in_long(c) && (type == SYS_INT16 || type == SYS_TRAP16 || type == SYS_TASK_GATE);
}

static bool read_gate(struct cpu *c, const struct event *e, struct int_gate *g)
{
    u64 raw[2] = { 0, 0 };
    unsigned bytes = in_long(c) ? 16 : 8;
    u32 offset = (u32)e->vector * bytes;
    if (offset + bytes - 1 > c->idt.limit)
        return cpu_fault(c, EXC_GP, gate_error(e));
    if (!sys_read(c, system_linear(c, c->idt.base, offset), raw, bytes))
        return false;
    u32 attr = desc_attr(raw[0]);
    if (!gate_type_ok(c, attr) || (is_soft(e->source) && DESC_GET_DPL(attr) < c->cpl))
        return cpu_fault(c, EXC_GP, gate_error(e));
    if (!(attr & DESC_P))
        return cpu_fault(c, EXC_NP, gate_error(e));
    *g = (struct int_gate){ .target = (u16)(raw[0] >> 16), .attr = attr, .type = DESC_TYPE(attr) };
    g->offset = (raw[0] & 0xffff) | (g->type & 8 ? attr & 0xffff0000 : 0) | raw[1] << 32;
    g->ist = in_long(c) ? attr & 7 : 0;
    return true;
}

static bool deliver_task(struct cpu *c, const struct event *e, u16 tss)
{
    u64 raw;
    u32 had_rf = c->eflags & FL_RF;
    if (!task_check_available(c, tss, e->ext, &raw))
        return false;
    c->eflags |= e->flags & FL_RF; /* into the old TSS */
    if (task_switch_ext(c, tss, raw, TASK_GATE, c->rip, e->has_error, e->error, e->ext))
        return true;
    c->eflags = (c->eflags & ~FL_RF) | had_rf;
    return false;
}

/* The frame of an interrupt that stays at its level. */
static bool same_frame(struct cpu *c, const struct event *e, const struct int_gate *g, unsigned size, struct frame *f,
                       struct seg *ss)
{
    frame_on_current(c, f, size, e->ext);
    *ss = c->seg[SS];
    if (!in_long(c))
        return true;
    f->is_64 = true;
    f->mask = UINT64_MAX;
    return !g->ist || tss_stack64(c, c->cpl, g->ist, e->ext, &f->sp);
}

static bool inner_frame(struct cpu *c, const struct event *e, const struct int_gate *g, unsigned dpl, unsigned size,
                        struct frame *f, struct seg *ss)
{
    u16 sel;
    u64 sp, raw;
    memset(ss, 0, sizeof *ss);
    if (in_long(c)) {
        if (!tss_stack64(c, dpl, g->ist, e->ext, &sp))
            return false;
        seg_set_null_stack(ss, dpl);
        frame_on_inner(f, ss, sp, true, size, e->ext);
        return true;
    }
    if (!tss_stack(c, dpl, e->ext, &sel, &sp) || !seg_check_stack(c, sel, dpl, EXC_TS, e->ext, &raw))
        return false;
    desc_to_seg(ss, sel, raw);
    frame_on_inner(f, ss, sp, false, size, sel_error(sel, e->ext));
    return true;
}

static void push_frame(struct cpu *c, const struct event *e, struct frame *f, bool with_stack)
{
    if (in_vm86(c))
        for (unsigned i = 0; i < 4; i++)
            frame_push(f, c->seg[(const u8[]){ GS, FS, DS, ES }[i]].sel);
    if (with_stack) {
        frame_push(f, c->seg[SS].sel);
        frame_push(f, in_64(c) ? c->r[RSP] : (u32)c->r[RSP]); /* compatibility mode has no more than ESP */
    }
    frame_push(f, e->flags);
    frame_push(f, c->seg[CS].sel);
    frame_push(f, c->rip);
    if (e->has_error)
        frame_push(f, e->error);
}

static void enter_handler(struct cpu *c, const struct int_gate *g, const struct seg *ss, u64 raw, unsigned cpl)
{
    bool from_vm86 = in_vm86(c), is_interrupt_gate = !(g->type & 1);
    c->seg[SS] = *ss;
    cpu_set_eflags(c, 0, FL_TF | FL_VM | FL_RF | FL_NT | (is_interrupt_gate ? FL_IF : 0));
    if (from_vm86)
        for (unsigned i = 0; i < 4; i++)
            c->seg[(const u8[]){ DS, ES, FS, GS }[i]] = (struct seg){ .limit = 0 };
    seg_set_cs(c, g->target, raw, cpl);
    c->rip = g->offset;
}

static bool deliver_gate(struct cpu *c, const struct event *e, const struct int_gate *g)
{
    u64 raw;
    struct frame f;
    struct seg ss;
    unsigned size = in_long(c) ? 8 : g->type & 8 ? 4 : 2, cpl = c->cpl;
    if (!gate_check_target(c, g->target, e->ext, false, &raw))
        return false;
    u32 attr = desc_attr(raw);
    bool inner = !desc_is_conforming(attr) && DESC_GET_DPL(attr) < c->cpl;
    if (in_vm86(c) && (!inner || DESC_GET_DPL(attr) != 0))
        return cpu_fault(c, EXC_GP, sel_error(g->target, e->ext));
    if (inner)
        cpl = DESC_GET_DPL(attr);
    if (!(inner ? inner_frame(c, e, g, cpl, size, &f, &ss) : same_frame(c, e, g, size, &f, &ss)))
        return false;
    if (in_long(c))
        f.sp &= ~(u64)15;
    push_frame(c, e, &f, inner || in_long(c));
    if (!code_check_ip(c, raw, g->offset, e->ext) || !frame_probe(c, &f) || !desc_mark_accessed(c, g->target, &raw))
        return false;
    frame_write(c, &f);
    enter_handler(c, g, &ss, raw, cpl);
    return true;
}

static bool deliver_protected(struct cpu *c, const struct event *e)
{
    struct int_gate g = { 0 };
    if (!read_gate(c, e, &g))
        return false;
    return g.type == SYS_TASK_GATE ? deliver_task(c, e, g.target) : deliver_gate(c, e, &g);
}

/* ---- the way in ---- */

static bool deliver(struct cpu *c, struct event *e)
{
    if (in_real(c))
        return deliver_real(c, e);
    if (in_vm86(c) && e->source == INTR_SOFT)
        return deliver_vm86_soft(c, e);
    return deliver_protected(c, e);
}

/* One #DB reports all that is pending, whatever raised it: INT1 after MOV SS takes a data breakpoint along. */
static void take_debug_state(struct cpu *c)
{
    if (c->dr6_pending)
        c->dr6 = (c->dr6 & ~(u64)DR6_B0_B3) | c->dr6_pending;
    c->dr6_pending = 0;
    c->events &= ~EV_DEBUG;
}

static enum debug_source recorded_source(unsigned vector, enum intr_source source)
{
    if (is_soft(source))
        return DEBUG_SOURCE_SOFTWARE;
    return vector == EXC_NMI ? DEBUG_SOURCE_NMI : DEBUG_SOURCE_INTR;
}

static COLD void tell_interrupt(struct cpu *c, const struct event *e)
{
    static const u8 sources[] = {
        [INTR_EXTERNAL] = PROBE_FROM_INTR,       [INTR_NMI] = PROBE_FROM_NMI,       [INTR_SOFT] = PROBE_FROM_SOFTWARE,
        [INTR_EXCEPTION] = PROBE_FROM_EXCEPTION, [INTR_INT3] = PROBE_FROM_SOFTWARE, [INTR_INTO] = PROBE_FROM_SOFTWARE,
        [INTR_ICEBP] = PROBE_FROM_SOFTWARE
    };
    watch_interrupt(c, sources[e->source], e->vector, e->has_error, e->error);
}

bool interrupt_deliver(struct cpu *c, unsigned vector, enum intr_source source, bool has_error, u32 error)
{
    struct event e = { .vector = (u8)vector, .source = source, .has_error = has_error, .error = error };
    e.ext = is_soft(source) ? 0 : ERR_EXT;
    e.flags = flags_get(c);
    u64 returns_to = c->rip;
    if (source == INTR_EXCEPTION && is_fault(c, vector))
        e.flags |= FL_RF;
    if (is_soft(source)) /* cleared as the instruction starts (SDM vol. 3, 17.3.1.1) */
        e.flags &= ~FL_RF;
    if (UNLIKELY(c->probe))
        tell_interrupt(c, &e);
    if (!gate64_deliver(c, &e) && !deliver(c, &e))
        return false;
    c->delivered = true; /* TF went to the stack: no single-step trap follows */
    if (source != INTR_EXCEPTION)
        record_interrupt(c, vector, recorded_source(vector, source), returns_to);
    if (vector == EXC_DB && source != INTR_SOFT) {
        take_debug_state(c);
        c->dr7 &= ~(u64)DR7_GD; /* so that the handler can reach the debug registers (SDM vol. 3, 17.2.4) */
    }
    return true;
}

bool cpu_interrupt(struct cpu *c, unsigned vector, enum intr_source source, bool has_error, u32 error)
{
    bool was_exact = c->exact;
    if (UNLIKELY(c->probe))
        watch_at_rip(c, true);
    c->exact = true; /* between instructions nothing needs repeating */
    u64 interrupted = c->rip;
    bool ok = interrupt_deliver(c, vector, source, has_error, error) && !c->exc.valid;
    c->exact = was_exact;
    cpu_set_jump_tag(c); /* while c->exact was set it stood */
    record_mode(c, interrupted);
    return ok;
}

void single_step_by_new_tf(struct cpu *c)
{
    c->delivered = true; /* the trap by the old TF is not taken */
    if (!(c->eflags & FL_TF))
        return;
    c->dr6_pending |= DR6_BS;
    c->events |= EV_DEBUG;
}

/* ---- exceptions while delivering exceptions (SDM vol. 3, 6.15, tables 6-4 and 6-5) ---- */

enum exception_class { BENIGN, CONTRIBUTORY, PAGE_FAULT, DOUBLE_FAULT };

static enum exception_class class_of(unsigned vector)
{
    switch (vector) {
    case EXC_DE:
    case EXC_TS:
    case EXC_NP:
    case EXC_SS:
    case EXC_GP:
        return CONTRIBUTORY;
    case EXC_PF:
        return PAGE_FAULT;
    case EXC_DF:
        return DOUBLE_FAULT;
    default:
        return BENIGN;
    }
}

void cpu_shut_down(struct cpu *c)
{
    c->exc.valid = false;
    c->retry_exact = false;
    c->activity = ACT_SHUTDOWN;
    record_shutdown(c);
    if (UNLIKELY(c->probe))
        watch_change(c, PROBE_SHUTDOWN, 0, 0, 0, false);
    if (c->w.shutdown)
        c->w.shutdown(c->w.owner);
}

/* What `second`, met while `first` was being delivered, becomes. False: shutdown. */
static bool combine(const struct pending_exception *first, struct pending_exception *second)
{
    enum exception_class a = class_of(first->vector), b = class_of(second->vector);
    if (a == DOUBLE_FAULT)
        return b == BENIGN;
    bool doubled =
        (a == CONTRIBUTORY && b == CONTRIBUTORY) || (a == PAGE_FAULT && (b == CONTRIBUTORY || b == PAGE_FAULT));
    if (doubled)
        *second = (struct pending_exception){ .valid = true, .vector = EXC_DF, .has_error = true, .error = 0 };
    return true;
}

/* CR2, DR6: what an exception leaves in registers whether or not its handler is reached. */
static void report(struct cpu *c, const struct pending_exception *e)
{
    if (e->vector == EXC_PF)
        c->cr2 = e->cr2;
    if (e->vector != EXC_DB)
        return;
    if (!c->dr6_pending) /* an instruction breakpoint */
        c->dr6_pending = debug_fetch_hits(c, c->seg[CS].base + c->rip);
}

void cpu_deliver_exception(struct cpu *c)
{
    struct pending_exception e = c->exc, second, raised;
    record_exception(c, &e, 0);
    for (unsigned depth = 1;; depth++) {
        c->exc.valid = false;
        report(c, &e);
        if (UNLIKELY(c->probe))
            watch_exception(c, &e);
        bool ok = cpu_interrupt(c, e.vector, INTR_EXCEPTION, e.has_error, e.error);
        if (!ok && e.vector == EXC_DB)
            take_debug_state(c);
        if (ok)
            return;
        second = c->exc;
        record_exception(c, &second, depth);
        if (second.vector == EXC_PF)
            c->cr2 = second.cr2; /* also where it becomes a double fault */
        raised = second;
        if (!combine(&e, &second)) {
            if (UNLIKELY(c->probe))
                watch_exception(c, &raised);
            cpu_shut_down(c);
            return;
        }
        if (UNLIKELY(c->probe) && raised.vector != second.vector) /* what became a double fault */
            watch_exception(c, &raised);
        e = second;
    }
}
