/* acpi_dsdt.c: the DSDT: what an operating system can't find out by itself about this PC: interrupt links over the
 * PIIX3's PIRQRC registers, the root bus's resources and routing, the motherboard's devices as far as they are there,
 * sleep states. What can be plugged is in acpi_dsdt_hotplug.c. Written in the language of acpi_asl.c.
 *
 * Sources: ACPI specification chapters 5 to 7 and 19; 82371SB (PIIX3) data sheet, PIRQRC[A:D]; IA-PC HPET 1.0a.
 * Objects, their names and their order are those of QEMU 7.2's pc, so that a guest finds the same devices in the same
 * places; tests/system/guest-view.py compares. Not declared, because not there: memory hot-plug, TPM, NVDIMM, PCI
 * Express. */
#include "acpi_asl.h"
#include "acpi_tables.h"

#include <stdio.h>

/* PIIX3, PIRQRC[A:D]: one byte each, bit 7 set: not routed. */
#define PIRQ_COUNT 4

/* The firmware's debug port, and a method that prints a number to it. */
static void debug_port(struct aml *a)
{
    asl(a, "(scope \\ (region DBG 1 0x402 1) (field DBG 0x01 DBGB 8)"
           " (method DBUG 1"
           "  (tohexstring arg0 local0) (tobuffer local0 local0) (subtract (sizeof local0) 1 local1) (store 0 local2)"
           "  (while (lless local2 local1) (store (derefof (index local0 local2 -)) DBGB) (increment local2))"
           "  (store 0x0a DBGB)))");
}

/* Each slot's pins are wired to the links one further than those of the slot before; slot 1's INTA#, where the PIIX4's
 * power management sits, belongs to the SCI. */
static void routing(struct aml *a)
{
    asl(a, "(scope PCI0 (method _PRT 0"
           " (store (package 128) local0) (store 0 local1)"
           " (while (lless local1 128)"
           "  (store (shiftright local1 2 -) local2)"
           "  (store (and (add local1 local2 -) 3 -) local3)"
           "  (if (lequal local3 0) (store (package 4 0 0 LNKD 0) local4))"
           "  (if (lequal local3 1)"
           "   (if (lequal local1 4) (store (package 4 0 0 LNKS 0) local4))"
           "   (else (store (package 4 0 0 LNKA 0) local4)))"
           "  (if (lequal local3 2) (store (package 4 0 0 LNKB 0) local4))"
           "  (if (lequal local3 3) (store (package 4 0 0 LNKC 0) local4))"
           "  (store (or (shiftleft local2 16 -) 0xffff -) (index local4 0 -))"
           "  (store (and local1 3 -) (index local4 1 -))"
           "  (store local4 (index local0 local1 -))"
           "  (increment local1))"
           " (return local0)))");
}

/* A link is PIRQRC's register: off with bit 7 set, else the number of its interrupt. */
static void link_device(struct aml *a, unsigned n)
{
    asl(a,
        "(device LNK%c (name _HID (eisa \"PNP0C0F\")) (name _UID %u)"
        " (name _PRS (resources (interrupts 5 10 11)))"
        " (method _STA 0 (return IQST PRQ%u))"
        " (method _DIS 0 (or PRQ%u 0x80 PRQ%u))"
        " (method _CRS 0 (return IQCR PRQ%u))"
        " (method _SRS 1 (dwordfield arg0 5 PRRI) (store PRRI PRQ%u)))",
        'A' + (int)n, n, n, n, n, n, n);
}

/* The SCI's wire can't be routed: it is always on, and setting it does nothing. */
static void links(struct aml *a, const struct acpi_machine *m)
{
    asl(a, "(method IQST 1 (if (and 0x80 arg0 -) (return 0x09)) (return 0x0b))"
           "(method IQCR 9 (name PRR0 (resources (interrupts 0))) (dwordfield PRR0 5 PRRI)"
           " (if (lless arg0 0x80) (store arg0 PRRI)) (return PRR0))");
    for (unsigned n = 0; n < PIRQ_COUNT; n++)
        link_device(a, n);
    asl(a,
        "(device LNKS (name _HID (eisa \"PNP0C0F\")) (name _UID %u) (name _PRS (resources (interrupts %u)))"
        " (method _STA 0 (return 0x0b)) (method _DIS 0) (method _CRS 0 (return _PRS)) (method _SRS 1))",
        PIRQ_COUNT, m->sci_irq);
}

static void interrupts(struct aml *a, const struct acpi_machine *m)
{
    size_t scope = asl_open_scope(a, "_SB");
    routing(a);
    links(a, m);
    asl_close(a, scope);
}

/* It is there while its identity and period make sense. */
static void hpet(struct aml *a, u32 base)
{
    if (!base)
        return;
    asl(a,
        "(scope _SB (device HPET (name _HID (eisa \"PNP0103\")) (name _UID 0)"
        " (region HPTM 0 0x%x 0x400) (field HPTM 0x13 VEND 32 PRD 32)"
        " (method _STA 0 (store VEND local0) (store PRD local1) (shiftright local0 16 local0)"
        "  (if (lor (lequal local0 0) (lequal local0 0xffff)) (return 0))"
        "  (if (lor (lequal local1 0) (lgreater local1 100000000)) (return 0))"
        "  (return 0x0f))"
        " (name _CRS (resources (memory32 0x%x 0x400 0)))))",
        base, base);
}

