/* x87.c: exceptions of the x87 FPU and the instructions that deal with them alone (SDM vol. 1, 8.4 to 8.7). The model
 * is that of the P6 family and later: 80387 arithmetic, error pointers FIP, FCS, FDP, FDS recorded by every instruction
 * that is not a control instruction, FOP only at an unmasked exception (fopcode compatibility mode off: SDM vol.
 * 1, 8.1.9.1). */
#include "x87.h"

#include "mmu.h"

static u64 code_linear(const struct cpu *c, u64 ip)
{
    return in_64(c) ? ip : (u32)(c->seg[CS].base + ip);
}

/* A byte of the instruction that is being executed. */
static u8 code_byte(struct cpu *c, u64 ip)
{
    u64 linear = code_linear(c, ip & c->ip_mask);
    const struct fetch_entry *f = mmu_fetch(c, linear);
    if (!f)
        c->exc.valid = false;
    return f && f->host ? f->host[linear & (PAGE_SIZE - 1)] : 0;
}

/* FOP: the low three bits of the opcode and the ModRM byte, which a uop does not keep. No prefix lies in D8-DF. */
static void record_opcode(struct cpu *c, const struct uop *u)
{
    u64 ip = ip_of(c, u);
    for (unsigned i = 0; i + 1 < u_len(u); i++) {
        u8 op = code_byte(c, ip + i);
        if ((op & 0xf8) == 0xd8) {
            c->fpu.fop = (u16)((op & 7u) << 8 | code_byte(c, ip + i + 1));
            return;
        }
    }
}

bool x87_unmasked(struct cpu *c, const struct uop *u, u32 flags)
{
    if (!(c->fpu.sw & FSW_ES))
        c->fpu.ignne = false; /* it counted for the error before */
    c->fpu.sw |= FSW_ES | FSW_B;
    record_opcode(c, u);
    return !(flags & ~(u32)c->fpu.cw & (X87_IE | X87_DE | X87_ZE));
}

bool x87_stack_underflow(struct cpu *c, const struct uop *u)
{
    c->fpu.sw = (u16)((c->fpu.sw & ~X87_C1) | X87_IE | X87_SF);
    return (c->fpu.cw & X87_IE) || x87_unmasked(c, u, X87_IE);
}

bool x87_stack_overflow(struct cpu *c, const struct uop *u)
{
    c->fpu.sw |= X87_IE | X87_SF | X87_C1;
    return (c->fpu.cw & X87_IE) || x87_unmasked(c, u, X87_IE);
}

/* WAIT: #NM needs MP besides TS (SDM vol. 3, 2.5). */
EXEC(fwait)
{
    if ((c->cr0 & (CR0_MP | CR0_TS)) == (CR0_MP | CR0_TS))
        RAISE(EXC_NM, 0);
    TRY(fpu_check_pending(c));
    NEXT;
}

EXEC(fninit)
{
    fpu_init(c);
    fpu_set_cw(c, FCW_INIT);
    NEXT;
}

EXEC(fnclex)
{
    c->fpu.sw &= (u16) ~(FSW_EXCEPTIONS | X87_SF | FSW_ES | FSW_B);
    fpu_set_cw(c, c->fpu.cw);
    NEXT;
}

/* FENI, FDISI (8087), FSETPM (287): nothing since the 387 (SDM vol. 3, 23.18.9). */
EXEC(fpu_nop_nowait)
{
    (void)c;
    NEXT;
}
