/* acpi_dsdt.c: the DSDT: what an operating system can't find out by itself about this PC. In ASL it would read
 *
 *      Scope (\_SB) {
 *          link devices LNKA … LNKD over the PIIX3's PIRQRC registers, and LNKS, the SCI's fixed wire
 *          Device (PCI0)  the i440FX's root bus: _CRS, _PRT, and the motherboard's devices: ISA bridge with keyboard,
 *                         mouse, RTC, serial and parallel ports as far as they are there; fw_cfg; the GPE block
 *          Device (HPET)
 *          Processor (C000) …
 *      }
 *      \_S3, \_S4, \_S5
 *
 * Sources: ACPI specification chapters 5 to 7 and 19; 82371SB (PIIX3) data sheet, PIRQRC[A:D]; IA-PC HPET 1.0a. The
 * names that guests look for (hardware IDs) are those of QEMU 7.2's pc. Not declared, because not there: hot-plug of
 * PCI devices, processors and memory. */
#include "acpi_aml.h"
#include "acpi_tables.h"

#include <stdio.h>

/* PIIX3, PIRQRC[A:D]: one byte each, bit 7 set: not routed. */
#define PIRQRC 0x60
#define PIRQ_COUNT 4
#define PIRQ_DISABLED 0x80

/* _STA (6.3.7) */
#define STA_OFF 0x09 /* present, functioning, but disabled */
#define STA_ON 0x0f
#define STA_ON_HIDDEN 0x0b

#define PCI_SLOTS 32
#define PCI_PINS 4
#define PCI_ANY_FUNCTION 0xffff

/* An extended interrupt descriptor's first number comes after tag, length, flags and count. */
#define INTERRUPT_NUMBER_OFFSET 5

#define SLP_TYP_S3 1
#define SLP_TYP_S4 2
#define SLP_TYP_S5 0

#define PIRQ_PATH "\\_SB.PCI0.ISA"

static const char *const link_name[PIRQ_COUNT] = { "LNKA", "LNKB", "LNKC", "LNKD" };
static const char *const pirq_field[PIRQ_COUNT] = { "PRQA", "PRQB", "PRQC", "PRQD" };
static const char *const pirq_path[PIRQ_COUNT] = { PIRQ_PATH ".PRQA", PIRQ_PATH ".PRQB", PIRQ_PATH ".PRQC",
                                                   PIRQ_PATH ".PRQD" };

/* Method (LSTA, 1) { If (Arg0 & 0x80) { Return (0x09) } Return (0x0B) } */
static void link_sta_helper(struct aml *a)
{
    size_t method = aml_method(a, "LSTA", 1, false);
    size_t cond = aml_if(a);

    aml_and(a);
    aml_arg(a, 0);
    aml_int(a, PIRQ_DISABLED);
    aml_no_target(a);
    aml_return(a);
    aml_int(a, STA_OFF);
    aml_end(a, cond);
    aml_return(a);
    aml_int(a, STA_ON_HIDDEN);
    aml_end(a, method);
}

/* Method (LCRS, 1): a template with one interrupt, number Arg0, or 0 while the link is off. */
static void link_crs_helper(struct aml *a)
{
    static const u32 none = 0;
    size_t method = aml_method(a, "LCRS", 1, true);

    aml_name(a, "BUF0");
    size_t res = aml_resources(a);
    aml_res_interrupts(a, &none, 1);
    aml_resources_end(a, res);
    aml_create_dword_field(a);
    aml_ref(a, "BUF0");
    aml_int(a, INTERRUPT_NUMBER_OFFSET);
    aml_ref(a, "IRQN");
    size_t cond = aml_if(a);
    aml_less(a);
    aml_arg(a, 0);
    aml_int(a, PIRQ_DISABLED);
    aml_store(a);
    aml_arg(a, 0);
    aml_ref(a, "IRQN");
    aml_end(a, cond);
    aml_return(a);
    aml_ref(a, "BUF0");
    aml_end(a, method);
}

