#include "gen.h"

#define NO_REG 99u

u64 segment_base(const struct gen *g, unsigned seg)
{
    if (g->p->mode == CODE64)
        return seg == FS ? g->s->fs_base : seg == GS ? g->s->gs_base : 0;
    return sel_base(g->s->sel[seg]);
}

u64 address_mask(const struct encoding *e)
{
    return e->asize == 8 ? UINT64_MAX : e->asize == 4 ? 0xffffffff : 0xffff;
}

unsigned result_reg(struct gen *g, unsigned rex_bit)
{
    static const u8 free_regs[] = { RAX, RCX, RDX, RAX };
    unsigned n = below(g->r, 8);
    if (g->steady && !one_in(g->r, 12))
        n = rex_bit ? n & 3 : free_regs[n & 3];
    return n;
}

static unsigned operand_segment(const struct encoding *e, unsigned base)
{
    if (e->seg >= 0)
        return (unsigned)e->seg;
    return base == RBP || base == RSP ? SS : DS;
}

/* A register of an address gets its value, unless another address is made of it already. */
static void set_reg(struct gen *g, const struct encoding *e, unsigned reg, u64 value)
{
    if (reg == NO_REG || (g->set_regs & BIT(reg)))
        return;
    u64 mask = address_mask(e);
    bool clean = g->p->mode != CODE64 || one_in(g->r, 2);
    g->s->r[reg] = (value & mask) | (clean ? 0 : rnd(g->r) & ~mask);
    if (g->p->mode != CODE64) /* the upper bits of an address of 16 bits don't count */
        g->s->r[reg] = (u32)(g->s->r[reg] | (one_in(g->r, 2) ? rnd(g->r) & ~mask : 0));
    g->set_regs |= BIT(reg);
}

static u64 known(const struct gen *g, unsigned reg)
{
    return reg == NO_REG ? 0 : g->s->r[reg];
}

/* Registers and displacement such that base + (index << scale) + disp is `offset`; disp has been chosen unless it is
 * free. */
static u32 solve(struct gen *g, const struct encoding *e, u64 offset, unsigned base, unsigned index, unsigned scale,
                 s64 disp, bool free_disp)
{
    if (base == index && base != NO_REG && !free_disp)
        set_reg(g, e, base, (offset - (u64)disp) / ((1u << scale) + 1));
    if (index != NO_REG && !(g->set_regs & BIT(index)))
        set_reg(g, e, index, base == NO_REG || base == index ? below(g->r, 0x40) : edge(g->r));
    u64 rest = offset - (known(g, index) << scale);
    if (base != NO_REG && !(g->set_regs & BIT(base)))
        set_reg(g, e, base, rest - (u64)disp);
    else if (free_disp)
        disp = (s64)(rest - known(g, base));
    return (u32)disp;
}

static void encode_16(struct gen *g, struct encoding *e)
{
    static const u8 bases[8] = { RBX, RBX, RBP, RBP, RSI, RDI, RBP, RBX }, indexes[4] = { RSI, RDI, RSI, RDI };
    unsigned mod = g->steady ? 2 : below(g->r, 3), rm = below(g->r, 8);
    bool direct = mod == 0 && rm == 6;
    unsigned base = direct ? NO_REG : bases[rm], index = rm < 4 ? indexes[rm] : NO_REG;
    s64 disp = mod == 1 ? (s8)rnd(g->r) : mod == 2 ? (s16)rnd(g->r) : 0;
    u64 offset = e->at - segment_base(g, operand_segment(e, direct ? NO_REG : base));
    disp = (s32)solve(g, e, offset, base, index, 0, disp, direct || mod == 2);
    emit(e, mod << 6 | (u64)e->reg << 3 | rm, 1);
    if (mod == 1)
        emit(e, (u8)disp, 1);
    else if (direct || mod == 2)
        emit(e, (u16)disp, 2);
}

/* RBX, RBP, RSI, RDI (and R12 to R15 with REX.B but R12 wants a SIB) are kept for addresses in longer programs. */
static unsigned steady_rm(struct gen *g)
{
    static const u8 kept[] = { RBX, RBP, RSI, RDI };
    return kept[below(g->r, 4)];
}

