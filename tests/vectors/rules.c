#include "rules.h"

#include "cpu_state.h"

#define LENGTH_MAX 10 /* of an instruction of the 80286 */

const char *const rule_text[RULES] = {
    [RULE_LENGTH] = "longer than ten bytes, which an 80286 does not take",
    [RULE_LOCK] = "LOCK before what can't be locked, which is #UD since the 80386",
    [RULE_FS_GS] = "FS and GS, which an 80286 does not have",
    [RULE_X87] = "x87 instructions: no 80287 was there",
    [RULE_PARTIAL] = "faults after which an 80286 has stepped SI, DI, SP or BP already",
    [RULE_IDIV] = "IDIV of a byte that overflows, which an 80286 does not always see",
    [RULE_CAPTURE] = "frames with SS where CS belongs: something went wrong in the capture",
};

static bool is_prefix(u8 b)
{
    return b == 0x26 || b == 0x2e || b == 0x36 || b == 0x3e || b == 0xf0 || b == 0xf2 || b == 0xf3;
}

static unsigned opcode_at(const struct moo_test *t)
{
    unsigned i = 0;
    while (i + 1 < t->code_len && is_prefix(t->code[i]))
        i++;
    return i;
}

/* String instructions, POP m, POPA, POP of segment registers, LEAVE, returns. */
static bool steps_before_fault(u8 op)
{
    return (op >= 0x6c && op <= 0x6f) || (op >= 0xa4 && op <= 0xaf && op != 0xa8 && op != 0xa9) || op == 0x8f ||
           op == 0x61 || op == 0x07 || op == 0x17 || op == 0x1f || op == 0xc9 || (op >= 0xc2 && op <= 0xc3) ||
           (op >= 0xca && op <= 0xcb);
}

static unsigned modrm_reg(const struct moo_test *t)
{
    unsigned i = opcode_at(t) + 1;
    return i < t->code_len ? t->code[i] >> 3 & 7 : 0;
}

static u16 word_after(const struct moo_test *t, u32 address)
{
    u16 v = 0;
    for (u32 i = 0; i < t->after.ram_count; i++) {
        u32 at = moo_address(&t->after, i);
        if (at == address || at == address + 1)
            v = (u16)(v | moo_byte(&t->after, i) << 8 * (at - address));
    }
    return v;
}

static bool frame_holds_ss(const struct moo_test *t)
{
    u16 ss = t->before.reg[MOO_SS];
    u32 cs_at = (u32)ss * 16 + (u16)(t->after.reg[MOO_SP] + 2);
    return t->has_exception && t->before.reg[MOO_CS] != ss && word_after(t, cs_at) == ss;
}

/* The opcode's other forms are listed without their displacement and immediate. */
static bool is_long_bad_mov(const struct moo_test *t, u8 op)
{
    return (op == 0xc6 || op == 0xc7) && modrm_reg(t) != 0 && t->vector == VECTOR_SEGMENT;
}

enum rule rule_of(const struct moo_test *t)
{
    u8 op = t->code[opcode_at(t)];
    if (t->code_len > LENGTH_MAX + 1 || is_long_bad_mov(t, op))
        return RULE_LENGTH;
    for (unsigned i = 0; i < opcode_at(t); i++)
        if (t->code[i] == 0xf0)
            return RULE_LOCK;
    if (op >= 0xd8 && op <= 0xdf)
        return RULE_X87;
    if ((op == 0x8c || op == 0x8e) && t->has_exception && t->vector == 6)
        return RULE_FS_GS;
    if (t->has_exception && t->vector == VECTOR_SEGMENT && steps_before_fault(op))
        return RULE_PARTIAL;
    if (op == 0xf6 && modrm_reg(t) == 7 && !t->has_exception && (t->after.reg[MOO_AX] & 0xff) == 0x80)
        return RULE_IDIV;
    if (frame_holds_ss(t))
        return RULE_CAPTURE;
    return RULE_NONE;
}

#define SHIFTED (FL_SF | FL_ZF | FL_PF)

static u16 shift_flags(const struct moo_test *t, u8 op, unsigned reg, u8 imm)
{
    unsigned count = op < 0xd0 ? imm & 31 : op < 0xd2 ? 1 : t->before.reg[MOO_CX] & 31;
    unsigned bits = op & 1 ? 16 : 8;
    u16 mask = 0;
    if (count == 0)
        return 0;
    if (count != 1)
        mask |= FL_OF;
    if (reg >= 4)
        mask |= FL_AF;
    if (reg >= 4 && reg < 7 && count >= bits)
        mask |= FL_CF;
    return mask;
}

/* The immediate byte of C0 and C1, the last of the instruction. */
static u8 last_byte(const struct moo_test *t)
{
    return t->code_len >= 2 ? t->code[t->code_len - 2] : 0;
}

u16 undefined_flags(const struct moo_test *t)
{
    u8 op = t->code[opcode_at(t)];
    unsigned reg = modrm_reg(t);
    bool logic = (op < 0x40 && (op & 7) < 6 && ((op >> 3) == 1 || (op >> 3) == 4 || (op >> 3) == 6)) || op == 0x84 ||
                 op == 0x85 || op == 0xa8 || op == 0xa9 ||
                 (op >= 0x80 && op <= 0x83 && (reg == 1 || reg == 4 || reg == 6)) ||
                 ((op == 0xf6 || op == 0xf7) && reg < 2);
    if (logic)
        return FL_AF;
    if (op == 0xc0 || op == 0xc1 || (op >= 0xd0 && op <= 0xd3))
        return shift_flags(t, op, reg, last_byte(t));
    if (op == 0x69 || op == 0x6b || ((op == 0xf6 || op == 0xf7) && (reg == 4 || reg == 5)))
        return SHIFTED | FL_AF;
    if ((op == 0xf6 || op == 0xf7) && reg >= 6)
        return FL_ARITH;
    if (op == 0x27 || op == 0x2f)
        return FL_OF;
    if (op == 0x37 || op == 0x3f)
        return FL_OF | SHIFTED;
    if (op == 0xd4 && t->has_exception)
        return FL_ARITH;
    if (op == 0xd4 || op == 0xd5)
        return FL_OF | FL_AF | FL_CF;
    return 0;
}
