#include "gen.h"

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

static u16 prefix_forms(const struct prefixes *p, u8 rex)
{
    u16 form = rex & 8 ? FORM_REX | FORM_REXW : rex ? FORM_REX : 0;
    for (unsigned i = 0; i < p->n; i++)
        switch (p->byte[i]) {
        case 0x66:
            form |= FORM_66;
            break;
        case 0x67:
            form |= FORM_67;
            break;
        case 0xf0:
            form |= FORM_LOCK;
            break;
        case 0xf2:
            form |= FORM_F2;
            break;
        case 0xf3:
            form |= FORM_F3;
            break;
        default:
            form |= FORM_SEG;
        }
    return form;
}

void encode_prefixes(struct gen *g, struct encoding *e, bool locked)
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
    e->form |= prefix_forms(&p, e->rex);
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
    e->vvvv = (u8)choose_vvvv(g, e);
    u8 last = (u8)(choose_vex_bits(g, e) | (~e->vvvv & 15) << 3);
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

void encode_vex_prefixes(struct gen *g, struct encoding *e)
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
    e->form |= prefix_forms(&p, e->rex);
}
