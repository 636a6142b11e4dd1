#include "gen.h"

/* ---- prefixes ---- */

struct prefixes {
    u8 byte[20];
    unsigned n;
};

static void add_prefix(struct prefixes *p, u8 byte)
{
    if (p->n < ARRAY_LEN(p->byte))
        p->byte[p->n++] = byte;
}

static void choose_segment(struct gen *g, struct encoding *e, struct prefixes *p)
{
    static const u8 byte[SEG_COUNT] = { [ES] = 0x26, [CS] = 0x2e, [SS] = 0x36, [DS] = 0x3e, [FS] = 0x64, [GS] = 0x65 };
    if (!one_in(g->r, 8))
        return;
    unsigned seg = below(g->r, SEG_COUNT);
    if (seg == FS && !g->caps->fsgsbase)
        return;
    add_prefix(p, byte[seg]);
    if (g->p->mode != CODE64 || seg >= FS)
        e->seg = (int)seg;
}

static void choose_rep(struct gen *g, struct encoding *e, struct prefixes *p)
{
    const struct row *row = e->row;
    u32 x = row->ext & X_PREFIXES;
    bool free_choice =
        (row->attr & A_REP) ? one_in(g->r, 2) : row->map == MAP_1B && !x && row->op != 0x90 && one_in(g->r, 24);
    if (x == X_F3 || (free_choice && one_in(g->r, 2)))
        e->rep = 0xf3;
    else if (x == X_F2 || free_choice)
        e->rep = 0xf2;
    if (e->rep)
        add_prefix(p, e->rep);
}

static void choose_sizes(struct gen *g, struct encoding *e, struct prefixes *p)
{
    u32 x = e->row->ext & X_PREFIXES;
    bool may = x == 0 || (x & X_66) || x == X_F3 || x == X_F2,
         has = x == X_66 || (may && one_in(g->r, x == (X_66 | X_NP) ? 2 : 5));
    if (has)
        add_prefix(p, 0x66);
    e->op66 = has && x != X_66;
    bool a67 = one_in(g->r, 10) || (g->p->mode == CODE16 && one_in(g->r, 3));
    if (a67)
        add_prefix(p, 0x67);
    e->asize = g->p->mode == CODE64 ? (a67 ? 4 : 8) : (g->p->mode == CODE32) != a67 ? 4 : 2;
}

static unsigned operand_size(const struct gen *g, const struct encoding *e)
{
    const struct row *row = e->row;
    bool w = (e->rex & 8) != 0;
    if (row->attr & A_BYTE)
        return 1;
    if (g->p->mode != CODE64)
        return (g->p->mode == CODE32) != e->op66 ? 4 : 2;
    if (row->attr & A_F64)
        return 8;
    if (row->attr & A_D64)
        return e->op66 && !w ? 2 : 8;
    return w ? 8 : e->op66 ? 2 : 4;
}

static void choose_rex(struct gen *g, struct encoding *e)
{
    if (g->p->mode != CODE64)
        return;
    e->rex = one_in(g->r, 2) ? (u8)(0x40 | (rnd(g->r) & 15)) : 0;
    if (e->row->ext & X_W1)
        e->rex |= 0x48;
    if (e->row->ext & X_W0)
        e->rex &= 0xf7;
}

static void shuffle(struct rng *r, struct prefixes *p)
{
    for (unsigned i = p->n; i > 1; i--) {
        unsigned k = below(r, i);
        u8 t = p->byte[k];
        p->byte[k] = p->byte[i - 1];
        p->byte[i - 1] = t;
    }
}

