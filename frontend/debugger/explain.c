/* explain.c: see explain.h. */
#include "explain.h"

#include "bits.h"
#include "desc.h"
#include "insn.h"

#include <inttypes.h>

#define MARGIN "             "

/* ---- modes ---- */

void explain_mode(const struct view *v, FILE *out)
{
    fprintf(out, "%s (CR0.PE=%d PG=%d, EFER.LME=%d LMA=%d, CS.L=%d D=%d), CPL %u, A20 %s\n", view_mode_name(v->mode),
            (v->r.cr0 & CR0_PE) != 0, (v->r.cr0 & CR0_PG) != 0, (v->r.efer & EFER_LME) != 0,
            (v->r.efer & EFER_LMA) != 0, (v->r.seg[DEBUG_CS].attr & BIT(21)) != 0,
            (v->r.seg[DEBUG_CS].attr & BIT(22)) != 0, v->r.cpl, v->r.a20 ? "open" : "closed");
}

/* ---- addresses ---- */

static void place(const struct view *v, u64 physical, const char *margin, FILE *out)
{
    struct debug_place p = debug_place(v->machine, v->cpu, physical);
    fprintf(out, "%sphysical %08" PRIx64 ": ", margin, physical);
    if (p.kind == DEBUG_PLACE_NONE)
        fputs("nothing is there\n", out);
    else
        fprintf(out, "%s, %s+%" PRIx64 "\n", view_place_kind(p.kind), p.name, p.offset);
}

static void walk_step(const struct debug_walk_step *s, const char *margin, FILE *out)
{
    static const char *const name[] = { "", "PTE", "PDE", "PDPTE", "PML4E", "PML5E" };
    fprintf(out, "%s%-5s at %08" PRIx64 " = %016" PRIx64 " ", margin, name[s->level], s->at, s->entry);
    if (!(s->entry & DEBUG_ENTRY_P)) {
        fputs("not present\n", out);
        return;
    }
    fprintf(out, "%s%s%s\n", s->entry & DEBUG_ENTRY_W ? "W" : "-", s->entry & DEBUG_ENTRY_U ? "U" : "-",
            s->level > 1 && (s->entry & DEBUG_ENTRY_PS) ? " large page" : "");
}

void explain_linear(const struct view *v, u64 linear, const char *margin, FILE *out)
{
    struct debug_walk w;
    debug_walk(v->machine, v->cpu, linear, &w);
    for (unsigned i = 0; i < w.steps; i++)
        walk_step(&w.step[i], margin, out);
    if (!w.canonical)
        fprintf(out, "%sthe address is not canonical\n", margin);
    else if (!w.mapped)
        fprintf(out, "%sno page\n", margin);
    else
        place(v, w.physical, margin, out);
}

/* "DS=0010h:00001234 -> linear 00001234", and the segment behind it. */
static void logical(const struct view *v, unsigned segment, u64 offset, const char *what, FILE *out)
{
    const u32 attr = v->r.seg[segment].attr;
    u64 linear = view_linear(v, segment, offset);
    fprintf(out, "  %-10s %s=%04Xh:%08" PRIX64 " is linear %08" PRIx64 " (base %08" PRIx64 ", limit %08" PRIx32 "%s)\n",
            what, view_segment_name(segment), v->r.seg[segment].selector, offset, linear, v->r.seg[segment].base,
            v->r.seg[segment].limit, v->r.code == DEBUG_CODE_64 ? ", not checked in 64-bit mode" : "");
    if (!view_is_paragraph(v) && (attr & BIT(12)))
        fprintf(out, MARGIN "%s, DPL %u\n",
                attr & BIT(11)  ? "a code segment"
                : attr & BIT(9) ? "a writable data segment"
                                : "a read-only data segment",
                attr >> 13 & 3);
    explain_linear(v, linear, MARGIN, out);
}

/* ---- what it does ---- */

