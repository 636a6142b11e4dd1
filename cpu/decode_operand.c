/* decode_operand.c: ModRM, SIB, displacement, immediates: an instruction's operands as its uop has them (SDM vol. 2,
 * 2.1.3 to 2.1.5, 2.3.5). */
#include "decode.h"

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
    u8 sib = in->sib = fetch8(in);
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
    if ((in->mode & MODE_AC) || (u->scale & ~3u))
        return EA_GEN;
    if (is64(in) && seg >= FS)
        return in->asize == 2 ? EA_SEG64 : EA_GEN;
    if (is64(in))
        return in->asize == 2 ? (bis ? EA_BIS64 : EA_BD64) : (bis ? EA_BIS32 : EA_BD32);
    if (in->asize == 0)
        return EA_SEG16;
    if (!(in->mode & MODE_FLAT) || seg == CS || seg >= FS)
        return EA_SEG32;
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
    ROLE_STRING,
    ROLE_VVVV_GPR,
    ROLE_VVVV_NUM,
    ROLE_FOURTH
};

struct operand_info {
    u8 role;
    s8 size;   /* log2 of a fixed size; -1: by operand size; for ROLE_FIXED the register */
    bool sign; /* immediates: sign-extended */
};

#define V (-1)
static const struct operand_info infos[OPERANDS] = {
    [OP_Eb] = { ROLE_RM_GPR, 0, 0 },    [OP_Ew] = { ROLE_RM_GPR, 1, 0 },    [OP_Ed] = { ROLE_RM_GPR, 2, 0 },
    [OP_Eq] = { ROLE_RM_GPR, 3, 0 },    [OP_Ev] = { ROLE_RM_GPR, V, 0 },    [OP_Ey] = { ROLE_RM_GPR, V, 0 },
    [OP_Rv] = { ROLE_RM_GPR, V, 0 },    [OP_Ry] = { ROLE_RM_GPR, V, 0 },    [OP_Rw] = { ROLE_RM_GPR, 1, 0 },
    [OP_M] = { ROLE_RM_NUM, V, 0 },     [OP_Mb] = { ROLE_RM_NUM, 0, 0 },    [OP_Mw] = { ROLE_RM_NUM, 1, 0 },
    [OP_Md] = { ROLE_RM_NUM, 2, 0 },    [OP_Mq] = { ROLE_RM_NUM, 3, 0 },    [OP_Mdq] = { ROLE_RM_NUM, V, 0 },
    [OP_Ma] = { ROLE_RM_NUM, V, 0 },    [OP_Mp] = { ROLE_RM_NUM, V, 0 },    [OP_Ms] = { ROLE_RM_NUM, V, 0 },
    [OP_Mv] = { ROLE_RM_NUM, V, 0 },    [OP_My] = { ROLE_RM_NUM, V, 0 },    [OP_Mps] = { ROLE_RM_NUM, V, 0 },
    [OP_Mpd] = { ROLE_RM_NUM, V, 0 },   [OP_Gb] = { ROLE_REG_GPR, 0, 0 },   [OP_Gw] = { ROLE_REG_GPR, 1, 0 },
    [OP_Gd] = { ROLE_REG_GPR, 2, 0 },   [OP_Gv] = { ROLE_REG_GPR, V, 0 },   [OP_Gy] = { ROLE_REG_GPR, V, 0 },
    [OP_Gz] = { ROLE_REG_GPR, V, 0 },   [OP_Zb] = { ROLE_OPREG, 0, 0 },     [OP_Zv] = { ROLE_OPREG, V, 0 },
    [OP_Ib] = { ROLE_IMM, 0, 0 },       [OP_sIb] = { ROLE_IMM, 0, 1 },      [OP_Iw] = { ROLE_IMM, 1, 0 },
    [OP_Iz] = { ROLE_IMM, 4, 1 },       [OP_Iv] = { ROLE_IMM, V, 1 },       [OP_I1] = { ROLE_FIXED, V, 0 },
    [OP_Jb] = { ROLE_REL, 0, 1 },       [OP_Jz] = { ROLE_REL, 4, 1 },       [OP_Ap] = { ROLE_FAR, V, 0 },
    [OP_Ob] = { ROLE_MOFFS, 0, 0 },     [OP_Ov] = { ROLE_MOFFS, V, 0 },     [OP_Xb] = { ROLE_STRING, 0, 0 },
    [OP_Xv] = { ROLE_STRING, V, 0 },    [OP_Xz] = { ROLE_STRING, V, 0 },    [OP_Yb] = { ROLE_STRING, 0, 0 },
    [OP_Yv] = { ROLE_STRING, V, 0 },    [OP_Yz] = { ROLE_STRING, V, 0 },    [OP_AL] = { ROLE_FIXED, RAX, 0 },
    [OP_AX] = { ROLE_FIXED, RAX, 0 },   [OP_eAX] = { ROLE_FIXED, RAX, 0 },  [OP_rAX] = { ROLE_FIXED, RAX, 0 },
    [OP_CL] = { ROLE_FIXED, RCX, 0 },   [OP_DX] = { ROLE_FIXED, RDX, 0 },   [OP_Sw] = { ROLE_REG_NUM, 1, 0 },
    [OP_Cy] = { ROLE_REG_NUM, V, 0 },   [OP_Dy] = { ROLE_REG_NUM, V, 0 },   [OP_Pd] = { ROLE_REG_NUM, 2, 1 },
    [OP_Pq] = { ROLE_REG_NUM, 3, 1 },   [OP_Py] = { ROLE_REG_NUM, 3, 1 },   [OP_Nq] = { ROLE_RM_NUM, 3, 1 },
    [OP_Qd] = { ROLE_RM_NUM, 2, 1 },    [OP_Qq] = { ROLE_RM_NUM, 3, 1 },    [OP_Vdq] = { ROLE_REG_NUM, V, 0 },
    [OP_Vps] = { ROLE_REG_NUM, V, 0 },  [OP_Vpd] = { ROLE_REG_NUM, V, 0 },  [OP_Vss] = { ROLE_REG_NUM, V, 0 },
    [OP_Vsd] = { ROLE_REG_NUM, V, 0 },  [OP_Vq] = { ROLE_REG_NUM, V, 0 },   [OP_Vy] = { ROLE_REG_NUM, V, 0 },
    [OP_Wdq] = { ROLE_RM_NUM, V, 0 },   [OP_Wps] = { ROLE_RM_NUM, V, 0 },   [OP_Wpd] = { ROLE_RM_NUM, V, 0 },
    [OP_Wss] = { ROLE_RM_NUM, V, 0 },   [OP_Wsd] = { ROLE_RM_NUM, V, 0 },   [OP_Wq] = { ROLE_RM_NUM, V, 0 },
    [OP_Wd] = { ROLE_RM_NUM, V, 0 },    [OP_Ww] = { ROLE_RM_NUM, V, 0 },    [OP_Udq] = { ROLE_RM_NUM, V, 0 },
    [OP_Ups] = { ROLE_RM_NUM, V, 0 },   [OP_Upd] = { ROLE_RM_NUM, V, 0 },   [OP_Uq] = { ROLE_RM_NUM, V, 0 },
    [OP_STi] = { ROLE_RM_NUM, 0, 1 },   [OP_Mf32] = { ROLE_RM_NUM, V, 0 },  [OP_Mf64] = { ROLE_RM_NUM, V, 0 },
    [OP_Mf80] = { ROLE_RM_NUM, V, 0 },  [OP_Mi16] = { ROLE_RM_NUM, V, 0 },  [OP_Mi32] = { ROLE_RM_NUM, V, 0 },
    [OP_Mi64] = { ROLE_RM_NUM, V, 0 },  [OP_Mbcd] = { ROLE_RM_NUM, V, 0 },  [OP_Menv] = { ROLE_RM_NUM, V, 0 },
    [OP_Vx] = { ROLE_REG_NUM, V, 0 },   [OP_Vqq] = { ROLE_REG_NUM, V, 0 },  [OP_Wx] = { ROLE_RM_NUM, V, 0 },
    [OP_Wqq] = { ROLE_RM_NUM, V, 0 },   [OP_Ux] = { ROLE_RM_NUM, V, 0 },    [OP_Mx] = { ROLE_RM_NUM, V, 0 },
    [OP_Mqq] = { ROLE_RM_NUM, V, 0 },   [OP_Mvd] = { ROLE_RM_NUM, V, 0 },   [OP_Mvq] = { ROLE_RM_NUM, V, 0 },
    [OP_Hx] = { ROLE_VVVV_NUM, V, 0 },  [OP_Hdq] = { ROLE_VVVV_NUM, V, 0 }, [OP_Hss] = { ROLE_VVVV_NUM, V, 0 },
    [OP_Hsd] = { ROLE_VVVV_NUM, V, 0 }, [OP_Lx] = { ROLE_FOURTH, V, 0 },    [OP_By] = { ROLE_VVVV_GPR, V, 0 },
    [OP_Mfpu] = { ROLE_RM_NUM, V, 0 },  [OP_Mfx] = { ROLE_RM_NUM, V, 0 },   [OP_Mxs] = { ROLE_RM_NUM, V, 0 },
};
#undef V

