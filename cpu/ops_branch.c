/* ops_branch.c: near JMP, Jcc, CALL, RET, LOOP, JCXZ. Direct ones are linked (run.c); a target outside the code
 * segment's limit, or not canonical, faults at the branch, before anything is pushed. */
#include "joined.h"
#include "rows.h"

static const u64 ip_masks[4] = { 0xffff, 0xffff, 0xffffffff, UINT64_MAX };

static const struct uop *x_jmp(struct cpu *c, const struct uop *u)
{
    FOLLOW(taken);
}
JOINED(x_jmp)
static const struct joined joined_jmp[] = { JOINED_ROW(x_jmp), { NULL, { NULL } } };
const struct exec_group exec_jmp = { .any_width = x_jmp, .joined = joined_jmp };

#define JCC(name, cc)                                                                                                  \
    static const struct uop *x_j##name(struct cpu *c, const struct uop *u)                                             \
    {                                                                                                                  \
        if (flags_cond(c, cc))                                                                                         \
            FOLLOW(taken);                                                                                             \
        FOLLOW(fall);                                                                                                  \
    }                                                                                                                  \
    JOINED(x_j##name)                                                                                                  \
    static const struct joined joined_j##name[] = { JOINED_ROW(x_j##name), { NULL, { NULL } } };                       \
    const struct exec_group exec_j##name = { .any_width = x_j##name, .joined = joined_j##name };

JCC(o, 0)
JCC(no, 1)
JCC(b, 2)
JCC(ae, 3)
JCC(e, 4)
JCC(ne, 5)
JCC(be, 6)
JCC(a, 7)
JCC(s, 8)
JCC(ns, 9)
JCC(p, 10)
JCC(np, 11)
JCC(l, 12)
JCC(ge, 13)
JCC(le, 14)
JCC(g, 15)

/* ---- LOOPcc and JCXZ: the counter is CX, ECX or RCX by the address size ---- */

static u64 count_of(struct cpu *c, const struct uop *u)
{
    return c->r[RCX] & (u_asize(u) == 2 ? UINT64_MAX : u_asize(u) ? 0xffffffffu : 0xffffu);
}

static bool target_ok(struct cpu *c, u64 rip);

/* Leaves the counter alone when the branch itself would fault. */
static const struct uop *loop(struct cpu *c, const struct uop *u, bool condition)
{
    u64 left = count_of(c, u) - 1;
    bool taken = condition && (left & (u_asize(u) == 2 ? UINT64_MAX : u_asize(u) ? 0xffffffffu : 0xffffu)) != 0;
    if (taken && !target_ok(c, (c->r[R_PAGE] + u->imm) & ip_masks[u_size(u)]))
        LEAVE;
    put_reg(c, REG_OFFSET(RCX), u_asize(u) + 1, left);
    if (taken)
        FOLLOW(taken);
    FOLLOW(fall);
}

static const struct uop *x_loop(struct cpu *c, const struct uop *u)
{
    return loop(c, u, true);
}
static const struct uop *x_loope(struct cpu *c, const struct uop *u)
{
    return loop(c, u, (c->fl & HF_ZF) != 0);
}
static const struct uop *x_loopne(struct cpu *c, const struct uop *u)
{
    return loop(c, u, !(c->fl & HF_ZF));
}
static const struct uop *x_jcxz(struct cpu *c, const struct uop *u)
{
    if (count_of(c, u) == 0)
        FOLLOW(taken);
    FOLLOW(fall);
}

/* With a 16-bit counter, outside 64-bit mode. */
static const struct uop *loop_16(struct cpu *c, const struct uop *u)
{
    u16 left = (u16)(get16(c, REG_OFFSET(RCX)) - 1);
    if (UNLIKELY(u_asize(u) || (c->r[R_PAGE] + u->imm) > c->seg[CS].limit))
        PASS_TO(x_loop);
    put16(c, REG_OFFSET(RCX), left);
    if (left)
        FOLLOW(taken);
    FOLLOW(fall);
}
const struct exec_group exec_loop = { .any = { NULL, loop_16 }, .any_width = x_loop };
const struct exec_group exec_loope = { .any_width = x_loope };
const struct exec_group exec_loopne = { .any_width = x_loopne };
const struct exec_group exec_jcxz = { .any_width = x_jcxz };

/* ---- CALL ---- */

static bool target_ok(struct cpu *c, u64 rip)
{
    if (in_64(c))
        return is_canonical(c, rip) || cpu_fault(c, EXC_GP, 0);
    return rip <= c->seg[CS].limit || cpu_fault(c, EXC_GP, 0);
}

/* Silicon pushes first: the stack's fault wins over the target's. */
static COLD bool call_target_fault(struct cpu *c, const struct uop *u)
{
    struct pending_exception fault = c->exc;
    c->exc.valid = false;
    if (mem_probe_stack(c, -(s64)u_bytes(u), u_bytes(u)))
        c->exc = fault;
    return false;
}

static bool call_target_ok(struct cpu *c, const struct uop *u, u64 rip)
{
    return LIKELY(target_ok(c, rip)) || call_target_fault(c, u);
}

CHECKED_FORM call_checked(struct cpu *c, const struct uop *u)
{
    if (!call_target_ok(c, u, (c->r[R_PAGE] + u->imm) & ip_masks[u_size(u)]) ||
        !mem_store_stack(c, -(s64)u_bytes(u), ip_after(c, u), u_bytes(u)))
        LEAVE;
    stack_add(c, -(s64)u_bytes(u));
    FOLLOW(taken);
}

/* Where a linked branch leads, entered; NULL, and nothing has changed, where it has no link or the run ends. */
static ALWAYS_INLINE const struct uop *linked(struct cpu *c, const struct uop *u)
{
    const struct uop *t = ((const struct links *)(const void *)(u + 1))->taken;
    s64 left = c->budget - uop_block_cost(t);
    if (UNLIKELY(left < 0))
        return NULL;
    c->budget = left;
    return t;
}

/* A link leads into the same page, and what the jump cache knows was looked at: only of other targets must be asked
 * whether they are canonical. */
static const struct uop *call_64(struct cpu *c, const struct uop *u)
{
    u64 sp = c->r[RSP] - 8, page = c->r[R_PAGE];
    void *p = tlb_host_w(c, sp, 8);
    if (UNLIKELY(!p))
        PASS_TO(call_checked);
    const struct uop *t = u->imm < PAGE_SIZE ? linked(c, u) : jump_64(c, page + u->imm);
    if (UNLIKELY(!t))
        PASS_TO(call_checked);
    put_le64(p, page + (u64)(s64)u->disp);
    c->r[RSP] = sp;
    PASS_ON(t);
}

JOINED(call_64)
static const struct joined joined_call[] = { JOINED_ROW(call_64), { NULL, { NULL } } };

static ALWAYS_INLINE bool in_limit(const struct cpu *c, u64 rip)
{
    return LIKELY(rip <= c->seg[CS].limit);
}

static ALWAYS_INLINE u64 cut_ip(u64 rip, unsigned bytes)
{
    return bytes == 2 ? (u16)rip : (u32)rip;
}

/* Pushes the address of the next instruction; NULL: nothing was done. */
static ALWAYS_INLINE void *push_return(struct cpu *c, const struct uop *u, enum stack_kind kind, unsigned bytes)
{
    void *p = stack_host_w(c, kind, stack_offset(c, kind, -(s64)bytes), bytes);
    if (UNLIKELY(!p))
        return NULL;
    put_bytes(p, c->r[R_PAGE] + u_end(u), bytes);
    stack_move(c, kind, -(s64)bytes);
    return p;
}

static ALWAYS_INLINE const struct uop *call_on(struct cpu *c, const struct uop *u, enum stack_kind kind, unsigned bytes)
{
    if (UNLIKELY(!in_limit(c, cut_ip(c->r[R_PAGE] + u->imm, bytes)) || !push_return(c, u, kind, bytes)))
        PASS_TO(call_checked);
    FOLLOW(taken);
}
STACK_KINDS_OF(call_on)

const struct exec_group exec_call = { .joined = joined_call,
                                      .stack = STACK_TABLE(call_on),
                                      .any = { [3] = call_64 },
                                      .aligned = call_checked,
                                      .any_width = call_checked };

static const struct uop *indirect(struct cpu *c, u64 rip)
{
    c->rip = rip;
    if (UNLIKELY(c->events))
        return NULL;
    ENTER_FAST;
}

static const struct uop *jmp_to(struct cpu *c, const struct uop *u, u64 rip)
{
    rip &= ip_masks[u_size(u)];
    if (UNLIKELY(!target_ok(c, rip)))
        LEAVE;
    return indirect(c, rip);
}

static const struct uop *call_to(struct cpu *c, const struct uop *u, u64 rip)
{
    rip &= ip_masks[u_size(u)];
    if (UNLIKELY(!call_target_ok(c, u, rip) || !mem_store_stack(c, -(s64)u_bytes(u), ip_after(c, u), u_bytes(u))))
        LEAVE;
    stack_add(c, -(s64)u_bytes(u));
    return indirect(c, rip);
}

#define BY_OPERAND(name)                                                                                               \
    static const struct uop *name##_r(struct cpu *c, const struct uop *u)                                              \
    {                                                                                                                  \
        return name(c, u, get64(c, u->dst));                                                                           \
    }                                                                                                                  \
    static const struct uop *name##_m(struct cpu *c, const struct uop *u)                                              \
    {                                                                                                                  \
        struct loaded m = mem_load_gen(c, u, u_bytes(u));                                                              \
        if (UNLIKELY(!m.ok))                                                                                           \
            LEAVE;                                                                                                     \
        return name(c, u, m.value);                                                                                    \
    }
BY_OPERAND(jmp_to)
BY_OPERAND(call_to)
#define ALL(fn)                                                                                                        \
    {                                                                                                                  \
        fn, fn, fn, fn                                                                                                 \
    }

static ALWAYS_INLINE const struct uop *call_to_on(struct cpu *c, const struct uop *u, enum stack_kind kind,
                                                  unsigned bytes)
{
    u64 rip = cut_ip(get64(c, u->dst), bytes);
    if (UNLIKELY(!in_limit(c, rip) || !push_return(c, u, kind, bytes)))
        PASS_TO(call_to_r);
    c->rip = rip;
    ENTER_FAST;
}
STACK_KINDS_OF(call_to_on)

const struct exec_group exec_jmp_ind = { .rr = ALL(jmp_to_r), .any_width = jmp_to_m };
const struct exec_group exec_call_ind = { .stack = STACK_TABLE(call_to_on),
                                          .rr = ALL(call_to_r),
                                          .any_width = call_to_m };

/* ---- RET ---- */

CHECKED_FORM ret_checked(struct cpu *c, const struct uop *u)
{
    struct loaded m = mem_load_stack(c, 0, u_bytes(u));
    if (UNLIKELY(!m.ok || !target_ok(c, m.value)))
        LEAVE;
    stack_add(c, (s64)u_bytes(u) + (s64)u->imm);
    return indirect(c, m.value);
}

static ALWAYS_INLINE const struct uop *ret_64_by(struct cpu *c, const struct uop *u, u64 imm)
{
    u64 sp = c->r[RSP];
    const void *p = tlb_host_r(c, sp, 8);
    if (UNLIKELY(!p))
        PASS_TO(ret_checked);
    const struct uop *t = jump_64(c, get_le64(p));
    if (UNLIKELY(!t))
        PASS_TO(ret_checked);
    c->r[RSP] = sp + 8 + imm;
    PASS_ON(t);
}

static const struct uop *ret_64(struct cpu *c, const struct uop *u)
{
    return ret_64_by(c, u, 0);
}
JOINED(ret_64)
static const struct joined joined_ret[] = { JOINED_ROW(ret_64), { NULL, { NULL } } };
static const struct uop *ret_imm_64(struct cpu *c, const struct uop *u)
{
    return ret_64_by(c, u, u->imm);
}

static ALWAYS_INLINE const struct uop *ret_on(struct cpu *c, const struct uop *u, enum stack_kind kind, unsigned bytes)
{
    const void *p = stack_host_r(c, kind, stack_offset(c, kind, 0), bytes);
    if (UNLIKELY(!p))
        PASS_TO(ret_checked);
    u64 rip = get_bytes(p, bytes);
    if (UNLIKELY(!in_limit(c, rip)))
        PASS_TO(ret_checked);
    stack_move(c, kind, (s64)bytes + (s64)u->imm);
    c->rip = rip;
    ENTER_FAST;
}
STACK_KINDS_OF(ret_on)

const struct exec_group exec_ret = { .joined = joined_ret,
                                     .stack = STACK_TABLE(ret_on),
                                     .any = { [3] = ret_64 },
                                     .aligned = ret_checked,
                                     .any_width = ret_checked };
const struct exec_group exec_ret_imm = {
    .stack = STACK_TABLE(ret_on), .any = { [3] = ret_imm_64 }, .aligned = ret_checked, .any_width = ret_checked
};
