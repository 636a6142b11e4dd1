/* acpi_hotplug.h: the registers by which ACPI's methods learn which PCI slots and processors come and go. See
 * acpi_hotplug.c. */
#ifndef PCEMU_ACPI_HOTPLUG_H
#define PCEMU_ACPI_HOTPLUG_H

#include "log.h"
#include "region.h"
#include "state.h"

#define ACPI_HOTPLUG_CPUS 256 /* APIC IDs */

struct acpi_pci_hotplug {
    /* wiring */
    struct region io;                            /* "acpi-pci-hotplug", 24 ports */
    void (*eject)(void *machine, unsigned slot); /* the guest wants what is in a removable slot out */
    void *machine;
    u32 removable; /* slots of bus 0 whose device may be taken out, a bit each; empty slots count */
    /* state */
    u32 bus; /* selected: BSEL of ACPI's name space */
};

void acpi_pci_hotplug_init(struct acpi_pci_hotplug *s, u32 removable, void (*eject)(void *machine, unsigned slot),
                           void *machine);
void acpi_pci_hotplug_reset(void *self);

/* The processors that the machine can have, and whether they are there. */
struct acpi_hotplug_cpu {
    u8 apic_id;
    bool present;
};

struct acpi_cpu_hotplug {
    /* wiring */
    struct region io;     /* "acpi-cpu-hotplug", 32 ports: the bitmap of before QEMU 2.7… */
    struct region modern; /* …and the selector, 12 ports, that takes its place when a guest asks */
    struct log *log;
    struct acpi_hotplug_cpu cpu[ACPI_HOTPLUG_CPUS];
    unsigned cpus;
    /* state */
    bool is_modern;
    u32 selector;
    u8 command;
};

/* `cpu`: copied. Both regions are placed by the caller at the same port. */
void acpi_cpu_hotplug_init(struct acpi_cpu_hotplug *s, const struct acpi_hotplug_cpu *cpu, unsigned cpus,
                           struct log *log);
void acpi_cpu_hotplug_reset(void *self);

extern const struct state_table acpi_pci_hotplug_state, acpi_cpu_hotplug_state;

#endif
