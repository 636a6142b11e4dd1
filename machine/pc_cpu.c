/* pc_cpu.c: the processors' sockets: what their pins do to the board, and the board's wires to their pins.
 *
 * On the board's wires: A20M# and RESET go to all processors; SMI# to the first alone, as QEMU's pc has it (the
 * firmware moves no other's SMBASE); FERR# comes from any and IGNNE# goes to all. What is between processors goes from
 * local APIC to local APIC. */
#include "pc.h"

#include "pc_map.h"

#include <stdio.h>

/* The processors are the last to be put on the board: chips settle their outputs before. */
static void intr_pin(void *self, unsigned n, bool level)
{
    struct machine *m = self;
    if (!m->cpu[n].cpu)
        return;
    cpu_set_intr(m->cpu[n].cpu, level);
    turn_woke(&m->cpu[n]);
}

static void nmi_pin(void *self)
{
    struct pc_cpu *s = self;
    cpu_nmi(s->cpu);
    turn_woke(s);
}

static void smi_pin(void *self)
{
    struct pc_cpu *s = self;
    cpu_smi(s->cpu);
    turn_woke(s);
}

static void init_pin(void *self)
{
    struct pc_cpu *s = self;
    cpu_init_pin(s->cpu);
    turn_woke(s);
}

static void sipi_message(void *self, u8 vector)
{
    struct pc_cpu *s = self;
    cpu_sipi(s->cpu, vector);
    turn_woke(s);
}

static u64 tsc(void *self)
{
    return cpu_tsc(((struct pc_cpu *)self)->cpu);
}

void pc_smi_pin(void *m)
{
    smi_pin(&((struct machine *)m)->cpu[0]);
}

static void a20_pin(void *self, unsigned n, bool level)
{
    struct machine *m = self;
    (void)n;
    for (unsigned i = 0; i < m->cpus; i++)
        cpu_set_a20(m->cpu[i].cpu, level);
}

static void ignne_pin(void *self, unsigned n, bool level)
{
    struct machine *m = self;
    (void)n;
    for (unsigned i = 0; level && i < m->cpus; i++)
        cpu_set_ignne(m->cpu[i].cpu);
}

static void reset_pin(void *m, unsigned n, bool level)
{
    (void)n;
    if (level)
        machine_ask_reset(m);
}

/* ---- what a processor asks of the board ---- */

static u64 time_ns(void *self)
{
    return machine_now_ns(((struct pc_cpu *)self)->machine);
}

static int ack(void *self)
{
    return lapic_ack(&((struct pc_cpu *)self)->lapic);
}

static u8 get_tpr(void *self)
{
    return lapic_cr8(&((struct pc_cpu *)self)->lapic);
}

static void set_tpr(void *self, u8 tpr)
{
    lapic_set_cr8(&((struct pc_cpu *)self)->lapic, tpr);
}

static bool apic_rdmsr(void *self, u32 msr, u64 *value)
{
    return lapic_read_msr(&((struct pc_cpu *)self)->lapic, msr, value);
}

static bool apic_wrmsr(void *self, u32 msr, u64 value)
{
    return lapic_write_msr(&((struct pc_cpu *)self)->lapic, msr, value);
}

static void tsc_set(void *self)
{
    lapic_tsc_changed(&((struct pc_cpu *)self)->lapic);
}

static void ferr(void *self, bool level)
{
    struct irq_line line = ioportf0_ferr(&((struct pc_cpu *)self)->machine->portf0);
    irq_set(&line, level);
}

static void shutdown(void *self)
{
    machine_saw_triple_fault(((struct pc_cpu *)self)->machine);
}

static u8 pic_acknowledge(void *m)
{
    return pic_ack(&((struct machine *)m)->pic);
}

static void map_changed(void *self)
{
    cpu_map_changed(((struct pc_cpu *)self)->cpu);
}

/* ---- building ---- */

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

/* The number of its socket, its core and its thread, each in a field of as many bits as it takes. */
u8 pc_apic_id(const struct machine *m, unsigned n)
{
    const struct machine_smp *s = &m->config.smp;
    unsigned thread_bits = cpu_id_bits(s->threads), core_bits = cpu_id_bits(s->cores);
    unsigned thread = n % s->threads, core = n / s->threads % s->cores, socket = n / s->threads / s->cores;
    return (u8)((socket << core_bits | core) << thread_bits | thread);
}

/* The registers that vmport's calls use, by their numbers in instructions. */
enum { REG_AX = 0, REG_CX = 1, REG_DX = 2, REG_BX = 3, REG_SI = 6, REG_DI = 7 };

