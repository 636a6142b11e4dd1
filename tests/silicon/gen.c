#include "gen.h"

u64 rnd(struct rng *r)
{
    u64 z = (r->s += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static u64 edge(struct rng *r)
{
    static const u64 edges[] = { 0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff,
                                 0x7fffffffffffffff, 0x8000000000000000, UINT64_MAX, UINT64_MAX - 1, 0x10, 0x1f, 0x20, 0x3f, 0x40 };
    u64 k = rnd(r);
    if (k % 4)
        return rnd(r) >> (rnd(r) % 64);
    return edges[(k >> 8) % ARRAY_LEN(edges)];
}

static u64 edge_double(struct rng *r)
{
    static const u64 edges[] = { 0, 0x8000000000000000, 0x3ff0000000000000, 0xbff0000000000000, 0x7ff0000000000000,
                                 0xfff0000000000000, 0x7ff8000000000000, 0x7ff0000000000001, 1, 0x000fffffffffffff,
                                 0x0010000000000000, 0x7fefffffffffffff, 0x41dfffffffc00000, 0xc1e0000000000000,
                                 0x43e0000000000000, 0xfff7ffffffffffff, 0x3fe0000000000000, 0x4008000000000000 };
    u64 k = rnd(r);
    return k % 3 ? (rnd(r) & 0x800fffffffffffff) | ((u64)(0x3e0 + rnd(r) % 0x40) << 52) : edges[(k >> 8) % ARRAY_LEN(edges)];
}

static u32 edge_float(struct rng *r)
{
    static const u32 edges[] = { 0, 0x80000000, 0x3f800000, 0xbf800000, 0x7f800000, 0xff800000, 0x7fc00000, 0x7f800001, 1,
                                 0x007fffff, 0x00800000, 0x7f7fffff, 0x4effffff, 0xcf000000, 0x5f000000, 0x3f000000, 0x40400000 };
    u64 k = rnd(r);
    return k % 3 ? (u32)((rnd(r) & 0x807fffff) | ((0x70 + rnd(r) % 0x20) << 23)) : edges[(k >> 8) % ARRAY_LEN(edges)];
}

static void fill_vector(struct rng *r, u8 *p)
{
    switch (rnd(r) % 4) {
    case 0:
        for (unsigned i = 0; i < 16; i += 8)
            put_le64(p + i, edge_double(r));
        break;
    case 1:
        for (unsigned i = 0; i < 16; i += 4)
            put_le32(p + i, edge_float(r));
        break;
    default:
        for (unsigned i = 0; i < 16; i += 8)
            put_le64(p + i, edge(r));
    }
}

static void fill_x87(struct rng *r, u8 *fx)
{
    static const u16 exps[] = { 0, 1, 0x3fff, 0x7ffe, 0x7fff, 0x3ffe, 0x4000, 0x403e, 0x3fbf };
    u16 cw = (u16)(0x37f | ((rnd(r) & 3) << 10) | (rnd(r) & 1 ? 0 : 0));
    put_le16(fx, cw);
    put_le16(fx + 2, (u16)((rnd(r) & 7) << 11 | (rnd(r) & 0x4700)));
    fx[4] = rnd(r) % 4 ? 0xff : (u8)rnd(r);
    for (unsigned i = 0; i < 8; i++) {
        u64 k = rnd(r);
        u16 e = k % 3 ? (u16)(0x3fe0 + (k >> 8) % 64) : exps[(k >> 8) % ARRAY_LEN(exps)];
        u64 m = e ? rnd(r) | 1ull << 63 : rnd(r) & ~(1ull << 63);
        if (k % 5 == 0)
            m = e ? 1ull << 63 : 0;
        put_le64(fx + 32 + 16 * i, m);
        put_le16(fx + 40 + 16 * i, (u16)(e | (rnd(r) & 1) << 15));
    }
}

static void fill_state(struct rng *r, struct state *s)
{
    memset(s->fx, 0, sizeof s->fx);
    for (unsigned i = 0; i < 16; i++)
        s->r[i] = edge(r);
    s->flags = (u32)rnd(r) & 0x8d5u;
    for (unsigned i = 0; i < MEM_DATA_SIZE; i += 16)
        fill_vector(r, s->data + i);
    fill_x87(r, s->fx);
    put_le32(s->fx + 24, 0x1f80 | (u32)(rnd(r) % 4) << 13 | (rnd(r) % 8 ? 0 : 0x8040u & (u32)rnd(r)));
    for (unsigned i = 0; i < 16; i++)
        fill_vector(r, s->fx + 160 + 16 * i);
}

bool gen_usable(const struct row *row, unsigned bits)
{
    static const char *const no[] = { "cpuid", "rdtsc", "rdtscp", "rdrand", "rdseed", "rdpmc", "rdpid", "xgetbv", "xsetbv", "syscall", "sysenter",
        "sysret", "sysexit", "in", "out", "ins", "outs", "insb", "outsb", "insd", "int", "int3", "into", "icebp", "int1", "iret", "hlt", "cli", "sti", "popf",
        "pushf", "sgdt", "sidt", "sldt", "str", "smsw", "lgdt", "lidt", "lldt", "ltr", "lmsw", "lar", "lsl", "verr", "verw", "arpl", "lds", "les",
        "lss", "lfs", "lgs", "rdfsbase", "rdgsbase", "wrfsbase", "wrgsbase", "swapgs", "monitor", "mwait", "ud0", "ud1", "ud2", "xsave", "xrstor", "xsaveopt",
        "fxsave", "fxrstor", "rsm", "clac", "stac", "invpcid", "enter", "maskmovq", "maskmovdqu", "bound", "fnsave", "frstor", "fnstenv", "fldenv",
        "fsave", "fstenv", "ldmxcsr", "pusha", "popa", "vmcall", "clflushopt", "prefetchw", "prefetch" };
    if ((bits == 64 && (row->attr & A_NO64)) || (bits == 32 && (row->attr & A_ONLY64)) || (row->attr & (A_CPL0 | A_END | A_JUMP)))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(no); i++)
        if (!strcmp(row->mnemonic, no[i]))
            return false;
    for (unsigned k = 0; k < 3; k++)
        switch (row->operand[k]) {
        case OP_Sw: case OP_ES: case OP_CS: case OP_SS: case OP_DS: case OP_FS: case OP_GS: case OP_Cy: case OP_Dy: case OP_Ap: case OP_Mp:
            return false;
        default: break;
        }
    return true;
}

static bool has(const struct row *row, unsigned first, unsigned last)
{
    for (unsigned k = 0; k < 3; k++)
        if (row->operand[k] >= first && row->operand[k] <= last)
            return true;
    return false;
}

static bool wants_modrm(const struct row *row)
{
    return (row->ext & (X_REG(0) | X_RM(0) | X_MEM | X_MOD3)) || has(row, OP_Eb, OP_Ry) || has(row, OP_Rw, OP_Rw) || has(row, OP_Sw, OP_Dy) ||
           has(row, OP_Pd, OP_Uq) || has(row, OP_STi, OP_Mxs);
}

static unsigned imm_bytes(const struct row *row, unsigned k, bool op16, bool w)
{
    switch (row->operand[k]) {
    case OP_Ib: case OP_sIb: case OP_Jb: return 1;
    case OP_Iw: return 2;
    case OP_Iz: return op16 ? 2 : 4;
    case OP_Iv: return w ? 8 : op16 ? 2 : 4;
    default: return 0;
    }
}

static u64 target(struct rng *r)
{
    u64 k = rnd(r) % 16;
    if (k == 0)
        return MEM_DATA + MEM_DATA_SIZE - 1 - rnd(r) % 20; /* across the end of what is mapped */
    if (k == 1)
        return MEM_DATA + 0x1000 - rnd(r) % 20; /* across a page */
    return MEM_DATA + 0x800 + (rnd(r) % 0x400 & (rnd(r) % 3 ? ~15ull : ~0ull));
}

static size_t memory(struct rng *r, unsigned bits, struct state *s, u8 modreg, u8 rex, u8 *p)
{
    size_t n = 0;
    unsigned mod = (unsigned)rnd(r) % 3, rm = (unsigned)rnd(r) & 7;
    u64 at = target(r);
    if (bits == 64 && mod == 0 && rm == 5)
        rm = 6;
    p[n++] = (u8)(mod << 6 | modreg << 3 | rm);
    unsigned base = rm | (rex & 1 ? 8 : 0), index = 99, scale = 0;
    if (rm == 4) {
        unsigned i = (unsigned)rnd(r) & 7, b = (unsigned)rnd(r) & 7;
        scale = (unsigned)rnd(r) & 3;
        p[n++] = (u8)(scale << 6 | i << 3 | b);
        base = b | (rex & 1 ? 8 : 0);
        index = i | (rex & 2 ? 8 : 0);
        if (index == 4)
            index = 99;
        if (b == 5 && mod == 0)
            base = 99;
    } else if (mod == 0 && rm == 5) {
        base = 99;
    }
    s64 disp = 0;
    if (mod == 1) {
        disp = (s8)rnd(r);
        p[n++] = (u8)disp;
    } else if (mod == 2 || base == 99) {
        disp = base == 99 ? 0 : (s32)rnd(r) >> (rnd(r) % 28);
        if (index != 99 && base == 99)
            s->r[index] = rnd(r) % 0x400;
        if (base == 99)
            disp = (s64)(at - (index != 99 ? s->r[index] << scale : 0));
        put_le32(p + n, (u32)disp);
        n += 4;
    }
    if (base != 99) {
        if (index == base) {
            s->r[base] = (at - (u64)disp) / ((1u << scale) + 1);
            return n;
        }
        s->r[base] = at - (u64)disp - (index != 99 ? s->r[index] << scale : 0);
    }
    if (bits == 32 && base != 99)
        s->r[base] = (u32)s->r[base];
    return n;
}

size_t gen_insn(struct rng *r, const struct row *row, unsigned bits, struct state *s, u8 *code)
{
    size_t n = 0;
    bool op16 = false;
    u8 rex = 0;
    fill_state(r, s);
    if (bits == 32)
        for (unsigned i = 0; i < 16; i++)
            s->r[i] = i < 8 ? (u32)s->r[i] : 0;
    if (row->ext & X_66)
        op16 = true;
    if ((row->ext & (X_66 | X_NP)) == (X_66 | X_NP))
        op16 = rnd(r) & 1;
    if (!(row->ext & X_PREFIXES) && rnd(r) % 4 == 0)
        op16 = true;
    if (op16)
        code[n++] = 0x66;
    if ((row->ext & X_PREFIXES) == X_F3 || ((row->attr & A_REP) && rnd(r) % 3 == 0))
        code[n++] = 0xf3;
    else if ((row->ext & X_PREFIXES) == X_F2 || ((row->attr & A_REP) && rnd(r) % 3 == 0))
        code[n++] = 0xf2;
    if (bits == 64) {
        rex = rnd(r) & 1 ? (u8)(0x40 | (rnd(r) & 15)) : 0;
        if (row->ext & X_W1)
            rex |= 0x48;
        if (row->ext & X_W0)
            rex &= 0xf7;
        if (rex)
            code[n++] = rex;
    }
    if (row->map != MAP_1B)
        code[n++] = 0x0f;
    if (row->map >= MAP_38)
        code[n++] = row->map == MAP_38 ? 0x38 : 0x3a;
    code[n++] = (u8)(row->op | ((row->attr & A_PLUSR) ? rnd(r) & 7 : 0));
    if (row->attr & A_REP) { /* strings: pointers into the data, a small count */
        s->r[RSI] = target(r);
        s->r[RDI] = target(r);
        s->r[RCX] = rnd(r) % 24;
        if (rnd(r) % 2)
            s->flags |= 0x400;
    }
    if (!strcmp(row->mnemonic, "xlat"))
        s->r[RBX] = target(r);
    if (has(row, OP_Zv, OP_Zv) || !strcmp(row->mnemonic, "push") || !strcmp(row->mnemonic, "pop"))
        s->r[RSP] = MEM_DATA + 0x600 + rnd(r) % 64;
    if (!strcmp(row->mnemonic, "leave"))
        s->r[RBP] = target(r);
    if (wants_modrm(row)) {
        u8 reg = (u8)((row->ext & BIT(3)) ? row->ext & 7 : rnd(r) & 7);
        bool mem = (row->ext & X_MEM) || (!(row->ext & X_MOD3) && rnd(r) % 2);
        if (has(row, OP_Rv, OP_Rw) || has(row, OP_Nq, OP_Nq) || has(row, OP_Udq, OP_Uq))
            mem = false;
        if (has(row, OP_M, OP_My) || has(row, OP_Mps, OP_Mpd) || has(row, OP_Mf32, OP_Mxs))
            mem = true;
        if (mem)
            n += memory(r, bits, s, reg, rex, code + n);
        else
            code[n++] = (u8)(0xc0 | reg << 3 | ((row->ext & BIT(7)) ? (row->ext >> 4) & 7 : rnd(r) & 7));
    }
    for (unsigned k = 0; k < 3; k++) {
        unsigned bytes = imm_bytes(row, k, op16 && !(row->ext & X_66), (rex & 8) != 0);
        for (unsigned i = 0; i < bytes; i++)
            code[n++] = (u8)(rnd(r) % 3 ? rnd(r) : rnd(r) % 2 ? 0 : 0xff);
        if (row->operand[k] == OP_Ob || row->operand[k] == OP_Ov) {
            u64 at = target(r);
            put_le64(code + n, at);
            n += bits == 64 ? 8 : 4;
        }
    }
    return n;
}