static void encode_prefixes(struct gen *g, struct encoding *e, bool locked)
{
    struct prefixes p = { .n = 0 };
    choose_segment(g, e, &p);
    choose_sizes(g, e, &p);
    choose_rep(g, e, &p);
    choose_rex(g, e);
    if (locked)
        add_prefix(&p, 0xf0);
    unsigned again = p.n && one_in(g->r, 16) ? 1 + below(g->r, 3) : 0;
    if (p.n && g->p->at < MEM_CODE + 0xe00 &&
        one_in(g->r, 400)) /* too long: but what is behind the 15th byte must be there */
        again = 8 + below(g->r, 6);
    for (unsigned i = 0; i < again; i++) {
        u8 b = p.byte[below(g->r, p.n)];
        add_prefix(&p, b);
    }
    shuffle(g->r, &p);
    for (unsigned i = 0; i < p.n; i++) {
        if (g->p->mode == CODE64 && one_in(g->r, 48)) /* a REX that is not right before the opcode does not count */
            emit(e, 0x40 | (rnd(g->r) & 15), 1);
        emit(e, p.byte[i], 1);
    }
    if (e->rex)
        emit(e, e->rex, 1);
    e->size = operand_size(g, e);
}

/* ---- VEX ---- */

static bool names_vvvv(const struct row *row)
{
    return row_has(row, OP_Hx, OP_Hsd) || row_has(row, OP_By, OP_By);
}

/* W and L as the row wants them, and now and then otherwise; returns the last prefix byte but for vvvv. */
static u8 choose_vex_bits(struct gen *g, const struct encoding *e)
{
    u32 x = e->row->ext;
    bool odd = one_in(g->r, 64);
    bool w = (x & X_W1) || (!(x & X_W0) && one_in(g->r, 2)), l = (x & X_L1) || (!(x & X_L0) && one_in(g->r, 2));
    w ^= odd && one_in(g->r, 2);
    l ^= odd && one_in(g->r, 2);
    return (u8)((w ? 0x80 : 0) | (l ? 4 : 0) | ((x & X_66) ? 1 : (x & X_F3) ? 2 : (x & X_F2) ? 3 : 0));
}

static unsigned choose_vvvv(struct gen *g, const struct encoding *e)
{
    if (!names_vvvv(e->row))
        return one_in(g->r, 64) ? below(g->r, 16) : 0;
    return e->row->operand[0] == OP_By ? result_reg(g, 0) | (one_in(g->r, 2) ? 8 : 0) : below(g->r, 16);
}

/* C5, or C4, which outside 64-bit mode need R and X to be ones. */
static void encode_vex(struct gen *g, struct encoding *e)
{
    bool bits64 = g->p->mode == CODE64;
    u8 last = (u8)(choose_vex_bits(g, e) | (~choose_vvvv(g, e) & 15) << 3);
    u8 rex = bits64 ? rnd(g->r) & 7 : rnd(g->r) & 1;
    if (e->row->map == MAP_V0F && !(last & 0x80) && one_in(g->r, 2)) {
        e->rex = bits64 ? rex & 4 : 0;
        emit(e, 0xc5, 1);
        emit(e, last | (e->rex ? 0 : 0x80), 1);
        return;
    }
    e->rex = (u8)(bits64 ? 0x40 | rex | (last >> 4 & 8) : 0);
    emit(e, 0xc4, 1);
    emit(e, (~rex & 7u) << 5 | (unsigned)(e->row->map - MAP_V0F + 1), 1);
    emit(e, last, 1);
}

static void encode_vex_prefixes(struct gen *g, struct encoding *e)
{
    static const u8 wrong[] = { 0x66, 0xf2, 0xf3, 0xf0, 0x40, 0x48 };
    struct prefixes p = { .n = 0 };
    choose_segment(g, e, &p);
    bool a67 = one_in(g->r, 10) || (g->p->mode == CODE16 && one_in(g->r, 3));
    if (a67)
        add_prefix(&p, 0x67);
    e->asize = g->p->mode == CODE64 ? (a67 ? 4 : 8) : (g->p->mode == CODE32) != a67 ? 4 : 2;
    if (one_in(g->r, 64))
        add_prefix(&p, wrong[below(g->r, g->p->mode == CODE64 ? 6 : 4)]);
    shuffle(g->r, &p);
    for (unsigned i = 0; i < p.n; i++)
        emit(e, p.byte[i], 1);
    encode_vex(g, e);
    e->size = (e->rex & 8) ? 8 : 4;
}

