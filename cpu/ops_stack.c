/* ops_stack.c: PUSH, POP, PUSHA, POPA, ENTER, LEAVE. PUSH/POP of segment registers and of flags are elsewhere. */
#include "joined.h"
#include "rows.h"

/* ---- PUSH ---- */

static ALWAYS_INLINE const struct uop *push_checked(struct cpu *c, const struct uop *u, u64 v)
{
    if (UNLIKELY(!mem_store_stack(c, -(s64)u_bytes(u), v, u_bytes(u))))
        LEAVE;
    stack_add(c, -(s64)u_bytes(u));
    NEXT_FAST;
}

CHECKED_FORM push_reg(struct cpu *c, const struct uop *u)
{
    return push_checked(c, u, get64(c, u->dst));
}
static const struct uop *push_imm(struct cpu *c, const struct uop *u)
{
    return push_checked(c, u, u->imm);
}

static const struct uop *push_mem(struct cpu *c, const struct uop *u)
{
    struct loaded m = mem_load_gen(c, u, u_bytes(u));
    if (UNLIKELY(!m.ok))
        LEAVE;
    return push_checked(c, u, m.value);
}

static const struct uop *push_reg_64(struct cpu *c, const struct uop *u)
{
    u64 sp = c->r[RSP] - 8;
    void *p = tlb_host_w(c, sp, 8);
    if (UNLIKELY(!p))
        PASS_TO(push_reg);
    put_le64(p, get64(c, u->dst));
    c->r[RSP] = sp;
    NEXT_FAST;
}
JOINED(push_reg_64)

/* Without the checks that the kind of stack makes superfluous. */
static ALWAYS_INLINE const struct uop *push_value(struct cpu *c, const struct uop *u, enum stack_kind kind,
                                                  unsigned bytes, u64 v, exec_fn *checked)
{
    void *p = stack_host_w(c, kind, stack_offset(c, kind, -(s64)bytes), bytes);
    if (UNLIKELY(!p))
        PASS_TO(checked);
    put_bytes(p, v, bytes);
    stack_move(c, kind, -(s64)bytes);
    NEXT_FAST;
}

static ALWAYS_INLINE const struct uop *push_reg_on(struct cpu *c, const struct uop *u, enum stack_kind kind,
                                                   unsigned bytes)
{
    return push_value(c, u, kind, bytes, get64(c, u->dst), push_reg);
}

static ALWAYS_INLINE const struct uop *push_imm_on(struct cpu *c, const struct uop *u, enum stack_kind kind,
                                                   unsigned bytes)
{
    return push_value(c, u, kind, bytes, u->imm, push_imm);
}

STACK_KINDS_OF(push_reg_on)
STACK_KINDS_OF(push_imm_on)

static const struct joined joined_push[] = { JOINED_ROW(push_reg_64), { NULL, { NULL } } };

const struct exec_group exec_push = { .stack = STACK_TABLE(push_reg_on),
                                      .rr = { NULL, push_reg, push_reg, push_reg_64 },
                                      .aligned = push_reg,
                                      .joined = joined_push,
                                      .any_width = push_mem };
const struct exec_group exec_push_imm = { .stack = STACK_TABLE(push_imm_on), .any_width = push_imm };

/* ---- POP ---- */

CHECKED_FORM pop_reg(struct cpu *c, const struct uop *u)
{
    struct loaded m = mem_load_stack(c, 0, u_bytes(u));
    if (UNLIKELY(!m.ok))
        LEAVE;
    stack_add(c, u_bytes(u));
    put_reg(c, u->dst, u_size(u), m.value);
    NEXT_FAST;
}

static const struct uop *pop_reg_64(struct cpu *c, const struct uop *u)
{
    u64 sp = c->r[RSP];
    const void *p = tlb_host_r(c, sp, 8);
    if (UNLIKELY(!p))
        PASS_TO(pop_reg);
    u64 v = get_le64(p);
    c->r[RSP] = sp + 8;
    put64(c, u->dst, v);
    NEXT_FAST;
}

/* POP to memory forms its address after rSP has moved (SDM vol. 2, POP): rSP is put back when the store fails. */
static const struct uop *pop_mem(struct cpu *c, const struct uop *u)
{
    u64 sp = c->r[RSP];
    struct loaded m = mem_load_stack(c, 0, u_bytes(u));
    if (UNLIKELY(!m.ok))
        LEAVE;
    stack_add(c, u_bytes(u));
    if (UNLIKELY(!mem_store_gen(c, u, m.value, u_bytes(u)))) {
        c->r[RSP] = sp;
        LEAVE;
    }
    NEXT_FAST;
}

static ALWAYS_INLINE const struct uop *pop_reg_on(struct cpu *c, const struct uop *u, enum stack_kind kind,
                                                  unsigned bytes)
{
    const void *p = stack_host_r(c, kind, stack_offset(c, kind, 0), bytes);
    if (UNLIKELY(!p))
        PASS_TO(pop_reg);
    u64 v = get_bytes(p, bytes);
    stack_move(c, kind, bytes);
    put_reg(c, u->dst, bytes == 2 ? 1 : 2, v);
    NEXT_FAST;
}
STACK_KINDS_OF(pop_reg_on)

const struct exec_group exec_pop = { .stack = STACK_TABLE(pop_reg_on),
                                     .rr = { NULL, pop_reg, pop_reg, pop_reg_64 },
                                     .aligned = pop_reg,
                                     .any_width = pop_mem };

/* ---- PUSHA, POPA ---- */

