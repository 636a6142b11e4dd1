#include "compare.h"
#include "emulator.h"
#include "uop.h"

#include <float.h>
#include <math.h>

#define PF_PRESENT                                                                                                     \
    1u /* error code: the bench's own pages are present but not the user's, Linux's are not there at all */
/* The instruction that the host's fault stands at. Its bytes are the emulator's, since the host may have stored a part
 * of what it stores, over itself. */
const struct row *faulting_row(struct bench *b, const struct outcome *h, const struct outcome *e)
{
    unsigned len;
    u64 at = h->s.rip + sel_base(h->s.sel[CS]) - MEM_CODE;
    bool fault = is_exception(h->s.vector) && h->s.vector != EXC_DB && h->s.vector != EXC_BP && h->s.vector != EXC_OF;
    if (!fault || at >= MEM_CODE_SIZE)
        return NULL;
    return emulator_row(b, emulator_code_mode(h->s.sel[CS]), e->code + at, (unsigned)(MEM_CODE_SIZE - at), &len);
}

static bool is_one_of(const struct row *row, const char *const *names, size_t n)
{
    for (size_t i = 0; row && i < n; i++)
        if (!strcmp(row->mnemonic, names[i]))
            return true;
    return false;
}

/* Silicon stores step by step; the interpreter stores all or nothing. */
static bool stores_before_fault(const struct row *row)
{
    static const char *const names[] = { "call",     "callf",      "enter", "pusha", "fnsave", "fnstenv",  "fxsave",
                                         "maskmovq", "maskmovdqu", "fstp",  "fbstp", "xsave",  "xsaveopt", "xsavec" };
    return is_one_of(row, names, ARRAY_LEN(names));
}

/* Operands of many bytes that silicon takes in an order of its own: which of their faults is met first is chance. */
static bool has_long_operand(const struct row *row)
{
    if (row && (!strncmp(row->mnemonic, "vmaskmov", 8) || !strncmp(row->mnemonic, "vpmaskmov", 9)))
        return true;
    static const char *const names[] = {
        "fldenv", "fnstenv",  "frstor",     "fnsave", "fxsave",   "fxrstor", "fbld",
        "fbstp",  "maskmovq", "maskmovdqu", "xsave",  "xsaveopt", "xsavec",  "xrstor"
    };
    return is_one_of(row, names, ARRAY_LEN(names));
}

/* The word of silicon: an MMX instruction that faults has left the x87 state's TOP at 0 already. The interpreter
 * changes nothing. */
static bool enters_mmx_before_fault(const struct row *row)
{
    return row && (row->attr & A_MMX);
}

/* POPA fills register by register, others the x87 state. */
static bool loads_before_fault(const struct row *row)
{
    static const char *const names[] = { "popa", "fldenv", "frstor", "xrstor" };
    return is_one_of(row, names, ARRAY_LEN(names));
}

/* XRSTOR has put components into their initial configuration when it finds MXCSR's reserved bits, or a page missing. */
static bool loads_vectors_before_fault(const struct row *row)
{
    static const char *const names[] = { "xrstor" };
    return is_one_of(row, names, ARRAY_LEN(names));
}

/* Silicon has set MXCSR's flags when the store of the result faults. */
static bool raises_before_fault(const struct row *row)
{
    static const char *const names[] = { "vcvtps2ph" };
    return is_one_of(row, names, ARRAY_LEN(names));
}

static bool is_operand_fault(unsigned vector)
{
    return vector == EXC_SS || vector == EXC_GP || vector == EXC_PF;
}

static const char *outcome_difference(const struct row *faulted, const struct state *h, const struct state *e)
{
    if (has_long_operand(faulted) && is_operand_fault(h->vector) && is_operand_fault(e->vector) && h->rip == e->rip)
        return NULL;
    if (h->vector != e->vector)
        return "vector";
    if ((h->error ^ e->error) & ~(h->vector == EXC_PF ? PF_PRESENT : 0))
        return "error code";
    if (h->cr2 != e->cr2)
        return "CR2";
    if (h->rip != e->rip)
        return "rip";
    return NULL;
}

/* RCPPS and RSQRTPS: both sides are within the error that the manual allows. */
#define APPROXIMATION_ERROR (2 * 1.5f / 4096)

