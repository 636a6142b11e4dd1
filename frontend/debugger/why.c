/* why.c: see why.h: which rules belong to which exception. */
#include "why.h"

#include "insn.h"

#include <inttypes.h>
#include <stdarg.h>

bool why_say(char text[WHY_MAX], const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, WHY_MAX, format, ap);
    va_end(ap);
    return true;
}

void why_add(char text[WHY_MAX], const char *format, ...)
{
    size_t len = strlen(text);
    va_list ap;
    va_start(ap, format);
    vsnprintf(text + len, WHY_MAX - len, format, ap);
    va_end(ap);
}

void fault_name(const struct fault *f, char text[24])
{
    char name[16];
    const char *vector = view_vector_name(f->vector, name);
    if (f->has_error)
        snprintf(text, 24, "%s(%04Xh)", vector, f->error & 0xffff);
    else
        snprintf(text, 24, "%s", vector);
}

/* ---- #UD ---- */

static void invalid_opcode(const struct view *v, const struct insn *i, char text[WHY_MAX])
{
    u8 bytes[4] = { 0 };
    if (i->length) {
        why_say(text,
                "%s is refused: a LOCK prefix that it can't have, or an extension that CR0, CR4 or the CPU model "
                "does not enable",
                i->text);
        return;
    }
    view_read(v, view_code(v), bytes, sizeof bytes);
    why_say(text, "the bytes %02X %02X %02X %02X are no instruction", bytes[0], bytes[1], bytes[2], bytes[3]);
}

/* ---- #DE ---- */

static void divide_error(const struct insn *i, char text[WHY_MAX])
{
    const struct insn_operand *o = &i->operand[0];
    if (i->kind == INSN_DIVIDE && i->operands && o->kind == OPERAND_REGISTER && o->value == 0)
        why_say(text, "%s divides by zero", i->text);
    else
        why_say(text, "%s: the divisor is zero or the quotient does not fit", i->length ? i->text : "the division");
}

/* ---- the rest ---- */

static void other(const struct view *v, const struct fault *f, const struct insn *i, char text[WHY_MAX])
{
    switch (f->vector) {
    case EXC_DE:
        divide_error(i, text);
        return;
    case EXC_UD:
        invalid_opcode(v, i, text);
        return;
    case EXC_NM:
        why_say(text, "%s uses the FPU while CR0.%s is set", i->text, v->r.cr0 & CR0_EM ? "EM" : "TS");
        return;
    case EXC_MF:
        why_say(text, "an x87 error is pending (FSW=%04X)", v->r.fsw);
        return;
    case EXC_XM:
        why_say(text, "%s meets an SSE error that MXCSR does not mask", i->text);
        return;
    case EXC_AC:
        why_say(text, "%s is not aligned, and alignment is checked at CPL 3", i->text);
        return;
    default:
        why_say(text, "%s", i->length ? i->text : "raised by the processor");
    }
}

/* Is the instruction pointer itself the mistake? */
static bool bad_rip(const struct view *v, char text[WHY_MAX])
{
    if (v->r.code == DEBUG_CODE_64)
        return !view_is_canonical(v, v->r.rip) && why_say(text, "RIP %016" PRIx64 " is not canonical", v->r.rip);
    return v->r.rip > v->r.seg[DEBUG_CS].limit &&
           why_say(text, "EIP %08" PRIx64 " lies above the limit of CS, %08" PRIx32, v->r.rip,
                   v->r.seg[DEBUG_CS].limit);
}

/* INT n of the program, whose delivery failed. */
static bool why_int(const struct view *v, const struct fault *f, const struct insn *i, char text[WHY_MAX])
{
    struct fault delivery = *f;
    if (i->kind != INSN_INT || f->vector < EXC_TS || f->vector > EXC_GP)
        return false;
    delivery.software = true;
    delivery.delivering = i->bytes[0] == 0xcd ? i->bytes[1] : i->bytes[0] == 0xcc ? 3 : i->bytes[0] == 0xf1 ? 1 : 4;
    why_delivery(v, &delivery, text);
    return true;
}

void why(const struct view *v, const struct fault *f, char text[WHY_MAX])
{
    struct insn i;
    text[0] = 0;
    if (f->delivering >= 0) {
        why_delivery(v, f, text);
        return;
    }
    if (f->vector == EXC_PF) {
        why_page_fault(v, f, text);
        return;
    }
    if (f->vector == EXC_GP && !f->error && bad_rip(v, text))
        return;
    insn_here(v, &i);
    if (why_int(v, f, &i, text))
        return;
    if (why_selector(v, f, &i, text) || why_system(v, f, &i, text) || why_access(v, f, &i, text))
        return;
    other(v, f, &i, text);
}
