/* why_delivery.c: why an interrupt or exception can't be delivered (SDM vol. 3, 6.12, 6.14; vol. 2, INT n). */
#include "why.h"

#include "desc.h"
#include "insn.h"

#include <inttypes.h>

#define VECTOR_TABLE_LIMIT 0x3ff
#define IST1 36
#define RSP0 4
#define TSS32_ESP0 4
#define TSS16_SP0 2

static bool idt_is_vector_table(const struct view *v)
{
    return v->r.idt.base == 0 && v->r.idt.limit == VECTOR_TABLE_LIMIT && !view_is_paragraph(v);
}

static void note_vector_table(const struct view *v, char text[WHY_MAX])
{
    if (idt_is_vector_table(v))
        why_add(text, " (IDTR still points at the vector table of real mode: no LIDT was done)");
}

static bool is_gate_for_interrupts(const struct descriptor *d)
{
    return d->gate && d->type != SYSTEM_CALL16 && d->type != SYSTEM_CALL32 &&
           (!d->in_long || d->type == SYSTEM_INT32 || d->type == SYSTEM_TRAP32);
}

/* Rules about the gate itself. */
static bool why_gate(const struct view *v, unsigned vector, bool software, struct descriptor *d, char text[WHY_MAX])
{
    char kind[80];
    u64 linear;
    unsigned bytes = view_is_long(v) ? 16 : 8;
    switch (descriptor_read_gate(v, vector, d, &linear)) {
    case DESCRIPTOR_OUTSIDE:
        return why_say(text, "vector %02Xh lies outside the IDT, whose limit is %04Xh (its gate needs %04Xh)", vector,
                       v->r.idt.limit, vector * bytes + bytes - 1);
    case DESCRIPTOR_UNMAPPED:
        return why_say(text, "the gate of vector %02Xh, at linear %08" PRIx64 ", can't be read", vector, linear);
    default:
        break;
    }
    descriptor_describe(d, kind, sizeof kind);
    if (!is_gate_for_interrupts(d)) {
        why_say(text, "IDT entry %02Xh at linear %08" PRIx64 " is no interrupt gate but %s", vector, linear, kind);
        note_vector_table(v, text);
        return true;
    }
    if (software && d->dpl < v->r.cpl)
        return why_say(text, "the gate of vector %02Xh has DPL %u, and INT is done at CPL %u", vector, d->dpl,
                       v->r.cpl);
    return !d->present && why_say(text, "the gate of vector %02Xh is not present (P=0)", vector);
}

/* ---- the inner stack ---- */

static void note_alignment(const struct view *v, char text[WHY_MAX])
{
    u64 base = v->r.seg[DEBUG_TR].base;
    if (base & 3)
        why_add(text,
                ": the TSS is misaligned, its base %08" PRIx64 " is no multiple of 4, so that fields are read "
                "from beside their places",
                base);
}

static void why_inner_stack(const struct view *v, unsigned dpl, char text[WHY_MAX])
{
    u64 tr = v->r.seg[DEBUG_TR].base, sp = 0, ss = 0;
    bool wide = v->r.seg[DEBUG_TR].attr & BIT(11);
    unsigned at = wide ? TSS32_ESP0 + dpl * 8 : TSS16_SP0 + dpl * 4, size = wide ? 4 : 2;
    char role[64], rule[WHY_MAX];
    if (at + size + 1 > v->r.seg[DEBUG_TR].limit) {
        why_say(text, "SS%u and ESP%u lie outside the TSS, whose limit is %04" PRIX32 "h", dpl, dpl,
                v->r.seg[DEBUG_TR].limit);
        return;
    }
    view_read_number(v, tr + at, size, &sp);
    view_read_number(v, tr + at + size, 2, &ss);
    snprintf(role, sizeof role, "SS%u in the TSS is wrong:", dpl);
    why_stack_selector(v, (u16)ss, dpl, role, rule);
    if (rule[0])
        why_say(text, "%s", rule);
    else
        why_say(text, "the stack %04Xh:%08" PRIx64 " of level %u can't take the frame", (unsigned)ss, sp, dpl);
    note_alignment(v, text);
}

