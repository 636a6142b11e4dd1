/* why_selector.c: exceptions that name a selector: segment registers, far jumps, calls and returns, LTR, LLDT (SDM vol.
 * 3, 5.4 to 5.8; vol. 2 of the instructions). */
#include "why.h"

#include "desc.h"
#include "insn.h"

#include <inttypes.h>

/* Where no descriptor can be read. */
static bool missing(const struct view *v, u16 selector, const char *role, enum descriptor_found found,
                    const u64 *linear, char text[WHY_MAX])
{
    switch (found) {
    case DESCRIPTOR_NO_LDT:
        return why_say(text, "%s selector %02Xh is of the LDT, and there is none (LDTR is null)", role, selector);
    case DESCRIPTOR_OUTSIDE:
        return why_say(text,
                       "%s selector %02Xh lies outside the %s, whose limit is %04" PRIX32 "h (index %u needs "
                       "%04Xh)",
                       role, selector, selector & SELECTOR_TI ? "LDT" : "GDT",
                       selector & SELECTOR_TI ? v->r.seg[DEBUG_LDT].limit : v->r.gdt.limit, selector >> 3,
                       (selector & 0xfff8u) + 7);
    case DESCRIPTOR_UNMAPPED:
        return why_say(text, "the descriptor of %s selector %02Xh, at linear %08" PRIx64 ", can't be read", role,
                       selector, *linear);
    case DESCRIPTOR_OK:
        break;
    }
    return false;
}

/* "CS selector 18h names a data segment, writable; type 2" */
static void names(const struct descriptor *d, u16 selector, const char *role, char text[WHY_MAX])
{
    char kind[80];
    descriptor_describe(d, kind, sizeof kind);
    why_say(text, "%s selector %02Xh names %s; type %X", role, selector, kind, d->type);
}

static bool not_present(const struct descriptor *d, u16 selector, const char *role, char text[WHY_MAX])
{
    if (d->present)
        return false;
    names(d, selector, role, text);
    why_add(text, ", that is not present (P=0)");
    return true;
}

/* ---- CS ---- */

static bool code_privilege(const struct view *v, const struct descriptor *d, u16 selector, const char *role,
                           char text[WHY_MAX])
{
    unsigned rpl = selector & SELECTOR_RPL;
    if (d->conforming ? d->dpl <= v->r.cpl : d->dpl == v->r.cpl && rpl <= v->r.cpl)
        return false;
    return why_say(text, "%s selector %02Xh names code of DPL %u, which CPL %u (RPL %u) may not enter so", role,
                   selector, d->dpl, v->r.cpl, rpl);
}

void why_code_selector(const struct view *v, u16 selector, const char *role, char text[WHY_MAX])
{
    struct descriptor d;
    u64 linear;
    text[0] = 0;
    if (!(selector & ~SELECTOR_RPL)) {
        why_say(text, "%s selector %02Xh is null", role, selector);
        return;
    }
    if (missing(v, selector, role, descriptor_read(v, selector, &d, &linear), &linear, text))
        return;
    if (!d.code)
        names(&d, selector, role, text);
    else if (view_is_long(v) && d.long_code && d.big)
        why_say(text, "%s selector %02Xh names code with L and D both set", role, selector);
    else
        not_present(&d, selector, role, text);
}

static bool why_far(const struct view *v, u16 selector, bool returns, char text[WHY_MAX])
{
    struct descriptor d;
    u64 linear;
    why_code_selector(v, selector, "CS", text);
    if (text[0])
        return true;
    if (descriptor_read(v, selector, &d, &linear) != DESCRIPTOR_OK)
        return false;
    if (returns && (selector & SELECTOR_RPL) < v->r.cpl)
        return why_say(text, "CS selector %02Xh would return to a more privileged level than CPL %u", selector,
                       v->r.cpl);
    return !returns && code_privilege(v, &d, selector, "CS", text);
}

/* ---- SS and data ---- */

void why_stack_selector(const struct view *v, u16 selector, unsigned cpl, const char *role, char text[WHY_MAX])
{
    struct descriptor d;
    u64 linear;
    text[0] = 0;
    if (!(selector & ~SELECTOR_RPL)) {
        why_say(text, "%s selector %02Xh is null", role, selector);
        return;
    }
    if (missing(v, selector, role, descriptor_read(v, selector, &d, &linear), &linear, text))
        return;
    if (!d.segment || d.code || !d.rw)
        names(&d, selector, role, text);
    else if ((selector & SELECTOR_RPL) != cpl)
        why_say(text, "%s selector %02Xh has RPL %u, CPL is %u", role, selector, selector & SELECTOR_RPL, cpl);
    else if (d.dpl != cpl)
        why_say(text, "%s selector %02Xh names a segment of DPL %u, CPL is %u", role, selector, d.dpl, cpl);
    else
        not_present(&d, selector, role, text);
}

static bool why_data(const struct view *v, u16 selector, const char *role, char text[WHY_MAX])
{
    struct descriptor d;
    u64 linear;
    if (missing(v, selector, role, descriptor_read(v, selector, &d, &linear), &linear, text))
        return true;
    unsigned rpl = selector & SELECTOR_RPL;
    if (!d.segment || (d.code && !d.rw)) {
        names(&d, selector, role, text);
        return true;
    }
    if (!d.conforming && (d.dpl < v->r.cpl || d.dpl < rpl))
        return why_say(text, "%s selector %02Xh names a segment of DPL %u, out of reach of CPL %u and RPL %u", role,
                       selector, d.dpl, v->r.cpl, rpl);
    return not_present(&d, selector, role, text);
}

