/* show.c: what the processor holds: descriptor tables, TSS, control registers, MSRs, mode, paging. */
#include "debugger.h"

#include "bits.h"
#include "desc.h"
#include "explain.h"
#include "postmortem.h"
#include "why.h"

#include <inttypes.h>

#define HISTORY_DEFAULT 32
#define WAY_DEFAULT 100
#define TABLE_LINES 64 /* of a table without an index */

static bool index_of(struct debugger *d, const char *args, u64 max, u64 *index)
{
    if (!debugger_expression(d, &args, index))
        return false;
    if (*index <= max)
        return true;
    debugger_fail(d, "%" PRIx64 " is too large", *index);
    return false;
}

/* ---- GDT and LDT ---- */

static void one_descriptor(struct debugger *d, const struct view *v, u16 selector)
{
    struct descriptor desc;
    u64 linear;
    if (descriptor_read(v, selector, &desc, &linear) != DESCRIPTOR_OK) {
        debugger_fail(d, "selector %04Xh names nothing", selector);
        return;
    }
    fprintf(d->out, "selector %04Xh, at linear %08" PRIx64 ": ", selector, linear);
    descriptor_print(&desc, d->out);
    fputs("\n", d->out);
    descriptor_draw(&desc, d->out);
}

static void table(struct debugger *d, const char *args, bool local)
{
    struct view v;
    u64 index, base, limit;
    view_take(&v, d->machine, d->cpu);
    base = local ? v.r.seg[DEBUG_LDT].base : v.r.gdt.base;
    limit = local ? v.r.seg[DEBUG_LDT].limit : v.r.gdt.limit;
    if (*args) {
        if (index_of(d, args, 8191, &index))
            one_descriptor(d, &v, (u16)(index << 3 | (local ? SELECTOR_TI : 0)));
        return;
    }
    fprintf(d->out, "%s: base %08" PRIx64 ", limit %04" PRIX64 "h\n", local ? "LDT" : "GDT", base, limit);
    for (unsigned i = 0; i * 8 + 7 <= limit && i < TABLE_LINES; i++) {
        struct descriptor desc;
        u64 linear;
        u16 selector = (u16)(i << 3 | (local ? SELECTOR_TI : 0));
        if (descriptor_read(&v, selector, &desc, &linear) != DESCRIPTOR_OK)
            break;
        if (!desc.raw)
            continue;
        fprintf(d->out, "  %04X  %016" PRIx64 "  ", selector, desc.raw);
        descriptor_print(&desc, d->out);
        fputs("\n", d->out);
        i += !desc.segment && desc.in_long;
    }
}

void show_gdt(struct debugger *d, const char *args)
{
    table(d, args, false);
}

void show_ldt(struct debugger *d, const char *args)
{
    struct view v;
    view_take(&v, d->machine, d->cpu);
    if (!(v.r.seg[DEBUG_LDT].selector & ~SELECTOR_RPL))
        fputs("There is no LDT (LDTR is null).\n", d->out);
    else
        table(d, args, true);
}

/* ---- IDT and vectors ---- */

static void one_gate(struct debugger *d, const struct view *v, unsigned vector, bool draw)
{
    struct descriptor desc;
    u64 linear;
    if (descriptor_read_gate(v, vector, &desc, &linear) != DESCRIPTOR_OK || !(desc.raw || draw))
        return;
    fprintf(d->out, "  %02X  %016" PRIx64 "  ", vector, desc.raw);
    descriptor_print(&desc, d->out);
    fputs("\n", d->out);
    if (draw)
        descriptor_draw(&desc, d->out);
}

void show_idt(struct debugger *d, const char *args)
{
    struct view v;
    u64 vector;
    view_take(&v, d->machine, d->cpu);
    if (*args) {
        if (index_of(d, args, 255, &vector))
            one_gate(d, &v, (unsigned)vector, true);
        return;
    }
    fprintf(d->out, "IDT: base %08" PRIx64 ", limit %04X\n", v.r.idt.base, v.r.idt.limit);
    if (view_is_paragraph(&v)) {
        fputs("  (real mode: it holds vectors: info ivt)\n", d->out);
        return;
    }
    for (unsigned i = 0; i < 256; i++)
        one_gate(d, &v, i, false);
}

static void one_vector(struct debugger *d, const struct view *v, unsigned vector)
{
    u64 pair, base = view_is_paragraph(v) ? v->r.idt.base : 0;
    if (view_read_number(v, base + vector * 4, 4, &pair))
        fprintf(d->out, "  %02X  %04x:%04x\n", vector, (unsigned)(pair >> 16), (unsigned)(pair & 0xffff));
}