bool operand_uses_modrm(unsigned operand)
{
    u8 role = infos[operand].role;
    return role == ROLE_RM_GPR || role == ROLE_RM_NUM || role == ROLE_REG_GPR || role == ROLE_REG_NUM;
}

bool operand_is_rm(unsigned operand)
{
    return infos[operand].role == ROLE_RM_GPR || infos[operand].role == ROLE_RM_NUM;
}

bool operand_is_vvvv(unsigned operand)
{
    return infos[operand].role == ROLE_VVVV_GPR || infos[operand].role == ROLE_VVVV_NUM;
}

bool row_is_gather(const struct row *r)
{
    return r->operand[1] == OP_Mvd || r->operand[1] == OP_Mvq;
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

/* A register out of VEX.vvvv: the destination where it is named first. */
static void vvvv_operand(const struct insn *in, struct uop *u, bool general, unsigned k)
{
    unsigned n = in->vvvv & (is64(in) ? 15u : 7u);
    u8 reg = general ? REG_OFFSET(n) : (u8)n;
    if (k == 0)
        u->dst = reg;
    else
        u->imm |= (u64)reg << IMM_VVVV_SHIFT;
}

/* Bits 7:4 of the immediate byte; the low four are free for the instruction. */
static void fourth_operand(struct insn *in, struct uop *u)
{
    u8 b = fetch8(in);
    u->imm |= (u64)(b >> 4 & (is64(in) ? 15 : 7)) << IMM_FOURTH_SHIFT | (b & 15);
}

/* What the ModRM byte or the opcode names, if that is a register. */
static void register_operand(const struct insn *in, unsigned kind, u8 *reg)
{
    const struct operand_info *info = &infos[kind];
    unsigned size = info->size < 0 ? in->size : (unsigned)info->size;
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
        *reg = (u8)(reg_of(in) | (info->sign || kind == OP_Sw ? 0 : rex_r(in)));
        break;
    default: /* ROLE_OPREG */
        *reg = gpr_offset(in, (in->op & 7u) | rex_b(in), size);
    }
}

