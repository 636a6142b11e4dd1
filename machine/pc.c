/* pc.c: the schematic: the parts of an i440FX/PIIX3 PC, the wires between them, and the places where their registers
 * and memories are seen (pc_map.h has the addresses). The board is QEMU 7.2's `pc`.
 *
 *   CPU ── INTR ── LAPIC ── LINT0 ── 8259 pair ┬─ IRQ0 HPET ── 8254      PCI bus 0   00.0 i440FX   01.0 PIIX3
 *                    └──── messages ── I/O APIC ┤  IRQ1 keyboard …                    01.1 IDE      01.3 PM
 *                                               └─ IRQ n ── PIRQA#-D# (PIIX3)         02.0 VGA   03.0 82540EM */
#include "pc.h"

#include "pc_cmos.h"
#include "pc_map.h"

#include <assert.h>

/* ---- interrupt wires ---- */

#define SOURCE_SHIFT 8
#define KVMVAPIC_PRIORITY 1000 /* above the shadow RAM */

/* One end of wire `irq` is pulled; several senders share one. IRQ0 stands at pin 2 of the I/O APIC, where the HPET's
 * own wire ends as well. */
static void wire_set(void *self, unsigned n, bool level)
{
    struct machine *m = self;
    unsigned irq = n & (BIT(SOURCE_SHIFT) - 1);
    u8 bit = (u8)BIT(n >> SOURCE_SHIFT);
    bool was = m->irq_sources[irq] != 0;
    m->irq_sources[irq] = (u8)(level ? m->irq_sources[irq] | bit : m->irq_sources[irq] & ~bit);
    m->irq_count[irq] += level && !was;
    level = m->irq_sources[irq] != 0;
    if (irq < PIC_IRQS && irq != IRQ_HPET) {
        struct irq_line pic = pic_irq(&m->pic, irq);
        irq_set(&pic, level);
    }
    if (irq == IRQ_PIT || irq == IRQ_HPET)
        ioapic_set_irq(&m->ioapic, IRQ_HPET, m->irq_sources[IRQ_PIT] || m->irq_sources[IRQ_HPET]);
    else
        ioapic_set_irq(&m->ioapic, irq, level);
}

static struct irq_line wire(struct machine *m, unsigned irq, enum pc_irq_source source)
{
    return (struct irq_line){ wire_set, m, irq | (unsigned)source << SOURCE_SHIFT };
}

static struct irq_line isa_irq(struct machine *m, unsigned irq)
{
    return wire(m, irq, IRQ_FROM_CHIP);
}

/* ---- memory ---- */

static bool build_ram(struct machine *m)
{
    u64 below = pc_ram_below_4g(m->config.ram_size), above = m->config.ram_size - below;
    region_init_container(&m->system, "system", 0);
    if (!region_init_ram(&m->ram, "pc.ram", m->config.ram_size, &m->pool))
        return false;
    region_init_alias(&m->ram_below_4g, "ram-below-4g", &m->ram, 0, below);
    region_add(&m->system, 0, &m->ram_below_4g, 0);
    if (above) {
        region_init_alias(&m->ram_above_4g, "ram-above-4g", &m->ram, below, above);
        region_add(&m->system, END_OF_4G, &m->ram_above_4g, 0);
    }
    region_init_container(&m->pci_memory, "pci", 0);
    region_add(&m->system, 0, &m->pci_memory, -1);
    region_init_container(&m->ports, "io", 0x10000);
    return true;
}

/* The firmware ends at 4 GiB, where the processor starts; its last 128 KiB are seen below 1 MiB, too. */
static bool build_firmware(struct machine *m)
{
    u64 size = m->config.bios_size, isa = size < ISA_BIOS_MAX ? size : ISA_BIOS_MAX;
    if (!region_init_rom(&m->bios, "pc.bios", size, &m->pool) ||
        !region_init_rom(&m->option_rom, "pc.rom", OPTION_ROM_SIZE, &m->pool))
        return false;
    memcpy(m->bios.host, m->config.bios, size);
    region_add(&m->pci_memory, END_OF_4G - size, &m->bios, 0);
    region_init_alias(&m->isa_bios, "isa-bios", &m->bios, size - isa, isa);
    region_add(&m->pci_memory, ISA_BIOS_END - isa, &m->isa_bios, 1);
    region_add(&m->pci_memory, OPTION_ROM, &m->option_rom, 1);
    return true;
}

/* ---- chips ---- */

