/* apic.h: the local APIC's registers at FEE00000 and the I/O APIC's at FEC00000, by their offsets. (Intel SDM vol. 3,
 * 10.4; Intel 290566.) */
#ifndef GUEST_APIC_H
#define GUEST_APIC_H

#include "kernel.h"

#define LAPIC 0xfee00000u
#define IOAPIC 0xfec00000u

enum lapic_register {
    LAPIC_ID = 0x020,
    LAPIC_VERSION = 0x030,
    LAPIC_TPR = 0x080, /* Task Priority */
    LAPIC_APR = 0x090, /* Arbitration Priority */
    LAPIC_PPR = 0x0a0, /* Processor Priority */
    LAPIC_EOI = 0x0b0,
    LAPIC_LDR = 0x0d0, /* Logical Destination */
    LAPIC_DFR = 0x0e0, /* Destination Format */
    LAPIC_SVR = 0x0f0, /* Spurious Interrupt Vector */
    LAPIC_ISR = 0x100,
    LAPIC_TMR = 0x180,
    LAPIC_IRR = 0x200,
    LAPIC_ESR = 0x280, /* Error Status */
    LAPIC_LVT_CMCI = 0x2f0,
    LAPIC_ICR_LOW = 0x300, /* Interrupt Command, bits 0 to 31 */
    LAPIC_ICR_HIGH = 0x310,
    LAPIC_LVT_TIMER = 0x320,
    LAPIC_LVT_THERMAL = 0x330,
    LAPIC_LVT_PERFORMANCE = 0x340,
    LAPIC_LVT_LINT0 = 0x350,
    LAPIC_LVT_LINT1 = 0x360,
    LAPIC_LVT_ERROR = 0x370,
    LAPIC_TIMER_INITIAL = 0x380,
    LAPIC_TIMER_CURRENT = 0x390,
    LAPIC_TIMER_DIVIDE = 0x3e0
};

enum { SVR_ENABLE = BIT(8) };
enum {
    LVT_MASKED = BIT(16),
    LVT_PERIODIC = BIT(17),
    DELIVERY_NMI = 4 << 8,
    DELIVERY_INIT = 5 << 8,
    DELIVERY_STARTUP = 6 << 8
};
enum {
    ICR_PENDING = BIT(12),
    ICR_ASSERT = BIT(14),
    ICR_LOGICAL = BIT(11),
    ICR_SELF = 1 << 18,
    ICR_ALL = 2 << 18,
    ICR_OTHERS = 3 << 18
};

static inline u32 lapic_read(u32 reg)
{
    return MMIO32(LAPIC + reg);
}

static inline void lapic_write(u32 reg, u32 v)
{
    MMIO32(LAPIC + reg) = v;
}

/* Whether the vector's bit is set in ISR, TMR or IRR. */
static inline int lapic_bit(u32 reg, u32 vector)
{
    return lapic_read(reg + (vector / 32) * 16) >> vector % 32 & 1;
}

static inline u32 ioapic_read(u32 index)
{
    MMIO32(IOAPIC) = index;
    return MMIO32(IOAPIC + 0x10);
}

static inline void ioapic_write(u32 index, u32 v)
{
    MMIO32(IOAPIC) = index;
    MMIO32(IOAPIC + 0x10) = v;
}

enum { IOAPIC_ID = 0, IOAPIC_VERSION = 1 };
#define IOAPIC_ENTRY(pin) (0x10 + 2 * (pin))
enum { RTE_REMOTE_IRR = BIT(14), RTE_LEVEL = BIT(15), RTE_MASKED = BIT(16) };

#endif
