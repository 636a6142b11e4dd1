/* lapic_print.c: a local APIC as QEMU 7.2's `info lapic` prints it. */
#include "lapic_internal.h"

#include <stdio.h>

#define ICR_LOGICAL BIT(11)
#define ICR_ASSERT BIT(14)
#define ICR_LEVEL BIT(15)
#define ICR_SHORTHAND_SHIFT 18
#define LVT_PENDING BIT(12)
#define LVT_ACTIVE_LOW BIT(13)
#define SVR_FOCUS BIT(9) /* set: no focus processor checking */
#define DFR_CLUSTER 0
#define DFR_FLAT 15

static void print_lvt(const char *name, const struct lapic *s, enum lapic_lvt n, FILE *out)
{
    static const char *const delivery[8] = { "Fixed", "...", "SMI", "...", "NMI", "INIT", "...", "ExtINT" };
    static const char *const timer[4] = { "one-shot", "periodic", "tsc-deadline", "periodic" };
    u32 lvt = s->lvt[n], mode = lvt >> LVT_DELIVERY_SHIFT & LVT_DELIVERY_MASK;
    fprintf(out, "%s\t 0x%08x %s %-5s %-6s %-7s %-12s %-6s", name, lvt,
            lvt & LVT_ACTIVE_LOW ? "active-lo" : "active-hi", lvt & LVT_LEVEL ? "level" : "edge",
            lvt & LVT_MASKED ? "masked" : "", lvt & LVT_PENDING ? "pending" : "",
            n == LVT_TIMER ? timer[lvt >> LVT_TIMER_MODE_SHIFT & LVT_TIMER_MODE_MASK] : "", delivery[mode]);
    if (mode == DM_NMI)
        fputc('\n', out);
    else
        fprintf(out, " (vec %u)\n", lvt & LVT_VECTOR);
}

static void print_mask(u32 mask, FILE *out)
{
    for (unsigned i = 16; i-- > 0;)
        if (mask >> i || i < 8)
            fputc(mask >> i & 1 ? '1' : '0', out);
}

/* Whom ICR names, where it has no shorthand. */
static void print_destination(const struct lapic *s, FILE *out)
{
    bool wide = lapic_x2apic(s);
    u32 high = (u32)(s->icr >> 32), dest = wide ? high : high >> 24;
    const char *kind = wide ? "X2APIC" : "APIC";
    unsigned model = s->dfr >> 28;
    if (!(s->icr & ICR_LOGICAL)) {
        fprintf(out, " cpu %u (%s ID)", dest, kind);
    } else if (!wide && model == DFR_FLAT) {
        fputs(" mask ", out);
        print_mask(dest, out);
        fputs(" (APIC ID)", out);
    } else if (wide || model == DFR_CLUSTER) {
        fprintf(out, " cluster %u mask ", wide ? dest >> 16 : dest >> 4);
        print_mask(wide ? dest & 0xffff : dest & 15, out);
        fprintf(out, " (%s ID)", kind);
    }
}

static void print_icr(const struct lapic *s, FILE *out)
{
    static const char *const shorthand[4] = { "no-shorthand", "self", "all-self", "all" };
    u32 icr = (u32)s->icr;
    unsigned to = icr >> ICR_SHORTHAND_SHIFT & 3;
    fprintf(out, "ICR\t 0x%08x %s %s %s %s\n", icr, icr & ICR_LOGICAL ? "logical" : "physical",
            icr & ICR_LEVEL ? "level" : "edge", icr & ICR_ASSERT ? "assert" : "de-assert", shorthand[to]);
    fprintf(out, "ICR2\t 0x%08x", (u32)(s->icr >> 32));
    if (to == 0)
        print_destination(s, out);
    fputc('\n', out);
}

static void print_vectors(const char *name, const u32 *vectors, const u32 *tmr, FILE *out)
{
    bool none = true;
    fprintf(out, "%s\t ", name);
    for (unsigned i = 0; i < LAPIC_VECTORS; i++)
        if (lapic_bit(vectors, i)) {
            fprintf(out, "%u%s ", i, lapic_bit(tmr, i) ? "(level)" : "");
            none = false;
        }
    fprintf(out, "%s\n", none ? "(none)" : "");
}

static unsigned divider(u8 divide)
{
    unsigned code = (divide & 3u) | (divide & 8u) >> 1;
    return code == 7 ? 1 : 2u << code;
}

void lapic_print(const struct lapic *s, FILE *out)
{
    static const struct {
        const char *name;
        enum lapic_lvt lvt;
    } order[] = { { "LVT0", LVT_LINT0 },   { "LVT1", LVT_LINT1 },      { "LVTPC", LVT_PERF },
                  { "LVTERR", LVT_ERROR }, { "LVTTHMR", LVT_THERMAL }, { "LVTT", LVT_TIMER } };
    fprintf(out, "dumping local APIC state for CPU %-2u\n\n", s->config.id);
    for (unsigned i = 0; i < ARRAY_LEN(order); i++)
        print_lvt(order[i].name, s, order[i].lvt, out);
    fprintf(out, "Timer\t DCR=0x%x (divide by %u) initial_count = %u current_count = %u\n", s->divide,
            divider(s->divide), s->initial_count, lapic_timer_current(s));
    fprintf(out, "SPIV\t 0x%08x APIC %s, focus=%s, spurious vec %u\n", s->svr,
            s->svr & SVR_ENABLE ? "enabled" : "disabled", s->svr & SVR_FOCUS ? "on" : "off", s->svr & SVR_VECTOR);
    print_icr(s, out);
    fprintf(out, "ESR\t 0x%08x\n", s->esr);
    print_vectors("ISR", s->isr, s->tmr, out);
    print_vectors("IRR", s->irr, s->tmr, out);
    unsigned model = s->dfr >> 28;
    fprintf(out, "\nAPR 0x%02x TPR 0x%02x DFR 0x%02x LDR 0x%02x PPR 0x%02x", lapic_apr(s), s->tpr, model, s->ldr,
            lapic_ppr(s));
    if (model == DFR_CLUSTER)
        fprintf(out, "(cluster %u: id %u)", s->ldr >> 4, s->ldr & 15u);
    fputc('\n', out);
}
