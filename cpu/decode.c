/* decode.c: bytes to uops, by the rows of insn.def (SDM vol. 2, chapter 2). Everything that can be decided at decode
 * time is decided here: legality in this mode, privilege, LOCK, the handler for the operand form, width and kind of
 * address. */
#include "decode.h"
#include "model.h"

#include <assert.h>

static bool selects_by_modrm(const struct row *r)
{
    bool selects = (r->ext & (X_REG(7) | X_RM(7) | X_MEM | X_MOD3)) != 0;
    for (unsigned k = 0; k < ROW_OPERANDS; k++)
        selects = selects || operand_uses_modrm(r->operand[k]);
    return selects;
}

/* How many opcodes a row stands for, from r->op on. */
static unsigned opcodes_of(const struct row *r)
{
    return (r->attr & A_PLUSR) ? 8 : 1;
}

/* The rows of each opcode, in the table's order: counted, given their places, and put there. */
void decode_index_init(struct decode_index *ix)
{
    u16 next[MAPS][256], place = 0;
    memset(ix, 0, sizeof *ix);
    for (unsigned i = 0; i < cpu_row_count; i++)
        for (unsigned k = 0; k < opcodes_of(&cpu_rows[i]); k++) {
            const struct row *r = &cpu_rows[i];
            ix->count[r->map][r->op + k]++;
            ix->modrm[r->map][r->op + k] |= selects_by_modrm(r);
        }
    for (unsigned map = 0; map < MAPS; map++)
        for (unsigned op = 0; op < 256; op++) {
            ix->first[map][op] = next[map][op] = place;
            place = (u16)(place + ix->count[map][op]);
        }
    assert(place <= ARRAY_LEN(ix->list));
    for (unsigned i = 0; i < cpu_row_count; i++)
        for (unsigned k = 0; k < opcodes_of(&cpu_rows[i]); k++)
            ix->list[next[cpu_rows[i].map][cpu_rows[i].op + k]++] = (u16)i;
}

/* Prefixes, up to the first opcode byte. A REX that is not right before the opcode is ignored (SDM vol. 2, 2.2.1). */
static void take_prefixes(struct insn *in)
{
    for (;;) {
        u8 b = fetch8(in);
        if (in->short_of_bytes)
            return;
        switch (b) {
        case 0x26:
        case 0x2e:
        case 0x36:
        case 0x3e: /* ignored in 64-bit mode */
            if (!is64(in))
                in->seg = b == 0x26 ? ES : b == 0x2e ? CS : b == 0x36 ? SS : DS;
            break;
        case 0x64:
            in->seg = FS;
            break;
        case 0x65:
            in->seg = GS;
            break;
        case 0x66:
            in->opsize66 = true;
            break;
        case 0x67:
            in->addr67 = true;
            break;
        case 0xf0:
            in->lock = true;
            break;
        case 0xf2:
        case 0xf3:
            in->rep = b;
            break;
        default:
            if (is64(in) && (b & 0xf0) == 0x40) {
                in->rex = b;
                continue;
            }
            in->op = b;
            return;
        }
        in->rex = 0;
    }
}

/* C4 and C5 are LES and LDS outside 64-bit mode, unless what would be their ModRM names a register. */
static bool is_vex(struct insn *in)
{
    if ((in->op & 0xfe) != 0xc4)
        return false;
    if (in->pos >= in->avail)
        in->short_of_bytes = true;
    return is64(in) || (!in->short_of_bytes && in->p[in->pos] >= 0xc0);
}

/* C5 R.vvvv.L.pp, or C4 R.X.B.mmmmm W.vvvv.L.pp; R, X, B and vvvv are inverted (SDM vol. 2, 2.3.5). Outside 64-bit mode
 * B is ignored, and the top bit of a register in vvvv. */
