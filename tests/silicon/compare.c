#include "compare.h"
#include "uop.h"

#include <math.h>
#include <stdio.h>

#define PF_PRESENT                                                                                                     \
    1u /* error code: the bench's own pages are present but not the user's, Linux's are not there at all */
#define FX_XMM_AT 160
#define FX_XMM_BYTES 256

/* Flags that are left as the manual leaves them, undefined: docs/cpu-conformance.md says which and why. */
static u32 undefined_flags(const struct program *p)
{
    static const struct {
        const char *mnemonic;
        u32 flags;
    } table[] = {
        { "", 0 },
    };
    u32 flags = 0;
    for (unsigned i = 0; i < p->n; i++)
        for (size_t k = 0; k < ARRAY_LEN(table); k++)
            if (p->row[i] != UINT16_MAX && !strcmp(cpu_rows[p->row[i]].mnemonic, table[k].mnemonic))
                flags |= table[k].flags;
    return flags;
}

static const struct row *faulting_row(const struct program *p, const struct state *s)
{
    int i = s->vector == NO_VECTOR ? -1 : program_index(p, s->rip + sel_base(s->sel[CS]));
    return i < 0 || p->row[i] == UINT16_MAX ? NULL : &cpu_rows[p->row[i]];
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
    static const char *const names[] = { "call",   "callf",    "enter",      "pusha", "fnsave", "fnstenv",
                                         "fxsave", "maskmovq", "maskmovdqu", "fstp",  "fbstp" };
    return is_one_of(row, names, ARRAY_LEN(names));
}

/* Operands of many bytes that silicon takes in an order of its own: which of their faults is met first is chance. */
static bool has_long_operand(const struct row *row)
{
    static const char *const names[] = { "fldenv",  "fnstenv", "frstor", "fnsave",   "fxsave",
                                         "fxrstor", "fbld",    "fbstp",  "maskmovq", "maskmovdqu" };
    return is_one_of(row, names, ARRAY_LEN(names));
}

/* The word of silicon: an MMX instruction that faults has left the x87 state's TOP at 0 already. The interpreter
 * changes nothing. */
static bool enters_mmx_before_fault(const struct row *row)
{
    return row && (row->attr & A_MMX);
}

/* POPA fills register by register. */
static bool loads_before_fault(const struct row *row)
{
    static const char *const names[] = { "popa" };
    return is_one_of(row, names, ARRAY_LEN(names));
}

static bool is_operand_fault(unsigned vector)
{
    return vector == EXC_SS || vector == EXC_GP || vector == EXC_PF;
}

static const char *outcome_difference(const struct program *p, const struct state *h, const struct state *e)
{
    bool long_operand = has_long_operand(faulting_row(p, h));
    if (long_operand && is_operand_fault(h->vector) && is_operand_fault(e->vector) && h->rip == e->rip)
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
    return a == b || fabsf(x - y) <= fabsf(x) * APPROXIMATION_ERROR;
}

