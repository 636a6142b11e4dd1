#include "capstone_operands.h"

#define NONE (-1)
#define IP (-2)

/* The number of an address register; capstone counts each width in an order of its own. */
static int number_of(unsigned reg)
{
    static const u16 names[16][3] = {
        { X86_REG_AX, X86_REG_EAX, X86_REG_RAX },    { X86_REG_CX, X86_REG_ECX, X86_REG_RCX },
        { X86_REG_DX, X86_REG_EDX, X86_REG_RDX },    { X86_REG_BX, X86_REG_EBX, X86_REG_RBX },
        { X86_REG_SP, X86_REG_ESP, X86_REG_RSP },    { X86_REG_BP, X86_REG_EBP, X86_REG_RBP },
        { X86_REG_SI, X86_REG_ESI, X86_REG_RSI },    { X86_REG_DI, X86_REG_EDI, X86_REG_RDI },
        { X86_REG_R8W, X86_REG_R8D, X86_REG_R8 },    { X86_REG_R9W, X86_REG_R9D, X86_REG_R9 },
        { X86_REG_R10W, X86_REG_R10D, X86_REG_R10 }, { X86_REG_R11W, X86_REG_R11D, X86_REG_R11 },
        { X86_REG_R12W, X86_REG_R12D, X86_REG_R12 }, { X86_REG_R13W, X86_REG_R13D, X86_REG_R13 },
        { X86_REG_R14W, X86_REG_R14D, X86_REG_R14 }, { X86_REG_R15W, X86_REG_R15D, X86_REG_R15 },
    };
    if (reg == X86_REG_RIP || reg == X86_REG_EIP)
        return IP;
    for (int i = 0; i < 16; i++)
        for (unsigned w = 0; w < 3; w++)
            if (names[i][w] == reg)
                return i;
    return NONE; /* INVALID, and the EIZ and RIZ of a SIB byte without index */
}

static int ours(u8 offset)
{
    unsigned n = offset / 8u;
    return n == R_ZERO ? NONE : n == R_PAGE ? IP : (int)n;
}

static bool is_moffs(const struct row *row)
{
    return row->operand[0] == OP_Ob || row->operand[0] == OP_Ov || row->operand[1] == OP_Ob || row->operand[1] == OP_Ov;
}

static const cs_x86_op *memory_of(const cs_insn *insn)
{
    const cs_x86 *x = &insn->detail->x86;
    for (unsigned i = 0; i < x->op_count; i++)
        if (x->operands[i].type == X86_OP_MEM)
            return &x->operands[i];
    return NULL;
}

static bool same_segment(const struct uop *u, unsigned theirs)
{
    static const u16 names[SEG_COUNT] = {
        [ES] = X86_REG_ES, [CS] = X86_REG_CS, [SS] = X86_REG_SS, [DS] = X86_REG_DS, [FS] = X86_REG_FS, [GS] = X86_REG_GS
    };
    return theirs == X86_REG_INVALID || theirs == names[u_seg(u)]; /* it names overrides only */
}

/* Capstone gives displacements as wide as the address, or sign-extended. */
static bool same_displacement(const struct uop *u, s64 theirs, unsigned len)
{
    s64 disp = (u->scale & SCALE_MOFFS) ? (s64)u->imm : u->disp;
    if (ours(u->base) == IP)
        disp -= len;
    u64 mask = u_asize(u) == 0 ? 0xffff : u_asize(u) == 1 ? 0xffffffff : UINT64_MAX;
    return !(((u64)disp ^ (u64)theirs) & mask);
}

const char *memory_operand_difference(const struct uop *u, const struct row *row, const cs_insn *insn, unsigned bits)
{
    const cs_x86_op *op = memory_of(insn);
    if (!op || !u_mem(u))
        return NULL;
    if (!same_displacement(u, op->mem.disp, insn->size))
        return "displacement";
    if (bits != 64 && !same_segment(u, op->mem.segment))
        return "segment";
    if (is_moffs(row))
        return NULL;
    int base = number_of(op->mem.base), index = number_of(op->mem.index);
    if (base == NONE && index != NONE && op->mem.scale == 1 && ours(u->index) == NONE) { /* [reg*1] */
        base = index;
        index = NONE;
    }
    if (ours(u->base) != base)
        return "base";
    if (row->operand[1] == OP_Mvd || row->operand[1] == OP_Mvq) /* a vector of indexes */
        return NULL;
    if (ours(u->index) != index)
        return "index";
    return index != NONE && 1u << (u->scale & 3) != (unsigned)op->mem.scale ? "scale" : NULL;
}
