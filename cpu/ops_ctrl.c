/* ops_ctrl.c: control and debug registers, HLT, caches and TLB, MSRs, counters, CPUID (SDM vol. 2). Privilege was
 * checked by the decoder where a row says CPL0. */
#include "ctrl.h"
#include "msr.h"
#include "recorder.h"
#include "watch.h"

/* ---- MOV to and from CR ---- */

static bool read_cr(struct cpu *c, unsigned n, u64 *v)
{
    switch (n) {
    case 0:
        *v = c->cr0;
        return true;
    case 2:
        *v = c->cr2;
        return true;
    case 3:
        *v = c->cr3;
        return true;
    case 4:
        *v = c->cr4;
        return true;
    case 8:
        *v = c->w.get_tpr ? c->w.get_tpr(c->w.owner) : 0;
        return true;
    default:
        return cpu_fault(c, EXC_UD, 0);
    }
}

static bool write_cr8(struct cpu *c, u64 v)
{
    if (v & ~(u64)15)
        return cpu_fault(c, EXC_GP, 0);
    if (c->w.set_tpr)
        c->w.set_tpr(c->w.owner, (u8)v);
    return true;
}

static bool write_cr(struct cpu *c, unsigned n, u64 v)
{
    switch (n) {
    case 0:
        return cpu_write_cr0(c, v);
    case 2:
        c->cr2 = v;
        return true;
    case 3:
        return cpu_write_cr3(c, v);
    case 4:
        return cpu_write_cr4(c, v);
    case 8:
        return write_cr8(c, v);
    default:
        return cpu_fault(c, EXC_UD, 0);
    }
}

/* The operand is the whole register whatever the prefixes. */
static u64 mode_register(const struct cpu *c, u64 v)
{
    return in_64(c) ? v : (u32)v;
}

EXEC(mov_from_cr)
{
    u64 v = 0;
    TRY(read_cr(c, u->src, &v));
    put64(c, u->dst, mode_register(c, v));
    END_BLOCK; /* CR8: a device was asked */
}

/* What MOV to CRn has changed, for the flight recorder. CR8 belongs to the local APIC. */
static void record_cr_write(struct cpu *c, const struct uop *u, u64 old)
{
    u64 now = 0;
    if (u->dst != 8 && read_cr(c, u->dst, &now))
        record_cr(c, u->dst, old, now, ip_of(c, u));
    record_mode(c, ip_of(c, u));
}

EXEC(mov_to_cr)
{
    u64 old = 0, now = 0;
    TRY(read_cr(c, u->dst, &old)); /* what can't be read can't be written, either */
    TRY(write_cr(c, u->dst, mode_register(c, get64(c, u->src))));
    record_cr_write(c, u, old);
    if (UNLIKELY(c->probe) && read_cr(c, u->dst, &now))
        watch_change(c, PROBE_CR, u->dst, old, now, true);
    END_BLOCK;
}

EXEC(clts)
{
    u32 old = c->cr0;
    c->cr0 &= ~CR0_TS;
    cpu_update_mode(c);
    if (UNLIKELY(c->probe))
        watch_change(c, PROBE_CR, 0, old, c->cr0, true);
    END_BLOCK;
}

/* PE can be set by it, not cleared. */
EXEC(lmsw)
{
    const u32 loaded = CR0_PE | CR0_MP | CR0_EM | CR0_TS;
    u64 v;
    TRY(load_dst(c, u, 1, &v));
    u32 cr0 = (c->cr0 & ~(loaded & ~CR0_PE)) | ((u32)v & loaded);
    u32 old = c->cr0;
    TRY(cpu_write_cr0(c, cr0));
    record_cr(c, 0, old, c->cr0, ip_of(c, u));
    record_mode(c, ip_of(c, u));
    if (UNLIKELY(c->probe))
        watch_change(c, PROBE_CR, 0, old, c->cr0, true);
    END_BLOCK;
}

EXEC(smsw)
{
    if ((c->cr4 & CR4_UMIP) && c->cpl > 0)
        RAISE(EXC_GP, 0);
    TRY(store_dst(c, u, u_mem(u) ? 1 : u_size(u), c->cr0));
    NEXT;
}

/* ---- MOV to and from DR ---- */

/* DR4 and DR5 are DR6 and DR7 unless CR4.DE; DR7.GD guards them all. */
static bool debug_register(struct cpu *c, unsigned *n)
{
    if (*n >= 8 || ((*n == 4 || *n == 5) && (c->cr4 & CR4_DE)))
        return cpu_fault(c, EXC_UD, 0);
    if (c->dr7 & DR7_GD) {
        c->dr6_pending |= DR6_BD;
        return cpu_fault(c, EXC_DB, 0);
    }
    if (*n == 4 || *n == 5)
        *n += 2;
    return true;
}

