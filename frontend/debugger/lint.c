/* lint.c: see lint.h. Rules: reads of RAM that nobody wrote, writes to ROM, EOI with nothing in service, an 8259 that
 * gets no ICW3, interrupts on in protected mode with the vector table of real mode or a short IDT, a TSS that is too
 * short, and every protection fault of supervisor code, with the rule that it broke.
 *
 * RAM counts as written when an instruction or a device wrote to it, or when it is not zero: what the machine had at
 * power-on (a kernel of -kernel's, a snapshot) is not known otherwise. */
#include "lint.h"

#include "insn.h"
#include "probe.h"
#include "why.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>

#define BOOT_SECTOR 0x7c00u
#define ROMS_FIRST 0xc0000u
#define ROMS_LAST 0xfffffu
#define FOUR_GIB_PAGES (BIT(20))
#define SAID_MAX 16 /* times a rule */
#define PIC_COMMAND 0x20u
#define PIC_SECOND 0xa0u
#define ICW1 BIT(4)
#define ICW1_SNGL BIT(1)
#define ICW1_IC4 BIT(0)
#define OCW2_EOI BIT(5)
#define OCW2_NOT BIT(3)
#define TSS32_LIMIT 0x67u
#define VECTOR_TABLE_LIMIT 0x3ffu
#define EXCEPTIONS 32u /* vectors that are the processor's own (SDM vol. 3, 6.2) */

enum rule { RULE_UNWRITTEN, RULE_ROM, RULE_EOI, RULE_ICW, RULE_IDT, RULE_TSS, RULE_FAULT, RULES };

struct lint {
    struct machine *machine;
    FILE *out;
    int probe;
    u64 interrupts_on; /* a bit a processor, as of its last block */
    bool active;       /* the firmware has handed over */
    unsigned said[RULES], total;
    u8 *written[FOUR_GIB_PAGES]; /* a bit a byte; NULL: nothing in that page */
    struct {
        unsigned expected; /* the ICW that comes next, 2 to 4; 0: none */
        bool single, has_icw4;
    } pic[2];
    unsigned in_service[2]; /* how many interrupts were delivered and not ended */
};

/* ---- saying ---- */

static bool is_firmware(u64 linear)
{
    return (linear >= ROMS_FIRST && linear <= ROMS_LAST) || linear >= 0xfff00000u;
}

static void say(struct lint *l, enum rule rule, const struct probe_event *e, const char *format, ...) PRINTF_LIKE(4, 5);

static void say(struct lint *l, enum rule rule, const struct probe_event *e, const char *format, ...)
{
    struct view v;
    struct insn i;
    va_list ap;
    if (!l->active || is_firmware(e->linear) || l->said[rule] == SAID_MAX)
        return;
    l->said[rule]++;
    l->total++;
    view_take(&v, l->machine, e->cpu);
    fprintf(l->out, "pcemu: lint: at %08" PRIx64 ", instruction %" PRIu64 ": ", e->linear, e->icount);
    va_start(ap, format);
    vfprintf(l->out, format, ap);
    va_end(ap);
    if (insn_read(&v, e->linear, e->rip, v.r.code, &i))
        fprintf(l->out, " (%s)", i.text);
    fputs(l->said[rule] == SAID_MAX ? "; no more of these\n" : "\n", l->out);
}

/* ---- memory ---- */

static u8 *bits_of(struct lint *l, u64 physical, bool make)
{
    u64 page = physical >> PAGE_SHIFT;
    if (page >= FOUR_GIB_PAGES)
        return NULL;
    if (!l->written[page] && make)
        l->written[page] = calloc(1, PAGE_SIZE / 8);
    return l->written[page];
}

static void mark(struct lint *l, u64 physical, unsigned size)
{
    for (unsigned i = 0; i < size; i++) {
        u8 *bits = bits_of(l, physical + i, true);
        unsigned byte = (unsigned)((physical + i) & ~PAGE_MASK);
        if (bits)
            bits[byte / 8] |= (u8)BIT(byte % 8);
    }
}

