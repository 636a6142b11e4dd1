/* pc_firmware.c: what the board tells its firmware: the memory map, the ACPI and SMBIOS tables, by way of fw_cfg. */
#include "pc.h"

#include "pc_map.h"

#define SMBIOS_CPU_MHZ 2000 /* what QEMU says of every processor */

u64 pc_ram_below_4g(u64 size)
{
    return size < RAM_BELOW_4G_MAX ? size : RAM_BELOW_4G_LARGE;
}

static struct acpi_floppy acpi_floppy(const struct machine *m, unsigned n)
{
    u8 type = m->fdc.drive[n].type;
    struct floppy_format max = floppy_limits((enum floppy_type)type);
    return (struct acpi_floppy){ type, max.cylinders, max.sectors, max.heads };
}

static bool build_acpi(struct machine *m)
{
    u64 above = (END_OF_4G + m->config.ram_size - pc_ram_below_4g(m->config.ram_size) + GIB - 1) / GIB * GIB;
    struct acpi_machine acpi = {
        .cpus = m->config.smp.max_cpus,
        .cpus_present = m->cpus,
        .lapic_base = LAPIC_BASE,
        .ioapic_base = IOAPIC_BASE,
        .hpet_base = HPET_BASE,
        .ioapic_id = IOAPIC_ID,
        .pm1_event_port = PORT_PM,
        .pm1_control_port = PORT_PM + 4,
        .pm_timer_port = PORT_PM + 8,
        .gpe0_port = PORT_GPE0,
        .gpe0_length = 4,
        .smi_command_port = PORT_APM,
        .acpi_enable = SMI_ACPI_ENABLE,
        .acpi_disable = SMI_ACPI_DISABLE,
        .sci_irq = IRQ_SCI,
        .rtc_century = RTC_CENTURY,
        .s3 = true,
        .s4 = true,
        .isa_bridge_slot = SLOT_PIIX,
        .vga_slot = SLOT_VGA,
        .pci_removable = m->pci_hotplug.removable,
        .pci_hotplug_port = PORT_PCI_HOTPLUG,
        .pci_hotplug_length = PCI_HOTPLUG_PORTS,
        .cpu_hotplug_port = PORT_CPU_HOTPLUG,
        .pci_config_port = PORT_PCI_INDEX,
        .pci_hole32 = { pc_ram_below_4g(m->config.ram_size), IOAPIC_BASE - 1 },
        .pci_hole64 = { above, above + PCI_HOLE64_SIZE - 1 },
        .vga_memory = { VGA_WINDOW, OPTION_ROM - 1 },
        .keyboard_data_port = PORT_KBD_DATA,
        .keyboard_command_port = PORT_KBD_CMD,
        .keyboard_irq = IRQ_KBD,
        .mouse_irq = IRQ_MOUSE,
        .rtc_port = PORT_RTC,
        .rtc_irq = IRQ_RTC,
        .fdc_port = PORT_FDC + 1,
        .fdc_dir_port = PORT_FDC_DIR,
        .fdc_irq = IRQ_FDC,
        .fdc_dma = DMA_FDC,
        .floppy = { acpi_floppy(m, 0), acpi_floppy(m, 1) },
        .serial = { { PORT_COM1, IRQ_COM1 } },
        .parallel = { { m->config.parallel ? PORT_LPT1 : 0, IRQ_LPT1 } },
        .fw_cfg_port = PORT_FW_CFG,
        .fw_cfg_length = FW_CFG_PORTS,
    };
    for (unsigned i = 0; i < acpi.cpus; i++)
        acpi.apic_id[i] = pc_apic_id(m, i);
    return acpi_build(&m->acpi, &acpi);
}

static bool build_smbios(struct machine *m, u64 below, u64 above)
{
    const struct machine_smp *s = &m->config.smp;
    unsigned package = (unsigned)s->cores * s->threads, sockets = (s->cpus + package - 1) / package;
    const struct smbios_machine smbios = {
        .manufacturer = "QEMU",
        .product = "Standard PC (i440FX + PIIX, 1996)",
        .version = "pc-i440fx-7.2",
        .cpus = sockets,
        .cpu_cores = s->cores,
        .cpu_threads = s->threads, /* a core's, as QEMU 7.2 has it, where the specification asks for the package's */
        .cpu_signature = cpu_choice_signature(&m->config.cpu),
        .cpu_features = cpu_choice_features(&m->config.cpu, NULL).word[CPUID_1_EDX],
        .cpu_mhz = SMBIOS_CPU_MHZ,
        .ram = { { 0, below }, { END_OF_4G, above } },
        .rams = above ? 2 : 1,
    };
    return smbios_build(&m->smbios, &smbios);
}

/* The option ROM that starts a kernel goes before all disks. */
static const char *boot_order(const struct machine *m)
{
    const struct machine_kernel *k = &m->config.kernel;
    if (!k->image)
        return NULL;
    return machine_kernel_kind(k) == MACHINE_KERNEL_LINUX ? "/rom@" KERNEL_ROM_LINUX : "/rom@" KERNEL_ROM_MULTIBOOT;
}

bool pc_build_firmware_tables(struct machine *m)
{
    u64 below = pc_ram_below_4g(m->config.ram_size), above = m->config.ram_size - below;
    const struct e820_entry e820[] = { { HT_BASE, HT_SIZE, E820_RESERVED },
                                       { 0, below, E820_RAM },
                                       { END_OF_4G, above, E820_RAM } };
    const struct fw_cfg_machine firmware = {
        .ram_size = m->config.ram_size,
        .cpus = (u16)m->cpus,
        .max_cpus = (u16)(pc_apic_id(m, m->config.smp.max_cpus - 1u) + 1),
        .nographic = m->config.nographic,
        .boot_menu = m->config.boot_menu,
        .hpet_base = HPET_BASE,
        .e820 = e820,
        .e820_entries = above ? 3 : 2,
        .boot_order = boot_order(m),
        .s3 = true,
        .s4 = true,
        .boot_fail_wait = -1,
        .acpi = &m->acpi,
        .smbios = &m->smbios,
    };
    fw_cfg_init(&m->fw_cfg, space_dma(&m->memory_space), m->log);
    pc_place(m, PORT_FW_CFG, &m->fw_cfg.region);
    pc_place(m, PORT_FW_CFG_DMA, &m->fw_cfg.dma_region);
    PC_ADD(m, fw_cfg, fw_cfg_reset, fw_cfg_state);
    const struct machine_config *c = &m->config;
    if (c->vapic_rom && !fw_cfg_add_file(&m->fw_cfg, "genroms/kvmvapic.bin", c->vapic_rom, (u32)c->vapic_rom_size,
                                         (u32)c->vapic_rom_size))
        return false;
    const char *why = c->kernel.image ? pc_kernel_add(&m->kernel, &m->fw_cfg, &c->kernel, below) : NULL;
    if (why) {
        log_host(m->log, "kernel", "%s: %s", c->kernel.name, why);
        return false;
    }
    return build_acpi(m) && build_smbios(m, below, above) && fw_cfg_add_machine(&m->fw_cfg, &firmware);
}