static bool write_dr(struct cpu *c, unsigned n, u64 v)
{
    if (n >= 6 && (v >> 32))
        return cpu_fault(c, EXC_GP, 0);
    if (n < 4)
        c->dr[n] = v;
    else if (n == 6)
        c->dr6 = (v & DR6_WRITABLE) | DR6_ONES;
    else
        c->dr7 = (v & DR7_WRITABLE) | DR7_ONES;
    if (n != 6)
        debug_dr7_changed(c);
    return true;
}

EXEC(mov_from_dr)
{
    unsigned n = u->src;
    TRY(debug_register(c, &n));
    u64 v = n < 4 ? c->dr[n] : n == 6 ? c->dr6 : c->dr7;
    put64(c, u->dst, mode_register(c, v));
    END_BLOCK;
}

EXEC(mov_to_dr)
{
    unsigned n = u->dst;
    TRY(debug_register(c, &n));
    TRY(write_dr(c, n, mode_register(c, get64(c, u->src))));
    END_BLOCK;
}

/* ---- HLT, caches, TLB ---- */

EXEC(hlt)
{
    c->activity = ACT_HALTED;
    if (UNLIKELY(c->probe))
        watch_change(c, PROBE_HALT, 0, 0, 0, false);
    if (c->w.halted)
        c->w.halted(c->w.owner);
    END_BLOCK;
}

/* PAUSE ends its block, so that a turn that it ends does so after this very instruction. */
EXEC(pause)
{
    if (c->w.paused)
        c->w.paused(c->w.owner);
    END_BLOCK;
}

/* INVD, WBINVD: caches are not modelled, memory is always up to date. */
EXEC(cache_flush)
{
    NEXT;
}

/* No limit and no page is checked; a non-canonical address is no address of the TLB. */
EXEC(invlpg)
{
    u64 linear = ea_offset(c, u);
    if (!in_64(c))
        linear = (u32)(linear + c->seg[u_seg(u)].base);
    else if (u_seg(u) >= FS)
        linear += c->seg[u_seg(u)].base;
    if (is_canonical_base(c, linear))
        tlb_flush_page(c, linear);
    END_BLOCK;
}

enum { INVPCID_ADDRESS, INVPCID_SINGLE, INVPCID_ALL_GLOBAL, INVPCID_ALL, INVPCID_TYPES };

/* The TLB knows no PCIDs: more is dropped than asked for. */
EXEC(invpcid)
{
    u64 desc[2], type = get_reg(c, u->dst, in_64(c) ? 3 : 2);
    TRY(load(c, u, desc, 16));
    bool takes_pcid = type == INVPCID_ADDRESS || type == INVPCID_SINGLE;
    bool bad_pcid = takes_pcid && (desc[0] & 0xfff) && !(c->cr4 & CR4_PCIDE);
    if (type >= INVPCID_TYPES || (desc[0] >> 12) || bad_pcid ||
        (type == INVPCID_ADDRESS && !is_canonical_base(c, desc[1])))
        RAISE(EXC_GP, 0);
    if (type == INVPCID_ADDRESS)
        tlb_flush_page(c, desc[1]);
    else if (type == INVPCID_ALL_GLOBAL)
        tlb_flush_all(c);
    else
        tlb_flush_nonglobal(c);
    END_BLOCK;
}

/* ---- MSRs, counters, CPUID ---- */

static void put_edx_eax(struct cpu *c, u64 v)
{
    put32(c, REG_OFFSET(RAX), (u32)v);
    put32(c, REG_OFFSET(RDX), (u32)(v >> 32));
}

static u64 get_edx_eax(struct cpu *c)
{
    return (u64)get32(c, REG_OFFSET(RDX)) << 32 | get32(c, REG_OFFSET(RAX));
}

EXEC(rdmsr)
{
    u64 v;
    TRY(cpu_rdmsr(c, get32(c, REG_OFFSET(RCX)), &v));
    if (UNLIKELY(c->probe))
        watch_change(c, PROBE_MSR, get32(c, REG_OFFSET(RCX)), 0, v, false);
    put_edx_eax(c, v);
    END_BLOCK;
}

/* Registers that a running system writes all the time would fill the flight recorder. */
static bool is_worth_recording(u32 msr)
{
    bool is_base = msr >= MSR_FS_BASE && msr <= MSR_KERNEL_GS_BASE;
    return !is_base && msr != MSR_TSC_DEADLINE && !(msr >= MSR_X2APIC_FIRST && msr <= MSR_X2APIC_LAST);
}

