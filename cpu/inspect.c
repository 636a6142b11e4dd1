/* inspect.c: the processor seen from outside (include/debug.h): a copy of its registers, and a walk over its page
 * tables that leaves no trace: no accessed bits, no TLB entries, no reads of device registers. */
#include "block.h"
#include "flags.h"
#include "mmu.h"

#include "debug.h"

/* Tables that one listing may read: 1 GiB of them. */
#define TABLES_MAX (BIT(18))

#define ENTRY_ADDR (BIT64(52) - PAGE_SIZE)

static enum debug_code code_kind(const struct cpu *c)
{
    return in_64(c) ? DEBUG_CODE_64 : c->mode & MODE_32 ? DEBUG_CODE_32 : DEBUG_CODE_16;
}

static void copy_segments(const struct cpu *c, struct debug_registers *r)
{
    for (unsigned i = 0; i < DEBUG_SEGMENTS; i++) {
        r->seg[i].base = c->seg[i].base;
        r->seg[i].limit = c->seg[i].limit;
        r->seg[i].attr = c->seg[i].attr & DESC_ATTR_MASK;
        r->seg[i].selector = c->seg[i].sel;
    }
    r->gdt.base = c->gdt.base;
    r->gdt.limit = c->gdt.limit;
    r->idt.base = c->idt.base;
    r->idt.limit = c->idt.limit;
}

static void copy_fpu(const struct cpu *c, struct debug_registers *r)
{
    r->fcw = c->fpu.cw;
    r->fsw = (u16)(c->fpu.sw | (c->fpu.top & 7u) << 11);
    r->ftw = c->fpu.valid;
    r->fop = c->fpu.fop;
    r->fcs = c->fpu.fcs;
    r->fds = c->fpu.fds;
    r->fip = c->fpu.fip;
    r->fdp = c->fpu.fdp;
    r->mxcsr = c->mxcsr;
    for (unsigned i = 0; i < ARRAY_LEN(r->fpr); i++) {
        r->fpr[i].mantissa = c->fpu.reg[i].mant;
        r->fpr[i].exponent = c->fpu.reg[i].se;
    }
    for (unsigned i = 0; i < DEBUG_XMMS; i++)
        memcpy(r->xmm[i], c->xmm[i].q, sizeof r->xmm[i]);
}

void cpu_inspect(const struct cpu *c, struct debug_registers *r)
{
    memset(r, 0, sizeof *r);
    memcpy(r->gpr, c->r, sizeof r->gpr);
    r->rip = c->rip;
    r->rflags = flags_get(c);
    copy_segments(c, r);
    r->cr0 = c->cr0;
    r->cr2 = c->cr2;
    r->cr3 = c->cr3;
    r->cr4 = c->cr4;
    r->cr8 = c->w.get_tpr ? c->w.get_tpr(c->w.owner) : 0;
    r->efer = c->efer;
    r->kernel_gs_base = c->msr.kernel_gs_base;
    memcpy(r->dr, c->dr, sizeof c->dr);
    r->dr[6] = c->dr6;
    r->dr[7] = c->dr7;
    copy_fpu(c, r);
    r->code = code_kind(c);
    r->cpl = cpu_cpl(c);
    r->halted = cpu_is_halted(c);
    r->a20 = c->a20;
    r->smm = c->smm;
    r->nmi_blocked = c->nmi_blocked;
    r->interrupts_held = cpu_icount(c) == c->inhibit_at;
}

bool cpu_has_long_mode(const struct cpu *c)
{
    return cpu_has(c, F_LM);
}

struct debug_view cpu_view(const struct cpu *c)
{
    return (struct debug_view){ .gpr = c->r, .cs = &c->seg[CS].sel, .processor = c };
}

u64 cpu_rflags(const struct cpu *c)
{
    return flags_get(c);
}

struct address_space *cpu_memory(const struct cpu *c)
{
    return cpu_space(c);
}

/* ---- page tables ---- */