void show_ivt(struct debugger *d, const char *args)
{
    struct view v;
    u64 vector;
    view_take(&v, d->machine, d->cpu);
    if (*args) {
        if (index_of(d, args, 255, &vector))
            one_vector(d, &v, (unsigned)vector);
        return;
    }
    for (unsigned i = 0; i < 256; i++)
        one_vector(d, &v, i);
}

/* ---- TSS ---- */

struct tss_field {
    u8 at, size;
    const char *name;
};

static void print_fields(struct debugger *d, const struct view *v, const struct tss_field *f, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        u64 value, base = v->r.seg[DEBUG_TR].base;
        if (f[i].at + f[i].size - 1u > v->r.seg[DEBUG_TR].limit)
            fprintf(d->out, "  +%02X  %-8s beyond the limit\n", f[i].at, f[i].name);
        else if (view_read_number(v, base + f[i].at, f[i].size, &value))
            fprintf(d->out, "  +%02X  %-8s %0*" PRIX64 "\n", f[i].at, f[i].name, f[i].size * 2, value);
    }
}

void show_tss(struct debugger *d, const char *args)
{
    static const struct tss_field narrow[] = {
        { 0x00, 2, "link" },  { 0x02, 2, "SP0" }, { 0x04, 2, "SS0" }, { 0x06, 2, "SP1" },
        { 0x08, 2, "SS1" },   { 0x0a, 2, "SP2" }, { 0x0c, 2, "SS2" }, { 0x0e, 2, "IP" },
        { 0x10, 2, "FLAGS" }, { 0x24, 2, "CS" },  { 0x26, 2, "SS" },  { 0x2a, 2, "LDT" },
    };
    static const struct tss_field wide[] = {
        { 0x00, 2, "link" }, { 0x04, 4, "ESP0" },    { 0x08, 2, "SS0" }, { 0x0c, 4, "ESP1" }, { 0x10, 2, "SS1" },
        { 0x14, 4, "ESP2" }, { 0x18, 2, "SS2" },     { 0x1c, 4, "CR3" }, { 0x20, 4, "EIP" },  { 0x24, 4, "EFLAGS" },
        { 0x28, 4, "EAX" },  { 0x2c, 4, "ECX" },     { 0x30, 4, "EDX" }, { 0x34, 4, "EBX" },  { 0x38, 4, "ESP" },
        { 0x3c, 4, "EBP" },  { 0x40, 4, "ESI" },     { 0x44, 4, "EDI" }, { 0x48, 2, "ES" },   { 0x4c, 2, "CS" },
        { 0x50, 2, "SS" },   { 0x54, 2, "DS" },      { 0x58, 2, "FS" },  { 0x5c, 2, "GS" },   { 0x60, 2, "LDT" },
        { 0x64, 2, "T" },    { 0x66, 2, "I/O map" },
    };
    static const struct tss_field wide64[] = {
        { 0x04, 8, "RSP0" }, { 0x0c, 8, "RSP1" }, { 0x14, 8, "RSP2" },    { 0x24, 8, "IST1" },
        { 0x2c, 8, "IST2" }, { 0x34, 8, "IST3" }, { 0x3c, 8, "IST4" },    { 0x44, 8, "IST5" },
        { 0x4c, 8, "IST6" }, { 0x54, 8, "IST7" }, { 0x66, 2, "I/O map" },
    };
    struct view v;
    (void)args;
    view_take(&v, d->machine, d->cpu);
    const u32 attr = v.r.seg[DEBUG_TR].attr;
    if (!(v.r.seg[DEBUG_TR].selector & ~SELECTOR_RPL)) {
        fputs("There is no TSS (TR is null).\n", d->out);
        return;
    }
    bool is_32 = attr & BIT(11);
    fprintf(d->out, "TSS: selector %04Xh, base %08" PRIx64 ", limit %04" PRIX32 "h, %s\n", v.r.seg[DEBUG_TR].selector,
            v.r.seg[DEBUG_TR].base, v.r.seg[DEBUG_TR].limit,
            view_is_long(&v) ? "64-bit"
            : is_32          ? "32-bit"
                             : "16-bit");
    if (view_is_long(&v))
        print_fields(d, &v, wide64, ARRAY_LEN(wide64));
    else if (is_32)
        print_fields(d, &v, wide, ARRAY_LEN(wide));
    else
        print_fields(d, &v, narrow, ARRAY_LEN(narrow));
}

