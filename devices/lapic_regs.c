/* lapic_regs.c: the local APIC's registers (SDM vol. 3, table 10-1) and the same as MSRs in x2APIC mode (table 10-6).
 *
 * A register is named here by its number: its offset in the page divided by 16, which is its MSR less 0x800. An access
 * to one that does not exist sets "illegal register address" in ESR, and is #GP in x2APIC mode. */
#include "lapic_internal.h"

enum {
    REG_ID = 0x02,
    REG_VERSION = 0x03,
    REG_TPR = 0x08,
    REG_APR = 0x09,
    REG_PPR = 0x0a,
    REG_EOI = 0x0b,
    REG_LDR = 0x0d,
    REG_DFR = 0x0e,
    REG_SVR = 0x0f,
    REG_ISR = 0x10,
    REG_TMR = 0x18,
    REG_IRR = 0x20,
    REG_ESR = 0x28,
    REG_ICR_LOW = 0x30,
    REG_ICR_HIGH = 0x31,
    REG_LVT = 0x32,
    REG_INITIAL_COUNT = 0x38,
    REG_CURRENT_COUNT = 0x39,
    REG_DIVIDE = 0x3e,
    REG_SELF_IPI = 0x3f, /* x2APIC mode only */
};

#define VERSION 0x50014
#define ID_SHIFT 24
#define DFR_WRITABLE 0xf0000000
#define DFR_ONES 0x0fffffff
#define SVR_WRITABLE 0x3ff
#define ICR_LOW_WRITABLE 0x000ccfff
#define TIMER_MODE_TSC_DEADLINE BIT(18)
#define TIMER_MODE_PERIODIC BIT(17)

#define VECTOR_WORDS (LAPIC_VECTORS / 32)

/* Figure 10-8: which bits of each entry software sets. */
static u32 lvt_writable(const struct lapic *s, unsigned n)
{
    static const u32 writable[LVT_ENTRIES] = {
        [LVT_TIMER] = 0x100ff | TIMER_MODE_PERIODIC,
        [LVT_THERMAL] = 0x107ff,
        [LVT_PERF] = 0x107ff,
        [LVT_LINT0] = 0x1a7ff,
        [LVT_LINT1] = 0x1a7ff,
        [LVT_ERROR] = 0x100ff,
    };

    return writable[n] | (n == LVT_TIMER && s->config.has_tsc_deadline ? TIMER_MODE_TSC_DEADLINE : 0);
}

/* Reading. Returns false where there is no register. */

static u32 read_id(const struct lapic *s)
{
    return lapic_x2apic(s) ? s->config.id : (u32)s->id << ID_SHIFT;
}

static u32 read_ldr(const struct lapic *s)
{
    return lapic_x2apic(s) ? lapic_x2apic_ldr(s) : (u32)s->ldr << ID_SHIFT;
}

/* Registers that read as they are kept; NULL where there is none. */
static const u32 *stored_register(const struct lapic *s, unsigned reg)
{
    if (reg >= REG_ISR && reg < REG_ISR + VECTOR_WORDS)
        return &s->isr[reg - REG_ISR];
    if (reg >= REG_TMR && reg < REG_TMR + VECTOR_WORDS)
        return &s->tmr[reg - REG_TMR];
    if (reg >= REG_IRR && reg < REG_IRR + VECTOR_WORDS)
        return &s->irr[reg - REG_IRR];
    if (reg >= REG_LVT && reg < REG_LVT + LVT_ENTRIES)
        return &s->lvt[reg - REG_LVT];
    switch (reg) {
    case REG_DFR:
        return &s->dfr;
    case REG_SVR:
        return &s->svr;
    case REG_ESR:
        return &s->esr;
    case REG_INITIAL_COUNT:
        return &s->initial_count;
    default:
        return NULL;
    }
}

static bool read_stored(const struct lapic *s, unsigned reg, u32 *value)
{
    const u32 *stored = stored_register(s, reg);

    if (stored)
        *value = *stored;
    return stored;
}

static bool read_register(const struct lapic *s, unsigned reg, u32 *value)
{
    switch (reg) {
    case REG_ID:
        *value = read_id(s);
        return true;
    case REG_VERSION:
        *value = VERSION;
        return true;
    case REG_TPR:
        *value = s->tpr;
        return true;
    case REG_APR:
        *value = lapic_apr(s);
        return true;
    case REG_PPR:
        *value = lapic_ppr(s);
        return true;
    case REG_EOI:
        *value = 0; /* write-only */
        return true;
    case REG_LDR:
        *value = read_ldr(s);
        return true;
    case REG_ICR_LOW:
    case REG_ICR_HIGH:
        *value = (u32)(reg == REG_ICR_LOW ? s->icr : s->icr >> 32);
        return true;
    case REG_CURRENT_COUNT:
        *value = lapic_timer_current(s);
        return true;
    case REG_DIVIDE:
        *value = s->divide;
        return true;
    default:
        return read_stored(s, reg, value);
    }
}

