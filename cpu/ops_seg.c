/* ops_seg.c: segment registers: MOV, PUSH, POP, LDS ... LGS; FS and GS bases, SWAPGS (SDM vol. 2). */
#include "far.h"
#include "fast.h"
#include "rows.h"

/* ---- MOV ---- */

/* To memory always 16 bits; a register takes it zero-extended to the operand size. */
EXEC(mov_from_seg)
{
    if (u->src >= SEG_COUNT)
        RAISE(EXC_UD, 0);
    TRY(store_dst(c, u, u_mem(u) ? 1 : u_size(u), c->seg[u->src].sel));
    NEXT;
}

/* Neither interrupts nor #DB traps between this load of SS and the load of rSP that follows (SDM vol. 3, 6.8.3). A data
 * breakpoint is put off, the single-step trap of the load itself is lost. */
static void inhibit_after_ss(struct cpu *c, const struct uop *u)
{
    c->inhibit_at = c->inhibit_db_at = icount_of(c, u) + 1;
    c->delivered = true; /* no single-step trap, see run.c; nor does it then see to RF */
    cpu_set_eflags(c, 0, FL_RF);
}

/* Real and virtual-8086 mode; not SS, after which nothing may come in between. */
static ALWAYS_INLINE bool move_seg(struct cpu *c, unsigned seg, u16 sel)
{
    struct seg *s = &c->seg[seg];
    if (UNLIKELY(seg == SS || seg == CS || seg >= SEG_COUNT || !seg_only_moves(c, s)))
        return false;
    seg_move(s, sel);
    return true;
}

static const struct uop *mov_to_seg_r(struct cpu *c, const struct uop *u)
{
    if (!move_seg(c, u->dst, get16(c, u->src)))
        PASS_TO(exec_mov_to_seg.any_width);
    NEXT_FAST;
}

static const struct uop *mov_to_seg_m(struct cpu *c, const struct uop *u)
{
    const void *p = operand_r(c, u, EA_SEG16, 2);
    if (!p || !move_seg(c, u->dst, get_le16(p)))
        PASS_TO(exec_mov_to_seg.any_width);
    NEXT_FAST;
}

EXEC_WITH(mov_to_seg, .rr = { NULL, mov_to_seg_r }, .rm = { [EA_SEG16] = { NULL, mov_to_seg_m } })
{
    u64 v;
    u32 mode = c->mode;
    if (u->dst >= SEG_COUNT || u->dst == CS)
        RAISE(EXC_UD, 0);
    TRY(load_src(c, u, 1, &v));
    TRY(seg_load(c, u->dst, (u16)v));
    if (u->dst != SS)
        return next_in_mode(c, u, mode);
    inhibit_after_ss(c, u);
    return cut_block(c, u);
}

/* ---- PUSH, POP ---- */

static bool push_seg(struct cpu *c, const struct uop *u, unsigned seg)
{
    u64 v = c->seg[seg].sel;
    s64 bytes = u_bytes(u);
    /* With a 32-bit operand only the selector is written (SDM vol. 2, PUSH). */
    if (!stack_write(c, -bytes, &v, bytes == 4 ? 2 : u_bytes(u)))
        return false;
    stack_add(c, -bytes);
    return true;
}

static bool pop_seg(struct cpu *c, const struct uop *u, unsigned seg)
{
    u16 sel = 0;
    u64 mask = c->sp_mask, sp = c->r[RSP];
    if (!stack_read(c, 0, &sel, 2) || !seg_load(c, seg, sel))
        return false;
    /* By the stack size before the load: POP SS may change it. */
    u64 next = sp + u_bytes(u);
    c->r[RSP] = mask == 0xffffffff ? (u32)next : (sp & ~mask) | (next & mask);
    return true;
}

/* With 16-bit operands. */
static ALWAYS_INLINE const struct uop *push_seg_16(struct cpu *c, const struct uop *u, unsigned seg, exec_fn *checked)
{
    void *p = stack_host_w(c, STACK_SEG, stack_offset(c, STACK_SEG, -2), 2);
    if (UNLIKELY(!p))
        PASS_TO(checked);
    put_le16(p, c->seg[seg].sel);
    stack_add(c, -2);
    NEXT_FAST;
}

static ALWAYS_INLINE const struct uop *pop_seg_16(struct cpu *c, const struct uop *u, unsigned seg, exec_fn *checked)
{
    const void *p = stack_host_r(c, STACK_SEG, stack_offset(c, STACK_SEG, 0), 2);
    if (UNLIKELY(!p || !move_seg(c, seg, get_le16(p))))
        PASS_TO(checked);
    stack_add(c, 2);
    NEXT_FAST;
}