void pc_add_device(struct machine *m, const struct device *d)
{
    assert(m->devices < PC_DEVICES_MAX);
    m->device[m->devices++] = *d;
}

void pc_place(struct machine *m, u16 port, struct region *r)
{
    region_add(&m->ports, port, r, 0);
}

static void build_interrupts(struct machine *m)
{
    lapic_bus_init(&m->apic_bus, m->log);
    pc_build_lapics(m);
    ioapic_init(&m->ioapic, lapic_bus_messages(&m->apic_bus), m->log);
    m->apic_bus.eoi = ioapic_eoi;
    m->apic_bus.eoi_owner = &m->ioapic;
    region_add(&m->system, LAPIC_BASE, &m->apic_bus.region, 4096);
    region_add(&m->system, IOAPIC_BASE, &m->ioapic.region, 0);
    PC_ADD(m, ioapic, ioapic_reset, ioapic_state);

    pic_init(&m->pic, m->log, lapic_bus_lint(&m->apic_bus, 0));
    pc_place(m, PORT_PIC1, &m->pic.chip[PIC_MASTER].io);
    pc_place(m, PORT_PIC2, &m->pic.chip[PIC_SLAVE].io);
    pc_place(m, PORT_ELCR1, &m->pic.chip[PIC_MASTER].elcr_io);
    pc_place(m, PORT_ELCR2, &m->pic.chip[PIC_SLAVE].elcr_io);
    PC_ADD(m, pic, pic_reset, i8259_state);
}

/* The clock chip's wire goes through the HPET, and wakes the machine. */
static void rtc_pulls(void *self, unsigned n, bool level)
{
    struct machine *m = self;
    (void)n;
    if (level)
        pc_wake(m, PIIX4_WAKE_RTC);
    hpet_set_legacy(&m->hpet, 1, level);
}

static void build_timers(struct machine *m)
{
    hpet_init(&m->hpet, &m->clock, HPET_ROUTE_MASK, m->log);
    m->hpet.irq[IRQ_PIT] = isa_irq(m, IRQ_PIT);
    m->hpet.irq[IRQ_RTC] = isa_irq(m, IRQ_RTC);
    m->hpet.irq[IRQ_HPET] = wire(m, IRQ_HPET, IRQ_FROM_HPET);
    region_add(&m->system, HPET_BASE, &m->hpet.region, 0);
    PC_ADD(m, hpet, hpet_reset, hpet_state);

    pit_init(&m->pit, &m->clock, m->log, (struct irq_line){ hpet_set_legacy, &m->hpet, 0 });
    pc_place(m, PORT_PIT, &m->pit.io);
    PC_ADD(m, pit, pit_reset, i8254_state);
    pcspk_init(&m->pcspk, &m->pit);
    pc_place(m, PORT_61, &m->pcspk.io);
    PC_ADD(m, pcspk, pcspk_reset, pcspk_state);

    rtc_init(&m->rtc, &m->clock, m->log, (struct irq_line){ rtc_pulls, m, 0 }, (u64)m->config.rtc_start);
    pc_place(m, PORT_RTC, &m->rtc.io);
    PC_ADD(m, rtc, rtc_reset, mc146818_state);
    const struct block_backend *disk[MACHINE_DISKS];
    for (unsigned i = 0; i < MACHINE_DISKS; i++)
        disk[i] = m->config.cdrom[i] ? NULL : m->config.disk[i];
    const struct pc_cmos_setup cmos = {
        .cpus = m->cpus,
        .ram_below_4g = pc_ram_below_4g(m->config.ram_size),
        .ram_above_4g = m->config.ram_size - pc_ram_below_4g(m->config.ram_size),
        .boot_order = m->config.boot_order,
        .disk = disk,
        .floppy = m->config.floppy,
    };
    pc_cmos_fill(&m->rtc, &cmos);
}

static void build_dma(struct machine *m)
{
    struct i8237 *first = &m->dmac.chip[0], *second = &m->dmac.chip[1];
    dmac_init(&m->dmac, space_dma(&m->memory_space), m->log);
    pc_place(m, PORT_DMA1, &first->chan_io);
    pc_place(m, PORT_DMA1_CONTROL, &first->cont_io);
    pc_place(m, PORT_DMA1_PAGE_LOW, &first->page_low);
    pc_place(m, PORT_DMA1_PAGE_HIGH, &first->page_high);
    pc_place(m, PORT_DMA2, &second->chan_io);
    pc_place(m, PORT_DMA2_CONTROL, &second->cont_io);
    pc_place(m, PORT_DMA2_PAGE_LOW, &second->page_low);
    pc_place(m, PORT_DMA2_PAGE_HIGH, &second->page_high);
    PC_ADD(m, dmac, dmac_reset, i8237_state);
}

