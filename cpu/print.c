/* print.c: the registers in print, line for line as QEMU's `info registers` has them: 64-bit names where CS.L is set,
 * 64-bit bases in all of long mode. */
#include "block.h"
#include "flags.h"

#include <inttypes.h>

bool cpu_interrupts_enabled(const struct cpu *c)
{
    return c->eflags & FL_IF;
}

static void print_general(const struct cpu *c, FILE *out)
{
    static const struct {
        const char *name;
        u8 reg;
    } order[] = { { "AX", RAX }, { "BX", RBX }, { "CX", RCX }, { "DX", RDX },
                  { "SI", RSI }, { "DI", RDI }, { "BP", RBP }, { "SP", RSP } };
    bool wide = in_64(c);
    for (unsigned i = 0; i < ARRAY_LEN(order); i++) {
        if (wide)
            fprintf(out, "R%s=%016" PRIx64, order[i].name, c->r[order[i].reg]);
        else
            fprintf(out, "E%s=%08" PRIx32, order[i].name, (u32)c->r[order[i].reg]);
        fputc(i % 4 == 3 ? '\n' : ' ', out);
    }
    for (unsigned i = R8; wide && i <= R15; i++)
        fprintf(out, "R%-2u=%016" PRIx64 "%c", i, c->r[i], i % 4 == 3 ? '\n' : ' ');
}

static void print_flags(const struct cpu *c, FILE *out)
{
    static const struct {
        char letter;
        u32 bit;
    } flag[] = { { 'D', FL_DF }, { 'O', FL_OF }, { 'S', FL_SF }, { 'Z', FL_ZF },
                 { 'A', FL_AF }, { 'P', FL_PF }, { 'C', FL_CF } };
    u32 f = flags_get(c);
    bool shadow = cpu_icount(c) == c->inhibit_at;
    if (in_64(c))
        fprintf(out, "RIP=%016" PRIx64 " RFL=%08" PRIx32 " [", c->rip, f);
    else
        fprintf(out, "EIP=%08" PRIx32 " EFL=%08" PRIx32 " [", (u32)c->rip, f);
    for (unsigned i = 0; i < ARRAY_LEN(flag); i++)
        fputc(f & flag[i].bit ? flag[i].letter : '-', out);
    fprintf(out, "] CPL=%u II=%d A20=%d SMM=%d HLT=%d\n", cpu_cpl(c), shadow, c->a20, c->smm, cpu_is_halted(c));
}

static void print_base(const struct cpu *c, u64 base, u32 limit, FILE *out)
{
    if (in_long(c))
        fprintf(out, "%016" PRIx64 " %08" PRIx32, base, limit);
    else
        fprintf(out, "%08" PRIx32 " %08" PRIx32, (u32)base, limit);
}

static void print_code_or_data(const struct cpu *c, const struct seg *s, FILE *out)
{
    if (s->attr & DESC_CODE)
        fprintf(out, "%s [%c%c",
                s->attr & DESC_L    ? "CS64"
                : s->attr & DESC_DB ? "CS32"
                                    : "CS16",
                s->attr & DESC_EC ? 'C' : '-', s->attr & DESC_RW ? 'R' : '-');
    else
        fprintf(out, "%s [%c%c", s->attr & DESC_DB || in_long(c) ? "DS  " : "DS16", s->attr & DESC_EC ? 'E' : '-',
                s->attr & DESC_RW ? 'W' : '-');
    fprintf(out, "%c]", s->attr & DESC_A ? 'A' : '-');
}

static void print_system(const struct cpu *c, const struct seg *s, FILE *out)
{
    static const char *const legacy[16] = { "Reserved",   "TSS16-avl", "LDT",       "TSS16-busy",
                                            "CallGate16", "TaskGate",  "IntGate16", "TrapGate16",
                                            "Reserved",   "TSS32-avl", "Reserved",  "TSS32-busy",
                                            "CallGate32", "Reserved",  "IntGate32", "TrapGate32" };
    static const char *const wide[16] = { "<hiword>",   "Reserved", "LDT",       "Reserved",  "Reserved", "Reserved",
                                          "Reserved",   "Reserved", "Reserved",  "TSS64-avl", "Reserved", "TSS64-busy",
                                          "CallGate64", "Reserved", "IntGate64", "TrapGate64" };
    fputs((in_long(c) ? wide : legacy)[DESC_TYPE(s->attr)], out);
}