static void take_vex(struct insn *in)
{
    static const u8 maps[32] = { [1] = MAP_V0F, [2] = MAP_V38, [3] = MAP_V3A };
    static const u8 rep[4] = { 0, 0, 0xf3, 0xf2 };
    in->no_insn = in->opsize66 || in->lock || in->rep || in->rex;
    in->vex = true;
    bool long_form = in->op == 0xc4;
    u8 first = fetch8(in), last = long_form ? fetch8(in) : first, map = long_form ? maps[first & 31] : MAP_V0F;
    in->rex = 0x40 | (long_form ? (~first >> 5 & 7) | (last >> 4 & 8) : (~first >> 5 & 4));
    in->vvvv = ~last >> 3 & 15;
    if (!is64(in))
        in->rex &= 0x48;
    in->l256 = last & 4;
    in->opsize66 = (last & 3) == 1;
    in->rep = rep[last & 3];
    in->no_insn |= map == 0;
    in->map = map;
    in->op = fetch8(in);
}

static void take_opcode(struct insn *in)
{
    in->map = MAP_1B;
    if (is_vex(in)) {
        take_vex(in);
        return;
    }
    if (in->op != 0x0f)
        return;
    in->op = fetch8(in);
    in->map = MAP_0F;
    if (in->op == 0x38 || in->op == 0x3a) {
        in->map = in->op == 0x38 ? MAP_38 : MAP_3A;
        in->op = fetch8(in);
    }
}

static bool row_matches(const struct row *r, const struct insn *in)
{
    u32 x = r->ext;
    if (is64(in) ? (r->attr & A_NO64) : (r->attr & A_ONLY64))
        return false;
    if ((x & BIT(3)) && (x & 7) != reg_of(in))
        return false;
    if ((x & BIT(7)) && ((x >> 4) & 7) != rm_of(in))
        return false;
    if (((x & X_MEM) && mod_of(in) == 3) || ((x & X_MOD3) && mod_of(in) != 3))
        return false;
    if (x & X_PREFIXES) {
        u32 have = in->rep == 0xf2 ? X_F2 : in->rep == 0xf3 ? X_F3 : in->opsize66 ? X_66 : X_NP;
        if (!(x & have))
            return false;
    }
    if (((x & X_W1) && !(in->rex & 8)) || ((x & X_W0) && (in->rex & 8)))
        return false;
    return !((x & X_L1) && !in->l256) && !((x & X_L0) && in->l256);
}

static const struct row *find_row(const struct cpu *c, const struct decode_index *ix, const struct insn *in)
{
    const u16 *list = &ix->list[ix->first[in->map][in->op]];
    for (unsigned i = 0; i < ix->count[in->map][in->op]; i++) {
        const struct row *r = &cpu_rows[list[i]];
        if (row_matches(r, in) && !((r->attr & A_OR_OLDER) && !cpu_has(c, r->since)))
            return r;
    }
    return NULL;
}

static bool is_dword_or_qword(unsigned operand)
{
    return operand == OP_Ey || operand == OP_Gy || operand == OP_My || operand == OP_Ry;
}

/* After VEX: general registers by W, which counts in 64-bit mode only; vectors by L. */
static unsigned vex_size(const struct insn *in, const struct row *r)
{
    bool general = false;
    for (unsigned k = 0; k < ROW_OPERANDS; k++)
        general = general || is_dword_or_qword(r->operand[k]);
    return general ? ((in->rex & 8) && is64(in) ? 3 : 2) : in->l256;
}

static void operand_size(struct insn *in, const struct row *r)
{
    bool w = (in->rex & 8) != 0;
    bool op66 = in->opsize66 && (r->ext & X_PREFIXES) != X_66;                /* there 66 is part of the opcode */
    if (is_dword_or_qword(r->operand[0]) || is_dword_or_qword(r->operand[1])) /* whatever 66 and CS.D say */
        op66 = !is64(in) && !(in->mode & MODE_32);
    if (in->vex)
        in->size = vex_size(in, r);
    else if (r->attr & A_BYTE)
        in->size = 0;
    else if (is64(in)) {
        if (r->attr & A_F64)
            in->size = 3;
        else if (r->attr & A_D64)
            in->size = op66 && !w ? 1 : 3;
        else
            in->size = w ? 3 : op66 ? 1 : 2;
    } else {
        in->size = (((in->mode & MODE_32) != 0) != op66) ? 2 : 1;
    }
    in->asize = address_size(in);
}

/* ---- legality and handler ---- */

