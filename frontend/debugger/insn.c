/* insn.c: see insn.h. */
#include "insn.h"

#ifdef HAVE_CAPSTONE
#include "library.h"

#include <capstone/capstone.h>

/* ---- registers by their names ---- */

static u64 register_value(csh cs, const struct view *v, unsigned reg, u64 next)
{
    const char *name = reg ? cs_reg_name(cs, reg) : NULL;
    u64 value = 0;
    if (!name || view_general(v, name, &value))
        return value;
    if (strcmp(name, "rip") == 0 || strcmp(name, "eip") == 0)
        return next;
    unsigned segment = view_segment(name);
    return segment < DEBUG_SEGMENTS ? v->r.seg[segment].selector : 0;
}

/* ---- operands ---- */

static unsigned default_segment(csh cs, unsigned base)
{
    const char *name = base ? cs_reg_name(cs, base) : "";
    bool stack = strstr(name, "sp") || strstr(name, "bp");
    return stack ? DEBUG_SS : DEBUG_DS;
}

static void take_memory(csh cs, const struct view *v, const cs_x86 *x, const cs_x86_op *o, u64 next,
                        struct insn_operand *to)
{
    const char *segment = o->mem.segment ? cs_reg_name(cs, o->mem.segment) : NULL;
    to->kind = OPERAND_MEMORY;
    to->segment = segment ? view_segment(segment) : default_segment(cs, o->mem.base);
    u64 offset = register_value(cs, v, o->mem.base, next) +
                 register_value(cs, v, o->mem.index, next) * (u64)(s64)o->mem.scale + (u64)o->mem.disp;
    to->offset = low_bytes(offset, x->addr_size);
}

static void take_operand(csh cs, const struct view *v, const cs_x86 *x, const cs_x86_op *o, u64 next,
                         struct insn_operand *to)
{
    *to = (struct insn_operand){ .size = o->size, .control = -1, .segment = DEBUG_SEGMENTS };
    to->read = o->access & CS_AC_READ;
    to->write = o->access & CS_AC_WRITE;
    if (o->type == X86_OP_MEM) {
        take_memory(cs, v, x, o, next, to);
        return;
    }
    to->kind = o->type == X86_OP_REG ? OPERAND_REGISTER : OPERAND_IMMEDIATE;
    to->value = (u64)o->imm;
    if (o->type != X86_OP_REG)
        return;
    const char *name = cs_reg_name(cs, o->reg);
    snprintf(to->name, sizeof to->name, "%s", name ? name : "?");
    to->value = register_value(cs, v, o->reg, next);
    to->segment = view_segment(to->name);
    if (to->name[0] == 'c' && to->name[1] == 'r' && to->name[2] >= '0' && to->name[2] <= '9')
        to->control = to->name[2] - '0';
}

/* ---- kinds ---- */

static enum insn_kind kind_of_id(unsigned id)
{
    static const struct {
        unsigned id;
        enum insn_kind kind;
    } kinds[] = {
        { X86_INS_CALL, INSN_CALL },       { X86_INS_RET, INSN_RET },           { X86_INS_LJMP, INSN_FAR_JUMP },
        { X86_INS_LCALL, INSN_FAR_CALL },  { X86_INS_RETF, INSN_FAR_RET },      { X86_INS_RETFQ, INSN_FAR_RET },
        { X86_INS_IRET, INSN_IRET },       { X86_INS_IRETD, INSN_IRET },        { X86_INS_IRETQ, INSN_IRET },
        { X86_INS_INT, INSN_INT },         { X86_INS_INT3, INSN_INT },          { X86_INS_INTO, INSN_INT },
        { X86_INS_PUSH, INSN_PUSH },       { X86_INS_PUSHAW, INSN_PUSH },       { X86_INS_PUSHAL, INSN_PUSH },
        { X86_INS_PUSHF, INSN_IOPL },      { X86_INS_PUSHFD, INSN_IOPL },       { X86_INS_PUSHFQ, INSN_IOPL },
        { X86_INS_POPF, INSN_IOPL },       { X86_INS_POPFD, INSN_IOPL },        { X86_INS_POPFQ, INSN_IOPL },
        { X86_INS_CLI, INSN_IOPL },        { X86_INS_STI, INSN_IOPL },          { X86_INS_POP, INSN_POP },
        { X86_INS_POPAW, INSN_POP },       { X86_INS_POPAL, INSN_POP },         { X86_INS_LEAVE, INSN_POP },
        { X86_INS_WRMSR, INSN_WRMSR },     { X86_INS_RDMSR, INSN_RDMSR },       { X86_INS_LTR, INSN_LTR },
        { X86_INS_LLDT, INSN_LLDT },       { X86_INS_LGDT, INSN_LGDT },         { X86_INS_LIDT, INSN_LIDT },
        { X86_INS_IN, INSN_IN },           { X86_INS_INSB, INSN_IN },           { X86_INS_INSW, INSN_IN },
        { X86_INS_INSD, INSN_IN },         { X86_INS_OUT, INSN_OUT },           { X86_INS_OUTSB, INSN_OUT },
        { X86_INS_OUTSW, INSN_OUT },       { X86_INS_OUTSD, INSN_OUT },         { X86_INS_DIV, INSN_DIVIDE },
        { X86_INS_IDIV, INSN_DIVIDE },     { X86_INS_AAM, INSN_DIVIDE },        { X86_INS_HLT, INSN_PRIVILEGED },
        { X86_INS_CLTS, INSN_PRIVILEGED }, { X86_INS_LMSW, INSN_PRIVILEGED },   { X86_INS_INVLPG, INSN_PRIVILEGED },
        { X86_INS_INVD, INSN_PRIVILEGED }, { X86_INS_WBINVD, INSN_PRIVILEGED },
    };
    for (unsigned i = 0; i < ARRAY_LEN(kinds); i++)
        if (kinds[i].id == id)
            return kinds[i].kind;
    return INSN_OTHER;
}

