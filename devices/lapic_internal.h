/* lapic_internal.h: what the files of the local APIC share among themselves. Bit names are those of the Intel SDM,
 * volume 3, chapter 10 ("Advanced Programmable Interrupt Controller"). */
#ifndef PCEMU_LAPIC_INTERNAL_H
#define PCEMU_LAPIC_INTERNAL_H

#include "lapic.h"

#define LAPIC_WHO "lapic"

/* Delivery modes (10.5.1, 10.6.1) */
enum {
    DM_FIXED = 0,
    DM_LOWEST = 1,
    DM_SMI = 2,
    DM_NMI = 4,
    DM_INIT = 5,
    DM_STARTUP = 6,
    DM_EXTINT = 7,
};

#define FIRST_LEGAL_VECTOR 16

/* LVT entries (figure 10-8) */
#define LVT_VECTOR 0xff
#define LVT_DELIVERY_SHIFT 8
#define LVT_DELIVERY_MASK 7
#define LVT_REMOTE_IRR BIT(14)
#define LVT_LEVEL BIT(15)
#define LVT_MASKED BIT(16)
#define LVT_TIMER_MODE_SHIFT 17
#define LVT_TIMER_MODE_MASK 3

/* SVR (figure 10-23) */
#define SVR_ENABLE BIT(8)
#define SVR_VECTOR 0xff

/* ESR (figure 10-9) */
#define ESR_SEND_ILLEGAL BIT(5)
#define ESR_RECEIVE_ILLEGAL BIT(6)
#define ESR_ILLEGAL_REGISTER BIT(7)

/* IA32_APIC_BASE (figure 10-5, 10.12.1) */
#define APIC_BASE_BSP BIT64(8)
#define APIC_BASE_EXTD BIT64(10)
#define APIC_BASE_ENABLE BIT64(11)
#define APIC_BASE_ADDRESS ((u64)0xfffffff000)
#define APIC_BASE_DEFAULT ((u64)0xfee00000)

/* An IPI or message to all: the 8-bit destination ff, or the 32-bit one of x2APIC mode. */
#define DEST_ALL_8BIT 0xff
#define DEST_ALL UINT32_MAX

/* A vector's place in ISR, TMR and IRR. */
static inline bool lapic_bit(const u32 *reg, unsigned vector)
{
    return reg[vector / 32] & BIT(vector % 32);
}

static inline void lapic_set_bit(u32 *reg, unsigned vector, bool on)
{
    reg[vector / 32] = on ? reg[vector / 32] | BIT(vector % 32) : reg[vector / 32] & ~BIT(vector % 32);
}

/* lapic.c */
void lapic_update(struct lapic *s); /* sets INTR to what is pending */
void lapic_error(struct lapic *s, u32 esr_bit);
/* Takes a fixed interrupt into IRR. */
void lapic_accept(struct lapic *s, u8 vector, bool level);
/* Does what an LVT entry says when its source fires. */
void lapic_lvt_fire(struct lapic *s, enum lapic_lvt n);
/* An entry was written: a level-triggered pin may be waiting behind it. */
void lapic_lvt_settle(struct lapic *s, enum lapic_lvt n);
/* An interrupt of delivery mode `mode` for this processor. */
void lapic_receive(struct lapic *s, u8 mode, u8 vector, bool level);
void lapic_eoi(struct lapic *s);
u8 lapic_ppr(const struct lapic *s);
u8 lapic_apr(const struct lapic *s);
/* To the state after INIT: as after power-on, but the ID and IA32_APIC_BASE stay. */
void lapic_init_state(struct lapic *s);

/* lapic_regs.c */
u64 lapic_mmio_read(struct lapic *s, u64 offset, unsigned size);
void lapic_mmio_write(struct lapic *s, u64 offset, u64 value, unsigned size);

/* lapic_bus.c */
void lapic_send_ipi(struct lapic *s); /* what ICR says */
u32 lapic_x2apic_ldr(const struct lapic *s);

/* lapic_timer.c */
void lapic_timer_init(struct lapic *s);
void lapic_timer_reset(struct lapic *s);
u32 lapic_timer_current(const struct lapic *s);
void lapic_timer_set_initial(struct lapic *s, u32 count);
void lapic_timer_set_divide(struct lapic *s, u32 value);
void lapic_timer_set_lvt(struct lapic *s, u32 lvt);
u64 lapic_timer_tsc_deadline(const struct lapic *s);
void lapic_timer_set_tsc_deadline(struct lapic *s, u64 tsc);

#endif
