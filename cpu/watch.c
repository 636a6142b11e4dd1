/* watch.c: the processor's side of probes: the micro-op in front of an instruction, and the events that its other files
 * report here.
 *
 * An instruction that is begun, refused and run again as a block of its own meets its micro-op twice; it is told of
 * once, by the count of instructions. Instructions that make events of their own (all that end a block, but for near
 * branches; all that look at descriptors) are always blocks of their own while there are probes, so that what they did
 * before being refused is not reported twice. Not told of: page tables and code that lie behind the bus. */
#include "watch.h"

#include "block.h"
#include "fast.h"
#include "rows.h"

#include <stdlib.h>

#define DATA_KINDS (BIT(PROBE_READ) | BIT(PROBE_WRITE))
#define FLOW_KINDS (BIT(PROBE_BLOCK) | BIT(PROBE_BRANCH))
#define TOLD_KINDS (BIT(PROBE_EXEC) | FLOW_KINDS)
#define PLACELESS_KINDS BIT(PROBE_LOOKUP)

static bool asked(const struct cpu *c, u32 kinds)
{
    return (c->probe->set->kinds & kinds) != 0;
}

static struct probe_event event_of(const struct cpu *c, enum probe_kind kind)
{
    const struct cpu_probe *p = c->probe;
    return (struct probe_event){ .kind = kind,
                                 .cpu = p->cpu,
                                 .icount = *p->set->icount_others + p->icount,
                                 .rip = p->rip,
                                 .linear = p->linear,
                                 .physical = UINT64_MAX };
}

/* ---- attaching ---- */

static void mark_entry(const struct cpu *c, struct tlb_entry *e, u64 physical)
{
    u64 dr = debug_page_watched(c, e->tag_r & PAGE_MASK) ? TLB_WATCH : 0, page = e->tag_r & PAGE_MASK;
    if (e->tag_r & TLB_INVALID)
        return;
    e->tag_r = (e->tag_r & ~TLB_WATCH) | dr | (c->probe ? watch_page(c, page, physical, false) : 0);
    if (!(e->tag_w & TLB_INVALID))
        e->tag_w = (e->tag_w & ~TLB_WATCH) | dr | (c->probe ? watch_page(c, page, physical, true) : 0);
}

/* The entries stay what they are, but for whether they hit: dropping them would be seen by a guest that changes its
 * page tables without saying so. */
static void mark_tlb(struct cpu *c)
{
    for (unsigned set = 0; set < TLB_SETS; set++)
        for (unsigned i = 0; i < TLB_ENTRIES; i++)
            mark_entry(c, &c->tlb_sets[set][i], c->tlb_phys[set][i]);
}

static u64 own_count(const struct cpu *c)
{
    return c->icount_end - (u64)c->budget;
}

static u8 mode_of(const struct cpu *c)
{
    u8 smm = c->smm ? PROBE_MODE_SMM : 0;
    bool is_32 = (c->seg[CS].attr & DESC_DB) != 0;
    if (in_real(c))
        return smm | PROBE_MODE_REAL;
    if (in_vm86(c))
        return smm | PROBE_MODE_VM86;
    if (!in_long(c))
        return smm | (is_32 ? PROBE_MODE_PROTECTED_32 : PROBE_MODE_PROTECTED_16);
    if (in_64(c))
        return smm | PROBE_MODE_LONG;
    return smm | (is_32 ? PROBE_MODE_COMPATIBILITY_32 : PROBE_MODE_COMPATIBILITY_16);
}

static void note_mode(struct cpu *c)
{
    struct cpu_probe *p = c->probe;
    p->insn.mode = p->now = mode_of(c);
    p->insn.code = (u8)(in_64(c) ? DEBUG_CODE_64 : c->mode & MODE_32 ? DEBUG_CODE_32 : DEBUG_CODE_16);
}

bool cpu_set_probes(struct cpu *c, const struct probe_set *set, unsigned number)
{
    if (!set) {
        free(c->probe);
        c->probe = NULL;
    } else if (!c->probe) {
        c->probe = calloc(1, sizeof *c->probe);
        if (!c->probe)
            return false;
        *c->probe = (struct cpu_probe){ .set = set, .cpu = number, .told = UINT64_MAX };
    }
    if (set) { /* what was not asked for was not kept */
        c->probe->insn = event_of(c, PROBE_EXEC);
        note_mode(c);
        c->probe->mode = c->probe->now;
        c->probe->interrupted = true;
    }
    block_cache_flush(c->blocks);
    mark_tlb(c);
    return true;
}

bool cpu_take_probe_stop(struct cpu *c)
{
    bool stop = c->probe && c->probe->stop;
    if (stop)
        c->probe->stop = false;
    return stop;
}