static bool is_written(struct lint *l, u64 physical, unsigned size)
{
    for (unsigned i = 0; i < size; i++) {
        const u8 *bits = bits_of(l, physical + i, false);
        unsigned byte = (unsigned)((physical + i) & ~PAGE_MASK);
        if (bits && bits[byte / 8] & BIT(byte % 8))
            return true;
    }
    return false;
}

static void on_read(struct lint *l, const struct probe_event *e)
{
    if (!l->active || e->value || e->physical >= 4 * GIB || is_written(l, e->physical, e->size))
        return;
    if (debug_place(l->machine, e->cpu, e->physical).kind != DEBUG_PLACE_RAM)
        return;
    mark(l, e->physical, e->size); /* once is enough */
    say(l, RULE_UNWRITTEN, e, "reads %u bytes of RAM at %08" PRIx64 " that were never written", e->size, e->addr);
}

static void on_mmio(struct lint *l, const struct probe_event *e)
{
    struct debug_place place = debug_place(l->machine, e->cpu, e->addr);
    if (e->write && place.kind == DEBUG_PLACE_ROM)
        say(l, RULE_ROM, e, "writes to ROM (%s) at physical %08" PRIx64, place.name, e->addr);
}

/* ---- the interrupt controllers ---- */

static void pic_command(struct lint *l, unsigned n, const struct probe_event *e)
{
    u8 value = (u8)e->value;
    if (value & ICW1) {
        l->pic[n].expected = 2;
        l->pic[n].single = value & ICW1_SNGL;
        l->pic[n].has_icw4 = value & ICW1_IC4;
        l->in_service[n] = 0;
        return;
    }
    if (l->pic[n].expected)
        say(l, RULE_ICW, e, "8259 %u waits for ICW%u, and gets a command (%02X)", n + 1, l->pic[n].expected, value);
    if ((value & OCW2_NOT) || !(value & OCW2_EOI))
        return;
    if (!l->in_service[n])
        say(l, RULE_EOI, e, "EOI to 8259 %u, which has nothing in service", n + 1);
    else
        l->in_service[n]--;
}

static void pic_data(struct lint *l, unsigned n)
{
    unsigned *expected = &l->pic[n].expected;
    if (*expected == 2)
        *expected = !l->pic[n].single ? 3 : l->pic[n].has_icw4 ? 4 : 0;
    else if (*expected == 3)
        *expected = l->pic[n].has_icw4 ? 4 : 0;
    else
        *expected = 0;
}

static void on_port(struct lint *l, const struct probe_event *e)
{
    unsigned n = (e->addr & ~(u64)1) == PIC_SECOND;
    if (!e->write || ((e->addr & ~(u64)1) != PIC_COMMAND && !n))
        return;
    if (e->addr & 1)
        pic_data(l, n);
    else
        pic_command(l, n, e);
}

/* ---- interrupts, modes, faults ---- */

static void on_interrupt(struct lint *l, const struct probe_event *e)
{
    struct debug_registers r;
    debug_get_registers(l->machine, e->cpu, &r);
    if (e->source == PROBE_FROM_INTR) { /* which of the two is not known: each may be ended once */
        l->in_service[0]++;
        l->in_service[1]++;
    }
    bool protected = (r.cr0 & CR0_PE) && !(r.efer & EFER_LMA), inner = r.cpl == 3;
    if (protected && inner && (r.seg[DEBUG_TR].attr & BIT(11)) && r.seg[DEBUG_TR].limit < TSS32_LIMIT)
        say(l, RULE_TSS, e, "an interrupt of level 3 with a TSS whose limit is %04" PRIX32 "h, below 0067h",
            r.seg[DEBUG_TR].limit);
}