/* ---- opcode and operands ---- */

static void choose_modrm(struct gen *g, struct encoding *e)
{
    const struct row *row = e->row;
    e->has_modrm = row_wants_modrm(row);
    if (!e->has_modrm)
        return;
    e->reg = (u8)((row->ext & BIT(3)) ? row->ext & 7 : result_reg(g, e->rex & 4));
    e->mem = (row->ext & X_MEM) || (!(row->ext & X_MOD3) && one_in(g->r, 2));
    if (row_has(row, OP_Rv, OP_Rw) || row_has(row, OP_Nq, OP_Nq) || row_has(row, OP_Udq, OP_Ux))
        e->mem = false;
    if (row_has(row, OP_M, OP_My) || row_has(row, OP_Mps, OP_Mvq) || row_has(row, OP_Mf32, OP_Mxs))
        e->mem = true;
    e->rm = (u8)((row->ext & BIT(7)) ? (row->ext >> 4) & 7 : result_reg(g, e->rex & 1));
    e->at = target(g->r);
}

static void encode_opcode(struct gen *g, struct encoding *e)
{
    const struct row *row = e->row;
    if (row->map != MAP_1B && !map_is_vex(row->map))
        emit(e, 0x0f, 1);
    if (row->map == MAP_38 || row->map == MAP_3A)
        emit(e, row->map == MAP_38 ? 0x38 : 0x3a, 1);
    emit(e, row->op | ((row->attr & A_PLUSR) ? result_reg(g, e->rex & 1) : 0), 1);
}

static u64 some_immediate(struct gen *g, const struct encoding *e)
{
    if (row_named(e->row, "int"))
        return below(g->r, 0x80);
    if (row_named(e->row, "enter"))
        return one_in(g->r, 3) ? edge(g->r) : below(g->r, 16);
    return one_in(g->r, 4) ? edge(g->r) : rnd(g->r);
}

static unsigned immediate_bytes(unsigned operand, unsigned size)
{
    switch (operand) {
    case OP_Ib:
    case OP_sIb:
    case OP_Lx:
        return 1;
    case OP_Iw:
        return 2;
    case OP_Iz:
        return size == 2 ? 2 : 4;
    case OP_Iv:
        return size;
    default:
        return 0;
    }
}

static unsigned program_offset(const struct gen *g, const struct encoding *e)
{
    return (unsigned)(e->out - g->p->bytes) + e->n;
}

static void encode_immediate(struct gen *g, struct encoding *e, unsigned operand)
{
    unsigned bytes = immediate_bytes(operand, e->size), rel = operand == OP_Jb   ? 1
                                                              : operand == OP_Jz ? (e->size == 2 ? 2 : 4)
                                                                                 : 0;
    if (bytes) {
        if (!row_named(e->row, "int")) {
            g->imm[g->p->n].at = (u8)program_offset(g, e);
            g->imm[g->p->n].bytes = (u8)bytes;
        }
        emit(e, some_immediate(g, e), bytes);
    } else if (rel) {
        if (!one_in(g->r, 24))
            add_fix(g, FIX_REL, program_offset(g, e), rel, g->s->sel[CS]);
        emit(e, rnd(g->r), rel);
    } else if (operand == OP_Ob || operand == OP_Ov) {
        emit(e, e->at - segment_base(g, e->seg >= 0 ? (unsigned)e->seg : DS), e->asize);
    } else if (operand == OP_Ap) {
        static const u16 far[] = { USER_CS32, USER_CS64 };
        u16 cs = one_in(g->r, 2) ? g->s->sel[CS] : one_in(g->r, 2) ? far[below(g->r, 2)] : some_selector(g);
        add_fix(g, FIX_CODE, program_offset(g, e), e->size == 2 ? 2 : 4, cs);
        emit(e, 0, e->size == 2 ? 2 : 4);
        emit(e, cs, 2);
    }
}