enum debug_paging cpu_paging(const struct cpu *c)
{
    if (!(c->cr0 & CR0_PG))
        return DEBUG_PAGING_OFF;
    if (!(c->cr4 & CR4_PAE))
        return DEBUG_PAGING_32;
    if (!in_long(c))
        return DEBUG_PAGING_PAE;
    return c->cr4 & CR4_LA57 ? DEBUG_PAGING_5_LEVELS : DEBUG_PAGING_4_LEVELS;
}

struct listing {
    const struct cpu *c;
    enum debug_paging paging;
    bool (*each)(void *self, const struct debug_mapping *map);
    void *self;
    u32 tables; /* read so far */
};

static const unsigned levels[] = {
    [DEBUG_PAGING_32] = 2, [DEBUG_PAGING_PAE] = 3, [DEBUG_PAGING_4_LEVELS] = 4, [DEBUG_PAGING_5_LEVELS] = 5
};

static u64 tables_root(const struct listing *l)
{
    u64 cr3 = l->c->cr3;
    return l->paging == DEBUG_PAGING_32    ? cr3 & 0xfffff000u
           : l->paging == DEBUG_PAGING_PAE ? cr3 & 0xffffffe0u
                                           : cr3 & ENTRY_ADDR;
}

/* A table as it stands in RAM; entries elsewhere read as not present. */
static void read_table(const struct cpu *c, u64 at, void *table, size_t bytes)
{
    size_t got = space_peek(cpu_space(c), at & c->phys_mask, table, bytes);
    memset((u8 *)table + got, 0, bytes - got);
}

static unsigned level_shift(const struct listing *l, unsigned level)
{
    return PAGE_SHIFT + (level - 1) * (l->paging == DEBUG_PAGING_32 ? 10 : 9);
}

static bool is_page(const struct listing *l, unsigned level, u64 entry)
{
    if (level == 1 || !(entry & DEBUG_ENTRY_PS))
        return level == 1;
    switch (l->paging) {
    case DEBUG_PAGING_32:
        return l->c->cr4 & CR4_PSE;
    case DEBUG_PAGING_PAE:
        return level == 2;
    default:
        return level <= 3;
    }
}

static bool list_table(struct listing *l, u64 at, unsigned level, u64 linear, u64 rights);

static bool list_entry(struct listing *l, u64 entry, unsigned level, u64 linear, u64 rights)
{
    if (!(entry & DEBUG_ENTRY_P))
        return true;
    /* a PAE page-directory pointer has no rights */
    u64 all = l->paging == DEBUG_PAGING_PAE && level == 3 ? rights : rights & entry;
    if (!is_page(l, level, entry))
        return list_table(l, entry & ENTRY_ADDR, level - 1, linear, all);
    struct debug_mapping map = { linear, BIT64(level_shift(l, level)), entry, all };
    return l->each(l->self, &map);
}

static bool list_table(struct listing *l, u64 at, unsigned level, u64 linear, u64 rights)
{
    union {
        u32 narrow[1024];
        u64 wide[512];
    } table;
    bool narrow = l->paging == DEBUG_PAGING_32, pointers = l->paging == DEBUG_PAGING_PAE && level == 3;
    unsigned entries = pointers ? 4 : narrow ? ARRAY_LEN(table.narrow) : ARRAY_LEN(table.wide);
    if (l->tables++ == TABLES_MAX)
        return false;
    read_table(l->c, at, &table, entries * (narrow ? 4 : 8));
    for (unsigned i = 0; i < entries; i++)
        if (!list_entry(l, narrow ? table.narrow[i] : table.wide[i], level, linear + ((u64)i << level_shift(l, level)),
                        rights))
            return false;
    return true;
}

bool cpu_mappings(const struct cpu *c, bool (*each)(void *self, const struct debug_mapping *map), void *self)
{
    struct listing l = { c, cpu_paging(c), each, self, 0 };
    if (l.paging == DEBUG_PAGING_OFF)
        return true;
    return list_table(&l, tables_root(&l), levels[l.paging], 0, DEBUG_ENTRY_P | DEBUG_ENTRY_W | DEBUG_ENTRY_U);
}

/* ---- one address ---- */

