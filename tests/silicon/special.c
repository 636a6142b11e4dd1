#include "gen.h"

void store_data(struct gen *g, u64 linear, u64 value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        if (linear + i >= MEM_DATA && linear + i < MEM_DATA + MEM_DATA_SIZE)
            g->data[linear + i - MEM_DATA] = (u8)(value >> (8 * i));
}

static u64 load_data(const struct gen *g, u64 linear, unsigned bytes)
{
    u64 v = 0;
    if (linear >= MEM_DATA && linear + bytes <= MEM_DATA + MEM_DATA_SIZE)
        memcpy(&v, g->data + (linear - MEM_DATA), bytes);
    return v;
}

void add_fix(struct gen *g, enum fix_kind kind, unsigned where, unsigned bytes, u16 cs)
{
    if (g->fixes < ARRAY_LEN(g->fix))
        g->fix[g->fixes++] = (struct fix){ kind, g->p->n, where, bytes, cs };
}

u16 some_selector(struct gen *g)
{
    static const u16 others[] = { 0, 1, 3, USER_DATA, USER_DATA & ~3u, USER_CS32, USER_CS64, 0x83, 0x1ff };
    unsigned k = below(g->r, LDT_COUNT + ARRAY_LEN(others) + 2);
    if (k < LDT_COUNT && g->caps->ldt)
        return (u16)(LDT_SEL(k) & (one_in(g->r, 8) ? ~3u : ~0u));
    return k - LDT_COUNT < ARRAY_LEN(others) ? others[k - LDT_COUNT] : USER_DATA;
}

/* From a 16-bit stack to 64-bit code SP wraps in odd ways. */
static bool leaves_small_stack(const struct gen *g, u16 cs)
{
    u16 ss = g->s->sel[SS];
    return g->p->mode != CODE64 && (ss == LDT_SEL(LDT_STACK16) || ss == LDT_SEL(LDT_DOWN16)) && (cs | 3) == USER_CS64;
}

static u16 any_cs(struct gen *g)
{
    static const u16 flat[] = { USER_CS32, USER_CS64 };
    if (!one_in(g->r, 3))
        return g->s->sel[CS];
    if (one_in(g->r, 3))
        return some_selector(g);
    return one_in(g->r, 2) || !g->caps->ldt ? flat[below(g->r, 2)] : LDT_SEL(below(g->r, 3));
}

u16 some_cs(struct gen *g)
{
    u16 cs = any_cs(g);
    return leaves_small_stack(g, cs) ? g->s->sel[CS] : cs;
}

static bool is_code(u16 sel)
{
    return sel == USER_CS32 || sel == USER_CS64 || (sel & 4 && (sel >> 3) < LDT_COUNT && ldt_segments[sel >> 3].code);
}

/* A far pointer in the data: offset of `bytes`, then the selector. */
static void far_pointer(struct gen *g, u64 linear, unsigned bytes, unsigned sel_at)
{
    u16 cs = some_cs(g);
    store_data(g, linear + sel_at, cs, 2);
    if (is_code(cs) && linear >= MEM_DATA && linear + bytes <= MEM_DATA + MEM_DATA_SIZE)
        add_fix(g, FIX_DATA, (unsigned)(linear - MEM_DATA), bytes, cs);
}

static u64 stack_linear(const struct gen *g)
{
    u16 ss = g->s->sel[SS];
    bool small = g->p->mode != CODE64 && (ss == LDT_SEL(LDT_STACK16) || ss == LDT_SEL(LDT_DOWN16));
    u64 rsp = g->s->r[RSP];
    return (small ? (u16)rsp : rsp) + segment_base(g, SS);
}

static u64 some_flags(struct gen *g)
{
    return rnd(g->r) & (one_in(g->r, 4) ? ~(u64)FL_TF : FL_ARITH | FL_DF | FL_ID | FL_AC);
}

static void iret_frame(struct gen *g, const struct encoding *e)
{
    u64 sp = stack_linear(g);
    unsigned n = e->size;
    far_pointer(g, sp, n, n);
    /* Not AC: IRET checks its own pops by the new AC, and Linux takes an #AC with AC clear for a split lock and
     * retries. */
    store_data(g, sp + 2 * n, some_flags(g) & ~(u64)FL_AC, n);
    if (g->p->mode != CODE64)
        return;
    store_data(g, sp + 3 * n, MEM_DATA + 0x700, n);
    store_data(g, sp + 4 * n, one_in(g->r, 4) ? some_selector(g) : USER_DATA, n);
}