static unsigned far_load(unsigned id)
{
    switch (id) {
    case X86_INS_LDS:
        return DEBUG_DS;
    case X86_INS_LES:
        return DEBUG_ES;
    case X86_INS_LSS:
        return DEBUG_SS;
    case X86_INS_LFS:
        return DEBUG_FS;
    case X86_INS_LGS:
        return DEBUG_GS;
    default:
        return DEBUG_SEGMENTS;
    }
}

/* JMP and CALL through memory are near or far by ModRM.reg (5 and 3 of opcode FF: far). */
static bool is_far_indirect(const cs_x86 *x)
{
    unsigned reg = x->modrm >> 3 & 7;
    return x->opcode[0] == 0xff && (reg == 3 || reg == 5);
}

static void classify(csh cs, const cs_insn *c, struct insn *i)
{
    const cs_x86 *x = &c->detail->x86;
    const struct insn_operand *o = i->operand;
    i->kind = kind_of_id(c->id);
    i->loads = far_load(c->id);
    i->repeats = x->prefix[0] == X86_PREFIX_REP || x->prefix[0] == X86_PREFIX_REPNE;
    if (cs_insn_group(cs, c, X86_GRP_JUMP) && i->kind == INSN_OTHER) {
        i->kind = INSN_JUMP;
        i->conditional = c->id != X86_INS_JMP;
    }
    if (is_far_indirect(x))
        i->kind = (x->modrm >> 3 & 7) == 5 ? INSN_FAR_JUMP : INSN_FAR_CALL;
    if (i->loads < DEBUG_SEGMENTS)
        i->kind = INSN_LOAD_SEGMENT;
    bool to_segment = i->operands && o[0].kind == OPERAND_REGISTER && o[0].segment < DEBUG_SEGMENTS;
    if (to_segment && (c->id == X86_INS_MOV || i->kind == INSN_POP)) {
        i->kind = INSN_LOAD_SEGMENT;
        i->loads = o[0].segment;
    }
    if (i->operands == 2 && o[0].kind == OPERAND_REGISTER && o[0].control >= 0 && c->id == X86_INS_MOV)
        i->kind = INSN_MOV_CR;
    else if (i->kind == INSN_OTHER && cs_insn_group(cs, c, X86_GRP_PRIVILEGE))
        i->kind = INSN_PRIVILEGED;
}

/* By the prefixes and REX.W. */
static unsigned operand_size(const cs_x86 *x, enum debug_code code)
{
    bool prefix = x->prefix[2] == X86_PREFIX_OPSIZE;
    if (code == DEBUG_CODE_64 && (x->rex & 8))
        return 8;
    if (code == DEBUG_CODE_16)
        return prefix ? 4 : 2;
    return prefix ? 2 : 4;
}

bool insn_available(void)
{
    return !library_load(&library_capstone);
}

static bool decode(csh cs, const struct view *v, const u8 *bytes, size_t len, u64 rip, enum debug_code code,
                   struct insn *i)
{
    cs_insn *c;
    cs_option(cs, CS_OPT_DETAIL, CS_OPT_ON);
    if (cs_disasm(cs, bytes, len, rip, 1, &c) != 1)
        return false;
    const cs_x86 *x = &c->detail->x86;
    i->length = c->size;
    memcpy(i->bytes, c->bytes, c->size < sizeof i->bytes ? c->size : sizeof i->bytes);
    snprintf(i->text, sizeof i->text, "%s%s%s", c->mnemonic, c->op_str[0] ? " " : "", c->op_str);
    i->size = operand_size(x, code);
    for (; i->operands < x->op_count && i->operands < INSN_OPERANDS_MAX; i->operands++)
        take_operand(cs, v, x, &x->operands[i->operands], rip + c->size, &i->operand[i->operands]);
    classify(cs, c, i);
    cs_free(c, 1);
    return true;
}

bool insn_decode(const struct view *v, const u8 *bytes, size_t len, u64 rip, enum debug_code code, struct insn *i)
{
    static const cs_mode modes[] = {
        [DEBUG_CODE_16] = CS_MODE_16, [DEBUG_CODE_32] = CS_MODE_32, [DEBUG_CODE_64] = CS_MODE_64
    };
    csh cs;
    *i = (struct insn){ 0 };
    if (!insn_available() || cs_open(CS_ARCH_X86, modes[code], &cs) != CS_ERR_OK)
        return false;
    bool ok = decode(cs, v, bytes, len, rip, code, i);
    cs_close(&cs);
    return ok;
}

#else

bool insn_available(void)
{
    return false;
}

bool insn_decode(const struct view *v, const u8 *bytes, size_t len, u64 rip, enum debug_code code, struct insn *i)
{
    (void)v, (void)bytes, (void)len, (void)rip, (void)code;
    *i = (struct insn){ 0 };
    return false;
}

#endif

bool insn_read(const struct view *v, u64 linear, u64 rip, enum debug_code code, struct insn *i)
{
    u8 bytes[INSN_BYTES_MAX];
    size_t len = debug_read(v->machine, v->cpu, DEBUG_LINEAR, linear, bytes, sizeof bytes);
    return insn_decode(v, bytes, len, rip, code, i);
}

bool insn_here(const struct view *v, struct insn *i)
{
    return insn_read(v, view_code(v), v->r.rip, v->r.code, i);
}