void watch_forget(struct cpu *c)
{
    struct cpu_probe *p = c->probe;
    if (own_count(c) != p->told + 1) /* else it is the very place that the processor has come to: the past goes on so */
        p->interrupted = true;
    p->told = UINT64_MAX;
}

/* ---- telling ---- */

/* Where the run ends after the instruction or delivery. */
static void tell(struct cpu *c, const struct probe_event *e)
{
    fpu_release(c); /* the callback may compute */
    if (!probe_set_tell(c->probe->set, e))
        return;
    c->probe->stop = true;
    if (c->probe->running)
        c->events |= EV_PROBE;
}

static u64 linear_of(const struct cpu *c, u64 rip)
{
    return (c->mode & MODE_64) ? rip : (u32)(c->seg[CS].base + rip);
}

void watch_at_rip(struct cpu *c, bool charged)
{
    struct cpu_probe *p = c->probe;
    p->rip = c->rip;
    p->linear = linear_of(c, c->rip);
    p->icount = own_count(c) - charged;
}

/* ---- the micro-op in front of an instruction ---- */

static bool is_near_branch(const struct row *row)
{
    return (row->attr & A_JUMP) || strcmp(row->mnemonic, "call") == 0 || strcmp(row->mnemonic, "jmp") == 0 ||
           strcmp(row->mnemonic, "ret") == 0;
}

unsigned watch_hook(const struct cpu *c, const struct row *row, u32 mode, unsigned off)
{
    const struct probe_set *s = c->probe->set;
    unsigned hook = 0;
    if ((s->kinds & FLOW_KINDS) || probe_set_has_offset(s, BIT(PROBE_EXEC), off & ~(unsigned)PAGE_MASK))
        hook |= HOOK_TELL;
    if (!(s->kinds & ~(TOLD_KINDS | PLACELESS_KINDS)))
        return hook;
    if (mode & MODE_ONE)
        hook |= HOOK_MARK;
    if (row && (row->attr & (A_END | A_MAY_END | A_PE)) && !is_near_branch(row))
        hook |= HOOK_EXACT;
    return hook;
}

void watch_gathered(struct cpu *c, const u8 *bytes, unsigned n)
{
    memcpy(c->probe->bytes, bytes, n < sizeof c->probe->bytes ? n : sizeof c->probe->bytes);
}

/* The bytes of an instruction that crosses into another page. */
static const u8 *crossing_bytes(struct cpu *c, const struct block *b, const u8 *host, unsigned off, unsigned len)
{
    u8 *bytes = c->probe->bytes;
    unsigned here = (unsigned)PAGE_SIZE - off;
    if (b->ram_page2 == NO_PAGE) /* it was gathered just now */
        return bytes;
    memcpy(bytes, host + off, here);
    memcpy(bytes + here, ram_page_host(c->w.pool, b->ram_page2), len - here);
    return bytes;
}

static void locate_bytes(struct cpu *c, const struct uop *insn, struct probe_event *e)
{
    const struct block *b = u_block(insn);
    const struct fetch_entry *f = &c->fetch[fetch_slot(e->linear, c->cpl == 3)];
    u64 tag = (e->linear & PAGE_MASK) | (c->cpl == 3 ? FETCH_USER : 0);
    unsigned off = (unsigned)(e->linear & ~PAGE_MASK), len = u_len(insn);
    const u8 *host = f->host;
    e->physical = (f->phys & PAGE_MASK) | off;
    if (UNLIKELY(f->tag != tag)) { /* came here by the jump cache; another page has taken the entry since */
        host = b->key == UINT64_MAX ? NULL : ram_page_host(c->w.pool, b->key >> PAGE_SHIFT);
        if (!cpu_translate(c, e->linear, &e->physical))
            e->physical = UINT64_MAX;
    }
    e->length = (u8)len;
    e->bytes = !host ? c->probe->bytes : off + len <= PAGE_SIZE ? host + off : crossing_bytes(c, b, host, off, len);
}

/* The last instruction went elsewhere, whatever its operand was. */
static bool always_branches(unsigned row)
{
    static const char *const names[] = { "call", "jmp", "ret", "callf", "jmpf", "retf", "iret" };
    const char *mnemonic = cpu_rows[row].mnemonic;
    if (!(cpu_rows[row].attr & (A_JUMP | A_END)))
        return false;
    for (unsigned i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(mnemonic, names[i]) == 0)
            return true;
    return false;
}

static bool repeats(const struct cpu_probe *p, const struct uop *insn)
{
    return p->linear == p->last && (insn->flags & (UF_REPZ | UF_REPNZ)) && (cpu_rows[u_row(insn)].attr & A_REP);
}