/* What the stack holds for instructions that take control or flags from it. */
static void prepare_stack(struct gen *g, const struct encoding *e)
{
    const struct row *row = e->row;
    u64 sp = stack_linear(g);
    if (row_named(row, "ret") && sp >= MEM_DATA && sp + 8 <= MEM_DATA + MEM_DATA_SIZE)
        add_fix(g, FIX_DATA, (unsigned)(sp - MEM_DATA), e->size, g->s->sel[CS]);
    else if (row_named(row, "retf"))
        far_pointer(g, sp, e->size, e->size);
    else if (row_named(row, "iret"))
        iret_frame(g, e);
    else if (row_named(row, "popf"))
        store_data(g, sp, some_flags(g), e->size);
    else if (row_named(row, "pop") && row_has(row, OP_ES, OP_GS))
        store_data(g, sp, some_selector(g), 2);
}

/* `reg` becomes the offset of a linear address. */
static void point(struct gen *g, const struct encoding *e, unsigned reg, unsigned seg, u64 linear)
{
    if (g->set_regs & BIT(reg))
        return;
    g->s->r[reg] = (linear - segment_base(g, seg)) & address_mask(e);
    if (e->asize == 4 && g->p->mode == CODE64 && one_in(g->r, 3))
        g->s->r[reg] |= rnd(g->r) << 32;
    g->set_regs |= BIT(reg);
}

static bool counts_in_cx(const struct row *row)
{
    return (row->attr & A_REP) || !strncmp(row->mnemonic, "loop", 4) || row_named(row, "jcxz");
}

void prepare_implicit(struct gen *g, struct encoding *e)
{
    const struct row *row = e->row;
    unsigned ds = e->seg >= 0 ? (unsigned)e->seg : DS;
    if (counts_in_cx(row) && !one_in(g->r, 16))
        g->s->r[RCX] = (e->asize < 8 && one_in(g->r, 4) ? edge(g->r) & ~address_mask(e) : 0) | below(g->r, 24);
    if (row->attr & A_REP) {
        point(g, e, RSI, ds, some_target(g));
        point(g, e, RDI, ES, some_target(g));
    } else if (!strncmp(row->mnemonic, "maskmov", 7)) {
        point(g, e, RDI, ds, some_target(g));
    } else if (row_named(row, "xlat")) {
        point(g, e, RBX, ds, some_target(g));
    } else if (row_named(row, "leave") || row_named(row, "enter")) {
        point(g, e, RBP, SS, some_target(g));
    } else if (!g->p->n) {
        prepare_stack(g, e);
    }
    if (g->p->mode != CODE64)
        for (unsigned i = 0; i < 8; i++)
            g->s->r[i] = (u32)g->s->r[i];
}

/* ---- what the explicit operand holds ---- */

static void put_operand(struct gen *g, const struct encoding *e, u64 value, unsigned bytes)
{
    if (e->mem)
        store_data(g, e->at, value, bytes);
    else if (!(g->set_regs & BIT(e->rm)))
        g->s->r[e->rm] = bytes == 2 ? (g->s->r[e->rm] & ~0xffffull) | value : value;
}

static void prepare_jump(struct gen *g, const struct encoding *e)
{
    if (row_has(e->row, OP_Mp, OP_Mp)) {
        far_pointer(g, e->at, e->size, e->size);
    } else if (!e->mem) {
        if (!(g->set_regs & BIT(e->rm)))
            add_fix(g, FIX_REG, e->rm, 8, g->s->sel[CS]);
    } else if (e->at >= MEM_DATA && e->at + 8 <= MEM_DATA + MEM_DATA_SIZE) {
        add_fix(g, FIX_DATA, (unsigned)(e->at - MEM_DATA), e->size, g->s->sel[CS]);
    }
}

/* Comparands equal, half the time. */
static void prepare_exchange(struct gen *g, const struct encoding *e)
{
    bool wide = row_named(e->row, "cmpxchg16b");
    if (!e->mem || one_in(g->r, 2))
        return;
    g->s->r[RAX] = load_data(g, e->at, wide || e->size == 8 ? 8 : 4);
    if (!row_named(e->row, "cmpxchg"))
        g->s->r[RDX] = load_data(g, e->at + (wide ? 8 : 4), wide ? 8 : 4);
}

