#include "gen.h"

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
    e->at = some_target(g);
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
            g->imm[g->p->n].at = (u16)program_offset(g, e);
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
        u16 cs = some_cs(g);
        add_fix(g, FIX_CODE, program_offset(g, e), e->size == 2 ? 2 : 4, cs);
        emit(e, 0, e->size == 2 ? 2 : 4);
        emit(e, cs, 2);
    }
}

static void gen_insn(struct gen *g, const struct row *row)
{
    struct program *p = g->p;
    struct encoding e = { .row = row, .seg = -1, .out = p->bytes + p->len, .at = some_target(g) };
    p->start[p->n] = (u16)p->len;
    p->row[p->n] = (u16)(row - cpu_rows);
    bool locked = one_in(g->r, (row->attr & A_LOCK) ? 8 : 200);
    if (map_is_vex(row->map))
        encode_vex_prefixes(g, &e);
    else
        encode_prefixes(g, &e, locked);
    choose_modrm(g, &e);
    if (locked || row_named(row, "xchg"))
        e.at &= ~15ull; /* a locked access across lines would hold the whole host up */
    if (row_has(row, OP_Mxs, OP_Mxs) && !one_in(g->r, 12))
        e.at &= ~63ull;
    prepare_implicit(g, &e);
    prepare_operand(g, &e);
    encode_opcode(g, &e);
    if (e.mem)
        encode_memory(g, &e);
    else if (e.has_modrm)
        emit(&e, 0xc0u | (u64)e.reg << 3 | e.rm, 1);
    for (unsigned k = 0; k < ROW_OPERANDS; k++)
        encode_immediate(g, &e, row->operand[k]);
    if (e.has_modrm)
        e.form |= e.mem ? FORM_MEM : FORM_REG;
    p->form[p->n] = e.form;
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
    p->start[p->n] = (u16)p->len;
    p->row[p->n] = NO_ROW;
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
    } else if (p->row[j] != NO_ROW && op < 0x40 && (op & 7) < 6) {
        at = p->at + p->start[j];
        operand[4] = (u8)((op & 7) | below(g->r, 8) << 3);
        p->changed |= BIT(j);
    }
    put_le32(operand, at - (p->mode == CODE64 ? 0 : sel_base(g->s->sel[DS])));
}

/* ---- branch targets ---- */

static void apply_fix(struct gen *g, const struct fix *f)
{
    struct program *p = g->p;
    unsigned next = f->insn + 1, to;
    if (f->cs != g->s->sel[CS])
        to = p->len + 8 + below(g->r, 3); /* behind the way out, which is of this code size */
    else if (one_in(g->r, 4))
        to = p->len + (one_in(g->r, 2) ? 0 : 8 + below(g->r, 3));
    else if (one_in(g->r, f->kind == FIX_REL ? 24 : 200)) /* a loop, and mostly one without end */
        to = p->start[below(g->r, p->n)];
    else
        to = p->start[next + below(g->r, p->n - f->insn)];
    if (g->xsave_first && to == p->start[0]) /* EDX:EAX may have changed */
        to = p->len;
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

u64 some_target(struct gen *g)
{
    u64 at = target(g->r);
    refresh_data(g->r, g->data, at);
    return at;
}

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
    /* Within the limit of its segment: the jump to it belongs to us. */
    if (one_in(g->r, 8))
        p->at = MEM_CODE + 0x1000 - below(g->r, 24);
    else if (g->s->sel[CS] != LDT_SEL(LDT_CODE32) && one_in(g->r, g->s->sel[CS] == LDT_SEL(LDT_CODE16_END) ? 3 : 16))
        p->at = MEM_CODE + MEM_CODE_SIZE - 1 - below(g->r, 24);
    else if (g->s->sel[CS] == LDT_SEL(LDT_CODE32) && one_in(g->r, 3))
        p->at = sel_base(LDT_SEL(LDT_CODE32)) + ldt_segments[LDT_CODE32].limit - below(g->r, 16);
    g->s->rip = p->at - sel_base(g->s->sel[CS]);
    u64 sp = MEM_DATA + 0x600 + (one_in(g->r, 4) ? rnd(g->r) % 64 : rnd(g->r) % 64 & ~7ull);
    if (one_in(g->r, 16))
        sp = some_target(g);
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
        g->s->r[kept[i]] = some_target(g) - segment_base(g, seg);
        if (g->p->mode != CODE64)
            g->s->r[kept[i]] = (u32)g->s->r[kept[i]];
        g->set_regs |= BIT(kept[i]);
    }
}