/* Method (name) { Return (helper (pirq)) } */
static void method_return_call(struct aml *a, const char *name, const char *helper, const char *pirq)
{
    size_t method = aml_method(a, name, 0, false);

    aml_return(a);
    aml_ref(a, helper);
    aml_ref(a, pirq);
    aml_end(a, method);
}

/* Method (_DIS) { pirq |= 0x80 } */
static void link_dis(struct aml *a, const char *pirq)
{
    size_t method = aml_method(a, "_DIS", 0, false);

    aml_or(a);
    aml_ref(a, pirq);
    aml_int(a, PIRQ_DISABLED);
    aml_ref(a, pirq);
    aml_end(a, method);
}

/* Method (_SRS, 1) { CreateDWordField (Arg0, 5, IRQN)  pirq = IRQN } */
static void link_srs(struct aml *a, const char *pirq)
{
    size_t method = aml_method(a, "_SRS", 1, true);

    aml_create_dword_field(a);
    aml_arg(a, 0);
    aml_int(a, INTERRUPT_NUMBER_OFFSET);
    aml_ref(a, "IRQN");
    aml_store(a);
    aml_ref(a, "IRQN");
    aml_ref(a, pirq);
    aml_end(a, method);
}

static void link_resources(struct aml *a, const char *name, const u32 *irq, u8 n)
{
    aml_name(a, name);
    size_t res = aml_resources(a);
    aml_res_interrupts(a, irq, n);
    aml_resources_end(a, res);
}

static void link_device(struct aml *a, unsigned n)
{
    static const u32 possible[] = { 5, 10, 11 };
    size_t dev = aml_device(a, link_name[n]);

    aml_name_eisa_id(a, "_HID", "PNP0C0F");
    aml_name_int(a, "_UID", n);
    link_resources(a, "_PRS", possible, ARRAY_LEN(possible));
    method_return_call(a, "_STA", "LSTA", pirq_path[n]);
    method_return_call(a, "_CRS", "LCRS", pirq_path[n]);
    link_dis(a, pirq_path[n]);
    link_srs(a, pirq_path[n]);
    aml_end(a, dev);
}

/* The SCI's wire can't be routed: it is always on, and setting it does nothing. */
static void link_sci(struct aml *a, u8 sci_irq)
{
    const u32 irq = sci_irq;
    size_t dev = aml_device(a, "LNKS");

    aml_name_eisa_id(a, "_HID", "PNP0C0F");
    aml_name_int(a, "_UID", PIRQ_COUNT);
    link_resources(a, "_PRS", &irq, 1);
    link_resources(a, "_CRS", &irq, 1);
    aml_name_int(a, "_STA", STA_ON_HIDDEN);
    aml_end(a, aml_method(a, "_DIS", 0, false));
    aml_end(a, aml_method(a, "_SRS", 1, false));
    aml_end(a, dev);
}

static void links(struct aml *a, const struct acpi_machine *m)
{
    link_sta_helper(a);
    link_crs_helper(a);
    for (unsigned n = 0; n < PIRQ_COUNT; n++)
        link_device(a, n);
    link_sci(a, m->sci_irq);
}

/* Each slot's pins are wired to the links one further than those of the slot before; slot 1's INTA#, where the PIIX4's
 * power management sits, belongs to the SCI. */
static const char *route(const struct acpi_machine *m, unsigned slot, unsigned pin)
{
    if (slot == m->isa_bridge_slot && pin == 0)
        return "LNKS";
    return link_name[(slot + pin + PIRQ_COUNT - 1) % PIRQ_COUNT];
}