/* Writing. Returns false where there is no register that can be written. */

static void write_lvt(struct lapic *s, enum lapic_lvt n, u32 value)
{
    value &= lvt_writable(s, n);
    if (!(s->svr & SVR_ENABLE))
        value |= LVT_MASKED; /* 10.4.7.2 */
    value |= s->lvt[n] & LVT_REMOTE_IRR;
    if (n == LVT_TIMER) {
        lapic_timer_set_lvt(s, value);
    } else {
        s->lvt[n] = value;
        lapic_lvt_settle(s, n);
    }
    lapic_update(s);
}

static void write_svr(struct lapic *s, u32 value)
{
    s->svr = value & SVR_WRITABLE;
    if (s->svr & SVR_ENABLE)
        return;
    for (unsigned n = 0; n < LVT_ENTRIES; n++)
        write_lvt(s, n, s->lvt[n]);
}

static void write_esr(struct lapic *s)
{
    s->esr = s->esr_new;
    s->esr_new = 0;
}

static void write_icr_low(struct lapic *s, u32 value)
{
    s->icr = (s->icr & ~(u64)UINT32_MAX) | (value & ICR_LOW_WRITABLE);
    lapic_send_ipi(s);
}

static void write_tpr(struct lapic *s, u32 value)
{
    s->tpr = (u8)value;
    lapic_update(s);
}

static bool write_register(struct lapic *s, unsigned reg, u32 value)
{
    switch (reg) {
    case REG_ID:
        s->id = (u8)(value >> ID_SHIFT);
        return true;
    case REG_TPR:
        write_tpr(s, value);
        return true;
    case REG_EOI:
        lapic_eoi(s);
        return true;
    case REG_LDR:
        s->ldr = (u8)(value >> ID_SHIFT);
        return true;
    case REG_DFR:
        s->dfr = (value & DFR_WRITABLE) | DFR_ONES;
        return true;
    case REG_SVR:
        write_svr(s, value);
        return true;
    case REG_ESR:
        write_esr(s);
        return true;
    case REG_ICR_LOW:
        write_icr_low(s, value);
        return true;
    case REG_ICR_HIGH:
        s->icr = (u32)s->icr | (u64)(value & 0xff000000) << 32;
        return true;
    case REG_INITIAL_COUNT:
        lapic_timer_set_initial(s, value);
        return true;
    case REG_DIVIDE:
        lapic_timer_set_divide(s, value);
        return true;
    default:
        if (reg < REG_LVT || reg >= REG_LVT + LVT_ENTRIES)
            return false;
        write_lvt(s, (enum lapic_lvt)(reg - REG_LVT), value);
        return true;
    }
}

/* The register page. Registers are read and written 32 bits at a time at the start of their 16 bytes; what else does is
 * the processor's secret (10.4.1), so the rest reads as zero and ignores writes. */

static bool page_decoded(const struct lapic *s, u64 offset)
{
    if (lapic_enabled(s) && !lapic_x2apic(s))
        return true;
    log_guest(s->log, LAPIC_WHO, "access to offset %03x while the APIC's registers are not in memory",
              (unsigned)offset);
    return false;
}

u64 lapic_mmio_read(struct lapic *s, u64 offset, unsigned size)
{
    unsigned byte = offset & 0xf;
    u32 value = 0;

    if (!page_decoded(s, offset))
        return low_bytes(UINT64_MAX, size);
    if (byte >= sizeof(value))
        return 0;
    if (!read_register(s, (unsigned)offset >> 4, &value)) {
        log_guest(s->log, LAPIC_WHO, "read of offset %03x, where no register is", (unsigned)offset);
        lapic_error(s, ESR_ILLEGAL_REGISTER);
    }
    return low_bytes(value >> (8 * byte), size);
}

void lapic_mmio_write(struct lapic *s, u64 offset, u64 value, unsigned size)
{
    if (!page_decoded(s, offset))
        return;
    if (size != 4 || offset & 0xf) {
        log_guest(s->log, LAPIC_WHO, "write of %u bytes at offset %03x", size, (unsigned)offset);
        return;
    }
    if (!write_register(s, (unsigned)offset >> 4, (u32)value)) {
        log_guest(s->log, LAPIC_WHO, "write to offset %03x, where no writable register is", (unsigned)offset);
        lapic_error(s, ESR_ILLEGAL_REGISTER);
    }
}