static u64 large_page_address(const struct listing *l, u64 entry, u64 span)
{
    if (l->paging == DEBUG_PAGING_32) /* PSE-36: SDM vol. 3, 4.3 */
        return (entry & 0xffc00000u) | (entry & 0x1fe000u) << 19;
    return entry & ENTRY_ADDR & ~(span - 1);
}

/* The entry of `linear` in a table, and where it stands. The pointers of PAE paging are registers. */
static u64 entry_of(const struct listing *l, u64 table, unsigned level, u64 linear, u64 *at)
{
    bool narrow = l->paging == DEBUG_PAGING_32;
    u64 index = linear >> level_shift(l, level), entry = 0;
    *at = table;
    if (l->paging == DEBUG_PAGING_PAE && level == 3)
        return l->c->pdpte[index & 3];
    index &= narrow ? 1023 : 511;
    *at = table + index * (narrow ? 4 : 8);
    read_table(l->c, *at, &entry, narrow ? 4 : 8);
    return entry;
}

/* Notes the entry and what it allows. A PAE page-directory pointer has no rights. */
static void note_step(const struct listing *l, struct debug_walk *w, u64 at, unsigned level, u64 entry)
{
    bool is_register = l->paging == DEBUG_PAGING_PAE && level == 3;
    u64 probe;
    struct debug_walk_step *step = &w->step[w->steps++];
    *step = (struct debug_walk_step){ .at = is_register ? DEBUG_NOWHERE : at, .entry = entry, .level = level };
    step->in_ram = is_register || space_peek(cpu_space(l->c), at & l->c->phys_mask, &probe, 4) == 4;
    if (is_register)
        return;
    w->rights &= entry;
    w->no_execute = w->no_execute || ((l->c->efer & EFER_NXE) && l->paging != DEBUG_PAGING_32 && entry >> 63);
}

static void walk(const struct listing *l, struct debug_walk *w, u64 linear)
{
    u64 at = tables_root(l);
    for (unsigned level = levels[l->paging];; level--) {
        u64 entry_at, entry = entry_of(l, at, level, linear, &entry_at), span = BIT64(level_shift(l, level));
        note_step(l, w, entry_at, level, entry);
        if (!(entry & DEBUG_ENTRY_P))
            return;
        if (is_page(l, level, entry)) {
            u64 page = level == 1 ? entry & ENTRY_ADDR : large_page_address(l, entry, span);
            w->physical = (page | (linear & (span - 1))) & l->c->phys_mask;
            w->page_size = span;
            w->mapped = true;
            return;
        }
        at = entry & ENTRY_ADDR;
    }
}

void cpu_walk(const struct cpu *c, u64 linear, struct debug_walk *w)
{
    const struct listing l = { .c = c, .paging = cpu_paging(c) };
    unsigned bits = l.paging == DEBUG_PAGING_5_LEVELS ? 57 : 48;
    if (!in_long(c))
        linear = (u32)linear;
    *w = (struct debug_walk){ .canonical = true, .rights = DEBUG_ENTRY_P | DEBUG_ENTRY_W | DEBUG_ENTRY_U };
    if (in_long(c) && (u64)((s64)(linear << (64 - bits)) >> (64 - bits)) != linear) {
        w->canonical = false;
    } else if (l.paging == DEBUG_PAGING_OFF) {
        w->physical = linear & c->phys_mask;
        w->page_size = PAGE_SIZE;
        w->mapped = true;
    } else {
        walk(&l, w, linear);
    }
}

bool cpu_translate(const struct cpu *c, u64 linear, u64 *physical)
{
    struct debug_walk w;
    cpu_walk(c, linear, &w);
    *physical = w.physical;
    return w.mapped;
}

bool cpu_peek_msr(struct cpu *c, u32 msr, u64 *value)
{
    struct pending_exception exc = c->exc;
    bool quiet = c->w.log->quiet[LOG_UNIMP];
    c->w.log->quiet[LOG_UNIMP] = true; /* it is not the guest that asks */
    bool ok = cpu_rdmsr(c, msr, value);
    c->w.log->quiet[LOG_UNIMP] = quiet;
    c->exc = exc;
    return ok;
}