static void operand(struct insn *in, struct uop *u, const struct row *r, unsigned k)
{
    const struct operand_info *info = &infos[r->operand[k]];
    u8 *reg = k == 0 && r->operand[k] != OP_STi ? &u->dst : &u->src;
    switch (info->role) {
    case ROLE_RM_GPR:
    case ROLE_RM_NUM:
    case ROLE_REG_GPR:
    case ROLE_REG_NUM:
    case ROLE_OPREG:
        register_operand(in, r->operand[k], reg);
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
    case ROLE_VVVV_GPR:
        vvvv_operand(in, u, true, k);
        break;
    case ROLE_VVVV_NUM:
        vvvv_operand(in, u, false, k);
        break;
    case ROLE_FOURTH:
        fourth_operand(in, u);
        break;
    default:
        break;
    }
}

bool operand_is_immediate(unsigned operand_kind)
{
    u8 role = infos[operand_kind].role;
    return role == ROLE_IMM || operand_kind == OP_I1;
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

/* A gather's index is a vector register, which the uop keeps as a number. */
static void vector_index(const struct insn *in, struct uop *u)
{
    u->index = REG_OFFSET(R_ZERO);
    u->imm |= (u64)((in->sib >> 3 & 7) | rex_x(in)) << IMM_FOURTH_SHIFT;
}

void decode_operands(struct insn *in, struct uop *u, const struct row *r, bool has_modrm, unsigned off)
{
    bool rip = has_modrm && mod_of(in) != 3 && memory_operand(in, u);
    for (unsigned k = 0; k < ROW_OPERANDS; k++)
        operand(in, u, r, k);
    if (row_is_gather(r))
        vector_index(in, u);
    if (in->seg >= 0)
        u->row_seg = (u16)in->seg;
    if (rip)
        rip_relative(u, off + in->pos);
    in->ea = ea_kind(in, u);
}

/* Behind VEX and in the three-byte maps the length of what follows does not depend on the instruction, so that silicon
 * fetches all of it before #UD. */
static bool has_immediate(const struct insn *in)
{
    if (in->map == MAP_3A || in->map == MAP_V3A)
        return true;
    return in->map == MAP_V0F &&
           ((in->op >= 0x70 && in->op <= 0x73) || in->op == 0xc2 || (in->op >= 0xc4 && in->op <= 0xc6));
}

void decode_unknown(struct insn *in, struct uop *u, bool has_modrm)
{
    const u8 vzero = 0x77; /* VZEROUPPER and VZEROALL have no ModRM */
    if (in->map < MAP_38 || (in->map == MAP_V0F && in->op == vzero))
        return;
    if (!has_modrm)
        in->modrm = fetch8(in);
    in->asize = address_size(in);
    if (!in->short_of_bytes && mod_of(in) != 3)
        memory_operand(in, u);
    if (has_immediate(in))
        fetch8(in);
}
