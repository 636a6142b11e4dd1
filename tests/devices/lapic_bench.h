/* lapic_bench.h: three local APICs on a bus, with processors that count what they are told. For test_lapic*.c. */
#ifndef PCEMU_TESTS_LAPIC_BENCH_H
#define PCEMU_TESTS_LAPIC_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "harness.h"
#include "lapic.h"

#define CPUS 3

#define ID 0x020
#define VERSION 0x030
#define TPR 0x080
#define APR 0x090
#define PPR 0x0a0
#define EOI 0x0b0
#define LDR 0x0d0
#define DFR 0x0e0
#define SVR 0x0f0
#define ISR 0x100
#define TMR 0x180
#define IRR 0x200
#define ESR 0x280
#define ICR 0x300
#define ICR_HIGH 0x310
#define LVT_T 0x320
#define LVT_TH 0x330
#define LVT_PC 0x340
#define LVT_L0 0x350
#define LVT_L1 0x360
#define LVT_E 0x370
#define INITIAL 0x380
#define CURRENT 0x390
#define DIVIDE 0x3e0

#define MASKED (1u << 16)
#define PERIODIC (1u << 17)
#define TSC_DEADLINE (2u << 17)
#define LEVEL (1u << 15)
#define REMOTE_IRR (1u << 14)
#define ASSERT (1u << 14)
#define LOGICAL (1u << 11)
#define MODE(n) ((u32)(n) << 8)
#define SHORT(n) ((u32)(n) << 18)
#define FIXED 0
#define LOWEST 1
#define SMI 2
#define NMI 4
#define INIT 5
#define STARTUP 6
#define EXTINT 7

#define DIVIDE_BY_1 0xb

#define X2(reg) (0x800 + (reg) / 16)
#define BASE_ENABLE 0x800
#define BASE_EXTD 0x400
#define BASE_BSP 0x100

struct bench;

struct cpu {
    struct bench *bench;
    struct lapic apic;
    unsigned nmis, smis, inits, sipis;
    u8 sipi_vector;
    u64 tsc_offset;
};

struct bench {
    struct harness h;
    struct lapic_bus bus;
    struct cpu cpu[CPUS];
    unsigned pic_acks;
    unsigned eois;
    u8 eoi_vector;
};

static inline void on_nmi(void *cpu)
{
    ((struct cpu *)cpu)->nmis++;
}

static inline void on_smi(void *cpu)
{
    ((struct cpu *)cpu)->smis++;
}

static inline void on_init(void *cpu)
{
    ((struct cpu *)cpu)->inits++;
}

static inline void on_sipi(void *cpu, u8 vector)
{
    struct cpu *c = cpu;

    c->sipis++;
    c->sipi_vector = vector;
}

static inline u64 on_tsc(void *cpu)
{
    struct cpu *c = cpu;

    return c->bench->h.now + c->tsc_offset;
}

static inline u8 on_pic_ack(void *pic)
{
    struct bench *b = pic;

    b->pic_acks++;
    lapic_set_lint(&b->cpu[0].apic, 0, false); /* INT falls */
    return 0x08;
}

static inline void on_eoi(void *owner, u8 vector)
{
    struct bench *b = owner;

    b->eois++;
    b->eoi_vector = vector;
}

static inline int setup(void **state)
{
    struct bench *b = calloc(1, sizeof(*b));

    harness_init(&b->h);
    lapic_bus_init(&b->bus, &b->h.log);
    b->bus.eoi = on_eoi;
    b->bus.eoi_owner = b;
    for (unsigned i = 0; i < CPUS; i++) {
        struct lapic_config config = {
            .id = (u8)i, .bsp = i == 0, .has_x2apic = true, .has_tsc_deadline = true, .intr = harness_irq(&b->h, i)
        };
        config.cpu = (struct lapic_cpu){ on_nmi, on_smi, on_init, on_sipi, on_tsc, &b->cpu[i], on_pic_ack, b };
        b->cpu[i].bench = b;
        lapic_init(&b->cpu[i].apic, &b->bus, &config, &b->h.clock);
    }
    *state = b;
    return 0;
}

static inline int teardown(void **state)
{
    struct bench *b = *state;

    harness_free(&b->h);
    free(b);
    return 0;
}

static inline u32 rd(struct bench *b, unsigned cpu, u64 reg)
{
    b->bus.running = cpu;
    return (u32)harness_read(&b->h, &b->bus.region, reg, 4);
}

static inline void wr(struct bench *b, unsigned cpu, u64 reg, u32 value)
{
    b->bus.running = cpu;
    harness_write(&b->h, &b->bus.region, reg, value, 4);
}

static inline void enable(struct bench *b, unsigned cpu)
{
    wr(b, cpu, SVR, 0x1ff);
}

/* A fixed interrupt for processor `cpu`. */
static inline void interrupt(struct bench *b, unsigned cpu, u8 vector)
{
    lapic_bus_deliver(&b->bus, cpu, false, FIXED, vector, false);
}

static inline bool vector_set(struct bench *b, unsigned cpu, u64 reg, u8 vector)
{
    return rd(b, cpu, reg + 16u * (vector / 32u)) >> vector % 32 & 1;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
