/* decode.c: bytes to uops, by the rows of insn.def (SDM vol. 2, chapter 2). Everything that can be decided at decode
 * time is decided here: legality in this mode, privilege, LOCK, the handler for the operand form, width and kind of
 * address. */
#include "block.h"
#include "exec.h"

struct insn { /* what the bytes say */
    const u8 *p;
    unsigned avail, pos;
    bool short_of_bytes;
    u32 mode;
    bool opsize66, addr67, lock;
    u8 rep;  /* 0, F2, F3: the last one */
    u8 rex;  /* 0 or 40-4F */
    int seg; /* override, or -1 */
    enum opcode_map map;
    u8 op, modrm;
    unsigned size;  /* log2 of the operand size */
    unsigned asize; /* 0: 16, 1: 32, 2: 64 */
    enum ea_kind ea;
};

static inline bool is64(const struct insn *in)
{
    return (in->mode & MODE_64) != 0;
}
static inline unsigned mod_of(const struct insn *in)
{
    return in->modrm >> 6;
}
static inline unsigned reg_of(const struct insn *in)
{
    return (in->modrm >> 3) & 7;
}
static inline unsigned rm_of(const struct insn *in)
{
    return in->modrm & 7;
}
static inline unsigned rex_r(const struct insn *in)
{
    return (in->rex & 4) ? 8 : 0;
}
static inline unsigned rex_x(const struct insn *in)
{
    return (in->rex & 2) ? 8 : 0;
}
static inline unsigned rex_b(const struct insn *in)
{
    return (in->rex & 1) ? 8 : 0;
}

static bool uses_modrm(unsigned operand);

void decode_index_init(struct decode_index *ix)
{
    memset(ix, 0, sizeof *ix);
    unsigned next = 0;
    for (unsigned map = 0; map < MAPS; map++)
        for (unsigned op = 0; op < 256; op++) {
            ix->first[map][op] = (u16)next;
            for (unsigned i = 0; i < cpu_row_count && next < ARRAY_LEN(ix->list); i++) {
                const struct row *r = &cpu_rows[i];
                bool hit = r->map == map && ((r->attr & A_PLUSR) ? (op & 0xf8u) == r->op : op == r->op);
                if (!hit)
                    continue;
                ix->list[next++] = (u16)i;
                ix->count[map][op]++;
                bool sel = (r->ext & (X_REG(7) | X_RM(7) | X_MEM | X_MOD3)) != 0;
                for (unsigned k = 0; k < 3; k++)
                    sel = sel || uses_modrm(r->operand[k]);
                ix->modrm[map][op] |= sel;
            }
        }
}

static u8 fetch8(struct insn *in)
{
    if (in->pos >= in->avail) {
        in->short_of_bytes = true;
        return 0;
    }
    return in->p[in->pos++];
}

static u64 fetch_imm(struct insn *in, unsigned bytes)
{
    u64 v = 0;
    if (in->pos + bytes > in->avail) {
        in->short_of_bytes = true;
        return 0;
    }
    memcpy(&v, in->p + in->pos, bytes);
    in->pos += bytes;
    return v;
}

