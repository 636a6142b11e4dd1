/* why_access.c: accesses that segmentation forbids, and jumps to where no code may be (SDM vol. 3, 5.3, 5.5; vol. 1,
 * 3.3.7.1). Paging has had no part in these. */
#include "why.h"

#include "desc.h"
#include "insn.h"

#include <inttypes.h>

#define ATTR_RW BIT(9)
#define ATTR_EXPAND_DOWN BIT(10)
#define ATTR_CODE BIT(11)
#define ATTR_S BIT(12)
#define ATTR_P BIT(15)
#define ATTR_BIG BIT(22)
#define SSE_ALIGN 16

/* The offsets that a segment has: from `lo` to `hi`. */
static void segment_bounds(const struct view *v, unsigned segment, u64 *lo, u64 *hi)
{
    u32 attr = v->r.seg[segment].attr, limit = v->r.seg[segment].limit;
    bool down = !(attr & ATTR_CODE) && (attr & ATTR_EXPAND_DOWN);
    *lo = down ? (u64)limit + 1 : 0;
    *hi = !down ? limit : attr & ATTR_BIG ? 0xffffffff : 0xffff;
}

static bool legacy_access(const struct view *v, unsigned segment, u64 offset, unsigned size, bool write,
                          const char *what, char text[WHY_MAX])
{
    const char *name = view_segment_name(segment);
    u32 attr = v->r.seg[segment].attr;
    u64 lo, hi;
    if ((attr & (ATTR_P | ATTR_S)) != (ATTR_P | ATTR_S))
        return why_say(text, "%s is by %s, which is null (selector %04Xh)", what, name, v->r.seg[segment].selector);
    bool writable = !(attr & ATTR_CODE) && (attr & ATTR_RW), readable = !(attr & ATTR_CODE) || (attr & ATTR_RW);
    if (write && !writable && !view_is_paragraph(v))
        return why_say(text, "%s by %s, whose segment (selector %04Xh) is not writable", what, name,
                       v->r.seg[segment].selector);
    if (!write && !readable)
        return why_say(text, "%s by %s, whose segment (selector %04Xh) is execute-only", what, name,
                       v->r.seg[segment].selector);
    segment_bounds(v, segment, &lo, &hi);
    if (offset >= lo && offset + size - 1 <= hi)
        return false;
    return why_say(text, "%s: %u byte%s at %s:%04" PRIX64 " pass the segment's limit %04" PRIX64 "h", what, size,
                   size == 1 ? "" : "s", name, offset, lo ? lo - 1 : hi);
}

static bool bad_access(const struct view *v, unsigned segment, u64 offset, unsigned size, bool write, const char *what,
                       char text[WHY_MAX])
{
    if (v->r.code != DEBUG_CODE_64)
        return legacy_access(v, segment, offset, size, write, what, text);
    u64 linear = view_linear(v, segment, offset);
    return !view_is_canonical(v, linear) &&
           why_say(text, "%s: the address %016" PRIx64 " is not canonical", what, linear);
}

/* ---- operands ---- */

static bool bad_operand(const struct view *v, const struct insn *i, char text[WHY_MAX])
{
    char what[WHY_MAX];
    for (unsigned n = 0; n < i->operands; n++) {
        const struct insn_operand *o = &i->operand[n];
        if (o->kind != OPERAND_MEMORY || o->segment >= DEBUG_SEGMENTS)
            continue;
        snprintf(what, sizeof what, "%s %s", i->text, o->write ? "writes" : "reads");
        if (bad_access(v, o->segment, o->offset, o->size ? o->size : 1, o->write, what, text))
            return true;
        if (o->size >= SSE_ALIGN && (o->offset & (SSE_ALIGN - 1)))
            return why_say(text, "%s: its memory operand must be aligned on %u bytes", i->text, o->size);
    }
    return false;
}

/* ---- the stack ---- */

static bool pushes(const struct insn *i)
{
    return i->kind == INSN_PUSH || i->kind == INSN_CALL || i->kind == INSN_FAR_CALL ||
           (i->kind == INSN_IOPL && strncmp(i->text, "push", 4) == 0);
}

static bool pops(const struct insn *i)
{
    return i->kind == INSN_POP || i->kind == INSN_RET || i->kind == INSN_FAR_RET || i->kind == INSN_IRET ||
           (i->kind == INSN_IOPL && strncmp(i->text, "pop", 3) == 0) ||
           (i->kind == INSN_LOAD_SEGMENT && strncmp(i->text, "pop", 3) == 0);
}

static unsigned stack_size(const struct view *v, const struct insn *i)
{
    return v->r.code == DEBUG_CODE_64 && i->size == 4 ? 8 : i->size;
}

static bool bad_stack(const struct view *v, const struct insn *i, char text[WHY_MAX])
{
    char what[WHY_MAX];
    unsigned size = stack_size(v, i);
    u64 mask = view_stack_mask(v), sp = v->r.gpr[4] & mask;
    if (!pushes(i) && !pops(i))
        return false;
    snprintf(what, sizeof what, "%s %s the stack", i->text, pushes(i) ? "pushes to" : "pops from");
    return bad_access(v, DEBUG_SS, pushes(i) ? (sp - size) & mask : sp, size, pushes(i), what, text);
}

/* ---- targets of near branches and of returns ---- */

static bool branch_target(const struct view *v, const struct insn *i, u64 *target)
{
    const struct insn_operand *o = &i->operand[0];
    u64 sp = v->r.gpr[4] & view_stack_mask(v);
    bool near_return = i->kind == INSN_RET || i->kind == INSN_FAR_RET || i->kind == INSN_IRET;
    unsigned size = i->kind == INSN_RET ? stack_size(v, i) : i->size;
    if (near_return)
        return view_read_number(v, view_linear(v, DEBUG_SS, sp), size, target);
    if ((i->kind != INSN_JUMP && i->kind != INSN_CALL) || !i->operands)
        return false;
    if (o->kind == OPERAND_MEMORY)
        return view_read_number(v, view_linear(v, o->segment, o->offset), o->size, target);
    *target = o->value;
    return true;
}

static bool bad_target(const struct view *v, const struct insn *i, char text[WHY_MAX])
{
    u64 target;
    if (!branch_target(v, i, &target))
        return false;
    if (v->r.code == DEBUG_CODE_64)
        return !view_is_canonical(v, target) &&
               why_say(text, "%s leads to RIP %016" PRIx64 ", which is not canonical", i->text, target);
    bool near = i->kind != INSN_FAR_RET && i->kind != INSN_IRET;
    return near && target > v->r.seg[DEBUG_CS].limit &&
           why_say(text, "%s leads to EIP %08" PRIx64 ", above the limit of CS, %08" PRIx32, i->text, target,
                   v->r.seg[DEBUG_CS].limit);
}

bool why_access(const struct view *v, const struct fault *f, const struct insn *i, char text[WHY_MAX])
{
    if (f->vector != EXC_GP && f->vector != EXC_SS)
        return false;
    if (bad_stack(v, i, text) || bad_operand(v, i, text) || bad_target(v, i, text))
        return true;
    return why_say(text, "%s", i->length ? i->text : "the instruction can't be read");
}
