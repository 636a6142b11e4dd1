/* ops_sysenter.c: fast system calls (SDM vol. 2: SYSCALL, SYSRET, SYSENTER, SYSEXIT). SYSENTER works in long mode as on
 * Intel processors, SYSCALL in legacy and compatibility mode as on AMD's. */
#include "ctrl.h"

#define SYSRET_FLAGS 0x003c7fd7u /* what R11 may set: not VM, RF */
#define STAR_CALL(star) ((u16)((star) >> 32))
#define STAR_RET(star) ((u16)((star) >> 48))

static void go(struct cpu *c, u64 rip)
{
    c->rip = rip;
    cpu_update_mode(c);
}

/* ---- SYSCALL, SYSRET ---- */

static void syscall_long(struct cpu *c, u64 next_ip)
{
    u64 star = c->msr.star;
    u64 target = in_64(c) ? c->msr.lstar : c->msr.cstar;
    c->r[RCX] = next_ip;
    c->r[R11] = flags_get(c) & ~FL_RF;
    cpu_set_eflags(c, 0, (u32)c->msr.fmask | FL_RF);
    seg_set_flat_code(c, STAR_CALL(star) & 0xfffc, 0, true);
    seg_set_flat_stack(c, (STAR_CALL(star) & 0xfffc) + 8u, 0);
    go(c, target);
}

static void syscall_legacy(struct cpu *c, u64 next_ip)
{
    u64 star = c->msr.star;
    c->r[RCX] = (u32)next_ip;
    cpu_set_eflags(c, 0, FL_VM | FL_IF | FL_RF);
    seg_set_flat_code(c, STAR_CALL(star) & 0xfffc, 0, false);
    seg_set_flat_stack(c, (u16)((STAR_CALL(star) & 0xfffc) + 8), 0);
    go(c, (u32)star);
}

EXEC(syscall)
{
    if (!(c->efer & EFER_SCE) || in_real(c))
        RAISE(EXC_UD, 0);
    if (in_long(c))
        syscall_long(c, ip_after(c, u));
    else
        syscall_legacy(c, ip_after(c, u));
    single_step_by_new_tf(c);
    FAR_DONE;
}

static void sysret_to(struct cpu *c, bool is_64, u64 rip)
{
    u16 base = STAR_RET(c->msr.star) & 0xfffc;
    seg_set_flat_code(c, (u16)((is_64 ? base + 16 : base) | 3), 3, is_64);
    seg_set_flat_stack(c, (u16)((base + 8) | 3), 3);
    go(c, rip);
}

EXEC(sysret)
{
    bool to_64 = in_64(c) && u_size(u) == 3;
    if (!(c->efer & EFER_SCE))
        RAISE(EXC_UD, 0);
    if (c->cpl > 0 || (to_64 && !is_canonical(c, c->r[RCX])))
        RAISE(EXC_GP, 0);
    if (in_long(c))
        cpu_set_eflags(c, (u32)c->r[R11] & SYSRET_FLAGS, EFLAGS_ALL);
    else
        cpu_set_eflags(c, FL_IF, FL_IF);
    sysret_to(c, to_64, to_64 ? c->r[RCX] : (u32)c->r[RCX]);
    single_step_by_new_tf(c);
    FAR_DONE;
}

/* ---- SYSENTER, SYSEXIT ---- */

EXEC(sysenter)
{
    u16 sel = (u16)(c->msr.sysenter_cs & 0xfffc);
    bool lma = in_long(c);
    if (in_real(c) || !sel)
        RAISE(EXC_GP, 0);
    cpu_set_eflags(c, 0, FL_VM | FL_IF | FL_RF);
    seg_set_flat_code(c, sel, 0, lma);
    seg_set_flat_stack(c, (u16)(sel + 8), 0);
    c->r[RSP] = lma ? c->msr.sysenter_esp : (u32)c->msr.sysenter_esp;
    go(c, lma ? c->msr.sysenter_eip : (u32)c->msr.sysenter_eip);
    FAR_DONE;
}

EXEC(sysexit)
{
    u16 base = (u16)(c->msr.sysenter_cs & 0xfffc);
    bool to_64 = in_64(c) && u_size(u) == 3;
    u64 rip = c->r[RDX], rsp = c->r[RCX];
    if (in_real(c) || c->cpl > 0 || !base)
        RAISE(EXC_GP, 0);
    if (to_64 && (!is_canonical(c, rip) || !is_canonical(c, rsp)))
        RAISE(EXC_GP, 0);
    seg_set_flat_code(c, (u16)((base + (to_64 ? 32 : 16)) | 3), 3, to_64);
    seg_set_flat_stack(c, (u16)((base + (to_64 ? 40 : 24)) | 3), 3);
    c->r[RSP] = to_64 ? rsp : (u32)rsp;
    go(c, to_64 ? rip : (u32)rip);
    FAR_DONE;
}