static u64 sign_extend(u64 v, unsigned bytes)
{
    return (u64)((s64)(v << (64 - 8 * bytes)) >> (64 - 8 * bytes));
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

static void take_opcode(struct insn *in)
{
    in->map = MAP_1B;
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
    if ((x & X_W1) && !(in->rex & 8))
        return false;
    return !((x & X_W0) && (in->rex & 8));
}

static const struct row *find_row(const struct decode_index *ix, const struct insn *in)
{
    const u16 *list = &ix->list[ix->first[in->map][in->op]];
    for (unsigned i = 0; i < ix->count[in->map][in->op]; i++)
        if (row_matches(&cpu_rows[list[i]], in))
            return &cpu_rows[list[i]];
    return NULL;
}

static bool is_dword_or_qword(unsigned operand)
{
    return operand == OP_Ey || operand == OP_Gy || operand == OP_My || operand == OP_Ry;
}

static void operand_size(struct insn *in, const struct row *r)
{
    bool w = (in->rex & 8) != 0;
    bool op66 = in->opsize66 && (r->ext & X_PREFIXES) != X_66;                /* there 66 is part of the opcode */
    if (is_dword_or_qword(r->operand[0]) || is_dword_or_qword(r->operand[1])) /* whatever 66 and CS.D say */
        op66 = !is64(in) && !(in->mode & MODE_32);
    if (r->attr & A_BYTE)
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
    in->asize = is64(in) ? (in->addr67 ? 1 : 2) : (((in->mode & MODE_32) != 0) != in->addr67) ? 1 : 0;
}

/* ---- memory operand (SDM vol. 2, tables 2-1 to 2-3) ---- */

static void ea_16(struct insn *in, struct uop *u)
{
    static const u8 base[8] = { RBX, RBX, RBP, RBP, RSI, RDI, RBP, RBX };
    static const u8 index[8] = { RSI, RDI, RSI, RDI, R_ZERO, R_ZERO, R_ZERO, R_ZERO };
    unsigned rm = rm_of(in), mod = mod_of(in);
    bool direct = mod == 0 && rm == 6;
    u->base = REG_OFFSET(direct ? (unsigned)R_ZERO : base[rm]);
    u->index = REG_OFFSET(index[rm]);
    if (direct || mod == 2)
        u->disp = (s16)fetch_imm(in, 2);
    else if (mod == 1)
        u->disp = (s8)fetch8(in);
    u->row_seg = !direct && base[rm] == RBP ? SS : DS;
}

static void ea_sib(struct insn *in, struct uop *u, unsigned mod)
{
    u8 sib = fetch8(in);
    unsigned base = (sib & 7) | rex_b(in), index = ((sib >> 3) & 7) | rex_x(in);
    u->scale = sib >> 6;
    if (index != RSP)
        u->index = REG_OFFSET(index);
    if ((sib & 7) == 5 && mod == 0) {
        u->disp = (s32)fetch_imm(in, 4);
        return;
    }
    u->base = REG_OFFSET(base);
    u->row_seg = base == RSP || base == RBP ? SS : DS;
}

/* 32- and 64-bit addressing. Returns true when RIP-relative. */
static bool ea_32(struct insn *in, struct uop *u)
{
    unsigned mod = mod_of(in), rm = rm_of(in);
    bool rip = false;
    if (rm == 4) {
        ea_sib(in, u, mod);
    } else if (mod == 0 && rm == 5) {
        u->disp = (s32)fetch_imm(in, 4);
        rip = is64(in);
    } else {
        u->base = REG_OFFSET(rm | rex_b(in));
        u->row_seg = (rm | rex_b(in)) == RBP ? SS : DS;
    }
    if (mod == 1)
        u->disp = (s8)fetch8(in);
    else if (mod == 2)
        u->disp = (s32)fetch_imm(in, 4);
    return rip;
}

static bool memory_operand(struct insn *in, struct uop *u)
{
    u->flags |= UF_MEM;
    u->row_seg = DS;
    if (in->asize == 0) {
        ea_16(in, u);
        return false;
    }
    return ea_32(in, u);
}

/* The handler's way to the address: flat ones skip the segment. */
static enum ea_kind ea_kind(const struct insn *in, const struct uop *u)
{
    bool bis = u->index != REG_OFFSET(R_ZERO);
    unsigned seg = u_seg(u);
    if ((in->mode & MODE_AC) || (u->scale & ~3u) || seg >= FS || in->asize == 0)
        return EA_GEN;
    if (is64(in))
        return in->asize == 2 ? (bis ? EA_BIS64 : EA_BD64) : (bis ? EA_BIS32 : EA_BD32);
    if (!(in->mode & MODE_FLAT) || seg == CS)
        return EA_GEN;
    return bis ? EA_BIS32 : EA_BD32;
}

/* ---- operands ---- */

enum role {
    ROLE_NONE,
    ROLE_RM_GPR,
    ROLE_RM_NUM,
    ROLE_REG_GPR,
    ROLE_REG_NUM,
    ROLE_OPREG,
    ROLE_IMM,
    ROLE_REL,
    ROLE_FAR,
    ROLE_MOFFS,
    ROLE_FIXED,
    ROLE_STRING
};

struct operand_info {
    u8 role;
    s8 size;   /* log2 of a fixed size; -1: by operand size; for ROLE_FIXED the register */
    bool sign; /* immediates: sign-extended */
};

#define V (-1)
static const struct operand_info infos[OPERANDS] = {
    [OP_Eb] = { ROLE_RM_GPR, 0, 0 },   [OP_Ew] = { ROLE_RM_GPR, 1, 0 },   [OP_Ed] = { ROLE_RM_GPR, 2, 0 },
    [OP_Eq] = { ROLE_RM_GPR, 3, 0 },   [OP_Ev] = { ROLE_RM_GPR, V, 0 },   [OP_Ey] = { ROLE_RM_GPR, V, 0 },
    [OP_Rv] = { ROLE_RM_GPR, V, 0 },   [OP_Ry] = { ROLE_RM_GPR, V, 0 },   [OP_Rw] = { ROLE_RM_GPR, 1, 0 },
    [OP_M] = { ROLE_RM_NUM, V, 0 },    [OP_Mb] = { ROLE_RM_NUM, 0, 0 },   [OP_Mw] = { ROLE_RM_NUM, 1, 0 },
    [OP_Md] = { ROLE_RM_NUM, 2, 0 },   [OP_Mq] = { ROLE_RM_NUM, 3, 0 },   [OP_Mdq] = { ROLE_RM_NUM, V, 0 },
    [OP_Ma] = { ROLE_RM_NUM, V, 0 },   [OP_Mp] = { ROLE_RM_NUM, V, 0 },   [OP_Ms] = { ROLE_RM_NUM, V, 0 },
    [OP_Mv] = { ROLE_RM_NUM, V, 0 },   [OP_My] = { ROLE_RM_NUM, V, 0 },   [OP_Mps] = { ROLE_RM_NUM, V, 0 },
    [OP_Mpd] = { ROLE_RM_NUM, V, 0 },  [OP_Gb] = { ROLE_REG_GPR, 0, 0 },  [OP_Gw] = { ROLE_REG_GPR, 1, 0 },
    [OP_Gd] = { ROLE_REG_GPR, 2, 0 },  [OP_Gv] = { ROLE_REG_GPR, V, 0 },  [OP_Gy] = { ROLE_REG_GPR, V, 0 },
    [OP_Gz] = { ROLE_REG_GPR, V, 0 },  [OP_Zb] = { ROLE_OPREG, 0, 0 },    [OP_Zv] = { ROLE_OPREG, V, 0 },
    [OP_Ib] = { ROLE_IMM, 0, 0 },      [OP_sIb] = { ROLE_IMM, 0, 1 },     [OP_Iw] = { ROLE_IMM, 1, 0 },
    [OP_Iz] = { ROLE_IMM, 4, 1 },      [OP_Iv] = { ROLE_IMM, V, 1 },      [OP_I1] = { ROLE_FIXED, V, 0 },
    [OP_Jb] = { ROLE_REL, 0, 1 },      [OP_Jz] = { ROLE_REL, 4, 1 },      [OP_Ap] = { ROLE_FAR, V, 0 },
    [OP_Ob] = { ROLE_MOFFS, 0, 0 },    [OP_Ov] = { ROLE_MOFFS, V, 0 },    [OP_Xb] = { ROLE_STRING, 0, 0 },
    [OP_Xv] = { ROLE_STRING, V, 0 },   [OP_Xz] = { ROLE_STRING, V, 0 },   [OP_Yb] = { ROLE_STRING, 0, 0 },
    [OP_Yv] = { ROLE_STRING, V, 0 },   [OP_Yz] = { ROLE_STRING, V, 0 },   [OP_AL] = { ROLE_FIXED, RAX, 0 },
    [OP_AX] = { ROLE_FIXED, RAX, 0 },  [OP_eAX] = { ROLE_FIXED, RAX, 0 }, [OP_rAX] = { ROLE_FIXED, RAX, 0 },
    [OP_CL] = { ROLE_FIXED, RCX, 0 },  [OP_DX] = { ROLE_FIXED, RDX, 0 },  [OP_Sw] = { ROLE_REG_NUM, 1, 0 },
    [OP_Cy] = { ROLE_REG_NUM, V, 0 },  [OP_Dy] = { ROLE_REG_NUM, V, 0 },  [OP_Pd] = { ROLE_REG_NUM, 2, 1 },
    [OP_Pq] = { ROLE_REG_NUM, 3, 1 },  [OP_Py] = { ROLE_REG_NUM, 3, 1 },  [OP_Nq] = { ROLE_RM_NUM, 3, 1 },
    [OP_Qd] = { ROLE_RM_NUM, 2, 1 },   [OP_Qq] = { ROLE_RM_NUM, 3, 1 },   [OP_Vdq] = { ROLE_REG_NUM, V, 0 },
    [OP_Vps] = { ROLE_REG_NUM, V, 0 }, [OP_Vpd] = { ROLE_REG_NUM, V, 0 }, [OP_Vss] = { ROLE_REG_NUM, V, 0 },
    [OP_Vsd] = { ROLE_REG_NUM, V, 0 }, [OP_Vq] = { ROLE_REG_NUM, V, 0 },  [OP_Vy] = { ROLE_REG_NUM, V, 0 },
    [OP_Wdq] = { ROLE_RM_NUM, V, 0 },  [OP_Wps] = { ROLE_RM_NUM, V, 0 },  [OP_Wpd] = { ROLE_RM_NUM, V, 0 },
    [OP_Wss] = { ROLE_RM_NUM, V, 0 },  [OP_Wsd] = { ROLE_RM_NUM, V, 0 },  [OP_Wq] = { ROLE_RM_NUM, V, 0 },
    [OP_Wd] = { ROLE_RM_NUM, V, 0 },   [OP_Ww] = { ROLE_RM_NUM, V, 0 },   [OP_Udq] = { ROLE_RM_NUM, V, 0 },
    [OP_Ups] = { ROLE_RM_NUM, V, 0 },  [OP_Upd] = { ROLE_RM_NUM, V, 0 },  [OP_Uq] = { ROLE_RM_NUM, V, 0 },
    [OP_STi] = { ROLE_RM_NUM, 0, 1 },  [OP_Mf32] = { ROLE_RM_NUM, V, 0 }, [OP_Mf64] = { ROLE_RM_NUM, V, 0 },
    [OP_Mf80] = { ROLE_RM_NUM, V, 0 }, [OP_Mi16] = { ROLE_RM_NUM, V, 0 }, [OP_Mi32] = { ROLE_RM_NUM, V, 0 },
    [OP_Mi64] = { ROLE_RM_NUM, V, 0 }, [OP_Mbcd] = { ROLE_RM_NUM, V, 0 }, [OP_Menv] = { ROLE_RM_NUM, V, 0 },
    [OP_Mfpu] = { ROLE_RM_NUM, V, 0 }, [OP_Mfx] = { ROLE_RM_NUM, V, 0 },  [OP_Mxs] = { ROLE_RM_NUM, V, 0 },
};
#undef V

static bool uses_modrm(unsigned operand)
{
    u8 role = infos[operand].role;
    return role == ROLE_RM_GPR || role == ROLE_RM_NUM || role == ROLE_REG_GPR || role == ROLE_REG_NUM;
}

/* Byte offset of a general register; without REX the byte registers 4-7 are AH, CH, DH, BH. */
static u8 gpr_offset(const struct insn *in, unsigned n, unsigned size)
{
    if (size == 0 && !in->rex && n >= 4 && n < 8)
        return (u8)(REG_OFFSET(n & 3) + 1);
    return REG_OFFSET(n);
}

static u64 immediate(struct insn *in, const struct operand_info *info)
{
    unsigned bytes = info->size == 4 ? (in->size == 1 ? 2 : 4) : info->size < 0 ? 1u << in->size : 1u << info->size;
    if (info->role == ROLE_REL && info->size == 4 && in->size == 3)
        bytes = 4;
    u64 v = fetch_imm(in, bytes);
    return info->sign ? sign_extend(v, bytes) : v;
}

static void moffs(struct insn *in, struct uop *u)
{
    static const u8 bytes[3] = { 2, 4, 8 };
    u64 v = fetch_imm(in, bytes[in->asize]);
    u->flags |= UF_MEM;
    u->row_seg = DS;
    u->disp = (s32)v;
    if (in->asize == 2 && (u64)(s64)u->disp != v) {
        u->imm = v;
        u->scale = SCALE_MOFFS;
    }
}

static void operand(struct insn *in, struct uop *u, const struct row *r, unsigned k)
{
    const struct operand_info *info = &infos[r->operand[k]];
    unsigned size = info->size < 0 ? in->size : (unsigned)info->size;
    u8 *reg = k == 0 && r->operand[k] != OP_STi ? &u->dst : &u->src;
    switch (info->role) {
    case ROLE_RM_GPR:
        if (mod_of(in) == 3)
            *reg = gpr_offset(in, rm_of(in) | rex_b(in), size);
        break;
    case ROLE_RM_NUM: /* `sign` marks register files of eight, which REX does not extend */
        if (mod_of(in) == 3)
            *reg = (u8)(rm_of(in) | (info->sign ? 0 : rex_b(in)));
        break;
    case ROLE_REG_GPR:
        *reg = gpr_offset(in, reg_of(in) | rex_r(in), size);
        break;
    case ROLE_REG_NUM:
        *reg = (u8)(reg_of(in) | (info->sign || r->operand[k] == OP_Sw ? 0 : rex_r(in)));
        break;
    case ROLE_OPREG:
        *reg = gpr_offset(in, (in->op & 7u) | rex_b(in), size);
        break;
    case ROLE_IMM:
        u->imm |= immediate(in, info) << (k > 0 && infos[r->operand[k - 1]].role == ROLE_IMM ? 16 : 0);
        break;
    case ROLE_REL:
        u->imm = immediate(in, info);
        break;
    case ROLE_FAR: {
        u64 offset = fetch_imm(in, in->size == 1 ? 2 : 4);
        u->imm = offset | fetch_imm(in, 2) << 32;
        break;
    }
    case ROLE_MOFFS:
        moffs(in, u);
        break;
    case ROLE_STRING:
        u->row_seg = DS;
        break;
    case ROLE_FIXED:
        if (r->operand[k] == OP_I1)
            u->imm = 1;
        else if (k < 2) /* SHLD and SHRD name CL third: their handlers know */
            *reg = REG_OFFSET(info->size);
        break;
    default:
        break;
    }
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

static exec_fn *forbidden(struct cpu *c, const struct row *r, const struct insn *in, const struct uop *u)
{
    u32 m = in->mode, a = r->attr;
    bool pe = (m & MODE_PE) && !(m & MODE_VM);
    unsigned cpl = (m >> MODE_CPL_SHIFT) & 3;
    if (in->lock && !((a & A_LOCK) && (u->flags & UF_MEM)))
        return op_ud;
    if (((a & A_PE) && !pe) || !(cpu_has(c, r->since) || no_coprocessor(c, r)) || no_such_register(r, in))
        return op_ud;
    if ((a & A_CPL0) && cpl != 0)
        return op_gp0;
    if ((a & (A_MMX | A_SSE)) && (m & MODE_EM))
        return op_ud;
    if ((a & A_SSE) && !(m & MODE_OSFXSR))
        return op_ud;
    if (((a & (A_MMX | A_SSE)) && (m & MODE_TS)) || ((a & A_FPU) && (m & (MODE_EM | MODE_TS))))
        return op_nm;
    return NULL;
}

static bool is_immediate(unsigned operand_kind)
{
    u8 role = infos[operand_kind].role;
    return role == ROLE_IMM || operand_kind == OP_I1;
}

static exec_fn *pick(const struct row *r, const struct insn *in, const struct uop *u)
{
    const struct exec_group *g = r->exec;
    unsigned w = in->size;
    bool imm = is_immediate(r->operand[1]);
    exec_fn *fn;
    if ((in->mode & MODE_AC) && g->aligned && !(u->flags & UF_MEM))
        return g->aligned;
    if (!(u->flags & UF_MEM))
        fn = imm ? g->ri[w] : g->rr[w];
    else if (imm)
        fn = g->mi[in->ea][w];
    else if (infos[r->operand[0]].role == ROLE_RM_GPR || infos[r->operand[0]].role == ROLE_RM_NUM ||
             r->operand[0] == OP_Ob || r->operand[0] == OP_Ov)
        fn = g->mr[in->ea][w];
    else
        fn = g->rm[in->ea][w];
    if (!fn)
        fn = g->any[w];
    return fn ? fn : g->any_width ? g->any_width : op_ud;
}

static void rip_relative(struct uop *u, unsigned end)
{
    s64 disp = (s64)u->disp + end;
    u->base = REG_OFFSET(R_PAGE);
    if (disp == (s32)disp)
        u->disp = (s32)disp;
    else
        u->scale = SCALE_RIP_FAR;
}

static struct decoded illegal(struct cpu *c, struct insn *in, struct uop *u, unsigned off, exec_fn *fn)
{
    static const char *const maps[MAPS] = { "", "0f ", "0f 38 ", "0f 3a " };
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

static struct decoded out_of_bytes(struct cpu *c, struct insn *in, struct uop *u, unsigned off)
{
    if (in->avail < INSN_BYTES_MAX)
        return (struct decoded){ 0, NULL, false, false };
    in->pos = INSN_BYTES_MAX; /* longer than any instruction: #GP(0) (SDM vol. 2, 2.3.11) */
    return illegal(c, in, u, off, op_gp0);
}

static void operands(struct insn *in, struct uop *u, const struct row *r, bool has_modrm, unsigned off)
{
    bool rip = has_modrm && mod_of(in) != 3 && memory_operand(in, u);
    for (unsigned k = 0; k < 3; k++)
        operand(in, u, r, k);
    if (in->seg >= 0)
        u->row_seg = (u16)in->seg;
    if (rip)
        rip_relative(u, off + in->pos);
    in->ea = ea_kind(in, u);
}

static u8 uop_flags(const struct insn *in, const struct uop *u)
{
    return (u8)((u->flags & UF_MEM) | in->size | in->asize << UF_ASIZE_SHIFT | (in->lock ? UF_LOCK : 0) |
                (in->rep == 0xf3   ? UF_REPZ
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
        return out_of_bytes(c, &in, u, off);
    const struct row *r = find_row(ix, &in);
    if (!r)
        return illegal(c, &in, u, off, op_ud);
    if (r->attr & A_MODREG)
        in.modrm |= 0xc0;
    operand_size(&in, r);
    operands(&in, u, r, has_modrm, off);
    if (in.short_of_bytes)
        return out_of_bytes(c, &in, u, off);
    exec_fn *no = forbidden(c, r, &in, u);
    u->flags = uop_flags(&in, u);
    u->off_len = (u16)(off << 4 | in.pos);
    u->row_seg = (u16)((unsigned)(r - cpu_rows) << 3 | (u->row_seg & 7u));
    if (r->attr & A_JUMP)
        u->imm += off + in.pos;
    u->exec = no ? no : no_coprocessor(c, r) ? op_nop : pick(r, &in, u);
    return (struct decoded){ in.pos, r, no || (r->attr & (A_END | A_JUMP)), !no && (r->attr & A_JUMP) };
}
