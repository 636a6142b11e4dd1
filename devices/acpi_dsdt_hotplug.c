/* acpi_dsdt_hotplug.c: what can be plugged in and pulled out, in the DSDT: the root bus's slots and the processors,
 * with the methods that reach the registers of acpi_hotplug.c. Written in the language of acpi_asl.c.
 *
 * Sources: ACPI specification sections 6.2.13 (_MAT), 6.3 (removal), 8.4 (processors), 9.1 (_DSM); QEMU 7.2's
 * docs/specs/acpi_pci_hotplug.rst and acpi_cpu_hotplug.rst. Names and order as in its pc's DSDT. */
#include "acpi_asl.h"
#include "acpi_tables.h"

#include <stdio.h>

#define PCI_SLOTS 32

#define LOCK_CPUS "(acquire \\_SB.PCI0.PRES.CPLK 0xffff)"
#define UNLOCK_CPUS "(release \\_SB.PCI0.PRES.CPLK)"
#define LOCK_BUS "(acquire BLCK 0xffff)"
#define UNLOCK_BUS "(release BLCK)"
#define PRES "\\_SB.PCI0.PRES."
#define CSEL PRES "CSEL"
#define CCMD PRES "CCMD"
#define CDAT PRES "CDAT"
#define CINS PRES "CINS"
#define CRMV PRES "CRMV"
#define CPEN PRES "CPEN"
#define CEJ0 PRES "CEJ0"

/* The registers, PCEJ (eject a slot), AIDX (a slot's index in the firmware's names), PDSM (_DSM of every slot:
 * functions 0, what there is, and 7, the device's name: none has any). */
void acpi_pci_hotplug(struct aml *a, const struct acpi_machine *m)
{
    if (!m->pci_hotplug_port)
        return;
    unsigned port = m->pci_hotplug_port;
    size_t scope = asl_open_scope(a, "_SB.PCI0");
    asl(a,
        "(region PCST 1 0x%x 8) (field PCST 0x43 PCIU 32 PCID 32)"
        "(region SEJ 1 0x%x 4) (field SEJ 0x43 B0EJ 32)"
        "(region BNMR 1 0x%x 8) (field BNMR 0x43 BNUM 32 PIDX 32)"
        "(mutex BLCK 0)"
        "(method PCEJ 2 " LOCK_BUS "(store arg0 BNUM) (store (shiftleft 1 arg1 -) B0EJ)" UNLOCK_BUS "(return 0))"
        "(method AIDX 2 " LOCK_BUS "(store arg0 BNUM) (store (shiftleft 1 arg1 -) PIDX) (store PIDX local0)" UNLOCK_BUS
        " (return local0))",
        port, port + 0x08, port + 0x10);
    asl(a, "(method PDSM 13"
           " (if (lequal arg2 0)"
           "  (store (buffer 1 0) local0) (store 0 local1)"
           "  (if (lnot (lequal arg0 (buffer 16" /* e5c937d0-3553-4d7a-9117-ea4d19c3434d */
           "    0xd0 0x37 0xc9 0xe5 0x53 0x35 0x7a 0x4d 0x91 0x17 0xea 0x4d 0x19 0xc3 0x43 0x4d))) (return local0))"
           "  (if (lless arg1 2) (return local0))"
           "  (store AIDX (derefof (index arg4 0 -)) (derefof (index arg4 1 -)) local2)"
           "  (if (lnot (or (lequal local2 0) (lequal local2 0xffffffff) -))"
           "   (or local1 1 local1) (or local1 (shiftleft 1 7 -) local1))"
           "  (store local1 (index local0 0 -)) (return local0))"
           " (if (lequal arg2 7)"
           "  (store AIDX (derefof (index arg4 0 -)) (derefof (index arg4 1 -)) local2)"
           "  (store (package 2) local0)"
           "  (if (lnot (lor (lequal local2 0) (lequal local2 0xffffffff)))"
           "   (store local2 (index local0 0 -)) (store \"\" (index local0 1 -)))"
           "  (return local0)))");
    asl_close(a, scope);
}

/* ---- slots ---- */

static bool removable(const struct acpi_machine *m, unsigned slot)
{
    return m->pci_removable & BIT(slot);
}

static void slot_device(struct aml *a, const struct acpi_machine *m, unsigned slot)
{
    char name[5];
    snprintf(name, sizeof name, "S%02X", slot << 3 & 0xff);
    size_t device = asl_open_device(a, name);
    asl(a,
        "(name _ADR 0x%x) (name ASUN %u)"
        "(method _DSM 12 (store (package 2 BSEL ASUN) local0) (return PDSM arg0 arg1 arg2 arg3 local0))",
        slot << 16, slot);
    if (slot == m->isa_bridge_slot)
        acpi_isa_devices(a, m);
    if (slot == m->vga_slot)
        asl(a, "(method _S1D 0 (return 0)) (method _S2D 0 (return 0)) (method _S3D 0 (return %d))", 0);
    if (removable(m, slot))
        asl(a, "(name _SUN %u) (method _EJ0 1 PCEJ BSEL _SUN)", slot);
    asl_close(a, device);
}

