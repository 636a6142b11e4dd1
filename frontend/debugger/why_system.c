/* why_system.c: #GP(0) of the instructions that govern the processor: control registers, MSRs, privilege (SDM vol. 2,
 * MOV CR, WRMSR; vol. 3, 2.5, 9.8.5). */
#include "why.h"

#include "bits.h"
#include "insn.h"

#include <inttypes.h>

static const struct bit_name no_bits[] = { { 0, NULL, NULL } };

static bool is_named(const struct bit_name *table, unsigned bit)
{
    for (const struct bit_name *b = table; b->name; b++)
        if (b->bit == bit)
            return true;
    return false;
}

/* A register gets bits that it can't have: those without a name are reserved; the others this model may not have. */
static bool why_bits(char text[WHY_MAX], const char *name, u64 value, u64 added, const struct bit_name *table)
{
    why_say(text, "%s := %0*" PRIx64, name, value >> 32 ? 16 : 8, value);
    for (unsigned bit = 64; bit-- > 0;)
        if ((added >> bit & 1) && !is_named(table, bit)) {
            why_add(text, " sets reserved bit %u", bit);
            return true;
        }
    why_add(text, " sets");
    for (const struct bit_name *b = table; b->name; b++)
        if (added >> b->bit & 1)
            why_add(text, " %s", b->name);
    why_add(text, ": this processor model does not have all of them");
    return true;
}

/* ---- MOV CR0 ---- */

static bool why_long_mode(const struct view *v, char text[WHY_MAX])
{
    u32 tr = v->r.seg[DEBUG_TR].attr;
    if (!(v->r.cr4 & CR4_PAE))
        return why_say(text, "paging is turned on with EFER.LME set, but CR4.PAE is not: long mode needs PAE");
    if (v->r.seg[DEBUG_CS].attr & BIT(21))
        return why_say(text, "paging is turned on with EFER.LME set from a code segment that has L set");
    return (tr & BIT(15)) && !(tr & BIT(11)) &&
           why_say(text, "paging is turned on with EFER.LME set while TR names a 16-bit TSS");
}

static bool why_pdptes(const struct view *v, char text[WHY_MAX])
{
    u64 at = v->r.cr3 & 0xffffffe0u, entry;
    for (unsigned i = 0; i < 4; i++) {
        entry = 0;
        debug_read(v->machine, v->cpu, DEBUG_PHYSICAL, at + i * 8, &entry, sizeof entry);
        if ((entry & 1) && (entry & 0x1e6))
            return why_say(
                text, "page directory pointer %u at physical %08" PRIx64 " is %016" PRIx64 ", with reserved bits set",
                i, at + i * 8, entry);
    }
    return false;
}

static bool why_cr0(const struct view *v, u64 value, char text[WHY_MAX])
{
    bool pg = value & CR0_PG, was = v->r.cr0 & CR0_PG;
    if (value >> 32)
        return why_say(text, "CR0 := %016" PRIx64 " sets bits above 31", value);
    if (pg && !(value & CR0_PE))
        return why_say(text, "CR0 := %08" PRIx64 " sets PG without PE", value);
    if ((value & CR0_NW) && !(value & CR0_CD))
        return why_say(text, "CR0 := %08" PRIx64 " sets NW without CD", value);
    if (pg && !was && (v->r.efer & EFER_LME) && why_long_mode(v, text))
        return true;
    if (!pg && was && v->r.code == DEBUG_CODE_64)
        return why_say(text, "paging is turned off in 64-bit mode; it must be done in compatibility mode");
    if (!pg && was && (v->r.cr4 & CR4_PCIDE))
        return why_say(text, "paging is turned off while CR4.PCIDE is set");
    return pg && (v->r.cr4 & CR4_PAE) && why_pdptes(v, text);
}