/* PROBE_BRANCH and PROBE_BLOCK: known when the next instruction is met. */
static bool tell_flow(struct cpu *c, const struct uop *insn, const struct probe_event *e)
{
    struct cpu_probe *p = c->probe;
    bool elsewhere = p->linear != p->next && !repeats(p, insn), stop = false;
    if (p->interrupted || elsewhere || always_branches(p->last_row)) {
        if (!p->interrupted && asked(c, BIT(PROBE_BRANCH))) {
            struct probe_event branch = event_of(c, PROBE_BRANCH);
            branch.icount--;
            branch.linear = p->last;
            branch.rip = p->rip - (p->linear - p->last);
            branch.addr = p->linear;
            stop = probe_set_tell(p->set, &branch);
        }
        struct probe_event block = *e;
        block.kind = PROBE_BLOCK;
        block.addr = p->linear;
        stop |= probe_set_tell(p->set, &block);
    }
    p->interrupted = false;
    p->last = p->linear;
    p->last_row = (u16)u_row(insn);
    p->next = p->linear + u_len(insn);
    if (!(c->mode & MODE_64))
        p->next = (u32)p->next;
    return stop;
}

/* True: the run ends before this instruction. (Inlined, its event would make op_hook() nest: see fast.h.) */
static __attribute__((noinline)) bool tell_insn(struct cpu *c, const struct uop *insn)
{
    struct cpu_probe *p = c->probe;
    s64 ahead = u_block(insn)->n - insn->ord; /* the count is to be exact meanwhile */
    bool stop = false;
    p->told = p->icount;
    c->budget += ahead;
    fpu_release(c);
    struct probe_event *e = &p->insn; /* made once: what is not set here is the same for each */
    e->icount = *p->set->icount_others + p->icount;
    e->rip = p->rip;
    e->linear = p->linear;
    e->rflags = flags_get(c);
    e->row = (u16)u_row(insn);
    locate_bytes(c, insn, e);
    if (asked(c, FLOW_KINDS))
        stop = tell_flow(c, insn, e);
    if (p->set->exec) /* as a tracer asks: the way is short */
        stop |= p->set->exec->event(p->set->exec->self, e) == PROBE_STOP;
    else if (asked(c, BIT(PROBE_EXEC)))
        stop |= probe_set_tell(p->set, e);
    c->budget -= ahead;
    return stop;
}

/* False: the block is left, before the instruction. */
static bool hooked(struct cpu *c, const struct uop *u)
{
    struct cpu_probe *p = c->probe;
    p->rip = c->rip = ip_of(c, u);
    p->linear = linear_of(c, p->rip);
    p->icount = icount_of(c, u);
    if ((u->imm & HOOK_EXACT) && !c->exact) {
        c->retry_exact = true;
        return false;
    }
    if (!(u->imm & HOOK_TELL) || p->told == p->icount || LIKELY(!tell_insn(c, u + 1)))
        return true;
    p->stop = true;
    c->events |= EV_PROBE;
    c->retry_exact = true; /* it was not completed: no trap follows it */
    return false;
}

const struct uop *op_hook(struct cpu *c, const struct uop *u)
{
    if (UNLIKELY(!hooked(c, u)))
        return cpu_leave(c, u);
    NEXT_FAST;
}

/* ---- around the run ---- */

static enum probe_lookup lookup_reason(const struct cpu *c, bool alone)
{
    const struct cpu_probe *p = c->probe;
    u64 key = c->rip + c->jump_base;
    const struct jump_entry *j = &c->jump[jump_hash(key)];
    if (alone)
        return PROBE_LOOKUP_ALONE;
    if (p->began)
        return PROBE_LOOKUP_BEGIN;
    if (c->delivered)
        return PROBE_LOOKUP_DELIVERED;
    if (p->alone)
        return PROBE_LOOKUP_BEHIND;
    if (j->ip != key)
        return PROBE_LOOKUP_NEW;
    if (j->tag != c->jump_tag)
        return PROBE_LOOKUP_STALE;
    return c->budget < uop_block_cost(j->uop) ? PROBE_LOOKUP_SHORT : PROBE_LOOKUP_LEFT;
}

void watch_lookup(struct cpu *c)
{
    struct cpu_probe *p = c->probe;
    bool alone = c->retry_exact || c->step_one || (c->mode & MODE_ONE);
    if (asked(c, BIT(PROBE_LOOKUP)))
        watch_change(c, PROBE_LOOKUP, 0, 0, lookup_reason(c, alone), false);
    p->began = false;
    p->alone = alone;
}

void watch_mode(struct cpu *c)
{
    note_mode(c);
    if (c->probe->running && asked(c, BIT(PROBE_MODE)))
        c->events |= EV_PROBE;
}

static void tell_mode(struct cpu *c)
{
    u8 mode = c->probe->now, old = c->probe->mode;
    if (mode == old)
        return;
    c->probe->mode = mode;
    watch_at_rip(c, false);
    watch_change(c, PROBE_MODE, 0, old, mode, false);
}

