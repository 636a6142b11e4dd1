/* root.c: what lies behind many a fault and does not show in it: the A20 gate, a stack where nothing can be written,
 * code of another size than it was assembled for, execution where there is no code. */
#include "why.h"

#include "insn.h"

#include <inttypes.h>

#define A20 BIT64(20)
#define LOOK_INSNS 12 /* how far code is read to judge it */

/* ---- A20 ---- */

static bool a20_matters(const struct view *v, u64 linear, const char *what, char text[WHY_MAX])
{
    struct debug_walk w;
    debug_walk(v->machine, v->cpu, linear, &w);
    bool on = (v->r.cr0 & CR0_PG) == 0; /* with paging the physical address can't be told from the masked one */
    if (!on || !(linear & A20))
        return false;
    return why_say(text, "the A20 gate is closed, so that %s at %08" PRIx64 " is at physical %08" PRIx64, what, linear,
                   linear & ~A20);
}

static bool memory_operand_a20(const struct view *v, char text[WHY_MAX])
{
    struct insn i;
    insn_here(v, &i);
    for (unsigned n = 0; n < i.operands; n++)
        if (i.operand[n].kind == OPERAND_MEMORY && i.operand[n].segment < DEBUG_SEGMENTS &&
            a20_matters(v, view_linear(v, i.operand[n].segment, i.operand[n].offset), "the operand", text))
            return true;
    return false;
}

static bool closed_a20(const struct view *v, char text[WHY_MAX])
{
    if (v->r.a20)
        return false;
    u64 stack = view_linear(v, DEBUG_SS, v->r.gpr[4] & view_stack_mask(v));
    return a20_matters(v, view_code(v), "the code", text) || a20_matters(v, v->r.gdt.base, "the GDT", text) ||
           ((v->r.cr0 & CR0_PE) && a20_matters(v, v->r.idt.base, "the IDT", text)) ||
           a20_matters(v, stack, "the stack", text) || memory_operand_a20(v, text);
}

/* ---- the stack ---- */

static bool lost_stack(const struct view *v, char text[WHY_MAX])
{
    u64 linear = view_linear(v, DEBUG_SS, (v->r.gpr[4] - 2) & view_stack_mask(v)), physical;
    if (!debug_translate(v->machine, v->cpu, linear, &physical))
        return false;
    struct debug_place place = debug_place(v->machine, v->cpu, physical);
    if (place.kind == DEBUG_PLACE_RAM)
        return false;
    if (place.kind == DEBUG_PLACE_NONE)
        return why_say(text, "the stack, at linear %08" PRIx64 ", lies where there is no memory", linear);
    return why_say(text, "the stack, at linear %08" PRIx64 ", lies in %s (%s), where what is pushed is lost", linear,
                   view_place_kind(place.kind), place.name);
}

/* ---- code of the wrong size ---- */

/* Bytes read as code make no sense where they are none, or where they touch what is not there. */
static bool is_odd(const struct view *v, const struct insn *i, u64 ram_end)
{
    for (unsigned n = 0; n < i->operands; n++) {
        const struct insn_operand *o = &i->operand[n];
        bool jump = i->kind == INSN_JUMP || i->kind == INSN_CALL;
        if (jump && o->kind == OPERAND_IMMEDIATE && (u32)o->value > ram_end)
            return true;
        if (o->kind == OPERAND_MEMORY &&
            (u32)view_linear(v, o->segment < DEBUG_SEGMENTS ? o->segment : DEBUG_DS, o->offset) > ram_end)
            return true;
    }
    return i->bytes[0] == 0 || i->kind == INSN_IN || i->kind == INSN_PRIVILEGED;
}

/* How many of the instructions from `linear` on look wrong. */
static unsigned oddities(const struct view *v, u64 linear, enum debug_code code, u64 ram_end)
{
    unsigned odd = 0;
    u64 at = 0;
    for (unsigned n = 0; n < LOOK_INSNS; n++) {
        struct insn i;
        if (!insn_read(v, linear + at, at, code, &i))
            return odd + LOOK_INSNS - n;
        odd += is_odd(v, &i, ram_end);
        at += i.length;
        if (i.kind == INSN_JUMP && !i.conditional)
            break;
    }
    return odd;
}

static bool has_marks_of_16_bits(const struct view *v, u64 linear, char *shown, size_t size)
{
    struct insn narrow, wide;
    if (!insn_read(v, linear, linear, DEBUG_CODE_16, &narrow) || !insn_read(v, linear, linear, DEBUG_CODE_32, &wide))
        return false;
    snprintf(shown, size, "%s", narrow.text);
    return narrow.length < wide.length;
}

static bool wrong_size(const struct view *v, u64 entered, char text[WHY_MAX])
{
    char shown[192];
    u64 ram_end = debug_place(v->machine, v->cpu, MIB).last;
    if (v->mode != DEBUG_MODE_PROTECTED_32 || entered == DEBUG_NOWHERE)
        return false;
    u64 linear = view_linear(v, DEBUG_CS, entered);
    if (!has_marks_of_16_bits(v, linear, shown, sizeof shown) ||
        oddities(v, linear, DEBUG_CODE_16, ram_end) >= oddities(v, linear, DEBUG_CODE_32, ram_end))
        return false;
    return why_say(text,
                   "16-bit code runs as 32-bit: CS selector %02Xh has D=1, but the bytes at %08" PRIx64
                   " make sense as 16-bit code (%s ...)",
                   v->r.seg[DEBUG_CS].selector, linear, shown);
}

/* ---- no code there ---- */

static bool no_code(const struct view *v, char text[WHY_MAX])
{
    u64 linear = view_code(v), physical;
    if (!debug_translate(v->machine, v->cpu, linear, &physical))
        return false;
    struct debug_place place = debug_place(v->machine, v->cpu, physical);
    if (place.kind == DEBUG_PLACE_NONE)
        return why_say(text, "the processor executes at physical %08" PRIx64 ", where there is no memory", physical);
    return place.kind == DEBUG_PLACE_DEVICE &&
           why_say(text, "the processor executes at physical %08" PRIx64 ", in the device window %s", physical,
                   place.name);
}

void root_cause(const struct view *v, const struct fault *f, u64 target, char text[WHY_MAX])
{
    (void)f;
    text[0] = 0;
    if (closed_a20(v, text) || wrong_size(v, target, text) || lost_stack(v, text) || no_code(v, text))
        return;
    text[0] = 0;
}
