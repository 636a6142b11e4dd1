/* lapic.h: the local APICs of the processors, and the bus that joins them with each other and with the I/O APIC.
 *
 * Wiring, for one processor:
 *
 *      lapic_bus_init(&bus, &log);
 *      lapic_init(&lapic, &bus, &(struct lapic_config){ .id = 0, .bsp = true, .cpu = …, .intr = … }, &clock);
 *      bus.eoi = ioapic_eoi; bus.eoi_owner = &ioapic;
 *      ioapic_init(&ioapic, lapic_bus_messages(&bus), &log);
 *      the 8259's INT -> lapic_bus_lint(&bus, 0), NMI -> lapic_bus_lint(&bus, 1)
 *
 * The processor's INTR pin is `intr`; it acknowledges by lapic_ack(). See lapic.c, lapic_regs.c, lapic_bus.c and
 * lapic_timer.c. */
#ifndef PCEMU_LAPIC_H
#define PCEMU_LAPIC_H

#include "clock.h"
#include "ioapic.h"
#include "irq.h"
#include "log.h"
#include "region.h"
#include "state.h"

#define LAPIC_BUS_MAX 64
#define LAPIC_VECTORS 256
#define LAPIC_LINTS 2
#define LAPIC_NAME_LEN 16

/* Entries of the local vector table, in the order of their registers from 0x320 on. */
enum lapic_lvt {
    LVT_TIMER,
    LVT_THERMAL,
    LVT_PERF,
    LVT_LINT0,
    LVT_LINT1,
    LVT_ERROR,
    LVT_ENTRIES,
};

/* What a local APIC asks of its processor. All are there but tsc, which may be NULL: the counter is then virtual time.
 */
struct lapic_cpu {
    void (*nmi)(void *cpu);
    void (*smi)(void *cpu);
    void (*init)(void *cpu);            /* INIT: reset to the state before SIPI (or, the BSP, to the reset vector) */
    void (*sipi)(void *cpu, u8 vector); /* start at vector << 12; ignored by one that does not wait for it */
    u64 (*tsc)(void *cpu);              /* the time-stamp counter, now; it counts one a nanosecond */
    void *cpu;
    /* The 8259's interrupt acknowledge, which gives an ExtINT's vector. */
    u8 (*pic_ack)(void *pic);
    void *pic;
};

struct lapic_config {
    u8 id;                 /* initial APIC ID */
    bool bsp;              /* the boot-strap processor */
    bool absent;           /* the processor has none: off for good, the 8259 drives INTR */
    bool has_x2apic;       /* CPUID.01H:ECX[21] */
    bool has_tsc_deadline; /* CPUID.01H:ECX[24] */
    struct lapic_cpu cpu;
    struct irq_line intr; /* to the processor's INTR */
};

struct lapic_bus;

struct lapic {
    /* wiring */
    struct lapic_config config;
    struct lapic_bus *bus;
    struct clock *clock;
    struct log *log;
    char timer_name[LAPIC_NAME_LEN];
    /* state */
    u64 apic_base; /* IA32_APIC_BASE */
    u8 id;         /* in xAPIC mode software may change it */
    u8 tpr;
    u8 ldr; /* xAPIC: bits 31:24 of the register */
    u32 dfr, svr;
    u32 isr[LAPIC_VECTORS / 32], tmr[LAPIC_VECTORS / 32], irr[LAPIC_VECTORS / 32];
    u32 esr, esr_new; /* what is read; what has come since the last write */
    u32 lvt[LVT_ENTRIES];
    u64 icr;
    bool lint[LAPIC_LINTS]; /* levels of the pins */
    bool extint_message;    /* an ExtINT came as a message and was not acknowledged yet */
    /* state of the timer: its count was `timer_count` at time `timer_since` */
    u32 initial_count, timer_count;
    u64 timer_since; /* ns */
    u8 divide;       /* Divide Configuration Register */
    u64 tsc_deadline;
    struct timer timer;
};

struct lapic_bus {
    /* wiring */
    struct region region; /* "apic-msi": the registers of the running CPU's APIC, and behind them messages (MSI) */
    struct lapic *apic[LAPIC_BUS_MAX];
    unsigned apics;
    unsigned running; /* whose registers are seen: the machine sets the index of the CPU that it runs */
    struct log *log;
    void (*eoi)(void *owner, u8 vector); /* EOI messages; NULL: nobody listens */
    void *eoi_owner;
};

extern const struct state_table lapic_state;

void lapic_bus_init(struct lapic_bus *bus, struct log *log);
/* Makes a local APIC, in its power-on state, and puts it on `bus` (for its life). */
void lapic_init(struct lapic *s, struct lapic_bus *bus, const struct lapic_config *config, struct clock *clock);
void lapic_reset(void *self);

/* The pins. LINT0 is the 8259's INT, LINT1 the chip set's NMI; on a PC both reach every processor. */
void lapic_set_lint(void *self, unsigned n, bool level);
struct irq_line lapic_bus_lint(struct lapic_bus *bus, unsigned n);

/* True while the processor's INTR is asserted. */
bool lapic_pending(const struct lapic *s);
/* The processor takes the interrupt: its vector. When nothing is pending any more: the spurious vector. */
u8 lapic_ack(struct lapic *s);

/* CR8: the task priority's class, 0 to 15. */
u8 lapic_cr8(const struct lapic *s);
void lapic_set_cr8(struct lapic *s, u8 value);

/* IA32_APIC_BASE, IA32_TSC_DEADLINE and, in x2APIC mode, MSRs 800 to 8FF. False: #GP. */
#define MSR_IA32_APIC_BASE 0x01b
#define MSR_IA32_TSC_DEADLINE 0x6e0
#define MSR_X2APIC_FIRST 0x800
#define MSR_X2APIC_LAST 0x8ff
bool lapic_read_msr(struct lapic *s, u32 msr, u64 *value);
bool lapic_write_msr(struct lapic *s, u32 msr, u64 value);
/* The local APIC is there for the processor (IA32_APIC_BASE.EN): CPUID.01H:EDX[9]. */
bool lapic_enabled(const struct lapic *s);
bool lapic_x2apic(const struct lapic *s);
/* To be called after the processor's time-stamp counter was set, so that a deadline is waited for anew. */
void lapic_tsc_changed(struct lapic *s);

/* For people: as QEMU's `info lapic` prints it. */
void lapic_print(const struct lapic *s, FILE *out);

/* Interrupt messages from an I/O APIC, and a PCI device's write of `data` to `address` in FEExxxxx (MSI). */
void lapic_bus_deliver(void *bus, u32 dest, bool logical, u8 delivery_mode, u8 vector, bool level);
void lapic_bus_msi(struct lapic_bus *bus, u32 address, u32 data);
static inline struct apic_bus lapic_bus_messages(struct lapic_bus *bus)
{
    return (struct apic_bus){ lapic_bus_deliver, bus };
}

#endif
