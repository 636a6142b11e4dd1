/* ops_flags.c: the flag register's instructions (SDM vol. 2): CLC ... SAHF, CLI and STI with PVI and VME, PUSHF and
 * POPF. */
#include "far.h"

EXEC(clc)
{
    c->fl &= (u16)~HF_CF;
    NEXT;
}

EXEC(stc)
{
    c->fl |= HF_CF;
    NEXT;
}

EXEC(cmc)
{
    c->fl ^= HF_CF;
    NEXT;
}

EXEC(cld)
{
    c->eflags &= ~FL_DF;
    NEXT;
}

EXEC(std)
{
    c->eflags |= FL_DF;
    NEXT;
}

EXEC(lahf)
{
    put8(c, REG_OFFSET(RAX) + 1, (u8)(flags_arith(c) | FL_ONE));
    NEXT;
}

EXEC(sahf)
{
    u32 kept = flags_arith(c) & FL_OF;
    flags_set_arith(c, kept | get8(c, REG_OFFSET(RAX) + 1));
    NEXT;
}

/* ---- CLI, STI ---- */

/* Which flag the program's interrupt flag is: IF, VIF, or none (#GP) (SDM vol. 2, tables 3-7 and 4-20). */
static u32 interrupt_flag(const struct cpu *c)
{
    if (in_real(c) || c->cpl <= cpu_iopl(c))
        return FL_IF;
    if (in_vm86(c))
        return c->cr4 & CR4_VME ? FL_VIF : 0;
    return c->cpl == 3 && (c->cr4 & CR4_PVI) ? FL_VIF : 0;
}

EXEC(cli)
{
    u32 flag = interrupt_flag(c);
    if (!flag)
        RAISE(EXC_GP, 0);
    c->eflags &= ~flag;
    NEXT; /* nothing becomes possible by it: the block goes on */
}

EXEC(sti)
{
    u32 flag = interrupt_flag(c);
    if (!flag || (flag == FL_VIF && (c->eflags & FL_VIP)))
        RAISE(EXC_GP, 0);
    if (flag == FL_IF && !(c->eflags & FL_IF))
        c->inhibit_at = icount_of(c, u) + 1;
    c->eflags |= flag;
    END_BLOCK;
}

/* ---- PUSHF, POPF ---- */

EXEC(pushf)
{
    u32 flags = flags_get(c) & ~(FL_VM | FL_RF);
    u64 v = flags;
    if (in_vm86(c) && cpu_iopl(c) < 3) {
        if (!(c->cr4 & CR4_VME) || u_size(u) != 1)
            RAISE(EXC_GP, 0);
        v = (flags & ~FL_IF) | FL_IOPL | (flags & FL_VIF ? FL_IF : 0);
    }
    TRY(stack_write(c, -(s64)u_bytes(u), &v, u_bytes(u)));
    stack_add(c, -(s64)u_bytes(u));
    NEXT;
}

#define POPF_ALWAYS (FL_ARITH | FL_TF | FL_DF | FL_NT)

/* The flags that POPF loads here, RF with value 0 among them for 32 and 64 bits. */
static u32 popf_mask(const struct cpu *c, unsigned size)
{
    u32 mask = POPF_ALWAYS | (size >= 2 ? FL_AC | FL_ID | FL_RF : 0);
    if (c->cpl <= cpu_iopl(c))
        mask |= FL_IF;
    return c->cpl == 0 ? mask | FL_IOPL : mask;
}

/* Virtual-8086 mode, IOPL < 3, VME: IF goes to VIF. */
static bool popf_virtual(struct cpu *c, const struct uop *u, u32 flags)
{
    if (!(c->cr4 & CR4_VME) || u_size(u) != 1 || (flags & FL_TF) || ((flags & FL_IF) && (c->eflags & FL_VIP)))
        return cpu_fault(c, EXC_GP, 0);
    stack_add(c, 2);
    cpu_set_eflags(c, (flags & ~FL_VIF) | (flags & FL_IF ? FL_VIF : 0), POPF_ALWAYS | FL_VIF);
    return true;
}

EXEC(popf)
{
    u64 v = 0;
    bool is_virtual = in_vm86(c) && cpu_iopl(c) < 3;
    if (is_virtual && (!(c->cr4 & CR4_VME) || u_size(u) != 1))
        RAISE(EXC_GP, 0);
    TRY(stack_read(c, 0, &v, u_bytes(u)));
    if (is_virtual) {
        TRY(popf_virtual(c, u, (u32)v));
        END_BLOCK;
    }
    stack_add(c, u_bytes(u));
    cpu_set_eflags(c, (u32)v & ~FL_RF, popf_mask(c, u_size(u)));
    END_BLOCK;
}
