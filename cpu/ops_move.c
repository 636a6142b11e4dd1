/* ops_move.c: MOV, MOVZX, MOVSX, MOVSXD, LEA, CBW/CWDE/CDQE, CWD/CDQ/CQO, XLAT, CMOVcc, SETcc. */
#include "forms.h"
#include "joined.h"
#include "rows.h"

#define BITS 8
#include "ops_move.tmpl.h"
#define BITS 16
#include "ops_move.tmpl.h"
#define BITS 32
#include "ops_move.tmpl.h"
#define BITS 64
#include "ops_move.tmpl.h"

#define WIDTHS(M, name) M(name##_8) M(name##_16) M(name##_32) M(name##_64)
WIDTHS(JOINED, mov_rm_bd64)
WIDTHS(JOINED, mov_rm_bis64)
WIDTHS(JOINED, mov_mr_bd64)
WIDTHS(JOINED, mov_mr_bis64)
WIDTHS(JOINED, mov_mi_bd64)
JOINED(mov_rm_seg64_32)
JOINED(mov_rm_seg64_64)
#define ROWS(name) JOINED_ROW(name##_8), JOINED_ROW(name##_16), JOINED_ROW(name##_32), JOINED_ROW(name##_64)
static const struct joined joined_mov[] = { ROWS(mov_rm_bd64),           ROWS(mov_rm_bis64),
                                            ROWS(mov_mr_bd64),           ROWS(mov_mr_bis64),
                                            ROWS(mov_mi_bd64),           JOINED_ROW(mov_rm_seg64_32),
                                            JOINED_ROW(mov_rm_seg64_64), { NULL, { NULL } } };

const struct exec_group exec_mov = { .joined = joined_mov,
                                     .rr = FORM_WIDTHS(mov_rr),
                                     .ri = FORM_WIDTHS(mov_ri),
                                     .rm = FORM_KINDS(mov_rm),
                                     .mr = FORM_KINDS(mov_mr),
                                     .mi = FORM_KINDS(mov_mi) };

/* MOV AL/rAX, moffs: the offset is the memory operand. */
const struct exec_group exec_mov_from = { .rm = FORM_KINDS(mov_rm) };

#define NAME movzx_b
#define FROM u8
#define FROM_BYTES 1
#include "ops_extend_widths.tmpl.h"
#define NAME movzx_w
#define FROM u16
#define FROM_BYTES 2
#include "ops_extend_widths.tmpl.h"
#define NAME movsx_b
#define FROM s8
#define FROM_BYTES 1
#include "ops_extend_widths.tmpl.h"
#define NAME movsx_w
#define FROM s16
#define FROM_BYTES 2
#include "ops_extend_widths.tmpl.h"
#define NAME movsx_d
#define FROM s32
#define FROM_BYTES 4
#include "ops_extend_widths.tmpl.h"

/* MOVSXD with a 16-bit operand moves 16 bits and reads no more (SDM vol. 2, MOVSXD). */
#define SXD(form, kind)                                                                                                \
    {                                                                                                                  \
        NULL, mov_##form##kind##_16, movsx_d_##form##kind##_32, movsx_d_##form##kind##_64                              \
    }
static const struct joined joined_movsxd[] = { JOINED_ROW(movsx_d_rm_bd64_64),
                                               JOINED_ROW(movsx_d_rm_bis64_64),
                                               { NULL, { NULL } } };
const struct exec_group exec_movsxd = { .joined = joined_movsxd,
                                        .rr = SXD(rr, ),
                                        .rm = {
                                            SXD(rm, _bd64), SXD(rm, _bis64), SXD(rm, _bd32),
                                            SXD(rm, _bis32), [EA_SEG64] = SXD(rm, _seg64), [EA_GEN] = SXD(rm, _gen) } };
#undef SXD

/* ---- LEA: the offset, cut to the address size, then to the operand size ---- */

static const struct uop *lea_any(struct cpu *c, const struct uop *u)
{
    put_reg(c, u->dst, u_size(u), ea_offset(c, u));
    NEXT_FAST;
}

static const struct uop *lea_bd64_64(struct cpu *c, const struct uop *u)
{
    put64(c, u->dst, ea_fast(c, u, EA_BD64));
    NEXT_FAST;
}

static const struct uop *lea_bis64_64(struct cpu *c, const struct uop *u)
{
    put64(c, u->dst, ea_fast(c, u, EA_BIS64));
    NEXT_FAST;
}

static const struct uop *lea_bd_32(struct cpu *c, const struct uop *u)
{
    put32(c, u->dst, (u32)ea_fast(c, u, EA_BD32));
    NEXT_FAST;
}

static const struct uop *lea_bis_32(struct cpu *c, const struct uop *u)
{
    put32(c, u->dst, (u32)ea_fast(c, u, EA_BIS32));
    NEXT_FAST;
}

static const struct uop *lea_16(struct cpu *c, const struct uop *u)
{
    put16(c, u->dst, (u16)seg_offset(c, u, EA_SEG16));
    NEXT_FAST;
}