static const struct uop *pusha_16(struct cpu *c, const struct uop *u)
{
    u8 *p = stack_run_w(c, -16, 16);
    if (UNLIKELY(!p))
        PASS_TO(exec_pusha.any_width);
    for (unsigned i = 0; i < 8; i++)
        put_le16(p + 2 * i, (u16)c->r[RDI - i]);
    stack_add(c, -16);
    NEXT_FAST;
}

EXEC_WITH(pusha, .stack = { [STACK_SEG] = { NULL, pusha_16 } })
{
    s64 n = u_bytes(u);
    for (s64 i = 1; i <= 8; i++) /* each on its own: the stack may wrap between them */
        TRY(mem_probe_stack(c, -n * i, (unsigned)n));
    for (s64 i = 0; i < 8; i++)
        TRY(stack_write(c, -n * (i + 1), &c->r[i], (unsigned)n));
    stack_add(c, -8 * n);
    NEXT;
}

static const struct uop *popa_16(struct cpu *c, const struct uop *u)
{
    const u8 *p = stack_run_r(c, 0, 16);
    if (UNLIKELY(!p))
        PASS_TO(exec_popa.any_width);
    for (unsigned i = 0; i < 8; i++)
        if (RDI - i != RSP)
            put16(c, REG_OFFSET(RDI - i), get_le16(p + 2 * i));
    stack_add(c, 16);
    NEXT_FAST;
}

EXEC_WITH(popa, .stack = { [STACK_SEG] = { NULL, popa_16 } })
{
    s64 n = u_bytes(u);
    u64 v[8] = { 0 };
    for (s64 i = 0; i < 8; i++)
        TRY(stack_read(c, n * i, &v[i], (unsigned)n));
    stack_add(c, 8 * n);
    for (unsigned i = 0; i < 8; i++)
        if (7 - i != RSP)
            put_reg(c, REG_OFFSET(7 - i), u_size(u), v[i]);
    NEXT;
}

/* ---- ENTER, LEAVE ---- */

/* The frame pointer of outer level `i` that ENTER copies (SDM vol. 2, ENTER). */
static bool enter_level(struct cpu *c, unsigned bytes, unsigned i, u64 *linear)
{
    return seg_aligned(c, SS, (c->r[RBP] - (u64)bytes * i) & c->sp_mask, bytes, false, linear) &&
           lin_probe(c, *linear, bytes, false);
}

/* Every access in the order in which it will be made, and the new top of the stack, before anything changes. */
static bool enter_probe(struct cpu *c, unsigned bytes, unsigned level, u64 alloc)
{
    s64 n = bytes;
    u64 linear;
    if (!mem_probe_stack(c, -n, bytes))
        return false;
    for (unsigned i = 1; i < level; i++)
        if (!enter_level(c, bytes, i, &linear) || !mem_probe_stack(c, -n * (s64)(i + 1), bytes))
            return false;
    if (level && !mem_probe_stack(c, -n * (s64)(level + 1), bytes))
        return false;
    return mem_probe_stack(c, -n * (s64)(level + 1) - (s64)alloc, bytes);
}

/* Pushed: the old frame pointer, those of the outer levels, the new one. */
EXEC(enter)
{
    unsigned bytes = u_bytes(u), level = (unsigned)(u->imm >> 16) & 31;
    s64 n = bytes;
    u64 alloc = u->imm & 0xffff, linear;
    u64 frame = (c->r[RSP] & ~c->sp_mask) | ((c->r[RSP] - (u64)n) & c->sp_mask); /* all of ESP on a 16-bit stack, too */
    TRY(enter_probe(c, bytes, level, alloc));
    TRY(stack_write(c, -n, &c->r[RBP], bytes));
    for (unsigned i = 1; i < level; i++) {
        u64 v = 0;
        TRY(enter_level(c, bytes, i, &linear) && lin_read(c, linear, &v, bytes));
        TRY(stack_write(c, -n * (s64)(i + 1), &v, bytes));
    }
    if (level)
        TRY(stack_write(c, -n * (s64)(level + 1), &frame, bytes));
    stack_add(c, -n * (s64)(level + 1) - (s64)alloc);
    put_reg(c, REG_OFFSET(RBP), u_size(u), frame);
    NEXT;
}

static const struct uop *leave_any(struct cpu *c, const struct uop *u)
{
    u64 sp = c->r[RSP];
    c->r[RSP] = (sp & ~c->sp_mask) | (c->r[RBP] & c->sp_mask);
    struct loaded m = mem_load_stack(c, 0, u_bytes(u));
    if (UNLIKELY(!m.ok)) {
        c->r[RSP] = sp;
        LEAVE;
    }
    stack_add(c, u_bytes(u));
    put_reg(c, REG_OFFSET(RBP), u_size(u), m.value);
    NEXT_FAST;
}

static ALWAYS_INLINE const struct uop *leave_on(struct cpu *c, const struct uop *u, enum stack_kind kind,
                                                unsigned bytes)
{
    u64 frame = kind == STACK_FLAT ? (u32)c->r[RBP] : c->r[RBP] & c->sp_mask;
    const void *p = stack_host_r(c, kind, frame, bytes);
    if (UNLIKELY(!p))
        PASS_TO(leave_any);
    u64 v = get_bytes(p, bytes);
    stack_move(c, kind, (s64)(frame - c->r[RSP]) + (s64)bytes);
    put_reg(c, REG_OFFSET(RBP), bytes == 2 ? 1 : 2, v);
    NEXT_FAST;
}
STACK_KINDS_OF(leave_on)

const struct exec_group exec_leave = { .stack = STACK_TABLE(leave_on), .any_width = leave_any };
