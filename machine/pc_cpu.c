/* pc_cpu.c: the processor's socket: what its pins do to the board, and the board's wires to its pins. */
#include "pc.h"

/* The processor is the last to be put on the board: chips settle their outputs before. */
static void cpu_intr_pin(void *m, unsigned n, bool level)
{
    (void)n;
    if (((struct machine *)m)->cpu)
        cpu_set_intr(((struct machine *)m)->cpu, level);
}

static void cpu_nmi_pin(void *m)
{
    cpu_nmi(((struct machine *)m)->cpu);
}

void pc_smi_pin(void *m)
{
    cpu_smi(((struct machine *)m)->cpu);
}

static void cpu_init_pins(void *m)
{
    cpu_init_pin(((struct machine *)m)->cpu);
}

static void cpu_sipi_message(void *m, u8 vector)
{
    cpu_sipi(((struct machine *)m)->cpu, vector);
}

static void a20_pin(void *m, unsigned n, bool level)
{
    (void)n;
    cpu_set_a20(((struct machine *)m)->cpu, level);
}

static void ignne_pin(void *m, unsigned n, bool level)
{
    (void)n;
    if (level)
        cpu_set_ignne(((struct machine *)m)->cpu);
}

static void reset_pin(void *m, unsigned n, bool level)
{
    (void)n;
    if (level)
        machine_ask_reset(m);
}

static u64 cpu_time(void *m)
{
    return machine_now_ns(m);
}

static int cpu_ack(void *m)
{
    return lapic_ack(&((struct machine *)m)->lapic);
}

static u8 cpu_get_tpr(void *m)
{
    return lapic_cr8(&((struct machine *)m)->lapic);
}

static void cpu_set_tpr(void *m, u8 tpr)
{
    lapic_set_cr8(&((struct machine *)m)->lapic, tpr);
}

static bool cpu_apic_rdmsr(void *m, u32 msr, u64 *value)
{
    return lapic_read_msr(&((struct machine *)m)->lapic, msr, value);
}

static bool cpu_apic_wrmsr(void *m, u32 msr, u64 value)
{
    return lapic_write_msr(&((struct machine *)m)->lapic, msr, value);
}

static void cpu_ferr(void *m, bool level)
{
    struct irq_line ferr = ioportf0_ferr(&((struct machine *)m)->portf0);
    irq_set(&ferr, level);
}

static u8 pic_acknowledge(void *m)
{
    return pic_ack(&((struct machine *)m)->pic);
}

static void map_changed(void *m)
{
    cpu_map_changed(((struct machine *)m)->cpu);
}

struct irq_line pc_intr_pin(struct machine *m)
{
    return (struct irq_line){ cpu_intr_pin, m, 0 };
}

struct irq_line pc_a20_pin(struct machine *m)
{
    return (struct irq_line){ a20_pin, m, 0 };
}

struct irq_line pc_ignne_pin(struct machine *m)
{
    return (struct irq_line){ ignne_pin, m, 0 };
}

struct irq_line pc_reset_pin(struct machine *m)
{
    return (struct irq_line){ reset_pin, m, 0 };
}

struct lapic_cpu pc_lapic_cpu(struct machine *m)
{
    return (struct lapic_cpu){ .nmi = cpu_nmi_pin,
                               .smi = pc_smi_pin,
                               .init = cpu_init_pins,
                               .sipi = cpu_sipi_message,
                               .cpu = m,
                               .pic_ack = pic_acknowledge,
                               .pic = m };
}

bool pc_build_cpu(struct machine *m)
{
    const struct cpu_wiring w = {
        .mem = &m->cpu_space,
        .smm_mem = &m->smm_space,
        .io = &m->port_space,
        .pool = &m->pool,
        .log = m->log,
        .model = &m->config.cpu,
        .owner = m,
        .time_ns = cpu_time,
        .ack = cpu_ack,
        .get_tpr = cpu_get_tpr,
        .set_tpr = cpu_set_tpr,
        .apic_rdmsr = cpu_apic_rdmsr,
        .apic_wrmsr = cpu_apic_wrmsr,
        .ferr = cpu_ferr,
        .shutdown = machine_saw_triple_fault,
        .apic_id = 0,
        .seed = m->config.seed,
    };
    m->cpu = cpu_new(&w);
    if (!m->cpu)
        return false;
    m->cpu_space.changed = m->smm_space.changed = map_changed;
    m->cpu_space.changed_self = m->smm_space.changed_self = m;
    return true;
}