static void gen_insn(struct gen *g, const struct row *row)
{
    struct program *p = g->p;
    struct encoding e = { .row = row, .seg = -1, .out = p->bytes + p->len };
    p->start[p->n] = (u8)p->len;
    p->row[p->n] = (u16)(row - cpu_rows);
    p->pushes_flags[p->n] = row_named(row, "pushf");
    bool locked = one_in(g->r, (row->attr & A_LOCK) ? 8 : 200);
    e.at = target(g->r);
    if (map_is_vex(row->map))
        encode_vex_prefixes(g, &e);
    else
        encode_prefixes(g, &e, locked);
    choose_modrm(g, &e);
    if (locked || row_named(row, "xchg"))
        e.at &= ~15ull; /* a locked access across lines would hold the whole host up */
    prepare_implicit(g, &e);
    prepare_operand(g, &e);
    encode_opcode(g, &e);
    if (e.mem)
        encode_memory(g, &e);
    else if (e.has_modrm)
        emit(&e, 0xc0u | (u64)e.reg << 3 | e.rm, 1);
    for (unsigned k = 0; k < ROW_OPERANDS; k++)
        encode_immediate(g, &e, row->operand[k]);
    p->len += e.n;
    p->n++;
}

/* ---- stores into the program ---- */

/* MOV [an immediate of this program, or the opcode of an addition and its like], imm8. */
static void gen_self_store(struct gen *g)
{
    struct program *p = g->p;
    u8 *out = p->bytes + p->len;
    static const u8 form64[] = { 0xc6, 0x04, 0x25 }, form32[] = { 0xc6, 0x05 }, form16[] = { 0x67, 0xc6, 0x05 };
    const u8 *form = p->mode == CODE64 ? form64 : p->mode == CODE32 ? form32 : form16;
    unsigned n = p->mode == CODE32 ? 2 : 3;
    p->start[p->n] = (u8)p->len;
    p->row[p->n] = UINT16_MAX;
    p->pushes_flags[p->n] = false;
    memcpy(out, form, n);
    put_le32(out + n, 0);
    out[n + 4] = (u8)rnd(g->r);
    p->len += n + 5;
    p->n++;
}

static void aim_self_store(struct gen *g, unsigned i)
{
    struct program *p = g->p;
    unsigned j = below(g->r, p->n), end = i + 1 < p->n ? p->start[i + 1] : p->len;
    u8 *operand = p->bytes + end - 5, op = p->bytes[p->start[j]];
    u32 at = p->at + p->len + 8 + below(g->r, 16); /* the pad behind the program */
    if (g->imm[j].bytes) {
        at = p->at + g->imm[j].at + below(g->r, g->imm[j].bytes);
    } else if (p->row[j] != UINT16_MAX && op < 0x40 && (op & 7) < 6) {
        at = p->at + p->start[j];
        operand[4] = (u8)((op & 7) | below(g->r, 8) << 3);
    }
    put_le32(operand, at - (p->mode == CODE64 ? 0 : sel_base(g->s->sel[DS])));
}

/* ---- branch targets ---- */