static bool xmm_equal(const struct program *p, const struct state *h, const struct state *e)
{
    static const char *const approximations[] = { "rcpps", "rcpss", "rsqrtps", "rsqrtss" };
    u16 last = p->row[p->n - 1];
    if (last == UINT16_MAX || !is_one_of(&cpu_rows[last], approximations, ARRAY_LEN(approximations)))
        return !memcmp(h->fx + FX_XMM_AT, e->fx + FX_XMM_AT, FX_XMM_BYTES);
    for (unsigned i = 0; i < FX_XMM_BYTES; i += 4)
        if (!is_near(get_le32(h->fx + FX_XMM_AT + i), get_le32(e->fx + FX_XMM_AT + i)))
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

/* The kernel's return to a program makes null selectors 0, so that a program of several instructions may read them so.
 */
static bool saw_null_cleared(const struct program *p, const struct state *h, const struct state *e)
{
    for (unsigned i = 0; i < SEG_COUNT; i++)
        if (p->n > 1 && h->sel[i] == 0 && e->sel[i] != 0 && e->sel[i] <= 3)
            return true;
    return false;
}

static bool same_selectors(const struct state *h, const struct state *e)
{
    for (unsigned i = 0; i < SEG_COUNT; i++)
        if (h->sel[i] != e->sel[i] && ((h->sel[i] | e->sel[i]) & ~3u))
            return false;
    return true;
}

const char *difference(const struct program *p, const struct state *h, const struct state *e, const u8 *host_code)
{
    const struct row *faulted = faulting_row(p, h);
    const char *outcome = outcome_difference(p, h, e);
    if (saw_null_cleared(p, h, e))
        return NULL;
    if (outcome)
        return outcome;
    if (!loads_before_fault(faulted) && memcmp(h->r, e->r, sizeof h->r))
        return "registers";
    if ((h->flags ^ e->flags) & ~undefined_flags(p))
        return "flags";
    if (!same_selectors(h, e))
        return "selectors";
    if (h->fs_base != e->fs_base || h->gs_base != e->gs_base)
        return "segment bases";
    if (!xmm_equal(p, h, e))
        return "xmm";
    if (memcmp(h->ymm, e->ymm, sizeof h->ymm) != 0)
        return "ymm";
    if (get_le32(h->fx + 24) != get_le32(e->fx + 24))
        return "mxcsr";
    bool mmx = enters_mmx_before_fault(faulted);
    if (!mmx && !x87_equal(h, e))
        return "st/mm";
    if (!mmx && !x87_control_equal(h, e))
        return "x87 control";
    if (memcmp(host_code, p->after, PROGRAM_BYTES))
        return "code";
    return !stores_before_fault(faulted) && memcmp(h->data, e->data, MEM_DATA_SIZE) ? "memory" : NULL;
}

/* ---- printing ---- */

static void print_state(const char *who, const struct state *s)
{
    printf("    %s: vector %d error %x cr2 %llx rip %llx flags %06x\n      ", who,
           s->vector == NO_VECTOR ? -1 : (int)s->vector, s->error, (unsigned long long)s->cr2,
           (unsigned long long)s->rip, s->flags);
    for (unsigned i = 0; i < 16; i++)
        printf("%llx%s", (unsigned long long)s->r[i], i == 15 ? "\n" : " ");
    printf("      es %x cs %x ss %x ds %x fs %x gs %x bases %llx %llx", s->sel[ES], s->sel[CS], s->sel[SS], s->sel[DS],
           s->sel[FS], s->sel[GS], (unsigned long long)s->fs_base, (unsigned long long)s->gs_base);
    printf(" cw %04x sw %04x tw %02x fop %03x fip %llx mxcsr %04x\n", get_le16(s->fx), get_le16(s->fx + 2), s->fx[4],
           get_le16(s->fx + 6), (unsigned long long)get_le64(s->fx + 8), get_le32(s->fx + 24));
}

static void print_program(const struct program *p)
{
    for (unsigned i = 0; i < p->n; i++) {
        printf("    %05x: ", p->at + p->start[i]);
        for (unsigned k = p->start[i]; k < p->start[i + 1]; k++)
            printf("%02x ", p->bytes[k]);
        printf(" %s\n", p->row[i] == UINT16_MAX ? "(store into the program, or nop)" : cpu_rows[p->row[i]].mnemonic);
    }
}

static void print_registers80(const struct state *before, const struct state *h, const struct state *e)
{
    for (unsigned i = 0; i < 8; i++) {
        unsigned at = 32 + 16 * i;
        if (memcmp(h->fx + at, e->fx + at, 10))
            printf("      st%u before %04x:%016llx host %04x:%016llx emulator %04x:%016llx\n", i,
                   get_le16(before->fx + at + 8), (unsigned long long)get_le64(before->fx + at),
                   get_le16(h->fx + at + 8), (unsigned long long)get_le64(h->fx + at), get_le16(e->fx + at + 8),
                   (unsigned long long)get_le64(e->fx + at));
    }
}

static void print_xmm(const struct state *before, const struct state *h, const struct state *e)
{
    for (unsigned i = 0; i < 16; i++) {
        unsigned at = FX_XMM_AT + 16 * i;
        if (memcmp(h->fx + at, e->fx + at, 16))
            printf("      xmm%u before %016llx%016llx host %016llx%016llx emulator %016llx%016llx\n", i,
                   (unsigned long long)get_le64(before->fx + at + 8), (unsigned long long)get_le64(before->fx + at),
                   (unsigned long long)get_le64(h->fx + at + 8), (unsigned long long)get_le64(h->fx + at),
                   (unsigned long long)get_le64(e->fx + at + 8), (unsigned long long)get_le64(e->fx + at));
    }
    for (unsigned i = 0; i < 16; i++)
        if (memcmp(h->ymm[i], e->ymm[i], 16) != 0)
            printf("      ymm%u, upper half: before %016llx%016llx host %016llx%016llx emulator %016llx%016llx\n", i,
                   (unsigned long long)get_le64(before->ymm[i] + 8), (unsigned long long)get_le64(before->ymm[i]),
                   (unsigned long long)get_le64(h->ymm[i] + 8), (unsigned long long)get_le64(h->ymm[i]),
                   (unsigned long long)get_le64(e->ymm[i] + 8), (unsigned long long)get_le64(e->ymm[i]));
}

void print_difference(const struct program *p, const char *what, const struct state *before, const struct state *h,
                      const struct state *e)
{
    printf("DIFF in %s, %u-bit code:\n", what, (unsigned)p->mode);
    print_program(p);
    print_state("before  ", before);
    print_state("host    ", h);
    print_state("emulator", e);
    print_xmm(before, h, e);
    print_registers80(before, h, e);
    unsigned shown = 0;
    for (u32 i = 0; i < MEM_DATA_SIZE && shown < 8; i++)
        if (h->data[i] != e->data[i]) {
            printf("      memory at %x: before %02x host %02x emulator %02x\n", MEM_DATA + i, before->data[i],
                   h->data[i], e->data[i]);
            shown++;
        }
}
