/* ops_bit.c: BT BTS BTR BTC BSF BSR POPCNT. */
#include "alu.h"
#include "fast.h"
#include "forms.h"
#include "rows.h"

enum bit_op { BIT_TEST, BIT_SET, BIT_RESET, BIT_COMPLEMENT };

static u64 bit_apply(u64 v, u64 mask, enum bit_op op)
{
    switch (op) {
    case BIT_SET:
        return v | mask;
    case BIT_RESET:
        return v & ~mask;
    case BIT_COMPLEMENT:
        return v ^ mask;
    default:
        return v;
    }
}

static void set_carry(struct cpu *c, bool carry)
{
    c->fl = (u16)((c->fl & ~HF_CF) | (carry ? HF_CF : 0));
}

static bool bit_memory(struct cpu *c, u64 lin, unsigned bytes, u64 mask, enum bit_op op)
{
    u64 v = 0;
    void *p = op == BIT_TEST ? tlb_host_r(c, lin, bytes) : tlb_host_w(c, lin, bytes);
    if (LIKELY(p != NULL)) {
        v = get_bytes(p, bytes);
        if (op != BIT_TEST)
            put_bytes(p, bit_apply(v, mask, op), bytes);
        set_carry(c, (v & mask) != 0);
        return true;
    }
    if ((op != BIT_TEST && !lin_probe(c, lin, bytes, true)) || !lin_read(c, lin, &v, bytes))
        return false;
    u64 r = bit_apply(v, mask, op);
    if (op != BIT_TEST && !lin_write(c, lin, &r, bytes))
        return false;
    set_carry(c, (v & mask) != 0);
    return true;
}

/* Bit offset in a register: with a memory operand it reaches beyond the operand, in either direction (SDM vol. 2, BT).
 */
static const struct uop *bit_reg(struct cpu *c, const struct uop *u, enum bit_op op)
{
    unsigned size = u_size(u), bits = 8u << size;
    u64 n = get_reg(c, u->src, size), mask = (u64)1 << (n & (bits - 1));
    if (!u_mem(u)) {
        u64 v = get_reg(c, u->dst, size);
        if (op != BIT_TEST)
            put_reg(c, u->dst, size, bit_apply(v, mask, op));
        set_carry(c, (v & mask) != 0);
        NEXT_FAST;
    }
    s64 index = (s64)(n << (64 - bits)) >> (64 - bits);
    s64 delta = (index >> (3 + size)) * (s64)(bits / 8);
    static const u64 masks[3] = { 0xffff, 0xffffffff, UINT64_MAX };
    u64 offset = (ea_offset(c, u) + (u64)delta) & masks[u_asize(u)], lin;
    TRY(seg_aligned(c, u_seg(u), offset, bits / 8, op != BIT_TEST, &lin));
    TRY(bit_memory(c, lin, bits / 8, mask, op));
    NEXT;
}

EXEC(bt)
{
    return bit_reg(c, u, BIT_TEST);
}
EXEC(bts)
{
    return bit_reg(c, u, BIT_SET);
}
EXEC(btr)
{
    return bit_reg(c, u, BIT_RESET);
}
EXEC(btc)
{
    return bit_reg(c, u, BIT_COMPLEMENT);
}
/* ---- by an immediate: registers, and BT of flat memory, on the short way ---- */

static ALWAYS_INLINE u64 immediate_mask(const struct uop *u, unsigned size)
{
    return (u64)1 << (u->imm & ((8u << size) - 1));
}

static ALWAYS_INLINE const struct uop *bit_imm_r(struct cpu *c, const struct uop *u, enum bit_op op, unsigned size)
{
    u64 mask = immediate_mask(u, size), v = get_reg(c, u->dst, size);
    if (op != BIT_TEST)
        put_reg(c, u->dst, size, bit_apply(v, mask, op));
    set_carry(c, (v & mask) != 0);
    NEXT_FAST;
}