static bool why_segment_load(const struct view *v, unsigned segment, u16 selector, char text[WHY_MAX])
{
    const char *name = view_segment_name(segment);
    if (segment != DEBUG_SS)
        return why_data(v, selector, name, text);
    why_stack_selector(v, selector, v->r.cpl, name, text);
    return text[0];
}

/* ---- system segments ---- */

static bool why_system_segment(const struct view *v, const struct insn *i, u16 selector, char text[WHY_MAX])
{
    struct descriptor d;
    u64 linear;
    const char *role = i->kind == INSN_LTR ? "TR" : "LDTR";
    if (selector & SELECTOR_TI)
        return why_say(text, "%s selector %02Xh is of the LDT; it must be of the GDT", role, selector);
    if (missing(v, selector, role, descriptor_read(v, selector, &d, &linear), &linear, text))
        return true;
    names(&d, selector, role, text);
    if (!d.present)
        why_add(text, ", that is not present (P=0)");
    else if (i->kind == INSN_LTR && (d.type == SYSTEM_TSS32_BUSY || d.type == SYSTEM_TSS16_BUSY) && !d.segment)
        why_add(text, ": LTR wants one that is available");
    return true;
}

/* ---- what the instruction wants of the selector ---- */

static bool stack_word(const struct view *v, unsigned index, unsigned size, u64 *value)
{
    u64 offset = (v->r.gpr[4] + (u64)index * size) & view_stack_mask(v);
    return view_read_number(v, view_linear(v, DEBUG_SS, offset), size, value);
}

/* CS is fine: a return to an outer level, or any of 64-bit code, also loads SS. */
static bool why_return(const struct view *v, const struct insn *i, u16 named, char text[WHY_MAX])
{
    u64 cs = 0, ss = 0;
    bool is_iret = i->kind == INSN_IRET;
    stack_word(v, 1, i->size, &cs);
    if (named == (cs & ~(u64)SELECTOR_RPL) && why_far(v, (u16)cs, true, text))
        return true;
    stack_word(v, is_iret ? 4 : 3, i->size, &ss);
    why_stack_selector(v, (u16)ss, cs & SELECTOR_RPL, "SS", text);
    return text[0];
}

static bool by_instruction(const struct view *v, const struct insn *i, u16 named, char text[WHY_MAX])
{
    switch (i->kind) {
    case INSN_FAR_JUMP:
    case INSN_FAR_CALL:
        return why_far(v, named, false, text);
    case INSN_FAR_RET:
    case INSN_IRET:
        return why_return(v, i, named, text);
    case INSN_LOAD_SEGMENT:
        return why_segment_load(v, i->loads, named, text);
    case INSN_LTR:
    case INSN_LLDT:
        return why_system_segment(v, i, named, text);
    default:
        return false;
    }
}

/* The error code has no RPL: the operand may. */
static u16 full_selector(const struct insn *i, u16 named)
{
    for (unsigned n = 0; n < i->operands; n++)
        if (i->operand[n].kind != OPERAND_MEMORY && (i->operand[n].value & 0xfffc) == named)
            return (u16)i->operand[n].value;
    return named;
}

/* Null selectors leave 0 in the error code. */
static bool why_null(const struct view *v, const struct insn *i, char text[WHY_MAX])
{
    const struct insn_operand *o = &i->operand[i->operands ? i->operands - 1 : 0];
    u64 selector = o->value, ip;
    if (i->kind == INSN_FAR_RET || i->kind == INSN_IRET) {
        if (!stack_word(v, 1, i->size, &selector) || !stack_word(v, 0, i->size, &ip) || view_is_paragraph(v))
            return false;
        return !(selector & 0xfffc) &&
               why_say(text, "%s returns to a null CS selector (and offset %" PRIx64 ")", i->text, ip);
    }
    if (view_is_paragraph(v) || i->operands == 0 || o->kind == OPERAND_MEMORY || (selector & 0xfffc))
        return false;
    if (i->kind == INSN_LOAD_SEGMENT && i->loads == DEBUG_SS)
        return why_say(text, "SS is loaded with a null selector");
    if (i->kind == INSN_FAR_JUMP || i->kind == INSN_FAR_CALL)
        return i->operand[0].kind == OPERAND_IMMEDIATE && !(i->operand[0].value & 0xfffc) &&
               why_say(text, "CS selector is null");
    return i->kind == INSN_LTR && why_say(text, "TR is loaded with a null selector");
}

bool why_selector(const struct view *v, const struct fault *f, const struct insn *i, char text[WHY_MAX])
{
    if (f->vector < EXC_TS || f->vector > EXC_GP)
        return false;
    if (!f->error)
        return f->vector == EXC_GP && why_null(v, i, text);
    if (f->error & ERROR_IDT) {
        why_delivery(v, f, text); /* INT n of the program */
        return true;
    }
    u16 named = full_selector(i, (u16)(f->error & 0xfffc));
    if (by_instruction(v, i, named, text))
        return true;
    why_code_selector(v, named, "", text);
    if (!text[0])
        why_say(text, "the rules for selector %02Xh in: %s", named, i->length ? i->text : "an unreadable instruction");
    return true;
}