/* CR and DR numbers that do not exist: #UD comes before the privilege check. */
static bool no_such_register(const struct row *r, const struct insn *in)
{
    unsigned n = reg_of(in) | rex_r(in);
    bool cr = r->operand[0] == OP_Cy || r->operand[1] == OP_Cy, dr = r->operand[0] == OP_Dy || r->operand[1] == OP_Dy;
    return (dr && n >= 8) || (cr && (n == 1 || n > 8 || (n > 4 && n < 8)));
}

/* Without a coprocessor its instructions do nothing: that is how it is looked for. */
static bool no_coprocessor(const struct cpu *c, const struct row *r)
{
    return r->since == F_FPU && !cpu_has(c, F_FPU);
}

/* Rules of the VEX prefix and of what AVX needs (SDM vol. 2, 2.4 and 2.8). */
static bool vex_forbidden(const struct cpu *c, const struct row *r, const struct insn *in)
{
    bool vvvv_used = false, pe = (in->mode & MODE_PE) && !(in->mode & MODE_VM);
    for (unsigned k = 0; k < ROW_OPERANDS; k++)
        vvvv_used = vvvv_used || operand_is_vvvv(r->operand[k]);
    if (!pe || (in->vvvv && !vvvv_used))
        return true;
    if ((r->attr & A_Y2) && in->l256 && !cpu_has(c, F_AVX2))
        return true;
    if (row_is_gather(r) && (rm_of(in) != 4 || in->asize == 0))
        return true;
    return (r->attr & A_AVX) && !(in->mode & MODE_AVX);
}

static exec_fn *forbidden(struct cpu *c, const struct row *r, const struct insn *in, const struct uop *u)
{
    u32 m = in->mode, a = r->attr;
    bool pe = (m & MODE_PE) && !(m & MODE_VM);
    unsigned cpl = (m >> MODE_CPL_SHIFT) & 3;
    if (in->lock && !((a & A_LOCK) && (u->flags & UF_MEM)))
        return op_ud;
    if (((a & A_PE) && !pe) || !(cpu_has(c, r->since) || no_coprocessor(c, r)) || no_such_register(r, in))
        return op_ud;
    if (in->vex && vex_forbidden(c, r, in))
        return op_ud;
    if ((a & A_CPL0) && cpl != 0)
        return op_gp0;
    if ((a & (A_MMX | A_SSE)) && (m & MODE_EM))
        return op_ud;
    if ((a & A_SSE) && !(m & MODE_OSFXSR))
        return op_ud;
    if (((a & (A_MMX | A_SSE | A_AVX)) && (m & MODE_TS)) || ((a & A_FPU) && (m & (MODE_EM | MODE_TS))))
        return op_nm;
    return NULL;
}

static enum stack_kind stack_kind(u32 mode)
{
    return (mode & (MODE_FLAT | MODE_SS32)) == (MODE_FLAT | MODE_SS32) ? STACK_FLAT : STACK_SEG;
}

static exec_fn *by_address(exec_fn *const of[EA_KINDS][4], enum ea_kind kind, unsigned width)
{
    bool general = !of[kind][width] && kind >= EA_SEG16;
    return of[general ? EA_GEN : kind][width];
}

static exec_fn *pick(const struct cpu *c, const struct row *r, const struct insn *in, const struct uop *u)
{
    const struct exec_group *g = r->exec->before_p6 && c->model->family < FAMILY_P6 ? r->exec->before_p6 : r->exec;
    unsigned w = in->size;
    bool imm = operand_is_immediate(r->operand[1]);
    exec_fn *fn;
    if ((in->mode & MODE_AC) && g->aligned && !(u->flags & UF_MEM))
        return g->aligned;
    if (!(u->flags & UF_MEM) && !is64(in) && !(in->mode & MODE_AC) && g->stack[stack_kind(in->mode)][w])
        return g->stack[stack_kind(in->mode)][w];
    if (!(u->flags & UF_MEM))
        fn = imm ? g->ri[w] : (r->attr & A_REP) && !in->rep ? by_address(g->rm, in->ea, w) : g->rr[w];
    else if (imm)
        fn = by_address(g->mi, in->ea, w);
    else if (operand_is_rm(r->operand[0]) || r->operand[0] == OP_Ob || r->operand[0] == OP_Ov)
        fn = by_address(g->mr, in->ea, w);
    else
        fn = by_address(g->rm, in->ea, w);
    if (!fn)
        fn = g->any[w];
    return fn ? fn : g->any_width ? g->any_width : op_ud;
}