static void selector(const struct view *v, u16 sel, const char *role, FILE *out)
{
    struct descriptor d;
    u64 linear;
    if (view_is_paragraph(v)) {
        fprintf(out, "  %-10s %s := %04Xh, base %05X\n", "segment", role, sel, sel << 4);
        return;
    }
    fprintf(out, "  %-10s %s := %04Xh: %s index %u, RPL %u", "selector", role, sel, sel & SELECTOR_TI ? "LDT" : "GDT",
            sel >> 3, sel & SELECTOR_RPL);
    if (!(sel & ~SELECTOR_RPL)) {
        fputs(": null\n", out);
        return;
    }
    if (descriptor_read(v, sel, &d, &linear) != DESCRIPTOR_OK) {
        fputs(": outside the table\n", out);
        return;
    }
    fprintf(out, ", at linear %08" PRIx64 "\n" MARGIN, linear);
    descriptor_print(&d, out);
    fputs("\n", out);
    descriptor_draw(&d, out);
}

static void gate(const struct view *v, unsigned vector, FILE *out)
{
    struct descriptor d;
    u64 linear, pair;
    if (!(v->r.cr0 & CR0_PE)) {
        if (view_read_number(v, v->r.idt.base + vector * 4, 4, &pair))
            fprintf(out, "  %-10s %02Xh: the vector at %08" PRIx64 " is %04x:%04x\n", "vector", vector,
                    v->r.idt.base + vector * 4, (unsigned)(pair >> 16), (unsigned)(pair & 0xffff));
        return;
    }
    if (descriptor_read_gate(v, vector, &d, &linear) != DESCRIPTOR_OK) {
        fprintf(out, "  %-10s %02Xh lies outside the IDT\n", "vector", vector);
        return;
    }
    fprintf(out, "  %-10s %02Xh: the gate at %08" PRIx64 " is ", "vector", vector, linear);
    descriptor_print(&d, out);
    fputs("\n", out);
}

static void control(const struct view *v, const struct insn *i, FILE *out)
{
    const u64 now[] = { v->r.cr0, 0, v->r.cr2, v->r.cr3, v->r.cr4 };
    unsigned n = (unsigned)i->operand[0].control;
    u64 value = i->operand[1].value;
    if (n >= ARRAY_LEN(now))
        return;
    fprintf(out, "  %-10s CR%u %08" PRIx64 " := %08" PRIx64 ": ", "register", n, now[n], value);
    if (bits_of_cr(n))
        bits_print_change(bits_of_cr(n), now[n], value, out);
    else
        fputs(n == 3 ? "the page tables' root" : "", out);
    fputs("\n", out);
    if (n == 0 && ((now[0] ^ value) & CR0_PE))
        fputs(MARGIN "the code segment stays as it is until a far jump loads CS\n", out);
    if (n == 0 && (value & CR0_PG) && !(now[0] & CR0_PG) && (v->r.efer & EFER_LME))
        fputs(MARGIN
              "EFER.LME is set: the processor enters long mode (EFER.LMA), and by CS.L=0 its compatibility mode\n",
              out);
}

static void msr(const struct view *v, const struct insn *i, FILE *out)
{
    u32 n = (u32)v->r.gpr[1];
    const char *name = msr_name(n);
    u64 now, value = (v->r.gpr[2] & 0xffffffff) << 32 | (v->r.gpr[0] & 0xffffffff);
    bool known = debug_msr(v->machine, v->cpu, n, &now);
    fprintf(out, "  %-10s %08" PRIX32 "h%s%s", "MSR", n, name ? " " : "", name ? name : "");
    if (known)
        fprintf(out, " = %016" PRIx64, now);
    if (i->kind == INSN_WRMSR)
        fprintf(out, " := %016" PRIx64, value);
    if (i->kind == INSN_WRMSR && n == MSR_EFER) {
        fputs(": ", out);
        bits_print_change(efer_bits, now, value, out);
    }
    fputs("\n", out);
}

static void port(const struct view *v, const struct insn *i, FILE *out)
{
    u16 n = (u16)v->r.gpr[2];
    for (unsigned k = 0; k < i->operands; k++)
        if (i->operand[k].kind == OPERAND_IMMEDIATE)
            n = (u16)i->operand[k].value;
    struct debug_place p = debug_port_place(v->machine, n);
    fprintf(out, "  %-10s %04X: %s\n", "port", n, p.kind == DEBUG_PLACE_DEVICE ? p.name : "no device");
}