static void build_floppy(struct machine *m)
{
    const struct fdc_wires wires = { isa_irq(m, IRQ_FDC), &m->dmac, DMA_FDC };
    fdc_init(&m->fdc, &m->clock, m->log, &wires, m->config.floppy);
    pc_place(m, PORT_FDC, &m->fdc.ports);
    pc_place(m, PORT_FDC_DIR, &m->fdc.dir_ccr);
    PC_ADD(m, fdc, fdc_reset, i82078_state);
}

static void build_isa(struct machine *m)
{
    const struct i8042_wires wires = {
        .irq1 = isa_irq(m, IRQ_KBD),
        .irq12 = isa_irq(m, IRQ_MOUSE),
        .a20 = pc_a20_pin(m),
        .reset = pc_reset_pin(m),
    };
    ps2_keyboard_init(&m->keyboard, &m->clock, m->log);
    PC_ADD(m, keyboard, ps2_keyboard_reset, ps2_keyboard_state);
    ps2_mouse_init(&m->mouse, &m->clock, m->log);
    PC_ADD(m, mouse, ps2_mouse_reset, ps2_mouse_state);
    i8042_init(&m->i8042, &m->clock, m->log, &m->keyboard, &m->mouse, &wires);
    pc_place(m, PORT_KBD_DATA, &m->i8042.data_io);
    pc_place(m, PORT_KBD_CMD, &m->i8042.cmd_io);
    PC_ADD(m, i8042, i8042_reset, i8042_state);

    const struct vmport_cpu registers = pc_vmport_cpu(m);
    vmmouse_init(&m->vmmouse, &m->mouse, m->log);
    PC_ADD(m, vmmouse, vmmouse_reset, vmmouse_state);
    vmport_init(&m->vmport, &registers, &m->vmmouse, m->config.ram_size, cpu_choice_has(&m->config.cpu, "x2apic"),
                m->log);
    pc_place(m, PORT_VMPORT, &m->vmport.io);
    const struct dma dma = space_dma(&m->memory_space);
    kvmvapic_init(&m->kvmvapic, &m->ram, OPTION_ROM, &dma, m->log);
    pc_place(m, PORT_KVMVAPIC, &m->kvmvapic.io);
    region_add(&m->system, OPTION_ROM, &m->kvmvapic.rom, KVMVAPIC_PRIORITY);
    PC_ADD(m, kvmvapic, kvmvapic_reset, kvmvapic_state);

    port80_init(&m->port80);
    pc_place(m, PORT_80, &m->port80.io);
    PC_ADD(m, port80, port80_reset, port80_state);
    port92_init(&m->port92, pc_a20_pin(m), pc_reset_pin(m));
    pc_place(m, PORT_92, &m->port92.io);
    PC_ADD(m, port92, port92_reset, port92_state);
    ioportf0_init(&m->portf0, isa_irq(m, IRQ_FPU), pc_ignne_pin(m));
    pc_place(m, PORT_F0, &m->portf0.io);
    PC_ADD(m, portf0, ioportf0_reset, ioportf0_state);

    serial_init(&m->com1, 0, &m->clock, isa_irq(m, IRQ_COM1), m->config.serial);
    serial_set_instant(&m->com1, true);
    pc_place(m, PORT_COM1, &m->com1.io);
    PC_ADD(m, com1, serial_reset, ns16550_state);
    if (m->config.parallel) {
        parallel_init(&m->lpt1, isa_irq(m, IRQ_LPT1), m->config.printer, m->log);
        pc_place(m, PORT_LPT1, &m->lpt1.io);
        PC_ADD(m, lpt1, parallel_reset, parallel_state);
    }
}