static void prt(struct aml *a, const struct acpi_machine *m)
{
    aml_name(a, "_PRT");
    size_t table = aml_package(a, PCI_SLOTS * PCI_PINS);
    for (unsigned i = 0; i < PCI_SLOTS * PCI_PINS; i++) {
        unsigned slot = i / PCI_PINS, pin = i % PCI_PINS;
        size_t entry = aml_package(a, 4);
        aml_int(a, slot << 16 | PCI_ANY_FUNCTION);
        aml_int(a, pin);
        aml_ref(a, route(m, slot, pin));
        aml_int(a, 0);
        aml_end(a, entry);
    }
    aml_end(a, table);
}

static void root_resources(struct aml *a, const struct acpi_machine *m)
{
    u16 config = m->pci_config_port;

    aml_name(a, "_CRS");
    size_t res = aml_resources(a);
    aml_res_bus_range(a, 0, 0xff);
    aml_res_io(a, config, 1, 8);
    aml_res_io_range(a, 0, (u16)(config - 1));
    aml_res_io_range(a, (u16)(config + 8), 0xffff);
    aml_res_memory_range32(a, (u32)m->vga_memory.first, (u32)m->vga_memory.last, true);
    if (m->pci_hole32.first < m->pci_hole32.last)
        aml_res_memory_range32(a, (u32)m->pci_hole32.first, (u32)m->pci_hole32.last, false);
    if (m->pci_hole64.first < m->pci_hole64.last)
        aml_res_memory_range64(a, m->pci_hole64.first, m->pci_hole64.last, true);
    aml_resources_end(a, res);
}

/* A device of fixed ports and one interrupt: ports of 0 and an irq of 0 are left out. */
struct isa_device {
    const char *name, *hid;
    u32 uid;
    u16 port, port2;
    u8 align, length;
    u8 irq;
};

static void isa_device(struct aml *a, const struct isa_device *d)
{
    size_t dev = aml_device(a, d->name);

    aml_name_eisa_id(a, "_HID", d->hid);
    if (d->uid)
        aml_name_int(a, "_UID", d->uid);
    aml_name_int(a, "_STA", STA_ON);
    aml_name(a, "_CRS");
    size_t res = aml_resources(a);
    if (d->port)
        aml_res_io(a, d->port, d->align, d->length);
    if (d->port2)
        aml_res_io(a, d->port2, d->align, d->length);
    if (d->irq)
        aml_res_irq(a, d->irq);
    aml_resources_end(a, res);
    aml_end(a, dev);
}

static void isa_ports(struct aml *a, const struct acpi_isa_port *port, unsigned n, struct isa_device like)
{
    char name[5];

    for (unsigned i = 0; i < n; i++) {
        snprintf(name, sizeof(name), "%.3s%u", like.name, (i + 1) % 10);
        struct isa_device d = like;
        d.name = name;
        d.uid = i + 1;
        d.port = port[i].port;
        d.irq = port[i].irq;
        if (d.port)
            isa_device(a, &d);
    }
}

static void isa_devices(struct aml *a, const struct acpi_machine *m)
{
    const struct isa_device keyboard = { .name = "KBD",
                                         .hid = "PNP0303",
                                         .port = m->keyboard_data_port,
                                         .port2 = m->keyboard_command_port,
                                         .align = 1,
                                         .length = 1,
                                         .irq = m->keyboard_irq };
    const struct isa_device mouse = { .name = "MOU", .hid = "PNP0F13", .irq = m->mouse_irq };
    const struct isa_device rtc = {
        .name = "RTC", .hid = "PNP0B00", .port = m->rtc_port, .align = 1, .length = 8, .irq = m->rtc_irq
    };
    const struct isa_device serial = { .name = "COM", .hid = "PNP0501", .length = 8 };
    const struct isa_device parallel = { .name = "LPT", .hid = "PNP0400", .align = 8, .length = 8 };

    if (keyboard.port)
        isa_device(a, &keyboard);
    if (mouse.irq)
        isa_device(a, &mouse);
    if (m->fdc_port)
        acpi_fdc_write(a, m);
    if (rtc.port)
        isa_device(a, &rtc);
    isa_ports(a, m->parallel, ACPI_PARALLEL_PORTS, parallel);
    isa_ports(a, m->serial, ACPI_SERIAL_PORTS, serial);
}

