/* msr.c: model-specific registers (SDM vol. 4; AMD BIOS and Kernel Developer's Guide for family 0Fh). The set is that
 * of the CPUID model: what firmware and kernels touch on it. Others are #GP(0), named in the log. Not modelled:
 * performance counters, branch records, microcode, machine-check errors (the banks exist and stay empty). */
#include "ctrl.h"
#include "model.h"
#include "msr.h"
#include "uop.h"

/* A register that just holds 64 bits, or those of `writable` (others are ignored). */
struct plain_msr {
    u32 number;
    u32 field;    /* offset in struct msrs */
    u64 writable; /* bits that may be set */
    enum { STRICT, CANONICAL, IGNORE } rule;
};
#define FIELD(name) ((u32)offsetof(struct msrs, name))

static const struct plain_msr plain[] = {
    { MSR_SYSENTER_CS, FIELD(sysenter_cs), 0xffffffff, IGNORE },
    { MSR_SYSENTER_ESP, FIELD(sysenter_esp), UINT64_MAX, CANONICAL },
    { MSR_SYSENTER_EIP, FIELD(sysenter_eip), UINT64_MAX, CANONICAL },
    { MSR_STAR, FIELD(star), UINT64_MAX, STRICT },
    { MSR_LSTAR, FIELD(lstar), UINT64_MAX, CANONICAL },
    { MSR_CSTAR, FIELD(cstar), UINT64_MAX, CANONICAL },
    { MSR_SFMASK, FIELD(fmask), 0xffffffff, IGNORE },
    { MSR_KERNEL_GS_BASE, FIELD(kernel_gs_base), UINT64_MAX, CANONICAL },
    { MSR_TSC_AUX, FIELD(tsc_aux), 0xffffffff, IGNORE },
    { MSR_MISC_ENABLE, FIELD(misc_enable), MISC_ENABLE_FAST_STRING, IGNORE },
    { MSR_BIOS_SIGN_ID, FIELD(bios_sign_id), UINT64_MAX, STRICT },
    { MSR_MCG_STATUS, FIELD(mcg_status), 7, STRICT },
    { MSR_MCG_CTL, FIELD(mcg_ctl), UINT64_MAX, STRICT },
    { MSR_HWCR, FIELD(hwcr), UINT64_MAX, STRICT },
    { MSR_SYSCFG, FIELD(syscfg), SYSCFG_WRITABLE, STRICT },
    { MSR_INT_PENDING, FIELD(int_pending), UINT64_MAX, STRICT },
};

/* Registers of family 0Fh that guests touch without asking whether they are there. What they control is not modelled:
 * they read as 0 and keep nothing. */
static const struct {
    u32 first, last;
} inert[] = {
    { 0x00, 0x01 },             /* P5_MC_ADDR, P5_MC_TYPE */
    { 0xc0010000, 0xc0010007 }, /* PERF_CTL0-3, PERF_CTR0-3 */
    { 0xc0010016, 0xc001001a }, /* IORRs, TOP_MEM */
    { 0xc001001d, 0xc001001d }, /* TOP_MEM2 */
    { 0xc001001f, 0xc001001f }, /* NB_CFG */
    { 0xc0010112, 0xc0010113 }, /* SMM_ADDR, SMM_MASK */
    { 0xc0011020, 0xc0011023 }, /* LS_CFG, IC_CFG, DC_CFG, BU_CFG */
};

/* Registers that came with a feature; on a model without it they are not there. */
static const struct {
    u32 first, last;
    u8 feature;
} gates[] = {
    { 0x00, 0x01, F_MCE },
    { MSR_TSC, MSR_TSC, F_TSC },
    { MSR_APIC_BASE, MSR_APIC_BASE, F_APIC },
    { MSR_BIOS_SIGN_ID, MSR_BIOS_SIGN_ID, P6 },
    { MSR_MTRR_CAP, MSR_MTRR_CAP, F_MTRR },
    { MSR_SYSENTER_CS, MSR_SYSENTER_EIP, F_SEP },
    { MSR_MCG_CAP, MSR_MCG_CTL, F_MCA },
    { MSR_MISC_ENABLE, MSR_MISC_ENABLE, P6 },
    { MSR_DEBUGCTL, MSR_DEBUGCTL, P6 },
    { MSR_MTRR_BASE0, MSR_MTRR_FIX4K + 7, F_MTRR },
    { MSR_PAT, MSR_PAT, F_PAT },
    { MSR_MTRR_DEF_TYPE, MSR_MTRR_DEF_TYPE, F_MTRR },
    { MSR_MC0_CTL, MSR_MC0_CTL + 4 * MC_BANKS - 1, F_MCA },
    { MSR_TSC_DEADLINE, MSR_TSC_DEADLINE, F_TSC_DEADLINE },
    { MSR_X2APIC_FIRST, MSR_X2APIC_LAST, F_X2APIC },
    { MSR_XSS, MSR_XSS, F_XSAVES },
    { MSR_STAR, MSR_STAR, F_SYSCALL },
    { MSR_LSTAR, MSR_SFMASK, F_LM },
    { MSR_FS_BASE, MSR_KERNEL_GS_BASE, F_LM },
};