static void apply_fix(struct gen *g, const struct fix *f)
{
    struct program *p = g->p;
    unsigned next = f->insn + 1, to;
    if (f->cs != g->s->sel[CS] || one_in(g->r, 4))
        to = p->len + below(g->r, 3);
    else if (one_in(g->r, 8))
        to = p->start[below(g->r, p->n)];
    else
        to = p->start[next + below(g->r, p->n - f->insn)];
    u64 ip = p->at + to - sel_base(f->cs);
    unsigned after = f->insn + 1 < p->n ? p->start[f->insn + 1] : p->len;
    switch (f->kind) {
    case FIX_REL:
        ip = (u64)((s64)to - (s64)after); /* fall through */
    case FIX_CODE:
        for (unsigned i = 0; i < f->bytes; i++)
            p->bytes[f->where + i] = (u8)(ip >> (8 * i));
        break;
    case FIX_DATA:
        store_data(g, MEM_DATA + f->where, ip, f->bytes);
        break;
    case FIX_REG:
        g->s->r[f->where] = p->mode == CODE64 ? ip : (u32)ip;
        break;
    }
}

/* ---- the program ---- */

static u16 data_selector(struct gen *g, bool stack)
{
    static const u8 stacks[] = { LDT_DATA32, LDT_STACK16, LDT_BASED, LDT_DOWN32, LDT_DOWN16 };
    static const u8 datas[] = { LDT_DATA32, LDT_STACK16,   LDT_BASED,  LDT_DOWN32,
                                LDT_DOWN16, LDT_READ_ONLY, LDT_CODE32, LDT_BASED };
    if (!g->caps->ldt || !one_in(g->r, g->p->mode == CODE16 ? 6 : 2))
        return g->p->mode == CODE16 && g->caps->ldt ? LDT_SEL(LDT_STACK16) : USER_DATA;
    return stack ? LDT_SEL(stacks[below(g->r, 5)]) : LDT_SEL(datas[below(g->r, 8)]);
}

static void choose_segments(struct gen *g)
{
    static const u64 bases[] = {
        0, 0x1000, UINT64_MAX - 0xfff, 0x123, MEM_DATA, 0x7f0000000000, 0x80000000, 0xffffffff
    };
    struct state *s = g->s;
    enum code_mode mode = g->p->mode;
    for (unsigned seg = 0; seg < SEG_COUNT; seg++)
        s->sel[seg] = mode == CODE64 ? USER_DATA : data_selector(g, seg == SS);
    s->sel[CS] = mode == CODE64 ? USER_CS64 : mode == CODE32 ? USER_CS32 : LDT_SEL(below(g->r, 2));
    if (mode == CODE32 && g->caps->ldt && one_in(g->r, 4))
        s->sel[CS] = LDT_SEL(LDT_CODE32);
    if (mode == CODE64 || one_in(g->r, 4))
        s->sel[GS] = 0;
    if (mode == CODE64 || one_in(g->r, 4) || !g->caps->fsgsbase)
        s->sel[FS] = 0;
    s->fs_base = g->caps->fsgsbase && mode == CODE64 ? bases[below(g->r, ARRAY_LEN(bases))] : 0;
    s->gs_base = g->caps->fsgsbase && mode == CODE64 ? bases[below(g->r, ARRAY_LEN(bases))] : 0;
}

static void place(struct gen *g)
{
    struct program *p = g->p;
    p->at = MEM_CODE + 0x200 + below(g->r, 0x600);
    if (one_in(g->r, 8))
        p->at = MEM_CODE + 0x1000 - below(g->r, 24);
    else if (one_in(g->r, 16) || (g->s->sel[CS] == LDT_SEL(LDT_CODE16_END) && one_in(g->r, 3)))
        p->at = MEM_CODE + MEM_CODE_SIZE - 1 - below(g->r, 24);
    else if (g->s->sel[CS] == LDT_SEL(LDT_CODE32) && one_in(g->r, 3))
        p->at = sel_base(LDT_SEL(LDT_CODE32)) + ldt_segments[LDT_CODE32].limit - below(g->r, 16);
    p->cs_base = sel_base(g->s->sel[CS]);
    g->s->rip = p->at - p->cs_base;
    u64 sp = MEM_DATA + 0x600 + (one_in(g->r, 4) ? rnd(g->r) % 64 : rnd(g->r) % 64 & ~7ull);
    if (one_in(g->r, 16))
        sp = target(g->r);
    g->s->r[RSP] = sp - segment_base(g, SS);
    if (p->mode != CODE64)
        g->s->r[RSP] = (u32)g->s->r[RSP];
    if (g->s->sel[SS] == LDT_SEL(LDT_STACK16) && one_in(g->r, 4))
        g->s->r[RSP] |= 0x12340000;
    g->set_regs = BIT(RSP);
}

