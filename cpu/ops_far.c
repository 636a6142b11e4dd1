/* ops_far.c: far JMP, CALL, RET; IRET; software interrupts (SDM vol. 2). The work is in gate.c, ret.c and fault.c. */
#include "far.h"

/* ---- direct: the pointer is in the instruction ---- */

EXEC(jmp_far)
{
    TRY(far_jump(c, (u16)(u->imm >> 32), (u32)u->imm, u_size(u), ip_after(c, u)));
    FAR_DONE;
}

EXEC(call_far)
{
    TRY(far_call(c, (u16)(u->imm >> 32), (u32)u->imm, u_size(u), ip_after(c, u)));
    FAR_DONE;
}

/* ---- m16:16, m16:32, m16:64 ---- */

struct far_pointer {
    u16 sel;
    u64 offset;
};

static bool load_far_pointer(struct cpu *c, const struct uop *u, struct far_pointer *p)
{
    u8 bytes[10] = { 0 };
    unsigned n = u_bytes(u);
    u64 linear;
    if (!ea_linear_aligned(c, u, n + 2, n, false, &linear) || !lin_read(c, linear, bytes, n + 2))
        return false;
    p->sel = get_le16(bytes + n);
    p->offset = low_bytes(get_le64(bytes), n);
    return true;
}

EXEC(jmp_far_m)
{
    struct far_pointer p;
    TRY(load_far_pointer(c, u, &p));
    TRY(far_jump(c, p.sel, p.offset, u_size(u), ip_after(c, u)));
    FAR_DONE;
}

EXEC(call_far_m)
{
    struct far_pointer p;
    TRY(load_far_pointer(c, u, &p));
    TRY(far_call(c, p.sel, p.offset, u_size(u), ip_after(c, u)));
    FAR_DONE;
}

/* ---- returns ---- */

EXEC(ret_far)
{
    TRY(far_return(c, u_size(u), (unsigned)u->imm)); /* imm is 0 in the form without one */
    FAR_DONE;
}

EXEC(iret)
{
    TRY(far_iret(c, u_size(u), ip_after(c, u)));
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

EXEC(int_n)
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