void watch_begin(struct cpu *c)
{
    c->probe->running = c->probe->began = true;
    c->events |= EV_PROBE; /* the mode may have been changed from outside */
}

bool watch_between(struct cpu *c)
{
    if (asked(c, BIT(PROBE_MODE)))
        tell_mode(c);
    c->events &= ~EV_PROBE;
    return c->probe->stop;
}

void watch_end(struct cpu *c)
{
    (void)watch_between(c);
    c->probe->running = false;
}

/* ---- memory ---- */

u64 watch_page(const struct cpu *c, u64 linear, u64 physical, bool write)
{
    u32 kind = write ? BIT(PROBE_WRITE) : BIT(PROBE_READ);
    bool wanted = probe_set_overlaps(c->probe->set, kind, linear & PAGE_MASK, physical & PAGE_MASK, PAGE_SIZE);
    return wanted ? TLB_WATCH : 0;
}

bool watch_wants(const struct cpu *c, u64 linear, u64 physical, unsigned bytes, bool write)
{
    return probe_set_overlaps(c->probe->set, write ? BIT(PROBE_WRITE) : BIT(PROBE_READ), linear, physical, bytes);
}

bool watch_may_walk(struct cpu *c)
{
    if (c->exact || !asked(c, BIT(PROBE_TLB)))
        return true;
    c->retry_exact = true;
    return false;
}

void watch_data(struct cpu *c, u64 linear, u64 physical, const u8 *host, const u8 *buf, unsigned bytes, bool write)
{
    struct probe_event e = event_of(c, write ? PROBE_WRITE : PROBE_READ);
    if (!asked(c, BIT(e.kind)))
        return;
    e.write = write;
    for (unsigned at = 0; at < bytes; at += e.size) {
        e.size = (u8)(bytes - at < 8 ? bytes - at : 8);
        e.addr = linear + at;
        e.physical = physical + at;
        e.old = e.value = 0;
        memcpy(&e.value, buf + at, e.size);
        if (host)
            memcpy(&e.old, host + at, e.size);
        tell(c, &e);
    }
}

/* ---- the other events ---- */

void watch_bus(struct cpu *c, enum probe_kind kind, u64 addr, u64 value, unsigned bytes, bool write)
{
    struct probe_event e = event_of(c, kind);
    e.addr = addr;
    e.physical = kind == PROBE_MMIO ? addr : UINT64_MAX;
    e.value = low_bytes(value, bytes);
    e.size = (u8)bytes;
    e.write = write;
    tell(c, &e);
}

void watch_change(struct cpu *c, enum probe_kind kind, u64 addr, u64 old, u64 value, bool write)
{
    struct probe_event e = event_of(c, kind);
    e.addr = addr;
    e.old = old;
    e.value = value;
    e.write = write;
    tell(c, &e);
}

void watch_iret(struct cpu *c)
{
    watch_change(c, PROBE_IRET, linear_of(c, c->rip), 0, 0, false);
}

void watch_reset(struct cpu *c, unsigned of)
{
    c->probe->interrupted = true;
    watch_at_rip(c, false);
    watch_change(c, PROBE_RESET, 0, 0, of, false);
}

void cpu_probe_reset(struct cpu *c)
{
    if (c->probe)
        watch_reset(c, RESET_OF_MACHINE);
}

void watch_interrupt(struct cpu *c, enum probe_source source, unsigned vector, bool has_error, u32 error)
{
    struct probe_event e = event_of(c, PROBE_INTERRUPT);
    c->probe->interrupted = true;
    e.source = (u8)source;
    e.vector = (u8)vector;
    e.has_error = has_error;
    e.error = has_error ? error : 0;
    tell(c, &e);
}

void watch_exception(struct cpu *c, const struct pending_exception *x)
{
    watch_at_rip(c, true);
    struct probe_event e = event_of(c, PROBE_EXCEPTION);
    e.vector = x->vector;
    e.has_error = x->has_error;
    e.error = x->has_error ? x->error : 0;
    e.addr = x->vector == EXC_PF ? x->cr2 : 0;
    e.source = PROBE_FROM_EXCEPTION;
    tell(c, &e);
}

void watch_walk(struct cpu *c, const struct page_walk_seen *w)
{
    if (asked(c, BIT(PROBE_LOOKUP)))
        watch_change(c, PROBE_LOOKUP, 0, 0,
                     w->failed  ? PROBE_LOOKUP_FAULT
                     : w->fetch ? PROBE_LOOKUP_CODE
                                : PROBE_LOOKUP_DATA,
                     false);
    struct probe_event e = event_of(c, PROBE_TLB);
    e.addr = w->linear;
    e.physical = w->failed ? UINT64_MAX : w->physical;
    e.value = w->entry;
    e.write = w->write;
    e.fetch = w->fetch;
    e.has_error = w->failed;
    e.error = w->failed ? c->exc.error : 0;
    tell(c, &e);
}