/* DVNT tells the guest of the slots in a mask, PCNT of those that were plugged in or shall be pulled out. */
static void slot_events(struct aml *a, const struct acpi_machine *m)
{
    size_t method = asl_open_method(a, "DVNT", 2);
    for (unsigned slot = 0; slot < PCI_SLOTS; slot++)
        if (removable(m, slot))
            asl(a, "(if (and arg0 0x%x -) (notify S%02X arg1))", 1u << slot, slot << 3);
    asl_close(a, method);
    asl(a, "(method PCNT 0 (store 0 BNUM) DVNT PCIU 1 DVNT PCID 3)");
}

void acpi_pci_slots(struct aml *a, const struct acpi_machine *m)
{
    size_t outer = asl_open_scope(a, "\\_SB"), scope = asl_open_scope(a, "PCI0");
    asl(a, "(name BSEL 0)");
    for (unsigned slot = 0; slot < PCI_SLOTS; slot++)
        slot_device(a, m, slot);
    slot_events(a, m);
    asl_close(a, scope);
    asl_close(a, outer);
    asl(a, "(scope _GPE (method _E01 0 (acquire \\_SB.PCI0.BLCK 0xffff) \\_SB.PCI0.PCNT (release \\_SB.PCI0.BLCK)))");
}

/* ---- processors ---- */

static void cpu_registers(struct aml *a, u16 port)
{
    asl(a,
        "(device \\_SB.PCI0.PRES (name _HID (eisa \"PNP0A06\")) (name _UID \"CPU Hotplug resources\") (mutex CPLK 0)"
        " (name _CRS (resources (io 0x%x 1 12)))"
        " (region PRST 1 0x%x 12)"
        " (field PRST 0x41 - 32 CPEN 1 CINS 1 CRMV 1 CEJ0 1 CEJF 1 - 3 CCMD 8)"
        " (field PRST 0x03 CSEL 32 - 32 CDAT 32)"
        " (method _INI 8 (store 0 CSEL)))",
        port, port);
}

/* CSCN: asks for the processors with an event, one after the other; first those that shall be pulled out, then, when no
 * more than 255 are noted down, those that were plugged in. */
static void scan(struct aml *a, unsigned cpus)
{
    asl(a,
        "(method CSCN 8 " LOCK_CPUS " (name CNEW (package 255)) (store 0 local3) (store 1 local4)"
        " (while (lequal local4 1)"
        "  (store 0 local4) (store 1 local0) (store 0 local1)"
        "  (while (land (lequal local0 1) (lless local3 %u))"
        "   (store 0 local0) (store local3 " CSEL ") (store 0 " CCMD ")"
        "   (if (lless " CDAT " local3) break)"
        "   (if (lequal local1 255) (store 1 local4) break)"
        "   (store " CDAT " local3)"
        "   (if (lequal " CINS " 1)"
        "    (store local3 (index CNEW local1 -)) (increment local1) (store 1 local0))"
        "   (else (if (lequal " CRMV " 1) CTFY local3 3 (store 1 " CRMV ") (store 1 local0)))"
        "   (increment local3))"
        "  (store 0 local2)"
        "  (while (lless local2 local1)"
        "   (store (derefof (index CNEW local2 -)) local3) CTFY local3 1 (store local3 debug)"
        "   (store local3 " CSEL ") (store 1 " CINS ") (increment local2)))" UNLOCK_CPUS ")",
        cpus);
}

static void cpu_methods(struct aml *a, const struct acpi_machine *m)
{
    size_t method = asl_open_method(a, "CTFY", 2);
    for (unsigned i = 0; i < m->cpus; i++)
        asl(a, "(if (lequal arg0 %u) (notify C%03X arg1))", i, i);
    asl_close(a, method);
    asl(a, "(method CSTA 9 " LOCK_CPUS "(store arg0 " CSEL ") (store 0 local0)"
           " (if (lequal " CPEN " 1) (store 0x0f local0))" UNLOCK_CPUS "(return local0))"
           "(method CEJ0 9 " LOCK_CPUS "(store arg0 " CSEL ") (store 1 " CEJ0 ")" UNLOCK_CPUS ")");
    scan(a, m->cpus);
    asl(a, "(method COST 12 " LOCK_CPUS "(store arg0 " CSEL ")"
           " (store 1 " CCMD ") (store arg1 " CDAT ") (store 2 " CCMD ") (store arg2 " CDAT ")" UNLOCK_CPUS ")");
}

/* The first can't be pulled out. _MAT is its entry in the MADT. */
static void processor(struct aml *a, unsigned n, u8 apic_id)
{
    char eject[64] = "";
    if (n)
        snprintf(eject, sizeof eject, "(method _EJ0 1 CEJ0 %u)", n);
    asl(a,
        "(processor C%03X %u 0 0 (method _STA 8 (return CSTA %u)) (name _MAT (buffer 8 0 8 %u %u 1 0 0 0)) %s"
        " (method _OST 11 COST %u arg0 arg1 arg2))",
        n, n, n, n, apic_id, eject, n);
}

void acpi_processors(struct aml *a, const struct acpi_machine *m)
{
    size_t scope = asl_open_scope(a, "_SB");
    cpu_registers(a, m->cpu_hotplug_port);
    size_t device = asl_open_device(a, "\\_SB.CPUS");
    asl(a, "(name _HID \"ACPI0010\") (name _CID (eisa \"PNP0A05\"))");
    cpu_methods(a, m);
    for (unsigned i = 0; i < m->cpus; i++)
        processor(a, i, m->apic_id[i]);
    asl_close(a, device);
    asl_close(a, scope);
    asl(a, "(method \\_GPE._E02 0 \\_SB.CPUS.CSCN)");
}