static void encode_32(struct gen *g, struct encoding *e)
{
    unsigned mod = g->steady ? 2 : below(g->r, 3), rm = g->steady && !one_in(g->r, 6) ? steady_rm(g) : below(g->r, 8);
    unsigned rexb = e->rex & 1 ? 8 : 0, rexx = e->rex & 2 ? 8 : 0, base = rm | rexb, index = NO_REG, scale = 0;
    u8 sib = 0;
    if (rm == 4) {
        unsigned i = g->steady && !one_in(g->r, 4) ? 4 : below(g->r, 8), b = g->steady ? steady_rm(g) : below(g->r, 8);
        scale = below(g->r, 4);
        sib = (u8)(scale << 6 | i << 3 | b);
        base = b == 5 && mod == 0 ? NO_REG : b | rexb;
        index = (i | rexx) == RSP ? NO_REG : i | rexx;
    } else if (mod == 0 && rm == 5) {
        base = NO_REG;
    }
    bool wide = mod == 2 || base == NO_REG, rip = base == NO_REG && rm == 5 && g->p->mode == CODE64;
    s64 disp = mod == 1 ? (s8)rnd(g->r) : wide && base != NO_REG ? (s32)rnd(g->r) >> below(g->r, 28) : 0;
    u64 offset = e->at - segment_base(g, operand_segment(e, base));
    if (rip) /* counted from the end, of which immediates are a part: near enough */
        offset -= g->p->at + (u64)(e->out - g->p->bytes) + e->n + 5;
    disp = (s32)solve(g, e, offset, base, index, scale, disp, wide);
    emit(e, mod << 6 | (u64)e->reg << 3 | rm, 1);
    if (rm == 4)
        emit(e, sib, 1);
    if (mod == 1)
        emit(e, (u8)disp, 1);
    else if (wide)
        emit(e, (u32)disp, 4);
}

static u8 *vector_lane(struct gen *g, unsigned n, unsigned lane)
{
    return lane ? g->s->ymm[n] : g->s->fx + 160 + 16 * n;
}

/* A gather's indices lead near its target, mostly; half of the time every element is wanted. */
static void fill_gather(struct gen *g, const struct encoding *e, unsigned index)
{
    const unsigned bytes = row_has(e->row, OP_Mvd, OP_Mvd) ? 4 : 8;
    const bool all = one_in(g->r, 2);
    for (unsigned lane = 0; lane < 2; lane++) {
        if (all)
            memset(vector_lane(g, e->vvvv & (g->p->mode == CODE64 ? 15 : 7), lane), 0xff, 16);
        for (unsigned at = 0; at < 16; at += bytes) {
            u64 v = one_in(g->r, 40) ? edge(g->r) : (u64)((s64)(rnd(g->r) % 0x100) - 0x80);
            memcpy(vector_lane(g, index, lane) + at, &v, bytes);
        }
    }
}

static void encode_gather(struct gen *g, struct encoding *e)
{
    unsigned scale = below(g->r, 4), i = below(g->r, 8), b = g->steady ? steady_rm(g) : below(g->r, 8);
    unsigned base = b | (e->rex & 1 ? 8 : 0);
    u64 offset = e->at - segment_base(g, operand_segment(e, base));
    u32 disp = solve(g, e, offset, base, NO_REG, 0, (s32)rnd(g->r) >> below(g->r, 28), true);
    fill_gather(g, e, i | (e->rex & 2 ? 8 : 0));
    emit(e, 0x84 | (u64)e->reg << 3, 1);
    emit(e, scale << 6 | i << 3 | b, 1);
    emit(e, disp, 4);
}

void encode_memory(struct gen *g, struct encoding *e)
{
    if (e->asize != 2 && row_has(e->row, OP_Mvd, OP_Mvq))
        encode_gather(g, e);
    else if (e->asize == 2)
        encode_16(g, e);
    else
        encode_32(g, e);
}
