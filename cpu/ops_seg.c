/* ops_seg.c: segment registers: MOV, PUSH, POP, LDS ... LGS; FS and GS bases, SWAPGS (SDM vol. 2). */
#include "far.h"

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

EXEC(mov_to_seg)
{
    u64 v;
    if (u->dst >= SEG_COUNT || u->dst == CS)
        RAISE(EXC_UD, 0);
    TRY(load_src(c, u, 1, &v));
    TRY(seg_load(c, u->dst, (u16)v));
    if (u->dst == SS)
        inhibit_after_ss(c, u);
    END_BLOCK;
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

#define PUSH_POP_SEG(name, seg)                                                                                        \
    EXEC(push_##name)                                                                                                  \
    {                                                                                                                  \
        TRY(push_seg(c, u, seg));                                                                                      \
        NEXT;                                                                                                          \
    }                                                                                                                  \
    EXEC(pop_##name)                                                                                                   \
    {                                                                                                                  \
        TRY(pop_seg(c, u, seg));                                                                                       \
        if ((seg) == SS)                                                                                               \
            inhibit_after_ss(c, u);                                                                                    \
        END_BLOCK;                                                                                                     \
    }

PUSH_POP_SEG(es, ES)
PUSH_POP_SEG(ss, SS)
PUSH_POP_SEG(ds, DS)
PUSH_POP_SEG(fs, FS)
PUSH_POP_SEG(gs, GS)

EXEC(push_cs)
{
    TRY(push_seg(c, u, CS));
    NEXT;
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

#define LOAD_POINTER(name, seg)                                                                                        \
    EXEC(name)                                                                                                         \
    {                                                                                                                  \
        TRY(load_pointer(c, u, seg));                                                                                  \
        END_BLOCK;                                                                                                     \
    }

LOAD_POINTER(les, ES)
LOAD_POINTER(lds, DS)
LOAD_POINTER(lss, SS)
LOAD_POINTER(lfs, FS)
LOAD_POINTER(lgs, GS)

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