/* x2APIC mode: the registers as MSRs (10.12.1.2) */

static bool x2apic_read(struct lapic *s, unsigned reg, u64 *value)
{
    u32 v;

    if (reg == REG_ICR_LOW) {
        *value = s->icr;
        return true;
    }
    if (reg == REG_APR || reg == REG_EOI || reg == REG_DFR || reg == REG_ICR_HIGH || !read_register(s, reg, &v))
        return false;
    *value = v;
    return true;
}

/* The bits that may be set in a write; 0 where a write is #GP whatever is written, but for EOI and ESR. */
static u64 x2apic_writable(const struct lapic *s, unsigned reg)
{
    switch (reg) {
    case REG_TPR:
    case REG_SELF_IPI:
        return 0xff;
    case REG_SVR:
        return SVR_WRITABLE;
    case REG_ICR_LOW:
        return (u64)UINT32_MAX << 32 | ICR_LOW_WRITABLE;
    case REG_INITIAL_COUNT:
        return UINT32_MAX;
    case REG_DIVIDE:
        return 0xb;
    default:
        return reg >= REG_LVT && reg < REG_LVT + LVT_ENTRIES ? lvt_writable(s, reg - REG_LVT) : 0;
    }
}

static bool x2apic_write(struct lapic *s, unsigned reg, u64 value)
{
    u64 writable = x2apic_writable(s, reg);

    if (value & ~writable || (!writable && reg != REG_EOI && reg != REG_ESR))
        return false;
    if (reg == REG_SELF_IPI) {
        lapic_receive(s, DM_FIXED, (u8)value, false);
        return true;
    }
    if (reg == REG_ICR_LOW)
        s->icr = value;
    return write_register(s, reg, (u32)value);
}

/* IA32_APIC_BASE (10.4.4, 10.12.5) */

static bool base_legal(const struct lapic *s, u64 value)
{
    u64 legal = APIC_BASE_ADDRESS | APIC_BASE_BSP | APIC_BASE_ENABLE | (s->config.has_x2apic ? APIC_BASE_EXTD : 0);
    bool enable = value & APIC_BASE_ENABLE, extd = value & APIC_BASE_EXTD;

    if (value & ~legal || (extd && !enable))
        return false;
    if (extd && !lapic_enabled(s)) /* only by way of xAPIC mode */
        return false;
    return !lapic_x2apic(s) || !enable || extd; /* and not back to it, but by way of disabled */
}

static bool write_base(struct lapic *s, u64 value)
{
    if (!base_legal(s, value))
        return false;
    if ((value & APIC_BASE_ADDRESS) != APIC_BASE_DEFAULT)
        log_unimp(s->log, LAPIC_WHO, "register page moved to %llx: it stays at fee00000",
                  (unsigned long long)(value & APIC_BASE_ADDRESS));
    bool was_enabled = lapic_enabled(s), was_x2apic = lapic_x2apic(s);
    s->apic_base = (value & ~APIC_BASE_BSP) | (s->apic_base & APIC_BASE_BSP);
    if (was_enabled && !lapic_enabled(s)) {
        s->id = s->config.id;
        lapic_init_state(s);
    } else if (!was_x2apic && lapic_x2apic(s)) {
        s->icr = (u32)s->icr;
    }
    lapic_update(s);
    return true;
}

bool lapic_read_msr(struct lapic *s, u32 msr, u64 *value)
{
    if (msr == MSR_IA32_APIC_BASE) {
        *value = s->apic_base;
        return true;
    }
    if (msr == MSR_IA32_TSC_DEADLINE && s->config.has_tsc_deadline) {
        *value = lapic_timer_tsc_deadline(s);
        return true;
    }
    return msr >= MSR_X2APIC_FIRST && msr <= MSR_X2APIC_LAST && lapic_x2apic(s) &&
           x2apic_read(s, msr - MSR_X2APIC_FIRST, value);
}

bool lapic_write_msr(struct lapic *s, u32 msr, u64 value)
{
    if (msr == MSR_IA32_APIC_BASE)
        return write_base(s, value);
    if (msr == MSR_IA32_TSC_DEADLINE && s->config.has_tsc_deadline) {
        lapic_timer_set_tsc_deadline(s, value);
        return true;
    }
    return msr >= MSR_X2APIC_FIRST && msr <= MSR_X2APIC_LAST && lapic_x2apic(s) &&
           x2apic_write(s, msr - MSR_X2APIC_FIRST, value);
}