EXEC(wrmsr)
{
    u32 msr = get32(c, REG_OFFSET(RCX));
    TRY(cpu_wrmsr(c, msr, get_edx_eax(c)));
    if (is_worth_recording(msr))
        record_msr(c, msr, get_edx_eax(c), ip_of(c, u));
    if (UNLIKELY(c->probe))
        watch_change(c, PROBE_MSR, msr, 0, get_edx_eax(c), true);
    END_BLOCK;
}

static bool tsc_forbidden(const struct cpu *c)
{
    return (c->cr4 & CR4_TSD) && c->cpl > 0;
}

EXEC(rdtsc)
{
    if (tsc_forbidden(c))
        RAISE(EXC_GP, 0);
    put_edx_eax(c, cpu_tsc(c));
    END_BLOCK;
}

EXEC(rdtscp)
{
    if (tsc_forbidden(c))
        RAISE(EXC_GP, 0);
    put_edx_eax(c, cpu_tsc(c));
    put32(c, REG_OFFSET(RCX), (u32)c->msr.tsc_aux);
    END_BLOCK;
}

EXEC(rdpid)
{
    put64(c, u->dst, (u32)c->msr.tsc_aux);
    NEXT;
}

/* The model has no performance counters: no number is valid. */
EXEC(rdpmc)
{
    RAISE(EXC_GP, 0);
}

EXEC(cpuid)
{
    u32 out[4];
    cpu_cpuid(c, get32(c, REG_OFFSET(RAX)), get32(c, REG_OFFSET(RCX)), out);
    put32(c, REG_OFFSET(RAX), out[0]);
    put32(c, REG_OFFSET(RBX), out[1]);
    put32(c, REG_OFFSET(RCX), out[2]);
    put32(c, REG_OFFSET(RDX), out[3]);
    NEXT;
}

/* ---- XCR0, RSM ---- */

EXEC(xgetbv)
{
    if (!(c->cr4 & CR4_OSXSAVE))
        RAISE(EXC_UD, 0);
    u32 number = get32(c, REG_OFFSET(RCX));
    if (number > (cpu_has(c, F_XGETBV1) ? 1 : 0))
        RAISE(EXC_GP, 0);
    put_edx_eax(c, number == 0 ? c->xcr0 : c->xcr0 & cpu_xinuse_mxcsr(c));
    NEXT;
}

/* SDM vol. 1, 13.3: x87 always; AVX only with SSE. */
static bool xcr0_allowed(const struct cpu *c, u64 v)
{
    return (v & XSTATE_X87) && !(v & ~cpu_xstates(c)) && !((v & XSTATE_AVX) && !(v & XSTATE_SSE));
}

EXEC(xsetbv)
{
    u64 v = get_edx_eax(c);
    if (!(c->cr4 & CR4_OSXSAVE))
        RAISE(EXC_UD, 0);
    if (c->cpl > 0 || get32(c, REG_OFFSET(RCX)) != 0 || !xcr0_allowed(c, v))
        RAISE(EXC_GP, 0);
    c->xcr0 = v;
    cpu_update_mode(c);
    END_BLOCK;
}

/* ---- PKRU (SDM vol. 2, RDPKRU and WRPKRU) ---- */

EXEC(rdpkru)
{
    if (!(c->cr4 & CR4_PKE))
        RAISE(EXC_UD, 0);
    if (get32(c, REG_OFFSET(RCX)) != 0)
        RAISE(EXC_GP, 0);
    put_edx_eax(c, c->pkru);
    NEXT;
}

EXEC(wrpkru)
{
    if (!(c->cr4 & CR4_PKE))
        RAISE(EXC_UD, 0);
    if (get32(c, REG_OFFSET(RCX)) != 0 || get32(c, REG_OFFSET(RDX)) != 0)
        RAISE(EXC_GP, 0);
    cpu_write_pkru(c, get32(c, REG_OFFSET(RAX)));
    END_BLOCK;
}

EXEC(rsm)
{
    if (!c->smm)
        RAISE(EXC_UD, 0);
    u64 rip = ip_of(c, u);
    if (!smm_leave(c))
        return NULL;
    record_mode(c, rip);
    JUMP_TO_RIP;
}

/* MONITOR, MWAIT: not built, CPUID says so and the decoder makes them #UD. */
EXEC(monitor)
{
    RAISE(EXC_UD, 0);
}