static bool is_near(u32 a, u32 b)
{
    float x, y;
    memcpy(&x, &a, 4);
    memcpy(&y, &b, 4);
    if (x == 0 || y == 0) /* silicon gives 0 for what is hardly a normal number */
        return fabsf(x + y) <= FLT_MIN * (1 + APPROXIMATION_ERROR) && !signbit(x) == !signbit(y);
    return a == b || fabsf(x - y) <= fabsf(x) * APPROXIMATION_ERROR;
}

static bool xmm_equal(const struct program *p, const struct state *h, const struct state *e)
{
    static const char *const approximations[] = { "rcpps",  "rcpss",  "rsqrtps",  "rsqrtss",
                                                  "vrcpps", "vrcpss", "vrsqrtps", "vrsqrtss" };
    u16 last = p->row[p->n - 1];
    if (last == UINT16_MAX || !is_one_of(&cpu_rows[last], approximations, ARRAY_LEN(approximations)))
        return !memcmp(h->fx + FX_XMM_AT, e->fx + FX_XMM_AT, FX_XMM_BYTES) && !memcmp(h->ymm, e->ymm, sizeof h->ymm);
    for (unsigned i = 0; i < FX_XMM_BYTES; i += 4)
        if (!is_near(get_le32(h->fx + FX_XMM_AT + i), get_le32(e->fx + FX_XMM_AT + i)) ||
            !is_near(get_le32(h->ymm[0] + i), get_le32(e->ymm[0] + i)))
            return false;
    return true;
}

static bool x87_equal(const struct state *h, const struct state *e)
{
    for (unsigned i = 0; i < 8; i++)
        if (memcmp(h->fx + 32 + 16 * i, e->fx + 32 + 16 * i, 10))
            return false;
    return true;
}

/* CW, SW, TW, FOP, FIP up to where addresses end. Not FDP: this silicon updates it at unmasked exceptions only
 * (CPUID 7.EBX[6]). */
static bool x87_control_equal(const struct state *h, const struct state *e)
{
    return !memcmp(h->fx, e->fx, 8 + 6);
}

/* The kernel's return to a program makes null selectors 0. */
static bool same_selectors(const struct state *h, const struct state *e)
{
    for (unsigned i = 0; i < SEG_COUNT; i++)
        if (h->sel[i] != e->sel[i] && ((h->sel[i] | e->sel[i]) & ~3u))
            return false;
    return true;
}

static const char *register_difference(const struct trial *t, const struct row *faulted, const struct state *h,
                                       const struct state *e)
{
    if (!loads_before_fault(faulted) && memcmp(h->r, e->r, sizeof h->r))
        return "registers";
    if (h->flags != e->flags)
        return "flags";
    if (!same_selectors(h, e))
        return "selectors";
    if (h->fs_base != e->fs_base || h->gs_base != e->gs_base)
        return "segment bases";
    if (loads_vectors_before_fault(faulted))
        return NULL;
    if (!xmm_equal(&t->p, h, e))
        return "xmm";
    if (get_le32(h->fx + 24) != get_le32(e->fx + 24) && !raises_before_fault(faulted))
        return "mxcsr";
    if (enters_mmx_before_fault(faulted) || loads_before_fault(faulted))
        return NULL;
    return !x87_equal(h, e) ? "st/mm" : !x87_control_equal(h, e) ? "x87 control" : NULL;
}

const char *difference(struct bench *b, const struct trial *t, const struct outcome *h, const struct outcome *e)
{
    if (h->s.endless || e->s.endless)
        return h->s.endless == e->s.endless ? NULL : "end";
    bool same_memory = !memcmp(h->data, e->data, MEM_DATA_SIZE) && !memcmp(h->code, e->code, MEM_CODE_SIZE);
    const char *found = outcome_difference(NULL, &h->s, &e->s);
    if (!found)
        found = register_difference(t, NULL, &h->s, &e->s);
    if (!found && same_memory)
        return NULL;
    const struct row *faulted = faulting_row(b, h, e);
    found = outcome_difference(faulted, &h->s, &e->s);
    if (!found)
        found = register_difference(t, faulted, &h->s, &e->s);
    return found ? found : same_memory || stores_before_fault(faulted) ? NULL : "memory";
}