/* ---- the root bus ---- */

static void range(char *text, size_t room, const char *name, struct acpi_range r, bool cacheable)
{
    text[0] = 0;
    if (r.first < r.last)
        snprintf(text, room, "(%s 0x%llx 0x%llx %d)", name, (unsigned long long)r.first, (unsigned long long)r.last,
                 cacheable);
}

static void root_resources(struct aml *a, const struct acpi_machine *m)
{
    unsigned config = m->pci_config_port;
    char below[64], above[64];
    range(below, sizeof below, "range32", m->pci_hole32, false);
    range(above, sizeof above, "range64", m->pci_hole64, true);
    asl(a,
        "(name _CRS (resources (bus 0 255) (io %u 1 8) (ports 0 %u) (ports %u 0xffff) (range32 0x%llx 0x%llx 1)"
        "%s %s))",
        config, config - 1, config + 8, (unsigned long long)m->vga_memory.first, (unsigned long long)m->vga_memory.last,
        below, above);
}

/* Ports that belong to no bus device: declared so that nobody else is put there. */
static void hidden_ports(struct aml *a, const char *head, u16 port, u8 length)
{
    if (port)
        asl(a, "(device %s (name _STA 0x0b) (name _CRS (resources (io %u 1 %u))))", head, port, length);
}

static void root(struct aml *a, const struct acpi_machine *m)
{
    size_t scope = asl_open_scope(a, "\\_SB.PCI0");
    root_resources(a, m);
    hidden_ports(a, "GPE0 (name _HID \"PNP0A06\") (name _UID \"GPE0 resources\")", m->gpe0_port, m->gpe0_length);
    hidden_ports(a, "PHPR (name _HID \"PNP0A06\") (name _UID \"PCI Hotplug resources\")", m->pci_hotplug_port,
                 m->pci_hotplug_length);
    asl_close(a, scope);
}

/* ---- the ISA bridge's devices ---- */

static void keyboard(struct aml *a, const struct acpi_machine *m)
{
    if (m->keyboard_data_port)
        asl(a,
            "(device KBD (name _HID (eisa \"PNP0303\")) (name _STA 0x0f)"
            " (name _CRS (resources (io %u 1 1) (io %u 1 1) (irq %u))))",
            m->keyboard_data_port, m->keyboard_command_port, m->keyboard_irq);
    if (m->mouse_irq)
        asl(a, "(device MOU (name _HID (eisa \"PNP0F13\")) (name _STA 0x0f) (name _CRS (resources (irq %u))))",
            m->mouse_irq);
}

static void isa_ports(struct aml *a, const char *name, const char *hid, unsigned align,
                      const struct acpi_isa_port *port, unsigned n)
{
    while (n--)
        if (port[n].port)
            asl(a,
                "(device %s%u (name _HID (eisa \"%s\")) (name _UID %u) (name _STA 0x0f)"
                " (name _CRS (resources (io %u %u 8) (irq %u))))",
                name, n + 1, hid, n + 1, port[n].port, align, port[n].irq);
}

void acpi_isa_devices(struct aml *a, const struct acpi_machine *m)
{
    asl(a, "(region P40C 2 0x60 %u) (scope \\_SB (field PCI0.S%02X.P40C 0x01 PRQ0 8 PRQ1 8 PRQ2 8 PRQ3 8))", PIRQ_COUNT,
        m->isa_bridge_slot << 3);
    keyboard(a, m);
    if (m->fdc_port)
        acpi_fdc_write(a, m);
    isa_ports(a, "LPT", "PNP0400", 8, m->parallel, ACPI_PARALLEL_PORTS);
    isa_ports(a, "COM", "PNP0501", 0, m->serial, ACPI_SERIAL_PORTS);
    if (m->rtc_port)
        asl(a, "(device RTC (name _HID (eisa \"PNP0B00\")) (name _CRS (resources (io %u 1 8) (irq %u))))", m->rtc_port,
            m->rtc_irq);
}

/* ---- the whole ---- */

/* SLP_TYP for PM1a and PM1b, and two reserved. */
static void sleep_states(struct aml *a, const struct acpi_machine *m)
{
    size_t scope = asl_open_scope(a, "\\");
    if (m->s3)
        asl(a, "(name _S3 (package 4 1 1 0 0))");
    if (m->s4)
        asl(a, "(name _S4 (package 4 2 2 0 0))");
    asl(a, "(name _S5 (package 4 0 0 0 0))");
    asl_close(a, scope);
}

void acpi_dsdt_write(struct aml *a, const struct acpi_machine *m)
{
    debug_port(a);
    asl(a, "(scope _SB (device PCI0 (name _HID (eisa \"PNP0A03\")) (name _ADR 0) (name _UID 0)))");
    acpi_pci_hotplug(a, m);
    interrupts(a, m);
    hpet(a, m->hpet_base);
    asl(a, "(scope _GPE (name _HID \"ACPI0006\"))");
    acpi_processors(a, m);
    root(a, m);
    sleep_states(a, m);
    size_t scope = asl_open_scope(a, "\\_SB.PCI0");
    hidden_ports(a, "FWCF (name _HID \"QEMU0002\")", m->fw_cfg_port, m->fw_cfg_length);
    asl_close(a, scope);
    acpi_pci_slots(a, m);
}