/* Is a register of this number a part of the model? */
static bool msr_exists(const struct cpu *c, u32 msr)
{
    for (unsigned i = 0; i < ARRAY_LEN(gates); i++)
        if (msr >= gates[i].first && msr <= gates[i].last)
            return cpu_has(c, gates[i].feature);
    if (msr == MSR_EFER)
        return efer_allowed(c) != 0;
    if (msr == MSR_TSC_AUX)
        return cpu_has(c, F_RDTSCP) || cpu_has(c, F_RDPID);
    return msr < MSR_AMD_FIRST || model_is_amd(c->model);
}

static bool is_inert(u32 msr)
{
    for (unsigned i = 0; i < ARRAY_LEN(inert); i++)
        if (msr >= inert[i].first && msr <= inert[i].last)
            return true;
    return false;
}

static const struct plain_msr *find_plain(u32 msr)
{
    for (unsigned i = 0; i < ARRAY_LEN(plain); i++)
        if (plain[i].number == msr)
            return &plain[i];
    return NULL;
}

static u64 *plain_field(struct cpu *c, const struct plain_msr *p)
{
    return (u64 *)(void *)((char *)&c->msr + p->field);
}

static bool refuse(struct cpu *c)
{
    return cpu_fault(c, EXC_GP, 0);
}

static bool no_such_msr(struct cpu *c, u32 msr, const char *insn)
{
    log_unimp(c->w.log, "cpu", "%s of %08x: no such register on this model, #GP(0)", insn, msr);
    return refuse(c);
}

static bool is_apic_msr(u32 msr)
{
    return msr == MSR_APIC_BASE || msr == MSR_TSC_DEADLINE || (msr >= MSR_X2APIC_FIRST && msr <= MSR_X2APIC_LAST);
}

static bool is_mc_bank(u32 msr)
{
    return msr >= MSR_MC0_CTL && msr < MSR_MC0_CTL + 4 * MC_BANKS;
}

u64 cpu_tsc(struct cpu *c)
{
    return c->w.time_ns(c->w.owner) + c->msr.tsc_offset;
}

void msr_reset(struct cpu *c)
{
    memset(&c->msr, 0, sizeof c->msr);
    c->msr.pat = PAT_RESET;
    c->msr.misc_enable = MISC_ENABLE_FAST_STRING;
    c->msr.smbase = SMBASE_RESET;
    c->msr.mcg_ctl = UINT64_MAX;
    c->msr.bios_sign_id = MICROCODE_LEVEL;
    /* tsc_offset 0: the TSC counts from power-on. A later RESET does not set it back (hardware's would). */
}

/* ---- reading ---- */

static bool read_special(struct cpu *c, u32 msr, u64 *v)
{
    switch (msr) {
    case MSR_TSC:
        *v = cpu_tsc(c);
        return true;
    case MSR_EFER:
        *v = c->efer;
        return true;
    case MSR_FS_BASE:
        *v = c->seg[FS].base;
        return true;
    case MSR_GS_BASE:
        *v = c->seg[GS].base;
        return true;
    case MSR_PAT:
        *v = c->msr.pat;
        return true;
    case MSR_XSS: /* no supervisor component is built */
        return true;
    case MSR_MCG_CAP:
        *v = MCG_CTL_P | MC_BANKS;
        return true;
    case MSR_DEBUGCTL:
        *v = c->msr.debugctl;
        return true;
    case MSR_IA32_SMBASE:
        *v = c->msr.smbase;
        return c->smm;
    case MSR_SMM_BASE:
        *v = c->msr.smbase;
        return true;
    default:
        return false;
    }
}

/* Machine-check banks: control registers hold what is written, the others are empty. */
static u64 read_bank(const struct cpu *c, u32 msr)
{
    unsigned n = msr - MSR_MC0_CTL;
    return n % 4 == 0 ? c->msr.mc_ctl[n / 4] : 0;
}