/* Longer programs keep pointers in these. */
static void keep_pointers(struct gen *g)
{
    static const u8 kept[] = { RBX, RBP, RSI, RDI, R11, R13, R14, R15 };
    for (unsigned i = 0; i < ARRAY_LEN(kept); i++) {
        unsigned seg = kept[i] == RBP ? SS : kept[i] == RDI ? ES : DS;
        g->s->r[kept[i]] = target(g->r) - segment_base(g, seg);
        if (g->p->mode != CODE64)
            g->s->r[kept[i]] = (u32)g->s->r[kept[i]];
        g->set_regs |= BIT(kept[i]);
    }
}

static const struct row *choose_row(struct gen *g, const char *mnemonic, bool general)
{
    for (;;) {
        const struct row *row = &cpu_rows[below(g->r, cpu_row_count)];
        if (!row_usable(row, g->p->mode, g->caps) || (mnemonic && !row_named(row, mnemonic)))
            continue;
        if (general && !mnemonic && (row->attr & (A_SSE | A_MMX | A_FPU | A_AVX)) && !one_in(g->r, 3))
            continue;
        return row;
    }
}

static bool holds_step_back(const struct row *row)
{
    return (row->operand[0] == OP_Sw || (row_named(row, "pop") && row->operand[0] == OP_SS));
}

static void add_nop(struct gen *g)
{
    struct program *p = g->p;
    p->start[p->n] = (u8)p->len;
    p->row[p->n] = UINT16_MAX;
    p->pushes_flags[p->n++] = false;
    p->bytes[p->len++] = 0x90;
}

void gen_program(struct rng *r, const struct host_caps *caps, enum code_mode mode, const char *mnemonic,
                 unsigned max_insns, struct state *s, struct program *p)
{
    struct gen g = { .r = r, .s = s, .p = p, .caps = caps };
    unsigned n = max_insns == 1 || one_in(r, 2) ? 1 : 2 + below(r, max_insns - 1);
    memset(p, 0, offsetof(struct program, bytes));
    memset(p->bytes, PAD_BYTE, sizeof p->bytes);
    p->mode = mode;
    random_state(r, s);
    choose_segments(&g);
    place(&g);
    if (n > 1)
        keep_pointers(&g);
    if (mode != CODE64)
        for (unsigned i = 0; i < 16; i++)
            s->r[i] = i < 8 ? (u32)s->r[i] : 0;
    g.steady = n > 1;
    while (p->n < n && p->len < PROGRAM_BYTES - 72) {
        const struct row *row = choose_row(&g, p->n == n - 1 || one_in(r, 4) ? mnemonic : NULL, n > 1);
        if (n > 1 && one_in(r, 12)) {
            gen_self_store(&g);
            continue;
        }
        if ((row_must_be_last(row) && p->n < n - 1) || (row_must_be_first(row) && p->n))
            continue;
        gen_insn(&g, row);
        if (holds_step_back(row))
            add_nop(&g);
    }
    p->start[p->n] = (u8)p->len;
    for (unsigned i = 0; i < p->n; i++)
        if (p->row[i] == UINT16_MAX && p->bytes[p->start[i]] != 0x90)
            aim_self_store(&g, i);
    for (unsigned i = 0; i < g.fixes; i++)
        apply_fix(&g, &g.fix[i]);
    if (s->flags & FL_DF)
        s->flags &= ~FL_DF;
    s->flags |= one_in(r, 4) ? FL_DF : 0;
}