static void get_registers(void *m, struct vmport_registers *r)
{
    const struct cpu *c = turn_cpu(m);
    r->eax = (u32)cpu_reg(c, REG_AX);
    r->ebx = (u32)cpu_reg(c, REG_BX);
    r->ecx = (u32)cpu_reg(c, REG_CX);
    r->edx = (u32)cpu_reg(c, REG_DX);
    r->esi = (u32)cpu_reg(c, REG_SI);
    r->edi = (u32)cpu_reg(c, REG_DI);
}

static void set_registers(void *m, const struct vmport_registers *r)
{
    struct cpu *c = turn_cpu(m);
    cpu_set_reg(c, REG_AX, r->eax);
    cpu_set_reg(c, REG_BX, r->ebx);
    cpu_set_reg(c, REG_CX, r->ecx);
    cpu_set_reg(c, REG_DX, r->edx);
    cpu_set_reg(c, REG_SI, r->esi);
    cpu_set_reg(c, REG_DI, r->edi);
}

struct vmport_cpu pc_vmport_cpu(struct machine *m)
{
    return (struct vmport_cpu){ get_registers, set_registers, m };
}

static void build_lapic(struct machine *m, unsigned n)
{
    struct pc_cpu *s = &m->cpu[n];
    const struct lapic_config config = {
        .id = pc_apic_id(m, n),
        .bsp = n == 0,
        .absent = m->cpus == 1 && !cpu_choice_has(&m->config.cpu, "apic"),
        .has_x2apic = cpu_choice_has(&m->config.cpu, "x2apic"),
        .has_tsc_deadline = cpu_choice_has(&m->config.cpu, "tsc-deadline"),
        .cpu = { .nmi = nmi_pin,
                 .smi = smi_pin,
                 .init = init_pin,
                 .sipi = sipi_message,
                 .tsc = tsc,
                 .cpu = s,
                 .pic_ack = pic_acknowledge,
                 .pic = m },
        .intr = { intr_pin, m, n },
    };
    *s = (struct pc_cpu){ .machine = m, .index = n };
    lapic_init(&s->lapic, &m->apic_bus, &config, &m->clock);
    PC_ADD(m, cpu[n].lapic, lapic_reset, lapic_state);
}

void pc_build_lapics(struct machine *m)
{
    m->cpus = m->config.smp.cpus;
    for (unsigned i = 0; i < m->cpus; i++)
        build_lapic(m, i);
}

static void build_spaces(struct pc_cpu *s)
{
    struct machine *m = s->machine;
    snprintf(s->memory_name, sizeof s->memory_name, "cpu-memory-%u", s->index);
    snprintf(s->smm_name, sizeof s->smm_name, "cpu-smm-%u", s->index);
    region_init_container(&s->smm, "memory", 0);
    region_init_alias(&s->smm_smram, "smram", &m->i440fx.smram, 0, END_OF_4G);
    region_init_alias(&s->smm_system, "memory", &m->system, 0, 0);
    region_add(&s->smm, 0, &s->smm_smram, 1);
    region_add(&s->smm, 0, &s->smm_system, 0);
    space_init(&s->memory, s->memory_name, &m->system, &m->pool, m->log, false);
    space_init(&s->smm_memory, s->smm_name, &s->smm, &m->pool, m->log, false);
}

static bool build_cpu(struct pc_cpu *s)
{
    struct machine *m = s->machine;
    build_spaces(s);
    const struct cpu_wiring w = {
        .mem = &s->memory,
        .smm_mem = &s->smm_memory,
        .io = &m->port_space,
        .pool = &m->pool,
        .peer = s->index ? m->cpu[0].cpu : NULL,
        .log = m->log,
        .model = &m->config.cpu,
        .owner = s,
        .time_ns = time_ns,
        .ack = ack,
        .get_tpr = get_tpr,
        .set_tpr = set_tpr,
        .apic_rdmsr = apic_rdmsr,
        .apic_wrmsr = apic_wrmsr,
        .tsc_set = tsc_set,
        .ferr = ferr,
        .shutdown = shutdown,
        .paused = turn_paused,
        .apic_id = s->lapic.config.id,
        .topology = { .cores = m->config.smp.cores, .threads = m->config.smp.threads },
        .seed = m->config.seed + s->index,
    };
    s->cpu = cpu_new(&w);
    if (!s->cpu)
        return false;
    s->memory.changed = s->smm_memory.changed = map_changed;
    s->memory.changed_self = s->smm_memory.changed_self = s;
    return true;
}

bool pc_build_cpus(struct machine *m)
{
    for (unsigned i = 0; i < m->cpus; i++)
        if (!build_cpu(&m->cpu[i]))
            return false;
    return true;
}

void pc_free_cpus(struct machine *m)
{
    for (unsigned i = 0; i < m->cpus; i++) {
        struct pc_cpu *s = &m->cpu[i];
        if (s->cpu)
            cpu_free(s->cpu);
        if (s->memory.root)
            space_free(&s->memory);
        if (s->smm_memory.root)
            space_free(&s->smm_memory);
    }
}