const struct exec_group exec_lea = { .any_width = lea_any,
                                     .rm = { [EA_BD64] = { [2] = lea_bd_32, [3] = lea_bd64_64 },
                                             [EA_BIS64] = { [2] = lea_bis_32, [3] = lea_bis64_64 },
                                             [EA_BD32] = { [2] = lea_bd_32 },
                                             [EA_BIS32] = { [2] = lea_bis_32 },
                                             [EA_SEG16] = { [1] = lea_16 },
                                             [EA_SEG32] = { [2] = lea_bis_32 } } };

/* ---- sign extension of the accumulator ---- */

static const struct uop *cbw_16(struct cpu *c, const struct uop *u)
{
    put16(c, REG_OFFSET(RAX), (u16)(s8)c->r[RAX]);
    NEXT_FAST;
}

static const struct uop *cbw_32(struct cpu *c, const struct uop *u)
{
    put32(c, REG_OFFSET(RAX), (u32)(s16)c->r[RAX]);
    NEXT_FAST;
}

static const struct uop *cbw_64(struct cpu *c, const struct uop *u)
{
    c->r[RAX] = (u64)(s32)c->r[RAX];
    NEXT_FAST;
}

const struct exec_group exec_cbw = { .any = { NULL, cbw_16, cbw_32, cbw_64 } };

static const struct uop *cwd_16(struct cpu *c, const struct uop *u)
{
    put16(c, REG_OFFSET(RDX), (u16)((s16)c->r[RAX] >> 15));
    NEXT_FAST;
}

static const struct uop *cwd_32(struct cpu *c, const struct uop *u)
{
    c->r[RDX] = (u32)((s32)c->r[RAX] >> 31);
    NEXT_FAST;
}

static const struct uop *cwd_64(struct cpu *c, const struct uop *u)
{
    c->r[RDX] = (u64)((s64)c->r[RAX] >> 63);
    NEXT_FAST;
}

const struct exec_group exec_cwd = { .any = { NULL, cwd_16, cwd_32, cwd_64 } };

/* XLAT: AL := [rBX + AL], DS or an override. */
EXEC(xlat)
{
    static const u64 mask[3] = { 0xffff, 0xffffffff, UINT64_MAX };
    u64 lin, offset = (c->r[RBX] + (c->r[RAX] & 0xff)) & mask[u_asize(u)];
    u8 v;
    TRY(seg_linear(c, u_seg(u), offset, 1, false, &lin) && lin_read(c, lin, &v, 1));
    put8(c, REG_OFFSET(RAX), v);
    NEXT;
}

/* ---- conditions ---- */

#define CONDITION(name, cc)                                                                                            \
    static const struct uop *set##name##_r(struct cpu *c, const struct uop *u)                                         \
    {                                                                                                                  \
        put8(c, u->dst, flags_cond(c, cc));                                                                            \
        NEXT_FAST;                                                                                                     \
    }                                                                                                                  \
    static const struct uop *set##name##_m(struct cpu *c, const struct uop *u)                                         \
    {                                                                                                                  \
        if (UNLIKELY(!mem_store_gen(c, u, flags_cond(c, cc), 1)))                                                      \
            LEAVE;                                                                                                     \
        NEXT_FAST;                                                                                                     \
    }                                                                                                                  \
    const struct exec_group exec_set##name = { .rr = { set##name##_r }, .any_width = set##name##_m };                  \
    static const struct uop *cmov##name##_rr_32(struct cpu *c, const struct uop *u)                                    \
    {                                                                                                                  \
        put32(c, u->dst, get32(c, flags_cond(c, cc) ? u->src : u->dst));                                               \
        NEXT_FAST;                                                                                                     \
    }                                                                                                                  \
    static const struct uop *cmov##name##_rr_64(struct cpu *c, const struct uop *u)                                    \
    {                                                                                                                  \
        put64(c, u->dst, get64(c, flags_cond(c, cc) ? u->src : u->dst));                                               \
        NEXT_FAST;                                                                                                     \
    }                                                                                                                  \
    static const struct uop *cmov##name##_any(struct cpu *c, const struct uop *u)                                      \
    {                                                                                                                  \
        return cmov_any(c, u, flags_cond(c, cc));                                                                      \
    }                                                                                                                  \
    const struct exec_group exec_cmov##name = { .rr = { [2] = cmov##name##_rr_32, [3] = cmov##name##_rr_64 },          \
                                                .any_width = cmov##name##_any };

/* The load is made, and may fault, whatever the condition; a 32-bit destination is zero-extended even then. */
static const struct uop *cmov_any(struct cpu *c, const struct uop *u, bool taken)
{
    u64 v;
    TRY(load_src(c, u, u_size(u), &v));
    put_reg(c, u->dst, u_size(u), taken ? v : get_reg(c, u->dst, u_size(u)));
    NEXT;
}

CONDITION(o, 0)
CONDITION(no, 1)
CONDITION(b, 2)
CONDITION(ae, 3)
CONDITION(e, 4)
CONDITION(ne, 5)
CONDITION(be, 6)
CONDITION(a, 7)
CONDITION(s, 8)
CONDITION(ns, 9)
CONDITION(p, 10)
CONDITION(np, 11)
CONDITION(l, 12)
CONDITION(ge, 13)
CONDITION(le, 14)
CONDITION(g, 15)