/* What stands around the row that is to be tested. */
static const struct row *filling_row(struct gen *g)
{
    for (;;) {
        unsigned n = below(g->r, cpu_row_count);
        const struct row *row = &cpu_rows[n];
        if (row_usable(n, g->p->mode) &&
            (!(row->attr & (A_SSE | A_MMX | A_FPU | A_AVX)) || g->vectors || one_in(g->r, 12)))
            return row;
    }
}

/* Room for one more instruction and what stores into the program need behind it. */
static bool has_room(const struct program *p)
{
    return p->n < PROGRAM_INSNS - 1 && p->len + 40 < PROGRAM_BYTES;
}

static void gen_sequence(struct gen *g, const struct row *tested, unsigned n)
{
    struct program *p = g->p;
    unsigned place = row_must_be_first(tested) ? 0 : row_must_be_last(tested) ? n - 1 : below(g->r, n);
    for (unsigned i = 0; i < n && has_room(p); i++) {
        const struct row *row = i == place ? tested : filling_row(g);
        if (i != place && (row_must_be_last(row) || row_must_be_first(row)))
            continue;
        if (i != place && one_in(g->r, 12))
            gen_self_store(g);
        else
            gen_insn(g, row);
    }
}

/* Other instructions may have laid their operand over the header: no component of it that only the host has. */
static void keep_header(struct gen *g)
{
    for (u64 at = g->xsave_at + 512; at < g->xsave_at + 528; at += 8)
        if (at >= MEM_DATA && at + 8 <= MEM_DATA + MEM_DATA_SIZE) {
            u8 *p = g->data + (at - MEM_DATA);
            put_le64(p, get_le64(p) & ~(g->caps->xcr0 & ~(u64)OUR_COMPONENTS));
        }
}

static void finish(struct gen *g)
{
    struct program *p = g->p;
    p->start[p->n] = (u16)p->len;
    for (unsigned i = 0; i < p->n; i++)
        if (p->row[i] == NO_ROW)
            aim_self_store(g, i);
    for (unsigned i = 0; i < g->fixes; i++)
        apply_fix(g, &g->fix[i]);
    if (g->xsave_first) {
        g->s->r[RAX] = g->xsave_rax;
        g->s->r[RDX] = g->xsave_rdx;
        keep_header(g);
    }
    g->s->flags &= ~FL_DF;
    g->s->flags |= one_in(g->r, 4) ? FL_DF : 0;
}

void gen_trial(struct rng *r, const struct host_caps *caps, enum code_mode mode, const struct row *row,
               unsigned max_insns, struct trial *t)
{
    struct gen g = { .r = r, .s = &t->s, .p = &t->p, .data = t->data, .caps = caps };
    unsigned n = max_insns == 1 || one_in(r, 2) ? 1 : 2 + below(r, max_insns - 1);
    memset(&t->p, 0, sizeof t->p);
    memset(&t->s, 0, sizeof t->s);
    t->p.mode = mode;
    random_state(r, &t->s, t->data);
    choose_segments(&g);
    place(&g);
    if (n > 1)
        keep_pointers(&g);
    if (mode != CODE64)
        for (unsigned i = 0; i < 16; i++)
            t->s.r[i] = i < 8 ? (u32)t->s.r[i] : 0;
    g.steady = n > 1;
    g.vectors = one_in(r, 3);
    gen_sequence(&g, row, n);
    finish(&g);
}