static void prepare_division(struct gen *g, const struct encoding *e)
{
    static const u64 highs[] = { 0, 0, 1, UINT64_MAX };
    if (!one_in(g->r, 4) && !(g->set_regs & BIT(RDX)))
        g->s->r[RDX] =
            row_named(e->row, "idiv") && (g->s->r[RAX] >> (8 * e->size - 1) & 1) ? UINT64_MAX : highs[below(g->r, 4)];
}

static bool takes_selector(const struct row *row)
{
    static const char *const names[] = { "lar", "lsl", "verr", "verw", "lldt", "ltr", "arpl" };
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (row_named(row, names[i]))
            return true;
    return row_has(row, OP_Sw, OP_Sw) && row->operand[0] == OP_Sw;
}

static bool is_bit_test(const struct row *row)
{
    return row->operand[1] == OP_Gv && row->mnemonic[0] == 'b' && row->mnemonic[1] == 't';
}

/* Components: mostly those that both sides have, now and then one that neither has. */
static u64 some_components(struct gen *g)
{
    u64 none = ~(g->caps->xcr0 | BIT64(63));
    return (rnd(g->r) & OUR_COMPONENTS) | (one_in(g->r, 12) ? rnd(g->r) & rnd(g->r) & rnd(g->r) & none : 0);
}

/* An area's header in either format and, in EDX:EAX, what is asked for: kept from other instructions, since a host may
 * have components that we have not. */
static void prepare_xsave(struct gen *g, const struct encoding *e)
{
    u64 wanted = one_in(g->r, 3) ? OUR_COMPONENTS : some_components(g), bv = some_components(g);
    u64 layout = one_in(g->r, 2) ? 0 : BIT64(63) | some_components(g) | (one_in(g->r, 8) ? 0 : bv);
    if (!g->p->n) {
        g->s->r[RAX] = g->xsave_rax = (g->s->r[RAX] & ~0xffffffffull) | (u32)wanted;
        g->s->r[RDX] = g->xsave_rdx = (g->s->r[RDX] & ~0xffffffffull) | wanted >> 32;
        g->xsave_first = true;
        g->xsave_at = e->at;
        g->set_regs |= BIT(RAX) | BIT(RDX);
    }
    store_data(g, e->at + 24, rnd(g->r) & (one_in(g->r, 8) ? 0x1ffff : 0xffff), 4);
    for (unsigned at = 512; at < 576; at += 8)
        store_data(g, e->at + at, one_in(g->r, 60) ? rnd(g->r) : 0, 8);
    store_data(g, e->at + 512, bv, 8);
    store_data(g, e->at + 520, one_in(g->r, 40) ? some_components(g) : layout, 8);
}

void prepare_operand(struct gen *g, struct encoding *e)
{
    const struct row *row = e->row;
    if (takes_selector(row))
        put_operand(g, e, some_selector(g), 2);
    else if (row_named(row, "call") || row_named(row, "jmp") || row_named(row, "callf") || row_named(row, "jmpf"))
        prepare_jump(g, e);
    else if (row_has(row, OP_Mp, OP_Mp)) /* LDS and the like */
        store_data(g, e->at + e->size, some_selector(g), 2);
    else if (!strncmp(row->mnemonic, "cmpxchg", 7))
        prepare_exchange(g, e);
    else if (row_named(row, "div") || row_named(row, "idiv"))
        prepare_division(g, e);
    else if (is_bit_test(row) && e->mem && !(g->set_regs & BIT(e->reg)))
        g->s->r[e->reg] = (rnd(g->r) % 4096) - (one_in(g->r, 2) ? 2048 : 0);
    else if (row_named(row, "ldmxcsr"))
        store_data(g, e->at + 2, one_in(g->r, 8) ? 1 : 0, 2);
    else if (row_named(row, "fxrstor"))
        store_data(g, e->at + 24, rnd(g->r) & (one_in(g->r, 8) ? 0x1ffff : 0xffff), 4);
    else if (row_named(row, "bound") && !one_in(g->r, 3))
        store_data(g, e->at + e->size - 1, 0x80, 1);
    else if (!strncmp(row->mnemonic, "wr", 2) && row_has(row, OP_Ry, OP_Ry))
        put_operand(g, e, edge(g->r), 8);
    else if (row_has(row, OP_Mxs, OP_Mxs))
        prepare_xsave(g, e);
    if (!strncmp(row->mnemonic, "pcmpestr", 8)) {
        g->s->r[RAX] = rnd(g->r) % 40 - 20;
        g->s->r[RDX] = rnd(g->r) % 40 - 20;
    }
}