static void why_inner_stack_64(const struct view *v, const struct descriptor *gate, unsigned dpl, char text[WHY_MAX])
{
    unsigned at = gate->ist ? IST1 + (gate->ist - 1) * 8 : RSP0 + dpl * 8;
    u64 rsp = 0;
    char name[8];
    snprintf(name, sizeof name, gate->ist ? "IST%u" : "RSP%u", gate->ist ? gate->ist : dpl);
    if (at + 7 > v->r.seg[DEBUG_TR].limit) {
        why_say(text, "%s lies outside the TSS, whose limit is %04" PRIX32 "h", name, v->r.seg[DEBUG_TR].limit);
        return;
    }
    if (!view_read_number(v, v->r.seg[DEBUG_TR].base + at, 8, &rsp)) {
        why_say(text, "%s in the TSS at linear %08" PRIx64 " can't be read", name, v->r.seg[DEBUG_TR].base);
        return;
    }
    why_say(text, "the stack %s = %016" PRIx64 " of the TSS can't take the frame", name, rsp);
    if (!view_is_canonical(v, rsp - 8))
        why_add(text, ": it is not canonical");
    note_alignment(v, text);
}

/* ---- the frame ---- */

static void why_current_stack(const struct view *v, char text[WHY_MAX])
{
    u64 sp = v->r.gpr[4] & view_stack_mask(v);
    why_say(text, "the stack %04X:%0*" PRIx64 " can't take the frame (base %08" PRIx64 ", limit %08" PRIx32 ")",
            v->r.seg[DEBUG_SS].selector, v->r.code == DEBUG_CODE_64 ? 16 : 8, sp, v->r.seg[DEBUG_SS].base,
            v->r.seg[DEBUG_SS].limit);
}

static void through_gate(const struct view *v, const struct fault *f, const struct descriptor *gate, char text[WHY_MAX])
{
    struct descriptor target;
    u64 linear;
    why_code_selector(v, gate->target, "the gate's CS", text);
    if (text[0])
        return;
    descriptor_read(v, gate->target, &target, &linear);
    if (view_is_long(v) && !target.long_code) {
        why_say(text, "the gate's CS selector %02Xh names no 64-bit code, which long mode wants", gate->target);
        return;
    }
    unsigned dpl = target.conforming || target.dpl > v->r.cpl ? v->r.cpl : target.dpl;
    bool inner = dpl < v->r.cpl || gate->ist;
    if (f->vector == EXC_GP && !(f->error & ~ERROR_EXT))
        why_say(text, "the gate's offset %08" PRIx64 " is outside of its code segment", gate->offset);
    else if (inner && view_is_long(v))
        why_inner_stack_64(v, gate, dpl, text);
    else if (inner)
        why_inner_stack(v, dpl, text);
    else
        why_current_stack(v, text);
}

/* Which linear address the page fault was at tells which step met it. */
static void page_fault(const struct view *v, const struct fault *f, unsigned vector, char text[WHY_MAX])
{
    u64 a = f->address;
    if (a - v->r.idt.base <= v->r.idt.limit)
        why_say(text, "the gate of vector %02Xh, at linear %08" PRIx64 " in the IDT, has no page: ", vector, a);
    else if (a - v->r.gdt.base <= v->r.gdt.limit)
        why_say(text, "the descriptor of the gate's segment, at linear %08" PRIx64 " in the GDT, has no page: ", a);
    else if (f->error & PF_WRITE)
        why_say(text, "the frame can't be pushed to the stack at linear %08" PRIx64 ": ", a);
    else
        why_say(text, "linear %08" PRIx64 " can't be read: ", a);
    why_walk(v, a, f->error, text);
}

static void in_real_mode(const struct view *v, const struct fault *f, unsigned vector, char text[WHY_MAX])
{
    if (vector * 4 + 3 > v->r.idt.limit)
        why_say(text, "vector %02Xh lies outside the vector table, whose limit is %04Xh", vector, v->r.idt.limit);
    else if (f->vector == EXC_SS)
        why_current_stack(v, text);
    else
        why_say(text, "the handler of vector %02Xh lies outside CS's limit", vector);
}

/* The program's own INT n: the vector is in the error code. */
void why_delivery(const struct view *v, const struct fault *f, char text[WHY_MAX])
{
    struct descriptor gate;
    unsigned vector = f->delivering < 0 ? f->error >> 3 & 0xff : (unsigned)f->delivering;
    bool software = f->software || (f->delivering < 0 && !(f->error & ERROR_EXT));
    text[0] = 0;
    if (!(v->r.cr0 & CR0_PE)) {
        in_real_mode(v, f, vector, text);
        return;
    }
    if (f->vector == EXC_PF) {
        page_fault(v, f, vector, text);
        return;
    }
    if (!why_gate(v, vector, software, &gate, text))
        through_gate(v, f, &gate, text);
}