static struct decoded illegal(struct cpu *c, struct insn *in, struct uop *u, unsigned off, exec_fn *fn)
{
    static const char *const maps[MAPS] = { "", "0f ", "0f 38 ", "0f 3a ", "VEX 0f ", "VEX 0f 38 ", "VEX 0f 3a " };
    if (fn == op_ud)
        log_unimp(c->w.log, "cpu", "no instruction with opcode %s%02x /%u (prefix %02x) in this mode: #UD",
                  maps[in->map], in->op, reg_of(in),
                  in->rep        ? in->rep
                  : in->opsize66 ? 0x66
                                 : 0);
    u->exec = fn;
    u->off_len = (u16)(off << 4 | in->pos);
    return (struct decoded){ in->pos, NULL, true, false };
}

/* `more`: there are more bytes than an instruction may have. */
static struct decoded out_of_bytes(struct cpu *c, struct insn *in, struct uop *u, unsigned off, bool more)
{
    if (!more)
        return (struct decoded){ 0, NULL, false, false };
    in->pos = INSN_BYTES_MAX; /* longer than any instruction: #GP(0) (SDM vol. 2, 2.3.11) */
    return illegal(c, in, u, off, op_gp0);
}

static u8 uop_flags(const struct insn *in, const struct uop *u)
{
    return (u8)((u->flags & UF_MEM) | in->size | in->asize << UF_ASIZE_SHIFT | (in->lock ? UF_LOCK : 0) |
                (in->vex           ? 0
                 : in->rep == 0xf3 ? UF_REPZ
                 : in->rep == 0xf2 ? UF_REPNZ
                                   : 0));
}

struct decoded decode_insn(struct cpu *c, const struct decode_index *ix, const u8 *p, unsigned avail, unsigned off,
                           u32 mode, struct uop *u)
{
    struct insn in = { .p = p, .avail = avail < INSN_BYTES_MAX ? avail : INSN_BYTES_MAX, .mode = mode, .seg = -1 };
    *u = (struct uop){ .base = REG_OFFSET(R_ZERO), .index = REG_OFFSET(R_ZERO), .row_seg = DS };
    take_prefixes(&in);
    if (!in.short_of_bytes)
        take_opcode(&in);
    bool has_modrm = ix->modrm[in.map][in.op];
    if (!in.short_of_bytes && has_modrm)
        in.modrm = fetch8(&in);
    if (in.short_of_bytes)
        return out_of_bytes(c, &in, u, off, avail > INSN_BYTES_MAX);
    const struct row *r = in.no_insn ? NULL : find_row(c, ix, &in);
    if (!r) {
        decode_unknown(&in, u, has_modrm);
        return in.short_of_bytes ? out_of_bytes(c, &in, u, off, avail > INSN_BYTES_MAX)
                                 : illegal(c, &in, u, off, op_ud);
    }
    if (r->attr & A_MODREG)
        in.modrm |= 0xc0;
    operand_size(&in, r);
    decode_operands(&in, u, r, has_modrm, off);
    if (in.short_of_bytes)
        return out_of_bytes(c, &in, u, off, avail > INSN_BYTES_MAX);
    exec_fn *no = forbidden(c, r, &in, u);
    u->flags = uop_flags(&in, u);
    u->off_len = (u16)(off << 4 | in.pos);
    u->row_seg = (u16)((unsigned)(r - cpu_rows) << 3 | (u->row_seg & 7u));
    if (r->attr & A_JUMP) {
        u->disp = (s32)(off + in.pos);
        u->imm += off + in.pos;
    }
    u->exec = no ? no : no_coprocessor(c, r) ? op_nop : pick(c, r, &in, u);
    return (struct decoded){ in.pos, r, no || (r->attr & (A_END | A_JUMP)), !no && (r->attr & A_JUMP) };
}