static void isa_bridge(struct aml *a, const struct acpi_machine *m)
{
    size_t dev = aml_device(a, "ISA");

    aml_name_int(a, "_ADR", (u32)m->isa_bridge_slot << 16);
    aml_op_region(a, "PIRC", AML_SPACE_PCI_CONFIG, PIRQRC, PIRQ_COUNT);
    size_t field = aml_field(a, "PIRC", AML_ACC_BYTE);
    for (unsigned n = 0; n < PIRQ_COUNT; n++)
        aml_field_unit(a, pirq_field[n], 8);
    aml_end(a, field);
    isa_devices(a, m);
    aml_end(a, dev);
}

/* Ports that belong to no bus device: declared so that nobody else is put there. */
static void hidden_ports(struct aml *a, const char *name, const char *hid, const char *uid, u16 port, u8 length)
{
    if (!port)
        return;
    size_t dev = aml_device(a, name);
    aml_name_string(a, "_HID", hid);
    if (uid)
        aml_name_string(a, "_UID", uid);
    aml_name_int(a, "_STA", STA_ON_HIDDEN);
    aml_name(a, "_CRS");
    size_t res = aml_resources(a);
    aml_res_io(a, port, 1, length);
    aml_resources_end(a, res);
    aml_end(a, dev);
}

static void pci_root(struct aml *a, const struct acpi_machine *m)
{
    size_t dev = aml_device(a, "PCI0");

    aml_name_eisa_id(a, "_HID", "PNP0A03");
    aml_name_int(a, "_ADR", 0);
    aml_name_int(a, "_UID", 0);
    root_resources(a, m);
    prt(a, m);
    isa_bridge(a, m);
    hidden_ports(a, "FWCF", "QEMU0002", NULL, m->fw_cfg_port, m->fw_cfg_length);
    hidden_ports(a, "GPE0", "PNP0A06", "GPE0 resources", m->gpe0_port, m->gpe0_length);
    aml_end(a, dev);
}

static void hpet(struct aml *a, u32 base)
{
    if (!base)
        return;
    size_t dev = aml_device(a, "HPET");
    aml_name_eisa_id(a, "_HID", "PNP0103");
    aml_name_int(a, "_UID", 0);
    aml_name_int(a, "_STA", STA_ON);
    aml_name(a, "_CRS");
    size_t res = aml_resources(a);
    aml_res_memory32(a, base, 0x400, false);
    aml_resources_end(a, res);
    aml_end(a, dev);
}

static void processors(struct aml *a, unsigned cpus)
{
    char name[5];

    for (unsigned i = 0; i < cpus; i++) {
        snprintf(name, sizeof(name), "C%03X", i & 0xfff);
        aml_end(a, aml_processor(a, name, (u8)i));
    }
}

/* PM1a and PM1b SLP_TYP, two reserved. */
static void sleep_state(struct aml *a, const char *name, u32 slp_typ)
{
    aml_name(a, name);
    size_t pkg = aml_package(a, 4);
    aml_int(a, slp_typ);
    aml_int(a, slp_typ);
    aml_int(a, 0);
    aml_int(a, 0);
    aml_end(a, pkg);
}

void acpi_dsdt_write(struct aml *a, const struct acpi_machine *m)
{
    size_t scope = aml_scope(a, "\\_SB");

    links(a, m);
    pci_root(a, m);
    hpet(a, m->hpet_base);
    processors(a, m->cpus_present); /* an empty place stays so */
    aml_end(a, scope);
    if (m->s3)
        sleep_state(a, "\\_S3", SLP_TYP_S3);
    if (m->s4)
        sleep_state(a, "\\_S4", SLP_TYP_S4);
    sleep_state(a, "\\_S5", SLP_TYP_S5);
}