bool cpu_rdmsr(struct cpu *c, u32 msr, u64 *value)
{
    const struct plain_msr *p = find_plain(msr);
    *value = 0;
    if (!msr_exists(c, msr))
        return no_such_msr(c, msr, "RDMSR");
    if (p) {
        *value = *plain_field(c, p);
        return true;
    }
    if (is_apic_msr(msr)) {
        if (c->w.apic_rdmsr && c->w.apic_rdmsr(c->w.owner, msr, value))
            return true;
        return refuse(c);
    }
    if (is_mc_bank(msr)) {
        *value = read_bank(c, msr);
        return true;
    }
    if (read_special(c, msr, value) || mtrr_read(c, msr, value) || is_inert(msr))
        return true;
    return no_such_msr(c, msr, "RDMSR");
}

/* ---- writing ---- */

static bool write_efer(struct cpu *c, u64 v)
{
    if (v & ~efer_allowed(c))
        return refuse(c);
    if (((v ^ c->efer) & EFER_LME) && (c->cr0 & CR0_PG))
        return refuse(c);
    u64 changed = (v ^ c->efer) & ~(u64)EFER_LMA; /* LMA is read-only */
    c->efer ^= changed;
    if (changed & EFER_NXE)
        tlb_flush_all(c);
    cpu_update_mode(c);
    return true;
}

static bool write_plain(struct cpu *c, const struct plain_msr *p, u64 v)
{
    if (p->rule == CANONICAL && !is_canonical_base(c, v))
        return refuse(c);
    if (p->rule == STRICT && (v & ~p->writable))
        return refuse(c);
    *plain_field(c, p) = v & p->writable;
    return true;
}

static bool write_base(struct cpu *c, unsigned seg, u64 v)
{
    if (!is_canonical_base(c, v))
        return refuse(c);
    c->seg[seg].base = v;
    return true;
}

static bool write_debugctl(struct cpu *c, u64 v)
{
    if (v & ~(u64)DEBUGCTL_DEFINED)
        return refuse(c);
    if (v & (DEBUGCTL_LBR | DEBUGCTL_BTF))
        log_unimp(c->w.log, "cpu", "DebugCtl %#llx: no branch records, no single step on branches",
                  (unsigned long long)v);
    c->msr.debugctl = v;
    return true;
}

/* Zero clears a status or address register; other values only test ones, with HWCR.McStatusWrEn. */
static bool write_bank(struct cpu *c, u32 msr, u64 v)
{
    unsigned n = msr - MSR_MC0_CTL;
    if (n % 4 == 0) {
        c->msr.mc_ctl[n / 4] = v;
        return true;
    }
    if (v && !(c->msr.hwcr & HWCR_MC_STATUS_WR_EN))
        return refuse(c);
    if (v)
        log_unimp(c->w.log, "cpu", "WRMSR of machine-check register %x: not kept", msr);
    return true;
}

/* Returns whether `msr` is one of these; *ok: whether it was written. */
static bool write_special(struct cpu *c, u32 msr, u64 v, bool *ok)
{
    *ok = true;
    switch (msr) {
    case MSR_TSC:
        c->msr.tsc_offset += v - cpu_tsc(c);
        if (c->w.tsc_set)
            c->w.tsc_set(c->w.owner);
        return true;
    case MSR_EFER:
        *ok = write_efer(c, v);
        return true;
    case MSR_FS_BASE:
        *ok = write_base(c, FS, v);
        return true;
    case MSR_GS_BASE:
        *ok = write_base(c, GS, v);
        return true;
    case MSR_DEBUGCTL:
        *ok = write_debugctl(c, v);
        return true;
    case MSR_XSS:
        *ok = v == 0 || refuse(c);
        return true;
    case MSR_SMM_BASE:
        if ((v >> 32) || (c->msr.hwcr & HWCR_SMM_LOCK))
            *ok = refuse(c);
        else
            c->msr.smbase = v;
        return true;
    default:
        return false;
    }
}

bool cpu_wrmsr(struct cpu *c, u32 msr, u64 value)
{
    const struct plain_msr *p = find_plain(msr);
    bool ok;
    if (!msr_exists(c, msr))
        return no_such_msr(c, msr, "WRMSR");
    if (p)
        return write_plain(c, p, value);
    if (is_apic_msr(msr))
        return c->w.apic_wrmsr && c->w.apic_wrmsr(c->w.owner, msr, value) ? true : refuse(c);
    if (is_mc_bank(msr))
        return write_bank(c, msr, value);
    if (write_special(c, msr, value, &ok))
        return ok;
    switch (mtrr_write(c, msr, value)) {
    case MTRR_DONE:
        return true;
    case MTRR_BAD:
        return refuse(c);
    default:
        break;
    }
    if (is_inert(msr)) {
        if (value)
            log_unimp(c->w.log, "cpu", "WRMSR of %08x := %016llx: has no effect", msr, (unsigned long long)value);
        return true;
    }
    return no_such_msr(c, msr, "WRMSR");
}