CHECKED_FORM bit_imm_m(struct cpu *c, const struct uop *u, enum bit_op op)
{
    unsigned bytes = u_bytes(u);
    u64 lin;
    TRY(ea_linear(c, u, bytes, op != BIT_TEST, &lin));
    TRY(bit_memory(c, lin, bytes, immediate_mask(u, u_size(u)), op));
    NEXT;
}

static const struct uop *bt_imm_m(struct cpu *c, const struct uop *u)
{
    return bit_imm_m(c, u, BIT_TEST);
}

static ALWAYS_INLINE const struct uop *bt_imm_at(struct cpu *c, const struct uop *u, enum ea_kind kind, unsigned size)
{
    const void *p = tlb_host_r(c, ea_fast(c, u, kind), 1u << size);
    if (UNLIKELY(!p))
        PASS_TO(bt_imm_m);
    set_carry(c, (get_bytes(p, 1u << size) & immediate_mask(u, size)) != 0);
    NEXT_FAST;
}

#define BIT_WIDTH(name, op, bits, size)                                                                                \
    static const struct uop *name##_imm_r_##bits(struct cpu *c, const struct uop *u)                                   \
    {                                                                                                                  \
        return bit_imm_r(c, u, op, size);                                                                              \
    }
#define BIT_WIDTHS(name, op) BIT_WIDTH(name, op, 16, 1) BIT_WIDTH(name, op, 32, 2) BIT_WIDTH(name, op, 64, 3)
#define BIT_IMM(name, op)                                                                                              \
    BIT_WIDTHS(name, op)                                                                                               \
    static const struct uop *name##_imm_m(struct cpu *c, const struct uop *u)                                          \
    {                                                                                                                  \
        return bit_imm_m(c, u, op);                                                                                    \
    }                                                                                                                  \
    const struct exec_group exec_##name##_imm = { .ri = FORM_WIDTHS_V(name##_imm_r), .any_width = name##_imm_m };
BIT_IMM(bts, BIT_SET)
BIT_IMM(btr, BIT_RESET)
BIT_IMM(btc, BIT_COMPLEMENT)

#define BT_AT(kind, number, bits, size)                                                                                \
    static const struct uop *bt_imm_##kind##_##bits(struct cpu *c, const struct uop *u)                                \
    {                                                                                                                  \
        return bt_imm_at(c, u, number, size);                                                                          \
    }
#define BT_WIDTHS(kind, number) BT_AT(kind, number, 16, 1) BT_AT(kind, number, 32, 2) BT_AT(kind, number, 64, 3)
BIT_WIDTHS(bt, BIT_TEST)
BT_WIDTHS(bd64, EA_BD64)
BT_WIDTHS(bis64, EA_BIS64)
const struct exec_group exec_bt_imm = {
    .ri = FORM_WIDTHS_V(bt_imm_r),
    .mi = { [EA_BD64] = FORM_WIDTHS_V(bt_imm_bd64), [EA_BIS64] = FORM_WIDTHS_V(bt_imm_bis64) },
    .any_width = bt_imm_m
};

/* BSF, BSR: with a source of 0 the destination keeps its value. CF, OF, SF, AF, PF are undefined: silicon clears all
 * but PF, which is that of the index. */
static const struct uop *scan(struct cpu *c, const struct uop *u, bool reverse)
{
    u64 v;
    TRY(load_src(c, u, u_size(u), &v));
    if (v == 0) {
        c->fl = HF_ZF | HF_PF;
        NEXT;
    }
    u64 n = reverse ? 63u - (unsigned)__builtin_clzll(v) : (unsigned)__builtin_ctzll(v);
    put_reg(c, u->dst, u_size(u), n);
    c->fl = __builtin_parity((unsigned)n) ? 0 : HF_PF;
    NEXT;
}

EXEC(bsf)
{
    return scan(c, u, false);
}
EXEC(bsr)
{
    return scan(c, u, true);
}

EXEC(popcnt)
{
    u64 v;
    TRY(load_src(c, u, u_size(u), &v));
    put_reg(c, u->dst, u_size(u), (u64)__builtin_popcountll(v));
    c->fl = v ? 0 : HF_ZF;
    NEXT;
}