static void table_register(const struct view *v, const struct insn *i, FILE *out)
{
    const struct insn_operand *o = &i->operand[0];
    unsigned size = v->r.code == DEBUG_CODE_64 ? 8 : 4;
    u64 limit, base, at = view_linear(v, o->segment < DEBUG_SEGMENTS ? o->segment : DEBUG_DS, o->offset);
    if (o->kind != OPERAND_MEMORY || !view_read_number(v, at, 2, &limit) || !view_read_number(v, at + 2, size, &base))
        return;
    if (i->size == 2 && size == 4)
        base &= 0xffffff;
    fprintf(out, "  %-10s %s := base %08" PRIx64 ", limit %04" PRIX64 "h (%" PRIu64 " entries)\n", "register",
            i->kind == INSN_LGDT ? "GDTR" : "IDTR", base, limit,
            (limit + 1) / (size == 8 && i->kind == INSN_LIDT ? 16 : 8));
}

static u16 far_selector(const struct view *v, const struct insn *i)
{
    const struct insn_operand *o = &i->operand[0];
    u64 sel = o->value;
    if (o->kind == OPERAND_MEMORY)
        view_read_number(v, view_linear(v, o->segment < DEBUG_SEGMENTS ? o->segment : DEBUG_DS, o->offset) + i->size, 2,
                         &sel);
    return (u16)sel;
}

static void effect(const struct view *v, const struct insn *i, FILE *out)
{
    switch (i->kind) {
    case INSN_FAR_JUMP:
    case INSN_FAR_CALL:
        selector(v, far_selector(v, i), "CS", out);
        break;
    case INSN_LOAD_SEGMENT:
        if (i->operands == 2 && i->operand[1].kind == OPERAND_REGISTER)
            selector(v, (u16)i->operand[1].value, view_segment_name(i->loads), out);
        break;
    case INSN_LTR:
    case INSN_LLDT:
        selector(v, (u16)i->operand[0].value, i->kind == INSN_LTR ? "TR" : "LDTR", out);
        break;
    case INSN_INT:
        gate(v, i->bytes[0] == 0xcd ? i->bytes[1] : 3, out);
        break;
    case INSN_MOV_CR:
        control(v, i, out);
        break;
    case INSN_WRMSR:
    case INSN_RDMSR:
        msr(v, i, out);
        break;
    case INSN_IN:
    case INSN_OUT:
        port(v, i, out);
        break;
    case INSN_LGDT:
    case INSN_LIDT:
        table_register(v, i, out);
        break;
    default:
        break;
    }
}

/* ---- memory it touches ---- */

static void value_there(const struct view *v, const struct insn_operand *o, FILE *out)
{
    u64 value, linear = view_linear(v, o->segment, o->offset);
    if (o->size && o->size <= 8 && view_read_number(v, linear, o->size, &value))
        fprintf(out, MARGIN "holds %0*" PRIx64 "\n", (int)o->size * 2, value);
}

static void operands(const struct view *v, const struct insn *i, FILE *out)
{
    for (unsigned n = 0; n < i->operands; n++) {
        const struct insn_operand *o = &i->operand[n];
        if (o->kind != OPERAND_MEMORY || o->segment >= DEBUG_SEGMENTS)
            continue;
        logical(v, o->segment, o->offset, o->write ? o->read ? "changes" : "writes" : "reads", out);
        value_there(v, o, out);
    }
}

static void stack(const struct view *v, const struct insn *i, FILE *out)
{
    u64 mask = view_stack_mask(v), sp = v->r.gpr[4] & mask;
    unsigned size = v->r.code == DEBUG_CODE_64 ? 8 : i->size;
    switch (i->kind) {
    case INSN_PUSH:
    case INSN_CALL:
    case INSN_FAR_CALL:
        logical(v, DEBUG_SS, (sp - size) & mask, "pushes to", out);
        break;
    case INSN_POP:
    case INSN_RET:
    case INSN_FAR_RET:
    case INSN_IRET:
        logical(v, DEBUG_SS, sp, "pops from", out);
        break;
    default:
        break;
    }
}

void explain_print(const struct view *v, FILE *out)
{
    struct insn i;
    bool ok = insn_here(v, &i);
    view_print_address(v, v->r.seg[DEBUG_CS].selector, v->r.rip, out);
    fprintf(out, "  %s\n", ok ? i.text : insn_available() ? "no instruction can be read" : "(no disassembler)");
    fprintf(out, "  %-10s ", "mode");
    explain_mode(v, out);
    logical(v, DEBUG_CS, v->r.rip, "code", out);
    if (!ok)
        return;
    operands(v, &i, out);
    stack(v, &i, out);
    effect(v, &i, out);
}