static void print_segment(const struct cpu *c, const char *name, const struct seg *s, FILE *out)
{
    fprintf(out, "%-3s=%04x ", name, s->sel);
    print_base(c, s->base, s->limit, out);
    fprintf(out, " %08" PRIx32, s->attr & DESC_ATTR_MASK);
    if (!in_real(c) && (s->attr & DESC_P)) {
        fprintf(out, " DPL=%u ", DESC_GET_DPL(s->attr));
        if (s->attr & DESC_S)
            print_code_or_data(c, s, out);
        else
            print_system(c, s, out);
    }
    fputc('\n', out);
}

static void print_table(const struct cpu *c, const char *name, const struct desc_table *t, FILE *out)
{
    fprintf(out, "%s=     ", name);
    print_base(c, t->base, t->limit, out);
    fputc('\n', out);
}

static void print_control(const struct cpu *c, FILE *out)
{
    int width = in_long(c) ? 16 : 8;
    fprintf(out, "CR0=%08" PRIx32 " CR2=%0*" PRIx64 " CR3=%0*" PRIx64 " CR4=%08" PRIx32 "\n", c->cr0, width, c->cr2,
            width, c->cr3, c->cr4);
    for (unsigned i = 0; i < 4; i++)
        fprintf(out, "DR%u=%016" PRIx64 " ", i, c->dr[i]);
    fprintf(out, "\nDR6=%016" PRIx64 " DR7=%016" PRIx64 "\n", (u64)c->dr6, (u64)c->dr7);
    fprintf(out, "EFER=%016" PRIx64 "\n", c->efer);
}

static void print_fpu(const struct cpu *c, FILE *out)
{
    const struct fpu *f = &c->fpu;
    fprintf(out, "FCW=%04x FSW=%04x [ST=%u] FTW=%02x MXCSR=%08" PRIx32 "\n", f->cw, f->sw | (f->top & 7u) << 11, f->top,
            f->valid, c->mxcsr);
    for (unsigned i = 0; i < 8; i++)
        fprintf(out, "FPR%u=%016" PRIx64 " %04x%c", i, f->reg[i].mant, f->reg[i].se, i % 2 ? '\n' : ' ');
    unsigned registers = in_64(c) ? 16 : 8;
    for (unsigned i = 0; i < registers; i++)
        fprintf(out, "XMM%02u=%016" PRIx64 " %016" PRIx64 "%c", i, c->xmm[i].q[1], c->xmm[i].q[0], i % 2 ? '\n' : ' ');
}

void cpu_print(const struct cpu *c, FILE *out)
{
    static const char *const name[SEGS_ALL] = { "ES", "CS", "SS", "DS", "FS", "GS", "LDT", "TR" };
    print_general(c, out);
    print_flags(c, out);
    for (unsigned i = 0; i < SEGS_ALL; i++)
        print_segment(c, name[i], &c->seg[i], out);
    print_table(c, "GDT", &c->gdt, out);
    print_table(c, "IDT", &c->idt, out);
    print_control(c, out);
    print_fpu(c, out);
}

void cpu_print_rows(const struct cpu *c, FILE *out)
{
    for (unsigned i = 0; i < cpu_row_count && i < ROWS_MAX; i++)
        if (c->blocks->row_uses[i])
            fprintf(out, "rows: %u %" PRIu64 " %s\n", i, c->blocks->row_uses[i], cpu_rows[i].mnemonic);
}

void cpu_row_name(unsigned row, char *name, size_t size)
{
    static const char *const maps[MAPS] = {
        [MAP_0F] = "0F ",      [MAP_38] = "0F 38 ",      [MAP_3A] = "0F 3A ",
        [MAP_V0F] = "VEX 0F ", [MAP_V38] = "VEX 0F 38 ", [MAP_V3A] = "VEX 0F 3A ",
    };
    const struct row *r = &cpu_rows[row];
    *name = 0;
    if (row >= cpu_row_count)
        return;
    int n = snprintf(name, size, "%s%02X ", maps[r->map] ? maps[r->map] : "", r->op);
    if (r->ext & X_REG(0))
        n += snprintf(name + n, size - (size_t)n, "/%u ", (unsigned)r->ext & 7);
    snprintf(name + n, size - (size_t)n, "%s", r->mnemonic);
}
