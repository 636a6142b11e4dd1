/* ops_far_real.c: far JMP, CALL, RET, INT n and IRET of real mode (all but the last two: of virtual-8086 mode, too)
 * where nothing is in the way: vector and stack in plain memory, targets within the limit, no flag changed that the
 * mode depends on, nobody watching. They check before they change anything; all else is done by ops_far.c. */
#include "far.h"
#include "fast.h"
#include "rows.h"

static ALWAYS_INLINE bool may_go(const struct cpu *c, u64 ip)
{
    return LIKELY(!c->probe && seg_only_moves(c, &c->seg[CS]) && ip <= c->seg[CS].limit);
}

static ALWAYS_INLINE const struct uop *go(struct cpu *c, const struct uop *u, u16 sel, u64 ip)
{
    record_mode(c, ip_of(c, u));
    seg_move(&c->seg[CS], sel);
    c->jump_base = c->seg[CS].base << 32;
    c->rip = ip;
    if (UNLIKELY(c->events))
        return NULL;
    ENTER_FAST;
}

/* CS:IP of the next instruction on the stack; false: not plainly. */
static ALWAYS_INLINE bool push_return(struct cpu *c, const struct uop *u, unsigned bytes)
{
    u8 *p = stack_run_w(c, -2 * (s64)bytes, 2 * bytes);
    if (UNLIKELY(!p))
        return false;
    put_bytes(p, c->r[R_PAGE] + u_end(u), bytes);
    put_bytes(p + bytes, c->seg[CS].sel, bytes);
    stack_add(c, -2 * (s64)bytes);
    return true;
}

static u16 pointer_sel(const struct uop *u)
{
    return (u16)(u->imm >> 32);
}

const struct uop *real_jmp_far(struct cpu *c, const struct uop *u)
{
    if (!may_go(c, (u32)u->imm))
        PASS_TO(exec_jmp_far.any_width);
    return go(c, u, pointer_sel(u), (u32)u->imm);
}

static ALWAYS_INLINE const struct uop *call_far(struct cpu *c, const struct uop *u, unsigned bytes)
{
    if (!may_go(c, (u32)u->imm) || !push_return(c, u, bytes))
        PASS_TO(exec_call_far.any_width);
    return go(c, u, pointer_sel(u), (u32)u->imm);
}
const struct uop *real_call_far_16(struct cpu *c, const struct uop *u)
{
    return call_far(c, u, 2);
}
const struct uop *real_call_far_32(struct cpu *c, const struct uop *u)
{
    return call_far(c, u, 4);
}

/* ---- m16:16 ---- */

const struct uop *real_jmp_far_m(struct cpu *c, const struct uop *u)
{
    const u8 *p = far_pointer_16(c, u);
    if (!p || !may_go(c, get_le16(p)))
        PASS_TO(exec_jmp_far_m.any_width);
    return go(c, u, get_le16(p + 2), get_le16(p));
}

const struct uop *real_call_far_m(struct cpu *c, const struct uop *u)
{
    const u8 *p = far_pointer_16(c, u);
    u32 pointer = p ? get_le32(p) : 0; /* the stack may lie over it */
    if (!p || !may_go(c, (u16)pointer) || !push_return(c, u, 2))
        PASS_TO(exec_call_far_m.any_width);
    return go(c, u, (u16)(pointer >> 16), (u16)pointer);
}

/* ---- RET ---- */

static ALWAYS_INLINE const struct uop *ret_far(struct cpu *c, const struct uop *u, unsigned bytes)
{
    const u8 *p = stack_run_r(c, 0, 2 * bytes);
    if (!p || !may_go(c, get_bytes(p, bytes)))
        PASS_TO(exec_ret_far.any_width);
    stack_add(c, 2 * (s64)bytes + (s64)u->imm);
    return go(c, u, get_le16(p + bytes), get_bytes(p, bytes));
}
const struct uop *real_ret_far_16(struct cpu *c, const struct uop *u)
{
    return ret_far(c, u, 2);
}
const struct uop *real_ret_far_32(struct cpu *c, const struct uop *u)
{
    return ret_far(c, u, 4);
}

/* ---- INT n, IRET ---- */

#define INT_FRAME 6 /* IP, CS, FLAGS */
#define INT_CLEARS_OF_MODE (FL_TF | FL_AC | FL_RF)
#define IRET_LOADS_OF_MODE (FL_TF | FL_IOPL)
#define IRET_LOADS (FL_IF | FL_DF | FL_NT)

/* The entry of the vector table; NULL: not plainly. Supervisor accesses, which those of real mode are but under SMAP.
 */
static ALWAYS_INLINE const u8 *vector_entry(struct cpu *c, u32 vector)
{
    bool plain = !(c->mode & MODE_PE) && c->tlb_set == TLB_SUPER && vector * 4 + 3 <= c->idt.limit;
    return LIKELY(plain) ? tlb_host_r(c, (u32)(c->idt.base + vector * 4), 4) : NULL;
}

const struct uop *real_int_n(struct cpu *c, const struct uop *u)
{
    const u8 *entry = vector_entry(c, (u8)u->imm);
    u32 target = entry ? get_le32(entry) : 0;
    if (!entry || (c->eflags & INT_CLEARS_OF_MODE) || !may_go(c, (u16)target))
        PASS_TO(exec_int_n.any_width);
    u8 *p = stack_run_w(c, -INT_FRAME, INT_FRAME);
    if (UNLIKELY(!p))
        PASS_TO(exec_int_n.any_width);
    put_le16(p, (u16)(c->r[R_PAGE] + u_end(u)));
    put_le16(p + 2, c->seg[CS].sel);
    put_le16(p + 4, (u16)flags_get(c));
    stack_add(c, -INT_FRAME);
    c->eflags &= ~FL_IF;
    c->delivered = true;
    seg_move(&c->seg[CS], (u16)(target >> 16)); /* the flight recorder names the handler's */
    record_interrupt(c, (u8)u->imm, DEBUG_SOURCE_SOFTWARE, ip_after(c, u));
    return go(c, u, (u16)(target >> 16), (u16)target);
}

const struct uop *real_iret(struct cpu *c, const struct uop *u)
{
    const u8 *p = stack_run_r(c, 0, INT_FRAME);
    u32 flags = p ? get_le16(p + 4) : 0;
    if (!p || (c->mode & MODE_PE) || ((flags ^ c->eflags) & IRET_LOADS_OF_MODE) || !may_go(c, get_le16(p)))
        PASS_TO(exec_iret.any_width);
    stack_add(c, INT_FRAME);
    c->eflags = (c->eflags & ~IRET_LOADS) | (flags & IRET_LOADS);
    flags_set_arith(c, flags);
    c->nmi_blocked = false;
    return go(c, u, get_le16(p + 2), get_le16(p));
}