#define SEG_16(name, op, seg)                                                                                          \
    static const struct uop *op##_##name##_16(struct cpu *c, const struct uop *u)                                      \
    {                                                                                                                  \
        return op##_seg_16(c, u, seg, exec_##op##_##name.any_width);                                                   \
    }                                                                                                                  \
    EXEC_WITH(op##_##name, .stack = { [STACK_SEG] = { NULL, op##_##name##_16 } })

#define PUSH_SEG(name, seg)                                                                                            \
    SEG_16(name, push, seg)                                                                                            \
    {                                                                                                                  \
        TRY(push_seg(c, u, seg));                                                                                      \
        NEXT;                                                                                                          \
    }
#define PUSH_POP_SEG(name, seg)                                                                                        \
    PUSH_SEG(name, seg)                                                                                                \
    SEG_16(name, pop, seg)                                                                                             \
    {                                                                                                                  \
        u32 mode = c->mode;                                                                                            \
        TRY(pop_seg(c, u, seg));                                                                                       \
        return next_in_mode(c, u, mode);                                                                               \
    }

PUSH_POP_SEG(es, ES)
PUSH_POP_SEG(ds, DS)
PUSH_POP_SEG(fs, FS)
PUSH_POP_SEG(gs, GS)

PUSH_SEG(cs, CS)
PUSH_SEG(ss, SS)

EXEC(pop_ss)
{
    TRY(pop_seg(c, u, SS));
    inhibit_after_ss(c, u);
    END_BLOCK;
}

/* ---- LDS, LES, LFS, LGS, LSS ---- */

static bool load_pointer(struct cpu *c, const struct uop *u, unsigned seg)
{
    struct far_pointer p;
    if (!far_pointer_load(c, u, &p) || !seg_load(c, seg, p.sel))
        return false;
    put_reg(c, u->dst, u_size(u), p.offset);
    return true;
}

/* m16:16 */
static ALWAYS_INLINE const struct uop *load_pointer_16(struct cpu *c, const struct uop *u, unsigned seg,
                                                       exec_fn *checked)
{
    const u8 *p = far_pointer_16(c, u);
    if (UNLIKELY(!p || !move_seg(c, seg, get_le16(p + 2))))
        PASS_TO(checked);
    put16(c, u->dst, get_le16(p));
    NEXT_FAST;
}

#define LOAD_POINTER(name, seg)                                                                                        \
    static const struct uop *name##_16(struct cpu *c, const struct uop *u)                                             \
    {                                                                                                                  \
        return load_pointer_16(c, u, seg, exec_##name.any_width);                                                      \
    }                                                                                                                  \
    EXEC_WITH(name, .rm = { [EA_SEG16] = { NULL, name##_16 } })                                                        \
    {                                                                                                                  \
        u32 mode = c->mode;                                                                                            \
        TRY(load_pointer(c, u, seg));                                                                                  \
        return next_in_mode(c, u, mode);                                                                               \
    }

LOAD_POINTER(les, ES)
LOAD_POINTER(lds, DS)
LOAD_POINTER(lfs, FS)
LOAD_POINTER(lgs, GS)

EXEC(lss)
{
    TRY(load_pointer(c, u, SS));
    END_BLOCK;
}

/* ---- FS and GS bases ---- */

static bool fsgsbase_off(const struct cpu *c)
{
    return !(c->cr4 & CR4_FSGSBASE);
}

static const struct uop *read_base(struct cpu *c, const struct uop *u, unsigned seg)
{
    if (fsgsbase_off(c))
        RAISE(EXC_UD, 0);
    put_reg(c, u->dst, u_size(u), c->seg[seg].base);
    NEXT;
}

static const struct uop *write_base(struct cpu *c, const struct uop *u, unsigned seg)
{
    u64 v = get_reg(c, u->dst, u_size(u));
    if (fsgsbase_off(c))
        RAISE(EXC_UD, 0);
    if (!is_canonical(c, v))
        RAISE(EXC_GP, 0);
    c->seg[seg].base = v;
    NEXT;
}

EXEC(rdfsbase)
{
    return read_base(c, u, FS);
}
EXEC(rdgsbase)
{
    return read_base(c, u, GS);
}
EXEC(wrfsbase)
{
    return write_base(c, u, FS);
}
EXEC(wrgsbase)
{
    return write_base(c, u, GS);
}

EXEC(swapgs)
{
    u64 base = c->seg[GS].base;
    c->seg[GS].base = c->msr.kernel_gs_base;
    c->msr.kernel_gs_base = base;
    NEXT;
}
