/* acpi_tables.h: the ACPI tables that the machine hands to its firmware through fw_cfg, with the script that tells the
 * firmware where to put them. See acpi_tables.c (the static tables and the script) and acpi_dsdt.c (the DSDT). */
#ifndef PCEMU_ACPI_TABLES_H
#define PCEMU_ACPI_TABLES_H

#include "base.h"

struct aml;

/* A floppy drive, by the largest numbers that its disks may have. */
struct acpi_floppy {
    u8 type; /* as CMOS memory has it; 0: not there */
    u8 cylinders, sectors, heads;
};

#define ACPI_FILE_RSDP "etc/acpi/rsdp"
#define ACPI_FILE_TABLES "etc/acpi/tables"
#define ACPI_FILE_LOADER "etc/table-loader"

/* The files' sizes are those of QEMU, so that the firmware reserves as much memory as there. */
#define ACPI_TABLES_FILE_SIZE 0x20000
#define ACPI_LOADER_FILE_SIZE 0x1000

#define ACPI_TABLES_ROOM 0x8000
#define ACPI_LOADER_ROOM ACPI_LOADER_FILE_SIZE
#define ACPI_RSDP_SIZE 20

#define ACPI_CPUS_MAX 255
#define ACPI_SERIAL_PORTS 4
#define ACPI_PARALLEL_PORTS 3
#define ACPI_FLOPPIES 2

struct acpi_isa_port {
    u16 port; /* 0: not present */
    u8 irq;
};

/* A range of physical addresses that the PCI bus decodes; last < first: none. */
struct acpi_range {
    u64 first, last;
};

/* What the tables describe. All addresses are guest-physical, all ports I/O ports. */
struct acpi_machine {
    unsigned cpus;                          /* places for processors, those that are empty among them */
    unsigned cpus_present;                  /* the first so many are there */
    u8 apic_id[ACPI_CPUS_MAX];              /* of each place */
    u32 lapic_base, ioapic_base, hpet_base; /* hpet_base 0: no HPET */
    u8 ioapic_id;

    /* PIIX4 power management. */
    u16 pm1_event_port, pm1_control_port, pm_timer_port;
    u16 gpe0_port; /* 0: no general-purpose events */
    u8 gpe0_length;
    u16 smi_command_port;
    u8 acpi_enable, acpi_disable; /* written there to turn ACPI mode on and off */
    u8 sci_irq;
    u8 rtc_century; /* index of the century byte in CMOS; 0: none */
    bool s3, s4;    /* sleep states that can be entered besides S5 */

    /* PCI. */
    u8 isa_bridge_slot;   /* the PIIX3's device number on bus 0 */
    u8 vga_slot;          /* 0: no display adapter */
    u32 pci_removable;    /* bit n: what is in slot n may be pulled out */
    u16 pci_hotplug_port; /* 0: none */
    u8 pci_hotplug_length;
    u16 cpu_hotplug_port;
    u16 pci_config_port;          /* CF8 */
    struct acpi_range pci_hole32; /* between RAM and the I/O APIC */
    struct acpi_range pci_hole64; /* above 4 GiB */
    struct acpi_range vga_memory;

    /* ISA. */
    u16 keyboard_data_port, keyboard_command_port; /* 0: no keyboard */
    u8 keyboard_irq;
    u8 mouse_irq; /* 0: no mouse */
    u16 rtc_port;
    u8 rtc_irq;
    struct acpi_isa_port serial[ACPI_SERIAL_PORTS], parallel[ACPI_PARALLEL_PORTS];
    u16 fdc_port, fdc_dir_port; /* 3F2 and 3F7; 0: no floppy controller */
    u8 fdc_irq, fdc_dma;
    struct acpi_floppy floppy[ACPI_FLOPPIES];
    u16 fw_cfg_port; /* 0: not told to the guest */
    u8 fw_cfg_length;
};

struct acpi_tables {
    u8 tables[ACPI_TABLES_ROOM];
    u32 tables_len;
    u8 rsdp[ACPI_RSDP_SIZE];
    u8 loader[ACPI_LOADER_ROOM];
    u32 loader_len;
};

/* Writes the tables for machine `m`. Returns false when they don't fit (more processors than ACPI_CPUS_MAX). */
bool acpi_build(struct acpi_tables *t, const struct acpi_machine *m);

/* acpi_dsdt.c: appends the DSDT's definition block (without the table's header). */
void acpi_dsdt_write(struct aml *a, const struct acpi_machine *m);
/* Its parts. acpi_dsdt.c: the devices behind the ISA bridge; acpi_fdc.c: among them the floppy controller and its
 * drives; acpi_dsdt_hotplug.c: registers and methods of the slots, the slots themselves, the processors. */
void acpi_isa_devices(struct aml *a, const struct acpi_machine *m);
void acpi_fdc_write(struct aml *a, const struct acpi_machine *m);
void acpi_pci_hotplug(struct aml *a, const struct acpi_machine *m);
void acpi_pci_slots(struct aml *a, const struct acpi_machine *m);
void acpi_processors(struct aml *a, const struct acpi_machine *m);

#endif