/* Interrupts are on: is there a table that could serve them? */
static void check_idt(struct lint *l, const struct probe_event *e)
{
    struct debug_registers r;
    debug_get_registers(l->machine, e->cpu, &r);
    unsigned gate = r.efer & EFER_LMA ? 16 : 8, gates = (r.idt.limit + 1u) / gate;
    if (!(r.cr0 & CR0_PE) || !(r.rflags & FLAG_IF) || (r.rflags & FLAG_VM))
        return;
    if (r.idt.base == 0 && r.idt.limit == VECTOR_TABLE_LIMIT)
        say(l, RULE_IDT, e, "protected mode with interrupts on, and the IDT is still the vector table of real mode");
    else if (gates <= EXCEPTIONS)
        say(l, RULE_IDT, e,
            "interrupts on with an IDT whose limit is %04Xh: it ends with vector %02Xh, and interrupts lie above %02Xh",
            r.idt.limit, gates ? gates - 1 : 0, EXCEPTIONS - 1);
}

/* STI and its like begin a block; only the first of them after interrupts were off is looked at. */
static void on_block(struct lint *l, const struct probe_event *e)
{
    struct debug_view v = debug_view(l->machine, e->cpu);
    bool on = debug_rflags(&v) & FLAG_IF, was = l->interrupts_on >> e->cpu & 1;
    l->active = l->active || e->linear == BOOT_SECTOR;
    if (on && !was && l->active)
        check_idt(l, e);
    l->interrupts_on = (l->interrupts_on & ~BIT64(e->cpu)) | (u64)on << e->cpu;
}

static void on_dma(void *self, u64 physical, u64 length)
{
    for (u64 done = 0, part; done < length; done += part) {
        part = length - done < PAGE_SIZE ? length - done : PAGE_SIZE;
        mark(self, physical + done, (unsigned)part);
    }
}

static void on_exception(struct lint *l, const struct probe_event *e)
{
    struct view v;
    struct fault f = { .vector = e->vector, .has_error = e->has_error, .error = e->error, .address = e->addr };
    char name[24], reason[WHY_MAX];
    bool reserved = e->vector == EXC_PF && (e->error & PF_RESERVED);
    if (!reserved && (e->vector < EXC_DF || e->vector > EXC_GP))
        return;
    view_take(&v, l->machine, e->cpu);
    if (v.r.cpl == 3 || !l->active)
        return;
    f.delivering = -1;
    fault_name(&f, name);
    why(&v, &f, reason);
    say(l, RULE_FAULT, e, "%s: %s", name, reason);
}

static enum probe_answer on_event(void *self, const struct probe_event *e)
{
    struct lint *l = self;
    switch (e->kind) {
    case PROBE_READ:
        on_read(l, e);
        break;
    case PROBE_WRITE:
        if (e->physical != UINT64_MAX)
            mark(l, e->physical, e->size);
        break;
    case PROBE_MMIO:
        on_mmio(l, e);
        break;
    case PROBE_PORT:
        on_port(l, e);
        break;
    case PROBE_INTERRUPT:
        on_interrupt(l, e);
        break;
    case PROBE_MODE:
        check_idt(l, e);
        break;
    case PROBE_EXCEPTION:
        on_exception(l, e);
        break;
    case PROBE_BLOCK:
        on_block(l, e);
        break;
    default:
        break;
    }
    return PROBE_GO;
}

struct lint *lint_new(struct machine *m, FILE *out)
{
    struct lint *l = calloc(1, sizeof *l);
    if (!l)
        return NULL;
    l->machine = m;
    l->out = out;
    struct probe p = { .kinds = BIT(PROBE_READ) | BIT(PROBE_WRITE) | BIT(PROBE_MMIO) | BIT(PROBE_PORT) |
                                BIT(PROBE_INTERRUPT) | BIT(PROBE_MODE) | BIT(PROBE_EXCEPTION) | BIT(PROBE_BLOCK),
                       .space = DEBUG_LINEAR,
                       .last = UINT64_MAX,
                       .cpu = -1,
                       .event = on_event,
                       .self = l };
    l->probe = machine_probe_add(m, &p);
    debug_hear_dma(m, on_dma, l);
    return l;
}

unsigned lint_free(struct lint *l)
{
    if (!l)
        return 0;
    unsigned said = l->total;
    debug_hear_dma(l->machine, NULL, NULL);
    if (l->probe >= 0)
        machine_probe_remove(l->machine, l->probe);
    for (u64 i = 0; i < FOUR_GIB_PAGES; i++)
        free(l->written[i]);
    free(l);
    return said;
}