/* ---- registers bit by bit ---- */

static void print_bits(struct debugger *d, const char *name, u64 value, const struct bit_name *table)
{
    fprintf(d->out, "%-6s %016" PRIx64 "\n", name, value);
    for (const struct bit_name *b = table; b->name; b++)
        fprintf(d->out, "  %2u %-10s %d  %s\n", b->bit, b->name, (int)(value >> b->bit & 1), b->meaning);
}

void show_cr(struct debugger *d, const char *args)
{
    struct view v;
    (void)args;
    view_take(&v, d->machine, d->cpu);
    print_bits(d, "CR0", v.r.cr0, cr0_bits);
    fprintf(d->out, "CR2    %016" PRIx64 "  address of the last page fault\n", v.r.cr2);
    fprintf(d->out, "CR3    %016" PRIx64 "  page tables at %08" PRIx64 "\n", v.r.cr3, v.r.cr3 & 0xffffffffff000u);
    print_bits(d, "CR4", v.r.cr4, cr4_bits);
    print_bits(d, "EFER", v.r.efer, efer_bits);
}

void show_flags(struct debugger *d, const char *args)
{
    struct view v;
    (void)args;
    view_take(&v, d->machine, d->cpu);
    print_bits(d, "RFLAGS", v.r.rflags, flag_bits);
    fprintf(d->out, "  12 IOPL       %u\n", (unsigned)(v.r.rflags >> FLAG_IOPL_SHIFT & 3));
}

static void one_msr(struct debugger *d, u32 msr, const char *name)
{
    u64 value;
    if (debug_msr(d->machine, d->cpu, msr, &value))
        fprintf(d->out, "  %08" PRIX32 "  %-22s %016" PRIx64 "\n", msr, name ? name : "", value);
    else if (!name)
        debugger_fail(d, "this processor model has no MSR %08" PRIX32 "h", msr);
}

void show_msr(struct debugger *d, const char *args)
{
    u64 n;
    const char *name;
    if (*args) {
        if (index_of(d, args, UINT32_MAX, &n))
            one_msr(d, (u32)n, msr_name((u32)n) ? msr_name((u32)n) : NULL);
        return;
    }
    for (unsigned i = 0;; i++) {
        u32 msr = msr_number(i, &name);
        if (!name)
            break;
        one_msr(d, msr, name);
    }
}

/* ---- mode and paging ---- */

void show_mode(struct debugger *d, const char *args)
{
    struct view v;
    (void)args;
    view_take(&v, d->machine, d->cpu);
    explain_mode(&v, d->out);
    fprintf(d->out, "  interrupts %s%s, NMI %s%s\n", v.r.rflags & FLAG_IF ? "on" : "off",
            v.r.interrupts_held ? " (held for one instruction)" : "", v.r.nmi_blocked ? "blocked" : "open",
            v.r.halted ? ", halted" : "");
}

void show_paging(struct debugger *d, const char *args)
{
    static const char *const kind[] = { "off", "32-bit, two levels", "PAE, three levels", "four levels",
                                        "five levels" };
    struct view v;
    u64 linear;
    view_take(&v, d->machine, d->cpu);
    if (*args) {
        if (debugger_expression(d, &args, &linear))
            explain_linear(&v, linear, "  ", d->out);
        return;
    }
    fprintf(d->out, "Paging is %s; CR3=%016" PRIx64 ", WP=%d\n", kind[debug_paging(d->machine, d->cpu)], v.r.cr3,
            (v.r.cr0 & CR0_WP) != 0);
}

/* ---- the flight recorder ---- */

void show_history(struct debugger *d, const char *args)
{
    u64 count = HISTORY_DEFAULT, way = WAY_DEFAULT;
    if (*args && !debugger_expression(d, &args, &count))
        return;
    history_print(d->machine, d->cpu, count < DEBUG_EVENTS ? (size_t)count : DEBUG_EVENTS, d->out);
    branches_trail(d, count > way ? count : way);
}

void cmd_why(struct debugger *d, const char *args)
{
    (void)args;
    postmortem_print(d->machine, d->cpu, false, d->out);
}

void cmd_explain(struct debugger *d, const char *args)
{
    struct view v;
    (void)args;
    view_take(&v, d->machine, d->cpu);
    explain_print(&v, d->out);
}

void cmd_where(struct debugger *d, const char *args)
{
    (void)args;
    debugger_where(d);
}
