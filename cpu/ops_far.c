/* ops_far.c: far JMP, CALL, RET; IRET; software interrupts (SDM vol. 2). The work is in gate.c, ret.c and fault.c. */
#include "far.h"
#include "watch.h"

/* ---- direct: the pointer is in the instruction ---- */

EXEC_WITH(jmp_far, .stack = { [STACK_SEG] = { NULL, real_jmp_far, real_jmp_far } })
{
    TRY(far_jump(c, (u16)(u->imm >> 32), (u32)u->imm, u_size(u), ip_after(c, u)));
    FAR_DONE;
}

EXEC_WITH(call_far, .stack = { [STACK_SEG] = { NULL, real_call_far_16, real_call_far_32 } })
{
    TRY(far_call(c, (u16)(u->imm >> 32), (u32)u->imm, u_size(u), ip_after(c, u)));
    FAR_DONE;
}

/* ---- m16:16, m16:32, m16:64 ---- */

/* Two accesses: where addresses are of 16 or 32 bits, the selector's wraps on its own. */
bool far_pointer_load(struct cpu *c, const struct uop *u, struct far_pointer *p)
{
    static const u64 masks[3] = { 0xffff, 0xffffffff, UINT64_MAX };
    unsigned n = u_bytes(u), seg = u_seg(u);
    u64 ea = ea_offset(c, u), linear;
    p->offset = 0;
    return seg_aligned(c, seg, ea, n, false, &linear) && lin_read(c, linear, &p->offset, n) &&
           seg_aligned(c, seg, (ea + n) & masks[u_asize(u)], 2, false, &linear) && lin_read(c, linear, &p->sel, 2);
}

EXEC_WITH(jmp_far_m, .mr = { [EA_SEG16] = { [1] = real_jmp_far_m } })
{
    struct far_pointer p;
    TRY(far_pointer_load(c, u, &p));
    TRY(far_jump(c, p.sel, p.offset, u_size(u), ip_after(c, u)));
    FAR_DONE;
}

EXEC_WITH(call_far_m, .mr = { [EA_SEG16] = { [1] = real_call_far_m } })
{
    struct far_pointer p;
    TRY(far_pointer_load(c, u, &p));
    TRY(far_call(c, p.sel, p.offset, u_size(u), ip_after(c, u)));
    FAR_DONE;
}

/* ---- returns ---- */

EXEC_WITH(ret_far, .stack = { [STACK_SEG] = { NULL, real_ret_far_16, real_ret_far_32 } })
{
    TRY(far_return(c, u_size(u), (unsigned)u->imm)); /* imm is 0 in the form without one */
    FAR_DONE;
}

EXEC_WITH(iret, .stack = { [STACK_SEG] = { NULL, real_iret } })
{
    TRY(far_iret(c, u_size(u), ip_after(c, u)));
    if (UNLIKELY(c->probe))
        watch_iret(c);
    FAR_DONE;
}

/* ---- software interrupts ---- */

static const struct uop *soft_interrupt(struct cpu *c, const struct uop *u, unsigned vector, enum intr_source source)
{
    c->rip = ip_after(c, u);
    if (!interrupt_deliver(c, vector, source, false, 0))
        LEAVE; /* sets rip back */
    FAR_DONE;
}

EXEC_WITH(int_n, .stack = { [STACK_SEG] = { NULL, real_int_n } })
{
    return soft_interrupt(c, u, (u8)u->imm, INTR_SOFT);
}

EXEC(int3)
{
    return soft_interrupt(c, u, EXC_BP, INTR_INT3);
}

EXEC(into)
{
    if (!(flags_arith(c) & FL_OF))
        END_BLOCK;
    return soft_interrupt(c, u, EXC_OF, INTR_INTO);
}

EXEC(icebp)
{
    return soft_interrupt(c, u, EXC_DB, INTR_ICEBP);
}

EXEC(ud)
{
    RAISE(EXC_UD, 0);
}