/* As ACPI tells the guest: the bridges and the VGA adapter are soldered. */
static void build_hotplug(struct machine *m)
{
    struct acpi_hotplug_cpu cpu[ACPI_HOTPLUG_CPUS] = { 0 };
    unsigned cpus = m->config.smp.max_cpus;
    for (unsigned i = 0; i < cpus && i < ACPI_HOTPLUG_CPUS; i++)
        cpu[i] = (struct acpi_hotplug_cpu){ pc_apic_id(m, i), i < m->cpus };
    acpi_pci_hotplug_init(&m->pci_hotplug, ~(BIT(SLOT_HOST) | BIT(SLOT_PIIX) | BIT(SLOT_VGA)), pc_eject_slot, m);
    pc_place(m, PORT_PCI_HOTPLUG, &m->pci_hotplug.io);
    PC_ADD(m, pci_hotplug, acpi_pci_hotplug_reset, acpi_pci_hotplug_state);
    acpi_cpu_hotplug_init(&m->cpu_hotplug, cpu, cpus, m->log);
    pc_place(m, PORT_CPU_HOTPLUG, &m->cpu_hotplug.io);
    pc_place(m, PORT_CPU_HOTPLUG, &m->cpu_hotplug.modern);
    PC_ADD(m, cpu_hotplug, acpi_cpu_hotplug_reset, acpi_cpu_hotplug_state);
}

static void pci_message(void *apic_bus, u32 address, u32 data)
{
    lapic_bus_msi(apic_bus, address, data);
}

static void build_pci(struct machine *m)
{
    const struct i440fx_memory memory = { &m->system, &m->ram, &m->pci_memory };
    struct dma dma = space_dma(&m->memory_space);
    pci_bus_init(&m->pci, &m->pci_memory, &m->ports, &dma, m->log);
    m->pci.message = pci_message;
    m->pci.message_owner = &m->apic_bus;
    i440fx_init(&m->i440fx, &m->pci, &memory, m->log);
    pc_place(m, PORT_PCI_INDEX, &m->i440fx.conf_idx);
    pc_place(m, PORT_PCI_DATA, &m->i440fx.conf_data);
    PC_ADD(m, i440fx, i440fx_reset, i440fx_state);

    struct irq_line irq[PIIX3_ISA_IRQS];
    for (unsigned i = 0; i < PIIX3_ISA_IRQS; i++)
        irq[i] = wire(m, i, IRQ_FROM_PIRQ);
    piix3_init(&m->piix3, &m->pci, PCI_DEVFN(SLOT_PIIX, PIIX_ISA), irq, machine_ask_reset, m, m->log);
    region_add(&m->ports, PORT_RESET, &m->piix3.reset_control, 1);
    PC_ADD(m, piix3, piix3_reset, piix3_state);

    const struct irq_line ide_irq[2] = { isa_irq(m, IRQ_IDE1), isa_irq(m, IRQ_IDE2) };
    struct ide_plug plug[MACHINE_DISKS];
    for (unsigned i = 0; i < MACHINE_DISKS; i++)
        plug[i] = (struct ide_plug){ m->config.disk[i], m->config.cdrom[i] };
    piix3_ide_init(&m->ide, &m->pci, PCI_DEVFN(SLOT_PIIX, PIIX_IDE), &m->clock, ide_irq, plug, m->log);
    pc_place(m, PORT_IDE1, &m->ide.channel[0].command_block);
    pc_place(m, PORT_IDE1_CONTROL, &m->ide.channel[0].control_block);
    pc_place(m, PORT_IDE2, &m->ide.channel[1].command_block);
    pc_place(m, PORT_IDE2_CONTROL, &m->ide.channel[1].control_block);
    PC_ADD(m, ide, piix3_ide_reset, piix3_ide_state);

    const struct piix4_pm_outputs pm = { isa_irq(m, IRQ_SCI), pc_smi_pin,     machine_ask_power_off,
                                         machine_ask_suspend, pc_timer_wakes, m };
    piix4_pm_init(&m->pm, &m->pci, PCI_DEVFN(SLOT_PIIX, PIIX_PM), &m->clock, &pm, m->log);
    pc_place(m, PORT_GPE0, &m->pm.gpe0);
    pc_place(m, PORT_APM, &m->pm.apm);
    PC_ADD(m, pm, piix4_pm_reset, piix4_pm_state);
    build_hotplug(m);
}

static bool build_vga(struct machine *m)
{
    const struct vga_pci_config config = {
        .bus = &m->pci,
        .devfn = PCI_DEVFN(SLOT_VGA, 0),
        .clock = &m->clock,
        .log = m->log,
        .pool = &m->pool,
        .rom = m->config.vga_bios,
        .rom_size = m->config.vga_bios_size,
    };
    struct vga *vga = &m->vga.vga;
    if (!vga_pci_init(&m->vga, &config))
        return false;
    region_add(&m->pci_memory, VGA_WINDOW, &vga->lowmem, 1);
    pc_place(m, PORT_VBE, &vga->vbe);
    pc_place(m, PORT_CRTC_MONO, &vga->crtc_mono);
    pc_place(m, PORT_STATUS_MONO, &vga->status_mono);
    pc_place(m, PORT_VGA, &vga->ports);
    pc_place(m, PORT_CRTC_COLOR, &vga->crtc_color);
    pc_place(m, PORT_STATUS_COLOR, &vga->status_color);
    PC_ADD(m, vga, vga_pci_reset, vga_state);
    return true;
}