static bool why_cr4(const struct view *v, u64 value, char text[WHY_MAX])
{
    if (view_is_long(v) && !(value & CR4_PAE))
        return why_say(text, "CR4 := %08" PRIx64 " clears PAE in long mode", value);
    if (view_is_long(v) && ((value ^ v->r.cr4) & CR4_LA57))
        return why_say(text, "CR4 := %08" PRIx64 " changes LA57 in long mode", value);
    if ((value & CR4_PCIDE) && !(v->r.cr4 & CR4_PCIDE) && (!view_is_long(v) || (v->r.cr3 & 0xfff)))
        return why_say(text, "CR4 := %08" PRIx64 " sets PCIDE outside long mode or with a PCID in CR3", value);
    return why_bits(text, "CR4", value, value & ~v->r.cr4, cr4_bits);
}

static bool why_mov_cr(const struct view *v, const struct insn *i, char text[WHY_MAX])
{
    u64 value = i->operand[1].value;
    switch (i->operand[0].control) {
    case 0:
        return why_cr0(v, value, text);
    case 3:
        return why_pdptes(v, text) || why_bits(text, "CR3", value, value & ~(u64)UINT32_MAX, no_bits);
    case 4:
        return why_cr4(v, value, text);
    default:
        return why_say(text, "%s: the value %" PRIx64 " sets reserved bits", i->text, value);
    }
}

/* ---- MSRs ---- */

static bool why_msr(const struct view *v, const struct insn *i, char text[WHY_MAX])
{
    u32 msr = (u32)v->r.gpr[1];
    u64 now, value = (v->r.gpr[2] & 0xffffffff) << 32 | (v->r.gpr[0] & 0xffffffff);
    const char *what = i->kind == INSN_WRMSR ? "WRMSR" : "RDMSR";
    if (!debug_msr(v->machine, v->cpu, msr, &now))
        return why_say(text, "%s of MSR %08" PRIX32 "h, which this processor model does not have", what, msr);
    if (msr == MSR_EFER && ((value ^ now) & EFER_LME) && (v->r.cr0 & CR0_PG))
        return why_say(text, "WRMSR changes EFER.LME while paging is on");
    if (i->kind == INSN_WRMSR && msr == MSR_EFER)
        return why_bits(text, "EFER", value, value & ~now, efer_bits);
    if (i->kind == INSN_WRMSR)
        return why_say(text,
                       "WRMSR of MSR %08" PRIX32 "h: the value %016" PRIx64 " sets reserved bits or is not canonical",
                       msr, value);
    return false;
}

/* ---- privilege ---- */

static bool needs_cpl0(const struct insn *i)
{
    switch (i->kind) {
    case INSN_PRIVILEGED:
    case INSN_MOV_CR:
    case INSN_WRMSR:
    case INSN_RDMSR:
    case INSN_LTR:
    case INSN_LLDT:
    case INSN_LGDT:
    case INSN_LIDT:
        return true;
    default:
        return false;
    }
}

static bool why_privilege(const struct view *v, const struct insn *i, char text[WHY_MAX])
{
    unsigned iopl = (unsigned)(v->r.rflags >> FLAG_IOPL_SHIFT) & 3;
    bool io = i->kind == INSN_IN || i->kind == INSN_OUT;
    if (!(v->r.cr0 & CR0_PE))
        return false;
    if (needs_cpl0(i) && v->r.cpl)
        return why_say(text, "%s is for CPL 0; CPL is %u", i->text, v->r.cpl);
    if (io && v->r.cpl > iopl)
        return why_say(text, "%s: CPL %u is above IOPL %u, and the I/O permission bitmap does not allow the port",
                       i->text, v->r.cpl, iopl);
    return i->kind == INSN_IOPL && v->r.cpl > iopl &&
           why_say(text, "%s: CPL %u is above IOPL %u", i->text, v->r.cpl, iopl);
}

bool why_system(const struct view *v, const struct fault *f, const struct insn *i, char text[WHY_MAX])
{
    if (f->vector != EXC_GP || f->error)
        return false;
    if (why_privilege(v, i, text))
        return true;
    if (i->kind == INSN_MOV_CR && i->operands == 2)
        return why_mov_cr(v, i, text);
    return (i->kind == INSN_WRMSR || i->kind == INSN_RDMSR) && why_msr(v, i, text);
}