/* After the last function: each gets its view of memory. */
static void build_masters(struct machine *m)
{
    for (unsigned i = 0; i < PCI_FUNCTIONS; i++) {
        struct pci_device *d = m->pci.function[i];
        if (!d)
            continue;
        assert(m->masters < PC_MASTERS_MAX);
        struct pc_master *master = &m->master[m->masters++];
        region_init_container(&master->root, "bus master container", 0);
        region_init_alias(&master->window, "bus master", &m->system, 0, 0);
        region_set_enabled(&master->window, false);
        region_add(&master->root, 0, &master->window, 0);
        space_init(&master->space, d->name, &master->root, &m->pool, m->log, false);
        struct dma dma = space_dma(&master->space);
        pci_connect_master(d, &master->window, &dma);
    }
}

static void build_testdev(struct machine *m)
{
    struct irq_line irq[PC_TESTDEV_LINES];
    for (unsigned i = 0; i < PC_TESTDEV_LINES; i++)
        irq[i] = wire(m, i, IRQ_FROM_TEST);
    pc_testdev_init(&m->testdev, irq);
    pc_place(m, PORT_TEST, &m->testdev.ioport);
    pc_place(m, PORT_TEST_FLUSH, &m->testdev.flush);
    pc_place(m, PORT_TEST_BYTES, &m->testdev.ioport_byte);
    pc_place(m, PORT_TEST_IRQ, &m->testdev.irq_line);
    region_add(&m->system, TEST_MEMORY, &m->testdev.iomem, 0);
    PC_ADD(m, testdev, pc_testdev_reset, pc_testdev_state);
}

/* The devices that -debugcon and -device add. */
static void build_extras(struct machine *m)
{
    if (m->config.debugcon) {
        debugcon_init(&m->debugcon, m->config.debugcon_out);
        pc_place(m, m->config.debugcon_port, &m->debugcon.io);
    }
    if (m->config.exit_device) {
        isa_debug_exit_init(&m->exit_device, m->config.exit_size, machine_ask_exit, m);
        pc_place(m, m->config.exit_port, &m->exit_device.io);
    }
    if (m->config.testdev)
        build_testdev(m);
}

/* Parts that a PC may have and this one hasn't, where guests look for them. */
static void expect_empty_places(struct machine *m)
{
    static const struct {
        u16 port, count;
    } place[] = { { PORT_COM2, 8 }, { PORT_COM3, 8 },     { PORT_COM4, 8 }, { PORT_LPT1, 8 }, { PORT_LPT2, 8 },
                  { PORT_LPT3, 3 }, { PORT_DEBUGCON, 1 }, { PORT_E9, 1 },   { PORT_F1, 1 } };
    for (unsigned i = 0; i < ARRAY_LEN(place); i++)
        space_expect_nothing(&m->port_space, place[i].port, place[i].count);
}

bool pc_build(struct machine *m)
{
    ram_pool_init(&m->pool);
    if (!build_ram(m) || !build_firmware(m))
        return false;
    space_init(&m->memory_space, "memory", &m->system, &m->pool, m->log, false);
    space_init(&m->port_space, "I/O", &m->ports, &m->pool, m->log, true);
    expect_empty_places(m);
    build_interrupts(m);
    build_timers(m);
    build_dma(m);
    build_isa(m);
    build_floppy(m);
    build_pci(m);
    build_extras(m);
    if (!build_vga(m) || !pc_build_nics(m))
        return false;
    build_masters(m);
    return pc_build_firmware_tables(m) && pc_build_cpus(m);
}

void pc_free(struct machine *m)
{
    pc_free_cpus(m);
    pc_kernel_free(&m->kernel);
    struct address_space *const spaces[] = { &m->memory_space, &m->port_space };
    for (unsigned i = 0; i < ARRAY_LEN(spaces); i++)
        if (spaces[i]->root)
            space_free(spaces[i]);
    for (unsigned i = 0; i < m->masters; i++)
        space_free(&m->master[i].space);
    ram_pool_free(&m->pool);
}
